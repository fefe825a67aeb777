"""What each event changes in the present.

Promise: a function of the event's bytes, its seq and the tables before it; no clock, no random, no file. Replaying the same
log and inbox in order gives the same tables. An event that does not fit what came before raises ``BugError``.
"""

from __future__ import annotations

import unicodedata
from functools import singledispatch
from typing import Any

import msgspec

from claims.allowances import AllowanceBook, PoolId, apply_debits
from claims.allowances import Allowance as Grant
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
    PaperPrinted,
    PaperRendered,
    PaperSigned,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
    decode_event,
)
from claims.records import PaperState
from local_db import problems
from local_db.connection import Engine
from local_db.number_text import split_number
from local_db.row_text import instant_of, instant_text, json_text

INITIAL_STATE = "notified"
"""State of a case that was opened and nothing else (notes/domain.md §1.1, NOTIFIED)."""

PRIORITY_PAPER, PRIORITY_THUMBNAIL, PRIORITY_PHOTO = 2, 3, 4
_RANK = {state: rank for rank, state in enumerate(PaperState)}


class _Total(msgspec.Struct, frozen=True):
    """The one field of a decision that the present needs; the rest stays in its bytes."""

    total_fen: int


def apply_event(engine: Engine, seq: int, raw: bytes) -> None:
    """Apply one event from its log bytes.

    Raises:
        BugError: it contradicts the log before it.
        msgspec.ValidationError: not an event this program knows.
    """
    _apply(decode_event(raw), engine, seq)


def search_form(text: str) -> str:
    """Return text as it is compared in searches: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@singledispatch
def _apply(event: Event, engine: Engine, seq: int) -> None:
    raise problems.contradiction(f"{seq}: {type(event).__name__}")


@_apply.register
def _case_opened(event: CaseOpened, engine: Engine, seq: int) -> None:
    names = (event.case_no, event.insured.name, event.reporter.name, *event.policy_nos)
    engine.execute(
        "INSERT INTO case_file (case_no, opened_seq, last_seq, state, opened_at, updated_at, opening, search_text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.case_no,
            seq,
            seq,
            INITIAL_STATE,
            instant_text(event.at),
            instant_text(event.at),
            json_text(event),
            "\n".join(search_form(name) for name in names),
        ),
    )
    _use_number(engine, "case", event.case_no, seq)


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
        _need_attachment(engine, event.thumbnail_sha256, None, PRIORITY_THUMBNAIL, seq)


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
    total_fen = msgspec.json.decode(event.decision, type=_Total).total_fen
    engine.execute(
        "INSERT INTO determination (case_no, policy_no, first_seq, seq, outcome, total_fen, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (case_no, policy_no) DO UPDATE SET seq = excluded.seq, outcome = excluded.outcome,"
        " total_fen = excluded.total_fen, body = excluded.body",
        (event.case_no, event.policy_no, seq, seq, event.outcome.value, total_fen, json_text(event)),
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
    _add_paper(engine, "voucher", event.voucher_no, event.case_no, event, seq)
    for keyed in event.keys:
        engine.execute(
            "INSERT INTO promised_key (settlement_key, voucher_no, seq) VALUES (?, ?, ?)",
            (keyed.settlement_key, event.voucher_no, seq),
        )
    _debit(engine, event)
    _weigh_case(engine, event.case_no)


@_apply.register
def _slip_issued(event: SlipIssued, engine: Engine, seq: int) -> None:
    _touch_case(engine, event.case_no, event, seq)
    _add_paper(engine, "slip", event.slip_no, event.case_no, event, seq)
    engine.execute("UPDATE case_file SET outcome = ? WHERE case_no = ?", (event.outcome.value, event.case_no))


@_apply.register
def _paper_rendered(event: PaperRendered, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.RENDERED, event, seq)
    engine.execute("UPDATE paper SET pdf_sha256 = ? WHERE number = ?", (event.pdf_sha256, event.number))
    _need_attachment(engine, event.pdf_sha256, event.size_bytes, PRIORITY_PAPER, seq)


@_apply.register
def _paper_printed(event: PaperPrinted, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.PRINTED, event, seq)
    engine.execute("UPDATE paper SET copies = max(copies, ?) WHERE number = ?", (event.copy_no, event.number))


@_apply.register
def _paper_handed_over(event: PaperHandedOver, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.number, PaperState.HANDED_OVER, event, seq)


@_apply.register
def _voucher_voided(event: VoucherVoided, engine: Engine, seq: int) -> None:
    _move_paper(engine, event.voucher_no, PaperState.VOIDED, event, seq)
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


def _add_paper(engine: Engine, kind: str, number: str, case_no: str, event: Event, seq: int) -> None:
    _use_number(engine, kind, number, seq)
    engine.execute(
        "INSERT INTO paper (number, kind, case_no, seq, last_seq, state, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, kind, case_no, seq, seq, PaperState.ASKED.value, json_text(event)),
    )


def _move_paper(engine: Engine, number: str, state: PaperState, event: Event, seq: int) -> None:
    row = engine.execute("SELECT case_no, state FROM paper WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: paper {number}")
    _touch_case(engine, row[0], event, seq)
    # A reprint draws and prints again; the paper's life only goes forward.
    newest = max(PaperState(row[1]), state, key=_RANK.__getitem__)
    engine.execute("UPDATE paper SET state = ?, last_seq = ? WHERE number = ?", (newest.value, seq, number))


def _use_number(engine: Engine, kind: str, number: str, seq: int) -> None:
    prefix, value = split_number(number)
    engine.execute(
        "INSERT INTO number_use (number, kind, prefix, value, seq) VALUES (?, ?, ?, ?, ?)",
        (number, kind, prefix, value, seq),
    )


def _need_attachment(engine: Engine, sha256: str, size_bytes: int | None, priority: int, seq: int) -> None:
    engine.execute(
        "INSERT INTO attachment (sha256, size_bytes, priority, seq) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET size_bytes = coalesce(size_bytes, excluded.size_bytes),"
        " priority = min(priority, excluded.priority)",
        (sha256, size_bytes, priority, seq),
    )


def _debit(engine: Engine, event: VoucherIssued) -> None:
    """Debit through the domain's own ``apply_debits``, so that the store and the simulator can't disagree."""
    grants = []
    for grant_id in dict.fromkeys(debit.grant_id for debit in event.debits):
        row = engine.execute(f"SELECT {GRANT_COLUMNS} FROM allowance WHERE grant_id = ?", (grant_id,)).fetchone()
        if row is not None:
            grants.append(grant_of(row))
    before = AllowanceBook(device="", epoch=0, allowances=tuple(grants))
    for grant in apply_debits(before, event.debits).allowances:
        engine.execute(
            "UPDATE allowance SET spent_fen = ?, counter = ? WHERE grant_id = ?",
            (grant.spent_fen, grant.counter, grant.grant_id),
        )


GRANT_COLUMNS = "grant_id, pool, limit_fen, spent_fen, expires_at, counter, closed"


def grant_of(row: Any) -> Grant:
    """Build a grant from a row of ``GRANT_COLUMNS``."""
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
    found: dict[str, int] = {}
    payable_fen = 0
    for outcome, total_fen in engine.execute(
        "SELECT outcome, total_fen FROM determination WHERE case_no = ?", (case_no,)
    ):
        found[outcome] = total_fen
        payable_fen += total_fen
    for outcome in (Outcome.REFERRED, Outcome.RECEIPT_ONLY, Outcome.PRE_APPROVED):
        if outcome.value in found:
            engine.execute(
                "UPDATE case_file SET outcome = ?, payable_fen = ? WHERE case_no = ?",
                (outcome.value, payable_fen, case_no),
            )
            return
