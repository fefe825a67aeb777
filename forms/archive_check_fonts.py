"""The rules of PDF/A-3 on fonts, as far as they can be checked here: embedded subsets, whose codes mean characters and have glyphs.

Promise: every code that a page shows is looked at, not only what the fonts say of themselves.
Source: ISO 19005-3:2012 §6.2.11 (fonts); Apple TrueType reference, ``cmap`` format 6 (what reportlab's subsets hold).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

_SUBSET = re.compile(r"/[A-Z]{6}\+\S+")
_SYMBOLIC = 0b100
_INVISIBLE = 3
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_RANGE = re.compile(rb"beginbfrange\s*<([0-9A-Fa-f]{2})>\s*<([0-9A-Fa-f]{2})>\s*\[([^\]]*)\]\s*endbfrange")
_MEANING = re.compile(rb"<((?:[0-9A-Fa-f]{4})+)>")
_EM = 1000
_SLACK = 1  # §6.2.11.5: a thousandth of an em


@dataclass
class _Used:
    """Codes that pages show in one font. ``seen``: those that are painted."""

    font: Any
    codes: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


def font_faults(document: Pdf) -> Iterator[str]:
    """Yield what is wrong with the fonts of a document and their use on its pages."""
    for used in _use_of_fonts(document).values():
        yield from _of_font(used)


def _use_of_fonts(document: Pdf) -> dict[tuple[int, int], _Used]:
    """Return the fonts that pages can reach with the codes shown in them. Text in form XObjects is an appearance and counts as well."""
    found: dict[tuple[int, int], _Used] = {}
    for page in document.pages:
        _look_through(page, page.resources, found)
        for annotation in page.obj.get(Name.Annots, Array()):
            appearance = annotation.get(Name.AP, Dictionary()).get(Name.N)
            if isinstance(appearance, pikepdf.Stream):
                _look_through(appearance, appearance.get(Name.Resources, Dictionary()), found)
    return found


def _look_through(content: Any, resources: Any, found: dict[tuple[int, int], _Used]) -> None:
    fonts = resources.get(Name.Font, Dictionary())
    for font in fonts.values():
        found.setdefault(font.objgen, _Used(font))
    for drawn in resources.get(Name.XObject, Dictionary()).values():
        if str(drawn.get(Name.Subtype)) == "/Form":
            _look_through(drawn, drawn.get(Name.Resources, Dictionary()), found)
    current: _Used | None = None
    mode, kept = 0, []
    for instruction in pikepdf.parse_content_stream(content):
        operator, operands = str(instruction.operator), instruction.operands
        if operator == "Tf":
            current = found[fonts[operands[0]].objgen]
        elif operator == "Tr":
            mode = int(operands[0])
        elif operator == "q":
            kept.append((current, mode))
        elif operator == "Q" and kept:
            current, mode = kept.pop()
        elif operator in _SHOWING and current is not None:
            codes = {code for text in _texts(operands[-1]) for code in text}
            current.codes |= codes
            if mode != _INVISIBLE:
                current.seen |= codes


def _texts(operand: Any) -> Iterator[bytes]:
    for each in operand if isinstance(operand, Array) else (operand,):
        if isinstance(each, pikepdf.String):
            yield bytes(each)


def _of_font(used: _Used) -> Iterator[str]:
    font = used.font
    name = str(font.get(Name.BaseFont, "?"))
    if not used.codes:
        # A font that only stands in the resources need not be embedded, but nothing of ours should leave one behind.
        yield f"{name} is named and not used"
    if str(font.get(Name.Subtype)) != "/TrueType":
        yield f"{name} is a {font.get(Name.Subtype)!s}, which is not checked here"
        return
    descriptor = font.get(Name.FontDescriptor)
    if descriptor is None or Name.FontFile2 not in descriptor:
        yield f"{name} is not embedded"
        return
    if not _SUBSET.fullmatch(name) or str(descriptor.FontName) != name:
        yield f"{name} is not a subset by its name"
    if not int(descriptor.Flags) & _SYMBOLIC or Name.Encoding in font:
        yield f"{name} has an encoding beside its own"
    yield from _of_codes(name, used)


def _of_codes(name: str, used: _Used) -> Iterator[str]:
    font = used.font
    if Name.ToUnicode not in font:
        yield f"{name} does not say what its codes mean"
        return
    means = _meanings(font.ToUnicode.read_bytes())
    for code in sorted(used.codes):
        text = means.get(code, b"").decode("utf-16-be", "replace")
        if not text or text in "\0\ufeff\ufffe":
            yield f"{name}: code {code} means no character"
    first, widths = int(font.FirstChar), [float(each) for each in font.Widths]
    glyphs = _Program(font.FontDescriptor.FontFile2.read_bytes())
    if len(glyphs.character_maps) != 1:
        yield f"{name}: {len(glyphs.character_maps)} maps of characters in the font"
    for code in sorted(used.seen):
        glyph = glyphs.glyph(code)
        if glyph == 0:
            yield f"{name}: code {code} has no glyph"
        elif not 0 <= code - first < len(widths) or abs(widths[code - first] - glyphs.width(glyph)) > _SLACK:
            yield f"{name}: code {code} has another width in the file than in the font"


def _meanings(cmap: bytes) -> dict[int, bytes]:
    """Return the text of each code (UTF-16BE), as ``forms.fonts.to_unicode_map`` writes it; another spelling counts as none."""
    return {
        int(first, 16) + place: bytes.fromhex(text.decode())
        for first, _, array in _RANGE.findall(cmap)
        for place, text in enumerate(_MEANING.findall(array))
    }


class _Program:
    """The tables of an embedded TrueType font that the rules speak of."""

    def __init__(self, program: bytes) -> None:
        self._program = program
        count = struct.unpack_from(">H", program, 4)[0]
        rows = (struct.unpack_from(">4sIII", program, 12 + 16 * row) for row in range(count))
        self._tables = {tag: (start, length) for tag, _, start, length in rows}
        start, _ = self._tables[b"cmap"]
        maps = struct.unpack_from(">H", program, start + 2)[0]
        self.character_maps = [
            start + struct.unpack_from(">HHI", program, start + 4 + 8 * each)[2] for each in range(maps)
        ]
        self._em = struct.unpack_from(">H", program, self._tables[b"head"][0] + 18)[0]
        self._measured = struct.unpack_from(">H", program, self._tables[b"hhea"][0] + 34)[0]

    def glyph(self, code: int) -> int:
        """Return the glyph of a code, 0 (``.notdef``) where there is none."""
        start = self.character_maps[0]
        kind, _, _, first, count = struct.unpack_from(">5H", self._program, start)
        if kind != 6 or not first <= code < first + count:
            return 0
        return int(struct.unpack_from(">H", self._program, start + 10 + 2 * (code - first))[0])

    def width(self, glyph: int) -> float:
        """Return a glyph's advance in thousandths of an em."""
        row = min(glyph, self._measured - 1)
        advance = struct.unpack_from(">H", self._program, self._tables[b"hmtx"][0] + 4 * row)[0]
        return float(advance) * _EM / float(self._em)
