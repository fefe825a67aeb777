"""Use case: a claim is reported and the case opens, whoever the person is and whether or not this laptop knows them.

Promise: opening a case never needs the network, the extract or a pack. A draft is a local row until it is saved.

Source: design.md "One claim, one direction" (1); notes/domain.md §1.1.
"""

from __future__ import annotations

from datetime import date

import msgspec

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import CaseOpened, PersonFact
from claims.identity import read_any_id
from claims.materials import ClaimType
from claims.numbering import next_number
from claims.trusted_time import beijing_date


class NewCase(msgspec.Struct, frozen=True, kw_only=True):
    """What is reported. ``policy_nos`` empty: to be found later, here or by headquarters."""

    channel: str
    claim_type: ClaimType
    insured: PersonFact
    reporter: PersonFact
    loss_date: date
    loss_place: str
    policy_nos: tuple[str, ...] = ()
    loss_region: str | None = None
    catastrophe_id: str | None = None
    description: str = ""


def open_case(ports: DeskPorts, report: NewCase, *, draft_id: str | None = None) -> str:
    """Open a case and return its number. The draft it was typed in goes in the same transaction: a cut leaves one or the other.

    Raises:
        InputError: ``no_name``, ``loss_in_future``, or what is wrong with an ID number.
        EnvironmentProblem: ``numbers_exhausted``, or the store could not commit; the report is not lost: it is still on screen.
    """
    at = ports.time()
    today = beijing_date(at.at)
    for person in (report.insured, report.reporter):
        _check_person(person, today)
    if report.loss_date > today:
        raise InputError(
            "loss_in_future",
            Bilingual(
                f"出险日期 {report.loss_date} 在今天 {today} 之后。",
                f"The loss on {report.loss_date} lies after today, {today}.",
            ),
            Bilingual(
                "请核对日期；如果今天的日期不对，请先校准电脑时钟。",
                "Check the date; if today's date is wrong set the computer's clock first.",
            ),
        )
    with ports.store.write() as uow:
        number = next_number(uow.number_blocks("case"), "case")
        uow.append(
            CaseOpened(
                at=at.at,
                case_no=number.text,
                channel=report.channel,
                claim_type=report.claim_type.value,
                insured=report.insured,
                reporter=report.reporter,
                policy_nos=report.policy_nos,
                loss_date=report.loss_date,
                loss_place=report.loss_place,
                loss_region=report.loss_region,
                catastrophe_id=report.catastrophe_id,
                description=report.description,
            )
        )
        if draft_id is not None:
            uow.drop_draft(draft_id)
    return number.text


def save_draft(ports: DeskPorts, draft_id: str, report: bytes) -> None:
    """Keep an unfinished report as a local row; it is overwritten, not logged."""
    with ports.store.write() as uow:
        uow.save_draft(draft_id, report)


def drop_draft(ports: DeskPorts, draft_id: str) -> None:
    """Remove a draft that became a case or was given up."""
    with ports.store.write() as uow:
        uow.drop_draft(draft_id)


def _check_person(person: PersonFact, today: date) -> None:
    if not person.name.strip():
        raise InputError(
            "no_name",
            Bilingual("没有填写姓名。", "The name is missing."),
            Bilingual(
                "不知道姓名时请填“不详”并在说明中写下特征。",
                'If the name is unknown enter "unknown" and describe the person.',
            ),
        )
    if person.id_number:
        read_any_id(person.id_number, today)
