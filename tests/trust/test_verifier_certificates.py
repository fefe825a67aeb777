"""Certificates of strangers: any bytes are answered with a certificate or with our own errors."""

from __future__ import annotations

import json
import random

import pytest

from app.verify_batch import VerifyBatch
from tests.forms import samples
from tests.trust.health_payloads import AT, Payload, certificate
from trust.der_extensions import read_uses
from trust.errors import StructureError, TrustError
from trust.verifier import Anchor
from trust.verifier_certificates import read_signer


def sources() -> list[bytes]:
    uses = ("1.3.6.1.4.1.1847.2021.1.2", "1.3.6.1.5.5.7.3.2")
    return [certificate("ec", uses), certificate("rsa2048"), samples.issuer().root_der, samples.issuer().device_der]


def test_mutated_certificates_are_read_or_refused() -> None:
    rng = random.Random(11)
    read = 0
    for number in range(4000):
        raw = bytearray(rng.choice(sources()))
        for _ in range(rng.choice((1, 1, 2, 5))):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        if number % 5 == 0:
            raw = raw[: rng.randrange(len(raw))]
        try:
            read_signer(bytes(raw))
            read += 1
        except TrustError:
            continue
    assert 200 < read < 3800


def test_random_extensions_are_read_or_refused() -> None:
    rng = random.Random(12)
    for _ in range(3000):
        body = rng.randbytes(rng.randrange(40))
        wrapped = b"\x30" + bytes([len(body) + 2]) + b"\xa3" + bytes([len(body)]) + body
        try:
            read_uses(wrapped if rng.random() < 0.5 else body)
        except StructureError:
            continue


def test_uses_are_read_as_the_library_reads_them() -> None:
    for der in sources():
        signer = read_signer(der)
        extensions = {each.oid.dotted_string: each.value for each in signer.parsed.extensions}
        extended = extensions.get("2.5.29.37")
        assert signer.usages == frozenset(each.dotted_string for each in extended or ())  # type: ignore[attr-defined]
        constraints = extensions.get("2.5.29.19")
        assert signer.is_authority == bool(constraints is not None and constraints.ca)  # type: ignore[attr-defined]
    assert Anchor.of(samples.issuer().root_der).is_root
    assert not Anchor.of(certificate("ec")).is_root


@pytest.mark.parametrize(
    ("tbs", "code"),
    [
        (b"", "certificate_der"),
        (b"\x30\x80\0\0", "certificate_der"),
        (b"\x30\x81\x01\0", "certificate_der"),
        (b"\x30\x82\x00\x01\0", "certificate_der"),
        (b"\x30\x05\xa3\x03\x30\x05\0", "certificate_der"),
        (b"\x31\x00", "certificate_der"),
        (
            b"\x30\x1a\xa3\x18\x30\x16" + b"\x30\x09\x06\x03\x55\x1d\x0f\x04\x02\x30\x00" * 2,
            "certificate_extension_twice",
        ),
    ],
)
def test_what_is_no_der(tbs: bytes, code: str) -> None:
    with pytest.raises(StructureError) as caught:
        read_uses(tbs)
    assert caught.value.code == code


def test_random_lines_of_a_batch_are_all_answered() -> None:
    rng = random.Random(13)
    batch = VerifyBatch(AT)
    line = json.dumps(Payload().line()).encode()
    lines = []
    for _ in range(1500):
        raw = bytearray(line)
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        lines.append(bytes(raw).replace(b"\n", b" "))
    answers = [json.loads(each) for each in batch.answers(lines)]
    assert len(answers) == len(lines)
    changed_nothing_signed = [each for each in answers if each["verified"]]
    assert len(changed_nothing_signed) < 40
