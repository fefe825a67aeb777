"""The vouchers that ``bench.paper`` draws: decided by the sample pack, signed by a device key, filled as the desk fills them. Invented people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from claims.events import GrantDebit, Outcome, PaperKind, PayeeFact, PersonFact, VoucherIssued
from claims.loss_facts import contract_facts, merge_facts
from claims.numbering import format_number
from claims.paper_content import PackAge, paper_head, voucher_content
from claims.papers import FilledPaper, Signed
from claims.promise_record import voucher_files
from claims.records import Acknowledgement, CaseRecord, DeterminationRecord, PaperRecord, PaperState
from claims.settlement import keyed_amounts
from headquarters.sample import sample_persons, sample_policies
from local_db.identity import Identity
from resources.sample_numbers import CLINIC
from rules.engine import Pack, decide, encode_facts, load_pack
from rules.engine.model import Determination, canonical, digest
from rules.tools.sample import sample_pack_bytes
from trust.certificates import issue_device, issue_root
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, seal_voucher

PRINTED_AT = datetime(2026, 11, 22, 1, 31, tzinfo=UTC)
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "建国秀英志强桂兰春梅文博雨欣梓涵浩然思远晓禾立安海燕"
_STROKES = tuple(tuple((x * 3 + y, y * 7 + x) for x in range(12)) for y in range(9))


@dataclass(frozen=True)
class IssuingDesk:
    """What a voucher needs of a laptop."""

    pack: Pack
    key: SoftwareKey
    identity: Identity


def issuing_desk() -> IssuingDesk:
    """Return a laptop below a fresh root."""
    root_key, key = SoftwareKey.generate(), SoftwareKey.generate()
    start = PRINTED_AT - timedelta(days=30)
    root = issue_root("示例人寿 Root", root_key, start, start.replace(year=2036))
    device = issue_device(root, root_key, "D3", 1, "QX07", key.public_key, start, start.replace(year=2028))
    identity = Identity(
        device="D3",
        epoch=1,
        station="QX07",
        station_name="清溪一中安置点服务站",
        adjuster="0417",
        adjuster_name="林晓禾",
        company="示例人寿保险股份有限公司",
        hotline="95000",
        root_certificate=root,
        service_certificate=b"",
        device_certificate=device,
        recovery_public_key=b"",
    )
    return IssuingDesk(load_pack(sample_pack_bytes()), key, identity)


def _name(number: int) -> str:
    return (
        _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number * 2 % len(_GIVEN)] + _GIVEN[(number * 3 + 1) % len(_GIVEN)]
    )


def issue_voucher(desk: IssuingDesk, number: int) -> FilledPaper:
    """Decide a case, sign its voucher and fill its paper: everything before the drawing."""
    policy = next(each for each in sample_policies() if each.policy_no == CLINIC)
    insured = next(each for each in sample_persons() if each.person_id == policy.insured_id)
    person = PersonFact(name=_name(number), id_number=insured.id_number, person_id=insured.person_id, sex=insured.sex)
    case = CaseRecord(
        case_no=format_number("QX07-D3-C", number),
        state="promised",
        claim_type="accident_medical",
        channel="station",
        insured=person,
        reporter=person,
        policy_nos=(CLINIC,),
        loss_date=date(2026, 11, 20),
        loss_place="清溪县",
        loss_region="990101",
        catastrophe_id=None,
        description="",
        opened_at=PRINTED_AT,
        updated_at=PRINTED_AT,
        last_seq=number,
        ack=Acknowledgement.DISK,
        outcome=Outcome.PRE_APPROVED,
        payable_fen=None,
    )
    facts = merge_facts(
        desk.pack,
        contract=contract_facts(policy) | {"claim_types": ["accident_medical"]},
        entered={
            "accident": True,
            "accident_date": "2026-11-20",
            "admission_date": "2026-11-21",
            "bill_code": "99060126",
            "bill_number": f"{number:010}",
            "bill_total": 821_030 + number,
            "self_expense": 28_625,
            "fund_paid": 142_018,
            "account_paid": 0,
            "other_payers_paid": 0,
            "commercial_paid": 0,
            "si_settled": True,
            "hospital_level": "2",
            "hospital_public": True,
            "emergency": False,
            "possible_exclusion": False,
        },
        catastrophe=dict.fromkeys(
            (
                "waive_hospital_list",
                "waive_drug_scope",
                "waive_item_scope",
                "waive_deductible",
                "major_natural_disaster",
            ),
            False,
        ),
        used_since_fen={},
    )
    decision = decide(desk.pack, facts)
    if not isinstance(decision, Determination):
        raise TypeError(f"the sample case was referred: {decision}")
    determination = DeterminationRecord(
        case_no=case.case_no,
        policy_no=CLINIC,
        pack_hash=desk.pack.hash,
        facts=encode_facts(desk.pack, facts),
        decision=canonical(decision),
        decision_sha256=digest(decision),
        outcome=Outcome.PRE_APPROVED,
        outcome_reasons=(),
        at=PRINTED_AT,
        seq=number,
    )
    payee = PayeeFact(
        name=person.name,
        id_number=person.id_number,
        relation="self",
        bank="示例银行",
        account=f"62170012345{number:08}",
    )
    (amounts,) = keyed_amounts(
        decision,
        policy_no=CLINIC,
        effective=policy.effective,
        loss_date=case.loss_date,
        insured=person,
        payees=[payee],
    )
    debits = tuple(
        GrantDebit(
            grant_id="G-D3-1-5b0c77aa12ef",
            pool=pool,
            settlement_key=key.settlement_key,
            amount_fen=key.amount_fen,
            counter=number,
        )
        for key in amounts.keys
        for pool in key.pools
    )
    voucher_no = format_number("QX07-D3", number)
    cose = seal_voucher(
        desk.key,
        desk.identity.device_certificate,
        VoucherClaims(
            voucher_no=voucher_no,
            case_no=case.case_no,
            policy_no=CLINIC,
            payee=payee.name,
            amount_fen=amounts.amount_fen,
            issued_at=int(PRINTED_AT.timestamp()),
            station="QX07",
            adjuster="0417",
            pack_hash=desk.pack.hash,
            decision_sha256=determination.decision_sha256,
            grants=("G-D3-1-5b0c77aa12ef",),
            counter=number,
        ),
    )
    issued = VoucherIssued(
        at=PRINTED_AT,
        case_no=case.case_no,
        policy_no=CLINIC,
        voucher_no=voucher_no,
        payee=payee,
        amount_fen=amounts.amount_fen,
        keys=amounts.keys,
        debits=debits,
        pack_hash=desk.pack.hash,
        decision_sha256=determination.decision_sha256,
        authority_id="A-0417-9f21c0de",
        cose=cose,
    )
    paper = PaperRecord(
        number=voucher_no,
        kind=PaperKind.VOUCHER,
        case_no=case.case_no,
        state=PaperState.ASKED,
        issued_at=PRINTED_AT,
        seq=number,
        ack=Acknowledgement.DISK,
        policy_no=CLINIC,
        payee=payee,
        amount_fen=amounts.amount_fen,
        cose=cose,
        decision_sha256=determination.decision_sha256,
        authority_id=issued.authority_id,
        paper="voucher",
    )
    signed = tuple(
        Signed(role=role, name=person.name, at=PRINTED_AT, ink=_STROKES) for role in ("claimant", "adjuster")
    )
    head = paper_head(desk.identity, case, voucher_no, copy_no=1, printed_at=PRINTED_AT, catastrophe=None)
    return voucher_content(
        head,
        paper,
        determination,
        age=PackAge(version=f"{decision.pack_id} {decision.pack_version}", days=6, warning=False),
        signed=signed,
        catastrophe=None,
        attached=voucher_files(desk.key, desk.identity.device_certificate, issued, case, determination),
    )
