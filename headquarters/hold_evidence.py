"""What a voucher rests on, gathered for the person who decides: the paper, its case, facts, decision, documents, and those that collide with it.

Promise: read-only; whatever is missing is shown as missing. Names and accounts are those of the log; nothing is worked out here but which other
vouchers want the same loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import (
    CaseOpened,
    DocumentAdded,
    KeyedAmount,
    Outcome,
    PayeeFact,
    VoucherIssued,
    VoucherRecovered,
    decode_event,
)
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import Attachment, Device, EventState, LogEvent, Settlement, Verdict, Voucher
from headquarters.models_payments import PaymentInstruction
from headquarters.promise_evidence import Evidence, evidence_in_log
from headquarters.recovered_vouchers import recovered_ground
from headquarters.turn import Turn
from rules.engine.model import Decision, read_decision
from trust.vouchers import open_voucher


@dataclass(frozen=True)
class DocumentSeen:
    """A paper that was taken in. ``held``: its file is whole at headquarters."""

    document_id: str
    material: str
    filename: str
    sha256: str
    pages: int
    held: bool


@dataclass(frozen=True)
class EvidenceSet:
    """One side. ``case``, ``decision`` and ``facts`` are None or empty where headquarters does not have them; fen."""

    hold_id: str
    voucher_no: str
    device: str
    station: str
    adjuster_name: str
    case_no: str
    policy_no: str
    amount_fen: int
    payee: PayeeFact | None
    issued_at: datetime | None
    verdict: str
    reason: Bilingual
    replay: str
    difference: str | None
    keys: tuple[KeyedAmount, ...]
    case: CaseOpened | None
    outcome: Outcome | None
    facts: Mapping[str, object]
    decision: Decision | None
    documents: tuple[DocumentSeen, ...]
    payment: str | None
    """State of its newest payment instruction, None where there is none."""


@dataclass(frozen=True)
class Ground:
    """A voucher's event and what it rests on. ``issued`` is None for one of which only the code is known."""

    device: Device | None
    issued: VoucherIssued | None
    evidence: Evidence
    payee_name: str = ""


def hold_id(voucher: Voucher) -> str:
    """Return the name of a voucher's place in the log: its number alone may have been used twice."""
    return f"{voucher.device}.{voucher.epoch}.{voucher.seq}"


def ground_of(hq: Headquarters, session: Session, voucher: Voucher) -> Ground:
    """Return what a voucher rests on."""
    row = session.get_one(LogEvent, (voucher.device, voucher.epoch, voucher.seq))
    event = decode_event(row.body)
    if isinstance(event, VoucherIssued):
        device = session.get_one(Device, (voucher.device, voucher.epoch))
        return Ground(device, event, evidence_in_log(session, device, event, voucher.seq), event.payee.name)
    if not isinstance(event, VoucherRecovered):
        return Ground(None, None, Evidence(None, None))
    opened = open_voucher(event.cose, hq.trust_store())
    certificate, payee_name = opened.certificate, opened.claims.payee
    lost = session.get(Device, (certificate.device, certificate.epoch))
    if lost is None:
        return Ground(None, None, Evidence(None, None), payee_name)
    found = recovered_ground(Turn(hq, session, lost, hq.now()), event)
    issued, evidence = found or (None, Evidence(None, None))
    return Ground(lost, issued, evidence, payee_name)


def evidence_set(hq: Headquarters, session: Session, voucher: Voucher) -> EvidenceSet:
    """Gather one side."""
    ground = ground_of(hq, session, voucher)
    made = ground.evidence.made
    opening = None if ground.evidence.case is not None else opening_of(session, voucher.case_no)
    case = ground.evidence.case or (None if opening is None else opening[0])
    facts = {} if made is None else msgspec.json.decode(bytes(made.facts))
    return EvidenceSet(
        hold_id=hold_id(voucher),
        voucher_no=voucher.voucher_no,
        device=voucher.device if ground.device is None else ground.device.device,
        station="" if ground.device is None else ground.device.station,
        adjuster_name="" if ground.device is None else ground.device.adjuster_name,
        case_no=voucher.case_no,
        policy_no=voucher.policy_no,
        amount_fen=voucher.amount_fen,
        payee=None if ground.issued is None else ground.issued.payee,
        issued_at=None if ground.issued is None else ground.issued.at,
        verdict=voucher.verdict,
        reason=Bilingual(voucher.reason_zh, voucher.reason_en),
        replay=voucher.replay,
        difference=ground.evidence.difference,
        keys=() if ground.issued is None else ground.issued.keys,
        case=case,
        outcome=None if made is None else made.outcome,
        facts=facts if isinstance(facts, dict) else {},
        decision=None if made is None else _decision(bytes(made.decision)),
        documents=_documents(session, voucher, ground.device),
        payment=payment_of(session, voucher),
    )


def colliding(session: Session, voucher: Voucher, issued: VoucherIssued | None) -> Sequence[Voucher]:
    """Return the other vouchers that want the same loss or bear the same number, the settled ones first."""
    wanted = {voucher.voucher_no}
    found = [
        each
        for each in session.scalars(select(Voucher).where(Voucher.voucher_no == voucher.voucher_no))
        if hold_id(each) != hold_id(voucher)
    ]
    losses = [] if issued is None else [loss_start(key.settlement_key) for key in issued.keys]
    for loss in losses:
        for settled in session.scalars(select(Settlement).where(Settlement.loss.in_(loss_names(loss)))):
            wanted.add(settled.voucher_no)
    wanted.discard(voucher.voucher_no)
    found.extend(session.scalars(select(Voucher).where(Voucher.voucher_no.in_(sorted(wanted)))))
    for other in _same_policy(session, voucher):
        if other not in found and any(loss_start(key) in losses for key in _keys_of(session, other)):
            found.append(other)
    return sorted(found, key=lambda each: (each.verdict != Verdict.SETTLED, each.voucher_no, hold_id(each)))


def loss_start(settlement_key: str) -> str:
    """Return what two keys of one loss share: policy, liability and loss."""
    return "/".join(settlement_key.split("/")[:3])


def loss_names(loss: str) -> tuple[str, ...]:
    """Return how the instalments of a loss are named in the ledger."""
    return tuple(f"{loss}/{instalment}/%2A" for instalment in range(1, 14))


def waiting_devices(session: Session, case_no: str, *devices: str) -> list[Device]:
    """Return the laptops that wait for news: that of the case, and these; each in its newest life."""
    opening = opening_of(session, case_no)
    names = [*(() if opening is None else (opening[1],)), *devices]
    return [current_device(session, name) for name in dict.fromkeys(names) if name]


def payment_of(session: Session, voucher: Voucher) -> str | None:
    """Return the state of a voucher's newest instruction to pay."""
    return session.scalars(
        select(PaymentInstruction.state)
        .where(
            PaymentInstruction.device == voucher.device,
            PaymentInstruction.epoch == voucher.epoch,
            PaymentInstruction.seq == voucher.seq,
            PaymentInstruction.kind == "pay",
        )
        .order_by(PaymentInstruction.attempt.desc())
        .limit(1)
    ).first()


def shares_number(session: Session, voucher: Voucher, settlement_key: str) -> bool:
    """Tell whether another voucher bears the same number and names the same key: then a settlement does not say whose it is."""
    others = session.scalars(select(Voucher).where(Voucher.voucher_no == voucher.voucher_no)).all()
    return any(hold_id(each) != hold_id(voucher) and settlement_key in _keys_of(session, each) for each in others)


def _same_policy(session: Session, voucher: Voucher) -> Sequence[Voucher]:
    rows = session.scalars(
        select(Voucher).where(
            Voucher.policy_no == voucher.policy_no, Voucher.verdict.in_((Verdict.HOLD, Verdict.SETTLED))
        )
    )
    return [each for each in rows if hold_id(each) != hold_id(voucher)]


def _keys_of(session: Session, voucher: Voucher) -> tuple[str, ...]:
    row = session.get(LogEvent, (voucher.device, voucher.epoch, voucher.seq))
    event = None if row is None else decode_event(row.body)
    return tuple(key.settlement_key for key in event.keys) if isinstance(event, VoucherIssued) else ()


def _documents(session: Session, voucher: Voucher, device: Device | None) -> tuple[DocumentSeen, ...]:
    query = select(LogEvent.body).where(LogEvent.type == "document_added@1", LogEvent.state != EventState.REJECTED)
    if device is not None:
        query = query.where(LogEvent.device == device.device)
    found = []
    for body in session.scalars(query.order_by(LogEvent.epoch, LogEvent.seq)):
        event = decode_event(body)
        if isinstance(event, DocumentAdded) and event.case_no == voucher.case_no:
            held = session.get(Attachment, event.sha256) is not None
            found.append(
                DocumentSeen(event.document_id, event.material, event.filename, event.sha256, event.pages, held)
            )
    return tuple(found)


def _decision(raw: bytes) -> Decision | None:
    try:
        return read_decision(raw)
    except msgspec.DecodeError:
        return None
