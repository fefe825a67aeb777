"""The rows of numbered papers and of their numbers: added, moved on, spoiled, redeemed.

Promise: a number is used once, whatever paper it is on; a paper's life only goes forward; a blank form belongs to one case, once.
What does not fit the rows before it raises ``BugError``.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from claims.errors import InputError
from claims.events import Event, NumberSpoiled, PaperKind
from claims.numbering import parse_number
from claims.records import PaperState
from local_db import problems
from local_db.connection import Engine
from local_db.row_text import instant_text, json_text

_RANK = {state: rank for rank, state in enumerate(PaperState)}


@dataclass(frozen=True)
class NewPaper:
    """What an event says of a paper it takes a number for. ``case_no`` None: of the station, or a blank form."""

    kind: PaperKind
    number: str
    paper: str
    case_no: str | None
    amount_fen: int | None = None
    blank: bool = False


def touch_case(engine: Engine, case_no: str, event: Event, seq: int) -> None:
    """Note that something was recorded in a case."""
    row = engine.execute(
        "UPDATE case_file SET last_seq = ?, updated_at = ? WHERE case_no = ? RETURNING case_no",
        (seq, instant_text(event.at), case_no),
    ).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: case {case_no}")


def add_paper(engine: Engine, new: NewPaper, event: Event, seq: int) -> None:
    """Take a paper's number and add its row. ``event`` is kept as the paper's body."""
    use_number(engine, new.kind.value, new.number, event, seq)
    engine.execute(
        "INSERT INTO paper (number, kind, paper, case_no, seq, last_seq, state, issued_at, amount_fen, body, blank)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.number,
            new.kind.value,
            new.paper,
            new.case_no,
            seq,
            seq,
            PaperState.ASKED.value,
            instant_text(event.at),
            new.amount_fen,
            json_text(event),
            int(new.blank),
        ),
    )
    note_moment(engine, new.number, PaperState.ASKED, event, seq)


def move_paper(
    engine: Engine, number: str, state: PaperState, event: Event, seq: int, *, copy_no: int = 0, detail: str = ""
) -> None:
    """Move a paper on and note the moment. A reprint draws and prints again; the paper's life only goes forward."""
    row = engine.execute("SELECT case_no, state FROM paper WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: paper {number}")
    if row[0] is not None:
        touch_case(engine, row[0], event, seq)
    newest = max(PaperState(row[1]), state, key=_RANK.__getitem__)
    engine.execute("UPDATE paper SET state = ?, last_seq = ? WHERE number = ?", (newest.value, seq, number))
    note_moment(engine, number, state, event, seq, copy_no=copy_no, detail=detail)


def redeem_paper(engine: Engine, number: str, event: Event, seq: int, *, detail: str) -> None:
    """Note that a voucher was presented; one of another laptop, or one that is voided, stays what it is."""
    row = engine.execute("SELECT state FROM paper WHERE number = ?", (number,)).fetchone()
    if row is not None and row[0] != PaperState.VOIDED.value:
        move_paper(engine, number, PaperState.REDEEMED, event, seq, detail=detail)


def require_blank(engine: Engine, number: str, kind: PaperKind, seq: int) -> None:
    """Refuse to enter what is no blank form of this kind, or one that was entered or spoiled before."""
    row = engine.execute(
        "SELECT 1 FROM paper WHERE number = ? AND kind = ? AND blank = 1 AND case_no IS NULL AND state <> ?",
        (number, kind.value, PaperState.VOIDED.value),
    ).fetchone()
    if row is None:
        raise problems.contradiction(f"{seq}: blank {number}")


def spoil_number(engine: Engine, event: NumberSpoiled, seq: int) -> None:
    """Void the paper that has the number; a number without a paper is used up by it."""
    known = engine.execute("SELECT kind FROM paper WHERE number = ?", (event.number,)).fetchone()
    if known is None:
        use_number(engine, event.kind.value, event.number, event, seq)
        engine.execute("UPDATE number_use SET spoiled_reason = ? WHERE number = ?", (event.reason, event.number))
        return
    if known[0] != event.kind.value:
        raise problems.contradiction(f"{seq}: {event.number} is a {known[0]}")
    void_paper(engine, event.number, event, seq, event.reason)


def void_paper(engine: Engine, number: str, event: Event, seq: int, reason: str) -> None:
    """Void a paper for good; the first reason stands."""
    move_paper(engine, number, PaperState.VOIDED, event, seq, detail=reason)
    engine.execute("UPDATE paper SET void_reason = coalesce(void_reason, ?) WHERE number = ?", (reason, number))


def note_moment(
    engine: Engine, number: str, state: PaperState, event: Event, seq: int, *, copy_no: int = 0, detail: str = ""
) -> None:
    """Keep one moment of a paper's life."""
    engine.execute(
        "INSERT INTO paper_moment (seq, number, what, at, copy_no, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (seq, number, state.value, instant_text(event.at), copy_no, detail),
    )


def use_number(engine: Engine, kind: str, number: str, event: Event, seq: int) -> None:
    """Use a number up. A number of another shape is of no block of ours; it is used all the same.

    It counts in the block it comes from: a slip may have taken a document's number (docs/adr/0135).
    """
    prefix: str | None = None
    serial: int | None = None
    with contextlib.suppress(InputError):
        parsed = parse_number(number)
        prefix, serial = parsed.prefix, parsed.serial
        block = engine.execute(
            "SELECT kind FROM number_block WHERE prefix = ? AND ? BETWEEN first AND last", (prefix, serial)
        ).fetchone()
        kind = kind if block is None else block[0]
    engine.execute(
        "INSERT INTO number_use (number, kind, prefix, serial, seq, at) VALUES (?, ?, ?, ?, ?, ?)",
        (number, kind, prefix, serial, seq, instant_text(event.at)),
    )
