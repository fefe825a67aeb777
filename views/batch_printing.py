"""Many papers, one after another, on one printer: with progress, time left, and a way out between two papers.

Promise: nothing is printed without a record: a paper has its number and its drawing on the disk before it goes to the printer, and counts as
printed once the printer took its last strip and that is on the disk too. Where the printer or the disk fails it stops and says what is out and
what is not; what is left can be gone on with. A paper that was printed meanwhile is not printed a second time.

Source: issue "Paper that holds"; docs/adr/0104, 0140.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.errors import Bilingual, InputError, OutpostError
from claims.paper_definitions import PaperSize
from claims.records import PaperState
from views.controls.buttons import ActionButton
from views.controls.chips import Tone
from views.controls.message import Message
from views.paper_out import drawing_to_give
from views.preferences import WindowPreferences
from views.presentation import Told
from views.printing import PrintingDesk
from views.progress import Pace, ProgressStrip, StripState, left_words
from views.sentences import together
from views.workplace import Workplace

_STOP = Bilingual("打完这张停", "Stop after this one")
_TITLE = Bilingual("{count} 份文书", "{count} papers")
_RUNNING = Bilingual("正在打印第 {place}/{total} 份  {number}", "Printing {place} of {total}: {number}")
_ALL = Bilingual("已打印 {done} 份", "{done} printed")
_STOPPED = Bilingual("已停止：打印了 {done}/{total} 份", "Stopped: {done} of {total} printed")
_FAILED = Bilingual("没有打完：打印了 {done}/{total} 份", "Not finished: {done} of {total} printed")
_NONE = Bilingual("没有要打印的", "There is nothing to print")
_AGAIN = Bilingual("接着打剩下的 {count} 份", "Go on with the other {count}")
_OUT = Bilingual("已打印：{numbers}。", "Printed: {numbers}.")
_OPEN = Bilingual("没有打印：{numbers}。", "Not printed: {numbers}.")
_PASSED = Bilingual("跳过 {number}：{why}", "Left out {number}: {why}")
_PRINTED_BEFORE = Bilingual("已经打印过", "it was printed already")
_NOT_RECORDED = Bilingual(
    "{number} 已从打印机出来，但没能记下。请把这张纸收好，不要交给客户；接着打会重新打印它。",
    "{number} left the printer but could not be recorded. Keep that sheet and hand it to nobody; going on prints it again.",
)
_UNITS = 1000
_MOST_NAMED = 6
_TO_PRINT = (PaperState.ASKED, PaperState.RENDERED)


class AlreadyPrintedError(InputError):
    """It left the printer before its turn came: somebody printed it by itself meanwhile."""


class BatchPrinting(QWidget, Told):
    """The strip of one batch. Hidden until something is printed.

    Signals:
        moved: something began, went on or ended.
        recorded: a paper left, and that is on the disk (its number).
        ended: all that could be printed is, or it was stopped, or it failed.
    """

    moved = Signal()
    recorded = Signal(str)
    ended = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printing: PrintingDesk | None = None) -> None:
        """``printing`` may be given to print without Qt's dialogs."""
        super().__init__(parent)
        self._work = work
        self._printing = printing or PrintingDesk(work.ui, work.tasks, parent=self)
        self._printing.moved.connect(self._on_moved)
        self._queue: deque[str] = deque()
        self._printed: list[str] = []
        self._told: list[Bilingual] = []
        self._passed = self._total = self._done = 0
        self._size: PaperSize | None = None
        self._printer: QPrinter | None = None
        self._file: Path | None = None
        self._running = self._stopping = False
        self._pace, self._watch = Pace(), QElapsedTimer()
        self.strip = ProgressStrip(work.ui, _STOP)
        self.strip.cancelled.connect(self.stop)
        self.notice = Message(work.ui, "", "", tone=Tone.AMBER)
        self.notice.closed.connect(self._put_away)
        self.go_on = ActionButton(work.ui, _AGAIN, icon="print")
        self.go_on.clicked.connect(lambda _checked: self._begin_again())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.strip, self.notice, self.go_on):
            self._column.addWidget(widget)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._show_running)
        self.tell()
        self.hide()

    # What others ask

    @property
    def running(self) -> bool:
        """Whether papers are on their way, or the printer is being chosen."""
        return self._running

    @property
    def printed(self) -> tuple[str, ...]:
        """The numbers that are out and on record, in the order in which they came out."""
        return tuple(self._printed)

    @property
    def left(self) -> tuple[str, ...]:
        """The numbers that are still to be printed."""
        return tuple(self._queue)

    def print_batch(self, numbers: Sequence[str], size: PaperSize | None = None) -> None:
        """Ask for a printer and print these papers, in this order; nothing while another batch is under way.

        Args:
            size: what is in the printer; None: what was chosen last. A paper that is not made for it is printed on what it is made for.
        """
        if self._running or self._printing.busy:
            return
        self._queue = deque(dict.fromkeys(numbers))
        self._printed, self._told, self._passed = [], [], 0
        self._total, self._size = len(self._queue), size
        self._start()

    def stop(self) -> None:
        """Stop once the paper that is on its way is out."""
        self._stopping = True

    # The way of a batch

    def _start(self) -> None:
        self._running, self._stopping = True, False
        self._done = 0
        self.notice.hide()
        self.go_on.hide()
        self.strip.hide()
        self.show()
        self.moved.emit()
        if not self._queue:
            self._end(StripState.DONE, _NONE)
            return
        preferences = self._work.preferences

        def chosen(printer: QPrinter) -> None:
            self._printer = printer
            self._file = Path(printer.outputFileName()) if printer.outputFileName() else None
            self._pace.clear()
            self._watch.start()
            self._second.start()
            self._next()

        def ask(kept: WindowPreferences) -> None:
            self._size = self._size or PaperSize(kept.paper)
            self._printing.choose(
                self._work.ui.say(_filled(_TITLE, count=len(self._queue))),
                self.window(),
                offered=kept.printer,
                then=chosen,
                not_done=self._not_chosen,
            )

        self._work.tasks.run(preferences.load, ask, owner=self)

    def _not_chosen(self, error: OutpostError | None) -> None:
        if error is None:
            self._end(StripState.STOPPED, _filled(_STOPPED, done=len(self._printed), total=self._total))
        else:
            self._fail(error)

    def _next(self) -> None:
        printer = self._printer
        if printer is None or not self._queue:
            self._end(StripState.DONE, _filled(_ALL, done=len(self._printed)))
            return
        if self._stopping:
            self._end(StripState.STOPPED, _filled(_STOPPED, done=len(self._printed), total=self._total))
            return
        self._show_running()
        desk, number, size = self._work.desk, self._queue[0], self._size or PaperSize.A4

        def job() -> bytes:
            if desk.paper(number).state not in (*_TO_PRINT, PaperState.VOIDED):
                raise AlreadyPrintedError("printed_before", _PRINTED_BEFORE, Bilingual("", ""))
            return drawing_to_give(desk, number, size)[0]

        def send(pdf: bytes) -> None:
            if self._file is not None:
                # A printer that writes files would write over the paper before.
                printer.setOutputFileName(str(self._file.with_name(f"{self._file.stem}-{number}{self._file.suffix}")))
            self._printing.print_on(
                printer, pdf, number, then=lambda where: self._left(number, where), not_done=self._stayed
            )

        self._work.tasks.run(job, send, owner=self, failed=self._not_drawn, writes=True)

    def _not_drawn(self, error: OutpostError) -> None:
        """One that can't be printed any more is left out; what hits the next one as well ends the batch."""
        if not isinstance(error, InputError):
            self._fail(error)
            return
        self._told.append(_filled(_PASSED, number=self._queue.popleft(), why=error.cause))
        self._passed += 1
        self._next()

    def _stayed(self, error: OutpostError | None) -> None:
        if error is None:
            self._end(StripState.STOPPED, _filled(_STOPPED, done=len(self._printed), total=self._total))
        else:
            self._fail(error)

    def _left(self, number: str, where: str) -> None:
        desk = self._work.desk

        def recorded(_none: None) -> None:
            self._printed.append(number)
            self._queue.popleft()
            self.recorded.emit(number)
            self._next()

        def not_recorded(error: OutpostError) -> None:
            self._told.append(_filled(_NOT_RECORDED, number=number))
            self._fail(error)

        self._work.tasks.run(
            lambda: desk.mark_printed(number, where), recorded, owner=self, failed=not_recorded, writes=True
        )

    def _fail(self, error: OutpostError) -> None:
        self._told.append(Bilingual(error.sentence("zh"), error.sentence("en")))
        self._end(StripState.FAILED, _filled(_FAILED, done=len(self._printed), total=self._total))

    def _end(self, state: StripState, words: Bilingual) -> None:
        self._second.stop()
        self._running = False
        self._printer = None
        share = 1.0 if state is StripState.DONE else (len(self._printed) + self._passed) / max(1, self._total)
        self.strip.show()
        self.strip.show_progress(state, words, share=share)
        told = [*self._told]
        if state is not StripState.DONE:
            told += [_named(_OUT, self._printed), _named(_OPEN, self._queue)]
        if self._told or (self._queue and state is not StripState.DONE):
            self.notice.say(words, together(*told))
            self.notice.show()
        self.go_on.say(_filled(_AGAIN, count=len(self._queue)))
        self.go_on.setVisible(bool(self._queue))
        self.moved.emit()
        self.ended.emit()

    def _begin_again(self) -> None:
        self._told = []
        self._start()

    def _put_away(self) -> None:
        self.notice.hide()

    # What is shown

    def _on_moved(self) -> None:
        if self._running and self._printer is not None:
            self._show_running()
        self.moved.emit()

    def _show_running(self) -> None:
        if not self._running or not self._queue:
            return
        over = len(self._printed) + self._passed
        # Between its last strip and its record a paper is out and not counted yet.
        done = self._done = max(self._done, over * _UNITS + round(self._printing.share * _UNITS))
        now_s = self._watch.elapsed() / 1000
        self._pace.saw(now_s, done)
        seconds = self._pace.left_s(now_s, self._total * _UNITS)
        what = _filled(_RUNNING, place=over + 1, total=self._total, number=self._queue[0])
        self.strip.show()
        self.strip.show_progress(
            StripState.RUNNING, what, "" if seconds is None else left_words(seconds), done / (self._total * _UNITS)
        )

    def tell(self) -> None:
        """Measure again."""
        self._column.setSpacing(self._work.ui.look.space("s"))


def _filled(words: Bilingual, **values: object) -> Bilingual:
    """Return words with these values; one that is a sentence itself in the language of the words."""

    def said(language: str) -> dict[str, object]:
        return {key: getattr(each, language) if isinstance(each, Bilingual) else each for key, each in values.items()}

    return Bilingual(words.zh.format(**said("zh")), words.en.format(**said("en")))


def _named(words: Bilingual, numbers: Iterable[str]) -> Bilingual:
    """Return words that name the papers, the first few of many; nothing where there is none."""
    found = list(numbers)
    if not found:
        return Bilingual("", "")
    shown, more = found[:_MOST_NAMED], len(found) - _MOST_NAMED
    zh, en = "、".join(shown), ", ".join(shown)
    if more > 0:
        zh, en = f"{zh} 等 {len(found)} 份", f"{en} and {more} more"
    return Bilingual(words.zh.format(numbers=zh), words.en.format(numbers=en))


def print_batch(
    work: Workplace,
    numbers: Sequence[str],
    parent: QWidget,
    *,
    size: PaperSize | None = None,
    printing: PrintingDesk | None = None,
) -> BatchPrinting:
    """Return a strip on ``parent`` that asks for a printer and prints these papers; put it into a layout there, where it is to be seen."""
    made = BatchPrinting(work, parent, printing=printing)
    made.print_batch(numbers, size)
    return made
