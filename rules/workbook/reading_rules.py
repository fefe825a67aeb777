"""Reads the sheet 规则 and joins each rule with its table or its versions.

Promise: a rule has exactly one body, a formula, a table or versions; what hangs loose is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.engine.document import RuleSpec, RuleVersion
from rules.engine.language import TableDefinition
from rules.workbook.columns import Layer
from rules.workbook.context import Context
from rules.workbook.layout import RULES, SEE_TABLE, TABLES
from rules.workbook.reading_tables import FoundTable, TableKey, read_tables
from rules.workbook.records import Row

_SEE_TABLE = frozenset({SEE_TABLE, *SEE_TABLE.split(" ", 1)})
# What a further version of a rule says for itself.
_OWN = ("id", "valid_from", "expression")

Body = str | TableDefinition


def first_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that begin a rule; a later row of the same id is a version of it."""
    seen: set[str] = set()
    firsts = []
    for row in rows:
        name = row.text("id")
        if name is None or name not in seen:
            firsts.append(row)
            seen.add(name or "")
    return firsts


def read_rules(context: Context, rows: Sequence[Row], firsts: Sequence[Row]) -> list[RuleSpec]:
    """Return the rules that are right, in the order of their first rows."""
    if any("id" not in row.places for row in rows):
        return []  # no column of ids, which was told: nothing can be said of rows that belong together
    tables = read_tables(context.all_of(TABLES), context.known[Layer.RULE], context.sources, context.report)
    return _Rules(context, rows, tables).rules(firsts)


@dataclass
class _Rules:
    """Joins rules and tables. Used once."""

    context: Context
    rows: Sequence[Row]
    tables: Mapping[TableKey, FoundTable]
    used: set[TableKey] = field(default_factory=set)

    def rules(self, firsts: Sequence[Row]) -> list[RuleSpec]:
        found = [rule for first in firsts if (rule := self._rule(first)) is not None]
        for key, table in self.tables.items():
            if key not in self.used and key[0] in self.context.known[Layer.RULE]:
                code = "table_without_version" if key[1] else "table_and_formula"
                self.context.report.add(table.place, code, name=key[0], day=str(key[1] or ""))
        return found

    def _rule(self, first: Row) -> RuleSpec | None:
        name = first.text("id")
        self.context.sources.note(f"rule {name}", first)
        later = [row for row in self.rows if row is not first and name is not None and row.text("id") == name]
        versions = [first, *later] if later or "valid_from" in first.values else []
        self._check_versions(later, versions)
        bodies = [self._body(row) for row in versions or [first]]
        # The body is not among what `build` takes from the row.
        bare = Row(first.sheet, first.number, dict(first.values), first.places, first.wrong - set(_OWN[1:]))
        for path in _OWN[1:]:
            bare.values.pop(path, None)
        columns = [column for column in RULES.columns if column.path not in _OWN[1:]]
        rule = self.context.entry(RuleSpec, bare, columns, **_body_fields(versions, bodies))
        return rule if None not in bodies and not first.wrong else None

    def _body(self, row: Row) -> Body | None:
        """Return a rule's or version's formula or table; None when there is none or it is wrong, which is told."""
        start, text = row.values.get("valid_from"), row.text("expression")
        key = (row.text("id") or "", start if isinstance(start, date) else None)
        see = text is not None and text.casefold() in _SEE_TABLE
        if {"expression", "valid_from", "id"} & row.wrong:
            self.used.add(key)
            return None
        if text is not None and not see:
            return text
        self.used.add(key)
        if key in self.tables:
            return self.tables[key].definition
        code = "no_table" if see else "no_formula"
        self.context.report.add(row.place("expression"), code, name=key[0], day=str(key[1] or ""))
        return None

    def _check_versions(self, later: Sequence[Row], versions: Sequence[Row]) -> None:
        report = self.context.report
        for row in versions:
            start, name = row.values.get("valid_from"), row.text("id") or ""
            if isinstance(start, date):
                self.context.sources.note(f"rule {name}, version {start}", row)
            elif "valid_from" not in row.wrong:
                report.add(row.place("valid_from"), "version_without_day", name=name)
                row.wrong.add("valid_from")
        for row in later:
            for path in {*row.values, *row.wrong}.difference(_OWN):
                report.add(row.place(path), "only_in_first_row", name=row.text("id") or "")


def _body_fields(versions: Sequence[Row], bodies: Sequence[Body | None]) -> dict[str, object]:
    if versions:
        return {
            "versions": tuple(
                _version(row, body) for row, body in zip(versions, bodies, strict=True) if body is not None
            )
        }
    body = bodies[0]
    if isinstance(body, TableDefinition):
        return {"table": body}
    return {} if body is None else {"expression": body}


def _version(row: Row, body: Body) -> RuleVersion | None:
    start = row.values.get("valid_from")
    if not isinstance(start, date):
        return None
    if isinstance(body, str):
        return RuleVersion(valid_from=start, expression=body)
    return RuleVersion(valid_from=start, table=body)
