"""Cases for comparing back ends: worked cases disturbed at the edges of their elements, and with what is no fact at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from rules.engine import ElementId, Pack, decode_facts
from rules.engine.document import ElementSpec, ValueType
from rules.engine.values import bounds

Facts = dict[ElementId, object]

# Nothing of this is a value of any element: null, another type, not a number, half a character, a subclass.
STRANGE: tuple[object, ...] = (
    None,
    1.5,
    "\ud800",
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("1E+50"),
    Decimal("1." + "0" * 40),
    datetime(2024, 5, 1),  # noqa: DTZ001 - a datetime where a date belongs
    (),
    ("x", 1),
    [1],
    True,
    -1,
    10**30,
    "",
)


def edges(spec: ElementSpec) -> st.SearchStrategy[object]:
    """Values at and just beyond an element's bounds, and any within."""
    low, high = bounds(spec)
    if spec.type is ValueType.BOOL:
        scalar: st.SearchStrategy[object] = st.booleans()
    elif spec.type is ValueType.MONEY:
        assert isinstance(low, int)
        assert isinstance(high, int)
        scalar = st.sampled_from([low - 1, low, low + 1, high - 1, high, high + 1]) | st.integers(low, high)
        scalar |= st.integers(low, min(high, 300_000_000))
    elif spec.type is ValueType.NUMBER:
        assert isinstance(low, Decimal)
        assert isinstance(high, Decimal)
        unit = Decimal(1).scaleb(-(spec.scale or 0))
        scalar = st.sampled_from([low - unit, low, low + unit, high, high + unit, low + unit / 10, Decimal("2.000")])
        scalar |= st.decimals(low, high, places=spec.scale, allow_nan=False)
    elif spec.type is ValueType.DATE:
        assert isinstance(low, date)
        assert isinstance(high, date)
        scalar = st.sampled_from([low, high, low - timedelta(days=1), high + timedelta(days=1)])
        scalar |= st.dates(date(2015, 1, 1), date(2026, 12, 31))
    else:
        assert isinstance(low, int)
        assert isinstance(high, int)
        scalar = st.text(min_size=low, max_size=min(high + 1, 30)) | st.sampled_from(
            ["x" * high, "x" * (high + 1), " ", "a:b"]
        )
        scalar |= st.sampled_from(["C73", "C16.902", "D03.9", "8000/3", "inpatient", "outpatient", "I21.9", "I", "II"])
    return st.lists(scalar, max_size=3).map(tuple) if spec.many else scalar


def worked(pack: Pack) -> Mapping[str, Facts]:
    """Return the facts of the pack's worked cases by name."""
    return {test.name: dict(decode_facts(pack, msgspec.json.encode(test.facts))) for test in pack.tests}


@st.composite
def disturbed(draw: st.DrawFn, pack: Pack, bases: Mapping[str, Facts]) -> Facts:
    """A worked case with some facts changed within or beyond their bounds, some left out, some not facts at all."""
    facts = dict(bases[draw(st.sampled_from(sorted(bases)))])
    names = sorted(set(facts) - {"plan"})
    for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        facts[name] = draw(edges(pack.elements[name]))
    for name in draw(st.lists(st.sampled_from(sorted(facts)), max_size=2)):
        facts.pop(name, None)
    if draw(st.integers(0, 9)) == 0:
        name = draw(st.sampled_from(sorted(pack.elements)))
        facts[name] = draw(st.sampled_from(STRANGE))
    if draw(st.integers(0, 9)) == 0:
        name = draw(st.sampled_from(sorted(pack.elements)))
        facts.setdefault(name, draw(edges(pack.elements[name])))
    if draw(st.integers(0, 19)) == 0:
        facts[ElementId("nobody_knows")] = 1
    return facts
