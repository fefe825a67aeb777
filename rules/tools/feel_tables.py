"""Decision tables in the FEEL mode: every hit policy of DMN, for outside test data only.

Promise: a table that has no single answer (no hit without defaults, two hits under UNIQUE, different hits under ANY, a value
outside the allowed ones) is refused, naming why; nothing is null and nothing is picked by chance.

Source: DMN 1.5 §8.2.11 (hit policies), §8.2.8 (allowed values), §8.3.3 (defaults), §7.3.2 (unary tests).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rules.tools import feel_comparison as comparison
from rules.tools.feel import Feel, keys_of
from rules.tools.feel_functions import BUILTINS, call
from rules.tools.feel_parser import parse_feel, parse_feel_tests
from rules.tools.feel_syntax import Read, Tree
from rules.tools.feel_values import OutOfScope, kind_of

_KINDS = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
_SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})
_SEVERAL = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})
_Row = tuple[Any, ...]


def answer_feel_table(table: Mapping[str, Any], env: Mapping[str, Any]) -> Any:
    """Return a table's answer. Raises ``OutOfScope`` where it has none, ``KeyError`` where the table is malformed."""
    return _Table(table, env).answer()


class _Table:
    def __init__(self, table: Mapping[str, Any], env: Mapping[str, Any]) -> None:
        self._table = table
        self._env = dict(env)
        self._keys = keys_of(env)
        self._feel = Feel(env)
        self._policy: str = table["hit_policy"]
        self._outputs: Sequence[Mapping[str, Any]] = table["outputs"]
        if self._policy not in _SINGLE | _SEVERAL:
            raise OutOfScope(f"hit policy {self._policy}")

    def answer(self) -> Any:
        values = [self._input(each) for each in self._table["inputs"]]
        hits = [
            self._output_row(rule["then"])
            for rule in self._table["rules"]
            if all(self._hit(cell, value) for cell, value in zip(rule["when"], values, strict=True))
        ]
        if not hits:
            return self._default()
        if self._policy in _SINGLE:
            return self._shaped(self._one(hits))
        ordered = sorted(hits, key=self._priority) if self._policy == "OUTPUT ORDER" else hits
        aggregation = self._table.get("aggregation")
        if aggregation is None or self._policy != "COLLECT":
            return tuple(self._shaped(row) for row in ordered)
        if len(self._outputs) > 1:
            raise OutOfScope("an aggregation over several outputs")
        return self._aggregated(aggregation, [row[0] for row in hits])

    # --- inputs

    def _input(self, column: Mapping[str, Any]) -> Any:
        value = self._value(column["expression"])
        wanted = _KINDS.get(column.get("type") or "")
        if value is not None and wanted is not None and kind_of(value) != wanted:
            raise OutOfScope(f"{column['expression']} is no {wanted}")
        if value is not None and column.get("values") and not self._hit(column["values"], value):
            raise OutOfScope(f"{column['expression']} is none of {column['values']}")
        return value

    def _hit(self, cell: str, value: Any) -> bool:
        if not cell.strip():
            return True
        found = parse_feel_tests(cell, BUILTINS.keys(), {*self._env, "?"}, self._keys)
        if found is None:
            return True
        negated, tests = found
        here = Feel({**self._env, "?": value})
        met = comparison.disjunction([self._meets(here, test, value, negated=negated) for test in tests])
        return (comparison.negated(met) if negated else met) is True

    def _meets(self, here: Feel, test: Tree, value: Any, *, negated: bool) -> bool | None:
        """Say whether a value meets a test. Another kind of value does not, and ``not`` of that is refused: null or true."""
        found = here.value(test)
        if isinstance(found, bool) and (not isinstance(value, bool) or _reads_the_input(test)):
            return found
        if value is None:
            return True if found is None else False if kind_of(found) != "range" else None
        if found is None or (not negated and not isinstance(found, tuple)):
            return comparison.meets(value, found)
        return comparison.meets_any(value, [found])

    # --- outputs

    def _output_row(self, cells: Sequence[str]) -> _Row:
        row = tuple(self._value(cell) for cell in cells)
        for column, value in zip(self._outputs, row, strict=True):
            if column.get("values") and not self._hit(column["values"], value):
                raise OutOfScope(f"the output is none of {column['values']}")
        return row

    def _one(self, hits: list[_Row]) -> _Row:
        if self._policy == "PRIORITY":
            if not any(column.get("values") for column in self._outputs):
                raise OutOfScope("priority without output values")
            return min(hits, key=self._priority)
        if self._policy == "UNIQUE" and len(hits) > 1:
            raise OutOfScope(f"{len(hits)} rows apply under UNIQUE")
        if self._policy == "ANY" and any(comparison.equal(row, hits[0]) is not True for row in hits):
            raise OutOfScope("rows disagree under ANY")
        return hits[0]

    def _priority(self, row: _Row) -> tuple[int, ...]:
        """The places of the outputs among the allowed values, column by column; what is first is highest."""
        found: list[int] = []
        for column, value in zip(self._outputs, row, strict=True):
            if column.get("values"):
                parsed = parse_feel_tests(column["values"], BUILTINS.keys(), self._env.keys(), self._keys)
                allowed = [self._feel.value(test) for test in parsed[1]] if parsed else []
                place = next((at for at, test in enumerate(allowed) if comparison.meets(value, test) is True), None)
                if place is None:
                    raise OutOfScope("an output without a place among the allowed values")
                found.append(place)
        return tuple(found)

    def _default(self) -> Any:
        defaults = [column.get("default") for column in self._outputs]
        if self._policy not in _SINGLE or any(default is None for default in defaults):
            raise OutOfScope("no row applies")
        return self._shaped(tuple(self._value(str(default)) for default in defaults))

    def _aggregated(self, aggregation: str, values: list[Any]) -> Any:
        if aggregation == "COUNT":
            if any(comparison.equal(one, other) is True for at, one in enumerate(values) for other in values[:at]):
                raise OutOfScope("counting equal outputs: the standards differ on whether equal ones count once")
            return Decimal(len(values))
        if aggregation not in ("SUM", "MIN", "MAX"):
            raise OutOfScope(f"aggregation {aggregation}")
        return call(BUILTINS[aggregation.lower()], [tuple(values)])

    def _shaped(self, row: _Row) -> Any:
        if len(self._outputs) == 1:
            return row[0]
        names = [column["name"] or f"output {at}" for at, column in enumerate(self._outputs, start=1)]
        if len(set(names)) < len(names):
            raise OutOfScope("two outputs of one name")
        return dict(zip(names, row, strict=True))

    def _value(self, text: str) -> Any:
        return self._feel.value(parse_feel(text, BUILTINS.keys(), self._env.keys(), self._keys))


def _reads_the_input(tree: Any) -> bool:
    """Say whether a test names its input value (``?``) itself."""
    if isinstance(tree, Read):
        return tree.name == "?"
    if isinstance(tree, tuple):
        return any(_reads_the_input(each) for each in tree)
    if not dataclasses.is_dataclass(tree):
        return False
    return any(_reads_the_input(getattr(tree, field.name)) for field in dataclasses.fields(tree))
