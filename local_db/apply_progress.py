"""Keeps each case's ``CaseProgress`` beside it, one fold step an event, and the flags that lists filter by.

Promise: what lies in the columns is exactly what ``claims.case_progress`` says of the progress; nothing is decided here.
"""

from __future__ import annotations

import msgspec

from claims.case_progress import CaseProgress, after, answered, finished, opened, sent_back, unpromised, withdrawn
from claims.events import CaseOpened, Event
from claims.lifecycle import CaseState
from claims.statements import SettlementAnswered
from local_db.connection import Engine

_decoder = msgspec.json.Decoder(CaseProgress)


def read_progress(body: str) -> CaseProgress:
    """Return the progress from its column."""
    return _decoder.decode(body)


def open_progress(engine: Engine, event: CaseOpened, seq: int) -> None:
    """Start the progress of a case that has just opened."""
    progress = opened(event, seq)
    engine.execute(
        "INSERT INTO case_progress (opened_seq, case_no, body) VALUES (?, ?, ?)", (seq, event.case_no, _text(progress))
    )


def advance_case(engine: Engine, event: Event, seq: int) -> None:
    """Fold one more event into the progress of the case it belongs to, if it belongs to one."""
    if isinstance(event, CaseOpened):
        return
    case_no = getattr(event, "case_no", None)
    if case_no is None:
        number = getattr(event, "number", None) or getattr(event, "voucher_no", None)
        row = engine.execute("SELECT case_no FROM paper WHERE number = ?", (number,)).fetchone()
        case_no = None if row is None else row[0]
    before = _progress(engine, case_no)
    if before is not None:
        progress = after(before, event, seq)
        if progress is not before:
            _write(engine, progress)


def note_answer(engine: Engine, statement: SettlementAnswered) -> None:
    """Fold a verdict into its case; a verdict on a case this laptop does not know changes nothing."""
    before = _progress(engine, statement.case_no)
    if before is not None:
        _write(engine, answered(before, statement))


def note_withdrawn(engine: Engine, case_no: str) -> None:
    """Fold headquarters' closing of a case into it; a case this laptop does not know changes nothing."""
    before = _progress(engine, case_no)
    if before is not None:
        engine.execute("UPDATE case_file SET state = ? WHERE case_no = ?", (CaseState.CANCELLED.value, case_no))
        _write(engine, withdrawn(before))


def _progress(engine: Engine, case_no: str | None) -> CaseProgress | None:
    row = engine.execute("SELECT body FROM case_progress WHERE case_no = ?", (case_no,)).fetchone()
    return None if row is None else read_progress(row[0])


def _write(engine: Engine, progress: CaseProgress) -> None:
    engine.execute("UPDATE case_progress SET body = ? WHERE case_no = ?", (_text(progress), progress.case_no))
    engine.execute(
        "UPDATE case_file SET finished = ?, unpromised = ?, sent_back = ?, revision = revision + 1 WHERE case_no = ?",
        (int(finished(progress)), int(unpromised(progress)), int(sent_back(progress)), progress.case_no),
    )


def _text(progress: CaseProgress) -> str:
    return msgspec.json.encode(progress).decode()
