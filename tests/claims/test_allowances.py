"""No grant is exceeded, every pool is covered in full, no key twice, a refusal changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.allowances import (
    FLOAT_POOL,
    Allowance,
    AllowanceBook,
    PoolId,
    Refusal,
    RefusalCode,
    SettlementKey,
    Spend,
    add_grant,
    apply_debits,
    available_fen,
    close_grant,
    exposure,
    exposure_fen,
    spend,
    spend_all,
)
from claims.errors import BugError
from claims.events import GrantDebit, KeyedAmount
from claims.trusted_time import TrustedTime, trusted_time

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
NOW = TrustedTime(at=NOON, believed=True)
SUM_INSURED = PoolId("policy/P1/sum_insured")
YEAR = PoolId("year/P1/medical/2026-01-01")
KEY = SettlementKey("P1/medical/bill:1/1/id-1")


def grant(
    grant_id: str, pool: str, limit_fen: int, *, spent_fen: int = 0, days: int = 7, closed: bool = False
) -> Allowance:
    return Allowance(
        grant_id=grant_id,
        pool=PoolId(pool),
        limit_fen=limit_fen,
        spent_fen=spent_fen,
        expires_at=NOON + timedelta(days=days),
        counter=1 if spent_fen else 0,
        closed=closed,
    )


def book(*allowances: Allowance, promised: frozenset[str] = frozenset()) -> AllowanceBook:
    return AllowanceBook(device="D3", epoch=1, allowances=allowances, promised_keys=promised)


def spent(result: Spend | Refusal) -> Spend:
    assert isinstance(result, Spend), result
    return result


def refused(result: Spend | Refusal, code: RefusalCode) -> Refusal:
    assert isinstance(result, Refusal), result
    assert result.code is code
    assert result.sentence.zh
    assert result.sentence.en
    return result


def test_a_promise_is_debited_from_every_pool_it_draws_on() -> None:
    result = spent(
        spend(book(grant("G1", SUM_INSURED, 500), grant("G2", YEAR, 900)), [SUM_INSURED, YEAR], KEY, 400, NOW)
    )
    assert not result.float_used
    assert [(one.grant_id, one.pool, one.amount_fen, one.counter) for one in result.debits] == [
        ("G1", SUM_INSURED, 400, 1),
        ("G2", YEAR, 400, 1),
    ]


def test_a_pool_may_be_covered_by_several_grants_the_earliest_expiry_first() -> None:
    late, early = grant("G1", YEAR, 300, days=9), grant("G2", YEAR, 300, days=2)
    result = spent(spend(book(late, early), [YEAR], KEY, 400, NOW))
    assert [(one.grant_id, one.amount_fen) for one in result.debits] == [("G2", 300), ("G1", 100)]


def test_the_float_takes_the_whole_promise_when_one_pool_is_short() -> None:
    result = spent(
        spend(
            book(grant("G1", SUM_INSURED, 500), grant("G2", YEAR, 399), grant("F", "*", 1000)),
            [SUM_INSURED, YEAR],
            KEY,
            400,
            NOW,
        )
    )
    assert result.float_used
    assert [(one.grant_id, one.pool, one.amount_fen) for one in result.debits] == [("F", "*", 400)]


def test_allowance_and_float_are_never_mixed_for_one_pool() -> None:
    refused(spend(book(grant("G1", YEAR, 300), grant("F", "*", 300)), [YEAR], KEY, 400, NOW), RefusalCode.NOT_COVERED)


def test_a_promise_without_pools_needs_the_float() -> None:
    refused(spend(book(grant("G1", YEAR, 500)), [], KEY, 400, NOW), RefusalCode.NOT_COVERED)
    assert spent(spend(book(grant("F", "*", 500)), [], KEY, 400, NOW)).float_used


def test_a_pool_named_twice_is_debited_once() -> None:
    assert len(spent(spend(book(grant("G1", YEAR, 500)), [YEAR, YEAR], KEY, 400, NOW)).debits) == 1


def test_a_key_promised_before_is_refused_and_says_to_reprint() -> None:
    once = book(grant("G1", YEAR, 1000))
    again = apply_debits(once, spent(spend(once, [YEAR], KEY, 400, NOW)).debits)
    assert "重印" in refused(spend(again, [YEAR], KEY, 400, NOW), RefusalCode.KEY_PROMISED).sentence.zh


@pytest.mark.parametrize("amount_fen", [0, -1, -(10**15)])
def test_no_or_negative_amount_is_refused(amount_fen: int) -> None:
    refused(spend(book(grant("G1", YEAR, 500)), [YEAR], KEY, amount_fen, NOW), RefusalCode.AMOUNT_NOT_POSITIVE)


def test_the_last_fen_can_be_promised_and_not_one_more() -> None:
    small = book(grant("G1", YEAR, 500, spent_fen=100))
    spent(spend(small, [YEAR], KEY, 400, NOW))
    sentence = refused(spend(small, [YEAR], KEY, 401, NOW), RefusalCode.NOT_COVERED).sentence
    assert "4.01" in sentence.zh
    assert "4.00" in sentence.zh


def test_a_closed_grant_covers_nothing() -> None:
    closed = close_grant(book(grant("G1", YEAR, 500)), "G1")
    refused(spend(closed, [YEAR], KEY, 1, NOW), RefusalCode.NOT_COVERED)


def test_a_grant_is_over_at_the_instant_of_its_expiry() -> None:
    here = book(grant("G1", YEAR, 500, days=7))
    last = TrustedTime(at=NOON + timedelta(days=7) - timedelta(microseconds=1), believed=True)
    spent(spend(here, [YEAR], KEY, 1, last))
    over = TrustedTime(at=NOON + timedelta(days=7), believed=True)
    assert "2026-03-08 12:00" in refused(spend(here, [YEAR], KEY, 1, over), RefusalCode.EXPIRED).sentence.zh


def test_a_clock_set_back_a_year_promises_nothing_even_from_a_live_grant() -> None:
    at = trusted_time(NOON - timedelta(days=365), floor=NOON)
    assert at.at == NOON
    sentence = refused(spend(book(grant("G1", YEAR, 500)), [YEAR], KEY, 1, at), RefusalCode.CLOCK_NOT_BELIEVED).sentence
    assert "时钟" in sentence.zh
    assert available_fen(book(grant("G1", YEAR, 500)), YEAR, at) == 0


def test_a_clock_a_minute_behind_headquarters_still_promises() -> None:
    at = trusted_time(NOON - timedelta(minutes=1), floor=NOON)
    spent(spend(book(grant("G1", YEAR, 500)), [YEAR], KEY, 1, at))


def test_a_clock_ten_years_ahead_names_the_clock_not_the_expiry() -> None:
    at = trusted_time(NOON + timedelta(days=3650), floor=NOON)
    assert (
        "时钟" in refused(spend(book(grant("G1", YEAR, 500)), [YEAR], KEY, 1, at), RefusalCode.CLOCK_AHEAD).sentence.zh
    )


def test_the_float_is_no_pool() -> None:
    with pytest.raises(BugError, match="float_as_pool"):
        spend(book(grant("F", "*", 500)), [FLOAT_POOL], KEY, 1, NOW)


def test_a_voucher_of_several_keys_is_covered_whole_or_not_at_all() -> None:
    def keyed(key: str, amount_fen: int) -> KeyedAmount:
        return KeyedAmount(settlement_key=key, liability="l", amount_fen=amount_fen, pools=(YEAR,))

    here = book(grant("G1", YEAR, 500))
    result = spent(spend_all(here, [keyed("a", 300), keyed("b", 200)], NOW))
    assert [(one.settlement_key, one.counter) for one in result.debits] == [("a", 1), ("b", 2)]
    refused(spend_all(here, [keyed("a", 300), keyed("b", 201)], NOW), RefusalCode.NOT_COVERED)
    refused(spend_all(here, [keyed("a", 300), keyed("a", 1)], NOW), RefusalCode.KEY_PROMISED)
    refused(spend_all(here, [], NOW), RefusalCode.AMOUNT_NOT_POSITIVE)


@pytest.mark.parametrize(
    "debit",
    [
        {"grant_id": "G9"},
        {"pool": "*"},
        {"counter": 2},
        {"counter": 0},
        {"amount_fen": 501},
        {"amount_fen": 0},
    ],
)
def test_debits_that_contradict_the_book_are_our_bug(debit: dict[str, str | int]) -> None:
    good: dict[str, str | int] = {
        "grant_id": "G1",
        "pool": YEAR,
        "settlement_key": KEY,
        "amount_fen": 500,
        "counter": 1,
    }
    apply_debits(book(grant("G1", YEAR, 500)), [GrantDebit(**good)])  # type: ignore[arg-type]
    with pytest.raises(BugError):
        apply_debits(book(grant("G1", YEAR, 500)), [GrantDebit(**(good | debit))])  # type: ignore[arg-type]


def test_a_grant_comes_once_and_never_refills() -> None:
    first = add_grant(book(), grant("G1", YEAR, 500))
    used = apply_debits(first, spent(spend(first, [YEAR], KEY, 400, NOW)).debits)
    assert add_grant(used, grant("G1", YEAR, 500)) == used
    with pytest.raises(BugError, match="grant_changed"):
        add_grant(used, grant("G1", YEAR, 900))


def test_exposure_counts_the_open_float_whole_and_what_a_restored_disk_could_spend_again() -> None:
    fresh = book(grant("G1", YEAR, 1000), grant("F", "*", 300))
    assert exposure_fen([fresh]) == 300
    used = apply_debits(fresh, spent(spend(fresh, [YEAR], KEY, 400, NOW)).debits)
    assert (exposure([used]).float_fen, exposure([used]).respendable_fen) == (300, 400)
    assert exposure_fen([close_grant(used, "G1")]) == 300 + 1000
    assert exposure_fen([used, fresh]) == 1000


pools = st.sampled_from(["p/a", "p/b", "p/c"])
allowances = st.builds(
    lambda number, pool, limit, days, closed: grant(f"G{number}", pool, limit, days=days, closed=closed),
    st.integers(0, 10**6),
    st.sampled_from(["p/a", "p/b", "p/c", "*"]),
    st.integers(0, 1000),
    st.integers(-2, 5),
    st.booleans(),
)
books = st.lists(allowances, max_size=8, unique_by=lambda one: one.grant_id).map(lambda found: book(*found))
promises = st.tuples(
    st.lists(pools, max_size=3),
    st.sampled_from([f"k{number}" for number in range(12)]),
    st.integers(-5, 600),
    st.integers(-3, 6),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(books, st.lists(promises, max_size=25))
def test_over_any_sequence_of_spends_no_grant_is_exceeded(
    start: AllowanceBook, asked: list[tuple[list[str], str, int, int, bool]]
) -> None:
    here = start
    keys: set[str] = set()
    for names, key, amount_fen, days, believed in asked:
        at = TrustedTime(at=NOON + timedelta(days=days), believed=believed)
        before = here
        result = spend(here, [PoolId(name) for name in names], SettlementKey(key), amount_fen, at)
        assert here == before
        if isinstance(result, Refusal):
            continue
        assert believed
        assert key not in keys
        keys.add(key)
        by_pool = Counter[str]()
        for debit in result.debits:
            by_pool[debit.pool] += debit.amount_fen
            source = next(one for one in here.allowances if one.grant_id == debit.grant_id)
            assert at.at < source.expires_at
            assert not source.closed
        assert by_pool == ({"*": amount_fen} if result.float_used else dict.fromkeys(names, amount_fen))
        here = apply_debits(here, result.debits)
        assert all(one.spent_fen <= one.limit_fen for one in here.allowances)
    assert here.promised_keys == keys


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=2, max_size=4),
    st.lists(st.integers(0, 200), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 300)), max_size=30),
    st.integers(0, 30),
    st.integers(0, 3),
)
def test_what_a_fleet_promises_beyond_the_limit_stays_within_the_exposure(
    parts: list[int], floats: list[int], asked: list[tuple[int, int]], restore_at: int, restored: int
) -> None:
    """The limit is split over the devices; one disk is put back to its first image on the way."""
    first = [book(grant(f"G{n}", YEAR, part), grant(f"F{n}", "*", floats[n])) for n, part in enumerate(parts)]
    here = list(first)
    promised_fen = 0
    lost_exposure_fen = 0
    for number, (device, amount_fen) in enumerate(asked):
        if number == restore_at and restored < len(here):
            lost_exposure_fen = exposure([here[restored]]).respendable_fen
            here[restored] = first[restored]
        n = device % len(here)
        result = spend(here[n], [YEAR], SettlementKey(f"k{number}"), amount_fen, NOW)
        if isinstance(result, Spend):
            here[n] = apply_debits(here[n], result.debits)
            promised_fen += amount_fen
    assert promised_fen - sum(parts) <= exposure(here).float_fen + lost_exposure_fen
