"""Registers: everything of one kind that this laptop recorded in a span of days, as rows that people can check paper against.

Promise: a register holds what the store holds, no more and no less: one row a record, in order of record, days counted as Beijing counts them.
A cell that is empty was never recorded. Accounts stand as on paper, with their middle hidden.

Source: notes/domain.md §7; docs/adr/0141.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from claims.contacts import mask_account
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.form_fields import FieldSpec
from claims.overviews import PaperMoment
from claims.paper_definitions import PaperId, paper_definition
from claims.papers import Printed
from claims.ports import Reads
from claims.records import CaseRecord, PaperHappening, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.register_columns import (
    BLANK_ENTERED,
    BLANK_SPOILED,
    BLANK_WAITING,
    PAPER_KINDS,
    REGISTER_COLUMNS,
    REGISTER_NAMES,
    RegisterKind,
)
from claims.trusted_time import BEIJING

Cell = Printed | None
"""A value as its column's kind says (fen, ISO day or instant, number, choice, text), or words in both languages; None: nothing recorded."""

MOST_DAYS = 3660
"""Ten years: as long as claims files are kept at hand."""
_PAGE = 500


class RegisterFormat(StrEnum):
    """As what a register is saved. The value is the file's ending."""

    EXCEL = "xlsx"
    CSV = "csv"


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """One register over a span of days, both included. ``made_at`` is UTC; ``station`` and ``device`` say whose it is."""

    kind: RegisterKind
    name: Bilingual
    first: date
    last: date
    station: str
    device: str
    made_at: datetime
    columns: tuple[FieldSpec, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def place(self, key: str) -> int:
        """Return which column has this key, from 0. Raises ``KeyError``."""
        for place, column in enumerate(self.columns):
            if column.key == key:
                return place
        raise KeyError(key)

    @property
    def file_name(self) -> str:
        """What its file is called, without an ending."""
        days = (
            self.first.isoformat() if self.first == self.last else f"{self.first.isoformat()}_{self.last.isoformat()}"
        )
        return f"{self.name.zh}-{self.station}-{self.device}-{days}"


def register(ports: DeskPorts, kind: RegisterKind, first: date, last: date) -> Register:
    """Return a register from the first day to the last, both included, as Beijing counts days.

    Raises:
        InputError: ``register_days`` when the last day is before the first, or more than ten years after it.
    """
    _check_days(first, last)
    at = ports.time()
    with ports.store.read() as reads:
        book = _Book(ports, reads, first, last)
        columns = REGISTER_COLUMNS[kind]
        rows = tuple(tuple(row.get(column.key) for column in columns) for row in _ROWS[kind](book))
    return Register(
        kind=kind,
        name=REGISTER_NAMES[kind],
        first=first,
        last=last,
        station=ports.identity.station,
        device=ports.identity.device,
        made_at=at.at,
        columns=columns,
        rows=rows,
    )


def _check_days(first: date, last: date) -> None:
    if last < first:
        raise InputError(
            "register_days",
            Bilingual(f"止日 {last} 早于起日 {first}。", f"The last day, {last}, is before the first, {first}."),
            Bilingual("请把两个日期对调后再试。", "Swap the two days and try again."),
        )
    days = (last - first).days + 1
    if days > MOST_DAYS or last == date.max:
        raise InputError(
            "register_days",
            Bilingual(
                f"{first} 至 {last} 共 {days} 天，登记簿一次最多 {MOST_DAYS} 天。",
                f"From {first} to {last} are {days} days; a register holds {MOST_DAYS} at most.",
            ),
            Bilingual("请分几段导出。", "Save it in several parts."),
        )


Row = dict[str, Cell]


class _Book:
    """One reading of the store, and what several rows need of it."""

    def __init__(self, ports: DeskPorts, reads: Reads, first: date, last: date) -> None:
        self.reads, self.first, self.last = reads, first, last
        midnight = time(tzinfo=BEIJING)
        self.start = datetime.combine(first, midnight)
        self.end = datetime.combine(last, midnight) + timedelta(days=1)
        self._cases: dict[str, CaseRecord] = {}
        self._catastrophes: dict[str, Catastrophe] = {
            each.catastrophe_id: each for each in ports.rulebook.catastrophes()
        }

    def within(self, at: datetime) -> bool:
        """Whether an instant lies on one of the days."""
        return self.start <= at < self.end

    def insured(self, case_no: str) -> Cell:
        """Return the insured's name; None for a paper of the station."""
        if not case_no:
            return None
        found = self._cases.get(case_no)
        if found is None:
            found = self._cases[case_no] = self.reads.case(case_no)
        return found.insured.name

    def catastrophe(self, catastrophe_id: str | None) -> Cell:
        """Return the name of a declared catastrophe; its id where this laptop does not know it any more."""
        if catastrophe_id is None:
            return None
        found = self._catastrophes.get(catastrophe_id)
        return catastrophe_id if found is None else found.name

    def papers(self, *kinds: PaperKind) -> Iterator[PaperRecord]:
        """Yield the papers of these kinds whose numbers were taken in the span, in order."""
        for each in self.happened(PaperState.ASKED):
            if each.kind in kinds:
                yield self.reads.paper(each.number)

    def happened(self, what: PaperState) -> Iterator[PaperHappening]:
        """Yield the papers that entered a state in the span, in order."""
        return (each for each in self.reads.happenings(self.start, self.end) if each.what is what)

    def life(self, paper: PaperRecord) -> Row:
        """Return what happened to a paper after its number was used."""
        moments = self.reads.paper_moments(paper.number)
        handed = _first(moments, PaperState.HANDED_OVER)
        printed = _first(moments, PaperState.PRINTED)
        return {
            "state": paper.state.value,
            "copies": paper.copies,
            "printed_at": _at(printed),
            "handed_at": _at(handed),
            "receiver": None if handed is None else handed.detail.zh or None,
            "reason": paper.void_reason,
        }


def _vouchers(book: _Book) -> Iterator[Row]:
    for paper in book.papers(PaperKind.VOUCHER):
        payee = paper.payee
        yield (
            _head(book, paper)
            | book.life(paper)
            | {
                "policy_no": paper.policy_no,
                "payee": None if payee is None else payee.name,
                "account": None if payee is None else mask_account(payee.account) or None,
                "amount": paper.amount_fen,
                "settlement": paper.settlement,
            }
        )


def _slips(book: _Book) -> Iterator[Row]:
    for paper in book.papers(PaperKind.SLIP):
        yield (
            _head(book, paper)
            | book.life(paper)
            | {
                "outcome": None if paper.outcome is None else paper.outcome.value,
                "reasons": _together(paper.reasons),
            }
        )


def _documents(book: _Book) -> Iterator[Row]:
    for paper in book.papers(PaperKind.DOCUMENT):
        yield _head(book, paper) | book.life(paper) | {"blank": paper.blank}


def _blanks(book: _Book) -> Iterator[Row]:
    for paper in book.papers(*PaperKind):
        if not paper.blank:
            continue
        spoiled = paper.state is PaperState.VOIDED
        life = book.life(paper)
        yield _head(book, paper) | {
            "prepared_at": paper.issued_at.isoformat(),
            "blank_state": BLANK_SPOILED if spoiled else BLANK_ENTERED if paper.case_no else BLANK_WAITING,
            "filled_on": None if paper.filled_on is None else paper.filled_on.isoformat(),
            "receiver": life["receiver"],
            "reason": paper.void_reason,
        }


def _voided(book: _Book) -> Iterator[Row]:
    for each in book.happened(PaperState.VOIDED):
        paper = book.reads.paper(each.number)
        yield _head(book, paper) | {
            "kind": paper.kind.value,
            "voided_at": each.at.isoformat(),
            "amount": paper.amount_fen,
            "reason": each.detail,
        }


def _day_counts(book: _Book) -> Iterator[Row]:
    day = book.first
    while day <= book.last:
        for count in book.reads.day_counts(day):
            yield {
                "day": count.day.isoformat(),
                "counted_at": count.at.isoformat(),
                "counted": count.counted,
                "recorded": count.recorded,
                "agrees": not count.differences,
                "differences": _together(count.differences),
            }
        day += timedelta(days=1)


def _verified(book: _Book) -> Iterator[Row]:
    for each in book.reads.redemptions():
        if book.within(each.at):
            yield {
                "presented_at": each.at.isoformat(),
                "number": each.voucher_no,
                "device": each.device,
                "presented_by": each.presented_by,
                "code_sha256": each.code_sha256,
            }


def _cases(book: _Book) -> Iterator[Row]:
    for case in reversed(list(_all_cases(book))):
        yield {
            "case_no": case.case_no,
            "opened_at": case.opened_at.isoformat(),
            "insured": case.insured.name,
            "claim_type": case.claim_type,
            "loss_date": case.loss_date.isoformat(),
            "loss_place": case.loss_place,
            "catastrophe": book.catastrophe(case.catastrophe_id),
            "policies": "、".join(case.policy_nos) or None,
            "case_state": case.state,
            "outcome": None if case.outcome is None else case.outcome.value,
            "payable": case.payable_fen,
            "ack": case.ack.value,
        }


def _all_cases(book: _Book) -> Iterator[CaseRecord]:
    """Yield the cases opened in the span, newest first."""
    offset = 0
    while page := book.reads.cases(offset=offset, limit=_PAGE):
        yield from (case for case in page if book.within(case.opened_at))
        offset += len(page)


_ROWS: dict[RegisterKind, Callable[[_Book], Iterator[Row]]] = {
    RegisterKind.VOUCHERS: _vouchers,
    RegisterKind.SLIPS: _slips,
    RegisterKind.DOCUMENTS: _documents,
    RegisterKind.BLANKS: _blanks,
    RegisterKind.VOIDED: _voided,
    RegisterKind.DAY_COUNTS: _day_counts,
    RegisterKind.VERIFIED: _verified,
    RegisterKind.CASES: _cases,
}


def _head(book: _Book, paper: PaperRecord) -> Row:
    return {
        "number": paper.number,
        "issued_at": paper.issued_at.isoformat(),
        "paper": _title(paper),
        "case_no": paper.case_no or None,
        "insured": book.insured(paper.case_no),
        "ack": paper.ack.value,
    }


def _title(paper: PaperRecord) -> Bilingual:
    """Return what a paper is called; one that only a later release defines is known by its id."""
    if paper.kind is not PaperKind.DOCUMENT:
        return PAPER_KINDS[paper.kind.value]
    try:
        return paper_definition(PaperId(paper.paper)).title
    except ValueError:
        return Bilingual(paper.paper, paper.paper)


def _together(sentences: Sequence[Bilingual]) -> Bilingual | None:
    if not sentences:
        return None
    return Bilingual("".join(each.zh for each in sentences), " ".join(each.en for each in sentences))


def _first(moments: Sequence[PaperMoment], state: PaperState) -> PaperMoment | None:
    return next((each for each in moments if each.what == state.value), None)


def _at(moment: PaperMoment | None) -> str | None:
    return None if moment is None or moment.at is None else moment.at.isoformat()
