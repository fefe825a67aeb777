"""How long loading takes of a pack that is as large as packs may be: 5,000 table rows. And how long a look-up in such a table takes.

Two packs, each the sample pack with one more table: a *catalogue* (every row a code of its own; ages, sums, dates and levels of
care repeat, as they do in a tariff), and one where *no two cells are equal*, which no author writes but nothing forbids. The baseline of
loading is the sample pack; that of the look-up is the same table cut to 50 rows, and the row by row look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from time import perf_counter

import msgspec

from bench.report import Row, paired, report, row
from rules.engine import load_pack
from rules.engine.checks import MAX_TABLE_ROWS
from rules.engine.covering import check_tables
from rules.engine.document import PackDocument, write_document
from rules.engine.language import Table, Value
from rules.engine.language.table_index import TableIndex, index_of
from rules.tools.sample import sample_pack_bytes

RULE = "tariff_ratio"
FEW_ROWS = 50
LOOKUPS = 200
ROUNDS = 201
_START = date(2011, 4, 1)
_LEVELS = ('"甲"', '"乙"', '"丙"', '"甲", "乙"', 'not("甲")', "-")
_INPUTS = ("icd10", "age_years", "claimed_sum", "treated_on", "care_level")


def catalogue_row(number: int) -> tuple[tuple[str, ...], str]:
    """Return a row as a tariff has them: its own code, and bands that repeat."""
    age, band = number % 9 * 10, number % 40
    since = _START + timedelta(days=number % 25 * 90)
    return (
        f'"T{number // 2:04}.{number % 2}"',
        f"[{age}..{age + 10})",
        f"({band * 100}.00 yuan..{band * 100 + 100}.00 yuan]" if number % 3 else f">= {band * 100}.50 yuan",
        f'[date("{since}")..date("{since + timedelta(days=89)}")]' if number % 4 else f'>= date("{since}")',
        _LEVELS[number % len(_LEVELS)],
    ), f"0.{number % 20 + 5:02}"


def distinct_row(number: int) -> tuple[tuple[str, ...], str]:
    """Return a row of which no cell stands anywhere else in the table."""
    since = _START + timedelta(days=number)
    return (
        f'"T{number}", "U{number}"',
        f"[{number}..{number}.75)",
        f"({number}.00 yuan..{number}.99 yuan]",
        f'[date("{since}")..date("{since + timedelta(days=89)}")]',
        f'not("L{number}")',
    ), f"0.{number:05}"


def table_pack(rows: int, row_of: Callable[[int], tuple[tuple[str, ...], str]]) -> bytes:
    """Return the sample pack with a table added that has that many rows, in canonical form."""
    document = json.loads(sample_pack_bytes())
    named = {"zh": "费率", "en": "tariff"}
    bounded = {"name": named, "source": "document"}
    document["elements"] += [
        {
            **bounded,
            "id": "age_years",
            "type": "number",
            "unit": "count",
            "minimum": "0",
            "maximum": "9999",
            "scale": 2,
        },
        {**bounded, "id": "claimed_sum", "type": "money", "unit": "fen", "minimum": "0", "maximum": "1000000000"},
        {
            **bounded,
            "id": "treated_on",
            "type": "date",
            "unit": "date",
            "minimum": "1900-01-01",
            "maximum": "2100-12-31",
        },
        {**bounded, "id": "care_level", "type": "text", "unit": "text", "minimum": "1", "maximum": "10"},
    ]
    lines = [row_of(number) for number in range(rows)]
    document["rules"].append(
        {
            "id": RULE,
            "kind": "value",
            "name": named,
            "clause": "附表",
            "date_basis": "liability",
            "type": "number",
            "unit": "ratio",
            "applied": named,
            "not_applied": named,
            "table": {
                "hit_policy": "first",
                "inputs": [{"expression": name} for name in _INPUTS],
                "outputs": [{"name": "ratio", "default": "0"}],
                "rows": [{"when": when, "then": [then]} for when, then in lines],
            },
        }
    )
    return write_document(msgspec.convert(document, type=PackDocument))


def rows_left() -> int:
    """Return how many table rows fit beside those of the sample pack."""
    sample = msgspec.json.decode(sample_pack_bytes(), type=PackDocument)
    tables = [rule.table for rule in sample.rules]
    tables += [version.table for rule in sample.rules for version in rule.versions]
    return MAX_TABLE_ROWS - sum(len(table.rows) for table in tables if table)


def table_of(raw: bytes) -> Table:
    """Load a pack and return its added table."""
    body = load_pack(raw).rules[RULE].body
    assert isinstance(body, Table)
    return body


def probes(rows: int) -> list[tuple[Value, ...]]:
    """Return inputs that the catalogue's rows have, spread over the table: most hit, some miss."""
    tried: list[tuple[Value, ...]] = []
    for number in range(0, rows, max(1, rows // 40)):
        since = _START + timedelta(days=number % 25 * 90)
        code = f"T{number // 2:04}.{number % 2}"
        tried.append(
            (code, Decimal(number % 9 * 10), number % 40 * 10_000 + 5_000, since, "丁" if number % 5 else "甲")
        )
    return tried


def _look_up(find: Callable[[tuple[Value, ...]], object], tried: list[tuple[Value, ...]]) -> None:
    for _ in range(LOOKUPS // len(tried)):
        for values in tried:
            find(values)


def _decide(table: Table, index: TableIndex, values: tuple[Value, ...]) -> object:
    env = dict(zip(_INPUTS, values, strict=True))
    return table.outcome(index.rows(table.values(env), env), env)


def main() -> None:
    """Measure and report."""
    sample = sample_pack_bytes()
    rows: list[Row] = []
    packs = {
        "catalogue": table_pack(rows_left(), catalogue_row),
        "no two cells equal": table_pack(rows_left(), distinct_row),
    }
    for name, raw in packs.items():
        taken, base = paired(partial(load_pack, raw), partial(load_pack, sample))
        rows.append(row(f"load, 5,000 rows, {name} ({len(raw) / 1e6:.1f} MB)", taken * 1e3, "ms", base * 1e3))
    large, small = table_of(packs["catalogue"]), table_of(table_pack(FEW_ROWS, catalogue_row))
    start = perf_counter()
    index = index_of(large)
    rows.append(row("index of the catalogue, built at first use", (perf_counter() - start) * 1e3, "ms"))
    many, few = probes(len(large.cells)), probes(FEW_ROWS)
    assert all(index.rows(values) == large.hits(values, {}) for values in many)
    assert any(index.rows(values) for values in many)
    done = LOOKUPS // len(many) * len(many)
    done_few = LOOKUPS // len(few) * len(few)
    # Many short rounds: each fits between two other jobs of a busy machine.
    taken, base = paired(
        partial(_look_up, index.rows, many), partial(_look_up, index_of(small).rows, few), rounds=ROUNDS
    )
    rows.append(row("look-up, 5,000 rows ÷ 50 rows", taken / done * 1e6, "µs", base / done_few * 1e6))
    decide, decide_small = partial(_decide, large, index), partial(_decide, small, index_of(small))
    whole, whole_base = paired(partial(_look_up, decide, many), partial(_look_up, decide_small, few), rounds=ROUNDS)
    rows.append(row("inputs, look-up, outcome, 5,000 ÷ 50 rows", whole / done * 1e6, "µs", whole_base / done_few * 1e6))
    linear, _ = paired(lambda: [large.hits(values, {}) for values in many], lambda: None, rounds=3)
    rows.append(row("look-up, 5,000 rows ÷ row by row", taken / done * 1e6, "µs", linear / len(many) * 1e6))
    start = perf_counter()
    check_tables(load_pack(packs["catalogue"]))
    rows.append(row("cover check of the catalogue (build only)", (perf_counter() - start) * 1e3, "ms"))
    report("pack_load", rows)


if __name__ == "__main__":
    main()
