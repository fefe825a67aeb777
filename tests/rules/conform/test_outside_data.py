"""The outside test data, where it is at hand: the bars, and that the strict language never answers anything else."""

from pathlib import Path

import pytest

from rules.tools.conform import conform
from rules.tools.tck import Verdict

FOUND = sorted(Path(__file__).resolve().parents[4].glob("*/tck/feel.jsonl"))
DATA = FOUND[0].parent if FOUND else Path()
pytestmark = pytest.mark.skipif(
    not FOUND, reason="the outside FEEL test data (tck/feel.jsonl in a folder beside the repository) is not here"
)


def share_right(outcomes):
    valued = [outcome for outcome in outcomes if not outcome.case.error]
    return sum(outcome.verdict is Verdict.RIGHT for outcome in valued) / len(valued)


def test_the_bars_are_met_and_nothing_is_wrong():
    found = conform(DATA)
    assert found.malformed == ()
    assert [each.case.id for each in (*found.feel, *found.tables) if each.verdict is Verdict.WRONG] == []
    assert share_right(each for each in found.feel if each.case.group == "core") >= 0.97
    assert share_right(each for each in found.feel if each.case.group == "temporal") >= 0.92
    assert share_right(found.tables) == 1


def test_every_row_is_scored():
    figures = conform(DATA).figures
    rows = sum(sum(counts.values()) for counts in figures["feel"].values())
    assert rows == len((DATA / "feel.jsonl").read_text(encoding="utf-8").splitlines())
    assert sum(figures["tables"].values()) == len((DATA / "tables.jsonl").read_text(encoding="utf-8").splitlines())


def test_what_packs_can_say_the_strict_language_answers_right_and_nothing_wrong():
    strict = conform(DATA, "strict")
    assert [each.case.id for each in (*strict.feel, *strict.tables) if each.verdict is Verdict.WRONG] == []
    right = [each.case.group for each in strict.feel if each.verdict is Verdict.RIGHT]
    # Of the 720 that stood before, all; the six more are the rows about declared types that expect no answer.
    assert right.count("core") >= 405
    assert right.count("temporal") >= 321
    assert sum(each.verdict is Verdict.RIGHT for each in strict.tables) >= 19


def test_the_refused_rows_are_those_that_the_documentation_lists():
    listed = (Path(__file__).resolve().parents[3] / "docs" / "conformance.md").read_text(encoding="utf-8")
    refused = [each.case.id for each in (*conform(DATA).feel, *conform(DATA).tables) if each.verdict is Verdict.REFUSED]
    assert [name for name in refused if f"`{name}`" not in listed] == []
