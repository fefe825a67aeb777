"""From a workbook to the canonical bytes of a pack.

Promise: the bytes have passed ``load_pack`` and the cover of tables, or nothing comes out and every problem is told at its cell.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.checking.pack_messages import said
from rules.engine.document import PackDocument, write_document
from rules.engine.model import PackError, Unit
from rules.workbook.locating import place_of_refusal
from rules.workbook.mending import refusals
from rules.workbook.opening import open_sheets
from rules.workbook.problems import Problem, WorkbookError
from rules.workbook.reading import Reading, read_document
from rules.workbook.report import Report
from rules.workbook.sources import Sources

# Parts that the engine can judge without liabilities and plans.
_RULES = ("element", "parameter", "rule", "pool")


@dataclass(frozen=True, slots=True)
class Imported:
    """A pack that came from a workbook: its bytes, and the cells of its parts."""

    raw: bytes
    sources: Sources


def import_pack(raw: bytes) -> bytes:
    """Return the pack of a workbook. Raises WorkbookError with everything that is wrong."""
    return import_with_sources(raw).raw


def import_with_sources(raw: bytes) -> Imported:
    """Return the pack of a workbook and where its parts stand. Raises WorkbookError with everything that is wrong."""
    report = Report()
    reading = _read(raw, report)
    problems = [*report.problems, *refused(reading)]
    if problems or reading.document is None:
        raise WorkbookError(problems)
    return Imported(write_document(reading.document), reading.sources)


def refused(reading: Reading) -> list[Problem]:
    """Return what the engine refuses, at the cells it came from; of a document that was not read whole, about its rules alone."""
    document, sources = reading.document or reading.rules_alone, reading.sources
    if document is None:
        return []
    found = refusals(document)
    if reading.document is None:
        found = (error for error in found if error.values.get("part", "").partition(" ")[0] in _RULES)
    return [
        Problem(error.code, place_of_refusal(error, sources), said(error, _unit(document, error))) for error in found
    ]


def _unit(document: PackDocument, error: PackError) -> Unit | None:
    """Return the unit of the element or parameter that a refusal is about, if it is about one."""
    kind, _, name = error.values.get("part", "").partition(" ")
    about = name if kind == "element" else error.values.get("name")
    units = {each.id: each.unit for each in document.elements} | {each.id: each.unit for each in document.parameters}
    return units.get(about or "")


def read_workbook(raw: bytes) -> tuple[PackDocument, Sources]:
    """Return the document that a workbook says, whether or not it loads, and where its parts stand. Raises WorkbookError."""
    report = Report()
    reading = _read(raw, report)
    report.settle()
    assert reading.document is not None  # noqa: S101 - without a problem there is a document
    return reading.document, reading.sources


def _read(raw: bytes, report: Report) -> Reading:
    sheets = open_sheets(raw, report)
    if not sheets:
        report.settle()
    return read_document(sheets, report)
