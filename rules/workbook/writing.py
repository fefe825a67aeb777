"""From a pack's document to the sheets of a workbook, with all that makes them pleasant: notes, lists, widths, links.

Promise: every field that is not at its default has its cell; the order of the sheets' rows is the order of the pack. What a
workbook cannot say is refused, never left out (``rules.workbook.exporting`` reads back what was written).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from rules.engine.document import LiabilitySpec, PackDocument, RuleSpec
from rules.workbook import layout
from rules.workbook.codecs import TEXT_FORMAT, Codec, Content, written
from rules.workbook.columns import Column, Layer, Layout
from rules.workbook.fields import flattened
from rules.workbook.labels import StepRole
from rules.workbook.reading_header import VALUE_COLUMN
from rules.workbook.records import FIRST_ROW
from rules.workbook.sheet import Sheet

# Rows that a drop-down list goes on below the last entry, so that a new row has it too.
SPARE_ROWS = 200


# An entry, and what its sheet says that is not a field of its struct, or not as the struct has it.
Entry = tuple[msgspec.Struct, Mapping[str, object]]


class Look(Enum):
    """How a cell looks."""

    HEADING = "heading"
    # The heading of a column that is the pack's own: a plan, an element.
    OWN = "own"
    SUBHEADING = "subheading"
    LABEL = "label"
    READING = "reading"
    DATA = "data"
    TITLE = "title"


@dataclass(frozen=True)
class DropDown:
    """A list offered in a stretch of a column: fixed words, or the ids in another sheet's column."""

    column: int
    first: int
    last: int
    words: tuple[str, ...] = ()
    layer: Layer | None = None


@dataclass
class Page(Sheet):
    """A sheet that is being made, with its looks."""

    looks: dict[tuple[int, int], Look] = field(default_factory=dict)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    lists: list[DropDown] = field(default_factory=list)
    links: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)
    frozen: str = ""
    filtered: bool = False

    def write(self, row: int, column: int, value: object, codec: Codec, look: Look = Look.DATA) -> None:
        """Write a value by its codec. Raises Wrong when no cell can hold it."""
        self.put(row, column, written(codec, value))
        self.looks[row, column] = look

    def say(self, row: int, column: int, words: str, look: Look) -> None:
        """Write words of our own."""
        self.put(row, column, Content(words, TEXT_FORMAT))
        self.looks[row, column] = look


def headed(title: str, kind: Layout, columns: Sequence[Column] | None = None) -> Page:
    """Return a sheet with its headings, notes and widths."""
    page = Page(title, kind)
    for at, column in enumerate(columns if columns is not None else kind.columns, start=1):
        page.say(1, at, column.zh, Look.HEADING)
        page.say(2, at, column.en, Look.SUBHEADING)
        page.notes[1, at] = column.note
        page.widths[at] = column.width
    page.frozen = f"B{FIRST_ROW}"
    page.filtered = True
    return page


def offer_lists(page: Page, columns: Sequence[Column], last: int) -> None:
    """Offer each column's choices, some rows below the last entry too."""
    for at, column in enumerate(columns, start=1):
        single = column.refers is not None and not hasattr(column.codec, "item") and column.path not in _LISTS_OF_IDS
        if column.listed or single:
            layer = column.refers if single else None
            page.lists.append(DropDown(at, FIRST_ROW, last + SPARE_ROWS, column.listed, layer))


_LISTS_OF_IDS = frozenset({"waiver.elements", "rising_in", "same", "liabilities"})


def write_entries(kind: Layout, entries: Sequence[Entry]) -> Page:
    """Return the sheet of entries; the second part of each says what is not a field of its struct."""
    page = headed(kind.zh, kind)
    for row, (entry, more) in enumerate(entries, start=FIRST_ROW):
        write_row(page, row, kind.columns, entry, more)
    offer_lists(page, kind.columns, FIRST_ROW + len(entries))
    return page


def write_row(
    page: Page, row: int, columns: Sequence[Column], entry: msgspec.Struct | None, more: Mapping[str, object]
) -> None:
    """Write one entry. ``more`` goes before the struct's own field; None leaves a cell blank."""
    values: dict[str, object] = {}
    for at, column in enumerate(columns, start=1):
        value = more[column.path] if column.path in more else _field(entry, column.path)
        if value is None:
            continue
        values[column.path] = value
        codec = column.codec_for(values)
        if codec is not None:
            page.write(row, at, value, codec, Look.DATA if column.path else Look.READING)


def _field(entry: msgspec.Struct | None, path: str) -> object:
    return None if entry is None or not path else flattened(entry, path)


def write_header(document: PackDocument) -> Page:
    """Return the sheet 产品包: a line for each field."""
    kind = layout.PACK
    page = Page(kind.zh, kind)
    heads = (("项目", "", 22), ("Item", "", 22), ("值 Value", "", 30), ("说明 Explanation", "", 80))
    for at, (head, _, width) in enumerate(heads, start=1):
        page.say(1, at, head, Look.HEADING)
        page.widths[at] = width
    for row, column in enumerate(kind.columns, start=2):
        page.say(row, 1, column.zh, Look.LABEL)
        page.say(row, 2, column.en, Look.LABEL)
        page.say(row, 4, column.note, Look.READING)
        stem, _, basis = column.path.partition(".")
        value = document.date_bases.get(basis) if basis else flattened(document, stem)  # type: ignore[call-overload]  # a StrEnum is its text
        if value is not None:
            codec = column.codec_for({})
            assert codec is not None  # noqa: S101 - no line of this sheet depends on another
            page.write(row, VALUE_COLUMN, value, codec)
        page.looks[row, VALUE_COLUMN] = Look.DATA
        if column.refers is not None:
            page.lists.append(DropDown(VALUE_COLUMN, row, row, layer=column.refers))
    page.frozen = "A2"
    return page


def write_rules(document: PackDocument) -> Page:
    """Return the sheet 规则; a rule with versions has a row for each."""
    page = headed(layout.RULES.zh, layout.RULES)
    row = FIRST_ROW
    for rule in document.rules:
        for more in _rule_rows(rule):
            first = more.pop("first")
            write_row(page, row, layout.RULES.columns, rule if first else None, more)
            row += 1
    offer_lists(page, layout.RULES.columns, row)
    return page


def _rule_rows(rule: RuleSpec) -> list[dict[str, object]]:
    if not rule.versions:
        return [
            {
                "first": True,
                "expression": layout.SEE_TABLE if rule.table is not None else rule.expression,
                "valid_from": None,
            }
        ]
    rows: list[dict[str, object]] = []
    for version in rule.versions:
        body = layout.SEE_TABLE if version.table is not None else version.expression
        row: dict[str, object] = {"first": not rows, "expression": body, "valid_from": version.valid_from}
        rows.append({**row, "id": rule.id})
    return rows


def write_liabilities(document: PackDocument) -> list[Page]:
    """Return the sheets 责任, 责任步骤, 责任限额 and 责任联动."""
    names = {rule.id: rule.name.zh for rule in document.rules}
    steps: list[Entry] = []
    for liability in document.liabilities:
        for rule, role in _steps(liability):
            own: dict[str, object] = {"liability": liability.id, "role": role, "rule": rule, "": names.get(rule)}
            steps.append((liability, own))
    draws: list[Entry] = [(draw, {"liability": each.id}) for each in document.liabilities for draw in each.draws]
    carries: list[Entry] = [(carry, {"liability": each.id}) for each in document.liabilities for carry in each.carries]
    return [
        write_entries(layout.LIABILITIES, [(each, {}) for each in document.liabilities]),
        write_entries(layout.STEPS, steps),
        write_entries(layout.DRAWS, draws),
        write_entries(layout.CARRIES, carries),
    ]


def _steps(liability: LiabilitySpec) -> list[tuple[str, StepRole]]:
    pipeline = [(rule, StepRole.CONCERN) for rule in liability.concerns]
    excluded = list(liability.exclusions)
    for rule in liability.steps:
        exclusion = rule in excluded
        if exclusion:
            excluded.remove(rule)
        pipeline.append((rule, StepRole.EXCLUSION if exclusion else StepRole.STEP))
    return pipeline
