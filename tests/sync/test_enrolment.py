"""From a one-time code to a device: whom the laptop believes on the way, and what it does with mistyped codes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import EnvironmentProblem, InputError
from claims.statements import TaskAssigned
from rules.engine.model import Bilingual
from sync.carrier_http import HttpFirstContact, Timeouts
from sync.enrolment import enrol
from sync.problems import LinkProblem
from sync.wire.enrolment import (
    SECRET_BYTES,
    EnrolmentCodeError,
    canonical_code,
    make_code,
    root_fingerprint,
    secret_fingerprint,
    split_code,
)
from sync.wire.faults import LinkFault
from sync.wire.messages import STATEMENT_TYPE, EnrolAnswered
from tests.sync.authority import NOON, Authority, honest, stranger
from tests.sync.hq_server import Fault, running
from tests.sync.hq_simulator import HqSimulator, Reply
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

QUICK = Timeouts(connect_s=2.0, read_s=2.0)
SECRETS = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(secret=SECRETS, root=st.binary(max_size=40))
def test_a_code_is_read_back_however_it_is_typed(secret, root):
    code = make_code(secret, root)
    assert len(code) == 34
    for typed in (
        code,
        code.lower(),
        code.replace("-", ""),
        f"  {code.replace('-', ' ')} ",
        code.replace("0", "o").replace("1", "l"),
    ):
        parts = split_code(typed)
        assert parts.secret == secret
        assert parts.matches(root)
        assert canonical_code(typed) == code
    full_width = "".join(chr(ord(character) + 0xFEE0) if character.isalnum() else character for character in code)
    assert canonical_code(full_width) == code


@given(secret=SECRETS, place=st.integers(0, 27), step=st.integers(1, 31))
def test_one_wrong_character_is_found_before_anything_is_sent(secret, place, step):
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    letters = list(make_code(secret, b"root").replace("-", ""))
    letters[place] = alphabet[(alphabet.index(letters[place]) + step) % 32]
    with pytest.raises(EnrolmentCodeError):
        split_code("".join(letters))


@pytest.mark.parametrize("text", ["", "ABCD", "U" * 28, "A" * 29, "登记码", "0000-0000-0000-0000-0000-0000-0000"])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(EnrolmentCodeError):
        split_code(text)


def test_a_secret_of_another_length_makes_no_code():
    with pytest.raises(ValueError, match="5 bytes"):
        make_code(b"1234", b"root")


def test_the_fingerprint_has_eighty_bits_and_the_database_holds_no_code():
    assert len(root_fingerprint(b"root")) == 10
    assert secret_fingerprint(b"12345") != secret_fingerprint(b"12346")
    assert b"12345".hex() not in secret_fingerprint(b"12345")


@pytest.fixture
def hq() -> HqSimulator:
    return HqSimulator()


def test_a_new_laptop_becomes_a_device(hq, tmp_path):
    code = hq.new_code()
    signer = SoftwareKey.generate()
    with running(hq, tmp_path) as server:
        answer = enrol(HttpFirstContact(server.url, timeouts=QUICK), code.lower(), signer)
    assert answer.device == "D9"
    roots = TrustStore(answer.root_certificate)
    assert roots.verify_device(answer.device_certificate).public_key == signer.public_key
    assert hq.requests == [("GET", "/v1/root"), ("POST", "/v1/enrol")]


def test_a_code_of_another_headquarters_is_never_sent(hq, tmp_path):
    code = HqSimulator(stranger()).new_code()
    with running(hq, tmp_path) as server, pytest.raises(EnvironmentProblem) as caught:
        enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
    assert caught.value.code == "enrolment_wrong_headquarters"
    assert hq.requests == [("GET", "/v1/root")]


def test_an_impostor_who_copies_the_root_cannot_hold_its_tls(hq, tmp_path):
    code = hq.new_code()
    with running(hq, tmp_path, tls_by=stranger()) as server, pytest.raises(LinkProblem) as caught:
        enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS
    assert hq.requests == [("GET", "/v1/root")]
    assert hq.codes == {b"s3cr7": None}


def test_a_root_that_is_no_certificate_is_refused_even_when_the_fingerprint_fits():
    class Odd:
        def fetch_root(self) -> bytes:
            return b"not a certificate"

        def ask_pinned(self, *_: object) -> bytes:
            raise AssertionError("the code left")

    with pytest.raises(EnvironmentProblem) as caught:
        enrol(Odd(), make_code(b"12345", b"not a certificate"), SoftwareKey.generate())
    assert caught.value.code == "enrolment_wrong_headquarters"


def test_a_mistyped_code_is_told_before_anything_is_sent():
    class Nobody:
        def fetch_root(self) -> bytes:
            raise AssertionError("asked")

        def ask_pinned(self, *_: object) -> bytes:
            raise AssertionError("asked")

    with pytest.raises(InputError) as caught:
        enrol(Nobody(), "1234", SoftwareKey.generate())
    assert caught.value.code == "enrolment_code_mistyped"


def test_an_answer_lost_on_the_way_does_not_use_the_code_up(hq, tmp_path):
    code = hq.new_code()
    fates = [Fault.CUT_BEFORE_ANSWER, Fault.CUT_ANSWER]
    with running(hq, tmp_path) as server:
        server.fate = lambda _, path: fates.pop(0) if fates and path == "/v1/enrol" else None
        assert enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate()).device == "D9"
    assert not fates
    assert len(hq.devices) == 1


def test_a_code_works_once(hq, tmp_path):
    code = hq.new_code()
    with running(hq, tmp_path) as server:
        enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
        with pytest.raises(InputError) as caught:
            enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
    assert caught.value.code == "enrolment_code_refused"


class Answering:
    """A first contact whose answer the test writes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def fetch_root(self) -> bytes:
        return honest().root_der

    def ask_pinned(self, *_: object) -> bytes:
        return self._raw


SIGNER = SoftwareKey.generate()


def answer(authority: Authority | None = None, **changes) -> bytes:
    """Return a right answer with one thing changed."""
    right = EnrolAnswered(
        device="D9",
        epoch=1,
        station="QX07",
        station_name="七星站",
        adjuster="A1",
        adjuster_name="秦岚",
        company="示例人寿",
        hotline="95000",
        root_certificate=honest().root_der,
        service_certificate=honest().service_der,
        device_certificate=honest().device("D9", 1, SIGNER.public_key),
        recovery_public_key=bytes(32),
        hq_time=NOON,
        statements=(),
    )
    return (authority or honest()).sign(msgspec.structs.replace(right, **changes))


def statement(authority: Authority, device: str = "D9") -> bytes:
    return authority.sign(
        TaskAssigned(
            statement_id="1", device=device, epoch=1, issued_at=NOON, case_no=None, text=Bilingual("补", "add")
        )
    )


def test_the_right_answer_is_taken():
    raw = answer(statements=(statement(honest()),))
    assert enrol(Answering(raw), make_code(b"12345", honest().root_der), SIGNER).device == "D9"


@pytest.mark.parametrize(
    "raw",
    [
        answer(authority=stranger()),
        answer(root_certificate=stranger().root_der),
        answer(service_certificate=stranger().service_der),
        answer(device_certificate=stranger().device("D9", 1, SIGNER.public_key)),
        answer(device_certificate=honest().device("D9", 1, SoftwareKey.generate().public_key)),
        answer(device_certificate=honest().device("D8", 1, SIGNER.public_key)),
        answer(device_certificate=honest().device("D9", 2, SIGNER.public_key)),
        answer(device_certificate=honest().service_der),
        answer(statements=(statement(stranger()),)),
        answer(statements=(statement(honest(), "D8"),)),
        answer(statements=(b"junk",)),
    ],
    ids=[
        "signer",
        "root",
        "service",
        "device below another root",
        "another key",
        "another device",
        "another epoch",
        "a service as device",
        "statement of a stranger",
        "statement for another",
        "junk statement",
    ],
)  # fmt: skip - one name beside the other
def test_an_answer_with_one_wrong_part_is_not_taken(raw):
    with pytest.raises(LinkProblem) as caught:
        enrol(Answering(raw), make_code(b"12345", honest().root_der), SIGNER)
    assert caught.value.fault is LinkFault.NOT_HEADQUARTERS


def test_a_login_page_at_first_contact_is_named(hq, tmp_path):
    code = hq.new_code()
    page = Reply(200, {"Content-Type": "text/html"}, b"<html>log in</html>")
    with running(hq, tmp_path) as server:
        server.fate = lambda *_: page
        with pytest.raises(LinkProblem) as caught:
            enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
        assert caught.value.fault is LinkFault.CAPTIVE_PORTAL
        fake = Reply(200, {"Content-Type": STATEMENT_TYPE}, b"<html>log in</html>")
        server.fate = lambda _, path: fake if path == "/v1/enrol" else None
        with pytest.raises(LinkProblem) as caught:
            enrol(HttpFirstContact(server.url, timeouts=QUICK), code, SoftwareKey.generate())
    assert caught.value.fault is LinkFault.CAPTIVE_PORTAL
