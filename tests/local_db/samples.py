"""Events and statements as the use cases and headquarters write them. People are invented; id numbers have region 990101."""

# ruff: noqa: PLR0917 - samples are called with the few parts a test cares about

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from claims.events import (
    BlankEntered,
    BlanksPrepared,
    CaseCorrected,
    CaseOpened,
    CaseStateChanged,
    DayCounted,
    DeterminationMade,
    DocumentAdded,
    FactsRecorded,
    GrantDebit,
    KeyedAmount,
    NumberSpoiled,
    Outcome,
    PaperAsked,
    PaperKind,
    PaperPrinted,
    PaperRedeemed,
    PaperRendered,
    PaperSigned,
    PayeeFact,
    PersonFact,
    SlipIssued,
    VoucherIssued,
    VoucherRecovered,
)
from claims.numbering import format_number
from claims.statements import (
    AllowanceGranted,
    AuthorityGranted,
    CaseFieldDecided,
    CasesLinked,
    CaseWithdrawn,
    ClaimDecided,
    LogReceipted,
    NumberBlockGranted,
    PaymentReported,
    PrepaymentMade,
    ReviewOpened,
    SettlementAnswered,
)
from rules.engine.model import Bilingual
from tests.local_db.office import DEVICE, EPOCH, NOON

PREFIX = "QX07-D3"
NAME = "欧阳㛃安"
ID_NUMBER = "99010119800101001X"
AMOUNT_FEN = 25_000_000
MATERIAL = "medical_record"


def at(minutes: int = 0) -> datetime:
    return NOON + timedelta(minutes=minutes)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def number(serial: int, prefix: str = PREFIX) -> str:
    return format_number(prefix, serial)


def person(name: str = NAME) -> PersonFact:
    return PersonFact(name=name, id_number=ID_NUMBER, phone="13800000000", birth_date=date(1980, 1, 1), sex="F")


def case_opened(case_no: str = "C-1", name: str = NAME, minute: int = 0) -> CaseOpened:
    return CaseOpened(
        at=at(minute),
        case_no=case_no,
        channel="visit",
        claim_type="critical_illness",
        insured=person(name),
        reporter=PersonFact(name="欧阳明"),
        policy_nos=("P-" + case_no,),
        loss_date=date(2026, 11, 1),
        loss_place="清溪县人民医院",
        loss_region=None,
        catastrophe_id=None,
        description="确诊",
    )


def state_changed(case_no: str = "C-1", to: str = "accepted", minute: int = 1) -> CaseStateChanged:
    return CaseStateChanged(at=at(minute), case_no=case_no, from_state="notified", to_state=to, reason="")


def document(
    case_no: str = "C-1", document_id: str = "001", content: bytes = b"scan", thumb: str | None = None
) -> DocumentAdded:
    return DocumentAdded(
        at=at(2),
        case_no=case_no,
        document_id=document_id,
        material=MATERIAL,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        media_type="image/jpeg",
        filename="病历.jpg",
        thumbnail_sha256=thumb,
        pages=1,
    )


def facts(case_no: str = "C-1", policy_no: str = "P-C-1", value: int = 1) -> FactsRecorded:
    return FactsRecorded(
        at=at(3),
        case_no=case_no,
        policy_no=policy_no,
        pack_hash="ab" * 32,
        facts=msgspec.Raw(b'{"sum_insured": %d , "spaced":true}' % value),
    )


def determination(
    case_no: str = "C-1",
    policy_no: str = "P-C-1",
    total_fen: int = AMOUNT_FEN,
    outcome: Outcome = Outcome.PRE_APPROVED,
    kind: str = "determination",
) -> DeterminationMade:
    decision = msgspec.json.encode({"kind": kind, "plan": "C", "total_fen": total_fen})
    return DeterminationMade(
        at=at(4),
        case_no=case_no,
        policy_no=policy_no,
        pack_hash="ab" * 32,
        facts=msgspec.Raw(b'{"sum_insured":1}'),
        decision=msgspec.Raw(decision),
        decision_sha256=hashlib.sha256(decision).hexdigest(),
        outcome=outcome,
        outcome_reasons=() if outcome is Outcome.PRE_APPROVED else (Bilingual("理由", "reason"),),
    )


def voucher(
    serial: int = 1,
    case_no: str = "C-1",
    key: str = "key-1",
    amount_fen: int = AMOUNT_FEN,
    debits: tuple[GrantDebit, ...] = (),
    pools: tuple[str, ...] = ("policy/P-1/main",),
) -> VoucherIssued:
    return VoucherIssued(
        at=at(5),
        case_no=case_no,
        policy_no="P-" + case_no,
        voucher_no=number(serial),
        payee=PayeeFact(name=NAME, id_number=ID_NUMBER, relation="self", bank="农信社", account="6200000000000001"),
        amount_fen=amount_fen,
        keys=(KeyedAmount(settlement_key=key, liability="ci", amount_fen=amount_fen, pools=pools),),
        debits=debits,
        pack_hash="ab" * 32,
        decision_sha256="cd" * 32,
        authority_id="AU-1",
        cose=b"\xd2\x84signed",
    )


def debit(
    grant_id: str = "G-1",
    pool: str = "policy/P-1/main",
    amount_fen: int = AMOUNT_FEN,
    counter: int = 1,
    key: str = "key-1",
) -> GrantDebit:
    return GrantDebit(grant_id=grant_id, pool=pool, settlement_key=key, amount_fen=amount_fen, counter=counter)


def slip(serial: int = 1, case_no: str = "C-1", outcome: Outcome = Outcome.RECEIPT_ONLY) -> SlipIssued:
    return SlipIssued(
        at=at(6),
        case_no=case_no,
        slip_no=number(serial, f"{PREFIX}-S"),
        outcome=outcome,
        reasons=(Bilingual("额度不足", "no allowance"),),
    )


def rendered(of: str, copy_no: int = 1, kind: PaperKind = PaperKind.VOUCHER) -> PaperRendered:
    return PaperRendered(
        at=at(7), number=of, kind=kind, pdf_sha256=sha(f"pdf {of} {copy_no}"), size_bytes=9, copy_no=copy_no
    )


def printed(of: str, copy_no: int = 1, kind: PaperKind = PaperKind.VOUCHER) -> PaperPrinted:
    return PaperPrinted(at=at(8), number=of, kind=kind, copy_no=copy_no, destination="printer")


def _common(statement_id: str, minute: int) -> dict[str, Any]:
    return {"statement_id": statement_id, "device": DEVICE, "epoch": EPOCH, "issued_at": at(minute)}


def grant(
    grant_id: str = "G-1", limit_fen: int = 2 * AMOUNT_FEN, pool: str = "policy/P-1/main", minute: int = 0
) -> AllowanceGranted:
    return AllowanceGranted(
        **_common(f"s-{grant_id}-{limit_fen}", minute),
        grant_id=grant_id,
        pool=pool,
        limit_fen=limit_fen,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


def block(
    kind: str = "voucher", prefix: str = PREFIX, first: int = 1, last: int = 200, minute: int = 0
) -> NumberBlockGranted:
    return NumberBlockGranted(
        **_common(f"s-{kind}-{prefix}-{first}", minute), kind=kind, prefix=prefix, first=first, last=last
    )


def authority(ceiling_fen: int = 30_000_000, minute: int = 0) -> AuthorityGranted:
    return AuthorityGranted(
        **_common(f"s-au-{ceiling_fen}", minute),
        authority_id="AU-1",
        adjuster="A1007",
        level="2",
        claim_type="*",
        ceiling_fen=ceiling_fen,
        catastrophe_id=None,
        valid_from=at(),
        valid_to=at(100_000),
        granted_by="HQ",
    )


def receipt(watermark_seq: int, digest: str, minute: int = 30, rejected: tuple[int, ...] = ()) -> LogReceipted:
    return LogReceipted(
        **_common(f"r-{watermark_seq}-{minute}", minute),
        watermark_seq=watermark_seq,
        digest=digest,
        rejected_seqs=rejected,
    )


def answer(
    voucher_no: str | None, settlement: str | None = "settled", case_no: str = "C-1", minute: int = 40
) -> SettlementAnswered:
    return SettlementAnswered(
        **_common(f"a-{voucher_no}-{case_no}-{settlement}-{minute}", minute),
        case_no=case_no,
        voucher_no=voucher_no,
        replay="identical",
        settlement=settlement,
        amount_fen=AMOUNT_FEN,
        reason=Bilingual("", ""),
    )


def asked(serial: int = 1, case_no: str | None = "C-1", paper: str = "application") -> PaperAsked:
    content = msgspec.Raw(b'{"paper": "%s" , "spaced":true}' % paper.encode())
    return PaperAsked(at=at(6), number=number(serial, f"{PREFIX}-W"), paper=paper, case_no=case_no, content=content)


def blanks(*serials: int, kind: PaperKind = PaperKind.DOCUMENT, paper: str = "application") -> BlanksPrepared:
    letter = "S" if kind is PaperKind.SLIP else "W"
    numbers = tuple(number(serial, f"{PREFIX}-{letter}") for serial in serials)
    return BlanksPrepared(at=at(6), kind=kind, paper=paper, numbers=numbers)


def entered(of: str, case_no: str = "C-1", kind: PaperKind = PaperKind.DOCUMENT) -> BlankEntered:
    return BlankEntered(
        at=at(9), kind=kind, number=of, case_no=case_no, filled_on=date(2026, 11, 21), receiver="欧阳明"
    )


def spoiled(of: str, kind: PaperKind = PaperKind.DOCUMENT) -> NumberSpoiled:
    return NumberSpoiled(at=at(9), kind=kind, number=of, reason="淋湿")


def signed(of: str, case_no: str = "C-1", role: str = "claimant") -> PaperSigned:
    return PaperSigned(
        at=at(8),
        case_no=case_no,
        subject=f"paper:{of}",
        content_sha256="ef" * 32,
        role=role,
        name=NAME,
        refused=False,
        strokes=(((1, 2), (3, 4)),),
    )


def redeemed(of: str, presented_by: str = "欧阳明") -> PaperRedeemed:
    return PaperRedeemed(
        at=at(20), voucher_no=of, device=f"{DEVICE}/{EPOCH}", code_sha256="ab" * 32, presented_by=presented_by
    )


def recovered(source: str = "voucher.pdf") -> VoucherRecovered:
    return VoucherRecovered(at=at(21), cose=b"\xd2\x84lost", source=source, source_sha256="cd" * 32)


def counted(day: date = date(2026, 11, 22), count: int = 3) -> DayCounted:
    return DayCounted(at=at(22), day=day, counted=count, recorded=3, differences=(), by_kind={PaperKind.VOUCHER: count})


def decided(case_no: str = "C-1", grounds: str = "第七条", minute: int = 50) -> ClaimDecided:
    return ClaimDecided(
        **_common(f"d-{case_no}-{grounds}-{minute}", minute),
        case_no=case_no,
        policy_no=None,
        decision="decline",
        decided_on=date(2026, 11, 22),
        decided_by="总部核赔岗",
        facts="事实",
        clause="条款",
        grounds=grounds,
        refund_fen=12_000,
    )


def corrected(
    case_no: str = "C-1", value: str = "清溪县三台镇", base: str = "清溪县人民医院", minute: int = 23
) -> CaseCorrected:
    return CaseCorrected(at=at(minute), case_no=case_no, field="loss_place", base=base, value=value, reason="听错")


def field_decided(
    case_no: str = "C-1", value: str = "清溪县二台镇", review_id: str = "", minute: int = 51
) -> CaseFieldDecided:
    return CaseFieldDecided(
        **_common(f"f-{case_no}-{value}-{review_id}-{minute}", minute),
        case_no=case_no,
        field="loss_place",
        value=value,
        review_id=review_id,
    )


def review(case_no: str = "C-1", values: tuple[str, ...] = ("甲", "乙"), minute: int = 52) -> ReviewOpened:
    return ReviewOpened(
        **_common(f"v-{case_no}-{values}-{minute}", minute),
        review_id=f"{case_no}-V1",
        case_no=case_no,
        field="loss_place",
        values=values,
    )


def linked(case_no: str = "C-1", other: str = "QX08-D4-C-000001-00", minute: int = 53) -> CasesLinked:
    return CasesLinked(
        **_common(f"l-{case_no}-{other}-{minute}", minute),
        case_no=case_no,
        other_case_no=other,
        other_station="QX08",
        reason=Bilingual("同一笔损失", "the same loss"),
    )


def withdrawn(case_no: str = "C-1", minute: int = 54) -> CaseWithdrawn:
    return CaseWithdrawn(
        **_common(f"w-{case_no}-{minute}", minute), case_no=case_no, reason=Bilingual("重复立案", "opened twice")
    )


def paid(voucher_no: str, status: str = "paid", case_no: str = "C-1", minute: int = 55) -> PaymentReported:
    return PaymentReported(
        **_common(f"p-{voucher_no}-{status}-{minute}", minute),
        case_no=case_no,
        voucher_no=voucher_no,
        instruction_id=f"{voucher_no}-P1",
        status=status,
        amount_fen=AMOUNT_FEN,
        on=date(2026, 11, 23),
        reason=Bilingual("", "") if status == "paid" else Bilingual("账号有误", "wrong account"),
    )


def prepaid(case_no: str = "C-1", number: int = 1, minute: int = 56) -> PrepaymentMade:
    return PrepaymentMade(
        **_common(f"y-{case_no}-{number}", minute),
        case_no=case_no,
        policy_no="P-" + case_no,
        prepayment_no=f"{case_no}-Y{number}",
        liability="ci",
        loss_key="diagnosis:2026-11-01:c18",
        amount_fen=10_000,
        pools=("policy/P-1/main",),
        payee_name=NAME,
    )
