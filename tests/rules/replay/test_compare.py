"""Two packs over one history: every changed payout is named, classed by where the change comes from, and adds up."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from rules.engine import load_pack
from rules.replay import ChangeClass, ClaimsFile, Comparison, compare
from rules.replay.report import write_report
from rules.tools.commands import main
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import Change as Edit
from tests.rules.edited_packs import Document, changed
from tests.rules.replay.history import history, one_by_one, payable, sample, write_history

PACK = sample()
COUNT = 600


@pytest.fixture(scope="module")
def claims_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    claims = history(PACK, COUNT)
    paid: dict[str, int | None] = {no: payable(each) for no, each in one_by_one(PACK, claims).items()}
    # One claim was paid otherwise than the rules say, of one nothing was recorded.
    first = next(no for no in sorted(paid) if paid[no])
    paid[first] = (paid[first] or 0) + 1
    paid[claims[-1].claim_no] = None
    return write_history(tmp_path_factory.mktemp("history") / "claims.parquet", PACK, claims, paid)


def compared(claims_file: Path, edit: Edit) -> Comparison:
    new = load_pack(changed(edit))
    file = ClaimsFile.open(claims_file)
    return compare(PACK, new, file.read([str(name) for name in {**PACK.elements, **new.elements}]))


def next_version(document: Document) -> None:
    document["version"] += 1


def test_the_same_rules_change_nothing(claims_file: Path) -> None:
    comparison = compared(claims_file, next_version)
    assert comparison.changes == ()
    assert comparison.net_fen == 0
    assert comparison.claims == COUNT
    assert comparison.recorded_otherwise == 1


def halve_a_sum(document: Document) -> None:
    """Make every payable plan pay by other figures: the hospital cash of a day."""
    for parameters in _parameters(document):
        if "cash_per_day" in parameters:
            parameters["cash_per_day"] //= 2


def _parameters(document: Document) -> list[Document]:
    found = []
    for plan in document["plans"]:
        found.append(plan.get("parameters", {}))
        found.extend(each.get("parameters", {}) for each in plan["liabilities"])
    return found


def test_a_changed_figure_is_a_change_of_rules_and_the_totals_add_up(claims_file: Path) -> None:
    comparison = compared(claims_file, halve_a_sum)
    new = load_pack(changed(halve_a_sum))
    before, after = one_by_one(PACK, history(PACK, COUNT)), one_by_one(new, history(PACK, COUNT))
    expected = {
        no: (payable(before[no]), payable(after[no]))
        for no in before
        if payable(before[no]) != payable(after[no]) or type(before[no]) is not type(after[no])
    }
    assert expected, "the figure matters"
    assert {each.claim_no: (each.old_fen, each.new_fen) for each in comparison.changes} == expected
    assert comparison.net_fen == sum(each.by_fen for each in comparison.changes)
    assert {each.change_class for each in comparison.changes} <= {ChangeClass.RULE, ChangeClass.DATA}
    assert all(each.rule for each in comparison.changes)


def test_a_figure_that_changes_from_a_date_on_is_a_change_of_version(claims_file: Path) -> None:
    comparison = compared(claims_file, halve_from_2020)
    assert comparison.changes
    assert {each.change_class for each in comparison.changes} <= {ChangeClass.VERSION, ChangeClass.DATA}


def test_a_pack_that_ends_earlier_refers_and_says_that_it_is_the_version(claims_file: Path) -> None:
    comparison = compared(claims_file, lambda document: document.update(valid_to="2020-01-01"))
    assert comparison.changes
    # What an earlier claim no longer takes from a pool, a later one may get.
    assert all(each.new_referred or each.new_fen > each.old_fen for each in comparison.changes)
    assert {each.change_class for each in comparison.changes} <= {ChangeClass.VERSION, ChangeClass.DATA}


def test_a_record_that_the_old_rules_do_not_give_is_told_as_such(claims_file: Path) -> None:
    comparison = compared(claims_file, lambda document: document.update(valid_to="2020-01-01"))
    data = [each for each in comparison.changes if each.change_class is ChangeClass.DATA]
    assert [each.paid_fen for each in data] == [each.old_fen + 1 for each in data]
    assert len(data) == 1


def test_worst_comes_first(claims_file: Path) -> None:
    worst = compared(claims_file, halve_a_sum).worst(5)
    sizes = [abs(each.by_fen) for each in worst]
    assert sizes == sorted(sizes, reverse=True)


def test_the_page_has_every_total_and_takes_no_markup_from_a_claim(claims_file: Path, tmp_path: Path) -> None:
    comparison = compared(claims_file, halve_a_sum)
    page = write_report(PACK, load_pack(changed(halve_a_sum)), comparison)
    assert f"{len(comparison.changes):,} 件不同" in page
    assert page.count("<svg") >= len({each.rule for each in comparison.changes})
    assert not re.search(r"src=|href=|@import|url\(", page), "the page needs nothing else"
    hostile = comparison.changes[:1]

    renamed = msgspec.structs.replace(
        comparison, changes=(msgspec.structs.replace(hostile[0], claim_no="<script>alert(1)</script>"),)
    )
    assert "<script>" not in write_report(PACK, PACK, renamed)


def test_the_command_compares_on_two_workers_as_alone(
    claims_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, page = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "diff.html"
    old.write_bytes(sample_pack_bytes())
    new.write_bytes(changed(halve_a_sum))
    command = ["diff", str(old), str(new), str(claims_file), "--json"]
    assert main([*command, "--html", str(page)]) == 1, "a difference is told by the exit code, as of any diff"
    alone = json.loads(capsys.readouterr().out)
    assert main([*command, "--workers", "2"]) == 1
    assert json.loads(capsys.readouterr().out) == alone
    assert alone["net_fen"] == sum(each["new_fen"] - each["old_fen"] for each in alone["changes"])
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["diff", str(old), str(old), str(claims_file)]) == 0


def test_edits_named_here_exist() -> None:
    document = json.loads(sample_pack_bytes())
    assert any("cash_per_day" in parameters for parameters in _parameters(document))


def halve_from_2020(document: Document) -> None:
    for parameters in _parameters(document):
        if isinstance(parameters.get("cash_per_day"), int):
            parameters["cash_per_day"] = {
                "values": [
                    {"valid_from": "2000-01-01", "value": parameters["cash_per_day"]},
                    {"valid_from": "2020-01-01", "value": parameters["cash_per_day"] // 2},
                ]
            }


def halve_from_2020_and_change_what_has_nothing_to_do_with_it(document: Document) -> None:
    halve_from_2020(document)
    for parameters in _parameters(document):
        if isinstance(parameters.get("deductible"), int):
            parameters["deductible"] += 1


def test_a_figure_that_a_step_does_not_read_does_not_change_the_class_of_its_change(claims_file: Path) -> None:
    dated = {each.claim_no: each.rule for each in compared(claims_file, halve_from_2020).changes}
    both = compared(claims_file, halve_from_2020_and_change_what_has_nothing_to_do_with_it).changes
    same = [each for each in both if dated.get(each.claim_no) == each.rule]
    assert same
    assert len(both) > len(same), "the other figure changes other claims"
    assert {each.change_class for each in same} <= {ChangeClass.VERSION, ChangeClass.DATA}


def test_a_claim_outside_the_validity_is_said_to_be_so(claims_file: Path) -> None:
    changes = compared(claims_file, lambda document: document.update(valid_to="2020-01-01")).changes
    assert "engine:validity" in {each.rule for each in changes}
    assert not {each.rule for each in changes if each.new_referred} - {"engine:validity"}
