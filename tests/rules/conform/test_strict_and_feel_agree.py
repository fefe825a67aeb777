"""One language, two modes: wherever a pack's expression has a value, the FEEL mode has the same."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.language import Days, Failure, LanguageError, Months, Type, compile_expression
from rules.tools.feel import evaluate_feel

NAMES = {
    "amount": Type.NUMBER,
    "kind": Type.TEXT,
    "public": Type.BOOL,
    "day": Type.DATE,
    "wait": Type.DAYS,
    "term": Type.MONTHS,
    "costs": Type.list_of(Type.NUMBER),
}
decimals = st.integers(-10_000, 10_000).map(lambda number: Decimal(number).scaleb(-2))
values = st.fixed_dictionaries(
    {
        "amount": decimals,
        "kind": st.sampled_from(["hospital", "clinic", "疾病"]),
        "public": st.booleans(),
        "day": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "wait": st.integers(-400, 400).map(Days),
        "term": st.integers(-40, 40).map(Months),
        "costs": st.lists(decimals, min_size=1, max_size=4).map(tuple),
    }
)
LEAVES = {
    "number": ["amount", "0", "2.5", "-7", "100", "costs"],
    "text": ["kind", '"clinic"', '"疾病"', '""'],
    "bool": ["public", "true", "false"],
    "day": ["day", 'date("2024-02-29")', "date(2023, 12, 31)"],
    "wait": ["wait", 'duration("P30D")', "(day - day)"],
    "term": ["term", 'duration("P1Y6M")'],
}
ORDERED = ["number", "day", "wait", "term"]


@st.composite
def expressions(draw):
    """A text that a pack may hold, by the kind of its value."""

    def of(kind, depth):
        if depth == 0 or draw(st.integers(0, 4)) == 0:
            leaf = draw(st.sampled_from(LEAVES[kind]))
            return "sum(costs)" if leaf == "costs" else leaf
        return {"number": number, "text": text, "bool": yes_no, "day": day, "wait": wait, "term": term}[kind](depth - 1)

    def choice(kind, depth):
        return f"(if {of('bool', depth)} then {of(kind, depth)} else {of(kind, depth)})"

    def number(depth):
        first, second = of("number", depth), of("number", depth)
        shapes = [f"({first} {sign} {second})" for sign in "+-*"]
        shapes += [f"-({first})", f"abs({first})", f"min({first}, {second})", f"max({first}, {second})", "count(costs)"]
        shapes += [f"{name}({first} / 7, 2)" for name in ("round half up", "round down", "decimal", "floor")]
        shapes += [f"string length({of('text', depth)})", f"({of('day', depth)}).year", f"({of('wait', depth)}).days"]
        return draw(st.sampled_from([*shapes, choice("number", depth)]))

    def text(depth):
        return draw(st.sampled_from([f"({of('text', depth)} + {of('text', depth)})", choice("text", depth)]))

    def yes_no(depth):
        kind = draw(st.sampled_from(ORDERED))
        first, second, third = of(kind, depth), of(kind, depth), of(kind, depth)
        sign = draw(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
        shapes = [f"({first} {sign} {second})", f"({first} between {second} and {third})"]
        shapes += [f"({first} in [{second}..{third}))", f"({first} in (< {second}, {third}))"]
        shapes += [f"({of('bool', depth)} {word} {of('bool', depth)})" for word in ("and", "or")]
        shapes += [f"not({of('bool', depth)})", f"({of('text', depth)} = {of('text', depth)})", choice("bool", depth)]
        shapes += [f"contains({of('text', depth)}, {of('text', depth)})", f"list contains(costs, {of('number', 0)})"]
        shapes += [f"({word} each in costs satisfies each {sign} {of('number', 0)})" for word in ("some", "every")]
        return draw(st.sampled_from(shapes))

    def day(depth):
        return (
            f"({of('day', depth)} {draw(st.sampled_from('+-'))} {of(draw(st.sampled_from(['wait', 'term'])), depth)})"
        )

    def wait(depth):
        return draw(st.sampled_from([f"({of('day', depth)} - {of('day', depth)})", f"({of('wait', depth)} * 2)"]))

    def term(depth):
        shapes = [f"years and months duration({of('day', depth)}, {of('day', depth)})", f"({of('term', depth)} * 3)"]
        return draw(st.sampled_from(shapes))

    return of(draw(st.sampled_from([*LEAVES])), draw(st.integers(1, 3)))


@settings(max_examples=100, deadline=None)
@given(expressions(), values)
def test_where_a_pack_has_a_value_the_outside_mode_has_the_same(text, env):
    try:
        expected = compile_expression(text, NAMES).evaluate(env)
    except LanguageError as refusal:
        # A pack may not hold an interval that is written backwards; FEEL calls it empty.
        if refusal.code != "bad_literal":
            raise
        return
    except Failure:
        return  # outside the strict calendar: FEEL reaches further
    found = evaluate_feel(text, env)
    assert found == expected
    assert type(found) is type(expected)
