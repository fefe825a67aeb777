"""A sealed bundle to headquarters: this laptop's requests, signed as over HTTP, as a file that only headquarters can read.

Promise: the order is the wire's (hello, the log from headquarters' watermark on, files by priority), the bodies are the wire's, and the
bundle counts only after every byte was read back and compared. It begins at headquarters' watermark whatever sticks were written before,
so a lost one costs nothing. A file that can't be read or does not fit is left out and counted; the log is never cut.

Source: docs/adr/0144; what a restored headquarters is told again: docs/adr/0168.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

import msgspec
import zstandard

from claims.bundles import BundlePhase, BundleProgressed
from claims.custody import LABEL_KIND, BundleLabel, Custodian, CustodyNote
from claims.errors import EnvironmentProblem
from claims.link_records import LinkRecord
from claims.ports import Attachments, Outbox, StepProbe, no_probe
from claims.records import AttachmentRef, LogPosition
from sync.relearning import BY_STICK, KeepsFeed, told_by_stick, wanted_by_stick
from sync.stick import label_of, read_back, stick_full, stick_problem, sweep, write_file
from sync.wire.bundles import (
    BUNDLE_SUFFIX,
    LABEL_SUFFIX,
    Request,
    UpBegun,
    encode_record,
)
from sync.wire.messages import (
    CHUNK_BYTES,
    PROTOCOL,
    Have,
    HaveItem,
    Hello,
    LogBatch,
    Relearn,
    WireMessage,
    request_bytes,
)
from trust.bundles import BundleSealer, Purpose, by_device, seal_segments
from trust.device_statements import sign_device_statement
from trust.keys import Signer

LOG_FRAME_BYTES = 256 * 1024
_ZSTD_LEVEL = 12
_RESERVE_BYTES = 256 * 1024
"""Left free on the stick for the label, the file system and the answers."""


class BundleWriter(Protocol):
    """What a bundle needs of the laptop's identity (``claims.station.StationIdentity`` has more)."""

    @property
    def device(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def station(self) -> str: ...
    @property
    def device_certificate(self) -> bytes: ...


@runtime_checkable
class Resuming(Protocol):
    """An outbox that knows headquarters' newest word on its watermark: lower than an earlier one after a restore from a backup."""

    def resume_seq(self) -> int:
        """Return the seq after which headquarters wants the log."""


@runtime_checkable
class TellsAgain(KeepsFeed, Protocol):
    """An outbox that remembers what a restored headquarters asked for by stick, and can tell it."""

    def link(self, destination: str) -> LinkRecord:
        """Return what is remembered of a way to headquarters."""


@dataclass(frozen=True)
class WrittenBundle:
    """A bundle that was read back and is right, and the custody that may be noted for it."""

    path: Path
    label: bytes
    bundle_id: str
    sha256: str
    size_bytes: int
    after_seq: int
    through_seq: int
    events: int
    files: tuple[AttachmentRef, ...]
    files_left_out: int
    files_unreadable: int
    note: CustodyNote


def write_bundle(
    folder: Path,
    *,
    outbox: Outbox,
    attachments: Attachments,
    identity: BundleWriter,
    signer: Signer,
    hq_key: bytes,
    bundle_id: str,
    now: datetime,
    after_seq: int | None = None,
    files: Sequence[AttachmentRef] | None = None,
    money_only: bool = False,
    byte_budget: int | None = None,
    progress: Callable[[BundleProgressed], None] = lambda _: None,
    probe: StepProbe = no_probe,
) -> WrittenBundle:
    """Write a bundle and its label into a folder, and read it back.

    Args:
        folder: an existing folder on the stick.
        outbox: the log.
        attachments: the files' bytes; one is held in memory at a time.
        identity: whose bundle it is.
        signer: the device key.
        hq_key: headquarters' public recovery key (X25519).
        bundle_id: 32 random hex digits.
        now: the trusted time, for people and for the note.
        after_seq: where the log begins; None: headquarters' watermark (by its newest word, where the outbox is ``Resuming``).
        files: what may go along; None: everything that waits for headquarters. The most urgent and smallest go first.
        money_only: leave files out.
        byte_budget: bytes of files that may go along; None: what the stick has room for.
        progress: called now and then.
        probe: called at each durable step (``bundle.*``).

    Raises:
        EnvironmentProblem: ``stick_*``, or the store can't be read; nothing counts then.
    """
    position = outbox.position()
    begin = _begin_of(outbox, position) if after_seq is None else after_seq
    waiting = () if money_only else (outbox.attachments_waiting() if files is None else files)
    prefix = f"{identity.station}-{identity.device}-{identity.epoch}-"
    sweep(folder, prefix)
    target = folder / f"{prefix}{position.next_seq - 1:06d}-{bundle_id[:8]}{BUNDLE_SUFFIX}"
    hello = Hello(
        protocol=PROTOCOL,
        device=identity.device,
        epoch=identity.epoch,
        next_seq=position.next_seq,
        head=position.head.hex(),
        watermark_seq=begin,
        feed_position=outbox.inbox_count(),
        nonce=bundle_id,
    )
    told_again = _told_again(outbox, hello)
    log_bytes = _log_bytes(outbox, begin, position) + sum(len(raw) for page in told_again for raw in page.statements)
    chosen = _chosen(waiting, _room(folder, log_bytes), byte_budget)
    job = _Writing(
        outbox=outbox,
        attachments=attachments,
        identity=identity,
        signer=signer,
        nonce=bundle_id,
        position=position,
        hello=hello,
        told_again=told_again,
        after_seq=begin,
        now=now,
        progress=progress,
        probe=probe,
        total=log_bytes + sum(each.size_bytes for each in chosen),
    )
    sealers: list[BundleSealer] = []

    def fill(file: BinaryIO) -> None:
        sign = by_device(signer, identity.device_certificate)
        sealer = seal_segments(file, [hq_key], sign, purpose=Purpose.UP, bundle_id=bundle_id)
        job.fill(sealer, chosen)
        sealers.append(sealer)

    write_file(target, fill, probe)
    sealer = sealers[0]
    read_back(
        target,
        sealer.sha256,
        sealer.size_bytes,
        lambda done: progress(BundleProgressed(BundlePhase.CHECKING, done, sealer.size_bytes)),
    )
    probe("bundle.checked")
    label = _label(identity, signer, sealer, position)
    write_file(target.with_name(target.name + LABEL_SUFFIX), lambda file: _put(file, label), no_probe)
    probe("bundle.labelled")
    through_seq = position.next_seq - 1
    return WrittenBundle(
        path=target,
        label=label,
        bundle_id=bundle_id,
        sha256=sealer.sha256,
        size_bytes=sealer.size_bytes,
        after_seq=begin,
        through_seq=through_seq,
        events=max(0, through_seq - begin),
        files=tuple(job.whole),
        files_left_out=len(waiting) - len(chosen),
        files_unreadable=len(chosen) - len(job.whole),
        note=CustodyNote(
            bundle_id=bundle_id,
            custodian=Custodian.STICK,
            name=label_of(folder),
            through_seq=through_seq,
            digest=position.head.hex(),
            at=now,
            files=tuple(each.sha256 for each in job.whole),
        ),
    )


@dataclass
class _Writing:
    """One bundle under way. ``whole`` are the files that went along."""

    outbox: Outbox
    attachments: Attachments
    identity: BundleWriter
    signer: Signer
    nonce: str
    position: LogPosition
    hello: Hello
    told_again: Sequence[Relearn]
    after_seq: int
    now: datetime
    progress: Callable[[BundleProgressed], None]
    probe: StepProbe
    total: int
    done: int = 0
    whole: list[AttachmentRef] = field(default_factory=list)

    def fill(self, sealer: BundleSealer, files: Sequence[AttachmentRef]) -> None:
        """Write every record and the trailer."""
        self._begin(sealer)
        self.probe("bundle.begun")
        self._log(sealer)
        self.probe("bundle.log_written")
        for file in files:
            self._file(sealer, file)
        sealer.finish()

    def _begin(self, sealer: BundleSealer) -> None:
        position, device, epoch = self.position, self.identity.device, self.identity.epoch
        begun = UpBegun(
            device=device,
            epoch=epoch,
            made_at=self.now,
            after_seq=self.after_seq,
            through_seq=position.next_seq - 1,
            digest=position.head.hex(),
        )
        sealer.add(encode_record(begun))
        self._message(sealer, "/v1/hello", self.hello)
        # Before the log: what comes in is judged by a headquarters that knows again what it granted.
        for page in self.told_again:
            self._message(sealer, "/v1/relearn", page)

    def _log(self, sealer: BundleSealer) -> None:
        seq, last = self.after_seq, self.position.next_seq - 1
        while seq < last:
            # What is recorded while the stick is written goes with the next bundle: the position names the end of this one.
            commits = [each for each in self.outbox.commits_after(seq, LOG_FRAME_BYTES) if each.last_seq <= last]
            raws = tuple(each.raw for each in commits)
            batch = LogBatch(device=self.identity.device, epoch=self.identity.epoch, commits=raws)
            self._message(sealer, "/v1/log", batch)
            seq = commits[-1].last_seq
            self._moved(sum(map(len, raws)))

    def _file(self, sealer: BundleSealer, file: AttachmentRef) -> None:
        try:
            content = self.attachments.get(file.sha256)
        except EnvironmentProblem:
            return  # counted by the caller; the sync screen names the file
        if len(content) != file.size_bytes:
            return
        item = HaveItem(sha256=file.sha256, size_bytes=file.size_bytes)
        have = Have(device=self.identity.device, epoch=self.identity.epoch, items=(item,), nonce=self.nonce)
        self._message(sealer, "/v1/have", have)
        for index, start in enumerate(range(0, max(1, len(content)), CHUNK_BYTES)):
            self._request(sealer, "PUT", f"/v1/chunk/{file.sha256}/{index}", content[start : start + CHUNK_BYTES])
        self.whole.append(file)
        self._moved(file.size_bytes)

    def _message(self, sealer: BundleSealer, path: str, message: WireMessage) -> None:
        packed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(msgspec.json.encode(message))
        self._request(sealer, "POST", path, packed, packed=True)

    def _request(self, sealer: BundleSealer, method: str, path: str, body: bytes, *, packed: bool = False) -> None:
        signed = request_bytes(method, path, self.identity.device, self.identity.epoch, body)
        request = Request(method=method, path=path, body=body, packed=packed, signature=self.signer.sign(signed))
        sealer.add(encode_record(request))

    def _moved(self, size: int) -> None:
        self.done += size
        self.progress(BundleProgressed(BundlePhase.WRITING, self.done, self.total))


def _begin_of(outbox: Outbox, position: LogPosition) -> int:
    return outbox.resume_seq() if isinstance(outbox, Resuming) else position.hq_watermark_seq


def _told_again(outbox: Outbox, hello: Hello) -> Sequence[Relearn]:
    """Return what a restored headquarters asked for by stick, nothing where it did not."""
    if not isinstance(outbox, TellsAgain):
        return ()
    wanted = wanted_by_stick(outbox.link(BY_STICK))
    return () if wanted is None else tuple(told_by_stick(outbox, hello, wanted))


def _log_bytes(outbox: Outbox, after_seq: int, position: LogPosition) -> int:
    """Return the bytes of the commits that will go, uncompressed: an upper bound."""
    total, seq = 0, after_seq
    while seq < position.next_seq - 1:
        commits = outbox.commits_after(seq, LOG_FRAME_BYTES)
        total += sum(len(each.raw) for each in commits)
        seq = commits[-1].last_seq
    return total


def _room(folder: Path, log_bytes: int) -> int:
    """Return the bytes that files may take on this stick. Raises ``EnvironmentProblem`` when not even the log fits."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise stick_problem(error, folder) from error
    needed = log_bytes + _RESERVE_BYTES
    if free < needed:
        raise stick_full(folder, needed, free)
    return free - needed


def _chosen(files: Sequence[AttachmentRef], room: int, budget: int | None) -> tuple[AttachmentRef, ...]:
    """Return what goes along, in the wire's order: by priority, the smaller first; what does not fit leaves its room to the next."""
    left = room if budget is None else min(room, budget)
    chosen = []
    for file in sorted(files, key=lambda each: (each.priority, each.size_bytes, each.sha256)):
        # A chunk's signature, path and seal come to about 300 bytes.
        cost = file.size_bytes + 300 * (2 + file.size_bytes // CHUNK_BYTES)
        if cost <= left:
            chosen.append(file)
            left -= cost
    return tuple(chosen)


def _label(identity: BundleWriter, signer: Signer, sealer: BundleSealer, position: LogPosition) -> bytes:
    label = BundleLabel(
        bundle_id=sealer.bundle_id,
        sha256=sealer.sha256,
        size_bytes=sealer.size_bytes,
        device=identity.device,
        epoch=identity.epoch,
        through_seq=position.next_seq - 1,
        digest=position.head.hex(),
    )
    return sign_device_statement(signer, identity.device_certificate, LABEL_KIND, msgspec.json.encode(label))


def _put(file: BinaryIO, content: bytes) -> None:
    file.write(content)
