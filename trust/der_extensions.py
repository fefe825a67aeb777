"""The three extensions of a certificate that a verifier acts on, read from its DER by themselves.

Promise: an extension that nobody asks about can't get in the way: certificates in the field carry odd ones, and a reader that insists on all of
them would refuse papers whose signatures are good. What is asked about is read strictly; anything else than DER is refused.

Source: RFC 5280 §4.1 and §4.2.1.3 (key usage), §4.2.1.9 (basic constraints), §4.2.1.12 (extended key usage); X.690 §8 and §10.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trust.errors import StructureError

_SEQUENCE, _OID, _OCTETS, _BITS, _BOOLEAN, _EXTENSIONS = 0x30, 0x06, 0x04, 0x03, 0x01, 0xA3
_KEY_USAGE, _EXTENDED, _CONSTRAINTS = bytes.fromhex("551d0f"), bytes.fromhex("551d25"), bytes.fromhex("551d13")
_SIGNATURES = 0xC0  # Bits 0 and 1: digitalSignature, contentCommitment.
_ISSUING = 0x04  # Bit 5: keyCertSign.


@dataclass(frozen=True, slots=True)
class Uses:
    """What a certificate may be used for.

    ``may_sign``: no key usage, or one for signatures or commitments. ``is_authority``: it may issue certificates. ``extended``: the extended key
    usages, dotted; empty also where the extension is there and names none.
    """

    may_sign: bool
    is_authority: bool
    extended: frozenset[str]


def read_uses(tbs: bytes) -> Uses:
    """Read the uses from the signed part of a certificate (DER). Raises ``StructureError`` (``certificate_der``, ``certificate_extension_twice``)."""
    found: dict[bytes, bytes] = {}
    for tag, content in _elements(_only(tbs, _SEQUENCE)):
        if tag == _EXTENSIONS:
            for each in _contents(_only(content, _SEQUENCE), _SEQUENCE):
                parts = list(_elements(each))
                if len(parts) not in (2, 3) or parts[0][0] != _OID or parts[-1][0] != _OCTETS:
                    raise StructureError("certificate_der", length=len(each))
                if parts[0][1] in found:
                    raise StructureError("certificate_extension_twice", oid=parts[0][1].hex())
                found[parts[0][1]] = parts[-1][1]
    usage = None if _KEY_USAGE not in found else _only(found[_KEY_USAGE], _BITS)
    first = 0xFF if usage is None else (usage + b"\0\0")[1]
    return Uses(
        may_sign=bool(first & _SIGNATURES),
        is_authority=_is_ca(found.get(_CONSTRAINTS)) and bool(first & _ISSUING),
        extended=frozenset()
        if _EXTENDED not in found
        else frozenset(_dotted(each) for each in _contents(_only(found[_EXTENDED], _SEQUENCE), _OID)),
    )


def _is_ca(constraints: bytes | None) -> bool:
    if constraints is None:
        return False
    parts = list(_elements(_only(constraints, _SEQUENCE)))
    return bool(parts) and parts[0] == (_BOOLEAN, b"\xff")


def _contents(raw: bytes, tag: int) -> Iterator[bytes]:
    for found, content in _elements(raw):
        if found != tag:
            raise StructureError("certificate_der", tag=found)
        yield content


def _only(raw: bytes, tag: int) -> bytes:
    parts = list(_elements(raw))
    if len(parts) != 1 or parts[0][0] != tag:
        raise StructureError("certificate_der", length=len(raw))
    return parts[0][1]


def _elements(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element; definite lengths in their shortest spelling only."""
    offset = 0
    while offset < len(raw):
        if offset + 2 > len(raw):
            raise StructureError("certificate_der", offset=offset)
        tag, length = raw[offset], raw[offset + 1]
        offset += 2
        if length >= 0x80:
            size = length & 0x7F
            length = int.from_bytes(raw[offset : offset + size], "big")
            if not 1 <= size <= 3 or length < 0x80 or length < 1 << 8 * (size - 1):
                raise StructureError("certificate_der", offset=offset)
            offset += size
        if offset + length > len(raw):
            raise StructureError("certificate_der", offset=offset)
        yield tag, raw[offset : offset + length]
        offset += length


def _dotted(oid: bytes) -> str:
    """Return an object identifier in dots (X.690 §8.19)."""
    arcs, arc = [], 0
    for index, byte in enumerate(oid):
        arc = arc << 7 | byte & 0x7F
        if byte & 0x80:
            if index == len(oid) - 1:
                raise StructureError("certificate_der", oid=oid.hex())
            continue
        arcs.append(arc)
        arc = 0
    if not arcs:
        raise StructureError("certificate_der", oid=oid.hex())
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))
