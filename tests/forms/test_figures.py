"""Money, times and hashes as the paper writes them."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

import claims.capitals
import forms.figures
from claims.errors import BugError
from forms.figures import amount_in_figures, beijing_minute


@pytest.mark.parametrize("module", [claims.capitals, forms.figures])
def test_examples_in_docstrings_hold(module: object) -> None:
    outcome = doctest.testmod(module)  # type: ignore[arg-type]
    assert outcome.attempted
    assert not outcome.failed


@given(st.integers(-(10**15), 10**15))
def test_figures_read_back_to_the_fen(amount_fen: int) -> None:
    text = amount_in_figures(amount_fen)
    assert int(text.replace(",", "").replace(".", "").replace("−", "-")) == amount_fen
    assert "-" not in text


def test_times_are_beijing_time_wherever_they_come_from() -> None:
    assert beijing_minute(datetime(2026, 11, 21, 16, 5, tzinfo=UTC)) == "2026 年 11 月 22 日 00:05"
    assert (
        beijing_minute(datetime(2026, 11, 21, 11, 5, tzinfo=timezone(timedelta(hours=-5))))
        == "2026 年 11 月 22 日 00:05"
    )


def test_a_reading_copy_has_its_times_in_figures() -> None:
    assert beijing_minute(datetime(2026, 11, 21, 16, 5, tzinfo=UTC), english=True) == "2026-11-22 00:05"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BugError) as caught:
        beijing_minute(datetime(2026, 11, 22))  # noqa: DTZ001 - the refusal is the point
    assert caught.value.code == "time_without_zone"
