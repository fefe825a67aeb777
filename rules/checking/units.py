"""Units of what elements, parameters, rules and pools count, and whether they are used as what they are.

Promise: money is fen and nothing else is; days, ratios and counts are never added, compared or handed over as one another. A figure
written in a formula has the unit that is asked for. What a unit cannot tell (texts, dates, yes/no) is left to the types.

Method: units are followed through the typed form like types. A product of a ratio or a count with something counts that something;
two of the same kind multiplied, and a quotient, count nothing that has a name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding
from rules.checking.node_text import text_of
from rules.checking.nodes import children, operands_of
from rules.engine import Pack, Unit
from rules.engine.dating import written_name
from rules.engine.document import ElementSpec, ParameterSpec, RuleSpec, ValueType
from rules.engine.language import Expression, Table
from rules.engine.language.ir import COMPARISONS, Apply, Choose, Invoke, Items, Meets, Node, Operation, Read, Round
from rules.engine.model import ElementId
from rules.engine.pack import AMOUNT, BEFORE, PAID, TOTAL, pool_of

_OF_TYPE: dict[ValueType, frozenset[Unit]] = {
    ValueType.MONEY: frozenset({Unit.FEN}),
    ValueType.EXACT_MONEY: frozenset({Unit.FEN}),
    ValueType.NUMBER: frozenset({Unit.RATIO, Unit.DAY, Unit.COUNT}),
    ValueType.TEXT: frozenset({Unit.TEXT}),
    ValueType.BOOL: frozenset({Unit.BOOL}),
    ValueType.DATE: frozenset({Unit.DATE}),
}
# The numbers that must not be mixed; a count multiplies and is compared like a plain number only with counts.
_COUNTED = frozenset({Unit.RATIO, Unit.DAY, Unit.COUNT})
_NAMES = {
    Unit.FEN: ("金额", "money"),
    Unit.RATIO: ("比例", "a ratio"),
    Unit.DAY: ("天数", "days"),
    Unit.COUNT: ("个数", "a count"),
    Unit.BOOL: ("是否", "yes/no"),
    Unit.DATE: ("日期", "a date"),
    Unit.TEXT: ("文字", "text"),
}
_COMPARING = COMPARISONS | {Operation.LIST_CONTAINS}
_ALIKE = _COMPARING | {Operation.ADD, Operation.SUBTRACT, Operation.MINIMUM, Operation.MAXIMUM}
_KEEPS = frozenset(
    {
        Operation.WIDEN,
        Operation.NEGATE,
        Operation.ABSOLUTE,
        Operation.LIST_SUM,
        Operation.LIST_MINIMUM,
        Operation.LIST_MAXIMUM,
    }
)
_GIVES = {
    Operation.DAYS_OF: Unit.DAY,
    Operation.YEARS_OF: Unit.COUNT,
    Operation.MONTHS_OF: Unit.COUNT,
    Operation.YEAR_OF: Unit.COUNT,
    Operation.MONTH_OF: Unit.COUNT,
    Operation.DAY_OF: Unit.COUNT,
    Operation.WEEKDAY_OF: Unit.COUNT,
    Operation.LIST_COUNT: Unit.COUNT,
    Operation.TEXT_LENGTH: Unit.COUNT,
}
# Functions of the engine: the unit of each argument, and of the result; None where it has none to ask for.
_FUNCTIONS: dict[str, tuple[tuple[Unit | None, ...], Unit | None]] = {
    "add days": ((None, Unit.DAY), None),
    "add months": ((None, Unit.COUNT), None),
    "add years": ((None, Unit.COUNT), None),
    "last waiting day": ((None, Unit.DAY), None),
    "age at": ((None, None), Unit.COUNT),
    "day count": ((None, None), Unit.DAY),
    "combined grade": ((Unit.COUNT,), Unit.COUNT),
    "ratio by grade": ((Unit.COUNT, Unit.RATIO), Unit.RATIO),
    "marginal tiers": ((None, None, Unit.RATIO), Unit.FEN),
    "sum where": ((None, None, None), Unit.FEN),
}


def findings(pack: Pack) -> list[Finding]:
    """Return where units do not fit their types or their use."""
    units = _Units(pack)
    found = [*_declared(pack)]
    for name, rule in pack.rules.items():
        wanted = rule.spec.unit if rule.spec.unit in _COUNTED else None
        found += units.of_body(f"rule {name}", rule.body, wanted)
    for pool in pack.pools.values():
        wanted = pool.spec.unit if pool.spec.unit in _COUNTED else None
        part = f"pool {pool.spec.id}"
        used = pack.elements[ElementId(pool.spec.used)]
        if used.unit is not pool.spec.unit:
            found.append(_finding(part, pool.spec.used, pool.spec.unit, used.unit, field="used"))
        if pool.limit is not None:
            found += units.of_formula(part, pool.limit.node, wanted, field="limit")
    for liability in {each.spec.id: each for plan in pack.plans.values() for each, _ in plan.liabilities}.values():
        for draw, written in zip(liability.draws, liability.spec.draws, strict=True):
            wanted = draw.pool.spec.unit if draw.pool.spec.unit in _COUNTED else None
            part = f"liability {liability.spec.id}, draw on {draw.pool.spec.id}"
            found += units.of_formula(part, draw.amount.node, wanted, expression=written.amount)
            found += units.of_formula(part, draw.when.node, None, expression=str(written.when)) if draw.when else []
    for plan in pack.plans.values():
        for output in plan.outputs:
            part = f"plan {plan.spec.id}, output {output.spec.id}"
            found += units.of_formula(part, output.expression.node, None, field="expression")
    return list({(each.part, each.text.en): each for each in reversed(found)}.values())[::-1]


def _declared(pack: Pack) -> Iterator[Finding]:
    layers: Mapping[str, Iterable[ElementSpec | ParameterSpec | RuleSpec]] = {
        "element": pack.document.elements,
        "parameter": pack.document.parameters,
        "rule": pack.document.rules,
    }
    for layer, specs in layers.items():
        for spec in specs:
            fitting = _OF_TYPE[spec.type]
            if spec.unit not in fitting:
                yield _declared_wrong(f"{layer} {spec.id}", min(fitting), spec.unit)


def _declared_wrong(part: str, wanted: Unit, found: Unit) -> Finding:
    (zh_wanted, en_wanted), (zh_found, en_found) = _NAMES[wanted], _NAMES[found]
    text = Bilingual(
        zh=f"单位填的是{zh_found}，与类型不合，应为{zh_wanted}：请改正单位或类型",
        en=f"the unit is {en_found}, which does not fit the type; {en_wanted} is meant: correct the unit or the type",
    )
    return Finding(check=Check.UNITS, part=part, text=text, blocking=True, at={"field": "unit"})


@dataclass(frozen=True, slots=True)
class _Mixed(Exception):  # noqa: N818 - ends the walk of one formula, never leaves this module
    """A piece of a formula has another unit than its place asks for."""

    piece: Node
    wanted: Unit
    found: Unit


class _Units:
    """Follows the units of a pack's formulas."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def of_body(self, part: str, body: Expression | Table, wanted: Unit | None) -> list[Finding]:
        """Return what is wrong in a rule's formula or table."""
        if isinstance(body, Expression):
            return self.of_formula(part, body.node, wanted, field="expression")
        found: list[Finding] = []
        for column, node in enumerate(body.inputs):
            head = body.definition.inputs[column].expression
            found += self.of_formula(part, node, None, row="0", column_name=head)
            unit = self._quiet(node)
            for number, row in enumerate(body.cells, start=1):
                cell = row[column]
                for test in cell.meets.tests if cell is not None and unit in _COUNTED else ():
                    for operand in operands_of(test):
                        found += self.of_formula(part, operand, unit, row=str(number), column_name=head)
        name = body.definition.outputs[0].name
        for number, outputs in enumerate(body.outputs, start=1):
            found += self.of_formula(part, outputs[0], wanted, row=str(number), column_name=name)
        if body.defaults:
            found += self.of_formula(part, body.defaults[0], wanted, row="0", column_name=name)
        return found

    def of_formula(self, part: str, node: Node, wanted: Unit | None, **at: str) -> list[Finding]:
        """Return what is wrong in a formula that is to count ``wanted`` (None: whatever); ``at`` is where it stands."""
        try:
            unit = self._of(node)
            if wanted is not None and unit is not None and unit is not wanted:
                raise _Mixed(node, wanted, unit)
        except _Mixed as mixed:
            return [_finding(part, text_of(mixed.piece), mixed.wanted, mixed.found, **at)]
        return []

    def _quiet(self, node: Node) -> Unit | None:
        try:
            return self._of(node)
        except _Mixed:
            return None

    def _of(self, node: Node) -> Unit | None:  # noqa: PLR0911 - one return a kind of node
        """Return the unit of a number; None for a literal and for what is no number."""
        parts = children(node)
        match node:
            case Read(name=name):
                return self._of_name(name)
            case Round():
                return self._of(node.operand)
            case Choose():
                self._of(node.condition)
                return self._alike(parts[1:])
            case Items():
                return self._alike(parts)
            case Meets():
                self._alike(parts)
                return None
            case Invoke():
                return self._call(node)
            case Apply(operation=operation) if operation in _ALIKE:
                unit = self._alike(parts)
                return None if operation in _COMPARING else unit
            case Apply(operation=operation) if operation in _KEEPS:
                return self._of(parts[0])
            case Apply(operation=Operation.MULTIPLY):
                return self._product(*(self._of(part) for part in parts))
            case Apply(operation=Operation.DIVIDE | Operation.QUOTIENT):
                above, below = (self._of(part) for part in parts)
                return above if below in (None, Unit.COUNT, Unit.RATIO) else None
            case _:
                for part in parts:
                    self._of(part)
                return _GIVES.get(node.operation) if isinstance(node, Apply) else None

    @staticmethod
    def _product(left: Unit | None, right: Unit | None) -> Unit | None:
        if Unit.FEN in (left, right):
            return Unit.FEN
        plain = (None, Unit.RATIO, Unit.COUNT)
        if left in plain and right in plain:
            return (
                left
                if right is None
                else right
                if left is None
                else Unit.RATIO
                if left is right is Unit.RATIO
                else None
            )
        return left if right in plain else right if left in plain else None

    def _alike(self, parts: Iterable[Node]) -> Unit | None:
        """Return the unit that all parts have; one without a unit takes the others'. Raises _Mixed."""
        common: Unit | None = None
        for part in parts:
            unit = self._of(part)
            if unit is None or unit not in _COUNTED:
                continue
            if common is not None and unit is not common:
                raise _Mixed(part, common, unit)
            common = unit
        return common

    def _call(self, node: Invoke) -> Unit | None:
        asked, gives = _FUNCTIONS.get(node.intrinsic.name, ((), None))
        for index, operand in enumerate(node.operands):
            unit = self._of(operand)
            wanted = asked[index] if index < len(asked) else None
            if wanted is not None and unit is not None and unit is not wanted:
                raise _Mixed(operand, wanted, unit)
        return gives

    def _of_name(self, name: str) -> Unit | None:
        if name in (AMOUNT, BEFORE, PAID, TOTAL):
            return Unit.FEN
        stem = written_name(name)
        spec = self._pack.elements.get(ElementId(stem)) or self._pack.parameters.get(stem)
        if spec is not None:
            return spec.unit
        rule = self._pack.rules.get(stem)
        if rule is not None:
            return rule.spec.unit
        pool = self._pack.pools.get(pool_of(stem) or "")
        return pool.spec.unit if pool is not None else None


def _finding(part: str, piece: str, wanted: Unit, found: Unit, **at: str) -> Finding:
    (zh_wanted, en_wanted), (zh_found, en_found) = _NAMES[wanted], _NAMES[found]
    text = Bilingual(
        zh=f"“{piece}”应为{zh_wanted}，现为{zh_found}：请改正单位或公式",
        en=f"`{piece}` is {en_found} where {en_wanted} is meant: correct the unit or the formula",
    )
    return Finding(check=Check.UNITS, part=part, text=text, blocking=True, at=at)
