"""Comparing generated code with the reference: decision, sum, trace and explanation of one case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.engine import Decision, Pack, canonical, decide
from rules.engine.generated import Explanation, GeneratedPack
from rules.engine.values import canonical_text


def alike(pack: Pack, generated: GeneratedPack, facts: Mapping[Any, Any]) -> bool:
    """Assert that all that generated code says of a case is what the reference says; return whether it decided itself."""
    expected = decide(pack, facts)
    assert canonical(generated.decide(facts)) == canonical(expected)
    trace = generated.traced(facts)
    assert generated.total(facts) == (None if trace is None else expected.total_fen)
    if trace is not None:
        assert_explained(generated.explain(trace), expected)
    return trace is not None


def assert_explained(explanation: Explanation, decision: Decision) -> None:
    """Every step of the explanation is a step of the decision, in order, with its value, waiver and sum."""
    for explained, result in zip(explanation.liabilities, decision.liabilities, strict=True):
        assert explained.amount_fen == result.amount_fen
        assert [step.rule for step in explained.steps] == [step.rule for step in result.steps]
        for step, told in zip(explained.steps, result.steps, strict=True):
            assert (step.clause, step.applied, step.waiver) == (told.clause, told.applied, told.waiver)
            assert ("" if step.value is None else canonical_text(step.value)) == told.value
            if told.amount_fen is not None and step.after_fen is not None:
                assert step.after_fen == told.amount_fen
            shown = ", ".join(str(row + 1) for row in step.rows)
            assert not step.rows or f"(table row {shown})" in told.reason.en
