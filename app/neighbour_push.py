"""Giving this laptop's log, then its papers and photos, into one neighbour's custody, and taking in what headquarters answered by it.

Promise: a bundle is sealed to headquarters and begins where headquarters' receipt ends, so that a custodian lost with everything costs
nothing. Custody is noted only with the custodian's signed receipt. The money goes first; a file bundle that broke off is resumed with the
same neighbour, not begun anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.neighbour_list import disk_problem
from claims.bundles import AnswerOutcome, Bundles
from claims.custody import Custodian
from claims.desk_ports import DeskPorts
from claims.neighbours import PushPhase, PushProgressed
from claims.records import AttachmentRef
from local_db.store import LocalStore
from sync.bundle_out import WrittenBundle, write_bundle
from sync.lan_carrier import LanCarrier, SealedBundle
from sync.lan_hub import ANSWERS
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.wire.bundles import ANSWER_SUFFIX
from sync.wire.hub_messages import NeighbourRole

FILE_BUDGET_BYTES = 48 * 1024 * 1024
"""Photos and papers of one bundle: small enough for a laptop's limit."""
_MOST_FILE_BUNDLES = 20
_BROKE_OFF = frozenset({NeighbourFault.CUT, NeighbourFault.TIMEOUT})
Progress = Callable[[PushProgressed], None]


@dataclass(frozen=True)
class Pushed:
    """What was newly taken: bundles, their bytes, the files that went along whole."""

    bundles: int = 0
    size_bytes: int = 0
    files: int = 0

    def plus(self, more: Pushed) -> Pushed:
        """Return both together."""
        return Pushed(self.bundles + more.bundles, self.size_bytes + more.size_bytes, self.files + more.files)


class NeighbourPush:
    """Pushes from one store. One push at a time."""

    def __init__(self, ports: DeskPorts, store: LocalStore, home: Path, bundles: Bundles | None) -> None:
        """Work over these parts; what a former program left half-sent is removed.

        ``bundles`` takes in headquarters' sealed answers; None: they stay with the neighbour.
        """
        self._ports, self._store, self._bundles = ports, store, bundles
        self._outgoing, self._incoming = home / "outgoing", home / "incoming"
        for folder in (self._outgoing, self._incoming):
            for left in folder.glob("*"):
                left.unlink()
        self._broke_off: dict[str, WrittenBundle] = {}

    def push(self, line: LanCarrier, progress: Progress) -> Pushed:
        """Push what this neighbour should hold. Raises ``NeighbourProblem`` and the store's ``EnvironmentProblem``."""
        self._take_answers(line)
        pushed = Pushed()
        held_seq = max((each.through_seq for each in line.highest().marks), default=0)
        position = self._store.position()
        last_seq = position.next_seq - 1
        with self._store.read() as reads:
            noted_seq = reads.custody_seq()
        if last_seq > position.hq_watermark_seq and last_seq > min(held_seq, noted_seq):
            pushed = pushed.plus(self._deposit(line, self._written(()), progress))
        begun = self._broke_off.pop(line.device.device, None)
        if begun is not None and begun.path.exists():
            pushed = pushed.plus(self._deposit(line, begun, progress))
        for _ in range(_MOST_FILE_BUNDLES):
            chosen = self._files_for(min(FILE_BUDGET_BYTES, line.greet().room_bytes))
            if not chosen:
                break
            pushed = pushed.plus(self._deposit(line, self._written(chosen), progress))
        return pushed

    def _files_for(self, room: int) -> list[AttachmentRef]:
        """Return the most urgent files nobody holds that fit, the smaller of equals first."""
        with self._store.read() as reads:
            kept = {sha256 for note in reads.custody_notes() for sha256 in note.files}
        chosen: list[AttachmentRef] = []
        waiting = [each for each in self._store.attachments_waiting() if each.sha256 not in kept]
        for file in sorted(waiting, key=lambda each: (each.priority, each.size_bytes, each.sha256)):
            if file.size_bytes <= room:
                chosen.append(file)
                room -= file.size_bytes
        return chosen

    def _written(self, files: Sequence[AttachmentRef]) -> WrittenBundle:
        _make(self._outgoing)
        return write_bundle(
            self._outgoing,
            outbox=self._store,
            attachments=self._store.attachments,
            identity=self._store.identity,
            signer=self._store.signer,
            hq_key=self._store.identity.recovery_public_key,
            bundle_id=secrets.token_hex(16),
            now=self._ports.time().at,
            files=files,
            money_only=not files,
        )

    def _deposit(self, line: LanCarrier, written: WrittenBundle, progress: Progress) -> Pushed:
        neighbour, done = line.device.device, 0
        progress(PushProgressed(PushPhase.SENDING, neighbour, 0, written.size_bytes))

        def taken(size: int) -> None:
            nonlocal done
            done += size
            progress(PushProgressed(PushPhase.SENDING, neighbour, done, written.size_bytes))

        sealed = SealedBundle(
            bundle_id=written.bundle_id,
            sha256=written.sha256,
            size_bytes=written.size_bytes,
            device=self._store.identity.device,
            epoch=self._store.identity.epoch,
            through_seq=written.through_seq,
            digest=written.note.digest,
            open=lambda: written.path.open("rb"),
            label=written.label,
        )
        try:
            receipt = line.deposit(sealed, taken)
        except NeighbourProblem as problem:
            if written.files and problem.fault in _BROKE_OFF:
                self._broke_off[neighbour] = written
            else:
                self._remove(written)
            raise
        note = msgspec.structs.replace(
            written.note,
            custodian=Custodian.HUB if line.role is NeighbourRole.HUB else Custodian.PEER,
            name=neighbour,
            at=self._ports.time().at,
            receipt=receipt,
        )
        with self._store.write() as uow:
            uow.note_custody(note)
        self._ports.probe("custody_noted")
        self._remove(written)
        return Pushed(1, written.size_bytes, len(written.files))

    def _remove(self, written: WrittenBundle) -> None:
        for path in self._outgoing.glob(f"{written.path.name}*"):
            path.unlink(missing_ok=True)

    def _take_answers(self, line: LanCarrier) -> None:
        if self._bundles is None:
            return
        for listed in line.files(ANSWERS):
            content = line.fetch(listed)
            path = self._incoming / f"{listed.sha256}{ANSWER_SUFFIX}"
            try:
                _write(path, content)
                outcomes = {each.outcome for each in self._bundles.read(path).read}
            finally:
                path.unlink(missing_ok=True)
            if AnswerOutcome.GAP not in outcomes:
                line.answers_taken((listed.sha256,))


def _write(path: Path, content: bytes) -> None:
    _make(path.parent)
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise disk_problem(problem) from problem


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as problem:
        raise disk_problem(problem) from problem
