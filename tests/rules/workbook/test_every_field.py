"""No field of a pack without its place in the workbook: a field that somebody adds to a struct fails here first."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import pytest

from rules.engine import document as documents
from rules.engine.document import (
    CarrySpec,
    DrawSpec,
    ElementSpec,
    Layer,
    LiabilitySpec,
    OutputSpec,
    PackDocument,
    PackTest,
    ParameterSpec,
    PlanSpec,
    PoolSpec,
    RuleSpec,
)
from rules.engine.language import TableDefinition, TableInput, TableOutput, TableRow
from rules.workbook import labels, layout
from rules.workbook.columns import Layout
from rules.workbook.fields import fields_of, leaves
from rules.workbook.labels import Choices

# Fields that are not one column of their struct's sheet, and where else each of them is.
ELSEWHERE: dict[type[msgspec.Struct], dict[str, str]] = {
    PackDocument: {
        "elements": "要素",
        "parameters": "参数",
        "rules": "规则",
        "pools": "限额池",
        "liabilities": "责任",
        "plans": "方案",
        "tests": "用例",
        "date_bases": "产品包, a line for each basis",
    },
    RuleSpec: {"table": "表", "versions": "规则, a row for each"},
    LiabilitySpec: {
        "steps": "责任步骤",
        "concerns": "责任步骤",
        "exclusions": "责任步骤",
        "draws": "责任限额",
        "carries": "责任联动",
    },
    PlanSpec: {"parameters": "方案参数", "outputs": "附加金额"},
    PackTest: {"facts": "用例, a column for each"},
    TableDefinition: {"inputs": "表, the grid's head", "outputs": "表, the grid's head", "rows": "表, the grid"},
}
SHEETS: list[tuple[type[msgspec.Struct], Layout]] = [
    (PackDocument, layout.PACK),
    (ElementSpec, layout.ELEMENTS),
    (ParameterSpec, layout.PARAMETERS),
    (RuleSpec, layout.RULES),
    (TableDefinition, layout.TABLES),
    (PoolSpec, layout.POOLS),
    (LiabilitySpec, layout.LIABILITIES),
    (DrawSpec, layout.DRAWS),
    (CarrySpec, layout.CARRIES),
    (PlanSpec, layout.PLANS),
    (OutputSpec, layout.OUTPUTS),
    (PackTest, layout.TESTS),
]
# Structs that are part of another one's cells: a field added to one of them has to be looked at here.
INSIDE = {
    "RuleVersion": {"valid_from", "expression", "table"},
    "DatedValue": {"valid_from", "value"},
    "Dated": {"values"},
    "PlanLiability": {"liability", "parameters"},
    "WaiverSpec": {"elements", "codes", "reason"},
    "OverrideSpec": {"element", "reason"},
    "Expectation": None,
    "Layer": set(),
}


@pytest.mark.parametrize(("kind", "sheet"), SHEETS, ids=lambda each: getattr(each, "__name__", None))
def test_every_field_has_a_column(kind: type[msgspec.Struct], sheet: Layout) -> None:
    columns = {column.path for column in sheet.columns}
    elsewhere = ELSEWHERE.get(kind, {})
    missing = [path for path, _ in leaves(kind) if path not in columns and path.partition(".")[0] not in elsewhere]
    assert missing == []


@pytest.mark.parametrize(("kind", "sheet"), SHEETS, ids=lambda each: getattr(each, "__name__", None))
def test_what_a_struct_needs_its_sheet_asks_for(kind: type[msgspec.Struct], sheet: Layout) -> None:
    needed = {path for path, required in leaves(kind) if required} - set(ELSEWHERE.get(kind, {}))
    assert needed == {column.path for column in sheet.columns if column.required} & needed


def test_every_struct_of_a_document_is_looked_at() -> None:
    structs = {
        each.__name__: each
        for each in vars(documents).values()
        if isinstance(each, type) and issubclass(each, Layer) and each.__module__ == documents.__name__
    }
    known = {kind.__name__ for kind, _ in SHEETS} | set(INSIDE)
    assert set(structs) <= known
    for name, fields in INSIDE.items():
        if fields is not None:
            assert {field.name for field in fields_of(structs[name])} == fields
    for kind, names in (
        (TableInput, {"expression", "allowed"}),
        (TableOutput, {"name", "default"}),
        (TableRow, {"when", "then"}),
    ):
        assert {field.name for field in fields_of(kind)} == names


def test_every_choice_has_its_words_and_every_form_is_read() -> None:
    lists = [each for each in vars(labels).values() if isinstance(each, Choices)]
    assert len(lists) > 9
    for choices in lists:
        for label in choices.labels:
            member = choices.member(label)
            zh, _, en = label.partition(" ")
            assert isinstance(member, StrEnum)
            assert choices.member(zh) is choices.member(en) is choices.member(member.value) is member
            assert choices.label(member) == label


def test_headings_and_titles_are_no_two_alike() -> None:
    for sheet in layout.SHEETS:
        for said in ([column.zh for column in sheet.columns], [column.en.casefold() for column in sheet.columns]):
            assert len(set(said)) == len(said), sheet.zh
        assert all(column.note and column.width for column in sheet.columns)
    titles = [title for sheet in (*layout.SHEETS, *layout.UNREAD) for title in (sheet.zh, sheet.en)]
    assert len(set(titles)) == len(titles)
