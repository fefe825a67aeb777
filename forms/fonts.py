"""The fonts that every paper carries with it: Noto Sans SC, regular and bold, embedded as subsets.

Promise: a paper never shows a blank or a wrong glyph for a character. What the fonts have is drawn with them; what no
bundled font has (and what has no visible form) is drawn as a box that names it, ``U+2F9F4``. Text copied or searched in the PDF is
the text that was meant, boxed characters and those outside the basic plane included.

reportlab 5.1 writes the ToUnicode map of such characters (𬭊, 𠅤) with five hex digits, which readers take for garbage. ``EmbeddedFont``
replaces the map after reportlab has queued it; nothing of reportlab is patched, so other users of the library in the process, and
a release that mends it, are not touched. See docs/adr/0050.
"""

from __future__ import annotations

import copy
import struct
import threading
import unicodedata
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont

import resources
from forms.named_box import box_width_em

# Control, format, surrogate, private and unassigned characters and line breaks: no form that a reader could check.
_FORMLESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
REGULAR_NAME = "OutpostSans"
"""Under which reportlab knows the regular weight."""
_BLANKS = frozenset("\t\n\v\f\r\x85\xa0\u2028\u2029")
_IDEOGRAPHIC_SPACE = "\u3000"


class Weight(IntEnum):
    """The two weights of the house."""

    REGULAR = 400
    BOLD = 700


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text drawn in one font. ``boxed``: one character that is drawn as its named box (``forms.named_box``)."""

    text: str
    font: str
    boxed: bool = False


def to_unicode_map(name: str, subset: Sequence[int]) -> str:
    """Return the CMap that turns the subset's codes back to text: UTF-16BE, one range from the first code on (ISO 32000-1, 9.10.3).

    A range with an array is a third shorter than naming each code.
    """
    ranges = [
        f"1 beginbfrange\n<00> <{len(subset) - 1:02X}>",
        f"[{''.join(f'<{_utf16(each)}>' for each in subset)}]",
        "endbfrange",
    ]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            f"/CMapName /{name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *(ranges if subset else ()),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


def _utf16(code: int) -> str:
    """Return a character in UTF-16BE hex; half of a pair, which is no character, as U+FFFD."""
    character = "\ufffd" if unicodedata.category(chr(code)) == "Cs" else chr(code)
    return character.encode("utf-16-be").hex().upper()


# What a reader of a PDF never looks at in an embedded font (ISO 32000-1, 9.9): its names, its metrics for other systems, its glyph names.
_LEFT_OUT = frozenset({b"name", b"OS/2", b"post"})


def lean_font_file(font_file: bytes) -> bytes:
    """Return a TrueType file without the tables that a PDF's readers never use; 1 KB a font."""
    count = int.from_bytes(font_file[4:6], "big")
    entries = [struct.unpack(">4sLLL", font_file[12 + 16 * each : 28 + 16 * each]) for each in range(count)]
    kept = [(tag, checksum, font_file[at : at + size]) for tag, checksum, at, size in entries if tag not in _LEFT_OUT]
    power = len(kept).bit_length() - 1
    header = font_file[:4] + struct.pack(">HHHH", len(kept), 16 << power, power, 16 * len(kept) - (16 << power))
    directory, body = b"", b""
    start = len(header) + 16 * len(kept)
    for tag, checksum, table in kept:
        directory += struct.pack(">4sLLL", tag, checksum, start + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return header + directory + body


class EmbeddedFont(TTFont):  # type: ignore[misc]  # reportlab ships no types
    """A TrueType font whose ToUnicode map is right for every plane."""

    def addObjects(self, doc: object) -> None:  # noqa: N802 - reportlab's name
        """Queue the font's objects as reportlab does, then put the right map in the place of its own."""
        subsets = [tuple(subset) for subset in self.state[doc].subsets]
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = (SUBSETN(number) + b"+" + self.face.name + self.face.subfontNameX).decode("ascii")
            queued = doc.idToObject[f"toUnicodeCMap:{name}"]  # type: ignore[attr-defined]  # reportlab ships no types
            queued.content = to_unicode_map(name, subset)
            font_file = doc.idToObject[f"fontFile:{self.face.filename}({name})"]  # type: ignore[attr-defined]  # as above
            font_file.content = lean_font_file(font_file.content)
            font_file.dictionary["Length1"] = len(font_file.content)


class _EveryCharacter(dict[int, int]):
    """A character map that gives every character the same glyph."""

    def __init__(self, glyph: int) -> None:
        super().__init__()
        self._glyph = glyph

    def __contains__(self, code: object) -> bool:
        return True

    def __getitem__(self, code: int) -> int:
        return self._glyph


class _BoxWidths(dict[int, float]):
    """Widths that give every character the width of its named box, in thousandths of an em."""

    def get(self, code: int, _default: float | None = None) -> float:  # type: ignore[override]  # every character has a box
        return 1000 * box_width_em(chr(code))


def _naming_font(regular: EmbeddedFont) -> EmbeddedFont:
    """Return a font for the invisible text under the named boxes, which says which characters they are.

    Its one glyph has an outline, though nobody sees it: pdfium leaves text without any out of what it copies.
    """
    font = copy.copy(regular)
    font.fontName = "OutpostNamed"
    font.state = weakref.WeakKeyDictionary()
    font.face = copy.copy(regular.face)
    font.face.name = b"OutpostNamed"
    font.face.charToGlyph = _EveryCharacter(regular.face.charToGlyph[ord("□")])
    font.face.charWidths = _BoxWidths()
    return font


class FontSet:
    """The bundled fonts, read once. ``lock`` is held while a paper is drawn: reportlab's reader keeps a file position."""

    def __init__(self, regular: EmbeddedFont, bold: EmbeddedFont, named: EmbeddedFont) -> None:
        self._fonts = {Weight.REGULAR: regular, Weight.BOLD: bold}
        self._named = named
        self.lock = threading.Lock()
        # Both only remember what the fonts say: a paper asks for the same few hundred characters thousands of times.
        self._chosen: dict[tuple[str, Weight], Weight | None] = {}
        self._ems: dict[tuple[str, Weight], float] = {}

    def name(self, weight: Weight) -> str:
        """Return the name under which reportlab knows the font."""
        return str(self._fonts[weight].fontName)

    def covers(self, character: str, weight: Weight = Weight.REGULAR) -> bool:
        """Tell whether the character has a glyph of its own and a visible form."""
        return (
            ord(character) in self._fonts[weight].face.charToGlyph and unicodedata.category(character) not in _FORMLESS
        )

    def runs(self, text: str, weight: Weight) -> tuple[Run, ...]:
        """Split text by coverage: the wanted weight, else the other one, else a box per character."""
        runs: list[Run] = []
        for chosen, characters in groupby(text, lambda character: self._weight_of(character, weight)):
            if chosen is None:
                runs += (Run(character, str(self._named.fontName), boxed=True) for character in characters)
            else:
                runs.append(Run("".join(characters), self.name(chosen)))
        return tuple(runs)

    def width(self, text: str, size: float, weight: Weight) -> float:
        """Return the width of ``text`` in the unit of ``size``, boxes included."""
        return size * sum(self._width_em(character, weight) for character in text)

    def _weight_of(self, character: str, wanted: Weight) -> Weight | None:
        """Return the weight that draws ``character``, None when no font does."""
        key = (character, wanted)
        if key not in self._chosen:
            self._chosen[key] = next((weight for weight in (wanted, *Weight) if self.covers(character, weight)), None)
        return self._chosen[key]

    def _width_em(self, character: str, wanted: Weight) -> float:
        key = (character, wanted)
        if key not in self._ems:
            weight = self._weight_of(character, wanted)
            self._ems[key] = box_width_em(character) if weight is None else self._advance(ord(character), weight)
        return self._ems[key]

    def _advance(self, code: int, weight: Weight) -> float:
        return float(self._fonts[weight].face.getCharWidth(code)) / 1000


_reading = threading.Lock()


def bundled_fonts() -> FontSet:
    """Return the bundled fonts. The first call reads them (a quarter of a second); there is one set however many threads ask."""
    with _reading:
        return _read_fonts()


@cache
def _read_fonts() -> FontSet:
    """Read the fonts and make them known to reportlab, which finds fonts by name only."""
    regular = EmbeddedFont(
        REGULAR_NAME, str(resources.path("fonts", "NotoSansSC_400Regular.ttf")), asciiReadable=False, shapable=False
    )
    bold = EmbeddedFont(
        "OutpostSans-Bold", str(resources.path("fonts", "NotoSansSC_700Bold.ttf")), asciiReadable=False, shapable=False
    )
    named = _naming_font(regular)
    for font in (regular, bold, named):
        pdfmetrics.registerFont(font)
    return FontSet(regular, bold, named)


def printable(text: str) -> str:
    """Return ``text`` as one line: line breaks, tabs and odd spaces become a space; every other character stays as it is."""
    if text.isprintable():
        return text
    return "".join(" " if _is_blank(character) else character for character in text)


def _is_blank(character: str) -> bool:
    if character in _BLANKS:
        return True
    return unicodedata.category(character) == "Zs" and character != _IDEOGRAPHIC_SPACE
