"""Texts meant to harm or to deceive: refused with a place, in bounded time and stack, never cut short."""

import sys
from decimal import Decimal
from time import perf_counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.language import LanguageError, Table, TableDefinition, Type, compile_expression, compile_table
from rules.engine.language.syntax import MAX_DEPTH
from rules.engine.language.tokens import MAX_TEXT_LENGTH
from rules.engine.model import RulesError

NAMES = {"a": Type.NUMBER, "text": Type.TEXT, "yes": Type.BOOL, "day": Type.DATE, "tags": Type.list_of(Type.TEXT)}


def refused(text):
    with pytest.raises(LanguageError) as caught:
        compile_expression(text, NAMES)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "__class__",
        "a.__class__",
        "text.__class__.__mro__",
        "(a).__class__",
        "(text).__init__.__globals__",
        '("x").format',
        "day.today",
        "(day).replace",
        "day.__reduce__()",
        '__import__("os")',
        "eval(text)",
        'exec("1")',
        'open("x")',
        'getattr(a, "real")',
        "lambda: 1",
        "[x for x in tags]",
        "{a: 1}",
        "a; a",
        "a := 1",
        "tags[0].x",
        'f"{a}"',
        "'a'",
        "a if yes else a",
        "a or 1",
        "instance of a",
        "a?",
        "$a",
        "a\\b",
        "`a`",
    ],
)
def test_nothing_of_python_is_reached(text):
    assert refused(text).place.line == 1


@pytest.mark.parametrize("size", [MAX_TEXT_LENGTH + 1, 1_000_000])
def test_a_text_too_long_is_refused_not_cut(size):
    assert refused("1" + " " * (size - 1)).code == "too_long"
    assert refused(("1+" * size)[: size - 1] + "1").code == "too_long"


DEEP = [
    ("(" * 1_500, "1", ")" * 1_500),
    ("-" * 3_000, "1", ""),
    ("not(" * 900, "yes", ")" * 900),
    ("if yes then " * 300, "1", " else 1" * 10),
    ("[" * 3_000, "1", ""),
    ("]" * 3_000, "1", ""),
    ("", "1", " + 1" * 900),
    ("", "yes", " and yes" * 450),
    ("a in (" * 600, "1", ")" * 600),
    ("1 + (2 * (" * 300, "1", "))" * 300),
    ("a in ((" * 500, "1..2", ")..2)" * 100),
    ("max(1, " * 500, "1", ")" * 500),
    ("some x in (" * 300, "tags", ")"),
    ("@" * 3_000, "", ""),
    ("(((a)).b" * 400, "", ""),
    ("yes or (yes and (a = (1 + (2 * -(3" * 80, "", ")))))" * 80),
]


@pytest.mark.parametrize("parts", DEEP)
def test_a_text_too_deep_is_refused_quickly_and_without_exhausting_the_stack(parts):
    text = "".join(parts)[:MAX_TEXT_LENGTH]
    start = perf_counter()
    error = refused(text)
    assert error.code in ("too_deep", "unexpected")
    assert perf_counter() - start < 5.0


def _depth_of_caller():
    frame, depth = sys._getframe(), 0
    while frame:
        frame, depth = frame.f_back, depth + 1
    return depth


def test_the_deepest_allowed_text_runs_within_half_the_usual_stack():
    depth = MAX_DEPTH - 2
    texts = [
        "(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1),
        "1" + " + 1" * depth,
        "not(" * depth + "yes" + ")" * depth,
        "-" * depth + "a",
        "yes or (yes and (" * (depth // 2) + "yes" + "))" * (depth // 2),
        "if yes then 1 else (" * (depth // 2) + "2" + ")" * (depth // 2),
    ]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth_of_caller() + 650)
    try:
        for text in texts:
            assert compile_expression(text, NAMES).evaluate({"a": Decimal(1), "yes": True}) is not None
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200b", "U+200B"),
        ("\u202e1 + a", "U+202E"),
        ("1\u00a0+ 1", "U+00A0"),
        ("\ufeff1", "U+FEFF"),
        ("1\x00", "U+0000"),
        ("а + 1", "U+0430"),  # Cyrillic
        ("ａ + 1", "U+FF41"),
        ("１", "U+FF11"),
        ("a（1）", "U+FF08"),
        ("a ＞ 1", "U+FF1E"),
        ("a　+ 1", "U+3000"),
        ("“x”", "U+201C"),
        ("٣", "U+0663"),
        ("a − 1", "U+2212"),
        ("a ≥ 1", "U+2265"),
        ("é", "U+00E9"),
        ("\U0001f600", "U+1F600"),
        ("a\u0301 + 1", "U+0301"),
        ('text = "a\u202eb"', "U+202E"),
        ('text = "a\u200db"', "U+200D"),
        ('text = "\\u202e"', "U+202E"),
        ('text = "\\u0000"', "U+0000"),
        ("\U000e0041", "U+E0041"),
    ],
)
def test_a_character_that_is_not_what_it_looks_like_is_refused(text, shown):
    error = refused(text)
    assert error.code == "bad_character"
    assert error.values["found"] == shown


def test_full_width_forms_are_refused_with_what_to_type_instead():
    assert "'('" in refused("a（1）").expected
    assert "'>'" in refused("a ＞ 1").expected


@pytest.mark.parametrize("text", ["9" * 31, "0." + "1" * 31, '"' + "x" * 501 + '"', '"\\ud800"', '"\\U110000"'])
def test_a_literal_beyond_its_limits_is_refused(text):
    assert refused(text).code == "bad_literal"


PIECES = """a yes text tags day 1 0.5 2_yuan "x" + - * / ( ) [ ] .. , . = < and or not( in between if then else some
satisfies min( sum( round_half_up( count( year null true @ " \\ // /* \u200b （ 𠮷"""
ALPHABET = st.sampled_from([piece.replace("_", " ") for piece in PIECES.split()] + [" ", "\n"])


def outcome(compile_it):
    try:
        return compile_it()
    except RulesError as error:
        return error


@given(st.lists(ALPHABET, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_either_compiles_or_is_refused_with_a_place(text):
    found = outcome(lambda: compile_expression(text, NAMES))
    if isinstance(found, LanguageError):
        assert found.place.line >= 1
        assert found.place.column >= 1
        assert found.expected
    else:
        assert found.reads <= NAMES.keys()


@given(st.lists(ALPHABET, max_size=20).map("".join))
def test_any_cell_either_compiles_or_is_refused(cell):
    raw = {
        "hit_policy": "first",
        "inputs": [{"expression": "a"}],
        "outputs": [{"name": "o"}],
        "rows": [{"when": [cell], "then": ["1"]}],
    }
    found = outcome(lambda: compile_table(msgspec.convert(raw, TableDefinition), NAMES))
    assert isinstance(found, Table) or found.values["expected"]
