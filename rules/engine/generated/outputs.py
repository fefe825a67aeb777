"""A plan's outputs besides the benefit (``patient_pays``, ``refund``) as one generated function over facts and total.

Promise: as ``rules.engine.decide`` works them out: with the plan's own parameters, each by itself, only what is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.engine.generated.code import Code
from rules.engine.generated.names import PartNames
from rules.engine.generated.runtime import RUNTIME
from rules.engine.generated.source import Source, compiled, function
from rules.engine.language import Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.language.table_index import TableIndex
from rules.engine.pack import TOTAL, Output, Pack, Plan
from rules.engine.span import Span


def outputs_function(
    pack: Pack,
    plan: Plan,
    elements: Mapping[str, str],
    outputs: Sequence[Output],
    indexes: dict[tuple[int, ...], TableIndex],
) -> tuple[str, object]:
    """Return source and function; it gives each output's fen, None where it is not told. Raises NotGenerated."""
    source = Source()
    found = []
    undecided: list[str] = []
    for at, output in enumerate(outputs):
        # Every output has a scope of its own, so nothing that another worked out is known here.
        names = PartNames(pack, plan.parameters, elements, None, source, {}, indexes)
        names.prefix = f"u{at}"
        names.set(
            TOTAL, Code("total", Type.MONEY, Span(0, 0, MAX_MONEY_FEN * max(1, len(plan.liabilities))), atom=True)
        )
        result = f"out{at}"
        found.append(result)
        source.line(f"{result} = None")
        if output.when is None:
            code = names.expressions.write(output.expression.node)
            source.line(f"{result} = {code.bare}")
        else:
            condition = names.expressions.write(output.when.node)
            with source.block(f"if {condition.bare}"):
                code = names.expressions.write(output.expression.node)
                source.line(f"{result} = {code.bare}")
        undecided += names.undecided()
    listed = "".join(f"{each}, " for each in elements.values()).rstrip()
    lines = [f"    ({listed}) = values", *(f"    {each} = None" for each in undecided), *source.lines]
    lines.append(f"    return ({''.join(f'{each}, ' for each in found).rstrip()})")
    text = function("outputs(values, total)", lines)
    return text, compiled(text, "outputs", {**RUNTIME, **source.data})
