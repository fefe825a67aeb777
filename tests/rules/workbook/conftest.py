"""The small pack's workbook, and the sample pack's."""

from __future__ import annotations

import pytest

from rules.tools.sample import sample_pack_bytes
from rules.workbook import export_pack, write_workbook
from rules.workbook.opening import open_sheets
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet
from tests.rules.workbook.small_pack import DOCUMENT


@pytest.fixture(scope="session")
def book() -> bytes:
    return write_workbook(DOCUMENT)


@pytest.fixture(scope="session")
def sample_book() -> bytes:
    return export_pack(sample_pack_bytes())


@pytest.fixture(scope="session")
def sheets(book: bytes) -> list[Sheet]:
    report = Report()
    found = open_sheets(book, report)
    report.settle()
    return found
