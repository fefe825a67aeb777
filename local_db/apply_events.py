"""What each event changes in the present.

Promise: a function of the event's bytes, its seq and the tables before it; no clock, no random, no file. Replaying the same
log and inbox in order gives the same tables. An event that does not fit what came before raises ``BugError``.
"""

from __future__ import annotations

import contextlib
import unicodedata
from functools import singledispatch
from typing import Any

import msgspec

from claims.allowances import Allowance as Grant
from claims.allowances import AllowanceBook, PoolId, apply_debits
from claims.errors import InputError
from claims.events import (
    AllowanceClosed,
    CaseOpened,
    CaseStateChanged,
    DeterminationMade,
    DocumentAdded,
    Event,
    FactsRecorded,
    NumberSpoiled,
    Outcome,
    PaperHandedOver,
    PaperKind,
    PaperPrinted,
    PaperRendered,
    PaperSigned,
    RecoverySlotSealed,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
    decode_event,
)
from claims.lifecycle import CaseState
from claims.numbering import parse_number
from claims.records import PaperState
from claims.settlement import person_key
from local_db import problems
from local_db.apply_progress import advance_case, open_progress
from local_db.connection import Engine
from local_db.row_text import instant_of, instant_text, json_text

PRIORITY_PAPER, PRIORITY_THUMBNAIL, PRIORITY_PHOTO = 2, 3, 4
_RANK = {state: rank for rank, state in enumerate(PaperState)}


class _Sum(msgspec.Struct, frozen=True):
    """What the present needs of a decision; the rest stays in its bytes."""

    kind: str
    total_fen: int

    @property
    def payable_fen(self) -> int:
        """What the rules make payable: a referral's sum is never a promise."""
        return self.total_fen if self.kind == "determination" else 0


def apply_event(engine: Engine, seq: int, raw: bytes) -> None:
    """Apply one event from its log bytes.

    Raises:
        BugError: it contradicts the log before it.
        msgspec.ValidationError: not an event this program knows.
    """
    event = decode_event(raw)
    _apply(event, engine, seq)
    advance_case(engine, event, seq)


def search_form(text: str) -> str:
    """Return text as it is compared in searches: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@singledispatch
def _apply(event: Event, engine: Engine, seq: int) -> None:  # noqa: ARG001 - the shape of its registered cases
    raise problems.contradiction(f"{seq}: {type(event).__name__}")


@_apply.register
def _recovery_slot_sealed(event: RecoverySlotSealed, engine: Engine, seq: int) -> None:
    """Nothing of the present follows from it: it is for headquarters."""


@_apply.register
def _case_opened(event: CaseOpened, engine: Engine, seq: int) -> None:
    names = (event.case_no, event.insured.name, event.reporter.name, *event.policy_nos)
    engine.execute(
        "INSERT INTO case_file (case_no, opened_seq, last_seq, state, opened_at, updated_at, opening, search_text, insured_key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.case_no,
            seq,
            seq,
            CaseState.NOTIFIED.value,
            instant_text(event.at),
            instant_text(event.at),
            json_text(event),
            "\n".join(search_form(name) for name in names),
            person_key(event.insured),
        ),
    )
    _use_number(engine, "case", event.case_no, seq)
    open_progress(engine, event, seq)


@_apply.register
def _case_state_changed(event: CaseStateChanged, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    engine.execute("UPDATE case_file SET state = ? WHERE case_no = ?", (event.to_state, event.case_no))


@_apply.register
def _document_added(event: DocumentAdded, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO document (case_no, document_id, seq, body) VALUES (?, ?, ?, ?)",
        (event.case_no, event.document_id, seq, json_text(event)),
    )
    _need_attachment(engine, event.sha256, event.size_bytes, PRIORITY_PHOTO, seq)
    if event.thumbnail_sha256 is not None:
        _need_attachment(engine, event.thumbnail_sha256, event.thumbnail_size_bytes, PRIORITY_THUMBNAIL, seq)


@_apply.register
def _facts_recorded(event: FactsRecorded, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO policy_facts (case_no, policy_no, seq, pack_hash, facts) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (case_no, policy_no) DO UPDATE SET seq = excluded.seq, pack_hash = excluded.pack_hash, facts = excluded.facts",
        (event.case_no, event.policy_no, seq, event.pack_hash, bytes(event.facts)),
    )


@_apply.register
def _determination_made(event: DeterminationMade, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    payable_fen = msgspec.json.decode(event.decision, type=_Sum).payable_fen
    engine.execute(
        "INSERT INTO determination (case_no, policy_no, first_seq, seq, outcome, payable_fen, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (case_no, policy_no) DO UPDATE SET seq = excluded.seq, outcome = excluded.outcome,"
        " payable_fen = excluded.payable_fen, body = excluded.body",
        (event.case_no, event.policy_no, seq, seq, event.outcome.value, payable_fen, json_text(event)),
    )
    _weigh_case(engine, event.case_no)


@_apply.register
def _paper_signed(event: PaperSigned, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO signature (seq, case_no, body) VALUES (?, ?, ?)", (seq, event.case_no, json_text(event))
    )


@_apply.register
def _voucher_issued(event: VoucherIssued, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    _add_paper(engine, PaperKind.VOUCHER, event.voucher_no, event, seq)
    for keyed in event.keys:
        engine.execute(
            "INSERT INTO promised_key (settlement_key, voucher_no, seq) VALUES (?, ?, ?)",
            (keyed.settlement_key, event.voucher_no, seq),
        )
        for pool in dict.fromkeys(keyed.pools):
            engine.execute(
                "INSERT INTO promised_draw (settlement_key, pool, amount_fen) VALUES (?, ?, ?)",
                (keyed.settlement_key, pool, keyed.amount_fen),
            )
    _debit(engine, event)
    _weigh_case(engine, event.case_no)


@_apply.register
def _slip_issued(event: SlipIssued, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    _add_paper(engine, PaperKind.SLIP, event.slip_no, event, seq)
    engine.execute("UPDATE case_file SET outcome = ? WHERE case_no = ?", (event.outcome.value, event.case_no))


@_apply.register
def _paper_rendered(event: PaperRendered, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.RENDERED, event, seq, copy_no=event.copy_no)
    engine.execute(
        "UPDATE paper SET pdf_sha256 = ?, copies = max(copies, ?) WHERE number = ?",
        (event.pdf_sha256, event.copy_no, event.number),
    )
    _need_attachment(engine, event.pdf_sha256, event.size_bytes, PRIORITY_PAPER, seq)


@_apply.register
def _paper_printed(event: PaperPrinted, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.PRINTED, event, seq, copy_no=event.copy_no, detail=event.destination)


@_apply.register
def _paper_handed_over(event: PaperHandedOver, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.HANDED_OVER, event, seq, detail=event.receiver)


@_apply.register
def _voucher_voided(event: VoucherVoided, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.voucher_no, PaperState.VOIDED, event, seq, detail=event.reason)
    engine.execute(
        "UPDATE paper SET void_reason = coalesce(void_reason, ?) WHERE number = ?", (event.reason, event.voucher_no)
    )


@_apply.register
def _number_spoiled(event: NumberSpoiled, engine: Engine, seq: int) -> None:
    _use_number(engine, event.kind.value, event.number, seq)


@_apply.register
def _allowance_closed(event: AllowanceClosed, engine: Engine, seq: int) -> None:
    row = engine.execute("SELECT spent_fen FROM allowance WHERE grant_id = ?", (event.grant_id,)).fetchone()
    if row is None or row[0] != event.spent_fen:
        raise problems.contradiction(f"{seq}: close {event.grant_id} at {event.spent_fen}")
    engine.execute("UPDATE allowance SET closed = 1 WHERE grant_id = ?", (event.grant_id,))


def _touch_case(engine: Engine, case_no: str, event: Event, seq: int) -> None:
    row = engine.execute(
        "UPDATE case_file SET last_seq = ?, updated_at = ? WHERE case_no = ? RETURNING case_no",
        (seq, instant_text(event.at), case_no),
    ).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: case {case_no}")


def _add_paper(engine: Engine, kind: PaperKind, number: str, event: VoucherIssued | SlipIssued, seq: int) -> None:
    _use_number(engine, kind.value, number, seq)
    engine.execute(
        "INSERT INTO paper (number, kind, case_no, seq, last_seq, state, issued_at, amount_fen, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            kind.value,
            event.case_no,
            seq,
            seq,
            PaperState.ASKED.value,
            instant_text(event.at),
            event.amount_fen if isinstance(event, VoucherIssued) else None,
            json_text(event),
        ),
    )
    _note_moment(engine, number, PaperState.ASKED, event, seq)


def _move_paper(
    engine: Engine, number: str, state: PaperState, event: Event, seq: int, *, copy_no: int = 0, detail: str = ""
) -> None:
    row = engine.execute("SELECT case_no, state FROM paper WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: paper {number}")
    _touch_case(engine, row[0], event, seq)
    # A reprint draws and prints again; the paper's life only goes forward.
    newest = max(PaperState(row[1]), state, key=_RANK.__getitem__)
    engine.execute("UPDATE paper SET state = ?, last_seq = ? WHERE number = ?", (newest.value, seq, number))
    _note_moment(engine, number, state, event, seq, copy_no=copy_no, detail=detail)


def _note_moment(
    engine: Engine, number: str, state: PaperState, event: Event, seq: int, *, copy_no: int = 0, detail: str = ""
) -> None:
    engine.execute(
        "INSERT INTO paper_moment (seq, number, what, at, copy_no, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (seq, number, state.value, instant_text(event.at), copy_no, detail),
    )


def _use_number(engine: Engine, kind: str, number: str, seq: int) -> None:
    prefix: str | None = None
    serial: int | None = None
    # A number of another shape is of no block of ours; it is used all the same.
    with contextlib.suppress(InputError):
        parsed = parse_number(number)
        prefix, serial = parsed.prefix, parsed.serial
    engine.execute(
        "INSERT INTO number_use (number, kind, prefix, serial, seq) VALUES (?, ?, ?, ?, ?)",
        (number, kind, prefix, serial, seq),
    )


def _need_attachment(engine: Engine, sha256: str, size_bytes: int | None, priority: int, seq: int) -> None:
    engine.execute(
        "INSERT INTO attachment (sha256, size_bytes, priority, seq, held)"
        " VALUES (?1, ?2, ?3, ?4, EXISTS (SELECT 1 FROM attachment_held WHERE sha256 = ?1))"
        " ON CONFLICT (sha256) DO UPDATE SET size_bytes = coalesce(size_bytes, excluded.size_bytes),"
        " priority = min(priority, excluded.priority)",
        (sha256, size_bytes, priority, seq),
    )


def _debit(engine: Engine, event: VoucherIssued) -> None:
    """Debit through the domain's own ``apply_debits``, so that the store and the simulator can't disagree."""
    grants = []
    for grant_id in dict.fromkeys(debit.grant_id for debit in event.debits):
        row = engine.execute(f"{GRANTS} WHERE grant_id = ?", (grant_id,)).fetchone()
        if row is not None:
            grants.append(grant_of(row))
    before = AllowanceBook(device="", epoch=0, allowances=tuple(grants))
    for grant in apply_debits(before, event.debits).allowances:
        engine.execute(
            "UPDATE allowance SET spent_fen = ?, counter = ? WHERE grant_id = ?",
            (grant.spent_fen, grant.counter, grant.grant_id),
        )


GRANTS = "SELECT grant_id, pool, limit_fen, spent_fen, expires_at, counter, closed FROM allowance"


def grant_of(row: Any) -> Grant:
    """Build a grant from a row of ``GRANTS``."""
    grant_id, pool, limit_fen, spent_fen, expires_at, counter, closed = row
    return Grant(
        grant_id=grant_id,
        pool=PoolId(pool),
        limit_fen=limit_fen,
        spent_fen=spent_fen,
        expires_at=instant_of(expires_at),
        counter=counter,
        closed=bool(closed),
    )


def _weigh_case(engine: Engine, case_no: str) -> None:
    """A case is pre-approved only when all of its policies are; its sum is what the rules came to over all of them."""
    rows = engine.execute("SELECT outcome, payable_fen FROM determination WHERE case_no = ?", (case_no,)).fetchall()
    found = {row[0] for row in rows}
    for outcome in (Outcome.REFERRED, Outcome.RECEIPT_ONLY, Outcome.PRE_APPROVED):
        if outcome.value in found:
            engine.execute(
                "UPDATE case_file SET outcome = ?, payable_fen = ? WHERE case_no = ?",
                (outcome.value, sum(row[1] for row in rows), case_no),
            )
            return
