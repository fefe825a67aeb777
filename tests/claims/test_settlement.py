"""The same loss gets the same key at two stations; different ones never do; no id number stands in a key."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.allowances import FLOAT_POOL
from claims.errors import BugError, InputError
from claims.events import PayeeFact, PersonFact
from claims.settlement import (
    keyed_amounts,
    payee_key,
    person_key,
    policy_year_start,
    pool_id,
    settlement_key,
)
from rules.engine.model import Bilingual, Determination, LiabilityResult, PoolDraw, PoolScope, Unit

ID_A = "990101197809300159"
INSURED = PersonFact(name="周明", id_number=ID_A)


def draw(
    pool: str = "medical",
    scope: PoolScope = PoolScope.POLICY_YEAR,
    limit: int | None = 2_000_000,
    amount: int = 100,
    unit: Unit = Unit.FEN,
) -> PoolDraw:
    return PoolDraw(pool=pool, scope=scope, unit=unit, limit=limit, used_before=0, amount=amount)


def liability(
    name: str, amount_fen: int, shares: tuple[int, ...] | None = None, pools: tuple[PoolDraw, ...] = ()
) -> LiabilityResult:
    return LiabilityResult(
        liability=name,
        name=Bilingual("意外医疗", "accident medical"),
        amount_fen=amount_fen,
        loss_key="bill:11060124:0012345678",
        pools=pools or (draw(amount=amount_fen),),
        shares_fen=(amount_fen,) if shares is None else shares,
        steps=(),
    )


def determination(*liabilities: LiabilityResult) -> Determination:
    return Determination(
        plan="AT-A",
        pack_id="sample",
        pack_version=1,
        pack_hash="0" * 64,
        engine="1",
        inputs_hash="0" * 64,
        total_fen=sum(one.amount_fen for one in liabilities),
        outputs_fen={},
        waivers=(),
        liabilities=liabilities,
    )


def payee(name: str, id_number: str | None = None, relation: str = "heir") -> PayeeFact:
    return PayeeFact(name=name, id_number=id_number, relation=relation, bank="农业银行", account="6217001234567890122")


COMMON: dict[str, Any] = {
    "policy_no": "AT-A-0001",
    "effective": date(2024, 2, 29),
    "loss_date": date(2025, 3, 1),
    "insured": INSURED,
}


def test_pool_ids_follow_the_scope() -> None:
    def named(scope: PoolScope) -> str:
        return pool_id(
            draw("cash", scope),
            policy_no="P1",
            person_key="id-ab",
            policy_year_start=date(2025, 2, 28),
            loss_key="accident:2025-03-01",
        )

    assert named(PoolScope.POLICY) == "policy/P1/cash"
    assert named(PoolScope.POLICY_YEAR) == "year/P1/cash/2025-02-28"
    assert named(PoolScope.PERSON) == "person/id-ab/cash"
    assert named(PoolScope.ACCIDENT) == "accident/P1/cash/accident:2025-03-01"


def test_two_stations_that_type_the_bill_differently_get_one_key() -> None:
    one = settlement_key(policy_no="P1", liability="medical", loss_key="bill:AB01:0012", instalment=1, payee_key="id-1")
    other = settlement_key(
        policy_no=" P1", liability="medical", loss_key="bill:ａｂ０１:00 12", instalment=1, payee_key="id-1"
    )
    assert one == other == "P1/medical/bill:ab01:0012/1/id-1"


part = st.text(min_size=1, max_size=90)


@given(st.tuples(part, part, part, st.integers(1, 99), part), st.tuples(part, part, part, st.integers(1, 99), part))
def test_a_key_is_ascii_bounded_and_splits_into_its_five_parts(
    one: tuple[str, str, str, int, str], other: tuple[str, str, str, int, str]
) -> None:
    keys = [
        settlement_key(policy_no=p, liability=liability_id, loss_key=loss, instalment=n, payee_key=who)
        for p, liability_id, loss, n, who in (one, other)
    ]
    for key in keys:
        assert key.isascii()
        assert len(key) <= 5 * 64 + 4
        assert key.count("/") == 4
    if keys[0] == keys[1]:
        assert one[3] == other[3]
    assert keys[0] != settlement_key(
        policy_no=one[0], liability=one[1], loss_key=one[2], instalment=one[3] + 1, payee_key=one[4]
    )


def test_a_slash_in_a_policy_number_cannot_imitate_another_key() -> None:
    tricky = settlement_key(policy_no="P1/medical", liability="x", loss_key="y", instalment=1, payee_key="z")
    plain = settlement_key(policy_no="P1", liability="medical/x", loss_key="y", instalment=1, payee_key="z")
    assert tricky != plain


def test_long_parts_that_differ_at_the_end_stay_different() -> None:
    keys = {
        settlement_key(policy_no="P1", liability="m", loss_key="bill:" + "9" * 100 + end, instalment=1, payee_key="z")
        for end in ("1", "2")
    }
    assert len(keys) == 2


@given(st.sampled_from(list(PoolScope)), part, part)
def test_no_pool_is_ever_the_float(scope: PoolScope, policy_no: str, pool: str) -> None:
    found = pool_id(
        draw(pool, scope), policy_no=policy_no, person_key="*", policy_year_start=date(2025, 1, 1), loss_key="*"
    )
    assert found != FLOAT_POOL


def test_persons_are_the_same_whatever_the_width_and_the_card_and_no_number_shows() -> None:
    key = person_key(INSURED)
    assert key == person_key(PersonFact(name="周 明", id_number="９９０１０１ 19780930 0159"))
    assert person_key(PersonFact(name="x", id_number="110105491231002")) == person_key(
        PersonFact(name="x", id_number="11010519491231002x")
    )
    assert "0159" not in key
    assert payee_key(payee("周明", ID_A)) == key


def test_a_payee_without_an_id_number_is_known_by_name_alone() -> None:
    assert payee_key(payee("周　明", relation="self")) == payee_key(payee("周明", relation="insured"))
    assert payee_key(payee("周明")) != payee_key(payee("周铭"))


@pytest.mark.parametrize(
    ("effective", "on", "expected"),
    [
        (date(2024, 2, 29), date(2025, 2, 27), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2025, 2, 28), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 28), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
        (date(2023, 2, 28), date(2024, 2, 29), date(2024, 2, 28)),
        (date(2023, 9, 2), date(2023, 9, 2), date(2023, 9, 2)),
        (date(2023, 9, 2), date(2024, 9, 1), date(2023, 9, 2)),
        (date(2023, 9, 2), date(2024, 9, 2), date(2024, 9, 2)),
    ],
)
def test_the_policy_year_begins_on_the_anniversary(effective: date, on: date, expected: date) -> None:
    assert policy_year_start(effective, on) == expected


def test_a_loss_before_cover_names_both_dates() -> None:
    with pytest.raises(InputError, match="before_cover") as caught:
        policy_year_start(date(2024, 2, 1), date(2024, 1, 31))
    assert "2024-01-31" in caught.value.sentence()


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 20000))
def test_the_policy_year_contains_its_day(effective: date, later: int) -> None:
    on = date.fromordinal(effective.toordinal() + later)
    start = policy_year_start(effective, on)
    assert effective <= start <= on
    assert (on - start).days <= 366


def test_one_voucher_per_payee_with_a_key_per_liability() -> None:
    found = keyed_amounts(
        determination(liability("accident_medical", 648_824), liability("hospital_cash", 30_000)),
        payees=[payee("周明", ID_A, "self")],
        **COMMON,
    )
    assert len(found) == 1
    assert found[0].amount_fen == 678_824
    assert [one.liability for one in found[0].keys] == ["accident_medical", "hospital_cash"]
    assert found[0].keys[0].pools == ("year/AT-A-0001/medical/2025-02-28",)
    assert found[0].keys[0].settlement_key.startswith("AT-A-0001/accident_medical/bill:11060124:0012345678/1/id-")


def test_shares_go_to_their_payees_and_zero_shares_get_no_key() -> None:
    found = keyed_amounts(
        determination(liability("death", 10_000_000, (6_250_000, 0, 3_750_000))),
        payees=[payee("甲"), payee("乙"), payee("丙")],
        **COMMON,
    )
    assert [(one.payee.name, one.amount_fen) for one in found] == [("甲", 6_250_000), ("丙", 3_750_000)]
    assert len({one.keys[0].settlement_key for one in found}) == 2


def test_liabilities_may_go_to_different_people() -> None:
    found = keyed_amounts(
        determination(liability("death", 500, (500,)), liability("medical", 80, (40, 40))),
        payees={"death": [payee("甲")], "medical": [payee("乙"), payee("甲")]},
        **COMMON,
    )
    assert [(one.payee.name, one.amount_fen) for one in found] == [("甲", 540), ("乙", 40)]


def test_beside_a_limited_pool_those_without_a_limit_or_a_draw_bind_nothing() -> None:
    pools = (draw("counted", limit=None), draw("untouched", amount=0), draw("days", limit=180, amount=4, unit=Unit.DAY))
    found = keyed_amounts(determination(liability("cash", 20_000, pools=pools)), payees=[payee("甲")], **COMMON)
    assert found[0].keys[0].pools == ("year/AT-A-0001/days/2025-02-28",)


def test_pools_that_only_count_bind_where_there_is_no_other() -> None:
    pools = (draw("counter", limit=None), draw("untouched", limit=None, amount=0))
    found = keyed_amounts(determination(liability("counter", 419_352, pools=pools)), payees=[payee("甲")], **COMMON)
    assert found[0].keys[0].pools == ("year/AT-A-0001/counter/2025-02-28",)


def test_wrong_number_of_payees_and_twins_are_sent_back() -> None:
    death = determination(liability("death", 100, (50, 50)))
    with pytest.raises(InputError, match="payees_mismatch"):
        keyed_amounts(death, payees=[payee("甲")], **COMMON)
    with pytest.raises(InputError, match="payees_alike"):
        keyed_amounts(death, payees=[payee("王伟", relation="father"), payee("王伟", relation="son")], **COMMON)
    assert len(keyed_amounts(death, payees=[payee("王伟", ID_A), payee("王伟", "990101201501150152")], **COMMON)) == 2


def test_shares_that_do_not_add_up_are_our_bug() -> None:
    with pytest.raises(BugError, match="shares_do_not_add_up"):
        keyed_amounts(determination(liability("death", 100, (50, 49))), payees=[payee("甲"), payee("乙")], **COMMON)
