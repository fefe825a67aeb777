"""The cover of all tables of a pack: rows that overlap, gaps, cells that nothing meets, rows that are never reached.

Promise: asked once, when a pack is built and before it is signed; loading leaves it out, because it costs more than all the rest
and because a look-up that finds two rows or none fails by itself (ADR 0113).
"""

from __future__ import annotations

from rules.engine.language import LanguageError, Table, check_table_cover, unreachable_rows
from rules.engine.model import PackError
from rules.engine.pack import Pack


def check_tables(pack: Pack) -> None:
    """Refuse a pack with a table that ``check_table_cover`` refuses, or with a row that is never reached.

    Raises PackError with the rule, and an example or the row.
    """
    for name, rule in pack.rules.items():
        if not isinstance(rule.body, Table):
            continue
        try:
            check_table_cover(rule.body)
        except LanguageError as problem:
            raise PackError(
                "bad_expression", part=f"rule {name}", expression="table", why=problem.code, **problem.values
            ) from problem
        for row in unreachable_rows(rule.body):
            raise PackError(
                "bad_expression",
                part=f"rule {name}",
                expression="table",
                why="unreachable",
                row=str(row.row),
                expected=row.sentence.en,
            )
