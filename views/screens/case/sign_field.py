"""One person's place to sign: the name, a pad, and, for who can't or need not write, another way.

Promise: a signature counts only with a name; without ink it counts only on the way that was ticked for it, and the screen says which.

Source: docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from claims.signing import Ink
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text
from views.controls.tick import Tick
from views.presentation import Presentation, Told
from views.screens.case.ink_pad import InkPad

_UNDO = Bilingual("撤销一笔", "Undo")
_WIPE = Bilingual("重写", "Clear")
_NAME = Bilingual("{who}姓名", "{who}: name")

_LONG = 12
"""Characters after which the words take more than one line beside the name."""


class SignField(QWidget, Told):
    """``edited`` is emitted after every change of name, ink or way.

    Args:
        who: in which capacity ("申请人").
        without_ink: the words of the tick that makes ink unnecessary; None: ink is optional.
        instead: what an empty pad says once that is ticked.
        fixed_name: the name can't be edited (the adjuster is who unlocked).
    """

    edited = Signal()

    def __init__(
        self,
        ui: Presentation,
        who: Bilingual,
        *,
        without_ink: Bilingual | None = None,
        instead: Bilingual | None = None,
        fixed_name: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._who, self._instead, self._fixed = ui, who, instead, fixed_name
        self._shown_only = False
        self.name = QLineEdit(self)
        long = len(who.zh) > _LONG
        self._label = Text(ui, self._label_words, bold=True, wrap=long)
        self.name.setReadOnly(fixed_name)
        # Who unlocked signs under their own name: it is said, not asked.
        self.name.setVisible(not fixed_name)
        self._undo = ActionButton(ui, _UNDO, role=ButtonRole.QUIET)
        self._wipe = ActionButton(ui, _WIPE, role=ButtonRole.QUIET, icon="erase")
        for button in (self._undo, self._wipe):
            # They come with the first stroke: nothing below the pad may move then.
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        self.pad = InkPad(ui, who)
        self.way: Tick | None = None if without_ink is None else Tick(ui, without_ink)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._head = QHBoxLayout()
        # What somebody signs under is read in full before it is signed.
        self._head.addWidget(self._label, 2 if long else 0)
        self._head.addWidget(self.name, 1)
        self._column.addLayout(self._head)
        self._column.addWidget(self.pad)
        self._foot_row = QWidget(self)
        self._foot = QHBoxLayout(self._foot_row)
        self._foot.setContentsMargins(0, 0, 0, 0)
        if self.way is not None:
            self._foot.addWidget(self.way)
            self.way.toggled.connect(lambda _on: self._on_way())
        self._foot.addStretch(1)
        self._foot.addWidget(self._undo)
        self._foot.addWidget(self._wipe)
        self._column.addWidget(self._foot_row)
        self._column.addStretch(1)
        self.name.textEdited.connect(lambda _text: self.edited.emit())
        self.name.returnPressed.connect(self.focusNextChild)
        self._undo.clicked.connect(lambda _checked: self.pad.undo())
        self._wipe.clicked.connect(lambda _checked: self.pad.wipe())
        self.pad.changed.connect(self._on_ink)
        self.tell()
        self._on_ink()

    @property
    def signer(self) -> str:
        """The name as typed, without spaces around it."""
        return self.name.text().strip()

    @property
    def ink(self) -> Ink:
        """The strokes; none on the way without ink."""
        return () if self.without_ink else self.pad.ink

    @property
    def without_ink(self) -> bool:
        """Whether the way without ink was ticked."""
        return self.way is not None and self.way.isChecked()

    @property
    def signed(self) -> bool:
        """Whether name and ink (or the way without it) are there."""
        return bool(self.signer) and (self.without_ink or not self.pad.is_empty)

    def begin(self, name: str) -> None:
        """An empty pad for this name."""
        self._shown_only = False
        self.name.setText(name)
        self.name.setReadOnly(self._fixed)
        if self.way is not None:
            self.way.setChecked(False)
        self.pad.show_ink(())
        self.pad.setEnabled(True)
        self._on_way()

    def show_signed(self, name: str, ink: Sequence[Sequence[tuple[int, int]]], note: Bilingual) -> None:
        """Show what was signed; ``note`` stands where there is no ink."""
        self._shown_only = True
        self.name.setText(name)
        self.name.setReadOnly(True)
        self.pad.setEnabled(True)
        self.pad.hint(note)
        self.pad.show_ink(ink, fixed=True)
        self._on_ink()

    def allow(self, allowed: bool, why_not: Bilingual | None = None) -> None:
        """Let this person sign or not."""
        self.pad.setEnabled(allowed and not self.without_ink)
        self.pad.hint(why_not if not allowed else self._instead if self.without_ink else None)
        if self.way is not None:
            self.way.setEnabled(allowed)
        self._on_ink()

    def call(self, who: Bilingual) -> None:
        """Say in which capacity somebody signs here."""
        self._who = who
        self._label.tell()
        self.pad.call(who)
        self.tell()

    def tell(self) -> None:
        """Say names and measure again."""
        look = self._ui.look
        self._column.setSpacing(look.space("xs"))
        self._head.setSpacing(look.space("m"))
        self._foot.setSpacing(0)
        self._head.setContentsMargins(0, 0, 0, 0)
        self.name.setAccessibleName(self._ui.say(_NAME).format(who=self._ui.say(self._who)))

    def _label_words(self) -> str:
        who = self._ui.say(self._who)
        said = self._fixed or self._shown_only
        return (
            f"{who}：{self.name.text()}"
            if said and self._ui.words.code == "zh"
            else (f"{who}: {self.name.text()}" if said else who)
        )

    def _on_way(self) -> None:
        self.pad.setEnabled(not self.without_ink)
        self.pad.hint(self._instead if self.without_ink else None)
        if self.without_ink:
            self.pad.wipe()
        self._on_ink()

    def _on_ink(self) -> None:
        shown = not self._shown_only
        drawn = shown and not self.pad.is_empty
        for button in (self._undo, self._wipe):
            button.setVisible(drawn and self.pad.isEnabled())
        self._foot_row.setVisible(shown)
        self.name.setVisible(shown and not self._fixed)
        self._label.tell()
        self.edited.emit()
