"""Types: money and numbers never mix unseen, and a rounding cannot be forgotten."""

from decimal import Decimal

import pytest

from rules.engine.language import Days, Intrinsic, LanguageError, Months, Type, compile_expression

NAMES = {
    "bill": Type.MONEY,
    "paid": Type.MONEY,
    "ratio": Type.NUMBER,
    "days": Type.NUMBER,
    "text": Type.TEXT,
    "yes": Type.BOOL,
    "start": Type.DATE,
    "end": Type.DATE,
    "lines": Type.list_of(Type.MONEY),
    "ratios": Type.list_of(Type.NUMBER),
    "exact": Type.EXACT_MONEY,
}


def type_of(text):
    return compile_expression(text, NAMES).type


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bill + paid", Type.MONEY),
        ("bill - 1.00 yuan", Type.MONEY),
        ("bill * ratio", Type.EXACT_MONEY),
        ("ratio * bill", Type.EXACT_MONEY),
        ("bill * ratio * ratio", Type.EXACT_MONEY),
        ("bill * 2", Type.EXACT_MONEY),
        ("bill / 100", Type.EXACT_MONEY),
        ("bill * ratio + paid", Type.EXACT_MONEY),
        ("ratio / 8", Type.NUMBER),
        ("round half up(bill * ratio, 2)", Type.MONEY),
        ("round half up(bill * days / 365, 2)", Type.MONEY),
        ("round down(bill / paid, 4)", Type.NUMBER),
        ("round up(ratio / 3, 4)", Type.NUMBER),
        ("floor(bill * ratio)", Type.MONEY),
        ("floor(ratio / 3)", Type.NUMBER),
        ("decimal(ratio, 2)", Type.NUMBER),
        ("bill / paid > 0.5", Type.BOOL),
        ("bill / paid in [0.1..0.5]", Type.BOOL),
        ("bill / 3 < paid", Type.BOOL),
        ("bill / 3 between 1 yuan and paid * ratio", Type.BOOL),
        ("max(0 yuan, bill - paid)", Type.MONEY),
        ("max(0 yuan, bill * ratio)", Type.EXACT_MONEY),
        ("if yes then bill else paid * ratio", Type.EXACT_MONEY),
        ("sum(lines)", Type.MONEY),
        ("sum(bill, paid, 1 yuan)", Type.MONEY),
        ("min(lines)", Type.MONEY),
        ("count(lines)", Type.NUMBER),
        ("abs(bill - paid)", Type.MONEY),
        ("[bill, paid * ratio]", Type.list_of(Type.EXACT_MONEY)),
        ("start - end", Type.DAYS),
        ('start + duration("P30D")', Type.DATE),
        ('duration("P30D") + start', Type.DATE),
        ('start - duration("P1Y")', Type.DATE),
        ("years and months duration(start, end)", Type.MONTHS),
        ("(start - end).days", Type.NUMBER),
        ('(end - start) / duration("P7D") > 2', Type.BOOL),
        ("text + text", Type.TEXT),
        ('text in ["C00".."C98")', Type.BOOL),
        ('days * duration("P1D")', Type.DAYS),
        ('duration("P1M") * 3', Type.MONTHS),
        ('start + days * duration("P1M")', Type.DATE),
        ("string length(text)", Type.NUMBER),
        ("list contains(lines, bill)", Type.BOOL),
    ],
)
def test_an_expression_has_one_type(text, kind):
    assert type_of(text) == kind


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bill + 1", "wrong_type"),
        ("bill - ratio", "wrong_type"),
        ("bill > 100", "wrong_type"),
        ("bill in [0..100]", "wrong_type"),
        ("bill = ratio", "wrong_type"),
        ("bill * paid", "wrong_type"),
        ("bill * 1 yuan", "wrong_type"),
        ("ratio / bill", "wrong_type"),
        ("max(0, bill)", "wrong_type"),
        ("if yes then bill else 0", "wrong_type"),
        ("if bill then 1 else 2", "wrong_type"),
        ("bill and yes", "wrong_type"),
        ("not(bill)", "wrong_type"),
        ("yes + yes", "wrong_type"),
        ("yes < yes", "wrong_type"),
        ("-text", "wrong_type"),
        ("-yes", "wrong_type"),
        ("min(text, text)", "wrong_type"),
        ("start * 2", "wrong_type"),
        ("text + 1", "wrong_type"),
        ("text = 1", "wrong_type"),
        ('"1" = 1', "wrong_type"),
        ('1 in ("1", 1)', "wrong_type"),
        ("start + end", "wrong_type"),
        ("start + 30", "wrong_type"),
        ("start > 30", "wrong_type"),
        ('start = "2024-01-01"', "wrong_type"),
        ("start - end > 30", "wrong_type"),
        ('start - end > duration("P1M")', "wrong_type"),
        ('duration("P1M") + duration("P1D")', "wrong_type"),
        ("lines = lines", "wrong_type"),
        ("lines + lines", "wrong_type"),
        ("sum(bill)", "wrong_type"),
        ("sum(text, text)", "wrong_type"),
        ("count(bill)", "wrong_type"),
        ("list contains(lines, 1)", "wrong_type"),
        ("bill in ratios", "wrong_type"),
        ("[1, bill]", "wrong_type"),
        ("[[1], [2]]", "wrong_type"),
        ("min(yes, yes)", "wrong_type"),
        ("string length(1)", "wrong_type"),
        ("some line in bill satisfies yes", "wrong_type"),
        ("some line in lines satisfies line", "wrong_type"),
        ("bill / paid", "unrounded_division"),
        ("bill / 3 + paid", "unrounded_division"),
        ("bill / 3 * 2", "unrounded_division"),
        ("max(ratio / 3, 1)", "unrounded_division"),
        ("if yes then ratio / 3 else ratio", "unrounded_division"),
        ("-(ratio / 3)", "unrounded_division"),
        ("[ratio / 3]", "unrounded_division"),
        ("abs(ratio)", None),
        ("min()", "wrong_arguments"),
        ("abs()", "wrong_arguments"),
        ("abs(1, 2)", "wrong_arguments"),
        ("round half up(ratio)", "wrong_arguments"),
        ("round half up(ratio, 2, 3)", "wrong_arguments"),
        ("round half up(ratio, days)", "bad_literal"),
        ("round half up(ratio, 1.5)", "bad_literal"),
        ("round half up(ratio, 13)", "bad_literal"),
        ("round half up(bill * ratio, 3)", "bad_literal"),
        ("date(text)", "wrong_arguments"),
        ("duration(text)", "wrong_arguments"),
    ],
)
def test_what_does_not_fit_is_refused(text, code):
    if code is None:
        type_of(text)
        return
    with pytest.raises(LanguageError) as caught:
        type_of(text)
    assert caught.value.code == code, caught.value


def test_a_forgotten_rounding_is_refused_with_the_remedy():
    with pytest.raises(LanguageError) as caught:
        compile_expression("bill * ratio", NAMES, expected=Type.MONEY)
    assert caught.value.code == "wrong_type"
    assert "round half up" in caught.value.expected
    assert caught.value.values["found"] == "unrounded money"


def test_money_widens_where_unrounded_money_is_asked_for():
    found = compile_expression("bill", NAMES, expected=Type.EXACT_MONEY).evaluate({"bill": 105})
    assert found == Decimal(105)
    assert isinstance(found, Decimal)


def test_a_list_is_not_widened_element_by_element():
    with pytest.raises(LanguageError, match="wrong_type"):
        compile_expression("lines", NAMES, expected=Type.list_of(Type.EXACT_MONEY))


HALF = Intrinsic("half of", (Type.EXACT_MONEY,), Type.EXACT_MONEY, lambda fen: fen / 2)
LATER = Intrinsic("weeks later", (Type.DATE, Type.NUMBER), Type.DATE, lambda day, _weeks: day)


def test_an_intrinsic_is_called_by_its_words_and_typed():
    functions = {"half of": HALF, "weeks later": LATER}
    expression = compile_expression("round half up(half of(bill), 2)", NAMES, functions)
    assert expression.type == Type.MONEY
    assert expression.evaluate({"bill": 101}) == 51
    for text in ("half of(ratio)", "half of(bill, bill)", "half of()", "weeks later(1, start)"):
        with pytest.raises(LanguageError, match=r"wrong_(type|arguments)"):
            compile_expression(text, NAMES, functions)


def test_an_intrinsic_cannot_take_the_name_of_a_function_of_the_language():
    with pytest.raises(LanguageError, match="bad_name"):
        compile_expression("1", NAMES, {"sum": HALF})


def test_durations_are_values():
    assert compile_expression('duration("P30D")', {}).evaluate({}) == Days(30)
    assert compile_expression('duration("-P1Y2M")', {}).evaluate({}) == Months(-14)
    assert compile_expression('-duration("P1Y2M")', {}).evaluate({}) == Months(-14)
