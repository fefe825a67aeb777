"""Guessing which paper a file is by its name: sure only where the name says one thing; any text is a name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics

from claims.errors import Bilingual, InputError
from claims.materials import Material
from tests.views.stage import Stage
from views.look.tokens import SCALES
from views.screens.case.document_tiles import tile_size
from views.screens.case.handed_in import _WHY, Paper, PaperState, verdict
from views.screens.case.material_guess import Guess, guess_material
from views.screens.case.material_words import SHORT_NAMES

SURE = {
    "理赔申请书.pdf": Material.APPLICATION,
    "理赔申请书 (1).JPG": Material.APPLICATION,
    "身份证正面.jpg": Material.INSURED_ID,
    "被保险人身份证明.png": Material.INSURED_ID,
    "ID card front.jpg": Material.INSURED_ID,
    "insured_id_card.jpg": Material.INSURED_ID,
    "idCard.jpeg": Material.INSURED_ID,
    "门诊病历.jpg": Material.MEDICAL_RECORD,
    "出院小结2026-11-20.pdf": Material.MEDICAL_RECORD,
    "discharge summary.pdf": Material.MEDICAL_RECORD,
    "门诊票据.jpg": Material.OUTPATIENT_BILL,
    "门诊收费票据及清单.ofd": Material.OUTPATIENT_BILL,
    "住院收费票据.pdf": Material.INPATIENT_BILL,
    "住院费用清单_覃建国.jpg": Material.INPATIENT_BILL,
    "Outpatient-Bill_0000731846.xml": Material.OUTPATIENT_BILL,
    "CT报告.jpg": Material.MEDICAL_REPORT,
    "意外事故证明.jpg": Material.ACCIDENT_PROOF,
    "accident report.pdf": Material.ACCIDENT_PROOF,
    "道路交通事故认定书.pdf": Material.ACCIDENT_PROOF,
    "死亡医学证明.jpg": Material.DEATH_CERTIFICATE,
    "户籍注销证明.jpg": Material.HOUSEHOLD_CANCELLATION,
    "火化证明.jpg": Material.CREMATION_PROOF,
    "受益人身份证.jpg": Material.BENEFICIARY_PROOF,
    "监护人身份证反面.jpg": Material.GUARDIAN_ID,
    "受托人身份证.jpg": Material.AGENT_ID,
    "授权委托书.jpg": Material.POWER_OF_ATTORNEY,
    "领款人银行卡.jpg": Material.BANK_ACCOUNT,
    "受益人银行卡.jpg": Material.BANK_ACCOUNT,
    "bank_card.jpg": Material.BANK_ACCOUNT,
    "乡镇死亡证明.jpg": Material.TOWN_DEATH_PROOF,
    "遇难者名单第3批.pdf": Material.VICTIM_LIST,
    "ｉｄ　ｃａｒｄ.jpg": Material.INSURED_ID,
}
ASKED = {
    "IMG_20261120_0831.jpg": Material.MEDICAL_RECORD,
    "微信图片_20261120.jpg": Material.MEDICAL_RECORD,
    "身份证银行卡.jpg": None,
    "病历和发票.jpg": Material.MEDICAL_RECORD,
    "死亡证明_火化证明.pdf": None,
    "发票.pdf": Material.OUTPATIENT_BILL,
    "电子票据.xml": Material.OUTPATIENT_BILL,
    "99060126_0000731846.ofd": Material.OUTPATIENT_BILL,
    "户口本.jpg": Material.BENEFICIARY_PROOF,
    "records of a videography.jpg": Material.MEDICAL_RECORD,
    "website.jpg": Material.MEDICAL_RECORD,
    "candid.jpg": Material.MEDICAL_RECORD,
    "": Material.MEDICAL_RECORD,
}


@pytest.mark.parametrize(("name", "material"), SURE.items())
def test_a_name_that_says_one_paper_is_sure(name: str, material: Material) -> None:
    assert guess_material(name, (Material.MEDICAL_RECORD,)) == Guess(material, sure=True)


@pytest.mark.parametrize(("name", "material"), ASKED.items())
def test_a_name_that_says_nothing_or_two_things_is_asked_about(name: str, material: Material | None) -> None:
    guess = guess_material(name, (Material.MEDICAL_RECORD,))
    assert not guess.sure
    assert material is None or guess.material is material


def test_a_bill_is_of_the_kind_that_the_form_says() -> None:
    missing = (Material.INPATIENT_BILL, Material.OUTPATIENT_BILL)
    assert guess_material("发票.pdf", missing) == Guess(Material.OUTPATIENT_BILL, sure=False)
    assert guess_material("发票.pdf", missing, bill_kind="inpatient") == Guess(Material.INPATIENT_BILL, sure=True)
    assert guess_material("门诊发票.pdf", missing, bill_kind="inpatient") == Guess(Material.OUTPATIENT_BILL, sure=True)


def test_with_nothing_missing_the_suggestion_is_another_paper() -> None:
    assert guess_material("scan0001.pdf") == Guess(Material.OTHER, sure=False)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(st.characters(), max_size=80),
        st.lists(st.sampled_from(["身份证", "银行卡", "bill", "票据", " ", "_", "住院", "死亡", ".", "İ", "ß", "\udc80"]))
        .map("".join),
    ),
    st.lists(st.sampled_from(Material), max_size=4),
    st.sampled_from(["", "inpatient", "outpatient", "住院"]),
)  # fmt: skip
def test_any_text_is_a_name(name: str, missing: list[Material], bill_kind: str) -> None:
    guess = guess_material(name, missing, bill_kind=bill_kind)
    assert guess.material in Material
    assert guess == guess_material(name, missing, bill_kind=bill_kind)


def test_every_short_name_and_verdict_fits_on_its_tile(on_stage: Stage) -> None:
    assert set(SHORT_NAMES) == set(Material)
    refused = [
        Paper(
            "k", Material.OTHER, "a", PaperState.REFUSED, error=InputError(code, Bilingual("", ""), Bilingual("", ""))
        )
        for code in (*_WHY, "unknown")
    ]
    states = [Paper("k", Material.OTHER, "a", state) for state in PaperState]
    verdicts = [verdict(paper).words for paper in (*refused, *states)]
    look = on_stage.look
    for scale in SCALES:
        look.use(scale_percent=scale)
        room = tile_size(look, low=False).width() - 2 * look.px(8)
        name = QFontMetrics(look.font("body", bold=True))
        word = QFontMetrics(look.font("caption"))
        for said in SHORT_NAMES.values():
            assert max(name.horizontalAdvance(said.zh), name.horizontalAdvance(said.en)) <= room, (scale, said)
        for said in verdicts:
            wide = max(word.horizontalAdvance(said.zh), word.horizontalAdvance(said.en)) + look.px(8 + 16 + 5 + 6)
            assert wide <= room, (scale, said)
