"""The three panels over the queue: cases by hour, what was promised of the allowance, open cases by step.

Promise: every figure is in full; where the room is short a side note goes, never a digit.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import DayCount, Today
from claims.trusted_time import BEIJING
from views.case_words import STEP_NAMES
from views.clock_words import length
from views.controls.charts import Bar, BarChart, UsedBar
from views.controls.labels import Text, money_text
from views.controls.panel import Panel
from views.presentation import Presentation

_HEIGHT = 120
_HOURS = 8
_NONE = Bilingual("", "")


class ChartPanel(Panel):
    """A panel with a title, a note at the right, and something below."""

    def __init__(self, ui: Presentation, title: Bilingual, parent: QWidget | None = None) -> None:
        # The base class tells itself while it is made.
        self._built = False
        super().__init__(ui, parent=parent)
        self._name = title
        self.heading = Text(ui, title, colour="text2")
        self.side_note = Text(ui, "", size="caption", colour="text2")
        self._head_line = QHBoxLayout()
        self._head_line.addWidget(self.heading)
        self._head_line.addStretch(1)
        self._head_line.addWidget(self.side_note)
        self.body.addLayout(self._head_line)
        self._built = True
        self.tell()

    def tell(self) -> None:
        """Take the measures again."""
        super().tell()
        look = self._ui.look
        pad = look.space("panel")
        self.body.setContentsMargins(pad, look.px(10), pad, look.px(8))
        self.setFixedHeight(look.px(_HEIGHT))
        if self._built:
            self.setAccessibleName(self._ui.say(self._name))
            # Widgets are told in no certain order, and the room depends on the labels' words.
            self.heading.tell()
            self.side_note.tell()
            self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show the notes that fit."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        look = self._ui.look
        room = self.width() - 2 * look.space("panel") - look.space("m")
        self.side_note.setVisible(self.heading.sizeHint().width() + self.side_note.sizeHint().width() <= room)


class CasesTodayPanel(ChartPanel):
    """How many cases today, by hour, and how many yesterday."""

    def __init__(self, ui: Presentation) -> None:
        super().__init__(ui, Bilingual("今日案件", "Cases today"))
        self._figure, self._chart = _figure_and_chart(self, ui)

    def show_today(self, today: Today) -> None:
        """Show a day."""
        self._figure.say(str(today.cases_today))
        self.side_note.say(Bilingual(f"昨日 {today.cases_yesterday}", f"{today.cases_yesterday} yesterday"))
        hour = today.at.at.astimezone(BEIJING).hour
        bars = [Bar(str(each.hour), each.count, strong=each.hour == hour) for each in hours_shown(today.by_hour, hour)]
        counted = [each for each in today.by_hour if each.count]
        self._chart.show_bars(
            bars,
            Bilingual(
                "按小时：" + ("，".join(f"{each.hour} 时 {each.count} 件" for each in counted) or "今天还没有案件"),
                "By hour: " + (", ".join(f"{each.hour}:00 {each.count}" for each in counted) or "no cases yet today"),
            ),
        )
        self._make_room()


class PromisedPanel(ChartPanel):
    """What was promised today, and how much of this laptop's allowance is used."""

    def __init__(self, ui: Presentation) -> None:
        super().__init__(ui, Bilingual("今日承诺", "Promised today"))
        self._figure = Text(ui, "", size="figure")
        self._bar = UsedBar(ui)
        self._used = Text(ui, "", size="caption", colour="text2")
        self._left = Text(ui, "", size="caption", colour="text2")
        below = QHBoxLayout()
        below.addWidget(self._used)
        below.addStretch(1)
        below.addWidget(self._left)
        self.body.addWidget(self._figure)
        self.body.addSpacing(ui.look.space("xs"))
        self.body.addWidget(self._bar)
        self.body.addStretch(1)
        self.body.addLayout(below)

    def show_today(self, today: Today) -> None:
        """Show a day."""
        limit, left = today.allowance_limit_fen, today.allowance_left_fen
        self._figure.say(money_text(today.promised_today_fen))
        if limit == 0:
            self.side_note.say(Bilingual("本机没有额度", "no allowance here"))
            words = Bilingual("同步后由总部发放额度", "Headquarters grants one at a sync")
            self._bar.show_fraction(0, words)
            self._used.say(words)
            self._left.say(_NONE)
        else:
            per_mille = (limit - left) * 1000 // limit
            used = Bilingual(f"已用 {per_mille // 10}.{per_mille % 10}%", f"{per_mille // 10}.{per_mille % 10} % used")
            rest = Bilingual(f"剩 {money_text(left)}", f"{money_text(left)} left")
            self.side_note.say(Bilingual(f"本机额度 {money_text(limit)}", f"allowance {money_text(limit)}"))
            self._bar.show_fraction((limit - left) / limit, Bilingual(f"{used.zh}，{rest.zh}", f"{used.en}, {rest.en}"))
            self._used.say(used)
            self._left.say(rest)
        self._make_room()


class OpenCasesPanel(ChartPanel):
    """How many cases are open, by the step they stand at, and how long the longest."""

    def __init__(self, ui: Presentation) -> None:
        super().__init__(ui, Bilingual("在办案件", "Open cases"))
        self._figure, self._chart = _figure_and_chart(self, ui)

    def show_today(self, today: Today) -> None:
        """Show a day."""
        self._figure.say(str(today.open_count))
        longest = today.longest_open
        if longest is None:
            self.side_note.say(_NONE)
        else:
            long = length((today.at.at - longest.opened_at).total_seconds())
            self.side_note.say(Bilingual(f"最久 {long.zh}", f"longest {long.en}"))
        self._chart.show_bars(
            [Bar(STEP_NAMES[step], count, figure=True) for step, count in today.by_step],
            Bilingual(
                "按步骤：" + "，".join(f"{STEP_NAMES[step].zh} {count} 件" for step, count in today.by_step),
                "By step: " + ", ".join(f"{STEP_NAMES[step].en} {count}" for step, count in today.by_step),
            ),
        )
        self._make_room()


def hours_shown(by_hour: tuple[DayCount, ...], now: int) -> tuple[DayCount, ...]:
    """Return the hours from the first case (or three hours ago) to now, at least eight, within the day."""
    counts = {each.hour: each.count for each in by_hour if each.count}
    first = min([*counts, max(0, now - 3)])
    last = min(23, max([*counts, now, first + _HOURS - 1]))
    first = max(0, min(first, last - _HOURS + 1))
    return tuple(DayCount(hour, counts.get(hour, 0)) for hour in range(first, last + 1))


def day_words(at: datetime) -> Bilingual:
    """Return Beijing day and time for the desk's title: ``11 月 22 日 星期日·09:14``."""
    local = at.astimezone(BEIJING)
    weekday = local.weekday()
    return Bilingual(
        f"{local.month} 月 {local.day} 日 星期{'一二三四五六日'[weekday]}·{local:%H:%M}",
        f"{_WEEKDAYS[weekday]} {local.day} {_MONTHS[local.month - 1]}, {local:%H:%M}",
    )


def _figure_and_chart(panel: ChartPanel, ui: Presentation) -> tuple[Text, BarChart]:
    figure, chart = Text(ui, "", size="figure"), BarChart(ui)
    row = QHBoxLayout()
    row.setSpacing(ui.look.space("l"))
    column = QVBoxLayout()
    column.addStretch(1)
    column.addWidget(figure)
    column.addStretch(1)
    row.addLayout(column)
    row.addWidget(chart, 1)
    # The highest bar stays clear of the title.
    panel.body.addSpacing(ui.look.space("xs"))
    panel.body.addLayout(row, 1)
    return figure, chart


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
