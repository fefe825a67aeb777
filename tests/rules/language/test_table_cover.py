"""Gaps, overlaps and dead cells, found when a table is built, each with an example."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.language import Failure, FailureCode, HitPolicy, LanguageError, Type, compile_table

from .test_tables import define

NAMES = {
    "age": Type.NUMBER,
    "kind": Type.TEXT,
    "bill": Type.MONEY,
    "day": Type.DATE,
    "public": Type.BOOL,
    "limit": Type.NUMBER,
}
KINDS = ("kind", '"住院", "门诊"')


def check(inputs, cells, policy=HitPolicy.UNIQUE, *, complete=True):
    rows = [(when, [str(number)]) for number, when in enumerate(cells)]
    return compile_table(define(policy, inputs, rows, complete=complete), NAMES)


def problem(inputs, cells, policy=HitPolicy.UNIQUE, *, complete=True):
    with pytest.raises(LanguageError) as caught:
        check(inputs, cells, policy, complete=complete)
    return caught.value


@pytest.mark.parametrize(
    ("inputs", "cells"),
    [
        (["age"], [["< 18"], [">= 18"]]),
        (["age"], [["18"], ["not(18)"]]),
        (["age"], [["< 18, > 60"], ["[18..60]"]]),
        (["public"], [["true"], ["false"]]),
        ([KINDS], [['"住院"'], ['"门诊"']]),
        (["kind"], [['"住院"'], ['not("住院")']]),
        (["bill"], [["<= 100.00 yuan"], [">= 100.01 yuan"]]),
        (["day"], [['<= date("2024-02-29")'], ['>= date("2024-03-01")']]),
        (['day - date("2024-01-01")'], [['< duration("P30D")'], ['>= duration("P30D")']]),
        ([("age", "[0..120]")], [["[0..60)"], ["[60..120]"]]),
        (["age", "public"], [["< 18", "-"], [">= 18", "true"], [">= 18", "false"]]),
        ([KINDS, "public"], [['"住院"', "-"], ['"门诊"', "true"], ['"门诊"', "false"]]),
    ],
)
def test_a_table_without_gap_and_overlap_passes(inputs, cells):
    assert check(inputs, cells).definition.complete


@pytest.mark.parametrize(
    ("inputs", "cells", "example"),
    [
        (["age"], [["< 18"], ["> 18"]], "age: 18"),
        (["age"], [["< 18"], ["[19..30]"]], "age: 18"),
        (["age"], [["<= 18"], [">= 19"]], "age: > 18 and < 19"),
        (["public"], [["true"]], "public: false"),
        (["kind"], [['"住院"'], ['"门诊"']], "kind: any other text"),
        ([("kind", '"住院", "门诊", "急诊"')], [['"住院"'], ['"门诊"']], 'kind: "急诊"'),
        (["bill"], [["< 100.00 yuan"], ["> 100.00 yuan"]], "bill: 100.00 yuan"),
        (["bill"], [["<= 100.00 yuan"], [">= 100.02 yuan"]], "bill: > 100.00 yuan and < 100.02 yuan"),
        (["day"], [['< date("2024-02-29")'], ['>= date("2024-03-01")']], "day: 2024-02-29"),
        ([("age", "[0..120]")], [["[0..60)"], ["[60..119]"]], "age: > 119 and < 120"),
        (["age", "public"], [["< 18", "-"], [">= 18", "true"]], "age: 18, public: false"),
    ],
)
def test_a_gap_is_refused_with_an_example(inputs, cells, example):
    found = problem(inputs, cells)
    assert (found.code, found.values["example"]) == ("gap", example)


@pytest.mark.parametrize(
    ("inputs", "cells", "rows", "example"),
    [
        (["age"], [["<= 18"], [">= 18"]], "rows 1 and 2", "age: 18"),
        (["age"], [["< 18"], [">= 18"], ["20"]], "rows 2 and 3", "age: 20"),
        (["age"], [["-"], ["5"]], "rows 1 and 2", "age: 5"),
        ([KINDS], [['"住院"'], ["-"]], "rows 1 and 2", 'kind: "住院"'),
        (["kind"], [['not("住院")'], ['not("门诊")']], "rows 1 and 2", "kind: any other text"),
        (["age", "public"], [["< 18", "true"], ["[10..20]", "-"]], "rows 1 and 2", "age: 10, public: true"),
        (["day"], [['<= date("2024-02-29")'], ['>= date("2024-02-29")']], "rows 1 and 2", "day: 2024-02-29"),
    ],
)
def test_an_overlap_of_a_unique_table_is_refused_with_an_example(inputs, cells, rows, example):
    found = problem(inputs, cells, complete=False)
    assert (found.code, found.place.text, found.values["example"]) == ("overlap", rows, example)


def test_other_hit_policies_may_overlap():
    for policy in (HitPolicy.FIRST, HitPolicy.ANY):
        assert check(["age"], [["<= 18"], [">= 18"]], policy)


def test_cells_that_read_names_are_left_to_the_lookup():
    found = check(["age"], [["< limit"], [">= 18"]], complete=False)
    with pytest.raises(Failure) as caught:
        found.evaluate({"age": Decimal(20), "limit": Decimal(30)})
    assert caught.value.failure_code is FailureCode.SEVERAL_HITS
    assert found.evaluate({"age": Decimal(20), "limit": Decimal(10)}).rows == (1,)
    assert problem(["age"], [["< limit"], [">= 18"]]).code == "bad_table"


@pytest.mark.parametrize(
    ("inputs", "cells"),
    [
        ([KINDS], [['"住院"'], ['"急诊"']]),
        ([KINDS], [['"住院", "急诊"'], ['"门诊"']]),
        ([("age", "[0..120]")], [["> 120"], ["-"]]),
        (["bill"], [["(1.00 yuan..1.01 yuan)"], ["> 2 yuan"]]),
        (["public"], [["not(true, false)"], ["-"]]),
    ],
)
def test_a_cell_that_no_value_meets_is_refused(inputs, cells):
    found = problem(inputs, cells, HitPolicy.FIRST, complete=False)
    assert found.code == "bad_table"
    assert found.values["row"]
    assert found.values["column_name"]


def test_ranges_of_texts_are_left_to_the_lookup():
    found = check(["kind"], [['["C00".."C98")'], ['"C50"']], complete=False)
    with pytest.raises(Failure) as caught:
        found.evaluate({"kind": "C50"})
    assert caught.value.failure_code is FailureCode.SEVERAL_HITS


def test_a_large_table_is_checked_in_bounded_work():
    codes = [[f'"{number:05}"', "-"] for number in range(3_000)]
    assert check(["kind", "public"], codes, complete=False)
    twice = [*codes, ['"00077"', "true"]]
    assert problem(["kind", "public"], twice, complete=False).place.text == "rows 78 and 3001"


CELLS = ["-", "1", "2", "3", "< 2", "<= 2", "> 1", ">= 3", "[1..2]", "(1..3)", "not(2)", "1, 3", "< 1, > 3"]
SAMPLES = [Decimal(value) for value in ("0", "1", "1.5", "2", "2.5", "3", "4")]


@given(st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(["-", "true", "false"])), min_size=1, max_size=5))
def test_gaps_and_overlaps_are_exactly_those_that_trying_all_values_finds(cells):
    tried = check(["age", "public"], cells, HitPolicy.ANY, complete=False)
    alone = [check(["age", "public"], [cell], HitPolicy.ANY, complete=False) for cell in cells]
    hits = []
    for age, public in product(SAMPLES, (True, False)):
        count = 0
        for each in alone:
            try:
                count += len(each.evaluate({"age": age, "public": public}).rows)
            except Failure:
                continue
        hits.append(count)
    assert tried.definition.rows
    found = None
    try:
        check(["age", "public"], cells)
    except LanguageError as error:
        found = error.code
    real = {"overlap"} if max(hits) > 1 else set()
    real |= {"gap"} if min(hits) == 0 else set()
    assert found in (real or {None})


def test_dates_at_the_end_of_the_calendar_leave_no_phantom_gap():
    assert check(["day"], [['<= date("9999-12-31")']])
    assert check(["day"], [['>= date("0001-01-01")']])
    assert problem(["day"], [['< date("9999-12-31")']]).values["example"] == f"day: {date.max}"
