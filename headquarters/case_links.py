"""Cases for one loss: found as they arrive, linked to one another, never merged.

Promise: a link is symmetric and made once; both stations are told which the other case is. Linking moves no money and no fact: each case keeps its
own papers, and the ledger alone decides what is paid.

Links are made between cases of different laptops: by the loss that they were decided on (policy, liability and loss key), or by the same insured
and day of loss where the catastrophe is the same or one of them names none. A case is linked to ``MOST`` earlier ones at the most, so that a loss
that is reported a hundred times costs a hundred times as much as one and not ten thousand times; all cases that hang together by links are one
*group* (``group_of``, ``groups``), and who decides sees all of it.

Source: design.md "two cases for one loss are linked"; docs/adr/0158, docs/adr/0166.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import CaseOpened, DeterminationMade, decode_event
from claims.settlement import person_key, settlement_key
from claims.statements import CasesLinked
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.models import Device, LogEvent
from headquarters.models_payments import CaseEntry, CaseLink, CaseLoss
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from rules.engine.model import read_decision

MOST: Final = 3
"""Earlier cases that a new one is linked to. Two people at two stations is what happens; beyond three, one more name helps nobody."""
_LOOKED_AT: Final = 64
"""Of one loss, the cases among which those of other laptops are looked for."""
_GROUP: Final = 200


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
    reason = Bilingual(
        f"同一出险人，同一出险日期 {event.loss_date}。",
        f"The same insured and the same day of loss, {event.loss_date}.",
    )
    _link_all(turn, entry, _same_person_and_day(turn.session, entry), reason)


def take_losses(turn: Turn, event: DeterminationMade) -> None:
    """Note the losses that a case was decided on, and link it to other cases of the same ones."""
    session = turn.session
    entry = session.get(CaseEntry, event.case_no) or _enter_late(turn, event.case_no)
    if entry is None:
        return
    for loss in dict.fromkeys(_losses(event)):
        if session.get(CaseLoss, (loss, event.case_no)) is not None:
            continue  # linked when it came first; whatever came later linked itself to it
        session.add(CaseLoss(loss=loss, case_no=event.case_no))
        asked = {"loss": loss, "device": entry.device}
        named = loss.split("/")[2]
        reason = Bilingual(f"同一保单的同一笔损失（{named}）。", f"The same loss of the same policy ({named}).")
        _link_all(turn, entry, session.scalars(_SAME_LOSS, asked).all(), reason)


def group_of(session: Session, case_no: str) -> tuple[str, ...]:
    """Return the other cases that hang together with this one by links, the nearest first; a few hundred at the most."""
    found, edge = {case_no: None}, [case_no]
    while edge and len(found) < _GROUP:
        rows = session.scalars(
            select(CaseLink.other_case_no).where(CaseLink.case_no.in_(edge)).order_by(CaseLink.other_case_no)
        )
        edge = [each for each in dict.fromkeys(rows) if each not in found]
        found |= dict.fromkeys(edge)
    return tuple(found)[1:]


@dataclass(frozen=True)
class LossGroup:
    """Cases that are about one loss, by number, and the first reason that joined two of them."""

    case_nos: tuple[str, ...]
    reason: Bilingual


def groups(hq: Headquarters) -> tuple[LossGroup, ...]:
    """Return all cases that are linked, as groups, those that were joined last first."""
    with hq.database.read() as session:
        rows = session.execute(
            select(CaseLink.case_no, CaseLink.other_case_no, CaseLink.reason_zh, CaseLink.reason_en)
            .where(CaseLink.case_no < CaseLink.other_case_no)
            .order_by(CaseLink.at, CaseLink.case_no, CaseLink.other_case_no)
        ).all()
    parent: dict[str, str] = {}

    def head(case_no: str) -> str:
        while parent.setdefault(case_no, case_no) != case_no:
            parent[case_no] = case_no = parent[parent[case_no]]
        return case_no

    for one, two, _, _ in rows:
        parent[head(two)] = head(one)
    members: dict[str, dict[str, None]] = {}
    reasons: dict[str, Bilingual] = {}
    for one, two, zh, en in rows:
        found = members.setdefault(head(one), {})
        found |= {one: None, two: None}
        reasons.setdefault(head(one), Bilingual(zh, en))
    joined = [LossGroup(tuple(sorted(found)), reasons[top]) for top, found in members.items()]
    return tuple(reversed(joined))


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


def _same_person_and_day(session: Session, entry: CaseEntry) -> list[CaseEntry]:
    asked = {
        "person": entry.person,
        "loss_date": entry.loss_date,
        "device": entry.device,
        "catastrophe_id": entry.catastrophe_id,
    }
    # Before and behind the own laptop in the order of the index: its own cases of that day are not even read.
    found: list[CaseEntry] = []
    for statement in _SAME_DAY if entry.catastrophe_id is None else _SAME_CATASTROPHE:
        found += session.scalars(statement, asked)
    return found[:MOST]


_FITTING: Final = (
    select(CaseEntry)
    .where(CaseEntry.person == bindparam("person"), CaseEntry.loss_date == bindparam("loss_date"))
    .order_by(CaseEntry.device, CaseEntry.case_no)
    .limit(MOST)
)
_SAME_DAY: Final = (
    _FITTING.where(CaseEntry.device < bindparam("device")),
    _FITTING.where(CaseEntry.device > bindparam("device")),
)
_SAME_CATASTROPHE: Final = tuple(
    each.where(or_(CaseEntry.catastrophe_id.is_(None), CaseEntry.catastrophe_id == bindparam("catastrophe_id")))
    for each in _SAME_DAY
)
_LOSSES: Final = (
    select(CaseLoss.case_no)
    .where(CaseLoss.loss == bindparam("loss"))
    .order_by(CaseLoss.case_no)
    .limit(_LOOKED_AT)
    .subquery()
)
_SAME_LOSS: Final = (
    select(CaseEntry)
    .join(_LOSSES, _LOSSES.c.case_no == CaseEntry.case_no)
    .where(CaseEntry.device != bindparam("device"))
    .order_by(CaseEntry.case_no)
    .limit(MOST)
)


def _link_all(turn: Turn, entry: CaseEntry, others: Sequence[CaseEntry], reason: Bilingual) -> None:
    if not others:
        return
    session = turn.session
    known = set(session.scalars(select(CaseLink.other_case_no).where(CaseLink.case_no == entry.case_no)))
    own = current_device(session, entry.device)
    for other in others:
        if other.case_no in known:
            continue
        theirs = current_device(session, other.device)
        for one, two, device in ((entry, other, own), (other, entry, theirs)):
            _link(turn, one, two, device, reason)
        note_fact(
            turn.hq,
            session,
            FactKind.CASES_LINKED,
            turn.at,
            case_nos=sorted((entry.case_no, other.case_no)),
            reason=reason,
        )


def _link(turn: Turn, one: CaseEntry, two: CaseEntry, device: Device, reason: Bilingual) -> None:
    turn.session.add(
        CaseLink(case_no=one.case_no, other_case_no=two.case_no, reason_zh=reason.zh, reason_en=reason.en, at=turn.at)
    )
    say(
        Turn(turn.hq, turn.session, device, turn.at),
        partial(
            CasesLinked,
            case_no=one.case_no,
            other_case_no=two.case_no,
            other_station=two.station,
            reason=reason,
        ),
    )
