"""Progress with cancel: what is being done, how much of it, how long still, and a way out. For jobs that last.

Promise: the time left follows what moved lately, never a mean over a stall; while nothing moves it says so instead of a number.
A job that is stopped says that it was stopped; the strip stays until somebody puts it away or another job begins.

Source: mock-up sheet "Progress"; docs/adr/0100.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.bar import Bar, BarState
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Said, Text
from views.presentation import Presentation, Told

STOP = Bilingual("停止", "Stop")
_PROGRESS = Bilingual("进度", "Progress")
_WINDOW_S = 15.0
_STALL_S = 5.0
_LEAST_SPAN_S = 1.0


class Pace:
    """How fast something moves, from what was seen lately. Times are seconds of any monotonic clock.

    A stall of five seconds or more forgets what was before it: the first estimate after it rests on what came after it.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        """Another job begins."""
        self._seen.clear()

    def saw(self, at_s: float, done: int) -> None:
        """Take note of how much is done at a moment. Less than before counts as a new start."""
        if self._seen and done == self._seen[-1][1]:
            return
        if self._seen and (done < self._seen[-1][1] or at_s - self._seen[-1][0] >= _STALL_S):
            self._seen.clear()
        self._seen.append((at_s, done))
        while len(self._seen) > 2 and at_s - self._seen[1][0] > _WINDOW_S:
            self._seen.popleft()

    def stalled_s(self, at_s: float) -> float:
        """Return for how long nothing has moved, 0.0 below five seconds."""
        quiet = at_s - self._seen[-1][0] if self._seen else 0.0
        return quiet if quiet >= _STALL_S else 0.0

    def left_s(self, at_s: float, total: int) -> float | None:
        """Return the seconds that are still needed, None while that can't be told honestly: too early, or nothing moves."""
        if not self._seen:
            return None
        (first_s, first), (_, last) = self._seen[0], self._seen[-1]
        if last >= total:
            return 0.0
        if self.stalled_s(at_s) or last <= first or at_s - first_s < _LEAST_SPAN_S:
            return None
        # Up to now, not up to the last movement: a line that hesitates looks slower at once.
        return (total - last) * (at_s - first_s) / (last - first)


def left_words(seconds: float) -> Bilingual:
    """Return a time left in steps that don't flicker: tens of seconds, minutes, hours; rounded up."""
    if seconds < 10:
        return Bilingual("剩几秒", "a few s left")
    tens = -(-int(seconds + 0.999) // 10) * 10
    if tens < 300:
        minutes, rest = divmod(tens, 60)
        zh = (f"{minutes} 分" if minutes else "") + (f" {rest} 秒" if rest else "")
        en = (f"{minutes} min" if minutes else "") + (f" {rest} s" if rest else "")
        return Bilingual(f"剩 {zh.strip()}", f"{en.strip()} left")
    minutes = -(-int(seconds + 0.999) // 60)
    if minutes < 60:
        return Bilingual(f"剩 {minutes} 分钟", f"{minutes} min left")
    hours, rest = divmod(-(-minutes // 10) * 10, 60)
    tail_zh, tail_en = (f" {rest} 分", f" {rest} min") if rest else ("", "")
    return Bilingual(f"剩 {hours} 小时{tail_zh}", f"{hours} h{tail_en} left")


def bytes_text(done: int, total: int | None = None) -> str:
    """Return bytes as people read them, both sides in the unit of the total: ``0.6 / 0.9 MB``, ``12 KB``."""
    whole = done if total is None else total
    unit, size = ("GB", 10**9) if whole >= 10**9 else ("MB", 10**6) if whole >= 10**5 else ("KB", 1000)
    places = 0 if unit == "KB" else 1

    def number(amount: int) -> str:
        # 999,999 of 1,000,000 is not all of it: what is not done is never rounded up to done.
        shown = amount / size if total is None or amount >= total else int(amount * 10**places / size) / 10**places
        return f"{shown:,.{places}f}"

    return f"{number(done)} {unit}" if total is None else f"{number(done)} / {number(total)} {unit}"


class StripState(StrEnum):
    """How the job stands."""

    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


_BARS = {
    StripState.RUNNING: BarState.RUNNING,
    StripState.WAITING: BarState.WAITING,
    StripState.PAUSED: BarState.PAUSED,
    StripState.DONE: BarState.DONE,
    StripState.STOPPED: BarState.PAUSED,
    StripState.FAILED: BarState.FAILED,
}
_COLOURS = {StripState.DONE: "accent", StripState.FAILED: "red"}
_UNDER_WAY = (StripState.RUNNING, StripState.WAITING, StripState.PAUSED)


class ProgressStrip(QWidget, Told):
    """The strip. ``cancelled`` is emitted when the person wants out; the job then says ``show_progress(STOPPED)`` itself.

    Args:
        cancel: the word on the way out; None for a job that can't be stopped.
    """

    cancelled = Signal()

    def __init__(self, ui: Presentation, cancel: Bilingual | None = STOP, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.state = StripState.DONE
        self._stopping = False
        self._what = Text(ui, "", bold=True)
        self._left = Text(ui, "", size="caption", colour="text2")
        self._bar = Bar(ui, _PROGRESS)
        self._grid = QGridLayout(self)
        self._grid.addWidget(self._what, 0, 0)
        self._grid.addWidget(self._left, 0, 1)
        self._grid.addWidget(self._bar, 1, 0, 1, 2)
        self._grid.setColumnStretch(0, 1)
        self.cancel_button: ActionButton | None = None
        if cancel is not None:
            self.cancel_button = ActionButton(ui, cancel, role=ButtonRole.SECONDARY)
            self.cancel_button.clicked.connect(lambda _checked: self._stop())
            self._grid.addWidget(self.cancel_button, 0, 2, 2, 1)
        self.tell()

    def show_progress(self, state: StripState, what: Said, left: Said = "", share: float = 0.0) -> None:
        """Show how the job stands.

        Args:
            what: what is being done, or how it ended.
            left: how much and how long still.
            share: from 0 to 1.
        """
        self.state = state
        self._what.say(what, colour=_COLOURS.get(state, "text"))
        self._left.say(left)
        self._bar.show_share(share, _BARS[state])
        if self.cancel_button is not None:
            under_way = state in _UNDER_WAY
            self._stopping = self._stopping and under_way
            if not under_way and self.cancel_button.hasFocus():
                # What began the job stands before it, and is what comes next.
                self.focusPreviousChild()
            self.cancel_button.setVisible(under_way)
        self.setAccessibleName(self.words)

    @property
    def words(self) -> str:
        """What is shown, in one line."""
        return f"{self._what.full_text} {self._left.full_text}".strip()

    @property
    def share(self) -> float:
        """How much of the bar is filled."""
        return self._bar.share

    def tell(self) -> None:
        """Take measures again; the words inside tell themselves."""
        look = self._ui.look
        self._grid.setContentsMargins(look.space("panel"), look.space("s"), look.space("panel"), look.space("s"))
        self._grid.setHorizontalSpacing(look.space("m"))
        self._grid.setVerticalSpacing(look.space("xs"))
        self.setAccessibleName(self.words)

    def _stop(self) -> None:
        # Once is enough: the job ends between two of its steps. Not disabled: the keyboard would jump down the page.
        if not self._stopping:
            self._stopping = True
            self.cancelled.emit()
