"""People as rows: cover, allowance and earlier claims beside the person, and a count that gives up in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from claims.catastrophe_near import catastrophe_near
from claims.covered_sums import covered_sums, waiting_until
from claims.desk import Desk
from claims.overviews import PersonRow
from claims.person_standing import COUNTING_S, cover_line, earlier_claims
from claims.reference import Beneficiary, ExtractPolicy, PriorPayment
from headquarters.sample import sample_catastrophes, sample_policies
from resources.sample_numbers import CLINIC, QUAKE_DEATH, WAITING
from rules.engine import load_pack
from tests.desk.station import NOON, PACK_BYTES, Station, claimant, payee, ready_case

PACK = load_pack(PACK_BYTES)


def row_of(desk: Desk, name: str) -> PersonRow:
    (found,) = desk.person_rows(name)
    return found


def policy(policy_no: str) -> ExtractPolicy:
    return next(each for each in sample_policies() if each.policy_no == policy_no)


def test_a_row_tells_cover_allowance_and_earlier_claims(desk: Desk, station: Station) -> None:
    row = row_of(desk, "覃建国")
    assert row.age == 46
    (cover,) = row.policies
    assert (cover.policy.policy_no, cover.in_force, cover.line.zh) == (CLINIC, True, "至 2027-06-30")
    assert [(name.zh, fen) for name, fen in cover.sums] == [("保险金额", 50_000_000), ("年度医疗限额", 2_000_000)]
    assert row.allowance_fen == cover.allowance_fen == 1_500_000
    assert row.earlier == ()

    case_no = ready_case(desk)
    desk.conclude(case_no, CLINIC, (payee(),))
    row = row_of(desk, "覃建国")
    assert row.allowance_fen == 1_500_000 - 648_824
    (earlier,) = row.earlier
    assert (earlier.case_no, earlier.amount_fen, earlier.on) == (case_no, 648_824, date(2026, 11, 22))
    assert desk.person_row(row.hit.person.person_id) == row


def test_an_allowance_that_is_over_is_none(desk: Desk, station: Station) -> None:
    station.clock.wall = NOON + timedelta(days=31)
    assert row_of(desk, "覃建国").allowance_fen is None
    station.clock.wall = NOON - timedelta(days=60)
    assert row_of(desk, "覃建国").allowance_fen is None


def test_someone_elses_allowance_is_not_shown(desk: Desk) -> None:
    assert row_of(desk, "陈㛃").allowance_fen is None


def test_a_beneficiary_sees_the_policy_but_owns_no_allowance(desk: Desk, station: Station) -> None:
    row = row_of(desk, "林若兰")
    assert [each.policy.policy_no for each in row.policies] == [QUAKE_DEATH]
    assert row.hit.roles == ("beneficiary",)
    assert row.allowance_fen is None


def test_cover_is_told_by_the_day(desk: Desk, station: Station) -> None:
    waiting = policy(WAITING)
    assert cover_line(waiting, date(2026, 8, 20), waiting_until(PACK, waiting)).zh == "长期，等待期至 2026-10-29"
    assert cover_line(waiting, date(2026, 7, 31), None).zh == "2026-08-01 起"
    assert row_of(desk, "陈㛃").policies[0].line.zh == "长期，已过等待期"
    station.clock.wall = NOON + timedelta(days=365)
    over = row_of(desk, "覃建国").policies[0]
    assert (over.in_force, over.line.zh) == (False, "2027-06-30 止")


def test_the_waiting_period_is_the_packs() -> None:
    """The rules' own function says the same last day (rules.engine "last waiting day")."""
    last = waiting_until(PACK, policy(WAITING))
    days = PACK.plans["HS-C"].parameters["waiting_days"]
    assert last == policy(WAITING).effective + timedelta(days=int(str(days)) - 1)
    assert waiting_until(None, policy(WAITING)) is None
    assert waiting_until(PACK, policy(CLINIC)) is None


def test_every_sample_policy_has_sums_with_the_pack_and_what_it_states_without() -> None:
    for each in sample_policies():
        sums = covered_sums(PACK, each)
        assert all(fen > 0 and name.zh and name.en for name, fen in sums)
        assert len({name for name, _ in sums}) == len(sums)
        assert len(covered_sums(None, each)) == ("sum_insured" in each.terms)


def test_prior_payments_are_earlier_claims_of_the_insured_only() -> None:
    paid = PriorPayment(liability="accident_medical", amount_fen=489_485, paid_on=date(2025, 3, 1), loss_key="x")
    own = policy(CLINIC)
    own = own.__class__(
        **{name: getattr(own, name) for name in own.__struct_fields__}
        | {"prior_payments": (paid,), "beneficiaries": (Beneficiary(person_id="P9", order=1, share_bp=10_000),)}
    )
    (earlier,) = earlier_claims(own.insured_id, (own,), (), PACK)
    assert (earlier.amount_fen, earlier.case_no, earlier.on) == (489_485, None, date(2025, 3, 1))
    assert earlier.line.zh == "已付 意外医疗"
    assert earlier_claims("P9", (own,), (), PACK) == ()


def test_pages_of_people_follow_one_another(desk: Desk) -> None:
    everyone = [each.hit.person.person_id for each in desk.person_rows("9901", limit=50)]
    assert len(everyone) == 11
    paged = [
        each.hit.person.person_id
        for start in range(0, 12, 4)
        for each in desk.person_rows("9901", offset=start, limit=4)
    ]
    assert paged == everyone


def test_counting_is_exact_until_its_time_is_up(desk: Desk, station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = desk.count_people("9901")
    assert (counted.found, counted.at_least, counted.persons) == (11, False, 11)
    ticks = iter(range(1000))
    monkeypatch.setattr(station.clock.__class__, "monotonic_s", lambda _: next(ticks) * COUNTING_S)
    hurried = desk.count_people("9901")
    assert hurried.at_least
    assert hurried.found < 11


def test_a_cancelled_search_finds_nobody(desk: Desk) -> None:
    assert desk.person_rows("覃建国", cancelled=lambda: True) == ()
    assert desk.person_row("nobody") is None


def test_a_namesake_with_the_same_birthday_has_no_claims_of_the_other(desk: Desk) -> None:
    ready_case(desk)
    others = [each for each in desk.person_rows("9901", limit=50) if each.hit.person.name != claimant().name]
    assert all(each.earlier == () for each in others)


@pytest.mark.parametrize(
    ("region", "on", "expected"),
    [
        ("990101", date(2026, 11, 20), True),
        (None, date(2026, 11, 20), True),
        ("990101", date(2026, 11, 19), False),
        ("990101", date(2026, 12, 31), True),
        ("990101", date(2027, 1, 1), False),
        ("990201", date(2026, 11, 20), False),
    ],
)
def test_the_catastrophe_of_a_loss_is_suggested_by_day_and_place(region: str | None, on: date, expected: bool) -> None:
    assert (catastrophe_near(sample_catastrophes(), region, on) is not None) is expected


def test_of_two_catastrophes_the_later_and_narrower_is_suggested(desk: Desk) -> None:
    (quake,) = sample_catastrophes()
    season = quake.__class__(
        **{name: getattr(quake, name) for name in quake.__struct_fields__}
        | {"catastrophe_id": "FLOOD", "loss_from": date(2026, 6, 1), "regions": ("990000",)}
    )
    assert catastrophe_near((season, quake), "990101", date(2026, 11, 25)) == quake
    assert catastrophe_near((season, quake), "990201", date(2026, 11, 25)) == season
    assert desk.catastrophe_near("990101", date(2026, 11, 20)) == quake
