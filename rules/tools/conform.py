"""``outpost-rules conform DIR``: the rule language measured against outside test data.

Promise: the data stays outside; nothing of it is kept. Every row of ``feel.jsonl`` and ``tables.jsonl`` is scored as right, refused
or wrong; a line that is no row is named on the error stream and stops nothing. An answer of null is a refusal: the engine
never gives null (ADR 0117).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.engine.language import LanguageError, Type, Value, compile_expression
from rules.tools.feel import evaluate_feel
from rules.tools.feel_strict import type_of
from rules.tools.feel_tables import answer_feel_table
from rules.tools.feel_values import Builtin, Function, OutOfScope, Range, UnaryTest
from rules.tools.tck import Outcome, Verdict, score
from rules.tools.tck_cases import Case, Malformed, read_cases
from rules.tools.tck_tables import answer_strict_table

FEEL_FILE, TABLES_FILE = "feel.jsonl", "tables.jsonl"
_GROUPS = ("core", "temporal")
# The cases of this part of the kit judge how a value is converted to the declared type of the decision, and the rows carry no
# declaration: `1+1` stands for 2 in one row and for null in another. Without a declaration the language answers neither.
NEEDS_A_DECLARED_TYPE = ("0082-feel-coercion/",)


@dataclass(frozen=True, slots=True)
class Conformance:
    """The scored rows of both files, and the lines that are none (by file)."""

    feel: tuple[Outcome, ...]
    tables: tuple[Outcome, ...]
    malformed: tuple[tuple[str, Malformed], ...]

    @property
    def figures(self) -> dict[str, Any]:
        """The counts as JSON shows them."""
        groups = sorted({*_GROUPS, *(outcome.case.group for outcome in self.feel)})
        return {
            "feel": {group: _counts(each for each in self.feel if each.case.group == group) for group in groups},
            "tables": _counts(self.tables),
        }


def answer_expression(case: Case) -> Any:
    """Answer an expression as the FEEL mode does, null refused."""
    if case.id.startswith(NEEDS_A_DECLARED_TYPE):
        raise OutOfScope("the answer hangs on the declared type of the result, and the row carries none")
    return _valued(evaluate_feel(case.expression, case.inputs))


def answer_table(case: Case) -> Any:
    """Answer a decision table as the FEEL mode does, null refused."""
    return _valued(answer_feel_table(case.table or {}, case.inputs))


def _valued(found: Any) -> Any:
    """Return a value as it is. Raises ``OutOfScope`` for null, and for what is no value of a decision (ranges, functions)."""
    if found is None:
        raise OutOfScope("null: the engine refuses where FEEL gives null")
    if isinstance(found, Range | UnaryTest | Function | Builtin):
        raise OutOfScope("a range, a test or a function is no result of a decision")
    return found


def answer_strictly(case: Case) -> Any:
    """Answer as a pack would: every name has a type, found from its value; names without one are not known."""
    if case.id.startswith(NEEDS_A_DECLARED_TYPE):
        raise OutOfScope("the answer hangs on the declared type of the result, and the row carries none")
    if case.table is not None:
        return answer_strict_table(case)
    names: dict[str, Type] = {}
    env: dict[str, Value] = {}
    for name, value in case.inputs.items():
        try:
            names[name], env[name] = type_of(value), value
            compile_expression("true", {name: names[name]})
        except (OutOfScope, LanguageError):
            names.pop(name, None)
    return compile_expression(case.expression, names).evaluate(env)


MODES: Mapping[str, tuple[Callable[[Case], Any], Callable[[Case], Any]]] = {
    "feel": (answer_expression, answer_table),
    "strict": (answer_strictly, answer_strictly),
}


def conform(folder: Path, mode: str = "feel") -> Conformance:
    """Score both files of a folder. Raises ``OSError`` when one cannot be read."""
    scored: list[tuple[Outcome, ...]] = []
    malformed: list[tuple[str, Malformed]] = []
    for name, answer in zip((FEEL_FILE, TABLES_FILE), MODES[mode], strict=True):
        lines = list(read_cases(folder / name, tables=name == TABLES_FILE))
        malformed += [(name, line) for line in lines if isinstance(line, Malformed)]
        scored.append(tuple(score(line, answer) for line in lines if isinstance(line, Case)))
    return Conformance(scored[0], scored[1], tuple(malformed))


def print_conformance(folder: Path, *, as_json: bool, verbose: bool, mode: str) -> bool:
    """Print the score of a folder; say whether nothing was wrong. Raises ``OSError`` when a file cannot be read."""
    found = conform(folder, mode)
    for name, line in found.malformed:
        print(f"outpost-rules: {name} line {line.line}: {line.why}", file=sys.stderr)
    figures = found.figures
    if as_json:
        print(json.dumps(figures))
    else:
        print(f"{'file':14} {'group':10} {'rows':>6} {'right':>6} {'refused':>8} {'wrong':>6}")
        for group, counts in figures["feel"].items():
            _print_row(FEEL_FILE, group, counts)
        _print_row(TABLES_FILE, "", figures["tables"])
    outcomes = (*found.feel, *found.tables)
    for outcome in outcomes if verbose else ():
        if outcome.verdict is not Verdict.RIGHT:
            shown = outcome.case.expression or "table"
            print(f"  {outcome.verdict}: {outcome.case.id}: {shown} -> {outcome.answer}", file=sys.stderr)
    return all(outcome.verdict is not Verdict.WRONG for outcome in outcomes)


def _counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    counted = Counter(outcome.verdict for outcome in outcomes)
    return {str(verdict): counted[verdict] for verdict in Verdict}


def _print_row(name: str, group: str, counts: Mapping[str, int]) -> None:
    right, refused, wrong = (counts[verdict] for verdict in Verdict)
    print(f"{name:14} {group:10} {right + refused + wrong:>6} {right:>6} {refused:>8} {wrong:>6}")
