"""Small documents as Hypothesis makes them: whatever the structs allow, whether or not the engine would run it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from hypothesis import strategies as st

from rules.engine.document import (
    DateBasis,
    Dated,
    DatedValue,
    ElementSpec,
    Expectation,
    LiabilitySpec,
    OutputSpec,
    PackDocument,
    PackTest,
    ParameterSpec,
    PlanLiability,
    PlanSpec,
    RuleVersion,
    ValueType,
)
from rules.engine.language import Aggregation, HitPolicy, TableDefinition, TableInput, TableOutput, TableRow
from rules.engine.model import Bilingual, Unit
from tests.rules.workbook.small_pack import DOCUMENT

texts = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='"\\;；、，, \n\t=%无-0123456789.（）“”_x', max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "=1+1",
            "#N/A",
            "无",
            "\\",
            '\\"x"',
            "_x000D_",
            "\r",
            "0012",
            "1e5",
            "TRUE",
            "2024-01-31",
            "'x",
            "\x00",
            "－",
            "１２",
        ]
    ),
).filter(lambda text: not any(0xD800 <= ord(sign) <= 0xDFFF for sign in text))
codes = st.one_of(
    texts, st.sampled_from(["-", "40", "0.10", "1.5", "-3", "<= 5", '"住院", "门诊"', "007", "1e5", "true"])
)
fen = st.one_of(st.integers(-(10**18), 10**18), st.integers(-(10**6), 10**6))
days = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
decimals = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9).map(str),
    st.sampled_from(["0.1", "0.29", "0.90", "1", "00", "-0", "0.30000000000000004", "123456789012345678", "x", ""]),
)
two = st.builds(Bilingual, zh=texts, en=texts)


def _values(kind: ValueType) -> st.SearchStrategy[Any]:
    return {
        ValueType.MONEY: fen,
        ValueType.EXACT_MONEY: decimals,
        ValueType.NUMBER: decimals,
        ValueType.TEXT: texts,
        ValueType.BOOL: st.booleans(),
        ValueType.DATE: st.one_of(days.map(date.isoformat), texts),
    }[kind]


def _spec_values(spec: ElementSpec | ParameterSpec) -> st.SearchStrategy[Any]:
    plain = _values(spec.type)
    # Now and then a value of another type: the pack's bytes may hold it, so the workbook has to.
    return st.one_of(st.lists(plain, max_size=4).map(tuple) if spec.many else plain, st.sampled_from([True, 0, "x"]))


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any]) -> PackDocument:
    """Return the small pack with most of its fields drawn anew; ids and references stay."""
    elements = tuple(
        msgspec.structs.replace(
            each,
            name=draw(two),
            type=draw(st.sampled_from(ValueType)),
            unit=draw(st.sampled_from(Unit)),
            minimum=draw(st.one_of(decimals, texts)),
            maximum=draw(st.one_of(decimals, st.integers().map(str))),
            scale=draw(st.none() | st.integers(0, 6)),
            many=draw(st.booleans()),
            items=draw(st.none() | st.integers(0, 50)),
        )
        for each in DOCUMENT.elements
    )
    parameters = tuple(
        msgspec.structs.replace(
            each, type=draw(st.sampled_from(ValueType)), unit=draw(st.sampled_from(Unit)), many=draw(st.booleans())
        )
        for each in DOCUMENT.parameters
    )
    plans = tuple(
        PlanSpec(
            id=name,
            name=draw(two),
            order=draw(st.integers(-5, 10**6)),
            liabilities=(PlanLiability(liability="medical", parameters=_given(draw, parameters)),),
            parameters=_given(draw, parameters),
            outputs=(
                OutputSpec(
                    id="o", name=draw(two), expression=draw(codes), claimed=draw(_names), when=draw(st.none() | codes)
                ),
            ),
        )
        for name in ("P-1", "甲 2")
    )
    return msgspec.structs.replace(
        DOCUMENT,
        version=draw(st.integers(0, 10**6)),
        valid_from=draw(days),
        valid_to=draw(st.none() | days),
        supersedes=draw(st.none() | texts),
        elements=elements,
        parameters=parameters,
        rules=_rules(draw),
        liabilities=(_liability(draw),),
        plans=plans,
        tests=tuple(_test(draw, f"{number}", elements) for number in range(draw(st.integers(0, 3)))),
    )


_names = st.lists(texts, max_size=4).map(tuple)


def _rules(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Any, ...]:
    gate, factor, changed, tabled, *rest = DOCUMENT.rules
    starts = sorted(draw(st.sets(days, min_size=1, max_size=3)))
    return (
        msgspec.structs.replace(gate, clause=draw(texts), expression=draw(codes), date_basis=draw(st.sampled_from(DateBasis)), remainder=draw(st.none() | texts), applied=draw(two)),
        msgspec.structs.replace(factor, table=_table(draw)),
        msgspec.structs.replace(changed, versions=tuple(RuleVersion(valid_from=start, expression=draw(codes)) for start in starts)),
        msgspec.structs.replace(tabled, versions=tuple(RuleVersion(valid_from=start, table=_table(draw)) for start in starts)),
        *rest,
    )  # fmt: skip


def _table(draw: Callable[[st.SearchStrategy[Any]], Any]) -> TableDefinition:
    inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    rows = tuple(
        TableRow(when=tuple(draw(codes) for _ in range(inputs)), then=tuple(draw(codes) for _ in range(outputs)))
        for _ in range(draw(st.integers(1, 3)))
    )
    return TableDefinition(
        hit_policy=draw(st.sampled_from(HitPolicy)),
        aggregation=draw(st.none() | st.sampled_from(Aggregation)),
        complete=draw(st.booleans()),
        inputs=tuple(TableInput(expression=draw(codes), allowed=draw(st.none() | codes)) for _ in range(inputs)),
        outputs=tuple(TableOutput(name=draw(texts), default=draw(st.none() | codes)) for _ in range(outputs)),
        rows=rows,
    )


def _liability(draw: Callable[[st.SearchStrategy[Any]], Any]) -> LiabilitySpec:
    (liability,) = DOCUMENT.liabilities
    return msgspec.structs.replace(
        liability,
        clause=draw(texts),
        claimed=draw(_names),
        loss_key=draw(texts),
        concerns=tuple(draw(st.lists(st.sampled_from(["hospital", "factor"]), max_size=2))),
        indemnity=draw(st.none() | st.just("used_year")),
        shares=draw(st.none() | texts),
        at_most=draw(st.none() | codes),
    )


def _given(draw: Callable[[st.SearchStrategy[Any]], Any], parameters: tuple[ParameterSpec, ...]) -> dict[str, Any]:
    given = {}
    for spec in draw(st.lists(st.sampled_from(parameters), unique=True)):
        plain = _spec_values(spec)
        dated = st.dictionaries(days, plain, min_size=1, max_size=3).map(_dated)
        given[spec.id] = draw(plain | dated)
    return given


def _dated(values: dict[date, Any]) -> Dated:
    return Dated(values=tuple(DatedValue(valid_from=start, value=values[start]) for start in sorted(values)))


def _test(draw: Callable[[st.SearchStrategy[Any]], Any], name: str, elements: tuple[ElementSpec, ...]) -> PackTest:
    facts = {spec.id: draw(_spec_values(spec)) for spec in draw(st.lists(st.sampled_from(elements), unique=True))}
    sums = st.dictionaries(texts, fen, max_size=3)
    return PackTest(
        name=draw(texts) + name,
        facts=facts,
        expect=Expectation(
            referred=draw(st.booleans()),
            total_fen=draw(fen),
            outputs_fen=draw(sums),
            liabilities_fen=draw(st.none() | sums),
            shares_fen=draw(st.none() | st.lists(fen, max_size=3).map(tuple)),
            waivers=draw(st.none() | _names),
            reasons=draw(st.none() | _names),
            draws=draw(st.none() | st.dictionaries(st.sampled_from(["year", "day", "x"]), fen)),
            values=draw(st.none() | st.dictionaries(texts, texts, max_size=3)),
        ),
    )
