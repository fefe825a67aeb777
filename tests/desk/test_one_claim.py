"""One claim on a real encrypted store: report, papers, benefit, signature, voucher, and its life afterwards."""

from __future__ import annotations

import msgspec
import pytest

from claims.desk import Desk
from claims.errors import InputError
from claims.events import Outcome, PaperKind
from claims.materials import Material
from claims.records import PaperState
from claims.signing import Role
from resources.sample_numbers import CLINIC
from tests.desk.station import (
    CLINIC_PAPERS,
    NOON,
    Station,
    claimant,
    clinic_facts,
    clinic_pool,
    decide_and_sign,
    new_case,
    payee,
    photo,
    ready_case,
    take_papers,
)
from trust.certificates import TrustStore
from trust.vouchers import open_voucher


def test_a_complete_claim_becomes_a_voucher_that_says_what_was_decided(desk: Desk, station: Station) -> None:
    case_no = ready_case(desk)

    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))

    assert paper.kind is PaperKind.VOUCHER
    assert paper.amount_fen == 648_824
    claims = open_voucher(paper.cose or b"", TrustStore(station.hq.root)).claims
    assert (claims.voucher_no, claims.amount_fen, claims.payee) == (paper.number, 648_824, claimant().name)
    assert claims.issued_at == int(NOON.timestamp())
    assert claims.grants == ("G-1",)
    assert desk.case(case_no).state == "calculated"


@pytest.mark.parametrize("name", ["", " ", "覃" * 121, "周\x00立安", "周\u202e安立", "\ud800"])
def test_a_name_that_can_not_stand_on_a_voucher_is_refused_in_words(desk: Desk, name: str) -> None:
    case_no = ready_case(desk)
    with pytest.raises(InputError, match="payee_name") as refused:
        desk.conclude(case_no, CLINIC, (msgspec.structs.replace(payee(), name=name),))
    assert refused.value.sentence("zh").isprintable()
    assert not desk.papers()
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    assert paper.number == "QX07-D3-000001-09"


def test_without_allowance_there_is_a_slip_that_promises_nothing(desk: Desk) -> None:
    case_no = ready_case(desk, clinic_facts(bill_total=2_000_000 - 1, self_expense=0))

    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))

    assert paper.kind is PaperKind.SLIP
    assert paper.amount_fen is None
    assert paper.outcome is Outcome.RECEIPT_ONLY
    assert any("额度" in reason.zh for reason in paper.reasons)


def test_the_same_bill_is_not_promised_twice(desk: Desk) -> None:
    first = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    second = desk.open_case(new_case())
    for shade, material in enumerate(CLINIC_PAPERS):
        desk.add_document(second, material, f"{material.value}.jpg", photo(100 + shade))
    decide_and_sign(desk, second)

    (paper,) = desk.conclude(second, CLINIC, (payee(),))

    assert first[0].kind is PaperKind.VOUCHER
    assert paper.kind is PaperKind.SLIP


def test_promises_since_the_extract_count_as_used(desk: Desk, station: Station) -> None:
    case_no = ready_case(desk)
    desk.conclude(case_no, CLINIC, (payee(),))
    other = desk.open_case(new_case())
    take_papers(desk, other)

    desk.adjudicate(other, CLINIC, clinic_facts("0000731999", bill_total=1_990_000, self_expense=0))

    facts = msgspec.json.decode(desk.determinations(other)[0].facts)
    assert facts["used_medical_year"] == 648_824
    desk.close()
    with station.store() as store, store.read() as reads:
        assert reads.promised_fen(clinic_pool()) == 648_824


def test_missing_papers_hold_the_promise_back_and_are_all_named(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no, (Material.APPLICATION, Material.INSURED_ID))
    decide_and_sign(desk, case_no)

    with pytest.raises(InputError) as refused:
        desk.promise(case_no, CLINIC, (payee(),))

    assert refused.value.code == "not_pre_approved"
    for word in ("病历", "收费票据", "意外事故证明", "银行账户"):
        assert word in refused.value.cause.zh


def test_nothing_is_promised_unsigned_or_after_a_refusal_to_sign(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    desk.sign(case_no, CLINIC, role=Role.ADJUSTER, name="林晓禾")
    desk.sign(case_no, CLINIC, role=Role.CLAIMANT, name=claimant().name, refused=True)

    with pytest.raises(InputError) as refused:
        desk.promise(case_no, CLINIC, (payee(),))

    assert refused.value.code == "unsigned"
    assert not desk.papers(case_no)


def test_a_new_decision_makes_the_old_signature_worthless(desk: Desk) -> None:
    case_no = ready_case(desk)
    desk.adjudicate(case_no, CLINIC, clinic_facts(bill_total=700_000, self_expense=0))

    with pytest.raises(InputError) as refused:
        desk.promise(case_no, CLINIC, (payee(),))

    assert refused.value.code == "unsigned"


def test_the_life_of_a_voucher(desk: Desk) -> None:
    (paper,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    assert paper.state is PaperState.ASKED
    assert [each.number for each in desk.unfinished_papers()] == [paper.number]

    first = desk.draw(paper.number)
    assert desk.paper(paper.number).state is PaperState.RENDERED
    with pytest.raises(InputError, match="not_printed"):
        desk.hand_over(paper.number, claimant().name)
    desk.mark_printed(paper.number, "printer")
    desk.hand_over(paper.number, claimant().name)
    assert desk.paper(paper.number).state is PaperState.HANDED_OVER

    again = desk.draw(paper.number)
    assert (first.copy_no, again.copy_no) == (1, 2)
    assert desk.paper(paper.number).cose == paper.cose
    desk.void(paper.number, "打印模糊")
    assert desk.paper(paper.number).state is PaperState.VOIDED
    with pytest.raises(InputError, match="voided"):
        desk.draw(paper.number)


def test_a_person_this_laptop_does_not_know_is_taken_in_all_the_same(desk: Desk) -> None:
    stranger = msgspec.structs.replace(claimant(), name="无名氏", id_number=None, person_id=None)
    case_no = desk.open_case(new_case(insured=stranger, policy_nos=()))
    desk.add_document(case_no, Material.SITE_PHOTO, "site.jpg", photo(9))

    slip = desk.give_slip(case_no)
    drawn = desk.draw(slip.number)

    assert drawn.pdf.startswith(b"%PDF")
    assert desk.case(case_no).insured.name == "无名氏"


def test_a_policy_that_is_not_here_is_told_in_words(desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    with pytest.raises(InputError) as refused:
        desk.adjudicate(case_no, "AT0000", clinic_facts())
    assert refused.value.code == "policy_unknown"
    assert "AT0000" in refused.value.cause.zh
