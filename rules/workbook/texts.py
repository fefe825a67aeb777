r"""Texts in cells: what a person types is tidied; what tidying or Excel would change is spelled out behind a backslash.

Promise: ``read_*(write(text)) == text`` for every text. ``\`` and a JSON value is that very value: the way to say an empty
text, a leading blank, a text that begins with ``=``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from openpyxl.cell.cell import ERROR_CODES

from rules.workbook.problems import Wrong

MAX_CELL_TEXT = 32_767
ESCAPE = "\\"
NONE = "无"

# What XML cannot carry, and what Excel reads as a code for another character.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_CODE_MARKS: dict[int, int | str] = {
    **_FULL_WIDTH,
    ord("“"): '"',
    ord("”"): '"',
    ord("≥"): ">=",
    ord("≤"): "<=",
    ord("≠"): "!=",
}


def tidy(text: str) -> str:
    """Return a text without stray blanks at its ends, its line ends as ``\\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def tidy_name(text: str) -> str:
    """Return an id or a code with full-width letters, digits and signs as the plain ones."""
    return tidy(text).translate(_FULL_WIDTH).strip()


def tidy_code(text: str) -> str:
    """Return a formula with the signs of an input method outside its quoted texts as the plain ones: ``（＞ １）`` is ``(> 1)``, ``≥`` is ``>=``."""
    done: list[str] = []
    quoted = ""
    skip = False
    for sign in tidy(text):
        if quoted:
            closes = not skip and sign in quoted
            done.append('"' if closes else sign)
            skip = sign == "\\" and not skip
            quoted = "" if closes else quoted
            continue
        plain = sign.translate(_CODE_MARKS)
        if plain == '"':
            # A text that was opened by an input method's mark is closed by one too.
            quoted = '"' if sign == '"' else '”"' if sign == "“" else '"'
        done.append(plain)
    return "".join(done).strip()


def is_escaped(text: str) -> bool:
    """Tell whether a cell's text spells a value out."""
    return text.startswith(ESCAPE)


def escaped(value: object) -> str:
    """Return a JSON value spelled out, in ASCII that Excel leaves alone. Raises Wrong when no cell can hold it."""
    text = ESCAPE + json.dumps(value, ensure_ascii=True, sort_keys=True).replace("_x", "\\u005fx").replace(
        "\x7f", "\\u007f"
    )
    if len(text) > MAX_CELL_TEXT:
        raise Wrong("too_long", most=str(MAX_CELL_TEXT), found=str(len(text)))
    return text


def unescaped(text: str) -> object:
    """Return the value that a cell spells out. Raises Wrong."""
    try:
        return json.loads(text.removeprefix(ESCAPE), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):
        raise Wrong("bad_escape", found=text) from None


def _no_float(text: str) -> object:
    raise ValueError(text)


def survives(text: str, tidied: Callable[[str], str] = tidy) -> bool:
    """Tell whether a text can stand in a cell as it is and is read back unchanged."""
    return (
        text != ""
        and tidied(text) == text
        and len(text) <= MAX_CELL_TEXT
        and not text.startswith((ESCAPE, "="))
        and text not in ERROR_CODES
        and not _UNSAFE.search(text)
    )
