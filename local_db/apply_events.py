"""What each event changes in the present.

Promise: a function of the event's bytes, its seq and the tables before it; no clock, no random, no file. Replaying the same
log and inbox in order gives the same tables. An event that does not fit what came before raises ``BugError``.
"""

from __future__ import annotations

from functools import singledispatch

import msgspec

from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    BlankEntered,
    BlanksPrepared,
    BoxKeyAnnounced,
    CaseCorrected,
    CaseOpened,
    CaseStateChanged,
    DayCounted,
    DeterminationMade,
    DocumentAdded,
    Event,
    FactsRecorded,
    NumberSpoiled,
    Outcome,
    PaperAsked,
    PaperHandedOver,
    PaperKind,
    PaperPrinted,
    PaperRedeemed,
    PaperRendered,
    PaperSigned,
    RecoverySlotSealed,
    SlipIssued,
    VoucherIssued,
    VoucherRecovered,
    VoucherVoided,
    decode_event,
)
from claims.lifecycle import CaseState
from claims.records import PaperState
from claims.settlement import person_key
from local_db import apply_custody, apply_reviews, apply_transfers, problems
from local_db.apply_progress import advance_case, open_progress
from local_db.case_search import case_search_text
from local_db.connection import Engine
from local_db.paper_rows import (
    NewPaper,
    add_paper,
    move_paper,
    note_moment,
    redeem_paper,
    require_blank,
    spoil_number,
    touch_case,
    use_number,
    void_paper,
)
from local_db.row_text import instant_text, json_text

PRIORITY_PAPER, PRIORITY_THUMBNAIL, PRIORITY_PHOTO = 2, 3, 4


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


@singledispatch
def _apply(event: Event, engine: Engine, seq: int) -> None:  # noqa: ARG001 - the shape of its registered cases
    raise problems.contradiction(f"{seq}: {type(event).__name__}")


@_apply.register
def _recovery_slot_sealed(event: RecoverySlotSealed, engine: Engine, seq: int) -> None:
    """Nothing of the present follows from it: it is for headquarters."""


@_apply.register
def _box_key_announced(event: BoxKeyAnnounced, engine: Engine, seq: int) -> None:  # noqa: ARG001 - the shape of its siblings
    apply_custody.announce_box_key(engine, event)


@_apply.register
def _case_opened(event: CaseOpened, engine: Engine, seq: int) -> None:
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
            case_search_text(event),
            person_key(event.insured),
        ),
    )
    use_number(engine, "case", event.case_no, event, seq)
    open_progress(engine, event, seq)


@_apply.register
def _case_corrected(event: CaseCorrected, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    apply_reviews.correct_field(engine, event, seq)


@_apply.register
def _case_state_changed(event: CaseStateChanged, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    engine.execute("UPDATE case_file SET state = ? WHERE case_no = ?", (event.to_state, event.case_no))


@_apply.register
def _document_added(event: DocumentAdded, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO document (case_no, document_id, seq, body) VALUES (?, ?, ?, ?)",
        (event.case_no, event.document_id, seq, json_text(event)),
    )
    _need_attachment(engine, event.sha256, event.size_bytes, PRIORITY_PHOTO, seq)
    if event.thumbnail_sha256 is not None:
        _need_attachment(engine, event.thumbnail_sha256, event.thumbnail_size_bytes, PRIORITY_THUMBNAIL, seq)


@_apply.register
def _facts_recorded(event: FactsRecorded, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO policy_facts (case_no, policy_no, seq, pack_hash, facts) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (case_no, policy_no) DO UPDATE SET seq = excluded.seq, pack_hash = excluded.pack_hash, facts = excluded.facts",
        (event.case_no, event.policy_no, seq, event.pack_hash, bytes(event.facts)),
    )


@_apply.register
def _determination_made(event: DeterminationMade, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    payable_fen = msgspec.json.decode(event.decision, type=_Sum).payable_fen
    engine.execute(
        "INSERT INTO determination_before (seq, case_no, policy_no, body)"
        " SELECT seq, case_no, policy_no, body FROM determination AS old WHERE case_no = ? AND policy_no = ? AND EXISTS"
        " (SELECT 1 FROM paper WHERE paper.case_no = old.case_no AND kind = 'voucher'"
        " AND paper.body ->> 'decision_sha256' = old.body ->> 'decision_sha256')",
        (event.case_no, event.policy_no),
    )
    engine.execute(
        "INSERT INTO determination (case_no, policy_no, first_seq, seq, outcome, payable_fen, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (case_no, policy_no) DO UPDATE SET seq = excluded.seq, outcome = excluded.outcome,"
        " payable_fen = excluded.payable_fen, body = excluded.body",
        (event.case_no, event.policy_no, seq, seq, event.outcome.value, payable_fen, json_text(event)),
    )
    _weigh_case(engine, event.case_no)


@_apply.register
def _paper_signed(event: PaperSigned, engine: Engine, seq: int) -> None:
    # A paper of the station is signed without a case.
    if event.case_no:
        touch_case(engine, event.case_no, event, seq)
    engine.execute(
        "INSERT INTO signature (seq, case_no, subject, body) VALUES (?, ?, ?, ?)",
        (seq, event.case_no or None, event.subject, json_text(event)),
    )


@_apply.register
def _voucher_issued(event: VoucherIssued, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    add_paper(
        engine,
        NewPaper(PaperKind.VOUCHER, event.voucher_no, PaperKind.VOUCHER.value, event.case_no, event.amount_fen),
        event,
        seq,
    )
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
    apply_transfers.debit_grants(engine, event)
    _weigh_case(engine, event.case_no)


@_apply.register
def _slip_issued(event: SlipIssued, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    add_paper(engine, NewPaper(PaperKind.SLIP, event.slip_no, PaperKind.SLIP.value, event.case_no), event, seq)
    engine.execute("UPDATE case_file SET outcome = ? WHERE case_no = ?", (event.outcome.value, event.case_no))


@_apply.register
def _paper_asked(event: PaperAsked, engine: Engine, seq: int) -> None:
    if event.case_no is not None:
        touch_case(engine, event.case_no, event, seq)
    add_paper(engine, NewPaper(PaperKind.DOCUMENT, event.number, event.paper, event.case_no), event, seq)


@_apply.register
def _blanks_prepared(event: BlanksPrepared, engine: Engine, seq: int) -> None:
    for number in event.numbers:
        one = msgspec.structs.replace(event, numbers=(number,))
        add_paper(engine, NewPaper(event.kind, number, event.paper, None, blank=True), one, seq)


@_apply.register
def _blank_entered(event: BlankEntered, engine: Engine, seq: int) -> None:
    touch_case(engine, event.case_no, event, seq)
    require_blank(engine, event.number, event.kind, seq)
    # Whoever filled it in gave it to the claimant there and then.
    engine.execute(
        "UPDATE paper SET case_no = ?, filled_on = ?, state = ?, last_seq = ? WHERE number = ?",
        (event.case_no, event.filled_on.isoformat(), PaperState.HANDED_OVER.value, seq, event.number),
    )
    note_moment(engine, event.number, PaperState.HANDED_OVER, event, seq, detail=event.receiver)


@_apply.register
def _voucher_recovered(event: VoucherRecovered, engine: Engine, seq: int) -> None:
    # The promise was another laptop's: it takes no number and no allowance here.
    engine.execute("INSERT INTO recovered_voucher (seq, body) VALUES (?, ?)", (seq, json_text(event)))


@_apply.register
def _paper_redeemed(event: PaperRedeemed, engine: Engine, seq: int) -> None:
    engine.execute(
        "INSERT INTO redemption (seq, voucher_no, body) VALUES (?, ?, ?)", (seq, event.voucher_no, json_text(event))
    )
    redeem_paper(engine, event.voucher_no, event, seq, detail=event.presented_by)


@_apply.register
def _day_counted(event: DayCounted, engine: Engine, seq: int) -> None:
    engine.execute(
        "INSERT INTO day_count (seq, day, body) VALUES (?, ?, ?)", (seq, event.day.isoformat(), json_text(event))
    )


@_apply.register
def _paper_rendered(event: PaperRendered, engine: Engine, seq: int) -> None:
    move_paper(engine, event.number, PaperState.RENDERED, event, seq, copy_no=event.copy_no)
    engine.execute(
        "UPDATE paper SET pdf_sha256 = ?, copies = max(copies, ?) WHERE number = ?",
        (event.pdf_sha256, event.copy_no, event.number),
    )
    _need_attachment(engine, event.pdf_sha256, event.size_bytes, PRIORITY_PAPER, seq)


@_apply.register
def _paper_printed(event: PaperPrinted, engine: Engine, seq: int) -> None:
    move_paper(engine, event.number, PaperState.PRINTED, event, seq, copy_no=event.copy_no, detail=event.destination)


@_apply.register
def _paper_handed_over(event: PaperHandedOver, engine: Engine, seq: int) -> None:
    move_paper(engine, event.number, PaperState.HANDED_OVER, event, seq, detail=event.receiver)


@_apply.register
def _voucher_voided(event: VoucherVoided, engine: Engine, seq: int) -> None:
    void_paper(engine, event.voucher_no, event, seq, event.reason)


@_apply.register
def _number_spoiled(event: NumberSpoiled, engine: Engine, seq: int) -> None:
    spoil_number(engine, event, seq)


@_apply.register
def _allowance_transferred(event: AllowanceTransferred, engine: Engine, seq: int) -> None:
    apply_transfers.hand_on(engine, event, seq)


@_apply.register
def _allowance_received(event: AllowanceReceived, engine: Engine, seq: int) -> None:
    apply_transfers.take_transfer(engine, event, seq)


@_apply.register
def _allowance_closed(event: AllowanceClosed, engine: Engine, seq: int) -> None:
    apply_transfers.close_grant(engine, event, seq)


def _need_attachment(engine: Engine, sha256: str, size_bytes: int | None, priority: int, seq: int) -> None:
    engine.execute(
        "INSERT INTO attachment (sha256, size_bytes, priority, seq, held)"
        " VALUES (?1, ?2, ?3, ?4, EXISTS (SELECT 1 FROM attachment_held WHERE sha256 = ?1))"
        " ON CONFLICT (sha256) DO UPDATE SET size_bytes = coalesce(size_bytes, excluded.size_bytes),"
        " priority = min(priority, excluded.priority)",
        (sha256, size_bytes, priority, seq),
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
