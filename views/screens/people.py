"""People and policies: each keystroke searches, a row tells cover, allowance and earlier claims, Enter opens a claim.

Promise: the rows always belong to the text that is shown, and Enter never takes a person of another search; namesakes are never
merged; somebody this laptop does not know is taken in all the same.

Source: the mock-up of people; docs/adr/0101.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.overviews import PeopleCount, PersonRow
from views.controls.buttons import ActionButton
from views.controls.columns import TableHead
from views.controls.empty_note import EmptyNote
from views.controls.filter_chips import FilterChips
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.row_list import RowList
from views.controls.search_field import SearchField
from views.lanes import Lane
from views.live_search import LiveSearch
from views.paged_rows import PagedRows
from views.presentation import Presentation, Told
from views.screens.people_found import Everybody, InForceOnly, Recent
from views.screens.people_rows import PersonPainter, has_cover, narrow_people_columns, people_columns, say_person
from views.screens.person_summary import PersonStrip, PersonSummary
from views.workplace import Screen, Workplace

PAGE = 10
"""Rows of a page: a screen full. Each row is a look at the extract, so a longer first page would come later."""
WIDE = 1150
"""From this width on (at 100 %) the person stands beside the list, below it in a strip under it."""
ALL, IN_FORCE = "all", "in_force"

_TITLE = Bilingual("人与保单", "People and policies")
_LEAST_DIGITS = 4


class PeopleScreen(Screen):
    """The search over everybody in the extract."""

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self._wide: bool | None = None
        self._wanted: str | None = None
        self._persons: int | None = None
        self._counted: PeopleCount | None = None
        self._took_ms: int | None = None
        self._since_keystroke = QElapsedTimer()
        self._make_controls()
        self._lay_out()
        self._count: LiveSearch[PeopleCount] = LiveSearch(
            work.tasks,
            lambda text, cancelled: work.desk.count_people(text, cancelled=cancelled),
            lambda _text, count: self._show_count(count),
            also_empty=True,
            # The rows' own error is the same and is shown.
            failed=lambda _error: None,
            parent=self,
        )
        work.tasks.wrote.connect(self.renew)
        self.tell()

    # What the frame calls

    def search(self, text: str) -> None:
        """Search this, with the keyboard in the field and the cursor behind the text."""
        self.search_field.setFocus(Qt.FocusReason.OtherFocusReason)
        if text.strip():
            self.search_field.show_text(text)
        else:
            self.search_field.selectAll()

    def opened(self) -> None:
        """Search again what was left here: cover and allowances may be others now."""
        chosen = self.list.current_row()
        self._wanted = chosen.hit.person.person_id if isinstance(chosen, PersonRow) else None
        # The next person's name replaces the last one's.
        self.search_field.selectAll()
        self._search()

    def first_focus(self) -> QWidget:
        """The search field."""
        return self.search_field

    def person_rows(self) -> Sequence[PersonRow]:
        """Return the rows as they stand."""
        return self._rows.rows()

    @property
    def searching(self) -> bool:
        """Whether the first page of the text in the field is still on its way."""
        return self._rows.busy

    def renew(self) -> None:
        """Say what is new, every row in its place."""
        if self.isVisible():
            self._rows.renew(lambda _other: self._show_person(self.list.current_row()))

    def tell(self) -> None:
        """Take the measures again."""
        look = self.work.ui.look
        self.setAccessibleName(self.work.ui.say(_TITLE))
        page, top = look.space("page"), look.space("page_top_case")
        self._page.setContentsMargins(page, top, page, top)
        self._page.setSpacing(look.space("gap_case_panels"))
        # As high without chips as with them: the rows stay where they are at the first letter.
        self._filter_row.setMinimumHeight(look.height("filter_chip"))
        self._show_note()
        self._arrange(force=True)

    @property
    def took_ms(self) -> int | None:
        """How long the last search took from the keystroke to its first page, in milliseconds."""
        return self._took_ms

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Beside the list or below it."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """``N`` starts the claim of the selected person; without one it is the window's, for somebody unknown."""
        selected = self.summary.button.isEnabled()
        if event.key() == Qt.Key.Key_N and not event.modifiers() and not event.isAutoRepeat() and selected:
            self._new_claim()
        else:
            super().keyPressEvent(event)

    # Making

    def _make_controls(self) -> None:
        ui = self.work.ui
        self.search_field = SearchField(
            ui,
            Bilingual("找人与保单", "Find people and policies"),
            Bilingual("姓名、拼音、证件号任意 4 位、电话、保单号", "Name, pinyin, any 4 ID digits, phone, policy"),
            tall=True,
        )
        self.search_field.searched.connect(self._typed)
        self.search_field.submitted.connect(self._new_claim)
        self.search_field.left.connect(lambda: self.list.setFocus(Qt.FocusReason.OtherFocusReason))
        self.chips: FilterChips[str] = FilterChips(
            ui,
            ((ALL, Bilingual("全部", "All")), (IN_FORCE, Bilingual("保单有效", "In force"))),
            Bilingual("只看", "Show only"),
        )
        self.chips.picked.connect(lambda _only: self._search())
        self._recent = Text(ui, Bilingual("最近案件里的人", "People of the latest cases"), colour="text2")
        self._columns, self._narrow = people_columns(ui), narrow_people_columns(ui)
        self._painter = PersonPainter(ui, self._columns, self)
        self._rows: PagedRows[PersonRow] = PagedRows(
            self.work.tasks,
            lambda row: say_person(ui, row),
            lane=Lane.SEARCH,
            page=PAGE,
            key=lambda row: row.hit.person.person_id,
            parent=self,
        )
        self.list: RowList = RowList(ui, self._rows, self._painter, Bilingual("找到的人", "People found"))
        self.search_field.stepped.connect(self.list.step)
        self.list.opened.connect(lambda _row: self._new_claim())
        self.list.chosen.connect(self._show_person)
        self.empty_note = EmptyNote(ui, self._rows, self.list, "")
        self._rows.loaded.connect(self._loaded)
        self._head = TableHead(ui, self._columns, self.list)
        self._panel = Panel(ui, padded=False)
        self._panel.body.addWidget(self._head)
        self._panel.body.addWidget(self.list, 1)
        self._apart = _Notice(
            ui,
            Bilingual(
                "同名者从不合并。请核对出生日期与证件尾号。",
                "Namesakes are never merged. Check birthday and the last ID digits.",
            ),
        )
        self.unknown_button = ActionButton(
            ui,
            Bilingual("本机没有此人，照样受理", "Not on this laptop, take in all the same"),
            icon="plus",
        )
        self.unknown_button.clicked.connect(lambda _on: self.work.navigator.new_claim())
        self.summary = PersonSummary(ui, self._new_claim, self.work.navigator.open_case)
        self.strip = PersonStrip(ui, self._new_claim)

    def _lay_out(self) -> None:
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._page = QVBoxLayout()
        self._page.addWidget(self.search_field)
        self._filter_row = QWidget()
        self._filters = QHBoxLayout(self._filter_row)
        self._filters.setContentsMargins(0, 0, 0, 0)
        self._filters.addWidget(self.chips, 1)
        self._filters.addWidget(self._recent, 1)
        self._page.addWidget(self._filter_row)
        self._page.addWidget(self._panel, 1)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._apart, 1)
        self._page.addLayout(self._foot)
        self._page.addWidget(self.strip)
        whole.addLayout(self._page, 1)
        whole.addWidget(self.summary)

    def _arrange(self, *, force: bool = False) -> None:
        wide = self.width() >= self.work.ui.look.px(WIDE)
        if wide == self._wide and not force:
            return
        self._wide = wide
        # Where there is little room the button stands beside the chips: one line more for people.
        row, other = (self._foot, self._filters) if wide else (self._filters, self._foot)
        other.removeWidget(self.unknown_button)
        row.addWidget(self.unknown_button)
        self.summary.setVisible(wide)
        self.strip.setVisible(not wide)
        self._painter.columns = self._columns if wide else self._narrow
        self._head.use(self._painter.columns)
        self.list.viewport().update()
        chain = (
            self.search_field,
            self.chips.button(ALL),
            self.chips.button(IN_FORCE),
            *((self.list, self.unknown_button) if wide else (self.unknown_button, self.list)),
            self.strip.button,
            self.summary.button,
        )
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)
        read_in_order(self.summary)

    # Searching

    def _typed(self, _text: str) -> None:
        self._wanted = None
        self._search()

    def _search(self) -> None:
        text = self.search_field.text().strip()
        self._since_keystroke.start()
        self._took_ms = self._counted = None
        self._recent.hide()
        self.chips.setVisible(bool(text))
        self._say_empty(text)
        self._rows.restart(self._fetching(text), failed=self._could_not)
        # In the same lane, so after the first page.
        self._count.search(text)

    def _fetching(self, text: str) -> Callable[[int, int, Callable[[], bool]], Sequence[PersonRow]]:
        if not text:
            return Recent(self.work.desk)
        everybody = Everybody(self.work.desk, text)
        return everybody if self.chips.value == ALL else InForceOnly(everybody)

    def _loaded(self, count: int) -> None:
        if self._took_ms is None:
            self._took_ms = self._since_keystroke.elapsed()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            place = next((n for n, row in enumerate(self._rows.rows()) if row.hit.person.person_id == wanted), None)
            if place is not None:
                self.list.select(place)
        if not count:
            self._show_person(None)
        self._recent.setVisible(bool(count) and not self.search_field.text().strip())
        self._show_note()

    def _show_count(self, count: PeopleCount) -> None:
        self._persons = count.persons
        self._counted = count if self.search_field.text().strip() else None
        self._say_empty(self.search_field.text().strip())
        self._show_note()

    def _show_note(self) -> None:
        ui = self.work.ui
        took, count = self._took_ms, self._counted
        text = self.search_field.text().strip()
        if not text:
            self.search_field.note(*_persons(self._persons))
        elif took is not None:
            self.search_field.note(*_found(count, took))
        counts = {}
        if count is not None:
            counts[ALL] = _number(count)
            rows = self._rows.rows()
            # Only where every one of them is here can it be said how many are in force.
            if self.chips.value == ALL and not count.at_least and len(rows) == count.found:
                counts[IN_FORCE] = f"{sum(has_cover(row) for row in rows):,}"
        self.chips.show_counts(counts)
        self.search_field.setAccessibleDescription(self.search_field.note_text or ui.say(_TITLE))

    def _say_empty(self, text: str) -> None:
        if self._persons == 0:
            self.empty_note.say(
                Bilingual("本机还没有人员与保单", "No people and policies on this laptop yet"),
                Bilingual(
                    "联网同步后就能查；现在也能照样受理。",
                    "They come with a sync; claims can be taken in all the same.",
                ),
            )
        elif not text:
            self.empty_note.say(
                Bilingual("输入姓名、拼音首字母或证件号", "Enter a name, pinyin initials or ID digits"),
                Bilingual(
                    "每输入一个字就查一次，结果在这里。", "Every keystroke searches; the people found stand here."
                ),
            )
        elif self.chips.value == IN_FORCE:
            self.empty_note.say(
                Bilingual(f"“{text}”里没有保单有效的人", f"Nobody under “{text}” has cover in force"),
                Bilingual("点“全部”看其余的人。", "Choose All to see the others."),
            )
        elif text.isdigit() and len(text) < _LEAST_DIGITS:
            self.empty_note.say(
                Bilingual("数字从 4 位起查", "Digits are searched from four on"),
                Bilingual("再输入几位证件号或电话。", "Enter some more of the ID or phone number."),
            )
        else:
            self.empty_note.say(
                Bilingual(f"本机没有找到“{text}”", f"“{text}” was not found on this laptop"),
                Bilingual(
                    "换拼音首字母、证件号任意 4 位或电话再试；确实没有就照样受理。",
                    "Try pinyin initials, any 4 ID digits or the phone; if not, take the claim in all the same.",
                ),
            )

    def _could_not(self, error: OutpostError) -> None:
        self.empty_note.say(error.cause, error.next_step)
        self._rows.show_rows(())
        self.work.problems.show_error(error, retry=self._search)

    def _show_person(self, row: object) -> None:
        person = row if isinstance(row, PersonRow) else None
        self.summary.show_person(person)
        self.strip.show_person(person)

    def _new_claim(self) -> None:
        # A page still on its way belongs to what stands in the field now; the rows that are shown do not.
        row = None if self._rows.busy else self.list.current_row()
        if isinstance(row, PersonRow):
            self.work.navigator.new_claim(row.hit)


class _Notice(QWidget, Told):
    """A sentence with an icon before it."""

    def __init__(self, ui: Presentation, text: Bilingual) -> None:
        super().__init__()
        self._ui = ui
        self._icon = QLabel()
        self._text = Text(ui, text, colour="text2", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(ui.look.space("s"))
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        self.tell()

    def tell(self) -> None:
        """Take the icon's colour and size again."""
        self._icon.setPixmap(self._ui.look.pixmap("info", "text2", 20, self.devicePixelRatioF()))


def _number(count: PeopleCount) -> str:
    return f"{count.found:,}+" if count.at_least else f"{count.found:,}"


def _persons(persons: int | None) -> tuple[tuple[Bilingual | str, bool], ...]:
    if not persons:
        return ()
    return ((Bilingual(f"本机 {persons:,} 人", f"{persons:,} people here"), False),)


def _found(count: PeopleCount | None, took_ms: int) -> tuple[tuple[Bilingual | str, bool], ...]:
    if count is None:
        return ((Bilingual(f"{took_ms} 毫秒", f"{took_ms} ms"), False),)
    return (
        (Bilingual(f"{count.persons:,} 人中 ", ""), False),
        (_number(count), True),
        (Bilingual(f" 位，{took_ms} 毫秒", f" of {count.persons:,}, {took_ms} ms"), False),
    )
