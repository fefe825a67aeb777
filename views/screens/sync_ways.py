"""The right column of the Sync screen: the stick, the neighbours and the allowances, and the jobs behind them.

Promise: everything that touches a disk or a network runs beside the window; a failure is told where problems are told and loses nothing; what was
handed on is on this disk before anything is saved.

Source: docs/adr/0161.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout

from claims.allowance_proof import transfer_text
from claims.allowance_standing import AllowanceStanding
from claims.amounts import yuan
from claims.bundles import BundleProgressed, HeldBundle
from claims.desk import Desk
from claims.errors import Bilingual, OutpostError
from claims.events import AllowanceTransferred
from claims.neighbours import AllowanceWish, Neighbour, Sharing
from claims.trusted_time import TrustedTime
from views.file_saving import FileKind, FileSaving
from views.lanes import Lane
from views.screens.sync_allowances import AllowancesPanel, Handing
from views.screens.sync_neighbours import NeighboursPanel
from views.screens.sync_stick import StickPanel
from views.workplace import Workplace

_TRANSFER = FileKind(Bilingual("额度调拨凭据", "Transfer of an allowance"), "txt")
_HANDED = Bilingual(
    "已调出并保存：{name}。交给对方收下即可。", "Handed on and saved as {name}: give it to them to take in."
)
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Ways:
    """What the panels show."""

    at: TrustedTime
    next_seq: int
    waiting: int
    held: tuple[HeldBundle, ...]
    neighbours: tuple[Neighbour, ...]
    sharing: Sharing
    wishes: tuple[AllowanceWish, ...]
    allowances: AllowanceStanding
    handed: tuple[AllowanceTransferred, ...]


def load_ways(desk: Desk) -> Ways:
    """Read what the panels show; for the store lane."""
    safety = desk.safety()
    return Ways(
        at=desk.time(),
        next_seq=safety.disk + safety.custody + safety.hq + 1,
        waiting=safety.disk + safety.custody,
        held=desk.held_bundles(),
        neighbours=tuple(desk.neighbours()),
        sharing=desk.sharing(),
        wishes=tuple(desk.neighbours_wishes()),
        allowances=desk.allowances(),
        handed=tuple(desk.transfers_out()),
    )


class SyncWays(QObject):
    """The three panels of one screen. ``changed``: something was recorded, and what is shown is old."""

    changed = Signal()
    _stick_moved = Signal(object)

    def __init__(self, work: Workplace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._desk = work, work.desk
        self._busy = False
        self._saving = FileSaving(work.ui, work.tasks, parent=self)
        self.stick = StickPanel(work.ui)
        self.neighbours = NeighboursPanel(work.ui)
        self.allowances = AllowancesPanel(work.ui)
        self.stick.writing.connect(self._write)
        self.stick.reading.connect(self._read)
        self.stick.carrying.connect(self._carry)
        self._stick_moved.connect(self.stick.show_progress)
        self.neighbours.shared.connect(self._share)
        self.neighbours.pushing.connect(self._push)
        self.neighbours.adding.connect(self._add)
        self.neighbours.decided.connect(self._decide)
        self.allowances.handing.connect(self._hand)
        self.allowances.taking.connect(self._take)
        self.allowances.again.connect(self._save_transfer)
        self.allowances.refused.connect(work.problems.show_error)

    def fill(self, column: QVBoxLayout) -> None:
        """Put the stick and the neighbours into a column; the allowances go below what headquarters sent back."""
        for panel in (self.stick, self.neighbours):
            column.addWidget(panel)

    def show_ways(self, ways: Ways) -> None:
        """Show how things stand."""
        self.stick.show_waiting(ways.waiting)
        self.stick.show_held(ways.held)
        self.neighbours.show_neighbours(ways.neighbours, ways.sharing, ways.wishes, ways.at, ways.next_seq)
        self.allowances.show_standing(ways.allowances, ways.handed)

    def _write(self, folder: Path) -> None:
        def moved(progress: BundleProgressed) -> None:
            # From the worker's thread: the signal brings it to this one.
            self._stick_moved.emit(progress)

        self._run(
            lambda: self._desk.write_bundle(folder, progress=moved),
            self.stick.show_written,
            failed=self.stick.end,
            lane=Lane.SYNC,
        )

    def _read(self, folder: Path) -> None:
        self._run(lambda: self._desk.read_bundles(folder), self.stick.show_read, failed=self.stick.end, lane=Lane.SYNC)

    def _carry(self, file: Path) -> None:
        self._run(lambda: self._desk.carry_bundle(file), self.stick.show_carried, failed=self.stick.end, lane=Lane.SYNC)

    def _share(self, on: bool) -> None:
        self._run(lambda: self._desk.share(on), lambda _sharing: None, failed=self.changed.emit, lane=Lane.SYNC)

    def _push(self) -> None:
        self._run(self._desk.push_to_neighbours, self.neighbours.show_pushed, lane=Lane.SYNC)

    def _add(self, address: str) -> None:
        def tried(one: Neighbour) -> None:
            if one.problem is not None:
                self._work.problems.show_error(one.problem)

        self._run(lambda: self._desk.add_neighbour(address), tried, lane=Lane.SYNC)

    def _decide(self, wish: AllowanceWish, yes: bool) -> None:
        self._run(lambda: self._desk.decide_wish(wish, yes=yes), lambda _none: None)

    def _hand(self, wanted: Handing) -> None:
        def handed(moved: AllowanceTransferred) -> None:
            self._save_transfer(moved)

        def work() -> AllowanceTransferred:
            self._desk.transfer_allowance(wanted.pool, wanted.amount_fen, wanted.device, wanted.epoch)
            return self._desk.transfers_out()[-1]

        self._run(work, handed)

    def _take(self, text: str) -> None:
        if not text:
            return
        self._run(
            lambda: self._desk.receive_allowance(text.encode()),
            lambda got: self.allowances.show_done(
                Bilingual(
                    f"已收下 {yuan(got.amount_fen)} 元离线额度。", f"{yuan(got.amount_fen)} yuan of allowance taken in."
                )
            ),
        )

    def _save_transfer(self, moved: AllowanceTransferred) -> None:
        name = f"{moved.to_device}-{moved.transfer_id}".replace("/", "-")

        def saved(path: Path) -> None:
            self.allowances.show_done(Bilingual(_HANDED.zh.format(name=path.name), _HANDED.en.format(name=path.name)))

        def not_done(problem: OutpostError | None) -> None:
            if problem is not None:
                self._work.problems.show_error(problem)

        self._saving.save(
            transfer_text(moved.transfer).encode(), name, _TRANSFER, self.allowances, then=saved, not_done=not_done
        )

    def _run(
        self,
        job: Callable[[], _Result],
        then: Callable[[_Result], object],
        *,
        failed: Callable[[], object] = lambda: None,
        lane: Lane = Lane.STORE,
    ) -> None:
        if self._busy:
            return
        self._allow(busy=True)

        def done(result: _Result) -> None:
            self._allow(busy=False)
            then(result)
            self.changed.emit()

        def refused(problem: OutpostError) -> None:
            self._allow(busy=False)
            failed()
            self._work.problems.show_error(problem)

        self._work.tasks.run(job, done, owner=self, failed=refused, lane=lane, writes=True)

    def _allow(self, *, busy: bool) -> None:
        self._busy = busy
        for panel in (self.stick, self.neighbours, self.allowances):
            panel.allow(busy=busy)
