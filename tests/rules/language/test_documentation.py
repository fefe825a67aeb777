"""Every example in docs/rule-language.md gives what the page says."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rules.engine.language import Days, LanguageError, Type, compile_expression
from rules.engine.language.standard_functions import FUNCTION_NAMES

PAGE = Path(__file__).resolve().parents[3].joinpath("docs", "rule-language.md").read_text(encoding="utf-8")
FACTS = {
    "bill": (Type.MONEY, 774_362),
    "social": (Type.MONEY, 104_838),
    "ratio": (Type.NUMBER, Decimal("0.8")),
    "days": (Type.NUMBER, Decimal(12)),
    "age": (Type.NUMBER, Decimal(40)),
    "kind": (Type.TEXT, "住院"),
    "emergency": (Type.BOOL, False),
    "icd": (Type.TEXT, "C50.9"),
    "accident": (Type.DATE, date(2024, 2, 29)),
    "start": (Type.DATE, date(2024, 1, 31)),
    "lines": (Type.list_of(Type.MONEY), (10_000, 2_050, 1)),
    "codes": (Type.list_of(Type.TEXT), ("A1", "B2")),
}
NAMES = {name: kind for name, (kind, _) in FACTS.items()}
ENV = {name: value for name, (_, value) in FACTS.items()}


def examples():
    for table in re.findall(r"\| expression \| gives \|\n\|---\|---\|\n((?:\|.*\|\n)+)", PAGE):
        for line in table.splitlines():
            expression, gives = re.fullmatch(r"\| `(.*)` \| (.*) \|", line).groups()
            yield expression, gives


EXAMPLES = list(examples())


def shown(value, kind):
    if isinstance(value, bool):
        return str(value).lower()
    if kind == Type.MONEY:
        return f"{Decimal(value).scaleb(-2).normalize():f} yuan"
    if isinstance(value, Days):
        return f"{value.days} days"
    return str(value)


def test_the_page_has_examples():
    assert len(EXAMPLES) > 30


@pytest.mark.parametrize(("expression", "gives"), EXAMPLES)
def test_an_example_gives_what_the_page_says(expression, gives):
    refusal = re.fullmatch(r"refused(?: where money is asked for)?: (\w+)", gives)
    if refusal:
        wanted = Type.MONEY if "where money" in gives else None
        with pytest.raises(LanguageError) as caught:
            compile_expression(expression, NAMES, expected=wanted)
        assert caught.value.code == refusal[1]
    else:
        compiled = compile_expression(expression, NAMES)
        assert shown(compiled.evaluate(ENV), compiled.type) == gives


@pytest.mark.parametrize("function", sorted(FUNCTION_NAMES - {"not"}))
def test_every_function_is_on_the_page(function):
    assert f"`{function}" in PAGE
