"""Two languages, switched live. Every text is a ``Bilingual`` where it is used; this says which side of it is shown.

Promise: after ``switch`` every shown text is in the new language without a restart; Qt's own dialogs follow. The locale is
set explicitly: dates and digits never depend on the machine's settings.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from rules.bilingual import Bilingual

Code = Literal["zh", "en"]
_LOCALES = {
    "zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China),
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
}


class Words(QObject):
    """The language in use."""

    changed = Signal()

    def __init__(self, code: Code = "zh") -> None:
        super().__init__()
        self._code: Code = code
        self._translator: QTranslator | None = None
        self._take_up()

    @property
    def code(self) -> Code:
        """``zh`` or ``en``."""
        return self._code

    def say(self, text: Bilingual) -> str:
        """Return a text in the language in use."""
        return text.zh if self._code == "zh" else text.en

    def switch(self, code: Code) -> None:
        """Use this language from now on, and tell everybody."""
        if code == self._code:
            return
        self._code = code
        self._take_up()
        self.changed.emit()

    def _take_up(self) -> None:
        QLocale.setDefault(_LOCALES[self._code])
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
        if self._code == "zh":
            translator = QTranslator()
            if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
                QCoreApplication.installTranslator(translator)
                self._translator = translator
