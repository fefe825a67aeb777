"""How fast one case is decided: the 15-rule medical case by generated code, by the reference, by hand and by other engines.

Each row counts decisions a second; its baseline is the same case written by hand with Decimal, timed in turn with it on the same
inputs, which both sides check. A ratio above 1 is faster than by hand. Before anything is timed every contestant is held to exact
fractions on all cases it is timed on; the second table is how many cents each got wrong.

Other engines are given their inputs converted and check none of them. So each has two rows: our whole decision, input check
included, over theirs; and our rules alone, on inputs checked beforehand, over theirs. Engines that are not installed are left out, and
said so. evalidate is Python's own compiler and ``eval`` behind a check of the syntax tree: it shows what that costs.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from bench import rules_peers
from bench.report import Row, paired, report, row
from bench.rules_case import (
    PLAN,
    Facts,
    by_hand,
    by_hand_traced,
    cases,
    check_by_hand,
    document,
    exact,
    pack,
    with_codes,
)
from rules.engine import decide, encode_facts, load_pack
from rules.engine.document import write_document
from rules.engine.generated import GeneratedPack, generate

CASES = 10_000
FEW = 400
ROUNDS = 7
FEW_ROWS, MANY_ROWS = 50, 4_998
MOST_LOAD_MS = 100

Run = Callable[[Any], object]


def _all(run: Run, inputs: Sequence[Any]) -> None:
    for each in inputs:
        run(each)


def _speed(name: str, run: Run, inputs: Sequence[Any], baseline: Run, base_inputs: Sequence[Any]) -> Row:
    """Return decisions a second beside those of the baseline, each over its own form of the same cases.

    The ratio is the median of the rounds' own ratios: what else the machine does in a round hits both sides of it.
    """
    gc.collect()
    rounds = [paired(partial(_all, run, inputs), partial(_all, baseline, base_inputs), 1) for _ in range(ROUNDS)]
    taken, base = median(one for one, _ in rounds), median(other for _, other in rounds)
    ratio = median(other / len(base_inputs) * len(inputs) / one for one, other in rounds)
    return Row(name=name, value=len(inputs) / taken, unit="/s", baseline=len(base_inputs) / base, ratio=ratio)


def _cents(name: str, sums: Sequence[int | None], expected: Sequence[int]) -> Row:
    """Return how many cents are wrong over all cases; a case that is not decided is as wrong as its sum is large, at least 1."""
    wrong = sum(
        max(1, want) if found is None else abs(found - want) for found, want in zip(sums, expected, strict=True)
    )
    return row(name, wrong, "cents")


def _explained(generated: GeneratedPack, facts: Facts) -> object:
    trace = generated.traced(facts)
    return None if trace is None else generated.explain(trace)


def _explained_sum(generated: GeneratedPack, facts: Facts) -> int | None:
    trace = generated.traced(facts)
    return None if trace is None else generated.explain(trace).liabilities[0].amount_fen


def _traced_sum(generated: GeneratedPack, facts: Facts) -> int | None:
    trace = generated.traced(facts)
    return None if trace is None else trace.total_fen


def _single() -> tuple[list[Row], list[Row]]:
    """The rows of one case: by hand, generated, reference."""
    loaded = pack()
    generated = generate(loaded)
    several = cases(CASES)
    few = several[:FEW]
    expected = [exact(facts) for facts in several]
    cents = [
        _cents("hand Decimal", [by_hand(facts) for facts in several], expected),
        _cents("hand Decimal, eager trace", [by_hand_traced(facts)[0] for facts in several], expected),
        _cents("generated, no trace", [generated.total(facts) for facts in several], expected),
        _cents("generated, lazy trace", [_traced_sum(generated, facts) for facts in several], expected),
        _cents("generated, full explanation", [_explained_sum(generated, facts) for facts in several], expected),
        _cents("generated, sentences", [generated.decide(facts).total_fen for facts in few], expected[:FEW]),
        _cents("reference closures", [decide(loaded, facts).total_fen for facts in few], expected[:FEW]),
    ]
    contestants: tuple[tuple[str, Run, Sequence[Facts]], ...] = (
        ("hand Decimal (itself)", by_hand, several),
        ("hand Decimal, eager trace", by_hand_traced, several),
        ("generated, no trace (wanted >= 1.3)", generated.total, several),
        ("generated, lazy trace (>= 0.9)", generated.traced, several),
        ("generated, full explanation (>= 0.6)", partial(_explained, generated), several),
        ("generated, sentences and inputs hash", generated.decide, few),
        ("reference closures", partial(decide, loaded), few),
        ("inputs hash alone", lambda facts: hashlib.sha256(encode_facts(loaded, facts)).hexdigest(), few),
        ("input check by hand alone", check_by_hand, several),
        ("input check generated alone", generated.check(PLAN), several),
    )
    return [_speed(name, run, inputs, by_hand, inputs) for name, run, inputs in contestants], cents


def _peers() -> tuple[list[Row], list[Row]]:
    """The rows of other engines: our speed over theirs, each in turn with it."""
    generated = generate(pack())
    explained = partial(_explained, generated)
    check, rules = generated.check(PLAN), generated.rules_alone(PLAN, "medical")
    assert rules is not None
    none_drawn: list[int] = []
    engines: tuple[tuple[str, str, int, Callable[[], rules_peers.Run], str, Run], ...] = (
        ("zen", "zen-engine, trace", FEW, lambda: rules_peers.zen(trace=True), "explained, over {} (>= 50)", explained),
        ("zen", "zen-engine", FEW, lambda: rules_peers.zen(trace=False), "no trace, over {}", generated.total),
        ("cel", "CEL in Rust", FEW, rules_peers.cel, "no trace, over {}", generated.total),
        ("simpleeval", "simpleeval", CASES, rules_peers.simple_eval, "no trace, over {}", generated.total),
        (
            "evalidate",
            "evalidate (Python's eval)",
            CASES,
            rules_peers.evaluated_python,
            "no trace, over {}",
            generated.total,
        ),
    )
    speeds, cents = [], []
    for module, name, count, make, told, ours in engines:
        if rules_peers.installed(module) is None:
            print(f"{name}: {module} is not installed, left out")
            continue
        several = cases(count)
        inputs = [rules_peers.prepared(facts) for facts in several]
        checked = [check(facts) for facts in several]
        run = make()
        cents.append(_cents(name, [run(each) for each in inputs], [exact(facts) for facts in several]))
        speeds.append(_speed(told.format(name), ours, several, run, inputs))
        # Like for like: they are given their inputs ready and check none, so ours are given the same.
        speeds.append(
            _speed(f"rules alone, over {name}", lambda values: rules(values, none_drawn), checked, run, inputs)
        )
    return speeds, cents


def _tables() -> tuple[list[Row], list[Row]]:
    """A table of 5,000 rows beside one of 50, and loading a pack that has it."""
    found: dict[int, tuple[GeneratedPack, list[Facts]]] = {}
    cents = []
    several = cases(CASES)
    for rows in (FEW_ROWS, MANY_ROWS):
        loaded = pack(rows)
        generated = generate(loaded)
        inputs = with_codes(several, rows)
        found[rows] = generated, inputs
        reference = [decide(loaded, facts).total_fen for facts in inputs[:FEW]]
        cents.append(
            _cents(
                f"table of {rows} rows, beside the reference",
                [generated.total(facts) for facts in inputs[:FEW]],
                reference,
            )
        )
    (small, small_inputs), (large, large_inputs) = found[FEW_ROWS], found[MANY_ROWS]
    gc.collect()
    taken, base = paired(partial(_all, large.total, large_inputs), partial(_all, small.total, small_inputs), ROUNDS)
    rows_found = [row(f"time with a table of {MANY_ROWS} rows (<= 2)", taken / CASES * 1e6, "us", base / CASES * 1e6)]
    raw = write_document(document(MANY_ROWS))
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        load_pack(raw)
        times.append(perf_counter() - start)
    rows_found.append(
        row(f"loading a pack of {MANY_ROWS} rows (<= 1)", sorted(times)[ROUNDS // 2] * 1e3, "ms", MOST_LOAD_MS)
    )
    return rows_found, cents


def main() -> None:
    """Measure, after making sure that all contestants come to the same sums."""
    speeds, cents = _single()
    report("rules", speeds)
    peers, peer_cents = _peers()
    report("rules_peers", peers)
    tables, table_cents = _tables()
    report("rules_tables", tables)
    report("rules_cents_wrong", [*cents, *peer_cents, *table_cents])


if __name__ == "__main__":
    main()
