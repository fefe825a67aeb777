"""Dates that no pack may have: each refusal names the part and what to put right."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import PackError, load_pack
from rules.engine.dating import MAX_DATED, MAX_VERSIONS
from tests.rules.dated_packs import dated, pack_with, with_basis, with_parameter, with_versions
from tests.rules.edited_packs import Change, Document, by_id, changed


def refused(change: Change) -> PackError:
    raw = changed(change)
    with pytest.raises(PackError) as caught:
        load_pack(raw)
    return caught.value


def both(*changes: Change) -> Change:
    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return change


def bases(**elements: str) -> Change:
    return lambda document: document["date_bases"].update(elements)


def without_basis(name: str) -> Change:
    return lambda document: document["date_bases"].pop(name)


def deductible(value: object) -> Change:
    def change(document: Document) -> None:
        by_id(document, "plans", "AT-A")["parameters"]["deductible"] = value

    return change


def rule(name: str, **fields: Any) -> Change:
    return lambda document: by_id(document, "rules", name).update(fields)


def days(count: int) -> dict[str, object]:
    return {f"{2000 + index // 336:04}-{index // 28 % 12 + 1:02}-{index % 28 + 1:02}": 10000 for index in range(count)}


FORMULA = {"valid_from": "2011-04-01", "expression": "1"}
TABLE = {
    "valid_from": "2016-01-01",
    "table": {
        "hit_policy": "unique",
        "inputs": [{"expression": "si_settled"}],
        "outputs": [{"name": "ratio"}],
        "rows": [{"when": ["-"], "then": ["1"]}],
    },
}

REFUSED: dict[str, tuple[Change, str, str]] = {
    "basis of an unknown element": (bases(report="nobody"), "unknown_name", "date basis report"),
    "basis of an element that is no date": (bases(report="bill_total"), "unknown_name", "date basis report"),
    "the liability's basis given an element": (
        bases(liability="accident_date"),
        "bad_structure",
        "date basis liability",
    ),
    "a dated figure read by a basis without an element": (
        both(without_basis("accident"), with_parameter("deductible", {"2011-04-01": 10000}, "AT-A")),
        "no_date_basis",
        "rule event_deductible_left",
    ),
    "a dated figure only told, by a basis without an element": (
        both(
            without_basis("accident"),
            with_parameter("accident_cover_days", {"2011-04-01": "180"}),
            rule("treated_in_time", expression="accident"),
        ),
        "no_date_basis",
        "rule treated_in_time",
    ),
    "versions by a basis without an element": (
        both(without_basis("report"), with_versions("ratio", "report", {"2011-04-01": "1"})),
        "no_date_basis",
        "rule ratio",
    ),
    "a dated figure without values": (deductible(dated({})), "too_large", "plan AT-A"),
    "a dated figure with too many values": (deductible(dated(days(MAX_DATED + 1))), "too_large", "plan AT-A"),
    "values out of order": (
        deductible(dated({"2024-01-01": 10000, "2023-01-01": 20000})),
        "bad_dates",
        "plan AT-A",
    ),
    "a day twice": (
        deductible({"values": [{"valid_from": "2024-01-01", "value": each} for each in (10000, 20000)]}),
        "bad_dates",
        "plan AT-A",
    ),
    "a value of the wrong type": (deductible(dated({"2024-01-01": "100.00"})), "wrong_type", "plan AT-A"),
    "a value below zero": (deductible(dated({"2011-04-01": 10000, "2024-01-01": -1})), "wrong_type", "plan AT-A"),
    "a value beyond all sums": (deductible(dated({"2024-01-01": 10**12 + 1})), "wrong_type", "plan AT-A"),
    "a dated figure that a plan lacks": (
        both(
            with_parameter("deductible", {"2011-04-01": 10000}, "AT-A"),
            lambda document: by_id(document, "plans", "AT-J")["parameters"].pop("deductible"),
        ),
        "missing_parameter",
        "plan AT-J, liability accident_medical",
    ),
    "an expression and versions": (rule("ratio", versions=[FORMULA]), "bad_structure", "rule ratio"),
    "versions of two kinds": (
        rule("ratio", expression=None, versions=[FORMULA, TABLE]),
        "bad_structure",
        "rule ratio",
    ),
    "a version that is nothing": (
        rule("ratio", expression=None, versions=[{"valid_from": "2011-04-01"}]),
        "bad_structure",
        "rule ratio",
    ),
    "a version that is both": (
        rule("ratio", expression=None, versions=[{**TABLE, "expression": "1"}]),
        "bad_structure",
        "rule ratio",
    ),
    "versions out of order": (
        rule("ratio", expression=None, versions=[{**FORMULA, "valid_from": "2024-01-01"}, FORMULA]),
        "bad_dates",
        "rule ratio",
    ),
    "too many versions": (
        with_versions("ratio", "accident", dict.fromkeys(days(MAX_VERSIONS + 1), "1")),
        "too_large",
        "rule ratio",
    ),
    "a version of the wrong type": (
        with_versions("ratio", "accident", {"2011-04-01": "1", "2024-01-01": "bill_total"}),
        "bad_expression",
        "rule ratio, version 2024-01-01",
    ),
    "a version with a name that nobody has": (
        with_versions("ratio", "accident", {"2011-04-01": "nobody"}),
        "bad_expression",
        "rule ratio, version 2011-04-01",
    ),
    "a name with a basis in it": (
        rule("ratio", expression="deductible@accident"),
        "bad_expression",
        "rule ratio",
    ),
    "a sum whose versions are tables": (
        rule("reimbursed", expression=None, versions=[TABLE]),
        "bad_structure",
        "rule reimbursed, version 2016-01-01",
    ),
    "versions that need themselves": (
        with_versions("ratio", "accident", {"2011-04-01": "1", "2024-01-01": "ratio"}),
        "cycle",
        "rule ratio",
    ),
    "a part called date": (
        lambda document: by_id(document, "elements", "report_date").update(id="date"),
        "unknown_name",
        "date basis report",
    ),
    "an output that reads a dated figure without a basis": (
        both(
            with_parameter("counter_ratio", {"2011-04-01": "0.8"}, "KQ-Z"),
            lambda document: by_id(document, "plans", "KQ-Z")["outputs"][0].update(
                expression="if counter_ratio = 1 then total else total"
            ),
        ),
        "no_date_basis",
        "plan KQ-Z, output patient_pays",
    ),
    "an output that reads a rule of the liability's date": (
        both(
            with_versions("ratio", "liability", {"2011-04-01": "1"}),
            lambda document: by_id(document, "plans", "MG-B").update(
                outputs=[
                    {
                        "id": "told",
                        "name": {"zh": "告知", "en": "told"},
                        "claimed": ["illness_medical"],
                        "expression": "if ratio = 1 then total else total",
                    }
                ]
            ),
        ),
        "no_date_basis",
        "plan MG-B, output told",
    ),
    "a loss key that changes with time": (
        both(
            with_parameter("hospital_level_min", {"2011-04-01": "2"}),
            lambda document: by_id(document, "liabilities", "accident_medical").update(
                loss_key="bill:{bill_code}:{hospital_level_min}"
            ),
        ),
        "bad_structure",
        "liability accident_medical",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_dates_that_cannot_be_are_refused_and_the_part_is_named(case: str) -> None:
    change, code, part = REFUSED[case]
    error = refused(change)
    assert (error.code, error.values["part"]) == (code, part), error


@pytest.mark.parametrize(
    "change",
    [
        lambda document: by_id(document, "rules", "ratio").pop("date_basis"),
        lambda document: by_id(document, "rules", "ratio").update(date_basis="payment"),
    ],
)
def test_every_rule_names_a_date_basis_that_there_is(change: Change) -> None:
    with pytest.raises(Exception, match="date_basis"):
        changed(change)


def test_a_basis_that_nothing_dated_goes_by_needs_no_element() -> None:
    pack = pack_with(without_basis("report"), with_basis("report", "ratio"))
    assert "report_date" not in pack.required_elements("AT-A")


def test_the_rows_of_all_versions_count() -> None:
    table = {**TABLE["table"], "rows": [{"when": ["-"], "then": ["1"]}] * 2501}  # type: ignore[dict-item]
    versions = [{"valid_from": start, "table": table} for start in ("2011-04-01", "2024-01-01")]
    error = refused(rule("ratio", expression=None, versions=versions))
    assert (error.code, error.values["part"]) == ("too_large", "table rows")


def test_as_many_versions_as_are_allowed_load_and_decide() -> None:
    pack = pack_with(with_versions("ratio", "accident", dict.fromkeys(days(MAX_VERSIONS), "1")))
    assert pack.rules["ratio"].first is not None
