"""Several of our own policies in one case: one bill is made good once, in the signed order, whatever the order of clicking."""

from __future__ import annotations

import contextlib
import itertools
from datetime import date

import msgspec
import pytest

from claims.desk import Desk
from claims.errors import InputError
from claims.events import AnyEvent, DeterminationMade, FactsRecorded, Outcome, PaperKind, VoucherIssued, decode_event
from claims.form_fields import FactValue
from claims.materials import ClaimType
from claims.overviews import CaseStep, StepState
from claims.records import DeterminationRecord, PaperRecord
from claims.reference import ExtractPolicy
from claims.settlement import person_key, policy_year_start, pool_id
from claims.signing import Role
from headquarters.extract_file import write_extract
from headquarters.sample import sample_persons, sample_policies
from local_db.extract.apply import apply_extract
from local_db.key_file import unlock_keys
from local_db.key_slots import PassphraseUnlock
from resources.sample_numbers import CLINIC
from rules.engine import decide, decode_facts, load_pack, read_decision
from rules.engine.model import Determination, PoolDraw, PoolScope, Unit, canonical
from tests.desk.station import (
    ADJUSTER,
    NOON,
    PACK_BYTES,
    PASSPHRASE,
    QUAKE_DAY,
    Station,
    claimant,
    clinic_facts,
    clinic_policy,
    clinic_pool,
    new_case,
    payee,
    take_papers,
)
from tests.views.benefit_cases import put_facts, typed
from trust.certificates import TrustStore
from trust.commits import open_commit
from views.screens.case.benefit_job import decide_due, gather

COUNTER = "KQ2026010100099"
"""Plan F, first in the signed order."""
YOUNGER = "AT2026070200032"
"""A second plan A, a day younger than the clinic's: last in the signed order."""
STUDENTS = ("ZH2026090100072", "ZH2026090100073", "ZH2026090100074")
"""Three plans D of one child: 200,000 yuan each for an accident death, 500,000 at most together."""
SIGNED_ORDER = (COUNTER, CLINIC, YOUNGER)
BILL = 821_030
PACK = load_pack(PACK_BYTES)
ALONE = 648_824
"""What the clinic policy pays of the bill when it stands alone (worked case A-6)."""


def further_policies() -> tuple[ExtractPolicy, ...]:
    """Return two more policies of the clinic case's person, and three of a child."""
    clinic = clinic_policy()
    child: dict[str, bool | int | str] = {
        "birth_date": "2012-02-29",
        "policyholder_is_parent": True,
        "prepaid": 0,
        "renewal": False,
        "used_main_sum": 0,
        "used_minor_death": 0,
    }
    return (
        msgspec.structs.replace(
            clinic,
            policy_no=COUNTER,
            plan="KQ-Z",
            effective=date(2026, 1, 1),
            expiry=date(2026, 12, 31),
            terms={"used_counter": 0},
        ),
        msgspec.structs.replace(clinic, policy_no=YOUNGER, effective=date(2026, 7, 2), expiry=date(2027, 7, 1)),
        *(
            msgspec.structs.replace(clinic, policy_no=each, plan="ZH-S", effective=date(2026, 9, 1), terms=child)
            for each in STUDENTS
        ),
    )


def year_pool(policy: ExtractPolicy, pool: str) -> str:
    """Return the id of a policy's yearly pool."""
    return pool_id(
        PoolDraw(pool=pool, scope=PoolScope.POLICY_YEAR, unit=Unit.FEN, limit=None, used_before=0, amount=0),
        policy_no=policy.policy_no,
        person_key=person_key(claimant()),
        policy_year_start=policy_year_start(policy.effective, QUAKE_DAY),
        loss_key="",
    )


@pytest.fixture
def station(station: Station) -> Station:
    """Give the station the person's other policies and an allowance on each."""
    persons, policies = sample_persons(), (*sample_policies(), *further_policies())
    folder = station.home.parent / "sample"
    write_extract(folder / "extract-2.zst", persons, policies, 2, NOON)
    key = unlock_keys(station.home, PassphraseUnlock(ADJUSTER, PASSPHRASE), station.clock).file_key("extract")
    with (folder / "extract-2.zst").open("rb") as stream:
        apply_extract(stream, station.home / "extract", key)
    counter, younger, *_ = further_policies()
    pools = (year_pool(counter, "counter"), year_pool(younger, "medical_year"))
    with station.store() as store, store.write() as uow:
        for place, pool in enumerate(pools):
            uow.receive(station.allowance(pool, 1_500_000, f"G-{place + 2}"))
    return station


def facts(**changes: FactValue) -> dict[str, FactValue]:
    """Return the clinic bill's facts, with what plan F wants to know."""
    return clinic_facts() | {"hospital_designated": False} | changes


def open_case(desk: Desk, *policy_nos: str) -> str:
    """Open the case of one bill on several policies, with its papers."""
    case_no = desk.open_case(new_case(policy_nos=policy_nos))
    take_papers(desk, case_no)
    return case_no


def record(desk: Desk, case_no: str, policy_no: str) -> DeterminationRecord:
    """Return a policy's newest determination."""
    return next(each for each in desk.determinations(case_no) if each.policy_no == policy_no)


def total(desk: Desk, case_no: str, policy_no: str) -> int:
    """Return what a policy pays by its newest determination, 0 where a person must decide."""
    decision = read_decision(record(desk, case_no, policy_no).decision)
    return decision.total_fen if isinstance(decision, Determination) else 0


def sign(desk: Desk, case_no: str, policy_no: str) -> None:
    """Sign as claimant and adjuster."""
    for role, name in ((Role.CLAIMANT, claimant().name), (Role.ADJUSTER, "林晓禾")):
        desk.sign(case_no, policy_no, role=role, name=name, ink=(((0, 0), (9, 9)),))


def promise(desk: Desk, case_no: str, policy_no: str) -> PaperRecord:
    """Sign and issue the one voucher."""
    sign(desk, case_no, policy_no)
    (paper,) = desk.promise(case_no, policy_no, (payee(),))
    return paper


def promised(desk: Desk, case_no: str) -> dict[str, int]:
    """Return what the case's vouchers promise, by policy."""
    return {
        each.policy_no or "": each.amount_fen or 0 for each in desk.papers(case_no) if each.kind is PaperKind.VOUCHER
    }


def commercial_paid(desk: Desk, case_no: str, policy_no: str) -> int:
    """Return the fen of earlier payments that a determination rests on."""
    found = msgspec.json.decode(record(desk, case_no, policy_no).facts)["commercial_paid"]
    assert isinstance(found, int)
    return found


def events(station: Station) -> list[AnyEvent]:
    """Return the log's events, oldest first, from the closed store. Its own signatures are the store's business."""
    with station.store() as store:
        roots = TrustStore(station.hq.root)
        roots.add_device(store.identity.device_certificate)
        commits = list(store.commits_after(0, 10_000_000))
        found: list[AnyEvent] = []
        for commit in commits:
            opened = open_commit(commit.raw, roots)
            roots.add_head("D3", 1, opened.last_seq + 1, opened.hash)
            found.extend(decode_event(body) for body in opened.events)
        return found


def test_one_bill_is_made_good_once_in_the_signed_order(desk: Desk) -> None:
    case_no = open_case(desk, YOUNGER, CLINIC, COUNTER)
    for policy_no in SIGNED_ORDER:
        assert desk.adjudicate(case_no, policy_no, facts()).outcome is Outcome.PRE_APPROVED
        promise(desk, case_no, policy_no)

    paid = promised(desk, case_no)
    assert list(paid) == list(SIGNED_ORDER)
    assert all(paid.values())
    assert sum(paid.values()) <= BILL
    assert paid[CLINIC] < ALONE
    assert commercial_paid(desk, case_no, CLINIC) == paid[COUNTER]
    assert commercial_paid(desk, case_no, YOUNGER) == paid[COUNTER] + paid[CLINIC]


@pytest.mark.parametrize("clicked", list(itertools.permutations(SIGNED_ORDER)))
def test_the_order_of_clicking_changes_nothing(desk: Desk, clicked: tuple[str, ...]) -> None:
    case_no = open_case(desk, *clicked)
    for _ in SIGNED_ORDER:
        for policy_no in clicked:
            desk.adjudicate(case_no, policy_no, facts())

    first = [total(desk, case_no, each) for each in SIGNED_ORDER]
    for policy_no in SIGNED_ORDER:
        promise(desk, case_no, policy_no)
    assert [promised(desk, case_no)[each] for each in SIGNED_ORDER] == first
    assert sum(first) <= BILL
    assert first[0] == (BILL * 8 + 5) // 10


def test_promises_in_another_order_of_signing_are_the_same(desk: Desk) -> None:
    case_no = open_case(desk, *SIGNED_ORDER)
    for policy_no in SIGNED_ORDER:
        desk.adjudicate(case_no, policy_no, facts())
    decided = {each: total(desk, case_no, each) for each in SIGNED_ORDER}

    for policy_no in (YOUNGER, COUNTER, CLINIC):
        promise(desk, case_no, policy_no)

    assert promised(desk, case_no) == decided


def test_headquarters_replays_every_decision_alone(desk: Desk, station: Station) -> None:
    case_no = open_case(desk, *SIGNED_ORDER)
    for policy_no in (YOUNGER, *SIGNED_ORDER):
        desk.adjudicate(case_no, policy_no, facts())
    desk.close()

    made = [each for each in events(station) if isinstance(each, DeterminationMade)]
    given = [each for each in events(station) if isinstance(each, FactsRecorded)]
    assert len(made) == len(given) == 4
    for each in made:
        assert canonical(decide(PACK, decode_facts(PACK, bytes(each.facts)))) == bytes(each.decision)
    assert {msgspec.json.decode(each.facts)["commercial_paid"] for each in given} == {0}


def test_a_later_policy_waits_while_an_earlier_one_is_not_decided(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)

    found = desk.adjudicate(case_no, YOUNGER, facts())

    assert found.outcome is Outcome.REFERRED
    assert [each.zh for each in found.reasons] == [f"在先保单 {CLINIC} 对同一费用的赔付尚待核定，本保单一并转人工"]
    assert isinstance(found.decision, Determination)
    sign(desk, case_no, YOUNGER)
    with pytest.raises(InputError, match="not_pre_approved"):
        desk.promise(case_no, YOUNGER, (payee(),))
    assert not desk.papers(case_no)


def test_an_earlier_policy_does_not_wait_for_a_later_one(desk: Desk) -> None:
    case_no = open_case(desk, YOUNGER, CLINIC)

    assert desk.adjudicate(case_no, CLINIC, facts()).outcome is Outcome.PRE_APPROVED
    assert total(desk, case_no, CLINIC) == ALONE


def test_a_later_policy_waits_while_an_earlier_one_is_referred(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    assert desk.adjudicate(case_no, CLINIC, facts(possible_exclusion=True)).outcome is Outcome.REFERRED

    second = desk.adjudicate(case_no, YOUNGER, facts())

    assert second.outcome is Outcome.REFERRED
    assert [each.zh for each in second.reasons] == [f"在先保单 {CLINIC} 对同一费用的赔付尚待核定，本保单一并转人工"]


def test_a_later_policy_waits_while_an_earlier_one_is_above_the_authority(desk: Desk, station: Station) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    desk.close()
    made = next(each for each in events(station) if isinstance(each, DeterminationMade))
    reason = made.outcome_reasons
    with station.store() as store, store.write() as uow:
        # As it was weighed on a laptop whose adjuster may not decide this sum.
        uow.append(msgspec.structs.replace(made, outcome=Outcome.REFERRED, outcome_reasons=reason))
    again = station.open()
    with contextlib.closing(again):
        found = again.adjudicate(case_no, YOUNGER, facts())
        assert found.outcome is Outcome.REFERRED
        assert [each.zh for each in found.reasons] == [f"在先保单 {CLINIC} 对同一费用的赔付尚待核定，本保单一并转人工"]
        again.adjudicate(case_no, CLINIC, facts())
        assert again.adjudicate(case_no, YOUNGER, facts()).outcome is Outcome.PRE_APPROVED


def test_another_bill_pays_in_full(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())

    desk.adjudicate(case_no, YOUNGER, facts(bill_number="0000731999"))

    assert (total(desk, case_no, CLINIC), total(desk, case_no, YOUNGER)) == (ALONE, ALONE)


def test_fixed_benefits_pay_in_full_beside_each_other(desk: Desk) -> None:
    stay: dict[str, FactValue] = {
        "accident": True,
        "accident_date": QUAKE_DAY.isoformat(),
        "admission_date": QUAKE_DAY.isoformat(),
        "discharge_date": "2026-11-22",
        "emergency": True,
        "hospital_level": "2",
        "hospital_public": True,
        "possible_exclusion": False,
    }

    def cash(*policy_nos: str) -> list[int]:
        case_no = desk.open_case(new_case(claim_type=ClaimType.HOSPITAL_CASH, policy_nos=policy_nos))
        for policy_no in policy_nos:
            desk.adjudicate(case_no, policy_no, stay)
        return [total(desk, case_no, each) for each in policy_nos]

    assert cash(CLINIC, YOUNGER) == [*cash(CLINIC), *cash(YOUNGER)]
    assert cash(CLINIC, YOUNGER) == [20_000, 20_000]


DEATH: dict[str, FactValue] = {
    "accident": True,
    "accident_date": QUAKE_DAY.isoformat(),
    "death_date": QUAKE_DAY.isoformat(),
    "possible_exclusion": False,
    "suicide": False,
}


@pytest.mark.parametrize("clicked", [STUDENTS, STUDENTS[::-1]])
def test_a_pool_of_the_person_is_shared_by_the_policies(desk: Desk, clicked: tuple[str, ...]) -> None:
    case_no = desk.open_case(new_case(claim_type=ClaimType.ACCIDENT_DEATH, policy_nos=clicked))
    for policy_no in (*clicked, *STUDENTS):
        desk.adjudicate(case_no, policy_no, DEATH)

    assert [total(desk, case_no, each) for each in STUDENTS] == [20_000_000, 20_000_000, 10_000_000]


def test_a_draw_on_the_persons_pool_counts_once_when_it_is_promised(station: Station) -> None:
    children = further_policies()[-3:]
    person_pool = pool_id(
        PoolDraw(pool="minor_death", scope=PoolScope.PERSON, unit=Unit.FEN, limit=None, used_before=0, amount=0),
        policy_no="",
        person_key=person_key(claimant()),
        policy_year_start=QUAKE_DAY,
        loss_key="",
    )
    with station.store() as store, store.write() as uow:
        for place, pool in enumerate((person_pool, *(year_pool(each, "student_death") for each in children))):
            uow.receive(station.allowance(pool, 50_000_000, f"G-D{place}"))
    with contextlib.closing(station.open()) as desk:
        case_no = desk.open_case(new_case(claim_type=ClaimType.ACCIDENT_DEATH, policy_nos=STUDENTS))
        usual = (each for missing in desk.completeness(case_no).missing for each in missing.alternatives[0])
        take_papers(desk, case_no, tuple(dict.fromkeys(usual)))
        desk.adjudicate(case_no, STUDENTS[0], DEATH)
        promise(desk, case_no, STUDENTS[0])

        desk.adjudicate(case_no, STUDENTS[1], DEATH)
        desk.adjudicate(case_no, STUDENTS[2], DEATH)

        found = msgspec.json.decode(record(desk, case_no, STUDENTS[1]).facts)
        assert found["used_minor_death"] == 20_000_000
        assert [total(desk, case_no, each) for each in STUDENTS] == [20_000_000, 20_000_000, 10_000_000]


def test_deciding_an_earlier_policy_again_makes_an_unsigned_later_one_stale(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    desk.adjudicate(case_no, YOUNGER, facts())
    assert desk.case_standing(case_no).step(CaseStep.BENEFIT).state is StepState.DONE
    before = total(desk, case_no, YOUNGER)

    desk.adjudicate(case_no, CLINIC, facts(bill_total=421_030))

    assert desk.case_standing(case_no).step(CaseStep.BENEFIT).line.zh == "在先保单已重算，请重算"
    with pytest.raises(InputError, match="policies_changed"):
        sign(desk, case_no, YOUNGER)
    desk.sign(case_no, YOUNGER, role=Role.CLAIMANT, name=claimant().name, refused=True)
    desk.adjudicate(case_no, YOUNGER, facts())
    assert total(desk, case_no, YOUNGER) > before
    assert desk.case_standing(case_no).step(CaseStep.BENEFIT).state is StepState.DONE
    promise(desk, case_no, YOUNGER)


def test_ink_under_a_stale_result_promises_nothing(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts(bill_total=421_030))
    desk.adjudicate(case_no, YOUNGER, facts())
    sign(desk, case_no, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())

    with pytest.raises(InputError, match="policies_changed"):
        desk.promise(case_no, YOUNGER, (payee(),))
    with pytest.raises(InputError, match="policies_changed"):
        desk.conclude(case_no, YOUNGER, (payee(),))
    assert not desk.papers(case_no)


def test_what_a_later_policy_promised_stands_and_the_earlier_one_sees_it(desk: Desk, station: Station) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts(bill_total=421_030))
    desk.adjudicate(case_no, YOUNGER, facts())
    later = promise(desk, case_no, YOUNGER)

    found = desk.adjudicate(case_no, CLINIC, facts())

    assert found.outcome is Outcome.PRE_APPROVED
    assert commercial_paid(desk, case_no, CLINIC) == later.amount_fen
    earlier = promise(desk, case_no, CLINIC)
    assert (earlier.amount_fen or 0) + (later.amount_fen or 0) <= BILL
    assert desk.paper(later.number).amount_fen == later.amount_fen
    desk.close()
    assert [each.voucher_no for each in events(station) if isinstance(each, VoucherIssued)] == [
        later.number,
        earlier.number,
    ]


def test_a_promise_that_still_fits_does_not_change_the_earlier_one(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    desk.adjudicate(case_no, YOUNGER, facts())
    promise(desk, case_no, YOUNGER)

    desk.adjudicate(case_no, CLINIC, facts())

    assert total(desk, case_no, CLINIC) == ALONE
    promise(desk, case_no, CLINIC)


def test_a_promise_calculated_over_again_holds_the_others(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    promise(desk, case_no, CLINIC)
    desk.adjudicate(case_no, CLINIC, facts(bill_total=400_000))

    found = desk.adjudicate(case_no, YOUNGER, facts())

    assert found.outcome is Outcome.REFERRED
    assert any("凭证" in each.zh for each in found.reasons)


def test_a_voided_promise_pays_nothing_but_its_policy_is_decided_like_any_other(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    paper = promise(desk, case_no, CLINIC)
    desk.void(paper.number, "填错领款人")

    desk.adjudicate(case_no, YOUNGER, facts())

    assert commercial_paid(desk, case_no, YOUNGER) == ALONE


def test_the_same_call_twice_gives_the_same(desk: Desk) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    desk.adjudicate(case_no, YOUNGER, facts())
    once = {each.policy_no: (each.facts, each.decision, each.outcome) for each in desk.determinations(case_no)}
    promise(desk, case_no, CLINIC)

    desk.adjudicate(case_no, YOUNGER, facts())

    twice = {each.policy_no: (each.facts, each.decision, each.outcome) for each in desk.determinations(case_no)}
    assert twice == once


def test_the_cases_own_vouchers_are_not_counted_as_used_twice(desk: Desk, station: Station) -> None:
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    paper = promise(desk, case_no, CLINIC)
    desk.close()

    with station.store() as store, store.read() as reads:
        assert reads.promised_fen(clinic_pool()) == ALONE
        assert reads.promised_fen(clinic_pool(), without=(paper.number,)) == 0


def test_a_policy_that_is_not_on_this_laptop_holds_nobody_up(desk: Desk) -> None:
    case_no = open_case(desk, "XX2020010100001", CLINIC)

    assert desk.adjudicate(case_no, CLINIC, facts()).outcome is Outcome.PRE_APPROVED


def test_a_case_with_one_policy_records_what_it_always_did(desk: Desk, station: Station) -> None:
    case_no = open_case(desk, CLINIC)
    desk.adjudicate(case_no, CLINIC, clinic_facts())
    desk.close()

    (given,) = (each for each in events(station) if isinstance(each, FactsRecorded))
    (made,) = (each for each in events(station) if isinstance(each, DeterminationMade))
    assert bytes(given.facts) == bytes(made.facts)


class CutError(Exception):
    """The process is gone."""


@pytest.mark.parametrize("passed", [1, 2, 3])
def test_a_cut_between_the_two_changes_nothing(station: Station, passed: int) -> None:
    steps: list[str] = []
    armed = False

    def cut(step: str, /) -> None:
        if armed:
            steps.append(step)
            if len(steps) == passed:
                raise CutError(step)

    desk = station.open(cut)
    case_no = open_case(desk, CLINIC, YOUNGER)
    desk.adjudicate(case_no, CLINIC, facts())
    armed = True
    with contextlib.suppress(CutError):
        desk.adjudicate(case_no, YOUNGER, facts())
    desk.close()

    with contextlib.closing(station.open()) as again:
        assert total(again, case_no, CLINIC) == ALONE
        again.adjudicate(case_no, YOUNGER, facts())
        for policy_no in (CLINIC, YOUNGER):
            promise(again, case_no, policy_no)
        assert sum(promised(again, case_no).values()) <= BILL
        assert commercial_paid(again, case_no, YOUNGER) == ALONE


def test_the_benefit_step_decides_in_the_signed_order_and_comes_to_rest(desk: Desk) -> None:
    case_no = open_case(desk, YOUNGER, CLINIC)
    put_facts(desk, case_no, typed(ClaimType.ACCIDENT_MEDICAL, facts(bill_kind="outpatient")))
    job = gather(desk, desk.case_standing(case_no))
    assert job.problems == ()
    assert job.due == (CLINIC, YOUNGER)

    assert decide_due(desk, case_no, job.due, job.entered or {}) == {}

    # What the earlier policy pays was not typed: nothing is due again for it.
    again = gather(desk, desk.case_standing(case_no))
    assert (again.due, again.outdated) == ((), ())
    assert commercial_paid(desk, case_no, YOUNGER) == total(desk, case_no, CLINIC)
    promise(desk, case_no, CLINIC)
    promise(desk, case_no, YOUNGER)
    done = gather(desk, desk.case_standing(case_no))
    assert (done.due, done.outdated) == ((), ())
    assert done.promised == {CLINIC, YOUNGER}
