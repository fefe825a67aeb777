"""The style sheet of Qt's own controls, made from the tokens. Our own controls paint themselves.

Promise: every colour and length in it is a token.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from views.look.look import Look

_SHEET = Template("""
QWidget { outline: none; }
QMainWindow, QDialog, QStackedWidget#work { background: $window; }
QFrame#panel { background: $surface; border: ${line}px solid $line_colour; border-radius: ${panel_radius}px; }
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: none; }
QListView { background: $surface; border: none; outline: none; }
QToolTip { background: $surface; color: $text; border: ${line}px solid $line_strong; padding: ${s}px; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QDateEdit {
  background: $surface; color: $text; border: ${strong}px solid $line_strong; border-radius: ${control_radius}px;
  padding: 0 ${m}px; min-height: ${control_inner}px; selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit, QTextEdit { padding: ${s}px; }
QLineEdit:hover, QComboBox:hover { border-color: $text; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QDateEdit:focus { border: ${focus}px solid $focus_colour; }
QLineEdit[wrong="true"], QComboBox[wrong="true"], QPlainTextEdit[wrong="true"] { border: ${focus}px solid $red; }
QLineEdit:focus, QComboBox:focus, QLineEdit[wrong="true"], QComboBox[wrong="true"] {
  padding: 0 ${framed_padding}px; min-height: ${framed_inner}px;
}
QLineEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled { background: $disabled; color: $disabled_text; border-color: $line_colour; }
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus { border: none; background: transparent; padding: 0; min-height: 0; }
QComboBox::drop-down { border: none; width: ${xxl}px; }
QComboBox QAbstractItemView { background: $surface; border: ${line}px solid $line_strong; selection-background-color: $accent_soft; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: ${control}px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar::handle:vertical { background: $line_strong; border-radius: 4px; min-height: ${xxl}px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 2px; }
QScrollBar::handle:horizontal { background: $line_strong; border-radius: 4px; min-width: ${xxl}px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QCheckBox, QRadioButton { spacing: ${s}px; min-height: ${control}px; background: transparent; }
QLabel { background: transparent; }
QMenu { background: $surface; border: ${line}px solid $line_strong; padding: ${xs}px; }
QMenu::item { min-height: ${control}px; padding: 0 ${l}px; }
QMenu::item:selected { background: $accent_soft; }
""")


def stylesheet(look: Look) -> str:
    """Return the style sheet for this look."""
    spacing = {name: look.space(name) for name in ("xs", "s", "m", "l", "xxl")}
    control = look.height("control")
    return _SHEET.substitute(
        {name: look.colour(name) for name in look.tokens.colours[look.theme]}
        | spacing
        | {
            "line": look.line(),
            "line_colour": look.colour("line"),
            "strong": look.line("strong"),
            "focus": look.line("focus"),
            "focus_colour": look.colour("focus"),
            "panel_radius": look.radius("panel"),
            "control_radius": look.radius("control"),
            "control": control,
            "control_inner": control - 2 * look.line("strong"),
            # A thicker frame grows inwards: nothing shifts.
            "framed_inner": control - 2 * look.line("focus"),
            "framed_padding": look.space("m") - (look.line("focus") - look.line("strong")),
        }
    )
