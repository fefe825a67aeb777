"""Base45 (RFC 9285): bytes in the 45 characters that a QR code packs tightest.

Promise: every byte string has one text and every accepted text one byte string.
"""

from __future__ import annotations

from trust.errors import StructureError

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FOREIGN = 255
_VALUES = bytes(_ALPHABET.index(code) if code in _ALPHABET else _FOREIGN for code in range(256))


def encode_base45(raw: bytes) -> str:
    """Return the text: three characters for two bytes, two for a last odd one."""
    text = bytearray()
    for start in range(0, len(raw), 2):
        pair = raw[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, value = divmod(number, 45)
            text.append(_ALPHABET[value])
    return text.decode("ascii")


def decode_base45(text: str) -> bytes:
    """Return the bytes. Raises ``StructureError`` for foreign characters, a lone last one or a group that is too large."""
    if not text.isascii() or len(text) % 3 == 1:
        raise StructureError("base45_length_or_character", length=len(text))
    values = text.encode("ascii").translate(_VALUES)
    if _FOREIGN in values:
        raise StructureError("base45_character", offset=values.index(_FOREIGN))
    whole = len(values) // 3 * 3
    raw = bytearray()
    for low, middle, high in zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True):
        number = low + 45 * middle + 2025 * high
        if number > 0xFFFF:
            raise StructureError("base45_group", offset=len(raw) // 2 * 3)
        raw += number.to_bytes(2, "big")
    if whole < len(values):
        number = values[whole] + 45 * values[whole + 1]
        if number > 0xFF:
            raise StructureError("base45_group", offset=whole)
        raw.append(number)
    return bytes(raw)
