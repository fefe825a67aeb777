"""FEEL's functions on texts, and the text of a value.

Promise: a text is counted in characters (code points), whatever their encoding. A regular expression of XPath is translated; one
that Python cannot take over in the same meaning is refused.

Source: DMN 1.5 §10.3.4.3, ``string``: §10.3.4.1; XPath and XQuery Functions 3.1 §5.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.tools.feel_strict import strict_call
from rules.tools.feel_temporal_text import written
from rules.tools.feel_values import Function, OutOfScope, Range

_PLAIN_KEY = re.compile(r"[^\W\d]\w*")
_MAX_PATTERN = 200
# Lookarounds, conditionals, named groups, possessive and category escapes: not in XPath, or not in Python.
_UNTRANSLATED = re.compile(r"\(\?(?!:)|\\[pPiIcCAZbB]|-\[|\[\[|&&|[*+?}]\+")
_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}


def _texts(function: str) -> Any:
    def computed(*texts: Any) -> Any:
        return strict_call(function, *texts) if all(isinstance(text, str) for text in texts) else None

    return computed


def _substring(string: Any, start: Any, length: Any = Decimal(-1)) -> str | None:
    if not isinstance(string, str) or not isinstance(start, Decimal) or not isinstance(length, Decimal):
        return None
    if start != start.to_integral_value() or length != length.to_integral_value():
        raise OutOfScope("part of a character")
    at = int(start)
    if at == 0:
        return None
    begin = at - 1 if at > 0 else len(string) + at
    if not 0 <= begin < len(string) or length == 0 or length < -1:
        raise OutOfScope("a piece outside the text")
    return string[begin:] if length == -1 else string[begin : begin + int(length)]


def _substring_of(string: Any, start: Any, length: Any) -> str | None:
    """The call with three arguments: a negative length is no length."""
    return None if isinstance(length, Decimal) and length < 0 else _substring(string, start, length)


def _changed_case(upper: bool) -> Any:
    def changed(string: Any) -> str | None:
        return None if not isinstance(string, str) else string.upper() if upper else string.lower()

    return changed


def _before(string: Any, match: Any) -> str | None:
    if not isinstance(string, str) or not isinstance(match, str):
        return None
    return string.partition(match)[0] if match and match in string else ""


def _after(string: Any, match: Any) -> str | None:
    if not isinstance(string, str) or not isinstance(match, str):
        return None
    return string.partition(match)[2] if match else string


def _pattern(pattern: str, flags: Any) -> re.Pattern[str] | None:
    """Translate a regular expression of XPath; null where it is none."""
    if flags is not None and (not isinstance(flags, str) or set(flags) - set("smixq")):
        return None
    chosen = set(flags or "")
    text = re.escape(pattern) if "q" in chosen else pattern
    if "x" in chosen and "q" not in chosen:
        if "[" in text:
            raise OutOfScope("free spacing around a character class")
        text = re.sub(r"[\t\n\r ]", "", text)
    if len(text) > _MAX_PATTERN or ("q" not in chosen and _UNTRANSLATED.search(text)):
        raise OutOfScope("a regular expression that is not taken over")
    if "q" not in chosen and "m" not in chosen:
        # XPath's `$` is the very end; Python's also stands before a last line feed.
        text = re.sub(
            r"(\\.)|(\[(?:\\.|[^\]])*\])|\$", lambda found: found[1] or found[2] or r"\Z", text, flags=re.DOTALL
        )
    options = re.RegexFlag(0)
    for flag in chosen & _FLAGS.keys():
        options |= _FLAGS[flag]
    try:
        return re.compile(text, options)
    except (re.error, OverflowError, RecursionError):
        return None


def _matches(text: Any, pattern: Any, flags: Any = None) -> bool | None:
    if not isinstance(text, str) or not isinstance(pattern, str):
        return None
    compiled = _pattern(pattern, flags)
    return None if compiled is None else compiled.search(text) is not None


def _replace(text: Any, pattern: Any, replacement: Any, flags: Any = None) -> str | None:
    if not isinstance(text, str) or not isinstance(pattern, str) or not isinstance(replacement, str):
        return None
    compiled = _pattern(pattern, flags)
    if compiled is None:
        return None
    if compiled.search("") is not None:
        raise OutOfScope("a pattern that matches nothing at all")
    if "q" in (flags or ""):
        return compiled.sub(lambda _: replacement, text)
    if re.search(r"\\(?![\\$])|\$(?![0-9])(?<!\\\$)", replacement):
        raise OutOfScope("a replacement with a sign that XPath refuses")

    def filled(found: re.Match[str]) -> str:
        return re.sub(r"\\([\\$])|\$([0-9])", lambda part: part[1] or _group(found, int(part[2])), replacement)

    return compiled.sub(filled, text)


def _group(found: re.Match[str], number: int) -> str:
    return "" if number > (found.re.groups or 0) else found[number] or ""


def _split(string: Any, delimiter: Any) -> tuple[str, ...] | None:
    if not isinstance(string, str) or not isinstance(delimiter, str):
        return None
    compiled = _pattern(delimiter, None)
    if compiled is None:
        return None
    if compiled.groups or compiled.search("") is not None:
        raise OutOfScope("a delimiter with groups, or that matches nothing at all")
    return tuple(compiled.split(string))


def _join(texts: Any, delimiter: Any = None) -> str | None:
    items = texts if isinstance(texts, tuple) else (texts,) if isinstance(texts, str) else None
    if items is None or (delimiter is not None and not isinstance(delimiter, str)):
        return None
    if not all(item is None or isinstance(item, str) for item in items):
        return None
    return (delimiter or "").join(item for item in items if item is not None)


def text_of(value: Any) -> str | None:
    """Return ``string(value)``, null for null. Raises ``OutOfScope`` for values without a standard text."""
    if value is None or isinstance(value, str):
        return value
    return _inner(value)


def _inner(value: Any) -> str:  # noqa: PLR0911 - one return a kind of value
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            if re.search(r'["\\\n\r\t]', value):
                raise OutOfScope("the text of a text with signs to escape, inside a list")
            return f'"{value}"'
        case Decimal():
            return f"{value:f}"
        case tuple():
            return f"[{', '.join(map(_inner, value))}]"
        case Mapping():
            if not all(_PLAIN_KEY.fullmatch(key) for key in value):
                raise OutOfScope("the text of an entry whose name is no plain word")
            return f"{{{', '.join(f'{key}: {_inner(each)}' for key, each in value.items())}}}"
        case Range():
            if value.low is None or value.high is None:
                raise OutOfScope("the text of an open range")
            opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
            return f"{opening}{_inner(value.low)}..{_inner(value.high)}{closing}"
        case _:
            found = written(value)
            if found is None:
                raise OutOfScope("text of this value")
            return found


FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "substring": (
        Function(("string", "start position"), 2, _substring),
        Function(("string", "start position", "length"), 3, _substring_of),
    ),
    "string length": (Function(("string",), 1, _texts("string length")),),
    "upper case": (Function(("string",), 1, _changed_case(True)),),
    "lower case": (Function(("string",), 1, _changed_case(False)),),
    "substring before": (Function(("string", "match"), 2, _before),),
    "substring after": (Function(("string", "match"), 2, _after),),
    "contains": (Function(("string", "match"), 2, _texts("contains")),),
    "starts with": (Function(("string", "match"), 2, _texts("starts with")),),
    "ends with": (Function(("string", "match"), 2, _texts("ends with")),),
    "matches": (Function(("input", "pattern", "flags"), 2, _matches),),
    "replace": (Function(("input", "pattern", "replacement", "flags"), 3, _replace),),
    "split": (Function(("string", "delimiter"), 2, _split),),
    "string join": (Function(("list", "delimiter"), 1, _join),),
    "string": (Function(("from",), 1, text_of),),
}
