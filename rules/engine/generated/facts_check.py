"""Generated check of a plan's facts: type, bounds and scale of each, and the integers that the rules compute with.

Promise: facts pass exactly where ``rules.engine.facts.check_facts`` passes them; what fails is declined, and the reference says why.
A number becomes an integer counted at its element's scale; a fact that is not there becomes None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import itemgetter

from rules.engine.document import ElementSpec, ValueType
from rules.engine.generated.runtime import RUNTIME, bounded
from rules.engine.generated.source import Declined, Source, compiled, function
from rules.engine.intervals import element_span
from rules.engine.language.exact import EXACT
from rules.engine.model import ElementId, FactsError
from rules.engine.pack import Pack
from rules.engine.values import bounds, check, decimal_text

# Numbers of so few values are looked up by their text; others are converted.
_FEW = 1_000

Check = Callable[[Mapping[ElementId, object]], tuple[object, ...]]


def facts_check(pack: Pack, elements: Mapping[str, str]) -> tuple[str, Check]:
    """Return source and function of the check; ``elements`` are the plan's elements with their names in generated code."""
    source = Source()
    names = list(elements)
    specs = [pack.elements[ElementId(name)] for name in names]
    listed = "".join(f"{each}, " for each in elements.values()).rstrip()
    source.line("try:")
    source.line(f"    {listed} = every(facts)")
    source.line("except KeyError:")
    source.line("    return sparse(facts)")
    with source.block(f"if len(facts) != {len(names)}"):
        source.line("more(facts)")
    for spec, variable in zip(specs, elements.values(), strict=True):
        _check(source, spec, variable)
    source.line(f"return ({listed})")
    text = function("check(facts)", source.lines)
    every = itemgetter(*names)
    sparse = Source(data=source.data)
    sparse.line("gone = 0")
    sparse.line(f"{listed} = map(facts.get, names)")
    for spec, variable in zip(specs, elements.values(), strict=True):
        with sparse.block(f"if {variable} is None"):
            sparse.line("gone += 1")
        with sparse.block("else"):
            _check(sparse, spec, variable)
    sparse.line(f"if len(facts) != {len(names)} - gone:")
    sparse.line(f"    more(facts, {len(names)} - gone)")
    sparse.line(f"return ({listed})")
    text += "\n\n" + function("sparse(facts)", sparse.lines)
    known = frozenset(names)

    def more(facts: Mapping[ElementId, object], count: int = len(names)) -> None:
        """Hold the facts that no rule of the plan reads to their elements."""
        others = [name for name in facts if name not in known]
        if len(facts) - len(others) != count:
            raise Declined
        for name in others:
            spec = pack.elements.get(name)
            if spec is None:
                raise Declined
            try:
                check(spec, facts[name])
            except FactsError as problem:
                raise Declined from problem

    data = {**RUNTIME, **source.data, "every": every, "names": tuple(names), "more": more}
    return text, compiled(text, "check", data)  # type: ignore[return-value]  # the text above makes it one


def _check(source: Source, spec: ElementSpec, variable: str) -> None:
    if spec.many:
        _list(source, spec, variable)
    elif spec.type is ValueType.NUMBER:
        _number(source, spec, variable)
    else:
        with source.block(f"if not ({_passes(source, spec, variable)})"):
            source.line("raise Declined")


def _passes(source: Source, spec: ElementSpec, variable: str) -> str:
    """Return the condition that a value which is no number has to meet."""
    low, high = bounds(spec)
    match spec.type:
        case ValueType.MONEY:
            return f"type({variable}) is int and {low} <= {variable} <= {high}"
        case ValueType.BOOL:
            return f"type({variable}) is bool"
        case ValueType.TEXT:
            size = f"{low} <= len({variable}) <= {high}"
            return f"type({variable}) is str and {size} and ({variable}.isascii() or whole_text({variable}))"
        case _:
            return f"type({variable}) is date and {source.constant(low)} <= {variable} <= {source.constant(high)}"


def _list(source: Source, spec: ElementSpec, variable: str) -> None:
    if spec.type is ValueType.NUMBER:
        source.line(f"{variable} = {source.constant(_numbers_check(spec))}({variable})")
        return
    with source.block(f"if type({variable}) is not tuple"):
        source.line("raise Declined")
    if spec.items is not None:
        with source.block(f"if len({variable}) > {spec.items}"):
            source.line("raise Declined")
    each = source.temporary()
    with (
        source.block(f"for {each} in {variable}"),
        source.block(f"if not ({_passes(source, spec, each)})"),
    ):
        source.line("raise Declined")


def _number(source: Source, spec: ElementSpec, variable: str) -> None:
    span = element_span(spec)
    assert span is not None  # noqa: S101 - a number has bounds
    convert = f"bounded({variable}, {span.scale}, {span.low}, {span.high})"
    if span.high - span.low >= _FEW:
        source.line(f"{variable} = {convert}")
        return
    # The usual spellings of the few values there are; another spelling (2.000) takes the longer way.
    spelled: dict[str, int] = {}
    for whole in range(span.low, span.high + 1):
        number = Decimal(whole).scaleb(-span.scale, EXACT)
        spelled[str(number)] = spelled[decimal_text(number)] = whole
    with source.block(f"if type({variable}) is not Decimal"):
        source.line("raise Declined")
    table = source.constant(spelled)
    source.line(f"{variable} = {table}[text] if (text := str({variable})) in {table} else {convert}")


def _numbers_check(spec: ElementSpec) -> Callable[[object], tuple[int, ...]]:
    """Return the check of a list of numbers, which gives them as integers."""
    span = element_span(spec)
    assert span is not None  # noqa: S101 - a number has bounds

    def checked(value: object) -> tuple[int, ...]:
        if type(value) is not tuple or (spec.items is not None and len(value) > spec.items):
            raise Declined
        return tuple([bounded(each, span.scale, span.low, span.high) for each in value])

    return checked
