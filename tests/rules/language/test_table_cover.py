"""Gaps, overlaps and dead cells, found when a table is built, each with an example."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.language import (
    Failure,
    FailureCode,
    HitPolicy,
    LanguageError,
    Type,
    check_table_cover,
    compile_table,
    table_reach,
)
from rules.engine.language.table_cover import CoverError
from rules.engine.language.table_reach import unreachable_rows

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
    found = compile_table(define(policy, inputs, rows, complete=complete), NAMES)
    check_table_cover(found)
    return found


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
        (["age"], [["<= 18"], [">= 19"]], "age: 18.1"),
        (["public"], [["true"]], "public: false"),
        (["kind"], [['"住院"'], ['"门诊"']], 'kind: "其他 other"'),
        ([("kind", '"住院", "门诊", "急诊"')], [['"住院"'], ['"门诊"']], 'kind: "急诊"'),
        (["bill"], [["< 100.00 yuan"], ["> 100.00 yuan"]], "bill: 100.00 yuan"),
        (["bill"], [["<= 100.00 yuan"], [">= 100.02 yuan"]], "bill: 100.01 yuan"),
        (["day"], [['< date("2024-02-29")'], ['>= date("2024-03-01")']], "day: 2024-02-29"),
        ([("age", "[0..120]")], [["[0..60)"], ["[60..119]"]], "age: 119.1"),
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
        (["kind"], [['not("住院")'], ['not("门诊")']], "rows 1 and 2", 'kind: "其他 other"'),
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
    found, shown = None, None
    try:
        check(["age", "public"], cells)
    except LanguageError as error:
        found, shown = error.code, error
    if isinstance(shown, CoverError):
        assert [row + 1 for row in tried.hits(shown.sample, {})] == list(shown.rows)
    real = {"overlap"} if max(hits) > 1 else set()
    real |= {"gap"} if min(hits) == 0 else set()
    assert found in (real or {None})


def test_dates_at_the_end_of_the_calendar_leave_no_phantom_gap():
    assert check(["day"], [['<= date("9999-12-31")']])
    assert check(["day"], [['>= date("0001-01-01")']])
    assert problem(["day"], [['< date("9999-12-31")']]).values["example"] == f"day: {date.max}"


def reach(inputs, cells, policy=HitPolicy.FIRST):
    rows = [(when, ["1"]) for when in cells]
    return unreachable_rows(compile_table(define(policy, inputs, rows), NAMES))


@pytest.mark.parametrize(
    ("inputs", "cells", "found"),
    [
        (["age"], [["< 18"], [">= 18"]], []),
        (["age"], [["< 18"], [">= 18"], ["-"]], [(3, None, (1, 2))]),
        (["age"], [["-"], ["5"], ["6"]], [(2, None, (1,)), (3, None, (1,))]),
        (["age"], [["[0..10]"], ["[11..20]"], ["[5..15]"]], []),
        (["day"], [['<= date("2024-02-29")'], ['>= date("2024-03-01")'], ["-"]], [(3, None, (1, 2))]),
        (["bill"], [["<= 1.00 yuan"], ["[1.00 yuan..1.01 yuan)"]], [(2, None, (1,))]),
        ([KINDS], [['"住院"'], ['"门诊"'], ["-"]], [(3, None, (1, 2))]),
        ([KINDS], [['not("住院", "门诊")'], ["-"]], [(1, "kind", ())]),
        (["age", "public"], [["< 18", "-"], ["-", "true"], ["< 10", "false"], [">= 18", "-"]], [(3, None, (1,))]),
        (["age", "public"], [["< limit", "-"], ["-", "-"], ["5", "true"]], [(3, None, (2,))]),
        (["age", "public"], [["< limit", "-"], ["5", "true"]], []),
        (["age", "public"], [["-", "true"], ["< limit", "true"], ["< limit", "-"]], [(2, None, (1,))]),
        (["age", "kind"], [["-", "-"], ["5", '> "A"']], [(2, None, (1,))]),
    ],
)
def test_rows_that_are_never_reached(inputs, cells, found):
    rows = reach(inputs, cells)
    assert [(each.row, each.column, each.covered_by) for each in rows] == found
    for each in rows:
        assert str(each.row) in each.sentence.zh
        assert str(each.row) in each.sentence.en


def test_only_first_hides_rows():
    for policy in (HitPolicy.UNIQUE, HitPolicy.ANY):
        assert reach(["age"], [["-"], ["5"]], policy) == ()
        assert [each.column for each in reach([("age", "[0..9]")], [["> 9"], ["5"]], policy)] == ["age"]


@given(st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(["-", "true", "false"])), min_size=1, max_size=6))
def test_the_rows_never_reached_are_exactly_those_that_trying_all_values_never_finds(cells):
    table = compile_table(define(HitPolicy.FIRST, ["age", "public"], [(cell, ["1"]) for cell in cells]), NAMES)
    reached = {row for values in product(SAMPLES, (True, False)) for row in table.hits(values, {})}
    assert {each.row - 1 for each in unreachable_rows(table)} == set(range(len(cells))) - reached


def test_of_a_table_too_large_to_walk_the_rows_are_told_that_one_row_covers(monkeypatch):
    monkeypatch.setattr(table_reach, "MAX_WORK", 3)
    cells = [["[0..10]", "-"], ["[11..20]", "true"], ["[2..3]", "false"], ["[5..15]", "true"], ["12", "true"]]
    found = reach(["age", "public"], cells)
    assert [(each.row, each.covered_by) for each in found] == [(3, (1,)), (5, (2,))]


def test_a_large_table_is_looked_through_in_bounded_work():
    cells = [[f'"{number:05}"', f"[{number % 50}..{number % 50 + 9}]"] for number in range(2_000)]
    cells += [["-", "> 30"], ['"00077"', "[27..30]"], ['"00031"', "40"]]
    found = reach(["kind", "age"], cells)
    assert [(each.row, each.covered_by) for each in found] == [(2_002, (78,)), (2_003, (32,))]


def test_an_example_has_a_value_for_each_input_that_can_be_tried():
    gap = problem(["age", "public", "bill"], [["< 18", "-", "-"], [">= 18", "true", "> 1 yuan"]])
    assert isinstance(gap, CoverError)
    assert gap.rows == ()
    assert list(gap.example) == ["age", "public", "bill"]
    assert "18" in gap.sentence.zh
    assert "18" in gap.sentence.en
    overlap = problem(["age", "public"], [["< limit", "-"], ["-", "true"], ["5", "-"]], complete=False)
    assert isinstance(overlap, CoverError)
    assert (overlap.rows, overlap.sample) == ((2, 3), (Decimal(5), True))
    assert overlap.values["example"] == "age: 5, public: true"


def test_an_open_cell_takes_nothing_from_the_rows_without_one():
    assert problem(["age"], [["< limit"], ["[0..10]"], ["10"]], complete=False).values["rows"] == "2, 3"
    assert problem(["kind"], [['< "B"'], ['"A"'], ['"A", "B"']], complete=False).values["rows"] == "2, 3"
    assert check(["age"], [["< limit"], ["[0..10)"], ["10"]], complete=False)
