"""Packs that do not load, or load too slowly, or have too long lists: told in both languages."""

from __future__ import annotations

import re

import pytest

from rules.checking import Check, check_pack, limits, overflow, tables
from rules.tools.sample import sample_pack_bytes
from tests.rules.checking.broken_packs import loaded, rule, with_first_table
from tests.rules.edited_packs import Change, Document, by_id, changed


@pytest.mark.parametrize(
    ("change", "check", "part", "said"),
    [
        (
            lambda document: by_id(document, "elements", "lvef_weeks").pop("scale"),
            Check.LOADING,
            "element lvef_weeks",
            "bounds",
        ),
        (
            lambda document: rule(document, "ratio").update(expression="if si_settled then bill_total else 1"),
            Check.UNITS,
            "rule ratio",
            "wrong type",
        ),
        (
            lambda document: rule(document, "ratio").update(expression="nobody + 1"),
            Check.LOADING,
            "rule ratio",
            "nobody",
        ),
        (
            lambda document: rule(document, "ratio").update(expression="(" * 70 + "1" + ")" * 70),
            Check.LIMITS,
            "rule ratio",
            "too deep",
        ),
        (lambda document: document["rules"].extend(_copies(document, 500)), Check.LIMITS, "rules", "500"),
        (
            lambda document: with_first_table(document, [{"when": ["true", "-"], "then": ["1"]}] * 5_001),
            Check.LIMITS,
            "table rows",
            "5000",
        ),
    ],
)
def test_a_pack_that_does_not_load_is_one_blocking_finding(change: Change, check: Check, part: str, said: str) -> None:
    report = check_pack(changed(change))
    (finding,) = report.findings
    assert (finding.check, finding.part, finding.blocking, report.blocked) == (check, part, True, True)
    assert said in finding.text.en
    assert re.search("[一-鿿]", finding.text.zh)
    assert finding.text.zh in report.told()


def _copies(document: Document, count: int) -> list[Document]:
    return [{**rule(document, "ratio"), "id": f"copy_{number}"} for number in range(count)]


def test_bytes_that_are_no_pack() -> None:
    assert check_pack(b"{").blocked
    assert [finding.check for finding in check_pack(b"{").findings] == [Check.LOADING]


def test_a_list_of_more_lines_than_a_case_may_have() -> None:
    pack = loaded(lambda document: by_id(document, "elements", "disability_grades").update(items=2_001))
    _, found = limits.measured(sample_pack_bytes(), pack)
    assert [finding.part for finding in found if "2001" in finding.text.en] == ["element disability_grades"]


def test_a_sum_beyond_the_integers() -> None:
    def change(document: Document) -> None:
        rule(document, "ratio")["expression"] = "if si_settled then ratio_si else 123456789.123456789"
        rule(document, "reimbursed")["expression"] = "amount * ratio * ratio"

    (finding, *_) = overflow.findings(loaded(change))
    assert (finding.check, finding.blocking) == (Check.OVERFLOW, True)
    assert "reimbursed" in finding.part


def test_a_row_that_is_never_reached() -> None:
    rows = [
        {"when": ["true", "-"], "then": ["0.9"]},
        {"when": ["-", ">= 1"], "then": ["0.8"]},
        {"when": ["true", "2"], "then": ["0.7"]},
        {"when": ["-", "-"], "then": ["0.5"]},
    ]
    found = tables.findings(loaded(lambda document: with_first_table(document, rows)))
    assert [(finding.part, finding.blocking) for finding in found] == [("rule ratio", True)]
    assert "row 3 " in found[0].text.en


def test_overlap_and_gap_come_with_an_example() -> None:
    def overlap(document: Document) -> None:
        rule(document, "premium_multiple")["table"]["rows"][1]["when"] = ["[40..61)"]

    def gap(document: Document) -> None:
        rule(document, "premium_multiple")["table"]["rows"][1]["when"] = ["[42..61)"]

    (overlapping,) = tables.findings(loaded(overlap))
    (missing,) = tables.findings(loaded(gap))
    assert (overlapping.blocking, missing.blocking) == (True, True)
    assert "40" in overlapping.text.en
    assert "41" in missing.text.en


def test_a_bad_cell_is_told_with_its_row_and_without_english_in_the_chinese() -> None:
    def bad(document: Document) -> None:
        rule(document, "premium_multiple")["table"]["rows"][1]["when"] = ["<> 5"]

    (finding,) = check_pack(changed(bad)).findings
    assert finding.text.zh.startswith("第 2 行“")
    assert finding.text.en.startswith("row 2, ")
    assert not re.search(r"[a-z]{2,} [a-z]{2,}", finding.text.zh), finding.text.zh
