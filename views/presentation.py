"""What every control is given: the words and the look, and the one way in which a change of either reaches the screen.

Promise: a control that is ``Told`` sets all its texts, colours and measures in ``tell`` from what it holds; ``tell`` runs when
it is made and again after a change of language, theme or size. Nothing else listens for such changes.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from rules.bilingual import Bilingual
from views.language import Words
from views.look.look import Look


class Presentation(QObject):
    """Words and look together (``ui`` in signatures)."""

    def __init__(self, words: Words, look: Look) -> None:
        super().__init__()
        self.words = words
        self.look = look
        words.changed.connect(self._tell_everybody)
        look.changed.connect(self._tell_everybody)

    def say(self, text: Bilingual) -> str:
        """Return a text in the language in use."""
        return self.words.say(text)

    def _tell_everybody(self) -> None:
        # What lies inside is told first: many a control is named after the words in it. Qt's own order is that of a hash.
        told = [(_depth(widget), widget) for widget in QApplication.allWidgets() if isinstance(widget, Told)]
        for _, widget in sorted(told, key=lambda each: each[0], reverse=True):
            # A widget that Qt will delete in a moment comes back as an empty shell once Python has let go of it.
            if shiboken6.isValid(widget) and vars(widget):
                widget.tell()


def _depth(widget: QWidget) -> int:
    depth, above = 0, widget.parentWidget()
    while above is not None:
        depth, above = depth + 1, above.parentWidget()
    return depth


class Told:
    """Mixed into a widget that can say everything again."""

    def tell(self) -> None:
        """Set every text, colour and measure anew from what is held. Cheap, and harmless to repeat."""
