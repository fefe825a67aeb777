"""How texts are read: precedence, grouping, names, literals, and the place of an error."""

from datetime import date
from decimal import Decimal

import pytest

from rules.engine.language import LanguageError, Type, compile_expression

NAMES = {
    "a": Type.NUMBER,
    "b": Type.NUMBER,
    "yes": Type.BOOL,
    "no": Type.BOOL,
    "bill.total": Type.MONEY,
    "住院天数": Type.NUMBER,
    "accident_date": Type.DATE,
    "tags": Type.list_of(Type.TEXT),
}
ENV = {
    "a": Decimal(7),
    "b": Decimal(2),
    "yes": True,
    "no": False,
    "bill.total": 10_000,
    "住院天数": Decimal(12),
    "accident_date": date(2024, 2, 29),
    "tags": ("x", "y"),
}


def value_of(text):
    return compile_expression(text, NAMES).evaluate(ENV)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 - 3 - 2", Decimal(5)),
        ("2 + 3 * 4", Decimal(14)),
        ("(2 + 3) * 4", Decimal(20)),
        ("100 / 10 / 5", Decimal(2)),
        ("100 / 10 * 5", Decimal(50)),
        ("-2 * -3", Decimal(6)),
        ("- - 2", Decimal(2)),
        ("-a + b", Decimal(-5)),
        ("a - -b", Decimal(9)),
        ("a * 2 between 14 and 14", True),
        ("a between b and b + 5 and yes", True),
        ("a between b and b + 5 and no", False),
        ("yes or no and no", True),
        ("(yes or no) and no", False),
        ("no and no or yes", True),
        ("not(no) and yes", True),
        ("a + 1 = 8 and b < a", True),
        ("a in (1, 7)", True),
        ("a in [7..8]", True),
        ("a in (7..8]", False),
        ("a in [6..7)", False),
        ("a in [b..a]", True),
        ("a in (< 5, > 6)", True),
        ("a in > 6", True),
        ("a in [[1..2], [6..8]]", True),
        ("a in [1, 2, 7]", True),
        ("if yes then 1 else if no then 2 else 3", Decimal(1)),
        ("if no then 1 else if no then 2 else 3", Decimal(3)),
        ("(if no then 1 else 2) + 1", Decimal(3)),
        ("if yes then a else b + 100", Decimal(7)),
        ('some t in tags satisfies t = "y"', True),
        ('every t in tags satisfies t = "y"', False),
        ("住院天数 - 1", Decimal(11)),
        ("bill.total", 10_000),
        ("accident_date.year", Decimal(2024)),
        ("(accident_date).day", Decimal(29)),
        ('(accident_date - date("2024-02-01")).days', Decimal(28)),
        ('@"2024-02-29" = accident_date', True),
        ("1 + // a comment\n 2 /* and\n another */ + 3", Decimal(6)),
        ("1.50", Decimal("1.5")),
        ("100", Decimal(100)),
        ("12.50 yuan", 1250),
        ("-12.50 yuan", -1250),
        ("1 yuan + 2 yuan", 300),
        ('"a\\"b\\\\c"', 'a"b\\c'),
        ('"1..2 and // no comment"', "1..2 and // no comment"),
    ],
)
def test_a_text_means_what_it_says(text, value):
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "piece"),
    [
        ("", "unexpected", 1, 1, ""),
        ("1 +", "unexpected", 1, 4, ""),
        ("1 + * 2", "unexpected", 1, 5, "*"),
        ("(1 + 2", "unexpected", 1, 7, ""),
        ("1 2", "unexpected", 1, 3, "2"),
        ("if yes then 1", "unexpected", 1, 14, ""),
        ("a between 1", "unexpected", 1, 12, ""),
        ("1 < a < 9", "unexpected", 1, 7, "<"),
        ("1 = 1 = 1", "unexpected", 1, 7, "="),
        ("a ** 2", "unexpected", 1, 3, "**"),
        ("null", "unexpected", 1, 1, "null"),
        ("a +\n  unknown", "unknown_name", 2, 3, "unknown"),
        ("VIP", "unknown_name", 1, 1, "VIP"),
        ("floof(a)", "unknown_function", 1, 1, "floof"),
        ("today()", "unknown_function", 1, 1, "today"),
        ("now()", "unknown_function", 1, 1, "now"),
        ("for x in tags return x", "unexpected", 1, 1, "for"),
        ("function(x) x", "unexpected", 1, 1, "function"),
        ("a.year", "unknown_name", 1, 1, "a.year"),
        ("accident_date.hour", "unknown_name", 1, 1, "accident_date.hour"),
        ("tags[1]", "not_allowed", 1, 1, "tags[1]"),
        ("[]", "not_allowed", 1, 1, "[]"),
        ("[1..2]", "not_allowed", 1, 1, "[1..2]"),
        ("1 + if yes then 1 else 2", "unexpected", 1, 5, "if"),
        ("1e5", "bad_literal", 1, 1, "1e"),
        ("1_000", "bad_literal", 1, 1, "1_"),
        (".5", "unexpected", 1, 1, "."),
        ("1.", "unexpected", 1, 3, ""),
        ("a in ]7..8]", "unexpected", 1, 6, "]"),
        ("a in [7..8[", "unexpected", 1, 12, ""),
        ("1.005 yuan", "bad_literal", 1, 1, "1.005 yuan"),
        ("a yuan", "unexpected", 1, 3, "yuan"),
        ('"abc', "bad_literal", 1, 1, '"abc'),
        ('"a\\q"', "bad_literal", 1, 3, "\\q"),
        ('date("2023-02-29")', "bad_literal", 1, 1, 'date("2023-02-29")'),
        ('duration("P1Y2D")', "bad_literal", 1, 1, 'duration("P1Y2D")'),
        ('duration("PT24H")', "bad_literal", 1, 1, 'duration("PT24H")'),
        ("a in [9..1]", "bad_literal", 1, 6, "[9..1]"),
        ("a / 0", "bad_literal", 1, 5, "0"),
        ("some a in tags satisfies yes", "bad_name", 1, 1, "some a in tags satisfies yes"),
    ],
)
def test_an_error_names_its_place(text, code, line, column, piece):
    with pytest.raises(LanguageError) as caught:
        compile_expression(text, NAMES)
    error = caught.value
    assert (error.code, error.place.line, error.place.column, error.place.text) == (code, line, column, piece)
    assert error.expected


def test_quantifiers_do_not_nest():
    with pytest.raises(LanguageError, match="not_allowed"):
        compile_expression("some t in tags satisfies (every u in tags satisfies t = u)", NAMES)


def test_an_expression_knows_what_it_reads():
    expression = compile_expression("if yes then a else 住院天数 + accident_date.year", NAMES)
    assert expression.reads == {"yes", "a", "住院天数", "accident_date"}
    assert compile_expression('some t in tags satisfies t = "x"', NAMES).reads == {"tags"}
    assert compile_expression("1 + 2", NAMES).reads == frozenset()


@pytest.mark.parametrize("name", ["and", "yuan", "true", "1a", "a b", "a-b", "a..b", "", "ｎame", "a.", "é"])
def test_a_name_that_could_be_misread_is_refused(name):
    with pytest.raises(LanguageError) as caught:
        compile_expression("1", {name: Type.NUMBER})
    assert caught.value.code == "bad_name"
