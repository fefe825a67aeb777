"""Enrolment: headquarters' address, the one-time code, and a PIN; or, where no keyring guards a PIN, the passphrase shown once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.labels import Text
from views.controls.message import Message
from views.controls.tick import Tick
from views.entrance import LockKind
from views.presentation import Presentation, Told

_TITLE = Bilingual("登记这台电脑", "Enrol this laptop")
_INTRO = Bilingual(
    "向总部或站长要一个一次性登记码。登记只做一次，需要联网。",
    "Ask headquarters or the station lead for a one-time code. Enrolling is done once and needs the link.",
)
_URL = Bilingual("总部地址", "Address of headquarters")
_CODE = Bilingual("一次性登记码", "One-time code")
_PIN = Bilingual("新 PIN（六位以上）", "New PIN (six digits or more)")
_AGAIN = Bilingual("再输一次 PIN", "The PIN again")
_NO_KEYRING = Bilingual(
    "这台电脑没有系统密钥环，只用 PIN 不够安全。登记后会显示一个口令短语，以后用它解锁。",
    "This machine has no system keyring and a PIN alone would not be safe. After enrolling a passphrase is shown: it unlocks the laptop from then on.",
)
_ENROL = Bilingual("登记", "Enrol")
_ENROLLING = Bilingual("正在登记…", "Enrolling…")
_PIN_DIFFERS = Bilingual("两次输入的 PIN 不同，请重新输入。", "The two PINs differ. Type them again.")
_EMPTY = Bilingual("请填写这一项。", "This is needed.")


class Field(QWidget, Told):
    """A label above a line edit, and under it what is wrong."""

    def __init__(self, ui: Presentation, label: Bilingual, *, secret: bool = False) -> None:
        super().__init__()
        self._ui, self._label = ui, label
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("xs"))
        column.addWidget(Text(ui, label, size="caption", colour="text2"))
        self.edit = QLineEdit()
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        column.addWidget(self.edit)
        self._problem = Text(ui, "", size="caption", colour="red", wrap=True)
        self._problem.hide()
        column.addWidget(self._problem)
        self.edit.textEdited.connect(lambda _text: self.wrong(None))
        self.tell()

    @property
    def text(self) -> str:
        """What was typed, without spaces around it."""
        return self.edit.text().strip()

    def wrong(self, why: Bilingual | None) -> None:
        """Say what is wrong, or that nothing is."""
        self._problem.say(why or "")
        self._problem.setVisible(why is not None)
        self.edit.setProperty("wrong", why is not None)
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)

    def tell(self) -> None:
        """Name the field again."""
        self.edit.setAccessibleName(self._ui.say(self._label))


class EnrolPanel(QWidget, Told):
    """The column. ``asked`` carries address, code and PIN (empty where a passphrase is generated)."""

    asked = Signal(str, str, str)

    def __init__(self, ui: Presentation, hq_url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._kind: LockKind | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("m"))
        column.addWidget(Text(ui, _TITLE, size="title"))
        column.addWidget(Text(ui, _INTRO, colour="text2", wrap=True))
        self.message = Message(ui, "", "", tone=Tone.PLAIN, closable=False)
        self.message.hide()
        column.addWidget(self.message)
        self.url, self.code = Field(ui, _URL), Field(ui, _CODE)
        self.pin, self.again = Field(ui, _PIN, secret=True), Field(ui, _AGAIN, secret=True)
        self.url.edit.setText(hq_url)
        self.url.edit.setPlaceholderText("https://")
        for field in (self.url, self.code, self.pin, self.again):
            column.addWidget(field)
            field.edit.returnPressed.connect(self._on_return)
        self.pin.hide()
        self.again.hide()
        self._no_keyring = Text(ui, _NO_KEYRING, size="caption", colour="text2", wrap=True)
        self._no_keyring.hide()
        column.addWidget(self._no_keyring)
        self.problem = Text(ui, "", colour="red", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        self.button = ActionButton(ui, _ENROL, role=ButtonRole.PRIMARY, key="Ctrl+Return", tall=True)
        self.button.clicked.connect(self.ask)
        column.addWidget(self.button)
        column.addStretch(1)
        self.setFocusProxy(self.code.edit if hq_url else self.url.edit)

    def use(self, kind: LockKind) -> None:
        """Ask for a PIN or announce the passphrase."""
        self._kind = kind
        for field in (self.pin, self.again):
            field.setVisible(kind is LockKind.PIN)
        self._no_keyring.setVisible(kind is LockKind.PASSPHRASE)

    def tell_practice(self, title: Bilingual, text: Bilingual) -> None:
        """Say how the practice headquarters stands."""
        self.message.say(title, text)
        self.message.show()

    def fill(self, hq_url: str, code: str) -> None:
        """Fill in what practice already knows; what the person typed stays."""
        if not self.url.text:
            self.url.edit.setText(hq_url)
        if not self.code.text:
            self.code.edit.setText(code)

    def busy(self, busy: bool) -> None:
        """While headquarters is asked nothing can be changed."""
        for field in (self.url, self.code, self.pin, self.again):
            field.setEnabled(not busy)
        self.button.setEnabled(not busy)
        self.button.say(_ENROLLING if busy else _ENROL)
        if busy:
            self.problem.hide()

    def refuse(self, error: OutpostError) -> None:
        """Say why it did not work; everything typed is still there."""
        self.busy(False)
        self.problem.say(
            Bilingual(f"{error.cause.zh}{error.next_step.zh}", f"{error.cause.en} {error.next_step.en}"), colour="red"
        )
        self.problem.show()

    def ask(self) -> None:
        """Ask headquarters, if everything is there."""
        if not self.button.isEnabled() or self._kind is None:
            return
        fields = [self.url, self.code, *([self.pin, self.again] if self._kind is LockKind.PIN else [])]
        empty = [field for field in fields if not field.text]
        for field in fields:
            field.wrong(_EMPTY if field in empty else None)
        if empty:
            empty[0].edit.setFocus()
            return
        if self._kind is LockKind.PIN and self.pin.text != self.again.text:
            self.again.wrong(_PIN_DIFFERS)
            self.again.edit.clear()
            self.again.edit.setFocus()
            return
        self.asked.emit(self.url.text, self.code.text, self.pin.text if self._kind is LockKind.PIN else "")

    def tell(self) -> None:
        """Everything inside tells itself."""

    def _on_return(self) -> None:
        fields = [field for field in (self.url, self.code, self.pin, self.again) if field.isVisible()]
        here = next((place for place, field in enumerate(fields) if field.edit.hasFocus()), None)
        if here is not None and here + 1 < len(fields):
            fields[here + 1].edit.setFocus()
        else:
            self.ask()


class PassphraseOnce(QWidget, Told):
    """The passphrase, shown once. ``noted`` when the person says it is written down."""

    noted = Signal()

    def __init__(self, ui: Presentation, passphrase: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("l"))
        column.addWidget(Text(ui, Bilingual("抄下口令短语", "Write down the passphrase"), size="title"))
        column.addWidget(
            Text(
                ui,
                Bilingual(
                    "以后每次解锁都要输入它，只显示这一次。请抄在纸上，和电脑分开保管。忘记时只有总部能帮您恢复。",
                    "It unlocks this laptop from now on and is shown only this once. Write it on paper and keep it apart from the laptop. If it is lost only headquarters can help.",
                ),
                colour="text2",
                wrap=True,
            )
        )
        groups = passphrase.split("-")
        half = (len(groups) + 1) // 2
        for part in (groups[:half], groups[half:]):
            line = Text(ui, " - ".join(part), size="title")
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(line)
        self.box = Tick(ui, Bilingual("我已抄好，并核对过一遍", "I have written it down and checked it"))
        column.addWidget(self.box)
        self.button = ActionButton(
            ui, Bilingual("继续", "Go on"), role=ButtonRole.PRIMARY, key="Ctrl+Return", tall=True, arrow=True
        )
        self.button.clicked.connect(self.noted)
        self.box.toggled.connect(self._ticked)
        column.addWidget(self.button)
        column.addStretch(1)
        self._ticked(False)
        self.setFocusProxy(self.box)

    def tell(self) -> None:
        """Say the tick again."""
        self.box.tell()

    def _ticked(self, ticked: bool) -> None:
        self.button.allow(ticked, Bilingual("请先抄好并打勾", "Write it down and tick first"))
