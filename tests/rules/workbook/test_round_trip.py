"""A pack through a workbook and back: the very bytes; a workbook through a pack and back: the very cells."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.document import Expectation, PackDocument, PackTest, write_document
from rules.engine.language import TableDefinition
from rules.tools.sample import sample_pack_bytes
from rules.workbook import WorkbookError, export_pack, import_pack, read_workbook, write_workbook
from tests.rules.workbook.books import cells_of
from tests.rules.workbook.documents import documents, texts
from tests.rules.workbook.small_pack import DOCUMENT

SHIPPED = Path(__file__).parents[3] / "resources" / "packs" / "sample.xlsx"
MEGABYTE = 1_000_000


def test_the_sample_pack_comes_back_to_the_byte(sample_book: bytes) -> None:
    assert import_pack(sample_book) == sample_pack_bytes()


def test_the_shipped_workbook_is_the_shipped_pack() -> None:
    assert SHIPPED.stat().st_size < MEGABYTE
    assert import_pack(SHIPPED.read_bytes()) == sample_pack_bytes()


def test_the_shipped_workbook_says_what_export_says_now(sample_book: bytes) -> None:
    assert cells_of(SHIPPED.read_bytes()) == cells_of(sample_book)


def test_the_same_pack_gives_the_same_bytes(book: bytes) -> None:
    assert write_workbook(DOCUMENT) == book


def test_a_workbook_comes_back_with_the_same_cells(book: bytes) -> None:
    assert cells_of(export_pack(import_pack(book))) == cells_of(book)


def test_one_of_everything_comes_back(book: bytes) -> None:
    assert import_pack(book) == write_document(DOCUMENT)


@settings(max_examples=25, deadline=None)
@given(documents())
def test_any_document_comes_back(document: PackDocument) -> None:
    raw = write_workbook(document)
    back, _ = read_workbook(raw)
    assert write_document(back) == write_document(document)
    assert cells_of(write_workbook(back)) == cells_of(raw)


@settings(max_examples=25, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6))
def test_any_text_comes_back(found: list[str]) -> None:
    tests = tuple(
        PackTest(
            name=f"case {number}",
            facts={"kind": text, "claim_types": (text, "x"), "bill_number": text},
            expect=Expectation(referred=True, total_fen=0, waivers=(text,), reasons=(), values={"factor": text}),
        )
        for number, text in enumerate(found)
    )
    rules = (msgspec.structs.replace(DOCUMENT.rules[0], clause=found[0], expression=found[-1]), *DOCUMENT.rules[1:])
    document = msgspec.structs.replace(DOCUMENT, rules=rules, tests=tests)
    assert write_document(read_workbook(write_workbook(document))[0]) == write_document(document)


def test_what_no_workbook_can_say_is_refused() -> None:
    # Exclusions are marked on the steps, so their order is the steps'.
    (liability,) = DOCUMENT.liabilities
    odd = msgspec.structs.replace(liability, exclusions=("within", "hospital"))
    with pytest.raises(WorkbookError) as refused:
        write_workbook(msgspec.structs.replace(DOCUMENT, liabilities=(odd,)))
    assert [problem.code for problem in refused.value.problems] == ["not_sayable"]
    long = msgspec.structs.replace(liability, clause="长" * 40_000)
    with pytest.raises(WorkbookError) as refused:
        write_workbook(msgspec.structs.replace(DOCUMENT, liabilities=(long,)))
    assert [problem.code for problem in refused.value.problems] == ["too_long"]


def test_a_large_table_has_a_sheet_of_its_own() -> None:
    definition = DOCUMENT.rules[1].table
    assert isinstance(definition, TableDefinition)
    rows = tuple(
        msgspec.structs.replace(definition.rows[1], when=('"门诊"', f"[0.{number:03}..0.{number + 1:03})"))
        for number in range(300)
    )
    large = msgspec.structs.replace(definition, rows=rows)
    rules = tuple(
        msgspec.structs.replace(rule, table=large) if rule.id == "factor" else rule for rule in DOCUMENT.rules
    )
    document = msgspec.structs.replace(DOCUMENT, rules=rules)
    raw = write_workbook(document)
    assert len(cells_of(raw)["表·factor"]) > 3 * len(rows)
    assert "B9" in cells_of(raw)["表"]
    assert write_document(read_workbook(raw)[0]) == write_document(document)
