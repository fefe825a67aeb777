"""10,000,000 comparisons among the three back ends, without a difference.

What is counted: a case decided by two back ends, with the same total and the same sum of each benefit. Columns and generated code are
compared on all cases that generated code decides (at least 10,000,000); a part of the cases is also decided by the Decimal
reference and compared in full with both. Each pair is counted and printed by itself.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count

import pytest

from rules.columns import prepare
from rules.engine import Pack
from rules.engine.generated import generate
from tests.rules.columns.many_cases import NOTHING, Cases, Tally, compare, compare_with
from tests.rules.dated_packs import pack_with, with_parameter

WANTED = 10_000_000
TASK_CASES = 40_000
BY_REFERENCE = 60
WORKERS = 2


def test_a_few_thousand_cases_of_every_plan_are_decided_alike_by_all_three(pack: Pack) -> None:
    for plan in pack.plans:
        tally = compare(plan, 7, 1_500, 20)
        assert tally.differences == ()
        assert tally.columns_generated > 1_000
        assert tally.columns_reference >= 20
        assert tally.generated_reference > 0
        assert tally.paid > 50


def test_a_back_end_that_pays_a_fen_more_is_found_out(pack: Pack) -> None:
    other = pack_with(with_parameter("deductible", {"1990-01-01": 9_999}, "AT-A"))
    cases = Cases(pack, "AT-A")
    tally = compare_with(pack, prepare(other), generate(pack), cases, "AT-A", 7, 1_000, 20)
    assert tally.differences != ()


def tasks(plans: list[str]) -> Iterator[tuple[str, int]]:
    """Yield every plan in turn, with a new seed each time."""
    for seed in count(1):
        for plan in plans:
            yield plan, seed


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_million_comparisons_without_a_difference(pack: Pack, capsys: pytest.CaptureFixture[str]) -> None:
    tally, waiting = NOTHING, tasks(sorted(pack.plans))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        running: deque[Future[Tally]] = deque()
        while tally.columns_generated < WANTED and not tally.differences:
            while len(running) < 2 * WORKERS:
                running.append(pool.submit(compare, *next(waiting), TASK_CASES, BY_REFERENCE))
            tally += running.popleft().result()
        for future in running:
            future.cancel()
    with capsys.disabled():
        print(  # noqa: T201 - the issue asks for the counts to be said
            f"\n{tally.columns_generated:,} cases by columns and generated code, "
            f"{tally.columns_reference:,} by columns and reference, {tally.generated_reference:,} by generated code and reference; "
            f"{tally.paid:,} come to a payment, {tally.declined:,} were left to the reference by generated code; "
            f"{len(tally.differences)} differences"
        )
    assert tally.differences == ()
    assert tally.columns_generated >= WANTED
    assert tally.paid > tally.columns_generated // 20
