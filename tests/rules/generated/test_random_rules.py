"""Packs of generated rules: whatever the language can say, generated code and the reference come to the same, or both refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import PackError
from rules.engine.generated import generate
from tests.rules.generated.comparing import alike
from tests.rules.generated.small_packs import Spec, amount, rule, small_pack

Text = st.SearchStrategy[str]


def several(*patterns: str, **parts: Text) -> Text:
    """Patterns filled with parts: ``{n}`` a number, ``{n2}`` another."""

    def of(pattern: str) -> Text:
        names = [name for name in (f"{part}{at}" for part in parts for at in ("", 2, 3)) if f"{{{name}}}" in pattern]
        return st.fixed_dictionaries({name: parts[name.rstrip("23")] for name in names}).map(
            lambda found: pattern.format(**found)
        )

    return st.one_of(*map(of, patterns))


def grown(depth: int, readable: dict[str, list[str]]) -> dict[str, Text]:
    """Texts of each type, up to a depth; ``readable`` are the rules that may be read, by type."""
    number: Text = st.decimals(-100, 100, places=2, allow_nan=False).map(lambda each: f"({each:f})")
    money: Text = st.integers(-(10**5), 10**7).map(lambda fen: f"({Decimal(fen).scaleb(-2):f} yuan)")
    levels: dict[str, Text] = {
        "n": number | st.sampled_from(["x", "y", *readable["number"]]),
        "m": money | st.sampled_from(["m", "n", *readable["money"]]),
        "b": st.sampled_from(["p", "q", "true", "false", *readable["bool"]]),
        "d": st.sampled_from(["d", "e", 'date("2024-02-29")', *readable["date"]]),
        "t": st.sampled_from(["t", '"C50"', '""', *readable["text"]]),
    }
    levels["u"] = levels["m"]
    for _ in range(depth):
        levels = {kind: text | _larger(kind, levels) for kind, text in levels.items()}
    return levels


_PATTERNS = {
    "n": (
        "({n} + {n2})", "({n} - {n2})", "({n} * {n2})", "({n} / 8)", "({n} / -0.4)", "-{n}", "abs({n})", "min({n}, {n2}, {n3})",
        "max({n}, {n2})", "(if {b} then {n} else {n2})", "round half up({n} / {n2}, 2)", "round half even({n}, 1)",
        "round down({m} / {m2}, 3)", "floor({n})", "ceiling({n} * {n2})", "round up({n}, -1)", "round half down({n}, 0)",
        "sum(xs)", "sum({n}, {n2})", "min(xs)", "count(ms)", "({d} - {d2}).days", "{d}.year", "string length({t})",
        "day count({d}, {d2})", "age at({d}, {d2})", "years and months duration({d}, {d2}).months",
        "duration(\"P1Y6M\").years", "(({d} - {d2}) + duration(\"P3D\")).days",
    ),
    "m": (
        "({m} + {m2})", "({m} - {m2})", "max({m}, {m2})", "min({m}, {m2})", "-{m}", "abs({m})", "(if {b} then {m} else {m2})",
        "round half up({m} * {n}, 2)", "round half up({m} / {n}, 0)", "round down({u}, 1)", "sum(ms)", "max(ms)",
        "round half even({m} / 7, 2)", "round half up({m} * {n} / {n2}, 2)", "decimal({u}, -1)",
        "round half up(marginal tiers({u}, bounds, ratios), 2)",
    ),
    "u": (
        "{m} * {n}", "({u} + {m})", "({u} - {u2})", "max({u}, {m})", "(if {b} then {u} else {m})", "marginal tiers({u}, bounds, ratios)",
        "{m} / 8", "abs({u})",
    ),
    "b": (
        "({b} and {b2})", "({b} or {b2})", "not({b})", "{n} < {n2}", "{m} >= {m2}", "{n} = {n2}", "{n} != {n2}", "{d} <= {d2}",
        "{n} / {n2} > {n3}", "{m} / {n} <= {u}", "{m} / {n} < {m2} / {n2}", "{n} between {n2} and {n3}", "{n} in [{n2}..{n3})",
        "{m} in (< {m2}, {m3})", "{t} in (\"C50\", \"x\")", "contains({t}, {t2})", "starts with({t}, {t2})", "{t} < {t2}",
        "some i in xs satisfies i > {n}", "every i in ms satisfies i <= {m} or {b}", "list contains(xs, {n})", "{n} in xs",
        "(if {b} then {b2} else {b3})", "{d} + duration(\"P1M\") > {d2}", "{b} = {b2}", "{n} / {n2} in [0..1]", "{m} in (ms, {m2})",
    ),
    "d": (
        "(if {b} then {d} else {d2})", "max({d}, {d2})", "{d} + duration(\"P40D\")", "{d} - duration(\"P1Y1M\")",
        "add days({d}, {n})", "add months({d}, floor({n}))", "add years({d}, 3)", "last waiting day({d}, 30)",
        "date(floor({n}) + 2020, 2, 28)", "{d} + {n} * duration(\"P2D\")",
    ),
    "t": ("(if {b} then {t} else {t2})", "{t} + {t2}"),
}  # fmt: skip
PARAMETERS = {"bounds": ("moneys", [100_000, 5_000_000]), "ratios": ("numbers", ["0.8", "0.95", "1"])}


def _larger(kind: str, levels: dict[str, Text]) -> Text:
    return several(*_PATTERNS[kind], **levels)


@st.composite
def packs(draw: st.DrawFn) -> tuple[list[Spec], list[str]]:
    """Value rules that read each other, gates, and amounts; sentences that speak of any of them."""
    readable: dict[str, list[str]] = {"number": [], "money": [], "bool": [], "date": [], "text": []}
    rules: list[Spec] = []
    kinds = {"number": "n", "money": "m", "bool": "b", "date": "d", "text": "t", "exact_money": "u"}
    for at in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["number", "money", "bool", "date", "text"]))
        text = draw(grown(draw(st.integers(1, 2)), readable)[kinds[kind]])
        rules.append(rule(f"v{at}", "value", kind, expression=text))
        readable[kind].append(f"v{at}")
    steps = []
    for at in range(draw(st.integers(1, 4))):
        texts = grown(2, readable)
        kind = draw(st.sampled_from(["gate", "amount", "amount", "refer"]))
        spoken = draw(st.sampled_from(["x", "m", "d", *(each["id"] for each in rules if each["kind"] == "value")]))
        told = {"zh": f"{{{spoken}}}", "en": f"value {{{spoken}}}"}
        if kind == "amount":
            text = draw(st.sampled_from(["amount + abs({})", "max(0.00 yuan, amount - {})", "2 * amount - {}"])).format(
                draw(texts["u"])
            )
            more: Spec = {"shows": spoken} if draw(st.booleans()) else {}
            if draw(st.booleans()):
                more["waiver"] = {"elements": ["p", "q"], "codes": ["W"], "reason": told}
            rules.append(amount(f"s{at}", text, applied=told, **more))
        else:
            text = draw(texts["b"])
            more = {"waiver": {"elements": ["p"], "codes": ["G"], "reason": told}} if kind == "gate" else {}
            rules.append(rule(f"s{at}", kind, "bool", expression=text, applied=told, not_applied=told, **more))
        steps.append(f"s{at}")
    if not any(each["kind"] == "amount" for each in rules):
        rules.append(amount("last", "amount + m"))
        steps.append("last")
    return rules, steps


_NUMBER = st.decimals(-1000, 1000, places=3, allow_nan=False) | st.sampled_from(
    [Decimal(0), Decimal("1.00"), Decimal(2)]
)
_MONEY = st.integers(-(10**6), 10**9) | st.sampled_from([0, 1, 100])
_DATES = st.dates(date(2020, 1, 1), date(2026, 12, 31)) | st.sampled_from([date(2019, 12, 31), date(2024, 2, 29)])
_ALL = st.fixed_dictionaries(
    {
        "plan": st.just("P"),
        "claim_types": st.just(("c",)),
        "bill": st.sampled_from(["1", "22", "3", "a b"]),
        "d": st.dates(date(2020, 1, 1), date(2026, 12, 31)),
        "e": _DATES,
        "x": _NUMBER,
        "y": _NUMBER,
        "m": _MONEY,
        "n": _MONEY,
        "p": st.booleans(),
        "q": st.booleans(),
        "t": st.sampled_from(["", "C50", "C50.1", "x"]),
        "xs": st.lists(_NUMBER, max_size=4).map(tuple),
        "ms": st.lists(_MONEY, max_size=4).map(tuple),
    }
)


@st.composite
def some_facts(draw: st.DrawFn) -> dict[str, object]:
    """Facts for the small pack, one or two of them missing now and then."""
    facts = draw(_ALL)
    for name in draw(st.just([]) | st.lists(st.sampled_from(["x", "m", "p", "q", "e", "t", "xs", "d"]), max_size=2)):
        facts.pop(name, None)
    return facts


FACTS = some_facts()


@given(packs(), st.lists(FACTS, min_size=4, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_rules_are_decided_alike(
    made: tuple[list[Spec], list[str]], several_facts: list[dict[str, object]]
) -> None:
    rules, steps = made
    try:
        pack = small_pack(rules, steps, parameters=PARAMETERS)
    except PackError as problem:
        # An interval written the wrong way round, or a quotient that nothing rounds: no pack.
        assert problem.code == "bad_expression", problem  # noqa: PT017 - the text decides whether there is a pack at all
        return
    generated = generate(pack)
    for facts in several_facts:
        alike(pack, generated, facts)
