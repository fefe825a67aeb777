"""A headquarters in memory that behaves: it verifies, chains, receipts, assembles and answers; it never plays a script.

Every request goes through ``handle``, whether it came by HTTPS (``tests.sync.hq_server``) or in process, so that both see the
same headquarters. Faults are made outside of it, except those that are HQ's own (``trouble``).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec
import zstandard

from claims.statements import AttachmentsHeld, LogReceipted, Statement
from sync.wire.compact import COMPACT_TYPE, unpack_log
from sync.wire.dictionary import dictionaries
from sync.wire.enrolment import make_code, split_code
from sync.wire.messages import (
    CHUNK_BYTES,
    RAW_TYPE,
    STATEMENT_TYPE,
    Down,
    DownAnswered,
    EnrolAnswered,
    EnrolRequest,
    Have,
    HaveAnswered,
    Hello,
    HelloAnswered,
    LogBatch,
    MissingChunks,
    request_bytes,
)
from tests.sync.authority import NOON, Authority, honest
from trust.boxes import generate_box_key
from trust.certificates import TrustStore
from trust.commits import genesis_hash, open_commit, peek_commit
from trust.errors import TrustError
from trust.keys import verify_signature
from trust.releases import ReleaseRecord, sign_release

_Message = TypeVar("_Message", bound=msgspec.Struct)
FEED_SLICE = 3
MAX_FILE_BYTES = 50 * CHUNK_BYTES * 2


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class DeviceAtHq:
    """What HQ knows of one device."""

    def __init__(self, certificate: bytes, roots: TrustStore) -> None:
        self.roots = roots
        roots.add_device(certificate)
        found = roots.verify_device(certificate)
        self.device, self.epoch, self.public_key = found.device, found.epoch, found.public_key
        self.certificate = certificate
        self.log: dict[int, bytes] = {}
        self.watermark_seq = 0
        self.digest = genesis_hash(certificate)
        self.rejected: list[int] = []
        self.feed: list[bytes] = []
        self.revoked = False
        self.frozen = False


class HqSimulator:
    """The service. Thread-safe by one lock, like a small HQ with one database."""

    def __init__(self, authority: Authority | None = None) -> None:
        self.authority = authority or honest()
        self.now: datetime = NOON
        _, self.recovery_public_key = generate_box_key()
        self.devices: dict[tuple[str, int], DeviceAtHq] = {}
        self.sizes: dict[str, int] = {}
        self.chunks: dict[tuple[str, int], bytes] = {}
        self.files: dict[str, bytes] = {}
        self.releases: dict[str, tuple[ReleaseRecord, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.codes: dict[bytes, tuple[str, int] | None] = {}
        self.requests: list[tuple[str, str]] = []
        self.types: list[tuple[str, str]] = []
        self.chunk_puts: list[tuple[str, int]] = []
        self.log_events_received = 0
        self.trouble: dict[str, Reply] = {}
        self.forget_chunks_of: set[str] = set()
        self.packs_answers = True
        self.accepts: tuple[str, ...] = ()
        self._lock = threading.Lock()

    # what an operator does

    def add_device(self, certificate: bytes) -> DeviceAtHq:
        """Let a device in."""
        found = DeviceAtHq(certificate, self.authority.roots())
        self.devices[found.device, found.epoch] = found
        return found

    def say(self, device: str, make: type[Statement], epoch: int = 1, **fields: object) -> None:
        """Append a statement to a device's feed."""
        known = self.devices[device, epoch]
        statement = make(
            statement_id=f"{device}.{epoch}.{len(known.feed)}", device=device, epoch=epoch, issued_at=self.now, **fields
        )
        known.feed.append(self.authority.sign(statement))

    def publish(self, kind: str, version: int, blob: bytes) -> ReleaseRecord:
        """Publish a release."""
        record = ReleaseRecord(
            kind=kind,
            name=f"{kind}-{version}",
            version=version,
            sha256=hashlib.sha256(blob).hexdigest(),
            size_bytes=len(blob),
            issued_at=self.now,
            warn_after=self.now,
            expires_at=self.now,
        )
        raw = sign_release(self.authority.service_key, self.authority.service_der, record)
        self.releases[kind] = (record, raw)
        self.blobs[record.sha256] = blob
        return record

    def new_code(self, secret: bytes = b"s3cr7") -> str:
        """Make a one-time code."""
        self.codes[secret] = None
        return make_code(secret, self.authority.root_der)

    # the service

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request."""
        with self._lock:
            self.requests.append((method, path))
            self.types.append((path, headers.get("Content-Type", "")))
            for start, reply in self.trouble.items():
                if path.startswith(start):
                    return reply
            if path == "/v1/root":
                return Reply(200, {"Content-Type": RAW_TYPE}, self.authority.root_der)
            if path == "/v1/enrol":
                return self._enrol(self._read(headers, body, EnrolRequest))
            device = self.devices.get((headers.get("Outpost-Device", ""), int(headers.get("Outpost-Epoch", "0"))))
            if device is None or not _signed(device, method, path, headers, body):
                return Reply(401, {}, b"")
            return self._signed_request(device, method, path, headers, body)

    def _signed_request(  # noqa: PLR0911 - one line per path
        self, device: DeviceAtHq, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        if path == "/v1/hello":
            return self._hello(device, self._read(headers, body, Hello))
        if path == "/v1/down":
            return self._down(device, self._read(headers, body, Down))
        if path.startswith("/v1/release/"):
            found = self.releases.get(path.rpartition("/")[2])
            return Reply(404, {}, b"") if found is None else Reply(200, {"Content-Type": RAW_TYPE}, found[1])
        if path.startswith("/v1/blob/"):
            return self._blob(path.rpartition("/")[2], headers.get("Range", ""))
        if device.frozen or device.revoked:
            return Reply(409 if device.frozen else 403, {}, b"")
        if path == "/v1/log":
            return self._log(device, self._read(headers, body, LogBatch))
        if path == "/v1/have":
            return self._have(device, self._read(headers, body, Have))
        if path.startswith("/v1/chunk/") and method == "PUT":
            _, _, _, sha256, index = path.split("/")
            return self._chunk(device, sha256, int(index), body)
        return Reply(404, {}, b"")

    def _hello(self, device: DeviceAtHq, hello: Hello) -> Reply:
        return self._answer(
            HelloAnswered(
                device=device.device,
                epoch=device.epoch,
                nonce=hello.nonce,
                hq_time=self.now,
                watermark_seq=device.watermark_seq,
                digest=device.digest.hex(),
                feed_length=len(device.feed),
                releases={kind: record.version for kind, (record, _) in self.releases.items()},
                revoked=device.revoked or device.frozen,
                accepts=self.accepts,
            )
        )

    def _log(self, device: DeviceAtHq, batch: LogBatch) -> Reply:
        for raw in batch.commits:
            _, _, first_seq, last_seq = peek_commit(raw)
            self.log_events_received += last_seq - first_seq + 1
            if device.log.get(first_seq) == raw:
                continue
            if first_seq <= device.watermark_seq:
                device.frozen = True
                return Reply(409, {}, b"")
            try:
                commit = open_commit(raw, device.roots)
            except TrustError:
                break
            device.log[first_seq] = raw
            device.roots.add_head(device.device, device.epoch, last_seq + 1, commit.hash)
            device.watermark_seq, device.digest = last_seq, commit.hash
            device.rejected += [
                first_seq + place for place, event in enumerate(commit.events) if event.startswith(b"bad")
            ]
        return self._answer(
            LogReceipted(
                statement_id=f"{device.device}.{device.epoch}.log.{device.watermark_seq}",
                device=device.device,
                epoch=device.epoch,
                issued_at=self.now,
                watermark_seq=device.watermark_seq,
                digest=device.digest.hex(),
                rejected_seqs=tuple(device.rejected),
            )
        )

    def _have(self, device: DeviceAtHq, have: Have) -> Reply:
        missing = []
        if any(item.size_bytes > MAX_FILE_BYTES for item in have.items):
            return Reply(400, {}, b"")
        for item in have.items:
            self.sizes[item.sha256] = item.size_bytes
            if item.sha256 in self.files:
                continue
            count = max(1, -(-item.size_bytes // CHUNK_BYTES))
            lacking = tuple(index for index in range(count) if (item.sha256, index) not in self.chunks)
            missing.append(MissingChunks(sha256=item.sha256, indices=lacking))
        return self._answer(
            HaveAnswered(
                device=device.device,
                epoch=device.epoch,
                nonce=have.nonce,
                hq_time=self.now,
                held=tuple(item.sha256 for item in have.items if item.sha256 in self.files),
                missing=tuple(missing),
            )
        )

    def _chunk(self, device: DeviceAtHq, sha256: str, index: int, body: bytes) -> Reply:
        if sha256 not in self.sizes:
            return Reply(422, {}, b"")
        self.chunk_puts.append((sha256, index))
        if sha256 in self.forget_chunks_of:
            return Reply(204, {}, b"")
        self.chunks[sha256, index] = body
        count = max(1, -(-self.sizes[sha256] // CHUNK_BYTES))
        parts = [self.chunks.get((sha256, place)) for place in range(count)]
        if all(part is not None for part in parts) and sha256 not in self.files:
            content = b"".join(part for part in parts if part is not None)
            if hashlib.sha256(content).hexdigest() != sha256:
                for place in range(count):
                    del self.chunks[sha256, place]
                return Reply(204, {}, b"")
            self.files[sha256] = content
            self.say(device.device, AttachmentsHeld, device.epoch, sha256=(sha256,))
        return Reply(204, {}, b"")

    def _down(self, device: DeviceAtHq, down: Down) -> Reply:
        return self._answer(
            DownAnswered(
                device=device.device,
                epoch=device.epoch,
                nonce=down.nonce,
                hq_time=self.now,
                feed_position=down.feed_position,
                feed_length=len(device.feed),
                statements=tuple(device.feed[down.feed_position : down.feed_position + FEED_SLICE]),
            )
        )

    def _enrol(self, request: EnrolRequest) -> Reply:
        secret = split_code(request.code).secret
        if secret not in self.codes:
            return Reply(403, {}, b"")
        used_by = self.codes[secret]
        if used_by is None:
            certificate = self.authority.device("D9", 1, request.public_key)
            device = self.add_device(certificate)
            self.codes[secret] = (device.device, device.epoch)
        else:
            device = self.devices[used_by]
            certificate = device.certificate
            if device.public_key != request.public_key:
                return Reply(403, {}, b"")
        return self._answer(
            EnrolAnswered(
                device=device.device,
                epoch=device.epoch,
                station="QX07",
                station_name="七星站",
                adjuster="A1",
                adjuster_name="秦岚",
                company="示例人寿",
                hotline="95000",
                root_certificate=self.authority.root_der,
                service_certificate=self.authority.service_der,
                device_certificate=certificate,
                recovery_public_key=self.recovery_public_key,
                hq_time=self.now,
                statements=tuple(device.feed),
            )
        )

    def _blob(self, sha256: str, wanted: str) -> Reply:
        blob = self.blobs.get(sha256)
        if blob is None:
            return Reply(404, {}, b"")
        if not wanted:
            return Reply(200, {"Content-Type": RAW_TYPE}, blob)
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(blob):
            return Reply(416, {}, b"")
        head = {"Content-Type": RAW_TYPE, "Content-Range": f"bytes {start}-{len(blob) - 1}/{len(blob)}"}
        return Reply(206, head, blob[start:])

    def _answer(self, message: msgspec.Struct) -> Reply:
        raw = self.authority.sign(message)  # type: ignore[arg-type]
        if not self.packs_answers:
            return Reply(200, {"Content-Type": STATEMENT_TYPE}, raw)
        packed = zstandard.ZstdCompressor().compress(raw)
        return Reply(200, {"Content-Type": STATEMENT_TYPE, "Content-Encoding": "zstd"}, packed)

    def _read(self, headers: Mapping[str, str], body: bytes, kind: type[_Message]) -> _Message:
        if headers.get("Content-Type") == COMPACT_TYPE:
            assert kind is LogBatch
            return msgspec.convert(unpack_log(body, dictionaries(), limit=1 << 24), kind, from_attributes=True)
        assert headers["Content-Encoding"] == "zstd"
        return msgspec.json.decode(zstandard.ZstdDecompressor().decompress(body), type=kind)


def _signed(device: DeviceAtHq, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        verify_signature(
            device.public_key,
            bytes.fromhex(headers.get("Outpost-Signature", "")),
            request_bytes(method, path, device.device, device.epoch, body),
        )
    except (TrustError, ValueError):
        return False
    return True
