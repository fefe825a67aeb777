"""What every part of one paper is set with: content, definition, language, sheet, and how a key becomes text.

Promise: a value is written in one way wherever it stands on the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from claims.errors import Bilingual
from claims.field_catalogue import field_of, head_values
from claims.form_fields import FieldSpec
from claims.paper_definitions import PaperDefinition
from claims.papers import FilledPaper, Language, Printed
from forms.qr import QrSymbol
from forms.text_block import Align, Paragraph, smallest_of
from forms.typesetting import Typesetter
from forms.typography import Sheet, Style
from forms.written import filled_in, said, written


@dataclass(frozen=True)
class Setting:
    """What every part of one paper is set with."""

    content: FilledPaper
    definition: PaperDefinition
    language: Language
    sheet: Sheet
    setter: Typesetter
    symbol: QrSymbol | None

    @cached_property
    def values(self) -> dict[str, Printed]:
        """Return the values by key, those of the head included."""
        return head_values(self.content.head) | self.content.values

    def field(self, key: str) -> FieldSpec:
        """Return the field behind a key."""
        return field_of(self.definition, key)

    def value(self, key: str) -> str:
        """Return a value as it is printed, empty where there is none."""
        if key in self.content.tables:
            return ""
        return written(self.field(key), self.values.get(key), self.language)

    def says(self, key: str) -> bool:
        """Tell whether a value or table says something."""
        return bool(self.content.tables.get(key)) or self.values.get(key) not in (None, "", [])

    def words(self, words: Bilingual) -> str:
        """Return words in the paper's language."""
        return said(words, self.language)

    def label(self, words: Bilingual, style: Style, *, align: Align | None = None) -> Paragraph:
        """Return a label: the paper's language first, the other small after it."""
        zh, en = words.zh, words.en[:1].upper() + words.en[1:]
        first, second = (zh, en) if self.language is Language.ZH else (en or zh, zh if en else "")
        return Paragraph(
            first,
            style,
            small=second,
            small_style=self.sheet.scale.small,
            align=align,
            smallest=smallest_of(first, style),
        )

    def filled(self, words: Bilingual, language: Language | None = None) -> tuple[str, ...]:
        """Return a paragraph of the definition with its values."""
        chosen = language or self.language
        return filled_in(words, chosen, lambda key: written(self.field(key), self.values.get(key), chosen))
