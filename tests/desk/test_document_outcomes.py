"""Notices of what was decided: drawn from stored determinations, vouchers and headquarters' signed decisions; several policies, several payees."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from claims.amounts import yuan
from claims.capitals import amount_in_capitals
from claims.desk import Desk
from claims.errors import Bilingual, InputError
from claims.events import DeterminationMade, PayeeFact, PersonFact
from claims.explanation import basis
from claims.form_fields import FactValue
from claims.materials import Material
from claims.paper_definitions import PaperId
from claims.papers import Mark
from claims.reference import Waiver
from claims.signing import Role
from claims.statements import SettlementAnswered
from headquarters.extract_file import write_extract
from headquarters.sample import sample_catastrophes, sample_persons, sample_policies
from local_db.extract.apply import apply_extract
from local_db.key_file import unlock_keys
from local_db.key_slots import PassphraseUnlock
from local_db.release_shelf import CATASTROPHE
from resources.sample_numbers import CLINIC
from rules.engine import read_decision
from rules.engine.model import canonical
from tests.desk.document_desk import content, decide_at_headquarters, drawn, fill, refused
from tests.desk.station import (
    ADJUSTER,
    NOON,
    PASSPHRASE,
    QUAKE_DAY,
    Station,
    claimant,
    clinic_facts,
    new_case,
    payee,
    ready_case,
    take_papers,
)
from tests.desk.test_several_policies import COUNTER, YOUNGER, facts, further_policies, promise, year_pool
from tests.forms.reading import page_texts, squeezed
from tests.views import heirs

PAID = 648_824


@pytest.fixture
def several(station: Station) -> Station:
    """Give the station two more policies of the clinic's insured, with an allowance on each."""
    file = station.home.parent / "several.zst"
    write_extract(file, sample_persons(), (*sample_policies(), *further_policies()), 2, NOON)
    key = unlock_keys(station.home, PassphraseUnlock(ADJUSTER, PASSPHRASE), station.clock).file_key("extract")
    with file.open("rb") as stream:
        apply_extract(stream, station.home / "extract", key)
    counter, younger, *_ = further_policies()
    with station.store() as store, store.write() as uow:
        for place, pool in enumerate((year_pool(counter, "counter"), year_pool(younger, "medical_year"))):
            uow.receive(station.allowance(pool, 1_500_000, f"G-{place + 2}"))
    return station


def case_of(desk: Desk, *policy_nos: str) -> str:
    case_no = desk.open_case(new_case(policy_nos=policy_nos))
    take_papers(desk, case_no)
    return case_no


def decided(station: Station, prepare: Callable[[Desk], str], decision: str, **fields: object) -> tuple[str, Desk]:
    """Prepare a case, let headquarters decide it, open the desk again."""
    with contextlib.closing(station.open()) as desk:
        case_no = prepare(desk)
    decide_at_headquarters(station, case_no, decision, **fields)
    return case_no, station.open()


def test_the_decision_notice_is_the_stored_explanation(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.promise(case_no, CLINIC, (payee(),))
    paper = fill(desk, case_no, PaperId.DECISION_NOTICE)

    filled = content(paper)
    (record,) = desk.determinations(case_no)
    decision = read_decision(record.decision)
    assert filled.values["decision.total"] == decision.total_fen == voucher.amount_fen == PAID
    lines = basis(decision, desk.catastrophes()[0])
    assert [row["step.item"] for row in filled.tables["steps"]] == [line.name for line in lines]
    assert [row.get("step.clause", "") for row in filled.tables["steps"]] == [line.clause for line in lines]
    assert filled.attached == {f"determination-{CLINIC}.json": record.decision}
    assert canonical(read_decision(filled.attached[f"determination-{CLINIC}.json"])) == record.decision
    assert filled.marks == (Mark.PRE_APPROVED,)

    text = drawn(desk, paper.number)
    values = (
        voucher.number,
        CLINIC,
        claimant().name,
        "W-01",
        "W-02",
        "-100.00",
        "6,488.24",
        "陆仟肆佰捌拾捌元贰角肆分",
        "本人",
    )
    for value in (*values, "第二十三条", "6217***********0122", "预核"):
        assert squeezed(value) in text, value
    assert "6217001234567890122" not in text, "a notice shows four digits at each end"


def test_a_later_calculation_does_not_change_what_was_decided(desk: Desk) -> None:
    case_no = ready_case(desk)
    (voucher,) = desk.promise(case_no, CLINIC, (payee(),))
    before = content(fill(desk, case_no, PaperId.DECISION_NOTICE))
    desk.adjudicate(case_no, CLINIC, clinic_facts(bill_total=121_030))
    after = content(fill(desk, case_no, PaperId.DECISION_NOTICE, another=True))
    assert (after.values, after.tables, after.attached) == (before.values, before.tables, before.attached)
    assert not next(each for each in desk.papers_possible(case_no) if each.paper is PaperId.SPLIT_STATEMENT).ready
    desk.void(voucher.number, "重新理算")
    with pytest.raises(InputError, match="paper_not_ready"):
        desk.paper_form(case_no, PaperId.DECISION_NOTICE)


def test_the_watermark_goes_when_headquarters_has_settled(station: Station) -> None:
    with contextlib.closing(station.open()) as desk:
        case_no = ready_case(desk)
        (voucher,) = desk.promise(case_no, CLINIC, (payee(),))
        first = fill(desk, case_no, PaperId.DECISION_NOTICE)
        statement = fill(desk, case_no, PaperId.SPLIT_STATEMENT, {"split.original": "kept"})
    with station.store() as store, store.write() as uow:
        uow.receive(
            station.hq.say(
                SettlementAnswered,
                case_no=case_no,
                voucher_no=voucher.number,
                replay="identical",
                settlement="settled",
                amount_fen=PAID,
                reason=Bilingual("", ""),
            )
        )
    with contextlib.closing(station.open()) as desk:
        final = fill(desk, case_no, PaperId.DECISION_NOTICE)
        assert final.number != first.number
        assert (content(first).marks, content(final).marks) == ((Mark.PRE_APPROVED,), ())
        assert "总部最终决定" in drawn(desk, final.number)
        later = content(fill(desk, case_no, PaperId.SPLIT_STATEMENT, {"split.original": "kept"}))
        assert later.marks == ()
        assert later.values["split.earlier"] == statement.number


def test_several_policies_stand_on_one_notice_and_the_open_one_is_named(several: Station) -> None:
    with contextlib.closing(several.open()) as desk:
        case_no = case_of(desk, CLINIC, COUNTER, YOUNGER)
        vouchers = {}
        for policy_no in (COUNTER, CLINIC):
            desk.adjudicate(case_no, policy_no, facts())
            vouchers[policy_no] = promise(desk, case_no, policy_no)
        paper = fill(desk, case_no, PaperId.DECISION_NOTICE)
        filled = content(paper)
        sums = {policy_no: voucher.amount_fen or 0 for policy_no, voucher in vouchers.items()}
        assert filled.values["decision.total"] == sum(sums.values())
        assert sum(int(str(row["liability.amount"])) for row in filled.tables["liabilities"]) == sum(sums.values())
        assert {str(row["payee.voucher"]) for row in filled.tables["payees"]} == {
            each.number for each in vouchers.values()
        }
        assert len(filled.attached) == 2
        text = drawn(desk, paper.number)
        for value in (COUNTER, CLINIC, *map(yuan, sums.values()), *map(amount_in_capitals, sums.values())):
            assert value in text, value
        assert f"{YOUNGER}" in text
        assert "尚未理算" in text


def test_one_bill_on_several_policies_is_split_to_the_fen(several: Station) -> None:
    with contextlib.closing(several.open()) as desk:
        case_no = case_of(desk, CLINIC, COUNTER)
        bill = facts(fund_paid=100_000, other_payers_paid=20_000)
        sums = []
        for policy_no in (COUNTER, CLINIC):
            desk.adjudicate(case_no, policy_no, bill)
            sums.append(promise(desk, case_no, policy_no).amount_fen or 0)
        paper = fill(
            desk, case_no, PaperId.SPLIT_STATEMENT, {"split.original": "returned", "split.next_insurer": "别家人寿"}
        )
        filled = content(paper)
        assert [row["payment.amount"] for row in filled.tables["payments"]] == [100_000, 20_000, 0, *reversed(sums)]
        left = 821_030 - 120_000 - sum(sums)
        assert filled.values["split.left"] == left
        assert filled.values["split.paid"] == 120_000 + sum(sums)
        text = drawn(desk, paper.number)
        for value in (
            "990601260000731846",
            "别家人寿",
            "已退还客户",
            yuan(left),
            amount_in_capitals(left),
            *map(yuan, sums),
        ):
            assert value in text, value
        assert refused(desk, case_no, PaperId.SPLIT_STATEMENT, {"split.original": "other_insurer"}) == {
            "split.original_place": "missing"
        }


def test_a_fixed_benefit_is_no_payment_on_the_bill(station: Station) -> None:
    with contextlib.closing(station.open()) as desk:
        case_no = case_of(desk, CLINIC)
        desk.adjudicate(case_no, CLINIC, clinic_facts())
        (record,) = desk.determinations(case_no)
    decision = read_decision(record.decision)
    (medical, *others) = decision.liabilities
    cash = msgspec.structs.replace(
        medical, liability="cash", loss_key="stay:2026-11-20", amount_fen=20_000, shares_fen=(20_000,)
    )
    both = msgspec.structs.replace(
        decision, liabilities=(medical, *others, cash), total_fen=decision.total_fen + cash.amount_fen
    )
    raw = canonical(both)
    with station.store() as store, store.write() as uow:
        uow.append(
            DeterminationMade(
                at=NOON,
                case_no=case_no,
                policy_no=CLINIC,
                pack_hash=record.pack_hash,
                facts=msgspec.Raw(record.facts),
                decision=msgspec.Raw(raw),
                decision_sha256=hashlib.sha256(raw).hexdigest(),
                outcome=record.outcome,
                outcome_reasons=(),
            )
        )
    decide_at_headquarters(station, case_no, "pay", amount_fen=both.total_fen)
    with contextlib.closing(station.open()) as desk:
        filled = content(fill(desk, case_no, PaperId.SPLIT_STATEMENT, {"split.original": "kept"}))
        assert filled.values["split.paid"] == PAID
        assert filled.values["split.left"] == 821_030 - PAID
    # Another sum for both benefits together: what falls on the bill is not known here.
    decide_at_headquarters(station, case_no, "partial", amount_fen=600_000)
    with contextlib.closing(station.open()) as desk:
        found = next(each for each in desk.papers_possible(case_no) if each.paper is PaperId.SPLIT_STATEMENT)
        assert found.why_not is not None
        assert "由总部出具" in found.why_not.zh


def test_a_bill_entered_differently_is_stated_for_nobody(several: Station) -> None:
    with contextlib.closing(several.open()) as desk:
        case_no = case_of(desk, CLINIC, COUNTER)
        for policy_no, total_fen in ((COUNTER, 821_030), (CLINIC, 821_020)):
            desk.adjudicate(case_no, policy_no, facts(bill_total=total_fen))
            promise(desk, case_no, policy_no)
        found = next(each for each in desk.papers_possible(case_no) if each.paper is PaperId.SPLIT_STATEMENT)
        assert found.why_not is not None
        assert "不一致" in found.why_not.zh


def test_a_death_names_every_beneficiary_and_what_each_is_paid(tmp_path: Path) -> None:
    station = heirs.station_with_heirs(tmp_path / "home")
    with contextlib.closing(station.open()) as desk:
        case_no = heirs.decided_death(desk)
        rows = desk.paper_form(case_no, PaperId.APPLICATION).rows[0].rows
        # The second beneficiary is a child: somebody acts for her, who is not on record.
        assert [
            (row.get("applicant.name"), row["applicant.relation"], row.get("applicant.on_behalf")) for row in rows
        ] == [
            ("林若兰", "beneficiary", None),
            (None, "guardian", "万俟清禾"),
            ("单雨桐", "beneficiary", None),
        ]
        for role, name in ((Role.CLAIMANT, "林若兰"), (Role.CLAIMANT, "万俟宏"), (Role.ADJUSTER, "林晓禾")):
            desk.sign(case_no, heirs.POLICY_NO, role=role, name=name, ink=(((0, 0), (9, 9)),))
        people = {each.name: each.id_number for each in sample_persons()}
        payees = [
            PayeeFact(
                name=name,
                id_number=people[name],
                relation="beneficiary",
                bank="示例银行",
                account=f"621700123456789{place}122",
            )
            for place, name in enumerate(("林若兰", "万俟清禾"))
        ]
        # The third died before the insured and takes nothing; the rules know by their place.
        third = PayeeFact(name="单雨桐", id_number=people["单雨桐"], relation="beneficiary", bank="", account="")
        vouchers = desk.promise(case_no, heirs.POLICY_NO, (*payees, third))
        assert [each.amount_fen for each in vouchers] == [heirs.FIRST_FEN, heirs.SECOND_FEN]

        paper = fill(desk, case_no, PaperId.DECISION_NOTICE)
        filled = content(paper)
        assert [(row["payee.name"], row["payee.amount"]) for row in filled.tables["payees"]] == [
            ("林若兰", heirs.FIRST_FEN),
            ("万俟清禾", heirs.SECOND_FEN),
        ]
        assert filled.values["decision.total"] == heirs.TOTAL_FEN
        text = drawn(desk, paper.number)
        for value in ("请您节哀", "林若兰", "万俟清禾", "125,000.00", "柒万伍仟元整", "贰拾万元整", heirs.POLICY_NO):
            assert value in text, value


def test_who_died_applies_for_nothing(tmp_path: Path) -> None:
    station = heirs.station_with_heirs(tmp_path / "home")
    with contextlib.closing(station.open()) as desk:
        case_no = heirs.decided_death(desk)
        row = {"applicant.name": heirs.insured().name, "applicant.relation": "self", "applicant.id_type": "resident"}
        entered = {
            "case.description": "病故",
            "loss.cause": "illness",
            "social_insurance.kind": "none",
            "other_cover.any": "否",
        }
        found = refused(desk, case_no, PaperId.APPLICATION, entered, {"applicants": [row]})
        assert found == {"applicants[0].applicant.name": "insured_died"}


def test_only_headquarters_refuses(station: Station) -> None:
    def report(desk: Desk) -> str:
        case_no = desk.open_case(new_case())
        with pytest.raises(InputError, match="paper_not_ready"):
            desk.ask_paper(
                case_no, PaperId.REFUSAL_NOTICE, {"notice.addressee": "陈㛃", "delivery.method": "in_person"}
            )
        return case_no

    case_no, desk = decided(station, report, "decline", policy_no=CLINIC, refund_fen=612_000)
    with contextlib.closing(desk):
        form = desk.paper_form(case_no, PaperId.REFUSAL_NOTICE)
        assert {each.key for each in form.fields} == {"notice.addressee", "delivery.method", "delivery.to"}
        paper = fill(desk, case_no, PaperId.REFUSAL_NOTICE)
        filled = content(paper)
        assert filled.marks == ()
        assert (filled.values["refusal.on"], filled.values["refusal.until"]) == ("2026-11-21", "2026-11-24")
        text = drawn(desk, paper.number)
        values = (
            "酒后驾驶期间发生的事故不承担给付责任",
            "事故发生时被保险人酒后驾驶",
            "属于责任免除",
            "总部理赔部王审",
            CLINIC,
        )
        for value in (*values, "6,120.00", "陆仟壹佰贰拾元整", "第二十四条", "12378", "人民法院", "2026-11-24"):
            assert value in text, value
        english = squeezed("".join(page_texts(desk.reading_copy(paper.number))))
        assert "Noticeofrefusal" in english
        ready = {each.paper: each.ready for each in desk.papers_possible(case_no)}
        assert not ready[PaperId.DECISION_NOTICE]
        assert not ready[PaperId.PREPAYMENT_AGREEMENT]


def test_several_refused_policies_stand_apart_on_one_notice(several: Station) -> None:
    case_no, desk = decided(
        several, lambda desk: case_of(desk, CLINIC, YOUNGER), "decline", policy_no=CLINIC, facts="甲事实"
    )
    desk.close()
    decide_at_headquarters(several, case_no, "rescind", policy_no=YOUNGER, facts="乙事实", refund_fen=10_001)
    with contextlib.closing(several.open()) as desk:
        filled = content(fill(desk, case_no, PaperId.REFUSAL_NOTICE))
        assert filled.values["refusal.facts"] == f"保单 {CLINIC}：甲事实\n保单 {YOUNGER}：乙事实"
        assert [(row["policy.number"], row["refund.amount"]) for row in filled.tables["refunds"]] == [(YOUNGER, 10_001)]


def test_a_case_declined_whole_is_refused_once(several: Station) -> None:
    case_no, desk = decided(several, lambda desk: case_of(desk, CLINIC, YOUNGER), "decline", refund_fen=5)
    with contextlib.closing(desk):
        filled = content(fill(desk, case_no, PaperId.REFUSAL_NOTICE))
        assert filled.values["refusal.facts"] == "事故发生时被保险人酒后驾驶。"
        assert [row["refund.amount"] for row in filled.tables["refunds"]] == [5]
        assert filled.values["refusal.policies"] == f"{CLINIC}、{YOUNGER}"


def test_headquarters_newest_word_counts(station: Station) -> None:
    case_no, desk = decided(station, lambda desk: desk.open_case(new_case()), "decline")
    desk.close()
    decide_at_headquarters(station, case_no, "pay", amount_fen=100)
    with contextlib.closing(station.open()) as desk:
        ready = {each.paper: each.ready for each in desk.papers_possible(case_no)}
        assert (ready[PaperId.REFUSAL_NOTICE], ready[PaperId.DECISION_NOTICE]) == (False, True)


def test_a_decision_that_this_version_does_not_know_is_neither_paid_nor_refused(station: Station) -> None:
    case_no, desk = decided(station, lambda desk: desk.open_case(new_case()), "arbitrate", amount_fen=100)
    with contextlib.closing(desk):
        ready = {each.paper: each.ready for each in desk.papers_possible(case_no)}
        assert (ready[PaperId.REFUSAL_NOTICE], ready[PaperId.DECISION_NOTICE]) == (False, False)


def test_a_sum_of_headquarters_needs_payees_that_come_to_it(station: Station) -> None:
    def calculated(desk: Desk) -> str:
        case_no = desk.open_case(new_case())
        take_papers(desk, case_no)
        desk.adjudicate(case_no, CLINIC, clinic_facts())
        return case_no

    case_no, desk = decided(
        station, calculated, "partial", policy_no=CLINIC, amount_fen=600_000, grounds="自费药部分不予给付。"
    )
    with contextlib.closing(desk):
        (rows,) = desk.paper_form(case_no, PaperId.DECISION_NOTICE).rows
        assert rows.rows == ({"payee.name": claimant().name, "payee.amount": 600_000, "policy.number": CLINIC},)
        person = {
            "policy.number": CLINIC,
            "payee.name": claimant().name,
            "payee.relation": "self",
            "payee.bank": "示例银行",
        }
        one = person | {"payee.account": "6217001234567890122", "payee.amount": "6,000.00"}
        assert refused(
            desk, case_no, PaperId.DECISION_NOTICE, {}, {"payees": [one | {"payee.amount": "5,999.99"}]}
        ) == {"payees[0].payee.amount": "payees_differ"}
        paper = fill(desk, case_no, PaperId.DECISION_NOTICE, {}, {"payees": [one]})
        filled = content(paper)
        assert filled.marks == ()
        assert filled.values["decision.total"] == 600_000
        assert [row["liability.amount"] for row in filled.tables["liabilities"]] == [600_000]
        text = drawn(desk, paper.number)
        for value in ("自费药部分不予给付", "现场计算6,488.24元，总部核定6,000.00元", "陆仟元整", "部分给付"):
            assert value in text, value


def test_a_whole_case_in_one_sum_is_never_told_twice(several: Station) -> None:
    case_no, desk = decided(several, lambda desk: case_of(desk, CLINIC, YOUNGER), "pay", amount_fen=300_000)
    with contextlib.closing(desk):
        person: dict[str, FactValue] = {
            "payee.name": claimant().name,
            "payee.relation": "self",
            "payee.bank": "示例银行",
            "payee.account": "6217001234567890122",
        }
        row = person | {"policy.number": f"{CLINIC}、{YOUNGER}", "payee.amount": 300_000}
        filled = content(fill(desk, case_no, PaperId.DECISION_NOTICE, {}, {"payees": [row]}))
        assert filled.values["decision.total"] == 300_000
        assert len(filled.tables["liabilities"]) == 1
    # Then one policy is decided apart: what is left of the one sum for the other is unknown, so nothing is told of it.
    decide_at_headquarters(several, case_no, "decline", policy_no=YOUNGER)
    with contextlib.closing(several.open()) as desk:
        ready = {each.paper: each.ready for each in desk.papers_possible(case_no)}
        assert (ready[PaperId.REFUSAL_NOTICE], ready[PaperId.DECISION_NOTICE]) == (True, False)


def test_waived_papers_are_named_with_their_measure(station: Station) -> None:
    catastrophe = sample_catastrophes()[0]
    waivers = (
        *catastrophe.waivers,
        Waiver(code="RECEIPT_ONLY", number="W-07", text=Bilingual("凭收据理赔，不用病历。", "Receipts will do.")),
    )
    blob = msgspec.json.encode((msgspec.structs.replace(catastrophe, waivers=waivers),))
    station.shelf().take(station.hq.release(CATASTROPHE, 2, blob), blob)
    papers = (
        Material.APPLICATION,
        Material.INSURED_ID,
        Material.OUTPATIENT_BILL,
        Material.ACCIDENT_PROOF,
        Material.BANK_ACCOUNT,
    )
    with contextlib.closing(station.open()) as desk:
        case_no = desk.open_case(new_case())
        take_papers(desk, case_no, papers)
        desk.adjudicate(case_no, CLINIC, clinic_facts())
        for role, name in ((Role.CLAIMANT, claimant().name), (Role.ADJUSTER, "林晓禾")):
            desk.sign(case_no, CLINIC, role=role, name=name, ink=(((0, 0), (9, 9)),))
        desk.promise(case_no, CLINIC, (payee(),))
        text = drawn(desk, fill(desk, case_no, PaperId.DECISION_NOTICE).number)
        for value in ("病历、出院小结或诊断证明（免交）", "W-07", "凭收据理赔，不用病历"):
            assert value in text, value


def test_somebody_without_a_policy_here_can_still_be_told(station: Station) -> None:
    person = PersonFact(name="李𠅤")
    case_no, desk = decided(
        station,
        lambda desk: desk.open_case(new_case(insured=person, reporter=person, policy_nos=(), loss_date=QUAKE_DAY)),
        "decline",
    )
    with contextlib.closing(desk):
        text = drawn(desk, fill(desk, case_no, PaperId.REFUSAL_NOTICE).number)
        assert "李𠅤" in text
