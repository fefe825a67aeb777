"""The door: what stands before the desk. Unlock where this laptop is enrolled, enrol where it is not, or say what is damaged.

Promise: it is painted from small files only and accepts typing before anything heavy is loaded; everything slow is a job.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from views.choices import Choices
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.message import Message
from views.door.aside import Aside
from views.door.unlock_panel import UnlockPanel
from views.entrance import Enrolled, Entrance, EntranceFacts, LockKind
from views.lanes import Lane
from views.look.tokens import Theme
from views.preferences import Preferences
from views.presentation import Presentation, Told
from views.tasks import Tasks

if TYPE_CHECKING:
    from claims.desk import Desk
    from views.door.enrol_panel import EnrolPanel
    from views.practice import Practice, PracticeState

AFTER_UNLOCKING = ("views.frame.window", "views.screens.desk")
"""Loaded by the unlocking job."""
_SUNLIGHT = Bilingual("强光", "Sunlight")
_NIGHT = Bilingual("夜间", "Night")
_DAY = Bilingual("日间", "Day")
_LANGUAGE = Bilingual("EN", "中文")


class Door(QWidget, Told):
    """``opened`` carries the desk."""

    opened = Signal(object)

    def __init__(
        self,
        ui: Presentation,
        tasks: Tasks,
        entrance: Entrance,
        preferences: Preferences,
        practice: Practice | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._tasks, self._entrance = ui, tasks, entrance
        self._choices = Choices(ui, tasks, preferences)
        self._practice = practice
        self._facts = entrance.facts()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.aside = Aside(ui, self._facts)
        row.addWidget(self.aside)
        right = QVBoxLayout()
        right.setContentsMargins(ui.look.space("xl"), ui.look.space("l"), ui.look.space("xl"), ui.look.space("l"))
        right.addLayout(self._switches())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right.addWidget(self._area, 1)
        row.addLayout(right, 1)
        self.panel: QWidget = self
        self.show_facts(self._facts)

    def start(self) -> None:
        """Begin what needs the background: which secret this machine wants, and the practice headquarters."""
        self._tasks.run(self._entrance.lock_kind, self._use_kind, owner=self, failed=self._ignore, lane=Lane.DOOR)
        if self._practice is not None and self._facts.enrolled:
            # What goes wrong with it is told on the sync screen, where it can be mended.
            self._tasks.run(self._practice.start, owner=self, failed=lambda _error: None, lane=Lane.SYNC)
        elif self._practice is not None:
            self._prepare_practice(self._practice)

    def take_focus(self) -> None:
        """Give the keyboard to what is typed first."""
        (self.panel.entry if isinstance(self.panel, UnlockPanel) else self.panel).setFocus()

    def show_facts(self, facts: EntranceFacts) -> None:
        """Show the panel that fits."""
        self._facts = facts
        self.aside.show_facts(facts)
        if facts.damaged is not None:
            self._put(self._damaged(facts.damaged))
        elif facts.enrolled:
            panel = UnlockPanel(self._ui, facts, LockKind.PIN)
            panel.asked.connect(self._unlock)
            self._put(panel)
        else:
            from views.door.enrol_panel import EnrolPanel  # noqa: PLC0415 - needed once in a laptop's life

            enrol = EnrolPanel(self._ui, facts.hq_url)
            enrol.asked.connect(self._enrol)
            self._put(enrol)

    def tell(self) -> None:
        """Say the switches again."""
        theme = self._ui.look.theme
        self._sunlight.say(_DAY if theme is Theme.SUNLIGHT else _SUNLIGHT)
        self._night.say(_DAY if theme is Theme.NIGHT else _NIGHT)
        self._language.say(_LANGUAGE)

    def _switches(self) -> QBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        self._sunlight = ActionButton(self._ui, _SUNLIGHT, role=ButtonRole.QUIET, icon="sun")
        self._night = ActionButton(self._ui, _NIGHT, role=ButtonRole.QUIET, icon="moon")
        self._language = ActionButton(self._ui, _LANGUAGE, role=ButtonRole.QUIET, icon="globe")
        self._sunlight.clicked.connect(lambda: self._turn_theme(Theme.SUNLIGHT))
        self._night.clicked.connect(lambda: self._turn_theme(Theme.NIGHT))
        self._language.clicked.connect(self._turn_language)
        for button in (self._sunlight, self._night, self._language):
            row.addWidget(button)
        return row

    def _turn_theme(self, theme: Theme) -> None:
        self._choices.theme(Theme.LIGHT if self._ui.look.theme is theme else theme, self)

    def _turn_language(self) -> None:
        self._choices.language("en" if self._ui.words.code == "zh" else "zh", self)

    def _put(self, panel: QWidget) -> None:
        holder = QWidget()
        holder.setObjectName("scrolled")
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, self._ui.look.space("l"), 0, 0)
        row.addStretch(1)
        panel.setMaximumWidth(self._ui.look.px(440))
        panel.setMinimumWidth(self._ui.look.px(416))
        row.addWidget(panel)
        row.addStretch(1)
        self.panel = panel
        self._area.setWidget(holder)
        self.take_focus()

    def _damaged(self, error: OutpostError) -> QWidget:
        message = Message(self._ui, error.cause, error.next_step, tone=Tone.RED, closable=False)
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.addStretch(1)
        column.addWidget(message)
        column.addStretch(2)
        return panel

    def _use_kind(self, kind: LockKind) -> None:
        if isinstance(self.panel, UnlockPanel):
            self.panel.entry.ask_for(kind)
        elif not self._facts.enrolled and self._facts.damaged is None:
            self._enrolling().use(kind)

    def _ignore(self, _error: OutpostError) -> None:
        # A keyring that does not answer is told when it is really needed: at unlocking.
        self._use_kind(LockKind.PASSPHRASE if not self._facts.enrolled else LockKind.PIN)

    def _enrolling(self) -> EnrolPanel:
        from views.door.enrol_panel import EnrolPanel  # noqa: PLC0415 - as above

        if not isinstance(self.panel, EnrolPanel):
            raise TypeError("the enrolment panel is not shown")
        return self.panel

    def _unlock(self, adjuster: str, secret: str) -> None:
        if isinstance(self.panel, UnlockPanel):
            self.panel.busy(True)

        def job() -> Desk:
            # The frame is loaded here, behind the unlock screen, so that the first picture of the desk is quick.
            for name in AFTER_UNLOCKING:
                importlib.import_module(name)
            return self._entrance.unlock(adjuster, secret)

        self._tasks.run(job, self.opened.emit, owner=self, failed=self._refused, lane=Lane.DOOR)

    def _refused(self, error: OutpostError) -> None:
        if isinstance(self.panel, UnlockPanel):
            self.panel.refuse(error)
        else:
            self.show_facts(self._entrance.facts())

    def _enrol(self, hq_url: str, code: str, pin: str) -> None:
        panel = self._enrolling()
        panel.busy(True)
        self._tasks.run(
            lambda: self._entrance.enrol(hq_url, code, pin or None),
            lambda enrolled: self._enrolled(enrolled, pin),
            owner=self,
            failed=panel.refuse,
            lane=Lane.DOOR,
        )

    def _enrolled(self, enrolled: Enrolled, pin: str) -> None:
        facts = self._entrance.facts()
        adjuster = facts.holders[0].adjuster
        if enrolled.passphrase is None:
            self._open_after_enrolling(facts, adjuster, pin)
            return
        from views.door.enrol_panel import PassphraseOnce  # noqa: PLC0415 - as above

        passphrase = enrolled.passphrase
        page = PassphraseOnce(self._ui, passphrase)
        page.noted.connect(lambda: self._open_after_enrolling(facts, adjuster, passphrase))
        self.aside.show_facts(facts)
        self._put(page)

    def _open_after_enrolling(self, facts: EntranceFacts, adjuster: str, secret: str) -> None:
        self.show_facts(facts)
        self._unlock(adjuster, secret)

    def _prepare_practice(self, practice: Practice) -> None:
        self._enrolling().tell_practice(
            Bilingual("正在准备练习总部…", "Preparing the practice headquarters…"),
            Bilingual(
                "就在这台电脑上，人和保单都是虚构的，大约需要半分钟。",
                "It runs on this computer with invented people and policies; this takes about half a minute.",
            ),
        )

        def prepare() -> PracticeState:
            practice.prepare()
            practice.start()
            return practice.state()

        self._tasks.run(prepare, self._practice_ready, owner=self, failed=self._no_practice, lane=Lane.SYNC)

    def _practice_ready(self, state: PracticeState) -> None:
        if self._facts.enrolled or state.code is None:
            return
        panel = self._enrolling()
        panel.fill(state.hq_url, state.code)
        panel.tell_practice(
            Bilingual("练习总部已就绪", "The practice headquarters is ready"),
            Bilingual("地址和登记码已替您填好。", "Address and code are filled in for you."),
        )

    def _no_practice(self, error: OutpostError) -> None:
        if not self._facts.enrolled:
            self._enrolling().tell_practice(error.cause, error.next_step)
