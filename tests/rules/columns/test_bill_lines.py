"""Bill lines: the sum of the lines of one kind, by the reference, by a pack, and by segment sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.columns import ColumnPack, batch_of_facts, batch_of_table, facts_table, prepare
from rules.columns.segments import extremes, first_event, sums, sums_beyond
from rules.engine import Pack, decide, load_pack
from rules.engine.bill_lines import sum_where
from rules.engine.generated import GeneratedPack, generate
from tests.rules.columns.comparing import differences
from tests.rules.conftest import FactsOf
from tests.rules.edited_packs import Document, by_id, changed

LINES = st.lists(st.tuples(st.integers(0, 2_000_000), st.sampled_from(["A", "B", "C", ""])), max_size=6)


def with_lines(document: Document) -> None:
    """Let what the patient bears be the lines of kind C and a tenth of kind B."""
    one = {"name": {"zh": "明细", "en": "line"}, "source": "document", "many": True, "items": 2000}
    document["elements"] += [
        {"id": "line_amounts", "type": "money", "unit": "fen", "minimum": "0", "maximum": "100000000000", **one},
        {"id": "line_kinds", "type": "text", "unit": "text", "minimum": "0", "maximum": "10", **one},
    ]
    borne = (
        'sum where(line_amounts, line_kinds, "C") + round half up(sum where(line_amounts, line_kinds, "B") * 0.1, 2)'
    )
    by_id(document, "rules", "scope_cut")["expression"] = f"max(0.00 yuan, amount - ({borne}))"


@pytest.fixture(scope="module")
def lined() -> Pack:
    return load_pack(changed(with_lines))


@pytest.fixture(scope="module")
def lined_columns(lined: Pack) -> ColumnPack:
    return prepare(lined)


@pytest.fixture(scope="module")
def lined_code(lined: Pack) -> GeneratedPack:
    return generate(lined)


def test_lines_of_one_kind_are_added_and_others_are_not() -> None:
    assert sum_where([10000, 2050, 300], ["A", "B", "B"], "B") == 2350
    assert sum_where([], [], "B") == 0
    with pytest.raises(ValueError, match="2 amounts and 1 labels"):
        sum_where([1, 2], ["A"], "A")


@given(lines=st.lists(LINES, min_size=1, max_size=8), cut=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_claims_with_bill_lines_are_decided_alike(  # noqa: PLR0917 - fixtures and strategies
    lined: Pack, lined_columns: ColumnPack, lined_code: GeneratedPack, facts_of: FactsOf, lines: list[Any], cut: int
) -> None:
    base = facts_of("A-1 settled by social insurance")
    claims = [
        {
            **base,
            "bill_total": 10_000_000,
            "line_amounts": tuple(fen for fen, _ in each),
            # Now and then a kind too few: lists of different lengths refer the claim.
            "line_kinds": tuple(kind for _, kind in each)[: len(each) - (cut == 3)],
        }
        for each in lines
    ]
    claims.append(dict(base))
    assert differences(lined, lined_columns, claims) == []
    assert all(lined_code.decide(claim) == decide(lined, claim) for claim in claims)


def test_two_thousand_lines_of_many_claims_come_as_lists_of_a_table(lined: Pack, facts_of: FactsOf) -> None:
    base = facts_of("A-1 settled by social insurance")
    claims: list[Any] = [
        {**base, "bill_total": 10_000_000, "line_amounts": (row,) * row, "line_kinds": ("BAC"[row % 3],) * row}
        for row in (0, 1, 7, 2000, 1999, 3)
    ]
    claims.append({**base, "line_amounts": (1,) * 2001, "line_kinds": ("B",) * 2001})
    prepared = prepare(lined)
    found = prepared.decide(batch_of_table(lined, facts_table(lined, claims)))
    expected = prepared.decide(batch_of_facts(lined, claims))
    assert np.array_equal(found.total_fen, expected.total_fen)
    assert [found.reasons_of(row) for row in range(7)] == [expected.reasons_of(row) for row in range(7)]
    assert expected.reasons_of(6) == ("element:line_amounts",)
    assert differences(lined, prepared, claims) == []


@given(st.lists(st.lists(st.integers(-100, 100), max_size=5), min_size=1, max_size=8), st.integers(0, 200))
def test_segments_are_what_loops_over_each_list_give(rows: list[list[int]], most: int) -> None:
    flat = np.array([item for row in rows for item in row], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, rows)])
    assert sums(flat, offsets).tolist() == [sum(row) for row in rows]
    least = extremes(np.minimum, flat, offsets).tolist()
    assert [least[at] for at, row in enumerate(rows) if row] == [min(row) for row in rows if row]
    partial = [[sum(row[: end + 1]) for end in range(len(row))] for row in rows]
    assert sums_beyond(flat, offsets, most).tolist() == [any(abs(each) > most for each in row) for row in partial]
    at, some = first_event(flat > 50, offsets)
    firsts = [next((item for item in row if item > 50), None) for row in rows]
    assert some.tolist() == [each is not None for each in firsts]
    assert [int(flat[place]) for place, found in zip(at, some, strict=True) if found] == [
        each for each in firsts if each is not None
    ]
