"""Which paper a file is, guessed from its name; and how sure that is.

Promise: a guess is only sure where the name says one paper and nothing else; a name that says two, or none, is asked about. Any text is
a name; none raises. Pure.

Source: docs/adr/0106.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from claims.materials import Material

# Chinese words are found anywhere in a name, Latin ones only as whole words. The longest one that fits counts, and what it covers is
# not read again: 受益人身份证 is no 身份证.
_SAYS: dict[Material, tuple[str, ...]] = {
    Material.APPLICATION: ("理赔申请书", "理赔申请", "申请书", "申请表", "转账授权", "application", "claim form"),
    Material.POLICY: ("保险合同", "保险单", "保单", "policy"),
    Material.INSURED_ID: (
        "被保险人身份证", "被保险人证件", "身份证明", "身份证", "护照", "军官证", "港澳通行证", "居住证",
        "id card", "idcard", "id", "identity", "passport", "sfz", "shenfenzheng",
    ),
    Material.MEDICAL_RECORD: (
        "病历", "病案", "出院小结", "出院记录", "入院记录", "诊断证明", "诊断书", "疾病证明",
        "medical record", "discharge", "discharge summary", "diagnosis", "bingli",
    ),
    Material.INPATIENT_BILL: (
        "住院票据", "住院收费票据", "住院收费", "住院发票", "住院收据", "住院费用清单", "住院清单",
        "inpatient", "inpatient bill", "hospital bill",
    ),
    Material.OUTPATIENT_BILL: (
        "门诊票据", "门诊收费票据", "门诊收费", "门诊发票", "门诊收据", "门诊费用清单", "门诊清单", "急诊票据", "处方",
        "outpatient", "outpatient bill", "clinic bill", "prescription",
    ),
    Material.MEDICAL_REPORT: (
        "病理报告", "病理", "检查报告", "检验报告", "化验单", "化验报告", "影像报告", "ct报告", "pathology",
        "pathology report", "lab report", "test report", "ct report", "mri report",
    ),
    Material.ACCIDENT_PROOF: (
        "意外事故证明", "事故证明", "意外证明", "事故认定书", "事故认定", "责任认定书",
        "accident", "accident proof", "accident report", "police report",
    ),
    Material.DISABILITY_APPRAISAL: ("伤残鉴定", "残疾鉴定", "伤残评定", "伤残等级", "disability", "disability appraisal"),
    Material.INCAPACITY_APPRAISAL: ("丧失劳动能力", "劳动能力鉴定", "incapacity"),
    Material.DEATH_CERTIFICATE: (
        "死亡医学证明", "死亡证明", "死亡推断书", "居民死亡", "death certificate", "death proof", "medical death certificate",
    ),
    Material.HOUSEHOLD_CANCELLATION: ("户籍注销证明", "户籍注销", "户口注销", "销户证明", "household cancellation"),
    Material.CREMATION_PROOF: ("火化证明", "火化", "殡葬证明", "殡葬", "安葬证明", "cremation", "burial", "cremation proof"),
    Material.BENEFICIARY_PROOF: (
        "受益人身份证明", "受益人身份证", "受益人证件", "受益人关系证明", "受益人", "亲属关系证明", "关系证明",
        "beneficiary", "beneficiaries", "beneficiary id",
    ),
    Material.BANK_ACCOUNT: (
        "领款人银行卡", "受益人银行卡", "监护人银行卡", "被保险人银行卡", "银行卡", "银行账户", "银行账号", "存折",
        "bank", "bank card", "bank account", "yhk", "yinhangka",
    ),
    Material.GUARDIAN_ID: ("监护人身份证明", "监护人身份证", "监护人证件", "guardian id", "guardian s id"),
    Material.GUARDIAN_RELATION: ("监护关系证明", "监护关系", "监护证明", "出生医学证明", "出生证明", "guardianship"),
    Material.POWER_OF_ATTORNEY: ("授权委托书", "委托书", "power of attorney", "attorney"),
    Material.AGENT_ID: (
        "受托人身份证明", "受托人身份证", "受托人证件", "代理人身份证", "代办人身份证", "agent id", "agent s id",
    ),
    Material.SUCCESSION_PROOF: ("继承权证明", "继承权公证", "继承公证", "继承权", "succession", "succession proof"),
    Material.COURT_JUDGMENT: ("宣告死亡判决书", "宣告死亡", "判决书", "judgment", "judgement", "court judgment"),
    Material.VILLAGE_PROOF: ("村委会证明", "居委会证明", "社区证明", "村委会", "居委会", "village proof", "village"),
    Material.TOWN_DEATH_PROOF: ("乡镇死亡证明", "镇政府死亡证明", "乡政府死亡证明", "town death proof"),
    Material.VICTIM_LIST: ("遇难者名单", "遇难名单", "遇难人员名单", "victim list", "list of victims"),
    Material.SITE_PHOTO: ("现场照片", "上门照片", "site photo", "scene photo"),
}  # fmt: skip
# Words that point somewhere without deciding: always asked about.
_HINTS: dict[Material, tuple[str, ...]] = {
    Material.BENEFICIARY_PROOF: ("户口本", "户口簿", "结婚证"),
    Material.DEATH_CERTIFICATE: ("死亡", "death"),
    Material.MEDICAL_REPORT: ("报告", "report", "ct", "mri"),
    Material.MEDICAL_RECORD: ("诊断", "出院", "record"),
    Material.ACCIDENT_PROOF: ("事故", "交警"),
    Material.SITE_PHOTO: ("照片", "现场"),
}
_BILL_WORDS = (
    "医疗收费票据", "电子票据", "收费票据", "票据", "发票", "收据", "费用清单", "清单", "bill", "invoice", "receipt", "e bill",
    "ebill", "fapiao",
)  # fmt: skip
_BILL_ENDINGS = (".xml", ".ofd")
_BILLS = {"inpatient": Material.INPATIENT_BILL, "outpatient": Material.OUTPATIENT_BILL}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_LATIN = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_LATIN_EDGE = re.compile(r"(?<=[a-z])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[a-z])")


@dataclass(frozen=True)
class Guess:
    """A suggestion. Not ``sure``: a person is asked before the file is taken in."""

    material: Material
    sure: bool


def guess_material(filename: str, missing: Collection[Material] = (), *, bill_kind: str = "") -> Guess:
    """Return which paper a file is by its name.

    Args:
        missing: what the case still needs, the most wanted first; suggested where the name says nothing.
        bill_kind: ``inpatient`` or ``outpatient`` where that is known of the case, else empty.
    """
    name = _plain(filename)
    said, rest = _found(name, _SAYS)
    if said:
        bill_too = said[0] not in _BILLS.values() and _says_bill(rest)
        return Guess(said[0], sure=len(said) == 1 and not bill_too)
    if _says_bill(name) or filename.casefold().endswith(_BILL_ENDINGS):
        return _bill(missing, bill_kind)
    hinted, _ = _found(name, _HINTS)
    if hinted:
        return Guess(hinted[0], sure=False)
    return Guess(next(iter(missing), Material.OTHER), sure=False)


def _bill(missing: Collection[Material], bill_kind: str) -> Guess:
    known = _BILLS.get(bill_kind)
    if known is not None:
        return Guess(known, sure=True)
    # Either kind will do for the same row of the matrix: the name alone does not say which this is.
    wanted = [each for each in missing if each in _BILLS.values()]
    return Guess(wanted[0] if len(wanted) == 1 else Material.OUTPATIENT_BILL, sure=False)


def _says_bill(name: str) -> bool:
    return any(_place(name, word) >= 0 for word in _BILL_WORDS)


def _plain(filename: str) -> str:
    """Return a name's words in lower case with a blank around each, without its ending."""
    stem = filename.rpartition(".")[0] or filename
    spread = _CAMEL.sub(" ", unicodedata.normalize("NFKC", stem))
    return f" {_LATIN_EDGE.sub(' ', _NO_LATIN.sub(' ', spread.casefold())).strip()} "


def _place(name: str, word: str) -> int:
    return name.find(f" {word} ") if word.isascii() else name.find(word)


def _found(name: str, words: dict[Material, tuple[str, ...]]) -> tuple[list[Material], str]:
    """Return the papers that a name says, the longest word first, and what is left of it: what one word covers is not read again."""
    all_words = sorted(
        ((_plain_word(word), material) for material, those in words.items() for word in those),
        key=lambda each: -len(each[0]),
    )
    found: list[Material] = []
    for word, material in all_words:
        place = _place(name, word)
        while place >= 0:
            length = len(word) + (2 if word.isascii() else 0)
            name = f"{name[:place]} | {name[place + length :]}"
            if material not in found:
                found.append(material)
            place = _place(name, word)
    return found, name


def _plain_word(word: str) -> str:
    return word if word.isascii() else _LATIN_EDGE.sub(" ", word)
