"""What an answer is worth: only HQ's signed word about this device and this question."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.statements import LogReceipted, TaskAssigned
from rules.engine.model import Bilingual
from sync.wire.faults import LinkFault
from sync.wire.messages import DownAnswered, HaveAnswered, HelloAnswered
from sync.wire.verify import (
    UnknownAnswerError,
    newest_hq_time,
    open_down,
    open_have,
    open_hello,
    open_receipt,
)
from tests.sync.authority import NOON, honest, later, stranger
from trust.statements import sign_statement

ROOTS = honest().roots()


def hello(**changes) -> HelloAnswered:
    answer = HelloAnswered(
        device="D3",
        epoch=1,
        nonce="n",
        hq_time=NOON,
        watermark_seq=0,
        digest="",
        feed_length=0,
        releases={},
        revoked=False,
    )
    return msgspec.structs.replace(answer, **changes)


def have(**changes) -> HaveAnswered:
    answer = HaveAnswered(device="D3", epoch=1, nonce="n", hq_time=NOON, held=(), missing=())
    return msgspec.structs.replace(answer, **changes)


def down(**changes) -> DownAnswered:
    answer = DownAnswered(device="D3", epoch=1, nonce="n", hq_time=NOON, feed_position=0, feed_length=0, statements=())
    return msgspec.structs.replace(answer, **changes)


def receipt(**changes) -> LogReceipted:
    answer = LogReceipted(statement_id="r", device="D3", epoch=1, issued_at=NOON, watermark_seq=3, digest="aa")
    return msgspec.structs.replace(answer, **changes)


def task(**changes) -> TaskAssigned:
    answer = TaskAssigned(
        statement_id="t", device="D3", epoch=1, issued_at=NOON, case_no=None, text=Bilingual("补", "add")
    )
    return msgspec.structs.replace(answer, **changes)


OPENERS = [
    (hello, lambda raw: open_hello(raw, ROOTS, device="D3", epoch=1, nonce="n")),
    (have, lambda raw: open_have(raw, ROOTS, device="D3", epoch=1, nonce="n")),
    (down, lambda raw: open_down(raw, ROOTS, device="D3", epoch=1, nonce="n")[0]),
    (receipt, lambda raw: open_receipt(raw, ROOTS, device="D3", epoch=1)),
]
NAMES = ["hello", "have", "down", "receipt"]


def fault_of(open_it, raw: bytes) -> LinkFault:
    with pytest.raises(UnknownAnswerError) as caught:
        open_it(raw)
    return caught.value.fault


@pytest.mark.parametrize(("make", "open_it"), OPENERS, ids=NAMES)
class TestEveryAnswer:
    def test_the_right_answer_is_opened(self, make, open_it):
        assert open_it(honest().sign(make())) == make()

    def test_another_device_or_epoch_is_refused(self, make, open_it):
        for changes in ({"device": "D4"}, {"epoch": 2}):
            assert fault_of(open_it, honest().sign(make(**changes))) is LinkFault.NOT_HEADQUARTERS

    def test_another_signer_is_refused(self, make, open_it):
        assert fault_of(open_it, stranger().sign(make())) is LinkFault.NOT_HEADQUARTERS

    def test_another_kind_is_refused(self, make, open_it):
        other = have() if make is not have else hello()
        assert fault_of(open_it, honest().sign(other)) is LinkFault.NOT_HEADQUARTERS

    def test_a_body_that_is_not_of_its_kind_is_refused(self, make, open_it):
        kind = type(make()).__struct_config__.tag
        other = have() if make is not have else hello()
        for body in (b"", b"{}", b"\xff\xfe", msgspec.json.encode(other)):
            raw = sign_statement(honest().service_key, honest().service_der, kind, body)
            assert fault_of(open_it, raw) is LinkFault.NOT_HEADQUARTERS

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_one_flipped_bit_is_never_accepted(self, make, open_it, data):
        raw = bytearray(honest().sign(make()))
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= 1 << data.draw(st.integers(0, 7))
        with pytest.raises(UnknownAnswerError):
            open_it(bytes(raw))


@pytest.mark.parametrize("raw", [b"", b"<html>Please log in</html>", b'{"type":"hello_answered@1"}', b"\xd2\x84"])
@pytest.mark.parametrize("open_it", [open_it for _, open_it in OPENERS], ids=NAMES)
def test_what_is_no_statement_is_a_portal(open_it, raw):
    assert fault_of(open_it, raw) is LinkFault.CAPTIVE_PORTAL


@pytest.mark.parametrize(("make", "open_it"), OPENERS[:3], ids=NAMES[:3])
def test_an_answer_to_another_question_is_refused(make, open_it):
    assert fault_of(open_it, honest().sign(make(nonce="older"))) is LinkFault.NOT_HEADQUARTERS


@pytest.mark.parametrize(("make", "open_it"), OPENERS[:3], ids=NAMES[:3])
def test_a_time_without_a_zone_is_refused(make, open_it):
    naive = datetime(2026, 11, 22, 4, 0)  # noqa: DTZ001 - the fault under test
    assert fault_of(open_it, honest().sign(make(hq_time=naive))) is LinkFault.NOT_HEADQUARTERS


def test_a_negative_watermark_is_refused():
    raw = honest().sign(receipt(watermark_seq=-1))
    assert fault_of(OPENERS[3][1], raw) is LinkFault.NOT_HEADQUARTERS


def good_of(*statements: bytes) -> int:
    raw = honest().sign(down(statements=statements, feed_length=len(statements)))
    return open_down(raw, ROOTS, device="D3", epoch=1, nonce="n")[1]


def test_the_feed_counts_up_to_the_first_statement_that_does_not_verify():
    first, second = honest().sign(task()), honest().sign(task(statement_id="u"))
    assert good_of(first, second) == 2
    assert good_of(first, stranger().sign(task()), second) == 1
    assert good_of(b"junk", first) == 0
    assert good_of(first, honest().sign(task(device="D4"))) == 1
    assert good_of(first, honest().sign(task(epoch=2))) == 1


def test_a_kind_this_version_does_not_know_is_kept():
    body = b'{"type":"poem_recited@1","statement_id":"p","device":"D3","epoch":1,"issued_at":"2026-11-22T04:00:00Z"}'
    raw = sign_statement(honest().service_key, honest().service_der, "poem_recited@1", body)
    assert good_of(raw) == 1


def test_a_body_that_says_another_kind_than_its_signature_is_not_kept():
    raw = sign_statement(honest().service_key, honest().service_der, "poem_recited@1", msgspec.json.encode(task()))
    assert good_of(raw) == 0


def test_signed_time_only_rises():
    assert newest_hq_time(None, NOON) == NOON
    assert newest_hq_time(NOON, later(1)) == later(1)
    assert newest_hq_time(later(1), NOON) == later(1)
