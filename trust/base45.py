"""Base45 (RFC 9285): bytes in the 45 characters that a QR code packs tightest.

Promise: every byte string has one text and every accepted text one byte string.
"""

from __future__ import annotations

from trust.errors import StructureError

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def encode_base45(raw: bytes) -> str:
    """Return the text: three characters for two bytes, two for a last odd one."""
    text = []
    for start in range(0, len(raw), 2):
        pair = raw[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, value = divmod(number, 45)
            text.append(_ALPHABET[value])
    return "".join(text)


def decode_base45(text: str) -> bytes:
    """Return the bytes. Raises ``StructureError`` for foreign characters, a lone last one or a group that is too large."""
    if len(text) % 3 == 1:
        raise StructureError("base45_length", length=len(text))
    raw = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        number = 0
        for character in reversed(group):
            if character not in _VALUES:
                raise StructureError("base45_character", character=character)
            number = number * 45 + _VALUES[character]
        if number >= 256 ** (len(group) - 1):
            raise StructureError("base45_group", group=group)
        raw += number.to_bytes(len(group) - 1, "big")
    return bytes(raw)
