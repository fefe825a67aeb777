"""The narrowest record that covers; no record, no authority; the reason names the figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.authority import AuthorityVerdict, find_authority
from claims.statements import AuthorityGranted
from claims.trusted_time import TrustedTime, trusted_time

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
NOW = TrustedTime(at=NOON, believed=True)


def record(
    authority_id: str = "A-1",
    *,
    adjuster: str = "adj-7",
    claim_type: str = "*",
    ceiling_fen: int = 30_000_000,
    catastrophe_id: str | None = None,
    valid_from: datetime = NOON - timedelta(days=30),
    valid_to: datetime = NOON + timedelta(days=30),
) -> AuthorityGranted:
    return AuthorityGranted(
        statement_id=f"s-{authority_id}",
        device="D3",
        epoch=1,
        issued_at=NOON - timedelta(days=30),
        authority_id=authority_id,
        adjuster=adjuster,
        level="field-2",
        claim_type=claim_type,
        ceiling_fen=ceiling_fen,
        catastrophe_id=catastrophe_id,
        valid_from=valid_from,
        valid_to=valid_to,
        granted_by="hq-1",
    )


def asked(
    *records: AuthorityGranted,
    amount_fen: int = 10_000_000,
    claim_type: str = "accident_death",
    catastrophe_id: str | None = None,
    at: TrustedTime = NOW,
) -> AuthorityVerdict:
    return find_authority(
        records, adjuster="adj-7", claim_type=claim_type, amount_fen=amount_fen, catastrophe_id=catastrophe_id, at=at
    )


def chosen(verdict: AuthorityVerdict) -> str | None:
    return None if verdict.authority is None else verdict.authority.authority_id


def test_the_ceiling_includes_its_own_figure() -> None:
    assert chosen(asked(record(), amount_fen=30_000_000)) == "A-1"
    verdict = asked(record(), amount_fen=30_000_001)
    assert not verdict.covered
    assert "300,000.01" in verdict.reason.zh
    assert "300,000.00" in verdict.reason.zh


def test_a_quake_death_of_a_million_is_over_a_limit_of_300_000() -> None:
    verdict = asked(record(), amount_fen=100_000_000)
    assert verdict.reason.zh == "金额 1,000,000.00 元超过经办人的权限 300,000.00 元，转总部。"


def test_the_widened_limit_counts_for_its_catastrophe_only() -> None:
    records = (record(), record("A-2", ceiling_fen=200_000_000, catastrophe_id="EQ-1"))
    assert chosen(asked(*records, amount_fen=100_000_000, catastrophe_id="EQ-1")) == "A-2"
    assert chosen(asked(*records, amount_fen=100_000_000, catastrophe_id="EQ-2")) is None
    assert chosen(asked(*records, amount_fen=100_000_000)) is None


def test_the_standing_record_comes_before_the_widened_one_and_the_lower_before_the_higher() -> None:
    widened = record("A-0", ceiling_fen=12_000_000, catastrophe_id="EQ-1")
    high, low = record("A-9"), record("A-8", ceiling_fen=15_000_000)
    assert chosen(asked(widened, high, low, catastrophe_id="EQ-1")) == "A-8"


def test_the_claim_type_must_fit() -> None:
    records = (record("A-1", claim_type="critical_illness"),)
    assert chosen(asked(*records, claim_type="critical_illness")) == "A-1"
    verdict = asked(*records, claim_type="accident_death")
    assert not verdict.covered
    assert "adj-7" in verdict.reason.zh


def test_anothers_authority_is_not_mine() -> None:
    assert chosen(asked(record(adjuster="adj-8"))) is None
    assert chosen(asked()) is None


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (timedelta(days=-30), True),
        (timedelta(days=-30, seconds=-1), False),
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=1), False),
    ],
)
def test_first_and_last_instant_are_in(offset: timedelta, code: bool) -> None:
    assert asked(record(), at=TrustedTime(at=NOON + offset, believed=True)).covered is code


def test_reasons_out_of_time_name_the_time() -> None:
    early = asked(record(), at=TrustedTime(at=NOON - timedelta(days=31), believed=True))
    assert "2026-01-30 12:00" in early.reason.zh
    late = asked(record(), at=TrustedTime(at=NOON + timedelta(days=31), believed=True))
    assert "2026-03-31 12:00" in late.reason.zh
    assert "时钟" not in late.reason.zh


def test_wrong_clocks_are_named() -> None:
    back = asked(record(), at=trusted_time(NOON - timedelta(days=365), NOON))
    assert not back.covered
    assert "时钟" in back.reason.zh
    ahead = asked(record(), at=trusted_time(NOON + timedelta(days=3650), NOON))
    assert not ahead.covered
    assert "时钟" in ahead.reason.zh


@given(
    st.lists(
        st.builds(
            record,
            st.sampled_from(["A", "B", "C"]),
            adjuster=st.sampled_from(["adj-7", "adj-8"]),
            claim_type=st.sampled_from(["*", "accident_death", "disability"]),
            ceiling_fen=st.integers(0, 100),
            catastrophe_id=st.sampled_from([None, "EQ-1", "EQ-2"]),
        ),
        max_size=6,
    ),
    st.integers(0, 120),
    st.sampled_from([None, "EQ-1"]),
)
def test_whatever_is_chosen_covers_and_nothing_covering_is_overlooked(
    records: list[AuthorityGranted], amount_fen: int, catastrophe_id: str | None
) -> None:
    def covers(one: AuthorityGranted) -> bool:
        return (
            one.adjuster == "adj-7"
            and one.claim_type in ("*", "accident_death")
            and one.catastrophe_id in (None, catastrophe_id)
            and amount_fen <= one.ceiling_fen
        )

    verdict = asked(*records, amount_fen=amount_fen, catastrophe_id=catastrophe_id)
    assert verdict.covered == any(covers(one) for one in records)
    assert verdict.authority is None or covers(verdict.authority)
