"""From text to tokens.

Promise: the text holds only characters that look like what they are. Control, invisible and direction-changing characters,
full-width forms and letters outside ASCII and the Chinese ideographs are refused with their code point, never normalised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rules.engine.language.errors import LanguageError, place_of

MAX_TEXT_LENGTH = 4_000
MAX_NUMBER_DIGITS = 30
MAX_STRING_LENGTH = 500

_LETTER = "A-Za-z_\u3400-\u4dbf\u4e00-\u9fff"
_SEGMENT = f"[{_LETTER}][{_LETTER}0-9]*"
WORD = re.compile(f"{_SEGMENT}(?:\\.{_SEGMENT})*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_OPERATOR = re.compile(r"\*\*|\.\.|<=|>=|!=|[-+*/<>=()\[\],.@?{}:]")
_SPACE = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_ESCAPE = re.compile(r'\\(?:(["\\nrt])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6}))')
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
# Listed by code point, not by Unicode category: the engine must refuse the same texts under every Python version.
HIDDEN_CHARACTERS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{HIDDEN_CHARACTERS}]")
_FULL_WIDTH = str.maketrans(
    "（），。；：！？＋－＊／＝＜＞［］“”‘’　０１２３４５６７８９．", "(),.;:!?+-*/=<>[]\"\"'' 0123456789."
)


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    WORD = "word"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` is the decoded content of a string, otherwise the source text."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokenize(source: str) -> list[Token]:
    """Return the tokens, the last one END. Raises ``LanguageError`` too_long, bad_character, bad_literal."""
    if len(source) > MAX_TEXT_LENGTH:
        raise LanguageError(
            "too_long", place_of(source, 0, 20), f"at most {MAX_TEXT_LENGTH} characters", found=str(len(source))
        )
    if hidden := _HIDDEN.search(source):
        at = hidden.start()
        raise LanguageError(
            "bad_character", place_of(source, at, at + 1), "no invisible or control character", found=_code(source[at])
        )
    tokens: list[Token] = []
    at = 0
    while True:
        if space := _SPACE.match(source, at):
            at = space.end()
        if at == len(source):
            tokens.append(Token(TokenKind.END, "", at, at))
            return tokens
        token = _token(source, at)
        tokens.append(token)
        at = token.end


def _token(source: str, at: int) -> Token:
    if source[at] == '"':
        return _string(source, at)
    number = _NUMBER.match(source, at)
    if number:
        return _number(source, number)
    if word := WORD.match(source, at):
        return Token(TokenKind.WORD, word.group(), at, word.end())
    if operator := _OPERATOR.match(source, at):
        return Token(TokenKind.OPERATOR, operator.group(), at, operator.end())
    plain = source[at].translate(_FULL_WIDTH)
    expected = f"half-width {plain!r}" if plain != source[at] else "a letter, digit or operator of the language"
    raise LanguageError("bad_character", place_of(source, at, at + 1), expected, found=_code(source[at]))


def _number(source: str, match: re.Match[str]) -> Token:
    end = match.end()
    if end < len(source) and (source[end] in "eE_" and WORD.match(source, end)):
        place = place_of(source, match.start(), end + 1)
        raise LanguageError("bad_literal", place, "digits with at most one decimal point, no exponent")
    if sum(c.isdigit() for c in match.group()) > MAX_NUMBER_DIGITS:
        raise LanguageError("bad_literal", place_of(source, match.start(), end), f"at most {MAX_NUMBER_DIGITS} digits")
    return Token(TokenKind.NUMBER, match.group(), match.start(), end)


def _string(source: str, start: int) -> Token:
    pieces: list[str] = []
    at = start + 1
    while at < len(source) and source[at] != '"':
        if source[at] != "\\":
            pieces.append(source[at])
            at += 1
            continue
        escape = _ESCAPE.match(source, at)
        if escape is None:
            raise LanguageError("bad_literal", place_of(source, at, at + 2), r"one of \" \\ \n \r \t \uXXXX")
        pieces.append(_PLAIN_ESCAPES[escape[1]] if escape[1] else _code_point(source, escape))
        at = escape.end()
    if at == len(source):
        raise LanguageError("bad_literal", place_of(source, start, at), "a closing quotation mark")
    text = _joined(source, start, at, "".join(pieces))
    if hidden := _HIDDEN.search(text):
        raise LanguageError(
            "bad_character",
            place_of(source, start, at + 1),
            "no invisible or control character",
            found=_code(hidden.group()),
        )
    if len(text) > MAX_STRING_LENGTH:
        raise LanguageError(
            "bad_literal", place_of(source, start, at + 1), f"at most {MAX_STRING_LENGTH} characters in a text"
        )
    return Token(TokenKind.STRING, text, start, at + 1)


def _code_point(source: str, escape: re.Match[str]) -> str:
    code = int(escape[2] or escape[3], 16)
    if code > 0x10FFFF:
        raise LanguageError("bad_literal", place_of(source, escape.start(), escape.end()), "a Unicode code point")
    return chr(code)


def _joined(source: str, start: int, end: int, text: str) -> str:
    """Return the text with escaped surrogate pairs joined to one character."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise LanguageError("bad_literal", place_of(source, start, end + 1), "whole surrogate pairs") from None


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
