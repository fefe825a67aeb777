"""Cases that differ, rows that no case hits, conditions that were only ever one thing."""

from __future__ import annotations

from rules.checking import Check, check_pack, coverage
from rules.checking.probing import probe
from rules.engine import Pack, decide
from tests.rules.checking.broken_packs import loaded, without_cases
from tests.rules.edited_packs import by_id, changed


def test_watching_changes_no_decision(pack: Pack) -> None:
    for case in probe(pack).cases:
        # The watched pack has the same hash, so equal decisions are equal altogether.
        assert case.decision == decide(pack, case.facts)


def test_a_case_that_differs_blocks_and_nothing_is_mutated() -> None:
    report = check_pack(
        changed(lambda document: by_id(document, "tests", "A-2 no social insurance")["expect"].update(total_fen=1))
    )
    (finding,) = [finding for finding in report.findings if finding.blocking]
    assert (finding.check, finding.part) == (Check.TESTS, "test A-2 no social insurance")
    assert finding.example is not None
    assert finding.example["bill_total"] == 123456
    assert "total_fen: expected 1, got 88000" in finding.text.en
    assert report.mutation is None
    assert Check.MUTATION not in report.checks


def test_facts_that_are_none_are_a_case_that_differs() -> None:
    notes = probe(
        loaded(lambda document: by_id(document, "tests", "A-2 no social insurance")["facts"].update(bill_total="x"))
    )
    assert [finding.part for finding in coverage.differing(notes)] == ["test A-2 no social insurance"]


def test_a_pack_without_cases_is_blocked() -> None:
    report = check_pack(changed(lambda document: document.update(tests=[])))
    assert [finding.check for finding in report.findings if finding.blocking] == [Check.TESTS]


def test_a_row_without_a_case_blocks() -> None:
    def change(document: dict[str, object]) -> None:
        tests = document["tests"]
        assert isinstance(tests, list)
        document["tests"] = [test for test in tests if test["name"] != "E age 61: 120 %"]

    pack = loaded(change)
    (finding,) = coverage.rows(pack, probe(pack))
    assert (finding.part, finding.blocking) == ("rule premium_multiple", True)
    assert "row 3 (>= 61)" in finding.text.en


def test_a_condition_that_was_only_ever_true_is_told_and_does_not_block() -> None:
    pack = loaded(lambda document: without_cases(document, but="A-1"))
    found = coverage.branches(probe(pack))
    assert ("rule ratio", "in no case `si_settled` does not hold") in [(each.part, each.text.en) for each in found]
    assert not any(finding.blocking for finding in found)


def test_a_case_may_say_what_is_drawn_and_what_a_step_tells() -> None:
    def change(document: dict[str, object]) -> None:
        by_id(document, "tests", "A-1 settled by social insurance")["expect"].update(
            draws={"medical_year": 133203}, values={"reimbursed": "0.8", "hospital": "true", "tiers": "1"}
        )

    (finding,) = coverage.differing(probe(loaded(change)))
    assert "draws: expected {'medical_year': 133203}, got {'medical_year': 133204}" in finding.text.en
    assert "values: reimbursed: expected 0.8, got 0.9" in finding.text.en
    assert "values: tiers: expected 1, got no such step" in finding.text.en
    assert "hospital" not in finding.text.en
