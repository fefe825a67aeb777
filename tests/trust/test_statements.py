"""Statements and the COSE_Sign1 below them: published vectors, strict structure, and nobody else in headquarters' voice."""

from __future__ import annotations

from collections.abc import Mapping

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import Authority, flipped, make_authority
from trust.certificates import TrustStore, read_certified_key
from trust.errors import ForgedError, StructureError, TrustError
from trust.keys import SoftwareKey, verify_signature
from trust.sign1 import signature_input, take_apart
from trust.statements import MAX_STATEMENT_BYTES, open_statement, sign_statement

# cose-wg/Examples, the examples RFC 9052 refers to: eddsa-examples/eddsa-sig-01, Ed25519, kid "11" in the unprotected map.
EDDSA_SIG_01 = bytes.fromhex(
    "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e5840"
    "7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d"
)
EDDSA_SIG_01_SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
# eddsa-examples/eddsa-sig-02: the bytes to be signed, protected {1: -8} only.
EDDSA_SIG_02_INPUT = bytes.fromhex("846a5369676e61747572653143a101274054546869732069732074686520636f6e74656e742e")
# sign1-tests/sign-pass-02: external data, ES256, so that the third part of Sig_structure is seen to be in its place.
SIGN_PASS_02_INPUT = bytes.fromhex(
    "846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954546869732069732074686520636f6e74656e742e"
)
SIGN_PASS_02_SIGNATURE = bytes.fromhex(
    "eae868ecc176883766c5dc5ba5b8dca25dab3c2e56a551ce5705b793914348e155388b10c4f1b59a6733eab416870a945111a4b2fbdbef33a77234b1deff2f9b"
)
SIGN_PASS_02_POINT = (
    0xBAC5B11CAD8F99F9C72B05CF4B9E26D244DC189F745228255A219A86D6A09EFF,
    0x20138BF82DC1B6D562BE0FA54AB7804A3A64B6D72CCFED6B6FB6ED28BBFC117E,
)
CONTENT = b"This is the content."


def sealed(
    authority: Authority,
    headers: Mapping[object, object] | bytes,
    *,
    unprotected: bytes = b"\xa0",
    payload: bytes = b"{}",
    key: SoftwareKey | None = None,
) -> bytes:
    """A message with any headers and a right signature: what only its key's owner could have made."""
    protected = headers if isinstance(headers, bytes) else cbor2.dumps(dict(headers))
    signature = (key or authority.service_key).sign(signature_input(protected, payload))
    return b"\xd2\x84" + cbor2.dumps(protected) + unprotected + cbor2.dumps(payload) + cbor2.dumps(signature)


def opens(raw: bytes, roots: TrustStore) -> bool:
    """False when the structure is refused; any other error is a finding."""
    try:
        open_statement(raw, roots)
    except StructureError:
        return False
    return True


def service_headers(authority: Authority, content_type: object = "outpost/task_assigned@1") -> dict[object, object]:
    kid = read_certified_key(authority.service).kid
    return {1: -8, 3: content_type, 4: kid, 33: authority.service}


def test_published_eddsa_example_signs_and_verifies_bit_for_bit() -> None:
    protected, unprotected, payload, signature = cbor2.loads(EDDSA_SIG_01).value
    key = SoftwareKey.from_bytes(EDDSA_SIG_01_SECRET)
    assert (unprotected, payload) == ({4: b"11"}, CONTENT)
    assert key.sign(signature_input(protected, payload)) == signature
    verify_signature(key.public_key, signature, signature_input(protected, payload))


def test_published_bytes_to_be_signed() -> None:
    assert signature_input(cbor2.dumps({1: -8}), CONTENT) == EDDSA_SIG_02_INPUT
    assert (
        signature_input(cbor2.dumps({1: -7}), CONTENT, bytes.fromhex("11aa22bb33cc44dd55006699")) == SIGN_PASS_02_INPUT
    )
    point = ec.EllipticCurvePublicNumbers(*SIGN_PASS_02_POINT, ec.SECP256R1()).public_key()
    r, s = (int.from_bytes(SIGN_PASS_02_SIGNATURE[at : at + 32], "big") for at in (0, 32))
    point.verify(encode_dss_signature(r, s), SIGN_PASS_02_INPUT, ec.ECDSA(hashes.SHA256()))


def test_the_published_example_itself_is_too_loose_for_us() -> None:
    # Its kid is not protected and it carries no certificate.
    with pytest.raises(StructureError, match="sign1_unprotected"):
        take_apart(EDDSA_SIG_01)


def test_a_statement_opens_to_its_kind_and_body(authority: Authority) -> None:
    raw = sign_statement(authority.service_key, authority.service, "log_receipted@1", b'{"a":1}')
    assert open_statement(raw, TrustStore(authority.root)) == ("log_receipted@1", b'{"a":1}')
    assert raw == sealed(authority, service_headers(authority, "outpost/log_receipted@1"), payload=b'{"a":1}')


@given(kind=st.from_regex(r"[a-z][a-z0-9_.-]{0,63}(@[0-9]{1,4})?", fullmatch=True), body=st.binary(max_size=500))
def test_round_trip(kind: str, body: bytes) -> None:
    authority = make_authority(1)
    raw = sign_statement(authority.service_key, authority.service, kind, body)
    assert open_statement(raw, TrustStore(authority.root)) == (kind, body)


@pytest.mark.parametrize("kind", ["", "A", "a b", "a@", "a@12345", "a/b", "张", "a\n", "a" * 70])
def test_kinds_that_are_not_signed_nor_read(kind: str, authority: Authority, roots: TrustStore) -> None:
    with pytest.raises(TrustError, match="statement_kind"):
        sign_statement(authority.service_key, authority.service, kind, b"")
    with pytest.raises(StructureError, match="statement_kind"):
        open_statement(sealed(authority, service_headers(authority, "outpost/" + kind)), roots)


@pytest.mark.parametrize(
    "content_type", ["task_assigned@1", "outposttask_assigned@1", "Outpost/task_assigned@1", "op/v1", ""]
)
def test_content_types_that_are_not_ours_are_no_statements(
    authority: Authority, roots: TrustStore, content_type: str
) -> None:
    with pytest.raises(StructureError, match="statement_kind"):
        open_statement(sealed(authority, service_headers(authority, content_type)), roots)


def test_every_flipped_bit_is_found(authority: Authority, roots: TrustStore) -> None:
    raw = sign_statement(authority.service_key, authority.service, "task_assigned@1", b"{}")
    for bit in range(8 * len(raw)):
        with pytest.raises(ForgedError):
            open_statement(flipped(raw, bit), roots)


def test_every_cut_is_found(authority: Authority, roots: TrustStore) -> None:
    raw = sign_statement(authority.service_key, authority.service, "task_assigned@1", b"{}")
    for cut in range(len(raw)):
        with pytest.raises(StructureError):
            open_statement(raw[:cut], roots)
    for wrong in (raw + b"\0", raw + raw, b"\xd9\xd9\xf7" + raw):
        with pytest.raises(StructureError):
            open_statement(wrong, roots)


def test_a_device_cannot_speak_for_headquarters(authority: Authority, roots: TrustStore) -> None:
    raw = sign_statement(authority.device_key, authority.device, "allowance_granted@1", b"{}")
    with pytest.raises(ForgedError, match="certificate_role"):
        open_statement(raw, roots)


def test_the_root_itself_does_not_sign_statements(authority: Authority, roots: TrustStore) -> None:
    raw = sign_statement(authority.root_key, authority.root, "allowance_granted@1", b"{}")
    with pytest.raises(ForgedError, match="certificate_role"):
        open_statement(raw, roots)


def test_another_headquarters_is_not_ours(foreign: Authority, roots: TrustStore) -> None:
    raw = sign_statement(foreign.service_key, foreign.service, "task_assigned@1", b"{}")
    with pytest.raises(ForgedError, match="signature_wrong"):
        open_statement(raw, roots)


def test_a_borrowed_certificate_does_not_help(authority: Authority, foreign: Authority, roots: TrustStore) -> None:
    with pytest.raises(ForgedError, match="signature_wrong"):
        open_statement(sealed(authority, service_headers(authority), key=foreign.service_key), roots)
    with pytest.raises(TrustError, match="signer_not_certified"):
        sign_statement(foreign.service_key, authority.service, "task_assigned@1", b"{}")


def test_a_wrong_kid_is_found_even_when_signed(authority: Authority, roots: TrustStore) -> None:
    with pytest.raises(ForgedError, match="kid_mismatch"):
        open_statement(sealed(authority, service_headers(authority) | {4: b"12345678"}), roots)


def test_headers_of_another_shape_are_refused_even_when_signed(authority: Authority, roots: TrustStore) -> None:
    good = service_headers(authority)
    ordered = cbor2.dumps(good)
    assert open_statement(sealed(authority, ordered), roots)
    entries = {key: cbor2.dumps(key) + cbor2.dumps(value) for key, value in good.items()}
    shapes = {
        "no alg": {key: value for key, value in good.items() if key != 1},
        "no kid": {key: value for key, value in good.items() if key != 4},
        "no certificate": {key: value for key, value in good.items() if key != 33},
        "no content type": {key: value for key, value in good.items() if key != 3},
        "ES256": good | {1: -7},
        "alg by name": good | {1: "EdDSA"},
        "kid as text": good | {4: "12345678"},
        "content type as number": good | {3: 60},
        "certificate in a list": good | {33: [authority.service]},
        "one more header": good | {34: 1},
        "critical header": {1: -8, 2: [3]} | good,
        "true for alg": {True: -8} | {key: value for key, value in good.items() if key != 1},
        "alg -8.0": good | {1: -8.0},
        "certificate not bytes": good | {33: "x"},
    }
    accepted = [name for name, shape in shapes.items() if opens(sealed(authority, shape), roots)]
    assert accepted == []
    for order in ((3, 1, 4, 33), (1, 3, 33, 4), (1, 1, 3, 4, 33), (1, 3, 4, 33, 33), (1, 3, 4, 4, 33)):
        head = bytes([0xA0 + len(order)])
        with pytest.raises(StructureError):
            open_statement(sealed(authority, head + b"".join(entries[key] for key in order)), roots)
    with pytest.raises(StructureError):
        open_statement(sealed(authority, b""), roots)
    with pytest.raises(StructureError):
        open_statement(sealed(authority, cbor2.dumps([1])), roots)


@pytest.mark.parametrize("unprotected", ["a10442" + "3131", "bfff", "b800", "80", "f6", "40"])
def test_an_unprotected_map_must_be_empty_and_short(authority: Authority, roots: TrustStore, unprotected: str) -> None:
    with pytest.raises(StructureError):
        open_statement(sealed(authority, service_headers(authority), unprotected=bytes.fromhex(unprotected)), roots)


def test_other_tags_and_a_detached_payload_are_refused(authority: Authority, roots: TrustStore) -> None:
    raw = sealed(authority, service_headers(authority))
    protected, _, _, signature = cbor2.loads(raw).value
    detached = b"\xd2\x84" + cbor2.dumps(protected) + b"\xa0\xf6" + cbor2.dumps(signature)
    for wrong in (raw[1:], b"\xd1" + raw[1:], b"\xd8\x12" + raw[1:], b"\xd2" + raw, detached):
        with pytest.raises(StructureError):
            open_statement(wrong, roots)


def test_oversized_statements_are_neither_signed_nor_read(authority: Authority, roots: TrustStore) -> None:
    with pytest.raises(TrustError, match="statement_too_long"):
        sign_statement(authority.service_key, authority.service, "task_assigned@1", bytes(MAX_STATEMENT_BYTES))
    with pytest.raises(StructureError, match="sign1_too_long"):
        open_statement(b"\xd2" * (MAX_STATEMENT_BYTES + 1), roots)


@given(raw=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"\xd2\x84" + tail))
def test_random_bytes_are_forged_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(ForgedError):
        open_statement(raw, TrustStore(make_authority(1).root))
