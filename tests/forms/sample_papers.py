"""A filled-in sample of every paper there is: invented people, one earthquake, and the same loss on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from claims.capitals import CURRENCY_PREFIX, amount_in_capitals
from claims.day_end import DayEnd, DayKind, Difference, DifferenceKind
from claims.document_contents import day_end_count
from claims.errors import Bilingual
from claims.events import PaperKind
from claims.field_catalogue import HEAD_FIELDS, field_of
from claims.form_fields import FieldKind, FieldSpec
from claims.number_blocks import BlockStanding
from claims.numbering import kind_name
from claims.paper_definitions import (
    Amount,
    Facts,
    PaperDefinition,
    PaperId,
    Signatures,
    Table,
    Ticks,
    Words,
    paper_definition,
)
from claims.papers import FilledPaper, Mark, Printed, Signed
from forms.written import placeholders
from tests.forms import samples

QUAKE = "清溪 11·20 地震"
_LAW = Bilingual(
    "条款 2.2：被保险人经医院初次确诊患本合同附表所列重大疾病之一的，保险人按基本保险金额给付重大疾病保险金。附表未列的疾病和损伤，不在本合同的保险责任之内。",
    "Clause 2.2: the basic sum is paid when a hospital first diagnoses one of the critical illnesses in the annex; illnesses and injuries that it does not list are not covered.",
)
_FACTS = Bilingual(
    "2026 年 11 月 20 日清溪地震中，被保险人被坠落的门框砸伤左前臂，次日在清溪县人民医院门诊清创缝合，诊断为左前臂开放性伤口。",
    "In the Qingxi earthquake of 20 November 2026 a falling door frame hit the insured's left forearm; the wound was cleaned and sutured the next day.",
)
_LEAFLET = Bilingual(
    "一、报案后一小时内有人联系您。\n二、材料齐全的，一日内给出结果；我们主动上门收取材料。\n三、身份证件遗失的，可以凭公安或村（居）委会证明先行办理。\n"
    "四、地震期间不限定点医院，不限药品和诊疗项目目录，不设免赔额。\n五、住院押金有困难的，可以申请预付。\n六、对结果不满意的，换一个人复核。",
    "1. Somebody calls you within one hour of your report.\n2. With complete papers you have an answer within a day; we come and fetch them.\n"
    "3. Lost your identity card? A certificate of police or village committee will do for now.\n"
    "4. During the earthquake any hospital, medicine and treatment counts, and nothing is held back first.\n"
    "5. If you can't pay a hospital's deposit, ask for an advance.\n6. If you are not content another person looks at it again.",
)

_SAID: dict[str, Printed] = {
    "case.policy_nos": "AT-A 2026 990101 0316、AT-C 2024 990101 0042",
    "policyholder.name": "周立安",
    "insured.name": "周立安",
    "insured.phone": "19900010002",
    "insured.id_type": "resident",
    "insured.id_number": "990101197503120159",
    "insured.id_expiry": "2036-05-01",
    "applicant.name": "周立安",
    "applicant.relation": "self",
    "applicant.id_type": "resident",
    "applicant.id_number": "990101197503120159",
    "applicant.id_expiry": "2036-05-01",
    "applicant.phone": "19900010002",
    "case.loss_date": "2026-11-20",
    "loss.time": "14:28",
    "case.loss_place": "清溪县石桥镇三组 17 号",
    "loss.cause": "accident",
    "claim.type": ["accident_medical", "hospital_cash"],
    "case.description": "地震时在家中，被坠落的门框砸伤左前臂，邻居帮助包扎，次日步行到县医院清创缝合七针。",
    "social_insurance.kind": "resident",
    "other_cover.any": True,
    "other_cover.details": "学平险（另一家公司），保额 20,000.00 元，尚未申请。",
    "payee.name": "周立安",
    "payee.relation": "self",
    "payee.id_number": "990101197503120159",
    "payee.bank": "示例银行清溪县支行",
    "payee.account": "6200 0000 0000 0000 122",
    "principal.name": "周立安",
    "principal.relation": "self",
    "principal.id_type": "resident",
    "principal.id_number": "990101197503120159",
    "principal.phone": "19900010002",
    "applicant.on_behalf": "—",
    "authority.scope": "递交理赔材料、签收文书、查询进度；不含代领保险金。",
    "prepay.policy_no": "AT-A 2026 990101 0316",
    "agent.name": "周小荷",
    "agent.relation": "女儿",
    "agent.id_type": "resident",
    "agent.id_number": "990101200107080264",
    "agent.phone": "19900010007",
    "authority.from": "2026-11-22",
    "authority.to": "2027-01-31",
    "notice.addressee": "周立安",
    "notice.date": "2026-11-22",
    "delivery.to": "清溪一中安置点 B 区 12 号帐篷",
    "supplement.how": "交到任何一个服务站，或拍照发到报案时留的号码；老人和伤员可以请我们上门来取。",
    "supplement.until": "2026-12-20",
    "decision.standing": Bilingual("预核，尚待总部终审", "Pre-approved, final decision by headquarters"),
    "decision.total": 648824,
    "decision.story": Bilingual(
        "您这次看病的票据一共 8,210.30 元。因为是地震，不限医院，也不限药品；扣掉合同约定先由自己承担的 100.00 元，剩下的按八成给付，一共 6,488.24 元。",
        "Your bills come to 8,210.30. Because of the earthquake any hospital and medicine counts; 100.00 stay with you by the contract, and four fifths of the rest, 6,488.24, are paid.",
    ),
    "decision.pending": Bilingual("AT-C 2024 990101 0042：总部审核中。", "AT-C 2024 990101 0042: with headquarters."),
    "refusal.kind": Bilingual("拒付", "refused"),
    "refusal.policies": "AT-C 2024 990101 0042",
    "refusal.on": "2026-11-22",
    "refusal.until": "2026-11-25",
    "refusal.by": "总部理赔部 沈知远",
    "refusal.facts": _FACTS,
    "refusal.clause": _LAW,
    "refusal.grounds": Bilingual(
        "本保单只承担重大疾病责任。开放性伤口不在条款附表所列的重大疾病之内，因此不属于本保单的保险责任。您在另一张保单下的意外医疗申请不受影响。",
        "This policy covers critical illnesses only; an open wound is not among those of its annex. Your claim under the other policy is not affected.",
    ),
    "refund.amount": 120000,
    "prepay.amount": 500000,
    "prepay.details": "住院押金收据 99060301，清溪县人民医院 2026-11-21。",
    "interview.date": "2026-11-22",
    "interview.from": "09:10",
    "interview.to": "09:35",
    "interview.others": "无",
    "interview.place": "清溪一中安置点服务站",
    "investigator.first": "林晓禾",
    "investigator.first_no": "0417",
    "investigator.second": "陆一帆",
    "investigator.second_no": "0420",
    "interviewee.name": "杜䶮𬭊",
    "interviewee.sex": "female",
    "interviewee.id_type": "household_book",
    "interviewee.id_number": "990101198011020246",
    "interviewee.phone": "19900010009",
    "interviewee.relation": "邻居",
    "interviewee.address": "清溪县石桥镇三组 18 号",
    "interview.read_to": "read_self",
    "split.next_insurer": "示例健康保险股份有限公司",
    "bill_kind": "outpatient",
    "split.bill": "99060126 / 0000731846，清溪县人民医院",
    "admission_date": "2026-11-21",
    "discharge_date": "2026-11-21",
    "bill_total": 821030,
    "self_expense": 191580,
    "account_paid": 0,
    "si_settled": False,
    "split.paid": 648824,
    "split.left": 172206,
    "split.original_place": "清溪一中安置点服务站",
    "split.standing": Bilingual("预核，尚待总部终审", "Pre-approved, final decision by headquarters"),
    "leaflet.text": _LEAFLET,
    "voucher.policy": "AT-A 2026 990101 0316",
}


_EVENING = datetime(2026, 11, 22, 9, 31, tzinfo=UTC)
_DAY = DayEnd(
    day=date(2026, 11, 22),
    blocks=tuple(
        BlockStanding(kind, prefix, first, last, used, voided, blank, unused, None, None)
        for kind, prefix, first, last, used, voided, blank, unused in (
            ("voucher", "QX07-D3", 101, 200, 41, 2, 0, 57),
            ("slip", "QX07-D3-S", 1, 100, 31, 0, 0, 69),
            ("document", "QX07-D3-W", 1, 200, 9, 1, 1, 189),
        )
    ),
    kinds=tuple(
        DayKind(kind, kind_name(kind.value), printed, printed, counted)
        for kind, printed, counted in (
            (PaperKind.VOUCHER, 18, 17),
            (PaperKind.SLIP, 15, 15),
            (PaperKind.DOCUMENT, 8, 8),
        )
    ),
    differences=(
        Difference(
            DifferenceKind.MISCOUNTED,
            None,
            Bilingual("给付凭证：打印记录 18 张，清点 17 张。", "voucher: 18 printed by the records, 17 counted."),
        ),
    ),
    counted_at=_EVENING,
)
"""An evening on which one voucher's copy was not found: what the sheet says is what the day-end itself makes of it."""
_CAPITALS = CURRENCY_PREFIX + amount_in_capitals(648824)
_ROWS: dict[tuple[PaperId, str], tuple[tuple[str, ...], *tuple[tuple[Printed, ...], ...]]] = {
    (PaperId.APPLICATION, "applicants"): (
        (
            "applicant.name",
            "applicant.relation",
            "applicant.id_type",
            "applicant.id_number",
            "applicant.id_expiry",
            "applicant.phone",
        ),
        *(("周立安", "self", "resident", "990101197503120159", "2036-05-01", "19900010002"),),
    ),
    (PaperId.APPLICATION, "accounts"): (
        (
            "payee.name",
            "payee.bank",
            "payee.account",
        ),
        *(("周立安", "示例银行清溪县支行", "6200 0000 0000 0000 122"),),
    ),
    (PaperId.SUPPLEMENT_NOTICE, "materials"): (
        (
            "material.name",
            "material.why",
            "material.how",
        ),
        *(
            (
                Bilingual("医疗费用明细清单", "itemised list of the medical expenses"),
                Bilingual("确定损失程度（保险法第二十二条）", "shows the extent of the loss (art. 22)"),
                Bilingual("由医院收费处打印", "printed by the hospital's cashier"),
            ),
            (
                Bilingual("领款人银行账户复印件", "copy of the payee's bank account"),
                Bilingual("确定付到哪里", "shows where to pay"),
                Bilingual(
                    "存折首页或银行卡正面，拍照也可以", "first page of the passbook or the card's face; a photo will do"
                ),
            ),
        ),
    ),
    (PaperId.SUPPLEMENT_NOTICE, "waived"): (
        (
            "waived.material",
            "waived.waiver",
        ),
        *(
            (
                Bilingual("事故证明", "proof of the accident"),
                Bilingual("W-05，以政府公布的灾情为准", "W-05, by the public record"),
            ),
        ),
    ),
    (PaperId.DECISION_NOTICE, "liabilities"): (
        (
            "policy.number",
            "liability.name",
            "liability.basis",
            "liability.amount",
            "liability.capitals",
        ),
        *(("AT-A 2026 990101 0316", Bilingual("意外医疗", "accident medical"), "条款 2.3–2.8", 648824, _CAPITALS),),
    ),
    (PaperId.DECISION_NOTICE, "steps"): (
        (
            "step.liability",
            "step.item",
            "step.clause",
            "step.text",
            "step.result",
        ),
        *tuple(
            (Bilingual("意外医疗", "accident medical"), name, clause, text, result)
            for name, clause, text, result in (
                (Bilingual("医疗费总额", "bills"), "票据", "门诊票据 99060126 / 0000731846", "8,210.30"),
                (
                    Bilingual("医院范围", "hospital"),
                    "条款 2.4",
                    "地震豁免 W-02：不限定点医院",
                    Bilingual("豁免", "waived"),
                ),
                (Bilingual("目录外费用", "outside the list"), "条款 2.5", "1,915.80，地震豁免 W-03，不扣除", "0.00"),
                (Bilingual("免赔额", "deductible"), "条款 2.6", "每次事故", "−100.00"),
                (Bilingual("给付比例", "ratio"), "条款 2.7", "8,110.30 × 80%，未经社会保险结算", "−1,622.06"),
            )
        ),
    ),
    (PaperId.DECISION_NOTICE, "payees"): (
        (
            "payee.name",
            "payee.relation_shown",
            "payee.account_shown",
            "payee.voucher",
            "payee.amount",
            "payee.capitals",
        ),
        *(("周立安", Bilingual("本人", "self"), "示例银行 尾号 0122", "QX07-D3-000142-40", 648824, _CAPITALS),),
    ),
    (PaperId.DECISION_NOTICE, "others"): (
        (
            "policy.number",
            "other.name",
            "other.amount",
        ),
        *(("AT-A 2026 990101 0316", Bilingual("重复交纳的保险费", "premium paid twice"), 12000),),
    ),
    (PaperId.DECISION_NOTICE, "waived"): (
        (
            "waived.material",
            "waived.waiver",
        ),
        *(
            (
                Bilingual("事故证明", "proof of the accident"),
                Bilingual("W-05，以政府公布的灾情为准", "W-05, by the public record"),
            ),
        ),
    ),
    (PaperId.REFUSAL_NOTICE, "refunds"): (
        (
            "policy.number",
            "refund.amount",
            "refund.capitals",
        ),
        *(("AT-C 2024 990101 0042", 120000, CURRENCY_PREFIX + amount_in_capitals(120000)),),
    ),
    (PaperId.INTERVIEW_RECORD, "questions"): (
        (
            "interview.question",
            "interview.answer",
        ),
        *(
            ("地震发生时您在哪里？", "在自家院子里晒辣椒，离老周家门口七八步。"),
            (
                "您看见了什么？",
                "房子一晃，他家的门框就掉下来了，砸在他左边胳膊上，流了很多血。我拿毛巾给他扎上，叫了我儿子一起扶他到操场。",
            ),
            ("之后他去了哪里？", "当天路断了，第二天早上走到县医院缝的针，我儿子陪着去的。"),
        ),
    ),
    (PaperId.SPLIT_STATEMENT, "payments"): (
        (
            "payment.payer",
            "payment.basis",
            "payment.amount",
        ),
        *(
            (Bilingual("社会保险", "social insurance"), "票面统筹支付", 0),
            (Bilingual("本公司", "this company"), "给付凭证 QX07-D3-000142-40", 648824),
        ),
    ),
}
_MARKS = {
    PaperId.DECISION_NOTICE: (Mark.PRE_APPROVED,),
    PaperId.PREPAYMENT_AGREEMENT: (Mark.PRE_APPROVED,),
    PaperId.SPLIT_STATEMENT: (Mark.PRE_APPROVED,),
}
_OPTIONAL = frozenset({"decision.grounds", "prepay.voucher", "split.earlier", "pack.warning"})


@dataclass(frozen=True)
class Printable:
    """What a definition can show: the keys of its values and the columns of its tables."""

    keys: tuple[str, ...]
    tables: dict[str, tuple[str, ...]]


def printable(definition: PaperDefinition) -> Printable:
    """Return every key that the paper shows."""
    keys: list[str] = []
    tables: dict[str, tuple[str, ...]] = {}
    for part in definition.parts:
        match part:
            case Facts():
                keys += part.fields
            case Table():
                tables[part.rows] = tuple(column.key for column in part.columns)
                keys += [part.total] if part.total else []
            case Amount():
                keys += [part.field, *part.besides]
            case Ticks():
                keys.append(part.field)
            case Words():
                keys += [key for words in part.paragraphs for key in sorted(placeholders(words))]
            case Signatures():
                keys += [line.name for line in part.lines if line.name]
            case _:
                pass
    return Printable(tuple(dict.fromkeys(key for key in keys if key not in HEAD_FIELDS and key not in tables)), tables)


_OF_KIND: dict[FieldKind, Printed] = {
    FieldKind.AMOUNT: 123456,
    FieldKind.DATE: "2026-11-22",
    FieldKind.INSTANT: "2026-11-22T01:31:00Z",
    FieldKind.YES_NO: True,
    FieldKind.NUMBER: 3,
    FieldKind.NUMBERS: [3, 4],
}


def sample(field: FieldSpec) -> Printed:
    """Return a value for a field: the sample's own, else one of its kind."""
    if field.key in _SAID:
        return _SAID[field.key]
    if field.kind is FieldKind.CHOICE:
        return field.choices[0].value
    return _OF_KIND.get(field.kind, Bilingual(f"{field.label.zh}示例", f"sample of {field.label.en}"))


def filled(paper: PaperId) -> FilledPaper:
    """Return the sample of a paper."""
    if paper is PaperId.VOUCHER:
        return samples.voucher()
    if paper is PaperId.SLIP:
        return samples.slip(
            signed=(samples.ink("claimant", "周立安"), samples.ink("adjuster", "林晓禾", samples.OTHER_STROKES))
        )
    definition = paper_definition(paper)
    shown = printable(definition)
    station = paper in (PaperId.DAY_END_COUNT, PaperId.SERVICE_LEAFLET)
    changes: dict[str, object] = samples.NO_CASE if station else {}
    if paper is PaperId.DAY_END_COUNT:
        changes = changes | {"printed_at": _EVENING}
    head = samples.head(number="QX07-D3-W-000012-73", **changes)
    values = {key: sample(field_of(definition, key)) for key in shown.keys if key not in _OPTIONAL}
    tables = {rows: _rows(definition, rows, columns) for rows, columns in shown.tables.items()}
    if paper is PaperId.DAY_END_COUNT:
        evening = day_end_count.written(_DAY)
        values, tables = values | evening.values, dict(evening.tables)
    return FilledPaper(
        paper=paper,
        head=head,
        values=values,
        tables=tables,
        signed=_signed(definition, values),
        marks=_MARKS.get(paper, ()),
    )


def blank(paper: PaperId) -> FilledPaper:
    """Return the paper as a form to fill in by hand."""
    return FilledPaper(
        paper=paper, head=samples.head(number="QX07-D3-W-000011-76", **samples.NO_CASE), marks=(Mark.BLANK,)
    )


def _rows(definition: PaperDefinition, rows: str, columns: tuple[str, ...]) -> tuple[dict[str, Printed], ...]:
    keys, *known = _ROWS.get((definition.paper, rows), ((), ()))
    told = [dict(zip(keys, values, strict=True)) for values in known]
    return tuple({key: row.get(key, sample(field_of(definition, key))) for key in columns} for row in told)


def _signed(definition: PaperDefinition, values: dict[str, Printed]) -> tuple[Signed, ...]:
    """Return ink on every line whose name is known; the second of two lines was refused where the paper is an interview."""
    lines = [line for part in definition.parts if isinstance(part, Signatures) for line in part.lines]
    signed = []
    for number, line in enumerate(lines):
        name = "林晓禾" if line.name == "head.adjuster" else str(values.get(line.name or "", ""))
        if name:
            strokes = samples.OTHER_STROKES if number % 2 else samples.PANGRAM_STROKES
            signed.append(samples.ink(line.role, name, strokes))
    return tuple(signed)
