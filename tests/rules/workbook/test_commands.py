"""``outpost-rules import`` and ``export``: what they write, what they print, and that nothing is half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from rules.engine.document import write_document
from rules.tools.commands import main
from rules.tools.sample import sample_pack_bytes
from rules.tools.writing import write_whole
from rules.workbook import export_pack
from tests.rules.workbook.books import cells_of, edited, with_cells
from tests.rules.workbook.small_pack import DOCUMENT

ROOT = Path(__file__).parents[3]


def test_export_and_import_give_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack, book, back = tmp_path / "pack.json", tmp_path / "包.xlsx", tmp_path / "back.json"
    pack.write_bytes(write_document(DOCUMENT))
    assert main(["export", str(pack), str(book)]) == 0
    assert main(["import", "--draft", str(book), str(back)]) == 0
    assert back.read_bytes() == pack.read_bytes()
    assert "sha256" in capsys.readouterr().out
    assert sorted(each.name for each in tmp_path.iterdir()) == ["back.json", "pack.json", "包.xlsx"]


def test_a_wrong_workbook_is_told_whole_and_leaves_the_pack_alone(
    tmp_path: Path, book: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, pack = tmp_path / "wrong.xlsx", tmp_path / "pack.json"
    wrong.write_bytes(with_cells(book, {"要素!G8": "abc", "规则!G3": None}))
    pack.write_bytes(b"the pack of yesterday")
    assert main(["import", str(wrong), str(pack)]) == 2
    said = capsys.readouterr().err
    assert "2 个问题 / problems" in said
    assert "要素!G8：“abc”不是数" in said
    assert 'Elements!G8: "abc" is no number' in said
    assert "规则!G3：" in said
    assert pack.read_bytes() == b"the pack of yesterday"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_blocks_a_build_blocks_an_import(tmp_path: Path, book: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    # The small pack's worked cases do not come out, and it has far too few of them.
    path, pack = tmp_path / "book.xlsx", tmp_path / "pack.json"
    path.write_bytes(book)
    assert main(["import", str(path), str(pack)]) == 1
    assert "不予生成" in capsys.readouterr().err
    assert not pack.exists()


def test_what_blocks_a_build_is_told_at_its_cell_in_yuan_and_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, pack = tmp_path / "book.xlsx", tmp_path / "pack.json"
    halved = "if bill_total > 8000.00 yuan then amount * 0.5 else amount * ratio"
    sample = export_pack(sample_pack_bytes())
    names = {str(cells.get("A" + str(row))): row for cells in [cells_of(sample)["规则"]] for row in range(1, 200)}
    slips: dict[str, object] = {
        "用例·AT-A!C4": 801,
        "用例·AT-A!B5": "是",
        "用例·AT-A!H6": "CAT-1",
        f"规则!G{names['reimbursed']}": halved,
    }
    book.write_bytes(with_cells(sample, slips))
    assert main(["import", str(book), str(pack)]) == 1
    assert not pack.exists()
    said = capsys.readouterr().err
    assert "用例·AT-A!C4：用例“A-2 no social insurance”：结果与预期不符：赔款合计应为 801.00 元，算出 880.00 元" in said
    assert (
        'Tests·AT-A!C4: case "A-2 no social insurance": does not come out as expected: total: expected 801.00' in said
    )
    assert "用例·AT-A!B5：" in said
    assert "转人工应为 是，算出 否" in said
    assert "expected yes, got no" in said
    assert "豁免代码应为 CAT-1，算出 无" in said
    assert "责任!J6：方案“AT-A”：bill_total 为 8,000.00 元 时给付 5,574.21 元，为 8,000.01 元 时反而只给付" in said
    assert "Liabilities!J6: " in said
    assert "8,000.00 yuan pays 5,574.21 yuan" in said
    for unheard in ("_fen", "True", "False", "('", "[test", "[plan"):
        assert unheard not in said, unheard


def test_findings_about_elements_and_a_pack_without_cases_have_their_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book.xlsx"
    sample = export_pack(sample_pack_bytes())
    rows = {str(cell): at[1:] for at, cell in cells_of(sample)["要素"].items() if at[0] == "A" and at[1:].isdigit()}
    slips: dict[str, object] = {f"要素!E{rows['bill_total']}": "日", f"要素!K{rows['claim_types']}": 5000}

    def change(opened: Workbook) -> None:
        for address, value in slips.items():
            opened["要素"][address.partition("!")[2]].value = value
        for sheet in opened.worksheets:
            if sheet.title.startswith("用例"):
                sheet.delete_rows(3, 400)

    book.write_bytes(edited(sample, change))
    assert main(["import", str(book), str(tmp_path / "pack.json")]) == 1
    said = capsys.readouterr().err
    assert f"要素!E{rows['bill_total']}：单位填的是天数，与类型不合，应为金额" in said
    assert f"要素!K{rows['claim_types']}：清单最多 5000 项" in said
    assert "用例：规则包没有测试用例" in said
    assert "Tests: the pack has no worked case" in said


def test_a_file_that_is_not_there_and_a_pack_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(tmp_path / "none.xlsx"), str(tmp_path / "pack.json")]) == 2
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{}")
    assert main(["export", str(bad), str(tmp_path / "book.xlsx")]) == 2
    assert "outpost-rules:" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["bad.json"]


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "pack.json"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"new" * 1000)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_sample_is_exported_as_it_ships(tmp_path: Path) -> None:
    book = tmp_path / "sample.xlsx"
    pack = tmp_path / "sample.json"
    pack.write_bytes(sample_pack_bytes())
    assert main(["export", str(pack), str(book)]) == 0
    assert (
        main(["import", "--draft", str(ROOT / "resources" / "packs" / "sample.xlsx"), str(tmp_path / "again.json")])
        == 0
    )
    assert (tmp_path / "again.json").read_bytes() == pack.read_bytes()
    assert os.access(book, os.R_OK)
