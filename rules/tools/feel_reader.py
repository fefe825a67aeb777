"""The text under the FEEL parser: spaces, signs, words, names of several words, strings.

A name may hold spaces and signs (``Flu Symptoms``, ``Approved/Declined``), so the text is read with the known names at hand: the
longest known name that starts here wins, then a built-in function before a parenthesis, then a single word.

Source: DMN 1.5 §10.3.1.2, grammar rules 24 to 36.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NoReturn

from rules.tools.feel_values import OutOfScope

WORD_START = (
    "?A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
WORD_PART = f"{WORD_START}0-9\u00b7\u0300-\u036f\u203f\u2040"
WORD = re.compile(f"[{WORD_START}][{WORD_PART}]*")
_ENDS_WORD = f"(?![{WORD_PART}])"
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([\"'\\nrt])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6}))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}
KEYWORDS = frozenset(
    {"and", "or", "if", "then", "else", "between", "in", "some", "every", "satisfies", "for", "return"}
    | {"true", "false", "null", "function", "instance", "of"}
)
_COMPARISON = re.compile(r"<=|>=|!=|<|>|=")
# Parts of values whose names are several words.
_PARTS = ("time offset", "start included", "end included")


class FeelSyntaxError(OutOfScope):
    """The text is no FEEL expression. ``at`` is the character where reading stopped."""

    def __init__(self, at: int, expected: str) -> None:
        super().__init__(f"character {at + 1}: expected {expected}")
        self.at = at


class Reader:
    """Reads one text from left to right. ``scopes`` holds the names that are known, innermost last."""

    def __init__(self, text: str, functions: Collection[str], names: Collection[str], keys: Collection[str]) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._phrases = sorted((each for each in functions if " " in each), key=len, reverse=True)
        self._scopes: list[set[str]] = [set(names)]
        self._keys = {*keys, *_PARTS}
        self._skip()

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _move(self, to: int) -> None:
        self._at = to
        self._skip()

    def _sees(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def _take(self, sign: str) -> bool:
        if not self._sees(sign):
            return False
        self._move(self._at + len(sign))
        return True

    def _take_one_of(self, *signs: str) -> str | None:
        for sign in signs:
            if self._sees(sign) and not (sign == "*" and self._sees("**")) and not (sign == "-" and self._sees("->")):
                self._take(sign)
                return sign
        return None

    def _take_comparison(self) -> str | None:
        found = _COMPARISON.match(self._text, self._at)
        if not found:
            return None
        self._move(found.end())
        return found.group()

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            self._fail(f"`{sign}`")

    def _sees_word(self, word: str) -> bool:
        found = WORD.match(self._text, self._at)
        return found is not None and found.group() == word

    def _take_word(self, word: str) -> bool:
        if not self._sees_word(word):
            return False
        self._move(self._at + len(word))
        return True

    def _need_word(self, word: str) -> None:
        if not self._take_word(word):
            self._fail(f"`{word}`")

    @contextmanager
    def _scope(self, names: set[str]) -> Iterator[None]:
        self._scopes.append(names)
        yield
        self._scopes.pop()

    def _fail(self, expected: str) -> NoReturn:
        raise FeelSyntaxError(self._at, expected)

    def _key(self) -> str:
        if known := self._known(self._keys):
            return known
        word = WORD.match(self._text, self._at)
        if not word:
            self._fail("the name of a part")
        self._move(word.end())
        return word.group()

    def _known(self, names: Collection[str]) -> str | None:
        """Take the longest known name that starts here and is more than a single word."""
        word = WORD.match(self._text, self._at)
        for name in sorted(names, key=len, reverse=True):
            if word and len(name) <= len(word.group()) and name != word.group():
                continue
            pattern = r"\s+".join(map(re.escape, name.split()))
            found = re.compile(
                pattern + (_ENDS_WORD if WORD.fullmatch(name[-1:]) or name[-1:].isdigit() else "")
            ).match(self._text, self._at)
            if found:
                self._move(found.end())
                return name
        return None

    def _new_name(self, ends: Callable[[], bool]) -> str:
        """Read a name that is being made: words up to where ``ends`` says."""
        start = self._at
        while not ends():
            if found := re.compile(f"[{WORD_PART}]+|[-+*/.']").match(self._text, self._at):
                self._move(found.end())
            else:
                self._fail("a name")
        name = " ".join(self._text[start : self._at].split())
        if not WORD.match(name) or name in KEYWORDS:
            self._fail("a name")
        return name

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if not found:
            self._fail("a text in quotation marks")
        self._move(found.end())
        text = _ESCAPE.sub(
            lambda escape: _PLAIN.get(escape[1], escape[1]) if escape[1] else _code_point(escape[2] or escape[3]),
            found[1],
        )
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._fail("whole surrogate pairs")


def _code_point(digits: str) -> str:
    code = int(digits, 16)
    if code > 0x10FFFF:
        raise OutOfScope("a code point beyond Unicode")
    return chr(code)
