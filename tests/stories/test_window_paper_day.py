"""Story: the evening of a day at the station. A voucher that was printed comes back as a photograph and is genuine; the second time it is told;
the papers are counted and agree; the register goes to a stick.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openpyxl import load_workbook
from PySide6.QtWidgets import QWidget

from claims.records import PaperState
from tests.forms.reading import raster_in_colour
from tests.stories.at_the_counter import (
    files_of,
    find_person,
    paper_out,
    prepared,
    printer_that_writes,
    sign_both,
    unlock,
)
from tests.stories.office import Office
from tests.stories.window import window_at
from views import file_saving
from views.file_saving import FileKind
from views.presentation import Presentation

PAPERS = ("理赔申请书", "身份证", "病历", "银行卡", "病理报告")
LIMIT = 16


@contextmanager
def saved_to(folder: Path) -> Iterator[None]:
    """Answer the save dialog with a folder: a stick."""

    def answer(
        _parent: QWidget, _ui: Presentation, suggested: Path, _kind: FileKind, chosen: Callable[[Path | None], None]
    ) -> None:
        chosen(folder / suggested.name)

    before = file_saving.open_save_dialog
    file_saving.open_save_dialog = answer
    folder.mkdir()
    try:
        yield
    finally:
        file_saving.open_save_dialog = before


def photographed(pdf: Path, out: Path) -> Path:
    """Photograph the first page that came out of the printer."""
    picture = io.BytesIO()
    raster_in_colour(pdf.read_bytes(), 200).save(picture, "JPEG", quality=70)
    out.write_bytes(picture.getvalue())
    return out


def test_the_evening_of_a_day_at_the_station(office: Office, tmp_path: Path) -> None:
    laptop = prepared(office)
    printed, stick = tmp_path / "printed.pdf", tmp_path / "stick"
    with printer_that_writes(printed), saved_to(stick), window_at(laptop.settings.home) as person:
        unlock(person, laptop)
        find_person(person, "陈㛃")
        person.press("Return")
        person.choose("理赔类型", "重大疾病")
        person.fill("出险日期", "2026-11-10")
        person.fill("出险地点", "客户家中")
        person.fill("报案方式", "上门")
        person.press("Ctrl+Return")
        person.drop("拖到这里", files_of(tmp_path / "papers", PAPERS, ("姓名 陈㛃",)))
        person.fill("首次确诊日期", "2026-11-10")
        person.fill("重大疾病种类", "恶性肿瘤")
        person.fill("ICD-10", "C18.7")
        person.fill("ICD-O-3", "8140/3")
        person.choose("是否有病理报告", "是")
        person.press("Ctrl+Return")
        person.press("Ctrl+Return")
        sign_both(person)
        paper_out(person)

        person.actions = 0
        person.click("验真")
        photo = photographed(printed, tmp_path / "微信图片.jpg")
        person.drop("凭证二维码的文字", [photo])
        assert person.can_see("真凭证")
        assert person.can_see("250,000.00")
        assert person.can_see("陈㛃")
        person.fill("出示人姓名", "陈㛃")
        person.press("Ctrl+Return")
        assert person.can_see("已登记：陈㛃 出示")
        person.drop("凭证二维码的文字", [photo])
        assert person.can_see("出示过了，不能再付")

        person.click("单证")
        person.fill("清点给付凭证", "1")
        person.press("Ctrl+Return")
        assert person.can_see("号段、记录、打印、清点全部相符")
        person.click("打印日结单")
        person.wait_until(lambda: not person.can_see("正在打印") and person.window.tasks.under_way == 0)
        person.fill("哪一本登记簿", "给付凭证登记簿")
        person.click("存成 Excel")
        person.fill("哪一本登记簿", "凭证出示登记簿")
        person.click("存成 Excel")
        assert person.actions <= LIMIT, person.actions
        assert person.watch.stalls == []
    with laptop.desk() as desk:
        (paper,) = [each for each in desk.papers() if each.case_no]
        assert paper.state is PaperState.REDEEMED
    registers = {each.name.split("-")[0]: load_workbook(each).worksheets[0] for each in stick.iterdir()}
    assert set(registers) == {"给付凭证登记簿", "凭证出示登记簿"}
    (_, voucher) = registers["给付凭证登记簿"].iter_rows(values_only=True)
    assert voucher[0] == paper.number
    assert 250_000 in voucher
    (_, presented) = registers["凭证出示登记簿"].iter_rows(values_only=True)
    assert (presented[1], presented[3]) == (paper.number, "陈㛃")
