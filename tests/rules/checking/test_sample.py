"""The sample pack passes everything that a pack has to pass."""

from __future__ import annotations

import pytest

from rules.checking import Check, Report, check_pack
from rules.tools.sample import sample_pack_bytes


def test_nothing_blocks_the_sample(sample_report: Report) -> None:
    assert [finding for finding in sample_report.findings if finding.blocking] == []
    assert not sample_report.blocked
    assert set(sample_report.checks) == set(Check)


def test_its_cases_notice_nine_slips_of_ten_in_a_sample(sample_report: Report) -> None:
    mutation = sample_report.mutation
    assert mutation is not None
    assert mutation.sampled
    assert mutation.mutants > 150
    assert mutation.score_percent >= 90


@pytest.mark.slow
def test_its_cases_notice_nine_slips_of_ten() -> None:
    report = check_pack(sample_pack_bytes())
    assert not report.blocked
    assert report.mutation is not None
    assert not report.mutation.sampled
    assert report.mutation.mutants > 1_000
    assert report.mutation.score_percent >= 90


def test_all_its_promises_are_proven(sample_report: Report) -> None:
    assert len(sample_report.promises) >= 20
    assert [promise for promise in sample_report.promises if not promise.proven] == []


def test_its_only_blind_branch_lies_before_the_pack_begins(sample_report: Report) -> None:
    # The first cap begins on the pack's first day: the condition cannot fail inside the pack's validity.
    blind = [finding.part for finding in sample_report.findings if finding.check is Check.BRANCHES]
    assert blind == ["rule minor_cap"]
