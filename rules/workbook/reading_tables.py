"""Reads decision tables: blocks on the sheets 表, each with its rule and hit policy above and the rows as a grid beneath.

Promise: what stands outside of a block, or beside it, is told, never skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.engine.language import TableDefinition, TableInput, TableOutput, TableRow
from rules.workbook.codecs import Code, Codec, Content, Name, read
from rules.workbook.columns import Layer
from rules.workbook.grid_codecs import Condition, Outcome
from rules.workbook.layout import GRID_HEAD, GRID_LIMIT, GRID_SIDE, INPUT, OUTPUT, TABLES
from rules.workbook.problems import Place, Wrong
from rules.workbook.records import Row, check_references, read_into, require
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet
from rules.workbook.sources import Sources

TableKey = tuple[str, date | None]
_CODE, _NAME, _CONDITION, _OUTCOME = Code(), Name(), Condition(), Outcome()
_GRID_LINES = (GRID_SIDE, GRID_HEAD, GRID_LIMIT)


@dataclass
class FoundTable:
    """A table of a workbook; ``definition`` None when it was told what is wrong with it."""

    place: Place
    definition: TableDefinition | None


@dataclass
class _Block:
    """The lines of one table, by what their first cell says (in English), and the lines of its rows."""

    head: Row
    lines: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)


def read_tables(
    sheets: Iterable[Sheet], rules: Mapping[str, Place], sources: Sources, report: Report
) -> dict[TableKey, FoundTable]:
    """Return all tables by their rule and first day."""
    found: dict[TableKey, FoundTable] = {}
    for sheet in sheets:
        for block in _blocks(sheet, report):
            _read_block(block, rules, found, sources, report)
    return found


def _words(cell: Content) -> str:
    return " ".join(str(cell.value).split()).casefold() if not cell.blank else ""


def _label(cell: Content) -> str | None:
    """Return what a line's first cell says, in English; "" of a row of the grid; None of anything else."""
    words = _words(cell)
    for zh, en in (*((column.zh, column.en) for column in TABLES.columns), *_GRID_LINES):
        if words in (zh, en.casefold(), f"{zh} {en}".casefold()):
            return en
    return "" if not words or words.replace(".0", "").isdigit() else None


def _blocks(sheet: Sheet, report: Report) -> list[_Block]:
    blocks: list[_Block] = []
    block: _Block | None = None
    before = 0
    for number in sheet.filled_rows(1):
        label = _label(sheet.cell(number, 1))
        if label == TABLES.column("rule").en:
            block = _Block(Row(sheet, number))
            blocks.append(block)
        elif block is not None and number != before + 1:
            block = None
        before = number
        if block is None:
            report.add(sheet.place(number, 1), "outside_table")
        elif label is None:
            report.add(sheet.place(number, 1), "unknown_line", found=str(sheet.cell(number, 1).value))
        elif not label:
            block.rows.append(number)
        elif label in block.lines:
            report.add(sheet.place(number, 1), "line_twice", name=label)
        else:
            block.lines[label] = number
    return blocks


def _read_block(
    block: _Block, rules: Mapping[str, Place], found: dict[TableKey, FoundTable], sources: Sources, report: Report
) -> None:
    head, sheet = block.head, block.head.sheet
    top = head.number
    for column in TABLES.columns:
        if column.en in block.lines:
            head.number = block.lines[column.en]
            read_into(head, column.path, column.codec_for({}), 2, report)
            # Beside the rule's id export writes the rule's name.
            _nothing_from(sheet, head.number, 4 if column.path == "rule" else 3, report)
    head.number = top
    require(head, TABLES.columns, report)
    check_references(head, TABLES.columns, {Layer.RULE: rules}, report)
    place = head.place("rule")
    needed = [(column.zh, column.en) for column in TABLES.columns if column.required]
    missing = [line for line in (*needed, *_GRID_LINES) if line[1] not in block.lines]
    for zh, en in missing:
        report.add(place, "missing_line", zh=zh, en=en)
    rule, start = head.text("rule"), head.values.get("valid_from")
    if rule is None or "valid_from" in head.wrong:
        return
    key = (rule, start if isinstance(start, date) else None)
    if key in found:
        earlier = found[key].place
        report.add(place, "table_twice", name=rule, zh=earlier.named(english=False), en=earlier.named(english=True))
        return
    part = f"rule {rule}" + (f", version {key[1]}" if key[1] else "")
    sources.parts.setdefault(part, place)
    for path, where in head.places.items():
        sources.fields.setdefault((part, path), where)
    found[key] = FoundTable(place, None if missing else _Grid(block, part, sources, report).definition())


@dataclass
class _Grid:
    """Reads a table's columns and rows. Used once."""

    block: _Block
    part: str
    sources: Sources
    report: Report
    good: bool = True

    def definition(self) -> TableDefinition | None:
        side, head, limit = (self.block.lines[en] for _, en in _GRID_LINES)
        sheet = self.block.head.sheet
        last = max((at for line in (side, head, limit) for at, cell in sheet.rows[line].items() if not cell.blank))
        inputs: list[TableInput] = []
        outputs: list[TableOutput] = []
        for at in range(2, last + 1):
            is_input = self._is_input(side, at)
            name = self._text(head, at, _CODE if is_input else _NAME)
            bound = None if sheet.cell(limit, at).blank else self._text(limit, at, _CONDITION if is_input else _OUTCOME)
            self.sources.grids[self.part, "0", name] = sheet.place(head, at)
            if not is_input:
                outputs.append(TableOutput(name=name, default=bound))
                continue
            inputs.append(TableInput(expression=name, allowed=bound))
            if outputs:
                self._tell(side, at, "input_after_output")
        heads = [each.expression for each in inputs] + [each.name for each in outputs]
        rows = [self._row(index, line, heads, len(inputs)) for index, line in enumerate(self.block.rows, start=1)]
        head_values = self.block.head
        if not self.good or head_values.wrong:
            return None
        fields = {each: head_values.values[each] for each in ("hit_policy", "aggregation", "complete") if each in head_values.values}  # fmt: skip
        return TableDefinition(inputs=tuple(inputs), outputs=tuple(outputs), rows=tuple(rows), **fields)  # type: ignore[arg-type]  # read by their codecs

    def _row(self, index: int, line: int, heads: list[str], inputs: int) -> TableRow:
        sheet = self.block.head.sheet
        cells = []
        for at, name in enumerate(heads, start=2):
            self.sources.grids[self.part, str(index), name] = sheet.place(line, at)
            if at < inputs + 2:
                cells.append(self._text(line, at, _CONDITION, blank="empty_test"))
            else:
                cells.append(self._text(line, at, _OUTCOME))
        _nothing_from(sheet, line, len(heads) + 2, self.report)
        return TableRow(when=tuple(cells[:inputs]), then=tuple(cells[inputs:]))

    def _is_input(self, line: int, at: int) -> bool:
        words = _words(self.block.head.sheet.cell(line, at))
        for zh, en in (INPUT, OUTPUT):
            if words in (zh, en, f"{zh} {en}"):
                return en == INPUT[1]
        self._tell(line, at, "input_or_output", found=words)
        return True

    def _text(self, line: int, at: int, codec: Codec, blank: str = "empty_cell") -> str:
        """Return a cell's text; "" of one that is blank or wrong, which is told."""
        sheet = self.block.head.sheet
        cell = sheet.cell(line, at)
        if (line, at) in sheet.refused:
            self.good = False
            return ""
        if cell.blank:
            self._tell(line, at, blank)
            return ""
        try:
            return str(read(codec, cell))
        except Wrong as finding:
            self.good = False
            self.report.wrong(sheet.place(line, at), finding)
            return ""

    def _tell(self, line: int, at: int, code: str, **values: str) -> None:
        self.good = False
        self.report.add(self.block.head.sheet.place(line, at), code, **values)


def _nothing_from(sheet: Sheet, line: int, first: int, report: Report) -> None:
    for at, cell in sorted(sheet.rows[line].items()):
        if at >= first and not cell.blank:
            report.add(sheet.place(line, at), "beside_table", found=str(cell.value))
