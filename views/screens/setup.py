"""Setup: language, type size, colours and printer; whose laptop this is; what it holds; what the program is made of.

Promise: a choice is seen at once (the window itself is the preview) and kept; nothing here can stop a claim.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import get_args

import PySide6
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

import resources
from claims.device_certificate import certificate_until
from claims.errors import Bilingual, OutpostError
from claims.overviews import ReleaseAge, Standing
from views.choices import Choices
from views.controls.buttons import ActionButton
from views.controls.fact_list import FactList
from views.controls.filter_chips import FilterChips
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.segments import Segment, Segments
from views.lanes import Lane
from views.look.tokens import SCALES, Theme
from views.preferences import Language, ScalePercent
from views.presentation import Presentation
from views.screens.folding_page import Fold, FoldingPage
from views.screens.licences import PARTS
from views.time_words import day_text
from views.workplace import Workplace

_TITLE = Bilingual("设置", "Setup")
_AT_ONCE = Bilingual("选了就生效，自动记住", "every choice holds at once and is kept")
_LANGUAGE = Bilingual("语言", "Language")
_SIZE = Bilingual("字号", "Type size")
_COLOURS = Bilingual("配色", "Colours")
_SIZES = {100: Bilingual("标准", "Normal"), 125: Bilingual("大", "Large"), 150: Bilingual("特大", "Largest")}
_THEMES = {
    Theme.LIGHT: Bilingual("日间", "Day"),
    Theme.SUNLIGHT: Bilingual("强光", "Sunlight"),
    Theme.NIGHT: Bilingual("夜间", "Night"),
}
_PRINTER = Bilingual("打印机", "Printer")
_ASK = Bilingual("打印时再选", "Choose when printing")
_LOOKING = Bilingual("正在查找打印机…", "Looking for printers…")
_NO_PRINTER = Bilingual(
    "没有找到打印机。接上后再查一次；凭证总可以存成 PDF。",
    "No printer was found. Connect one and look again; a voucher can always be saved as PDF.",
)
_FIRST_OFFERED = Bilingual(
    "打印时先给出这一台；也总可以存成 PDF。", "Offered first when printing; saving as PDF always works."
)
_LOOK_AGAIN = Bilingual("再查一次", "Look again")
_GONE = Bilingual("（未连接）", " (not connected)")
_LICENCES = Bilingual("许可证", "Licences")
_HIDE = Bilingual("收起许可证", "Hide the licences")
_UNKNOWN = Bilingual("未知", "not known")


@dataclass(frozen=True)
class _Facts:
    standing: Standing
    certificate_until: datetime


Printers = Callable[[], tuple[str, ...]]


def system_printers() -> tuple[str, ...]:
    """Return the printers the system knows. May ask the network: a background job."""
    from PySide6.QtPrintSupport import QPrinterInfo  # noqa: PLC0415 - loads the printing system, for this only

    return tuple(QPrinterInfo.availablePrinterNames())


class SetupScreen(FoldingPage):
    """The screen. ``printers`` asks the system for its printers."""

    fold = Fold(beside=(1, 1), below=(1, 1), narrow=1130, tall=False)

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printers: Printers = system_printers) -> None:
        super().__init__(work, parent)
        self._choices = Choices(work.ui, work.tasks, work.preferences)
        self._printers = printers
        self._chosen_printer = ""
        self.printers: FilterChips[str] | None = None
        self._build()
        self.tell()

    def opened(self) -> None:
        """Load what this laptop holds, and look for printers."""
        desk = self.work.desk
        self.work.tasks.run(lambda: _Facts(desk.standing(), certificate_until(desk.identity)), self._show, owner=self)
        self.look_for_printers()

    def first_focus(self) -> QWidget:
        """The first choice has the keyboard."""
        return self.language

    def look_for_printers(self) -> None:
        """Ask the system again."""
        self.printer_note.say(_LOOKING)
        self.look_again.setEnabled(False)
        self.work.tasks.run(
            lambda: (self._printers(), self.work.preferences.load().printer),
            self._show_printers,
            owner=self,
            failed=self._no_printers,
            lane=Lane.DOOR,
        )

    def tell(self) -> None:
        """Take measures and present choices again."""
        look = self.work.ui.look
        for panel in self._panels:
            panel.body.setSpacing(look.space("m"))
        self.language.fill(self.work.ui.words.code)
        self.size_choice.fill(str(look.scale_percent))
        self.theme.fill(look.theme.value)
        self._labels_wide()
        self.licence_text.setFixedHeight(look.px(260))
        self.measure_page(head="l")

    # Building

    def _build(self) -> None:
        ui = self.work.ui
        self.lay_page()
        self.head.addWidget(Text(ui, _TITLE, size="title"))
        self.head.addWidget(Text(ui, _AT_ONCE, colour="text2"), 1)
        self.lay_columns()
        left = (self._build_window(ui), self._build_printer(ui), self._build_about(ui))
        right = (self._build_station(ui), self._build_holdings(ui))
        self._panels = (*left, *right)
        for panel in left:
            self.left.addWidget(panel)
        self.left.addStretch(1)
        for panel in right:
            self.right.addWidget(panel)
        self.right.addStretch(1)

    def _build_window(self, ui: Presentation) -> Panel:
        panel = Panel(ui, Bilingual("窗口", "Window"))
        self._rows: list[tuple[Text, Segments]] = []
        # Each language in its own words: whoever needs it can read it.
        self.language = self._choice(
            panel, _LANGUAGE, [Segment("zh", Bilingual("中文", "中文")), Segment("en", Bilingual("English", "English"))]
        )
        self.size_choice = self._choice(
            panel,
            _SIZE,
            [
                Segment(str(each), Bilingual(f"{_SIZES[each].zh} {each}%", f"{_SIZES[each].en} {each}%"))
                for each in SCALES
            ],
        )
        self.theme = self._choice(panel, _COLOURS, [Segment(each.value, name) for each, name in _THEMES.items()])
        self.language.typed.connect(self._use_language)
        self.size_choice.typed.connect(self._use_size)
        self.theme.typed.connect(lambda: self._choices.theme(Theme(self.theme.raw()), self))
        return panel

    def _choice(self, panel: Panel, name: Bilingual, segments: list[Segment]) -> Segments:
        ui = self.work.ui
        row = QHBoxLayout()
        label = Text(ui, name)
        choice = Segments(ui, segments)
        choice.call(name)
        row.addWidget(label)
        row.addWidget(choice, 1)
        panel.body.addLayout(row)
        self._rows.append((label, choice))
        return choice

    def _build_printer(self, ui: Presentation) -> Panel:
        self.printer_panel = Panel(ui, _PRINTER)
        self.look_again = ActionButton(ui, _LOOK_AGAIN, icon="sync")
        self.look_again.clicked.connect(lambda _checked: self.look_for_printers())
        self.printer_note = Text(ui, _LOOKING, colour="text2", wrap=True)
        self.printer_panel.body.addWidget(self.printer_note)
        foot = QHBoxLayout()
        foot.addWidget(self.look_again)
        foot.addStretch(1)
        self.printer_panel.body.addLayout(foot)
        return self.printer_panel

    def _build_station(self, ui: Presentation) -> Panel:
        who = self.work.desk.identity
        panel = Panel(ui, Bilingual("站点与本机", "Station and laptop"))
        self.station = FactList(ui)
        self.station.add(
            "station",
            Bilingual("站点", "Station"),
            f"{who.station_name}（{who.station}）" if who.station_name else who.station,
        )
        self.station.add("adjuster", Bilingual("理赔员", "Adjuster"), f"{who.adjuster_name} {who.adjuster}")
        self.station.add("company", Bilingual("公司", "Company"), who.company)
        self.station.add("hotline", Bilingual("客服电话", "Hotline"), who.hotline)
        epoch = Bilingual(f"{who.device}，第 {who.epoch} 次登记", f"{who.device}, enrolment {who.epoch}")
        self.station.add("device", Bilingual("设备", "Device"), epoch)
        self.station.add("certificate", Bilingual("证书", "Certificate"), _LOOKING_UP)
        folder = self.work.about.data_folder
        self.station.add("folder", Bilingual("资料位置", "Data folder"), _UNKNOWN if folder is None else str(folder))
        panel.body.addWidget(self.station)
        return panel

    def _build_holdings(self, ui: Presentation) -> Panel:
        panel = Panel(ui, Bilingual("规则与数据", "Rules and data"))
        self.holdings = FactList(ui)
        for key, name in (
            ("rules", Bilingual("规则包", "Rule pack")),
            ("policies", Bilingual("保单数据", "Policies")),
            ("numbers", Bilingual("余号", "Numbers left")),
        ):
            self.holdings.add(key, name, _LOOKING_UP)
        panel.body.addWidget(self.holdings)
        return panel

    def _build_about(self, ui: Presentation) -> Panel:
        panel = Panel(ui, Bilingual("关于", "About"))
        self.about = FactList(ui)
        self.about.add("version", Bilingual("版本", "Version"), self.work.about.version or _UNKNOWN)
        parts = (
            f"Python {platform.python_version()}, Qt {PySide6.__version__}, {platform.system()} {platform.release()}"
        )
        self.about.add("made_of", Bilingual("运行环境", "Runs on"), parts)
        panel.body.addWidget(self.about)
        foot = QHBoxLayout()
        self.licences = ActionButton(ui, _LICENCES, icon="info")
        self.licences.clicked.connect(lambda _checked: self._turn_licences())
        foot.addWidget(self.licences)
        foot.addStretch(1)
        panel.body.addLayout(foot)
        self.licence_text = QPlainTextEdit()
        self.licence_text.setReadOnly(True)
        self.licence_text.setTabChangesFocus(True)
        self.licence_text.hide()
        panel.body.addWidget(self.licence_text)
        return panel

    def _labels_wide(self) -> None:
        look = self.work.ui.look
        for label, _choice in self._rows:
            label.setFixedWidth(look.px(88))

    # Choosing

    def _use_language(self) -> None:
        code = self.language.raw()
        for each in get_args(Language):
            if each == code:
                self._choices.language(each, self)

    def _use_size(self) -> None:
        chosen = self.size_choice.raw()
        for each in get_args(ScalePercent):
            if str(each) == chosen:
                self._choices.scale(each, self)

    def _use_printer(self, name: str) -> None:
        self._chosen_printer = name
        self._choices.printer(name, self)

    # Showing

    def _show_printers(self, found: tuple[tuple[str, ...], str]) -> None:
        names, self._chosen_printer = found
        self.look_again.setEnabled(True)
        if self.printers is not None:
            self.printer_panel.body.removeWidget(self.printers)
            self.printers.hide()
            self.printers.deleteLater()
            self.printers = None
        chosen = self._chosen_printer
        self.printer_note.say(_FIRST_OFFERED if names or chosen else _NO_PRINTER)
        if not names and not chosen:
            return
        choices = [("", _ASK), *((name, Bilingual(name, name)) for name in names)]
        if chosen and chosen not in names:
            choices.append((chosen, Bilingual(chosen + _GONE.zh, chosen + _GONE.en)))
        self.printers = FilterChips(self.work.ui, choices, _PRINTER)
        self.printers.turn_on(chosen)
        self.printers.picked.connect(self._use_printer)
        self.printer_panel.body.insertWidget(0, self.printers)
        QWidget.setTabOrder(self.theme, self.printers.button(""))

    def _no_printers(self, error: OutpostError) -> None:
        self.look_again.setEnabled(True)
        self.printer_note.say(Bilingual(error.cause.zh + _NO_PRINTER.zh, f"{error.cause.en} {_NO_PRINTER.en}"))

    def _show(self, facts: _Facts) -> None:
        standing = facts.standing
        until = day_text(facts.certificate_until)
        over = facts.certificate_until < standing.at.at
        ends = Bilingual(f"有效至 {until}", f"valid until {until}")
        if over:
            ends = Bilingual(
                f"{until} 已到期，请联系总部重新登记", f"ended {until}; ask headquarters to enrol it again"
            )
        self.station.say("certificate", ends, colour="red" if over else "text")
        words, colour = _NO_RULES, "amber"
        if standing.rules is not None:
            label = standing.rules.label
            words, colour = _age_words(standing.rules, Bilingual(label, label))
        self.holdings.say("rules", words, colour=colour)
        words, colour = _NO_POLICIES, "amber"
        if standing.policies is not None:
            label, count = standing.policies.label, f"{standing.persons:,}"
            name = Bilingual(f"第 {label} 版，{count} 人", f"version {label}, {count} persons")
            words, colour = _age_words(standing.policies, name)
        self.holdings.say("policies", words, colour=colour)
        self.holdings.say(
            "numbers",
            Bilingual(
                f"报案 {standing.case_numbers_left:,}，凭证 {standing.numbers_left:,}，签收单 {standing.slip_numbers_left:,}",
                f"cases {standing.case_numbers_left:,}, vouchers {standing.numbers_left:,}, slips {standing.slip_numbers_left:,}",
            ),
        )

    def _turn_licences(self) -> None:
        shown = self.licence_text.isHidden()
        self.licences.say(_HIDE if shown else _LICENCES)
        self.licence_text.setVisible(shown)
        if shown and not self.licence_text.toPlainText():
            self.work.tasks.run(licence_words, self.licence_text.setPlainText, owner=self, lane=Lane.DOOR)


_LOOKING_UP = Bilingual("…", "…")
_NO_RULES = Bilingual("没有：只能收件", "none: take in papers only")
_NO_POLICIES = Bilingual("没有：照常手工登记", "none: take people in by hand")


def _age_words(age: ReleaseAge, name: Bilingual) -> tuple[Bilingual, str]:
    made = day_text(age.made_at)
    words = Bilingual(f"{name.zh}，{made} 制作", f"{name.en}, made {made}")
    if age.expired:
        return Bilingual(f"{words.zh}，已过期", f"{words.en}, expired"), "red"
    if age.warning:
        return Bilingual(f"{words.zh}，该更新了", f"{words.en}, due for an update"), "amber"
    return words, "text"


def licence_words() -> str:
    """Return whose work is inside with versions and terms, and the font's licence in full. Reads files: a background job."""
    lines = [f"{part.name} {_version(part.package)}".strip() + f": {part.terms}" for part in PARTS]
    return "\n".join(lines) + "\n\n" + resources.path("fonts", "OFL.txt").read_text("utf-8")


def _version(package: str) -> str:
    try:
        return version(package) if package else ""
    except PackageNotFoundError:
        return ""  # a frozen program carries no metadata
