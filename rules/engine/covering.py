"""The cover of all tables of a pack: rows that overlap, gaps, cells that nothing meets, rows that are never reached.

Promise: asked once, when a pack is built and before it is signed; loading leaves it out, because it costs more than all the rest
and because a look-up that finds two rows or none fails by itself (ADR 0113).
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.language import LanguageError, Table, UnreachableRow, check_table_cover, unreachable_rows
from rules.engine.model import PackError
from rules.engine.pack import Pack


def table_faults(pack: Pack) -> Iterator[tuple[str, LanguageError | UnreachableRow]]:
    """Yield what is wrong with each table, by its rule: why its cover is refused, else its rows that are never reached."""
    for name, rule in pack.rules.items():
        if not isinstance(rule.body, Table):
            continue
        try:
            check_table_cover(rule.body)
        except LanguageError as problem:
            yield name, problem
        else:
            for row in unreachable_rows(rule.body):
                yield name, row


def refusal_of(rule: str, fault: LanguageError) -> PackError:
    """Return the refusal of a pack whose rule has a table with this fault."""
    return PackError("bad_expression", part=f"rule {rule}", expression="table", why=fault.code, **fault.values)


def check_tables(pack: Pack) -> None:
    """Refuse a pack with a table that ``check_table_cover`` refuses, or with a row that is never reached.

    Raises PackError with the rule, and an example or the row.
    """
    for name, fault in table_faults(pack):
        if isinstance(fault, LanguageError):
            raise refusal_of(name, fault) from fault
        raise PackError(
            "bad_expression",
            part=f"rule {name}",
            expression="table",
            why="unreachable",
            row=str(fault.row),
            expected=fault.sentence.en,
        )
