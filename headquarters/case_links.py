"""Two cases for one loss: found as they arrive, linked to both, never merged.

Promise: a link is symmetric and made once; both stations are told which the other case is. Linking moves no money and no fact: each case keeps its
own papers, and the ledger alone decides what is paid.

Links are made between cases of different laptops: by the loss that they were decided on (policy, liability and loss key), or by the same insured
and day of loss where the catastrophe is the same or one of them names none.

Source: design.md "two cases for one loss are linked"; docs/adr/0158.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import CaseOpened, DeterminationMade, decode_event
from claims.settlement import person_key, settlement_key
from claims.statements import CasesLinked
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.models import LogEvent
from headquarters.models_payments import CaseEntry, CaseLink, CaseLoss
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from rules.engine.model import read_decision


@dataclass(frozen=True)
class Link:
    """One case with another one about the same loss."""

    case_no: str
    other_case_no: str
    other_station: str
    reason: Bilingual


def take_opening(turn: Turn, event: CaseOpened) -> None:
    """Enter a case that was opened, tell the core system, and link it to what is known of the same person and day."""
    entry = _enter(turn.session, event, turn.device.device, turn.device.epoch, turn.device.station)
    if entry is None:
        return
    note_fact(
        turn.hq,
        turn.session,
        FactKind.CASE_OPENED,
        turn.at,
        case_no=event.case_no,
        claim_type=event.claim_type,
        policy_nos=event.policy_nos,
        loss_date=event.loss_date,
        catastrophe_id=event.catastrophe_id,
        station=turn.device.station,
    )
    same = select(CaseEntry).where(
        CaseEntry.person == entry.person,
        CaseEntry.loss_date == entry.loss_date,
        CaseEntry.device != entry.device,
    )
    if entry.catastrophe_id is not None:
        same = same.where(or_(CaseEntry.catastrophe_id.is_(None), CaseEntry.catastrophe_id == entry.catastrophe_id))
    reason = Bilingual(
        f"同一出险人，同一出险日期 {event.loss_date}。",
        f"The same insured and the same day of loss, {event.loss_date}.",
    )
    _link_all(turn, entry, turn.session.scalars(same.order_by(CaseEntry.case_no)), reason)


def take_losses(turn: Turn, event: DeterminationMade) -> None:
    """Note the losses that a case was decided on, and link it to other cases of the same ones."""
    session = turn.session
    entry = session.get(CaseEntry, event.case_no) or _enter_late(turn, event.case_no)
    if entry is None:
        return
    for loss in dict.fromkeys(_losses(event)):
        if session.get(CaseLoss, (loss, event.case_no)) is None:
            session.add(CaseLoss(loss=loss, case_no=event.case_no))
            session.flush()
        others = session.scalars(
            select(CaseEntry)
            .join(CaseLoss, CaseLoss.case_no == CaseEntry.case_no)
            .where(CaseLoss.loss == loss, CaseEntry.device != entry.device)
            .order_by(CaseEntry.case_no)
        )
        named = loss.split("/")[2]
        reason = Bilingual(f"同一保单的同一笔损失（{named}）。", f"The same loss of the same policy ({named}).")
        _link_all(turn, entry, others, reason)


def links(hq: Headquarters, case_no: str | None = None) -> Sequence[Link]:
    """Return the links of a case, or all of them."""
    query = (
        select(CaseLink, CaseEntry.station)
        .join(CaseEntry, CaseEntry.case_no == CaseLink.other_case_no)
        .order_by(CaseLink.case_no, CaseLink.other_case_no)
    )
    if case_no is not None:
        query = query.where(CaseLink.case_no == case_no)
    with hq.database.read() as session:
        return tuple(
            Link(row.case_no, row.other_case_no, station, Bilingual(row.reason_zh, row.reason_en))
            for row, station in session.execute(query)
        )


def _enter(session: Session, event: CaseOpened, device: str, epoch: int, station: str) -> CaseEntry | None:
    if session.get(CaseEntry, event.case_no) is not None:
        return None
    entry = CaseEntry(
        case_no=event.case_no,
        device=device,
        epoch=epoch,
        station=station,
        person=person_key(event.insured),
        loss_date=event.loss_date,
        catastrophe_id=event.catastrophe_id,
    )
    session.add(entry)
    session.flush()
    return entry


def _enter_late(turn: Turn, case_no: str) -> CaseEntry | None:
    """Enter a case whose opening came before headquarters kept entries."""
    row = turn.session.scalars(
        select(LogEvent).where(
            LogEvent.type == "case_opened@1",
            LogEvent.subject == case_no,
            LogEvent.device == turn.device.device,
            LogEvent.epoch == turn.device.epoch,
        )
    ).first()
    if row is None:
        return None
    event = decode_event(row.body)
    if isinstance(event, CaseOpened):
        take_opening(turn, event)
    return turn.session.get(CaseEntry, case_no)


def _losses(event: DeterminationMade) -> Iterable[str]:
    for liability in read_decision(bytes(event.decision)).liabilities:
        if liability.loss_key:
            key = settlement_key(
                policy_no=event.policy_no,
                liability=liability.liability,
                loss_key=liability.loss_key,
                instalment=1,
                payee_key="*",
            )
            yield "/".join(key.split("/")[:3])


def _link_all(turn: Turn, entry: CaseEntry, others: Iterable[CaseEntry], reason: Bilingual) -> None:
    for other in list(others):
        if turn.session.get(CaseLink, (entry.case_no, other.case_no)) is None:
            for one, two in ((entry, other), (other, entry)):
                _link(turn, one, two, reason)
            note_fact(
                turn.hq,
                turn.session,
                FactKind.CASES_LINKED,
                turn.at,
                case_nos=sorted((entry.case_no, other.case_no)),
                reason=reason,
            )


def _link(turn: Turn, one: CaseEntry, two: CaseEntry, reason: Bilingual) -> None:
    turn.session.add(
        CaseLink(case_no=one.case_no, other_case_no=two.case_no, reason_zh=reason.zh, reason_en=reason.en, at=turn.at)
    )
    turn.session.flush()
    say(
        Turn(turn.hq, turn.session, current_device(turn.session, one.device), turn.at),
        partial(
            CasesLinked,
            case_no=one.case_no,
            other_case_no=two.case_no,
            other_station=two.station,
            reason=reason,
        ),
    )
