"""A laptop in memory: a real signed log, a real inbox by signature, files; it stands in for the encrypted store's speed only."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from claims.errors import Bilingual, EnvironmentProblem
from claims.records import AttachmentRef, LogPosition, StoredCommit
from claims.statements import AttachmentsHeld, LogReceipted, decode_statement
from sync.wire.messages import CHUNK_BYTES
from tests.sync.authority import Authority, honest
from trust.commits import Head, genesis_hash, seal
from trust.keys import SoftwareKey
from trust.statements import open_statement


class Laptop:
    """Implements the ports ``Store``, ``Outbox`` and ``Attachments`` as far as sync uses them."""

    def __init__(self, device: str = "D3", epoch: int = 1, authority: Authority | None = None) -> None:
        self.authority = authority or honest()
        self.device, self.epoch = device, epoch
        self.signer = SoftwareKey.generate()
        self.certificate = self.authority.device(device, epoch, self.signer.public_key)
        self.roots = self.authority.roots()
        self.commits: list[StoredCommit] = []
        self.head = genesis_hash(self.certificate)
        self.next_seq = 1
        self.inbox: dict[str, tuple[str, bytes]] = {}
        self.watermark_seq = 0
        self.files: dict[str, bytes] = {}
        self.refs: dict[str, AttachmentRef] = {}
        self.held: set[str] = set()
        self.unreadable: set[str] = set()
        self.disk_full = False
        self.writing = False

    def record(self, *events: bytes) -> None:
        """Commit events to the log."""
        commit = seal(self.signer, Head(self.device, self.epoch, self.next_seq, self.head), events)
        self.commits.append(
            StoredCommit(first_seq=commit.first_seq, last_seq=commit.last_seq, raw=commit.raw, hash=commit.hash)
        )
        self.head, self.next_seq = commit.hash, commit.last_seq + 1

    def add_file(self, content: bytes, priority: int = 4) -> str:
        """Store a file that HQ should get."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256] = content
        self.refs[sha256] = AttachmentRef(sha256=sha256, size_bytes=len(content), priority=priority)
        return sha256

    def cloned(self) -> Laptop:
        """Return a copy of the disk, as an image tool makes it."""
        other = copy.copy(self)
        for name in ("commits", "inbox", "files", "refs", "held", "unreadable"):
            setattr(other, name, copy.copy(getattr(self, name)))
        return other

    # claims.ports.Outbox

    def position(self) -> LogPosition:
        return LogPosition(
            device=self.device,
            epoch=self.epoch,
            next_seq=self.next_seq,
            head=self.head,
            hq_watermark_seq=self.watermark_seq,
        )

    def commits_after(self, seq: int, max_bytes: int) -> Sequence[StoredCommit]:
        found: list[StoredCommit] = []
        for commit in self.commits:
            if commit.last_seq <= seq:
                continue
            if found and sum(len(each.raw) for each in found) + len(commit.raw) > max_bytes:
                break
            found.append(commit)
        return found

    def attachments_waiting(self) -> Sequence[AttachmentRef]:
        return [ref for sha256, ref in self.refs.items() if sha256 not in self.held]

    def inbox_count(self) -> int:
        return sum(1 for kind, _ in self.inbox.values() if kind != "log_receipted@1")

    # claims.ports.Store

    @contextmanager
    def read(self) -> Iterator[_Reads]:
        yield _Reads()

    @contextmanager
    def write(self) -> Iterator[_Work]:
        assert not self.writing, "one transaction at a time"
        self.writing = True
        before = (dict(self.inbox), self.watermark_seq, set(self.held))
        try:
            yield _Work(self)
        except BaseException:
            self.inbox, self.watermark_seq, self.held = before
            raise
        finally:
            self.writing = False

    # claims.ports.Attachments

    def get(self, sha256: str) -> bytes:
        if sha256 in self.unreadable:
            raise EnvironmentProblem(
                "file_damaged",
                Bilingual("文件损坏。", "The file is damaged."),
                Bilingual("重新拍摄。", "Take it again."),
            )
        return self.files[sha256]

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self.files


class _Reads:
    """Nothing was ever restored here."""

    def floor(self, name: str) -> int:
        assert name
        return 0


class _Work:
    """The part of a unit of work that sync uses: verifies, keeps and applies a statement once."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    def receive(self, raw: bytes) -> bool:
        laptop = self._laptop
        if laptop.disk_full:
            raise EnvironmentProblem(
                "store_full", Bilingual("磁盘已满。", "The disk is full."), Bilingual("请腾出空间。", "Make room.")
            )
        kind, body = open_statement(raw, laptop.roots)
        key = hashlib.sha256(kind.encode() + body).hexdigest()
        if key in laptop.inbox:
            return False
        laptop.inbox[key] = (kind, raw)
        try:
            statement = decode_statement(body)
        except msgspec.ValidationError:
            return True
        if isinstance(statement, LogReceipted):
            laptop.watermark_seq = max(laptop.watermark_seq, statement.watermark_seq)
        if isinstance(statement, AttachmentsHeld):
            laptop.held |= set(statement.sha256)
        return True


def chunks_of(content: bytes) -> int:
    """How many chunks a file has."""
    return max(1, -(-len(content) // CHUNK_BYTES))
