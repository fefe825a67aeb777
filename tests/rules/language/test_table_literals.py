"""What the quick reader of plain cells accepts, the full parser and checker accept too, and give the very same typed form."""

from __future__ import annotations

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from rules.engine.language import LanguageError, Type
from rules.engine.language.checker import Checker
from rules.engine.language.ir import Node
from rules.engine.language.parser import parse, parse_cell
from rules.engine.language.standard_functions import FUNCTION_NAMES
from rules.engine.language.table_cells import CellTests
from rules.engine.language.table_literals import read_plain_cells, read_plain_outputs, typed_cell

TYPES = (Type.NUMBER, Type.MONEY, Type.TEXT, Type.BOOL, Type.DATE)

PLAIN = {
    Type.NUMBER: [
        "40",
        "40.00",
        "-40",
        ">= 18",
        "!= 3",
        "[18..60)",
        "(0..1]",
        "< 18, [60..65], 70",
        "not(1, 2)",
        "= 0.5",
    ],
    Type.MONEY: ["100 yuan", "100.5 yuan", "> 0.01 yuan", "(1.00 yuan..2 yuan]", "not(1 yuan,2 yuan)", "-1.00 yuan"],
    Type.TEXT: [
        '"住院"',
        '""',
        '"a, b"',
        '"a", "b"',
        'not("（x）")',
        '["C00".."C98")',
        '!= "x"',
        '"not(", ")"',
        '"𠀀"',
    ],
    Type.BOOL: ["true", "false", "not(true)", "!= false", "true, false"],
    Type.DATE: ['date("2024-02-29")', '@"2024-02-29"', '[date("2024-01-01")..@"2024-02-29")', '< date("2024-01-01")'],
}
NOT_PLAIN = {
    Type.NUMBER: [
        "limit",
        "1 + 1",
        "1e5",
        "-0",
        "-0.00",
        "1.",
        ".5",
        "[2..1]",
        "1,",
        "",
        " ",
        "1\n",
        "1 yuan",
        "١",
        "１",
    ],
    Type.MONEY: ["1", "1.005 yuan", "1yuan", "-0.00 yuan", "[2 yuan..1 yuan]", "1 Yuan", "1 yuan yuan"],
    Type.TEXT: [
        '"',
        "住院",
        '"a\\"b"',
        '"a\nb"',
        '"\u200b"',
        '"\ufeff"',
        '["b".."a"]',
        '"a""b"',
        '"' + "x" * 501 + '"',
        "null",
    ],
    Type.BOOL: ["True", "< true", "[false..true]", '"true"', "1"],
    Type.DATE: [
        'date("2024-02-30")',
        '"2024-02-29"',
        'date( "2024-02-29")',
        '[date("2024-02-29")..date("2024-02-28")]',
        '@"P1D"',
    ],
}


def in_full(text: str, value_type: Type) -> CellTests:
    cell = parse_cell(text, FUNCTION_NAMES)
    meets = Checker(text, {}, {}).cell(cell, value_type)
    assert meets is not None
    return CellTests(meets, cell.negated)


@pytest.mark.parametrize(("value_type", "text"), [(kind, text) for kind in TYPES for text in PLAIN[kind]])
def test_a_plain_cell_is_read_at_once_and_right(value_type: Type, text: str) -> None:
    read = read_plain_cells([text], value_type)
    assert list(read) == [text]
    assert typed_cell(read[text], value_type) == in_full(text, value_type)


@pytest.mark.parametrize(("value_type", "text"), [(kind, text) for kind in TYPES for text in NOT_PLAIN[kind]])
def test_any_other_cell_is_left_to_the_full_parser(value_type: Type, text: str) -> None:
    assert read_plain_cells([text], value_type) == {}


def test_a_list_longer_than_a_text_may_be_is_left_to_the_parser() -> None:
    long = ", ".join([f'"{"x" * 400}"'] * 10)
    assert read_plain_cells([long], Type.TEXT) == {}
    with pytest.raises(LanguageError, match="too_long"):
        in_full(long, Type.TEXT)


def test_lines_of_a_sweep_are_not_mixed_up() -> None:
    texts = ["1", "", "x\n2", "[1..2]", "[1", "..2]", " 3", "not(4", "5)", "not(6)"]
    assert set(read_plain_cells(texts, Type.NUMBER)) == {"1", "[1..2]", "not(6)"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("value_type", "one", "end"),
    [
        (Type.NUMBER, "1, ", "x"),
        (Type.NUMBER, "1,", "x"),
        (Type.NUMBER, "[1..2], ", "[1..2"),
        (Type.NUMBER, "< 1, ", ""),
        (Type.NUMBER, "1", "x"),
        (Type.NUMBER, "-0", "x"),
        (Type.TEXT, '"a", ', '"'),
        (Type.TEXT, '", ", ', '"'),
        (Type.MONEY, "1 yuan, ", "1"),
        (Type.DATE, '@"2024-01-01", ', "@"),
        (Type.BOOL, "true, ", "t"),
    ],
)
def test_a_hostile_list_is_given_up_at_once(value_type: Type, one: str, end: str) -> None:
    for text in (one * (4_000 // len(one) - 2) + end, "not(" + one * (4_000 // len(one) - 2) + end):
        assert read_plain_cells([text], value_type) == {}
        assert read_plain_outputs([text]) == {}


@st.composite
def near_cells(draw: st.DrawFn) -> str:
    """Return pieces of cells in some order: many are cells, many nearly."""
    digits = st.from_regex(r"\A-?[0-9]{1,3}(\.[0-9]{0,3})?\Z")
    text = st.text(st.sampled_from('ab"\\,()[]. \u3000\u200b\t\n住é𠀀\ud800'), max_size=5).map(
        lambda inner: f'"{inner}"'
    )
    day = st.builds(lambda m, d: f"2024-{m:02}-{d:02}", st.integers(0, 13), st.integers(0, 32))
    dates = day.map(lambda each: f'date("{each}")') | day.map(lambda each: f'@"{each}"')
    literal = digits | digits.map(lambda each: f"{each} yuan") | text | st.sampled_from(["true", "false", "x"]) | dates
    operator = st.sampled_from(["", "<", "<= ", "> ", ">=", "= ", "!=", "<>", "- "])
    kind = draw(st.sampled_from([digits, digits.map(lambda each: f"{each} yuan"), text, dates, literal]))
    single = st.builds("{}{}".format, operator, kind)
    interval = st.builds("{}{}..{}{}".format, st.sampled_from("[(]"), kind, kind, st.sampled_from(")]["))
    tests = draw(st.lists(single | interval, min_size=1, max_size=3))
    joined = draw(st.sampled_from([", ", ", ", ",", " ,", ",,"])).join(tests)
    return draw(st.sampled_from([joined, joined, f"not({joined})", f"not ({joined})", f"{joined})"]))


@given(near_cells() | st.sampled_from([text for texts in PLAIN.values() for text in texts]))
@example('"a", "b')
@example("not(1), 2")
@example("not(1), (2)")
def test_what_is_read_at_once_is_what_the_parser_reads(text: str) -> None:
    for value_type in TYPES:
        read = read_plain_cells([text], value_type)
        event(f"{value_type}, plain: {bool(read)}")
        if read:
            assert typed_cell(read[text], value_type) == in_full(text, value_type)


@given(near_cells() | st.sampled_from([text for texts in PLAIN.values() for text in texts]))
def test_an_output_that_is_read_at_once_is_what_the_parser_reads(text: str) -> None:
    read = read_plain_outputs([text])
    event(f"plain: {bool(read)}")
    if read:
        full: Node = Checker(text, {}, {}).result(parse(text, FUNCTION_NAMES), None)
        assert read[text] == full


def test_outputs_of_every_type_are_read_at_once() -> None:
    texts = ["0.85", "-1", "100.00 yuan", '"甲"', "true", 'date("2024-02-29")', 'date("2024-02-30")', "limit", "-0"]
    assert list(read_plain_outputs(texts)) == texts[:6]
