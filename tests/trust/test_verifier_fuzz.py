"""Ten thousand broken payloads: none accepted, none that the verifier answers otherwise than with its own errors. Seeded, so that a find stays."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import cbor2

from claims.verification_words import failed_part
from tests.forms import samples
from tests.trust.health_payloads import AT, Payload
from trust.base45 import decode_base45, encode_base45
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.verifier import Anchor, verify_signed_text
from trust.vouchers import open_voucher, voucher_from_qr_text, voucher_qr_text

ROUNDS = 10_000
VOUCHER = voucher_qr_text(samples.signed())
HEALTH = Payload()
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ANCHORS = {"OP1:": Anchor.of(samples.issuer().root_der), "HC1:": Anchor.of(HEALTH.der)}
TEXTS = (VOUCHER, HEALTH.text)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
assert NOW == AT


def raw_of(text: str) -> bytes:
    return zlib.decompress(decode_base45(text[4:]))


def packed(raw: bytes, text: str, level: int = 9) -> str:
    return text[:4] + encode_base45(zlib.compress(raw, level))


def flip_bits(rng: random.Random, text: str) -> str:
    raw = bytearray(raw_of(text))
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return packed(bytes(raw), text)


def cut(rng: random.Random, text: str) -> str:
    raw = raw_of(text)
    where = rng.randrange(len(raw))
    return packed(rng.choice((raw[:where], raw[where + 1 :], raw[:where] + raw[where + rng.randrange(1, 9) :])), text)


def double(rng: random.Random, text: str) -> str:
    raw = raw_of(text)
    where, length = rng.randrange(len(raw)), rng.randrange(1, 80)
    return packed(rng.choice((raw + raw, raw[: where + length] + raw[where:], raw + raw[:where])), text)


def swap_parts(rng: random.Random, text: str) -> str:
    """Parts of one message in another, or other values in a part."""
    value = list(cbor2.loads(raw_of(text)).value)
    other = list(cbor2.loads(raw_of(rng.choice(TEXTS))).value)
    # What stands outside the signature may be anything in a health certificate; in a voucher it must be empty.
    index = rng.choice((0, 2, 3)) if text.startswith("HC1:") else rng.randrange(4)
    value[index] = rng.choice(
        (other[(index + 1) % 4], rng.randbytes(rng.randrange(90)), [], None, 7, {1: -7}, {4: b"x"}, value[:2])
    )
    return packed(cbor2.dumps(cbor2.CBORTag(rng.choice((18, 18, 18, 17, 61, 98)), value)), text)


def change_headers(rng: random.Random, text: str) -> str:
    value = list(cbor2.loads(raw_of(text)).value)
    headers = cbor2.loads(value[0])
    label = rng.choice((1, 2, 3, 4, 33, 5, "x", -1))
    headers[label] = rng.choice((-7, -8, -37, -6, 5, b"", rng.randbytes(8), "op/v1", [b"x"], None, [2], {}))
    value[0] = cbor2.dumps(headers)
    return packed(cbor2.dumps(cbor2.CBORTag(18, value)), text)


def change_claims(rng: random.Random, text: str) -> str:
    value = list(cbor2.loads(raw_of(text)).value)
    claims = cbor2.loads(value[2])
    key = rng.choice(list(claims))
    claims[key] = rng.choice((0, -1, 2**64, "", "x" * 300, b"", [], {}, None, 1.5, float("nan"), [[[[]]]], True))
    value[2] = cbor2.dumps(claims)
    return packed(cbor2.dumps(cbor2.CBORTag(18, value)), text)


def random_cbor(rng: random.Random, text: str) -> str:
    head = rng.choice(
        (b"\xd2\x84", b"\xd8\x3d\xd2\x84", b"\x84", b"\x9f", b"\xbf", b"\xd2" * rng.randrange(1, 40), b"")
    )
    return packed(head + rng.randbytes(rng.randrange(200)), text)


def change_text(rng: random.Random, text: str) -> str:
    where = rng.randrange(len(text))
    return rng.choice(
        (
            text[:where] + rng.choice(ALPHABET) + text[where + 1 :],
            text[:where] + text[where + 1 :],
            text[:where] + rng.choice(ALPHABET) + text[where:],
            text[:where] + chr(rng.randrange(0x20, 0x10FFFF)) + text[where:],
            text[:where] + text[where : where + 2][::-1] + text[where + 2 :],
            text[:where],
            text + text,
            text + text[4:],
            text.lower(),
        )
    )


def bomb(rng: random.Random, text: str) -> str:
    filling = rng.choice((b"\0", b"\x81", b"\xd2\x84", b"\x5f", rng.randbytes(7)))
    squeezed = zlib.compress(raw_of(text)[: rng.randrange(50)] + filling * rng.choice((5_000, 200_000)), 9)
    return text[:4] + encode_base45(squeezed[: rng.randrange(2, 2800)] if rng.random() < 0.5 else squeezed[:2800])


def repack(rng: random.Random, text: str) -> str:
    """Other bytes around the packed ones: broken checksums, foreign tails, raw deflate."""
    squeezed = bytearray(zlib.compress(raw_of(text), rng.randrange(1, 10)))
    squeezed[rng.randrange(len(squeezed))] ^= 1 << rng.randrange(8)
    return text[:4] + encode_base45(
        rng.choice((bytes(squeezed), bytes(squeezed[2:-4]), bytes(squeezed) + rng.randbytes(3)))
    )


MUTATIONS: tuple[Callable[[random.Random, str], str], ...] = (
    flip_bits,
    cut,
    double,
    swap_parts,
    change_headers,
    change_claims,
    random_cbor,
    change_text,
    bomb,
    repack,
)


def carries(text: str, original: str) -> bool:
    """Say whether a mutation changed nothing that is signed: another packing, or for a health certificate other (or no) tags around it."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(decode_base45(text[4:].rstrip("\r\n\t")), 10_000)
    except (TrustError, zlib.error):
        return False
    if text[:4] != original[:4] or not unpacker.eof or unpacker.unused_data:
        return False
    message = raw_of(original)
    wrapped = (message, message[1:], b"\xd8\x3d" + message) if original.startswith("HC1:") else (message,)
    return raw in wrapped


def test_ten_thousand_broken_payloads_none_accepted() -> None:
    rng = random.Random(20261122)
    roots = TrustStore(samples.issuer().root_der)
    codes: Counter[str] = Counter()
    for number in range(ROUNDS):
        original = TEXTS[number % 2]
        text = MUTATIONS[number % len(MUTATIONS)](rng, original)
        if carries(text, original):
            continue
        for accepted in (core, strict):
            try:
                accepted(text, original, roots)
            except TrustError as error:
                codes[error.code] += 1
                part = failed_part(error)
                assert part.zh
                assert part.en
            else:
                raise AssertionError(f"round {number}: accepted {text!r}")
    assert sum(codes.values()) > 1.9 * ROUNDS
    assert len(codes) > 25, sorted(codes)


def core(text: str, original: str, roots: TrustStore) -> None:
    verify_signed_text(text, ANCHORS[original[:4]], NOW)


def strict(text: str, original: str, roots: TrustStore) -> None:
    open_voucher(voucher_from_qr_text(text), roots)


def test_the_originals_are_accepted() -> None:
    for text in TEXTS:
        core(text, text, TrustStore(samples.issuer().root_der))
    strict(VOUCHER, VOUCHER, TrustStore(samples.issuer().root_der))
