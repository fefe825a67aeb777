"""Scoring the rule language against outside FEEL test data: ``python -m rules.tools.tck EXPRESSIONS [TABLES] [-v]``.

Promise: the data stays outside; nothing of it is kept. Two scores: the *strict* language, exactly as packs use it, with names
typed by their values, and the *FEEL mode* of the same evaluator. Where a value is expected: equal is right, no answer is
refused, anything else is wrong. Where FEEL's silent null is expected: no answer or null is right, a value is wrong.

Equal numbers are equal exactly; an expectation that was itself cut off (ten decimals or more) is compared at its own scale.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from rules.engine.language import LanguageError, Type, Value, compile_expression
from rules.engine.language.errors import Failure
from rules.tools.feel import evaluate_feel, type_of
from rules.tools.feel_functions import OutOfScope
from rules.tools.tck_cases import Case, Undecodable, read_cases
from rules.tools.tck_tables import answer_table, read_table_cases

_CUT_OFF_DECIMALS = 10
# In these cases the expected value comes from the declared type of the decision's result, which the lines do not carry:
# `1+1` stands for 2 in one place and for null in another.
_UNDECIDABLE = ("0082-feel-coercion",)


class Verdict(StrEnum):
    """How one case came out."""

    RIGHT = "right"
    REFUSED = "refused"
    WRONG = "wrong"
    NOT_SCORED = "not scored"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scored case; ``answer`` shows what the evaluator gave or why it refused."""

    case: Case
    verdict: Verdict
    answer: str


def answer_strictly(case: Case) -> Any:
    """Answer as a pack would: every name has a type, found from its value; names without one are not known."""
    names: dict[str, Type] = {}
    env: dict[str, Value] = {}
    for name, value in case.inputs.items():
        try:
            names[name], env[name] = type_of(value), value
            compile_expression("true", {name: names[name]})
        except (OutOfScope, LanguageError):
            names.pop(name, None)
    return compile_expression(case.expression, names).evaluate(env)


def answer_as_feel(case: Case) -> Any:
    """Answer in the evaluator's FEEL mode."""
    env = {name: value for name, value in case.inputs.items() if not isinstance(value, Undecodable)}
    return evaluate_feel(case.expression, env)


def score(case: Case, answer: Callable[[Case], Any]) -> Outcome:
    """Ask for the answer and judge it."""
    if case.id.startswith(_UNDECIDABLE):
        return Outcome(case, Verdict.NOT_SCORED, "")
    try:
        found = answer(case)
    except (LanguageError, Failure, OutOfScope) as refusal:
        return Outcome(case, Verdict.RIGHT if case.error else Verdict.REFUSED, f"{type(refusal).__name__}: {refusal}")
    if case.error:
        return Outcome(case, Verdict.RIGHT if found is None else Verdict.WRONG, repr(found))
    return Outcome(case, Verdict.RIGHT if _same(found, case.expected) else Verdict.WRONG, repr(found))


def _same(found: Any, expected: Any) -> bool:  # noqa: PLR0911 - one return a kind of value
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_same(found[name], expected[name]) for name in expected)
    if isinstance(found, tuple) and isinstance(expected, tuple):
        return len(found) == len(expected) and all(_same(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        exponent = expected.as_tuple().exponent
        if isinstance(exponent, int) and -exponent >= _CUT_OFF_DECIMALS:
            return found.quantize(expected, rounding=ROUND_HALF_EVEN) == expected
        return found == expected
    if type(found) is not type(expected):
        return False
    return bool(found == expected)


def tally(outcomes: list[Outcome]) -> dict[str, Counter[Verdict]]:
    """Count verdicts by group."""
    counts: dict[str, Counter[Verdict]] = {}
    for outcome in outcomes:
        counts.setdefault(outcome.case.group, Counter())[outcome.verdict] += 1
    return counts


MODES: Mapping[str, Callable[[Case], Any]] = {"strict": answer_strictly, "feel mode": answer_as_feel}


def score_file(path: Path, answer: Callable[[Case], Any]) -> list[Outcome]:
    """Score the expressions of a file."""
    return [score(case, answer) for case in read_cases(path)]


def score_tables(path: Path) -> list[Outcome]:
    """Score the decision tables of a file, in the strict language."""
    return [score(case, partial(answer_table, table=table)) for case, table in read_table_cases(path)]


def main(arguments: list[str] | None = None) -> int:
    """Print the scores; return 1 when any case is wrong."""
    parser = argparse.ArgumentParser(
        prog="rules.tools.tck", description="Score the rule language against FEEL test data."
    )
    parser.add_argument("feel", type=Path, help="expressions, one JSON object a line")
    parser.add_argument("tables", type=Path, nargs="?", help="decision tables, one JSON object a line")
    parser.add_argument("-v", "--verbose", action="store_true", help="list every case that is not right")
    options = parser.parse_args(arguments)
    scored = {mode: score_file(options.feel, answer) for mode, answer in MODES.items()}
    if options.tables:
        scored["strict"] += score_tables(options.tables)
    print(f"{'mode':10} {'group':10} {'cases':>6} {'right':>6} {'refused':>8} {'wrong':>6} {'not scored':>11}")
    for mode, outcomes in scored.items():
        for group, counts in sorted(tally(outcomes).items()):
            right, refused, wrong, unscored = (counts[verdict] for verdict in Verdict)
            print(f"{mode:10} {group:10} {counts.total():>6} {right:>6} {refused:>8} {wrong:>6} {unscored:>11}")
        for outcome in outcomes if options.verbose else ():
            if outcome.verdict in (Verdict.REFUSED, Verdict.WRONG):
                print(f"  {mode} {outcome.verdict}: {outcome.case.id}: {outcome.case.expression!r} -> {outcome.answer}")
    return 1 if any(outcome.verdict is Verdict.WRONG for outcomes in scored.values() for outcome in outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main())
