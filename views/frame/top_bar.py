"""The top bar: who and where, the line to headquarters, where the records are safe, how old rules and policies are; theme and language.

Promise: it tells the truth about safety at a glance and at every type size; what does not fit folds in a fixed order, and no number
and no warning is ever folded away.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.overviews import ReleaseAge, Standing
from claims.station import StationIdentity
from claims.trusted_time import BEIJING
from views.frame.top_cells import MOST_FOLDED, Cell, Count, FlatButton, Fold, Run, SafetyCell, TwoLineCell
from views.link import Link, LinkState
from views.look.tokens import Theme
from views.presentation import Presentation, Told
from views.time_words import clock_text, span, when

DISK = Bilingual("仅本机", "Disk only")
CUSTODY = Bilingual("已托管", "Custody")
HQ = Bilingual("总部回执", "HQ")
DIED = Bilingual("若此刻电脑损坏…", "If this laptop died…")
_DIED_SHORT = Bilingual("若损坏…", "If it died…")
_NAMES = {
    Theme.LIGHT: ("sun", Bilingual("日间", "Day")),
    Theme.SUNLIGHT: ("sun", Bilingual("强光", "Sun")),
    Theme.NIGHT: ("moon", Bilingual("夜间", "Night")),
}
_AFTER = {Theme.LIGHT: Theme.SUNLIGHT, Theme.SUNLIGHT: Theme.NIGHT, Theme.NIGHT: Theme.LIGHT}
_PRACTICE = Bilingual("练习", "Practice")
_EXPIRED = Bilingual("已过期", "expired")
_GRADES = ("text", "amber", "red")
_GRADE_ICONS = {"text": "clock", "amber": "warn", "red": "refused"}
_LEAST_STATION = 120


class TopBar(QWidget, Told):
    """The bar.

    Signals: ``died_wanted``, ``sync_wanted`` and ``setup_wanted``: these places were asked for; ``theme_wanted`` (a ``Theme``) and
    ``language_wanted`` (its code).
    """

    died_wanted = Signal()
    sync_wanted = Signal()
    setup_wanted = Signal()
    theme_wanted = Signal(object)
    language_wanted = Signal(str)

    def __init__(
        self,
        ui: Presentation,
        identity: StationIdentity,
        link: Link,
        *,
        practice: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._identity, self._link, self._practice = ui, identity, link, practice
        self._standing: Standing | None = None
        self.station = TwoLineCell(ui, weak_icon=True, parent=self)
        self.link_cell = TwoLineCell(ui, pressable=True, parent=self)
        self.safety = SafetyCell(ui, DIED, _DIED_SHORT, parent=self)
        self.ages = TwoLineCell(ui, pressable=True, weak_icon=True, line="left", parent=self)
        self.theme = FlatButton(ui, line="left", parent=self)
        self.language = FlatButton(ui, parent=self)
        self._left: tuple[Cell, ...] = (self.station, self.link_cell, self.safety)
        self._right: tuple[Cell, ...] = (self.ages, self.theme, self.language)
        self.link_cell.clicked.connect(lambda _checked: self.sync_wanted.emit())
        self.safety.clicked.connect(lambda _checked: self.died_wanted.emit())
        self.ages.clicked.connect(lambda _checked: self.setup_wanted.emit())
        self.theme.clicked.connect(lambda _checked: self.theme_wanted.emit(_AFTER[ui.look.theme]))
        self.language.clicked.connect(
            lambda _checked: self.language_wanted.emit("en" if ui.words.code == "zh" else "zh")
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        link.changed.connect(self.tell)
        self.tell()

    def show_standing(self, standing: Standing) -> None:
        """Show how things stand."""
        self._standing = standing
        self.tell()

    def tell(self) -> None:
        """Say everything again, and fold as far as the type size needs."""
        self.setFixedHeight(self._ui.look.height("top_bar"))
        self._tell_station()
        self._tell_link()
        self._tell_counts()
        self._tell_ages()
        self._tell_switches()
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fold to the width there is."""
        super().resizeEvent(event)
        self._fold()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the ground and the line below."""
        look = self._ui.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.qcolor("surface"))
        painter.fillRect(0, self.height() - look.line(), self.width(), look.line(), look.qcolor("line"))

    def _fold(self) -> None:
        look = self._ui.look
        room = self.width()
        cells = (*self._left, *self._right)
        for level in range(MOST_FOLDED + 1):
            fold = Fold(level)
            # At the very last the name gives way: it is in the tool tip and in Setup, a count is nowhere else.
            least = look.px(_LEAST_STATION) if level < MOST_FOLDED else 0
            widths = {cell: cell.width_for(fold) for cell in cells}
            over = sum(widths.values()) - room
            # A long station name is cut before anything is folded.
            if over <= 0 or widths[self.station] - over >= least:
                break
        widths[self.station] = max(min(least, widths[self.station]), widths[self.station] - max(0, over))
        height = self.height() - look.line()
        x = 0
        for cell in self._left:
            cell.fold = fold
            cell.setGeometry(x, 0, widths[cell], height)
            x += widths[cell]
        start = max(x, room - sum(widths[cell] for cell in self._right))
        # Where the two halves meet one line is enough.
        self.ages.draw_line("left" if start > x else "none")
        x = start
        for cell in self._right:
            cell.fold = fold
            cell.setGeometry(x, 0, widths[cell], height)
            x += widths[cell]

    def _tell_station(self) -> None:
        who = self._identity
        name = who.station_name or who.station
        first = [Run(name, bold=True)]
        if self._practice:
            first.insert(0, Run(f"{self._ui.say(_PRACTICE)} ", bold=False))
        second = Bilingual(
            f"{who.adjuster_name}・理赔员 {who.adjuster}", f"{who.adjuster_name}, adjuster {who.adjuster}"
        )
        self.station.show_lines("pin", first, self._ui.say(second))

    def _tell_link(self) -> None:
        icon, first, second, why = self._link_words()
        said = tuple(Run(piece, bold=place == 1) for place, piece in enumerate(first) if piece)
        self.link_cell.show_lines(icon, said, second, description=self._ui.say(why))

    def _link_words(self) -> tuple[str, tuple[str, ...], str, Bilingual]:
        """Return icon, first line in pieces (the second one bold), second line, and what a press does."""
        ui, link, standing = self._ui, self._link, self._standing
        now = standing.at.at if standing is not None else None
        last = _latest(link.last_contact_at, standing.last_contact_at if standing is not None else None)
        second = Bilingual("从未联系过总部", "never reached HQ")
        if last is not None:
            second = _last_contact(last, now)
        go = Bilingual("到“同步”去", "Go to Sync")
        if link.state is LinkState.ONLINE:
            return "online", (ui.say(Bilingual("已联网", "Online")),), ui.say(second), go
        if link.state is LinkState.UNADDRESSED:
            return "offline", (ui.say(Bilingual("未设总部地址", "No HQ address")),), ui.say(second), go
        if link.state is LinkState.UNKNOWN:
            return "info", (ui.say(Bilingual("尚未连接", "Not tried yet")),), ui.say(second), go
        word = ui.say(Bilingual("断网", "Offline"))
        since = last or link.since
        if since is None or now is None:
            return "offline", (word,), ui.say(second), go
        # "3 小时": the figure is bold, its unit is not.
        figure, _, unit = ui.say(span((now - since).total_seconds() / 60)).partition(" ")
        return "offline", (f"{word} ", figure, f" {unit}"), ui.say(second), go

    def _tell_counts(self) -> None:
        if self._standing is None:
            # Nothing is claimed before the disk has answered.
            self.safety.show_counts(())
            return
        safety = self._standing.safety
        self.safety.show_counts(
            (Count("disk", DISK, safety.disk), Count("custody", CUSTODY, safety.custody), Count("hq", HQ, safety.hq))
        )

    def _tell_ages(self) -> None:
        standing = self._standing
        if standing is None:
            self.ages.show_lines("clock", (), "")
            return
        rules, policies = standing.rules, standing.policies
        first: tuple[Run, ...] = (Run(self._ui.say(Bilingual("没有规则包", "No rule pack"))),)
        if rules is not None:
            figure, _, unit = self._ui.say(_days(rules)).partition(" ")
            word = self._ui.say(Bilingual("规则", "Rules"))
            first = (Run(f"{word} "), Run(figure, bold=True), *((Run(f" {unit}"),) if unit else ()))
            if rules.expired:
                first = (*first, Run(f" {self._ui.say(_EXPIRED)}", bold=True))
        second = Bilingual("没有保单数据", "No policies")
        if policies is not None:
            tail_zh, tail_en = (f" {_EXPIRED.zh}", f" {_EXPIRED.en}") if policies.expired else ("", "")
            days = _days(policies)
            second = Bilingual(f"保单 {days.zh}{tail_zh}", f"Policies {days.en}{tail_en}")
        grades = (_grade(rules), _grade(policies))
        worst = max(grades, key=_GRADES.index)
        self.ages.show_lines(
            _GRADE_ICONS[worst],
            first,
            self._ui.say(second),
            colour=worst,
            first_colour=grades[0],
            second_colour="text2" if grades[1] == "text" else grades[1],
            description=self._age_words(rules, policies),
        )

    def _age_words(self, rules: ReleaseAge | None, policies: ReleaseAge | None) -> str:
        said = []
        for each, name in ((rules, Bilingual("规则包", "Rule pack")), (policies, Bilingual("保单数据", "Policies"))):
            if each is not None:
                made = each.made_at.astimezone(BEIJING).strftime("%Y-%m-%d")
                words = Bilingual(f"{name.zh} {each.label}，{made} 制作", f"{name.en} {each.label}, made {made}")
                tail = (
                    Bilingual("，已过期", ", expired")
                    if each.expired
                    else Bilingual("，该更新了", ", due for an update")
                )
                if each.expired or each.warning:
                    words = Bilingual(words.zh + tail.zh, words.en + tail.en)
                said.append(self._ui.say(words))
        return self._ui.say(Bilingual("；", "; ")).join(said)

    def _tell_switches(self) -> None:
        icon, word = _NAMES[_AFTER[self._ui.look.theme]]
        name = Bilingual(f"换成{word.zh}配色", f"Switch to {word.en.lower()} colours")
        self.theme.show_word(icon, self._ui.say(word), self._ui.say(name))
        # In the language it leads to, for somebody who can't read the present one.
        other, name_it = ("EN", "Switch to English") if self._ui.words.code == "zh" else ("中", "切换到中文")
        self.language.show_word("globe", other, name_it)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _last_contact(last: datetime, now: datetime | None) -> Bilingual:
    if now is None or last.astimezone(BEIJING).date() == now.astimezone(BEIJING).date():
        return Bilingual(f"上次总部 {clock_text(last)}", f"HQ last {clock_text(last)}")
    said = when(last, now)
    return Bilingual(f"上次总部 {said.zh}", f"HQ last {said.en}")


def _days(age: ReleaseAge) -> Bilingual:
    return Bilingual("今天", "today") if age.days <= 0 else Bilingual(f"{age.days} 天", f"{age.days} d")


def _grade(age: ReleaseAge | None) -> str:
    """Return the colour that an age stands in: missing and due for an update are amber, expired is red."""
    if age is None or (age.warning and not age.expired):
        return "amber"
    return "red" if age.expired else "text"
