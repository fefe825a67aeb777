"""A laptop's durable state in the fast tier: a signed log, an inbox, a book; one commit is one atomic step.

Promise: a power cut between two steps loses only what was never committed. The rules of the real store are kept: a receipt counts only
with this log's own digest, a statement only once and only if it is for this device, a debit only through ``claims.allowances``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from claims import allowances
from claims.allowances import Allowance, AllowanceBook, PoolId
from claims.custody import CustodyNote
from claims.errors import BugError
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    AnyEvent,
    DocumentAdded,
    VoucherIssued,
    encode_event,
)
from claims.link_records import LinkRecord
from claims.numbering import format_number
from claims.records import AttachmentRef, LogPosition, StoredCommit
from claims.statements import (
    AllowanceGranted,
    AttachmentsHeld,
    AuthorityGranted,
    DeviceRevoked,
    LogReceipted,
    NumberBlockGranted,
    decode_statement,
)
from sync.wire.messages import EnrolAnswered
from trust.certificates import TrustStore, genesis_hash
from trust.commits import Head, seal
from trust.keys import SoftwareKey
from trust.statements import open_statement


class StoreRefused(Exception):  # noqa: N818 - the disk's answer, as the store's EnvironmentProblem is
    """The store refused a step: disk full, a receipt for another log, a forged statement. Nothing was kept."""


@dataclass
class Disk:
    """Everything of a laptop that survives a power cut. ``copy`` is an image of it."""

    identity: EnrolAnswered
    key: SoftwareKey
    roots: TrustStore
    box_private: bytes = b""
    commits: list[StoredCommit] = field(default_factory=list)
    inbox: list[bytes] = field(default_factory=list)
    feed: list[bytes] = field(default_factory=list)
    feed_count: int = 0
    book: AllowanceBook = field(init=False)
    watermark: int = 0
    floor: datetime | None = None
    used_numbers: dict[str, int] = field(default_factory=dict)
    blocks: dict[str, list[NumberBlockGranted]] = field(default_factory=dict)
    authority: AuthorityGranted | None = None
    revoked: bool = False
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    safe: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)
    tasks: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    custody: dict[str, Any] = field(default_factory=dict)
    proofs: dict[str, bytes] = field(default_factory=dict)
    held_bundles: dict[str, Any] = field(default_factory=dict)
    shelf: dict[str, Any] = field(default_factory=dict)
    """Of a hub: the rows of neighbours' bundles; their bytes are files under ``home``."""
    floors: dict[str, int] = field(default_factory=dict)
    links: dict[str, LinkRecord] = field(default_factory=dict)
    home: Path | None = None
    incarnation: int = 0
    full: bool = False
    in_use: bool = False
    """It left headquarters: from now on the power may go."""
    _known: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.book = AllowanceBook(device=self.identity.device, epoch=self.identity.epoch)

    def copy(self) -> Disk:
        """Return an image: what a clone or a backup of the disk holds."""
        image = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, (list, dict, set)):
                setattr(image, name, copy.copy(value))
        image.blocks = {kind: list(blocks) for kind, blocks in self.blocks.items()}
        return image

    # claims.ports.Outbox

    @property
    def next_seq(self) -> int:
        return self.commits[-1].last_seq + 1 if self.commits else 1

    @property
    def head(self) -> bytes:
        return self.commits[-1].hash if self.commits else genesis_hash(self.identity.device_certificate)

    def position(self) -> LogPosition:
        return LogPosition(
            device=self.identity.device,
            epoch=self.identity.epoch,
            next_seq=self.next_seq,
            head=self.head,
            hq_watermark_seq=self.watermark,
        )

    def commits_after(self, seq: int, max_bytes: int) -> Sequence[StoredCommit]:
        taken: list[StoredCommit] = []
        size = 0
        for commit in self.commits:
            if commit.first_seq <= seq:
                continue
            if taken and size + len(commit.raw) > max_bytes:
                break
            taken.append(commit)
            size += len(commit.raw)
        return taken

    def digest_at(self, seq: int) -> str | None:
        if seq == 0:
            return genesis_hash(self.identity.device_certificate).hex()
        return next((each.hash.hex() for each in self.commits if each.last_seq == seq), None)

    def attachments_waiting(self) -> Sequence[AttachmentRef]:
        return [
            AttachmentRef(sha256=sha256, size_bytes=len(content), priority=priority)
            for sha256, (content, priority) in self.files.items()
            if sha256 not in self.held
        ]

    def inbox_count(self) -> int:
        return self.feed_count

    def feed_statements(self, position: int, max_bytes: int) -> Sequence[bytes]:
        """Return raw statements of the feed from a position on: at least one if any, then up to ``max_bytes``."""
        taken: list[bytes] = []
        for raw in self.feed[position:]:
            if taken and sum(map(len, taken)) + len(raw) > max_bytes:
                break
            taken.append(raw)
        return taken

    def link(self, destination: str) -> LinkRecord:
        return self.links.get(destination, LinkRecord())

    # Durable steps

    def keep_note(self, note: CustodyNote) -> None:
        """Remember that somebody else holds this log."""
        self.custody[note.bundle_id] = note

    def lose_power(self) -> None:
        """Only what was committed is left: here that is everything."""

    def check(self) -> None:
        """Compare with the real store, where there is one."""

    def number(self, kind: str) -> str | None:
        """Return the next number of a kind without taking it; None where the blocks are used up."""
        used = self.used_numbers.get(kind, 0)
        for block in self.blocks.get(kind, ()):
            size = block.last - block.first + 1
            if used < size:
                return format_number(block.prefix, block.first + used)
            used -= size
        return None

    def commit(
        self,
        events: Sequence[AnyEvent],
        numbers: Sequence[str] = (),
        files: Sequence[bytes] = (),
        book: AllowanceBook | None = None,
    ) -> StoredCommit:
        """Write one transaction: events, debits and the numbers they take; ``book`` where a transfer changed it. Raises ``StoreRefused``."""
        if self.full:
            raise StoreRefused("disk_full")
        book = book or self.book
        for event in events:
            book = _applied(book, event)
        head = Head(self.identity.device, self.identity.epoch, self.next_seq, self.head)
        sealed = seal(self.key, head, [encode_event(event) for event in events])
        stored = StoredCommit(first_seq=sealed.first_seq, last_seq=sealed.last_seq, raw=sealed.raw, hash=sealed.hash)
        self.book = book
        self.commits.append(stored)
        for event in events:
            if isinstance(event, AllowanceReceived):
                self.proofs[event.transfer_id] = event.transfer
        for kind in numbers:
            self.used_numbers[kind] = self.used_numbers.get(kind, 0) + 1
        for event, content in zip((each for each in events if isinstance(each, DocumentAdded)), files, strict=False):
            self.files[event.sha256] = (content, 4)
        return stored

    def receive(self, raws: Sequence[bytes]) -> int:
        """Take statements in, all or none; return how many were new. Raises ``StoreRefused``."""
        if self.full:
            raise StoreRefused("disk_full")
        image = self.copy()
        new = sum(image._receive(raw) for raw in raws)
        for name, value in vars(image).items():
            setattr(self, name, value)
        return new

    def _receive(self, raw: bytes) -> bool:
        kind, body = open_statement(raw, self.roots)
        if body in self._known:
            return False
        head = msgspec.json.decode(body, type=_Addressed)
        if (head.device, head.epoch) != (self.identity.device, self.identity.epoch):
            raise StoreRefused("statement_misaddressed")
        try:
            statement = decode_statement(body)
        except msgspec.ValidationError:
            statement = None
        if isinstance(statement, LogReceipted):
            if self.digest_at(statement.watermark_seq) != statement.digest:
                raise StoreRefused("receipt_digest_differs")
            self.watermark = max(self.watermark, statement.watermark_seq)
        elif statement is not None:
            self._take(statement, raw)
        self._known.add(body)
        self.inbox.append(raw)
        if kind != "log_receipted@1":
            self.feed_count += 1
            self.feed.append(raw)
        if self.floor is None or head.issued_at > self.floor:
            self.floor = head.issued_at
        return True

    def _take(self, statement: Any, raw: bytes) -> None:
        match statement:
            case AllowanceGranted():
                grant = Allowance(
                    grant_id=statement.grant_id,
                    pool=PoolId(statement.pool),
                    limit_fen=statement.limit_fen,
                    spent_fen=0,
                    expires_at=statement.expires_at,
                    counter=0,
                    closed=False,
                )
                try:
                    self.book = allowances.add_grant(self.book, grant)
                    self.proofs[statement.grant_id] = raw
                except BugError:
                    self.tasks += 1
            case NumberBlockGranted():
                self.blocks.setdefault(statement.kind, []).append(statement)
            case AuthorityGranted():
                self.authority = statement
            case AttachmentsHeld():
                self.held.update(statement.sha256)
            case DeviceRevoked():
                self.revoked = True
            case _:
                tag = type(statement).__struct_config__.tag
                if tag == "attachments_safe@1":
                    self.safe.update(statement.sha256)
                elif tag == "resend_asked@1":
                    self.held.difference_update(statement.sha256)
                elif tag == "settlement_answered@1" and statement.voucher_no is not None:
                    self.answers[statement.voucher_no] = statement.settlement or "voided"
                else:
                    self.tasks += 1


class _Addressed(msgspec.Struct, frozen=True):
    device: str
    epoch: int
    issued_at: datetime


def _applied(book: AllowanceBook, event: AnyEvent) -> AllowanceBook:
    match event:
        case VoucherIssued():
            return allowances.apply_debits(book, event.debits)
        case AllowanceClosed():
            return allowances.close_grant(book, event.grant_id)
        case AllowanceTransferred():
            return allowances.apply_transfer(
                book,
                allowances.TransferDebit(
                    transfer_id=event.transfer_id,
                    grant_id=event.grant_id,
                    pool=PoolId(event.pool),
                    amount_fen=event.amount_fen,
                    counter=event.counter,
                    expires_at=event.at,
                    to_device=event.to_device,
                    to_epoch=event.to_epoch,
                ),
            )
        case _:
            return book
