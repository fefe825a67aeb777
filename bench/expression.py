"""How fast the reference back end evaluates: compiled expressions against the same arithmetic written by hand with Decimal.

The case is the heart of a medical bill: deductible, ratio, rounding, cap; and a rate table. All amounts in fen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from bench.report import paired, report, row
from rules.engine.language import (
    HitPolicy,
    TableDefinition,
    TableInput,
    TableOutput,
    TableRow,
    Type,
    compile_expression,
    compile_table,
)

CASES = 5_000
NAMES = {
    "bill": Type.MONEY,
    "social": Type.MONEY,
    "deductible": Type.MONEY,
    "cap": Type.MONEY,
    "ratio": Type.NUMBER,
    "age": Type.NUMBER,
    "kind": Type.TEXT,
}
BENEFIT = "min(cap, round half up(max(0 yuan, bill - social - deductible) * ratio, 2))"
GATE = 'kind in ("inpatient", "emergency") and age between 18 and 65'
RATES = TableDefinition(
    hit_policy=HitPolicy.UNIQUE,
    inputs=(
        TableInput(expression="age"),
        TableInput(expression="kind", allowed='"inpatient", "emergency", "outpatient"'),
    ),
    outputs=(TableOutput(name="ratio"),),
    rows=(
        TableRow(when=("< 18", "-"), then=("0.9",)),
        TableRow(when=("[18..60)", '"inpatient"'), then=("0.8",)),
        TableRow(when=("[18..60)", 'not("inpatient")'), then=("0.6",)),
        TableRow(when=(">= 60", '"inpatient"'), then=("0.7",)),
        TableRow(when=(">= 60", 'not("inpatient")'), then=("0.5",)),
    ),
    complete=True,
)

Env = dict[str, int | Decimal | str]


def make_cases() -> list[Env]:
    """Return invented cases, the same every time."""
    draw = random.Random(7)
    return [
        {
            "bill": draw.randrange(0, 10_000_000),
            "social": draw.randrange(0, 3_000_000),
            "deductible": 1_000_000,
            "cap": 200_000_000,
            "ratio": Decimal(draw.choice(["0.6", "0.8", "0.9"])),
            "age": Decimal(draw.randrange(0, 90)),
            "kind": draw.choice(["inpatient", "outpatient", "emergency"]),
        }
        for _ in range(CASES)
    ]


def benefit_by_hand(env: Env) -> int:
    """The benefit as a programmer would write it with Decimal."""
    rest = Decimal(max(0, int(env["bill"]) - int(env["social"]) - int(env["deductible"])))
    return min(int(env["cap"]), int((rest * Decimal(env["ratio"])).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def gate_by_hand(env: Env) -> bool:
    """The gate by hand."""
    return env["kind"] in ("inpatient", "emergency") and Decimal(18) <= Decimal(env["age"]) <= Decimal(65)


def rate_by_hand(env: Env) -> Decimal:
    """The table by hand."""
    inpatient, age = env["kind"] == "inpatient", Decimal(env["age"])
    if age < 18:
        return Decimal("0.9")
    if age < 60:
        return Decimal("0.8") if inpatient else Decimal("0.6")
    return Decimal("0.7") if inpatient else Decimal("0.5")


def _run_all(evaluate: Callable[[Env], object], cases: list[Env]) -> None:
    for env in cases:
        evaluate(env)


def main() -> None:
    """Measure, after making sure that both ways agree on every case."""
    cases = make_cases()
    benefit, gate, rates = (
        compile_expression(BENEFIT, NAMES),
        compile_expression(GATE, NAMES),
        compile_table(RATES, NAMES),
    )
    for env in cases:
        assert benefit.evaluate(env) == benefit_by_hand(env)
        assert gate.evaluate(env) == gate_by_hand(env)
        assert rates.evaluate(env).values == (rate_by_hand(env),)
    contestants: tuple[tuple[str, Callable[[Env], object], Callable[[Env], object]], ...] = (
        ("benefit formula", benefit.evaluate, benefit_by_hand),
        ("gate", gate.evaluate, gate_by_hand),
        ("rate table, 5 rows", rates.evaluate, rate_by_hand),
    )
    rows = []
    for name, candidate, baseline in contestants:
        taken, base = paired(partial(_run_all, candidate, cases), partial(_run_all, baseline, cases))
        rows.append(row(f"{name}: a single evaluation", taken / CASES * 1e6, "µs", base / CASES * 1e6))
    taken, base = paired(lambda: [compile_expression(BENEFIT, NAMES) for _ in range(100)], lambda: None)
    rows.append(row("benefit formula: compiling it", taken / 100 * 1e6, "µs"))
    report("expression", rows)


if __name__ == "__main__":
    main()
