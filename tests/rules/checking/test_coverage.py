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
    assert "total: expected 0.01 yuan, got 880.00 yuan" in finding.text.en
    assert "赔款合计应为 0.01 元，算出 880.00 元" in finding.text.zh
    assert finding.at == {"field": "expect.total_fen"}
    assert report.mutation is None
    assert Check.MUTATION not in report.checks


def test_facts_that_are_none_are_a_case_that_differs() -> None:
    pack = loaded(
        lambda document: by_id(document, "tests", "A-2 no social insurance")["facts"].update(bill_total=-5000)
    )
    (finding,) = coverage.differing(pack, probe(pack))
    assert (finding.part, finding.at) == ("test A-2 no social insurance", {"field": "bill_total"})
    assert "bill_total = -50.00 元 应在 0.00 元 至" in finding.text.zh
    assert "bill_total = -50.00 yuan is to lie from 0.00 yuan to" in finding.text.en


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

    pack = loaded(change)
    draws, reimbursed, tiers = coverage.differing(pack, probe(pack))
    assert "expected medical_year = 1,332.03 yuan, got medical_year = 1,332.04 yuan" in draws.text.en
    assert "value of the step reimbursed: expected 0.8, got 0.9" in reimbursed.text.en
    assert "value of the step tiers: expected 1, got no such step" in tiers.text.en
    assert "步骤的值 tiers 应为 1，算出 没有这一步" in tiers.text.zh
