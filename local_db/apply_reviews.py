"""What corrections, reviews, links, payments and prepayments change in the present.

Promise: a function of the event or statement, its place and the tables before it. A field shows its newest value, whoever set it; every change and
every value that stood against it is kept. A statement about a case that this laptop does not hold changes no case.

Source: design.md "Conflicts"; docs/adr/0157, docs/adr/0158.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from claims.correctable_fields import CaseField, field_name, with_value
from claims.errors import Bilingual
from claims.events import CaseCorrected, CaseOpened
from claims.statements import (
    CaseFieldDecided,
    CasesLinked,
    CaseWithdrawn,
    PaymentReported,
    PrepaymentMade,
    ReviewOpened,
)
from local_db.apply_progress import note_withdrawn
from local_db.case_search import case_search_text
from local_db.connection import Engine
from local_db.row_text import instant_text, json_text

_openings = msgspec.json.Decoder(CaseOpened)


def correct_field(engine: Engine, event: CaseCorrected, seq: int) -> None:
    """A field was changed here."""
    engine.execute(
        "INSERT INTO case_change (seq, position, case_no, field, base, value, reason, at) VALUES (?, 0, ?, ?, ?, ?, ?, ?)",
        (seq, event.case_no, event.field, event.base, event.value, event.reason, instant_text(event.at)),
    )
    _show(engine, event.case_no, event.field, event.value)


def decide_field(engine: Engine, statement: CaseFieldDecided, position: int) -> None:
    """Headquarters said what a field is; with a review's id this ends the review."""
    engine.execute(
        "INSERT INTO case_change (seq, position, case_no, field, base, value, reason, at) VALUES (0, ?, ?, ?, '', ?, '', ?)",
        (position, statement.case_no, statement.field, statement.value, instant_text(statement.issued_at)),
    )
    _show(engine, statement.case_no, statement.field, statement.value)
    if statement.review_id:
        engine.execute(
            "UPDATE case_review SET value = ?, decided_at = ? WHERE review_id = ?",
            (statement.value, instant_text(statement.issued_at), statement.review_id),
        )
        _drop_task(engine, f"review-{statement.review_id}")


def open_review(engine: Engine, statement: ReviewOpened, position: int) -> None:
    """One field has several values; a person at headquarters decides, and somebody here may know better."""
    engine.execute(
        "INSERT INTO case_review (review_id, position, case_no, field, contents, opened_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (review_id) DO UPDATE SET contents = excluded.contents",
        (
            statement.review_id,
            position,
            statement.case_no,
            statement.field,
            msgspec.json.encode(statement.values).decode(),
            instant_text(statement.issued_at),
        ),
    )
    named = field_name(statement.field)
    values = Bilingual(
        "、".join(f"“{each}”" for each in statement.values), ", ".join(f'"{each}"' for each in statement.values)
    )
    _add_task(
        engine,
        f"review-{statement.review_id}",
        position,
        statement.issued_at,
        statement.case_no,
        Bilingual(
            f"{named.zh}在现场和总部各改了一次：{values.zh}。两个值都已保留，请向客户核实并告诉总部哪个正确。",
            f"The {named.en} was changed here and at headquarters: {values.en}. Both are kept; ask the claimant and tell headquarters which is right.",
        ),
    )


def link_case(engine: Engine, statement: CasesLinked, position: int) -> None:
    """Another case is about the same loss; the first word about a pair stands."""
    engine.execute(
        "INSERT OR IGNORE INTO case_link (case_no, other_case_no, position, body) VALUES (?, ?, ?, ?)",
        (statement.case_no, statement.other_case_no, position, json_text(statement)),
    )


def withdraw_case(engine: Engine, statement: CaseWithdrawn, position: int) -> None:
    """Headquarters closed a case for good."""
    engine.execute(
        "INSERT OR IGNORE INTO case_withdrawal (case_no, position, body) VALUES (?, ?, ?)",
        (statement.case_no, position, json_text(statement)),
    )
    note_withdrawn(engine, statement.case_no)


def report_payment(engine: Engine, statement: PaymentReported, position: int) -> None:
    """What the bank said; money that did not arrive is a task until it does."""
    engine.execute(
        "INSERT INTO payment_note (position, case_no, voucher_no, body) VALUES (?, ?, ?, ?)",
        (position, statement.case_no, statement.voucher_no, json_text(statement)),
    )
    task_id = f"payment-{statement.voucher_no}"
    _drop_task(engine, task_id)
    if statement.status == "paid":
        return
    why = Bilingual(
        f"（{statement.reason.zh}）" if statement.reason.zh else "",
        f" ({statement.reason.en})" if statement.reason.en else "",
    )
    _add_task(
        engine,
        task_id,
        position,
        statement.issued_at,
        statement.case_no,
        Bilingual(
            f"凭证 {statement.voucher_no} 的款项没有到账{why.zh}。请与客户核对户名、开户行和账号，并告诉总部重新付款。",
            f"The money of voucher {statement.voucher_no} did not arrive{why.en}. Check name, bank and account with the claimant and tell headquarters to pay again.",
        ),
    )


def prepay(engine: Engine, statement: PrepaymentMade, position: int) -> None:
    """Headquarters paid ahead on a loss."""
    engine.execute(
        "INSERT OR IGNORE INTO prepayment (prepayment_no, position, case_no, policy_no, amount_fen, pools, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            statement.prepayment_no,
            position,
            statement.case_no,
            statement.policy_no,
            statement.amount_fen,
            msgspec.json.encode(statement.pools).decode(),
            json_text(statement),
        ),
    )


def _show(engine: Engine, case_no: str, field: str, value: str) -> None:
    row = engine.execute("SELECT opening FROM case_file WHERE case_no = ?", (case_no,)).fetchone()
    if row is None or field not in {each.value for each in CaseField}:
        return
    opening = with_value(_openings.decode(row[0]), CaseField(field), value)
    engine.execute(
        "UPDATE case_file SET opening = ?, search_text = ?, revision = revision + 1 WHERE case_no = ?",
        (json_text(opening), case_search_text(opening), case_no),
    )


def _drop_task(engine: Engine, task_id: str) -> None:
    engine.execute("DELETE FROM task WHERE task_id = ?", (task_id,))


def _add_task(  # noqa: PLR0917 - one row
    engine: Engine, task_id: str, position: int, issued_at: datetime, case_no: str, text: Bilingual
) -> None:
    _drop_task(engine, task_id)
    engine.execute(
        "INSERT INTO task (task_id, position, issued_at, kind, case_no, text_zh, text_en) VALUES (?, ?, ?, 'assigned', ?, ?, ?)",
        (task_id, position, instant_text(issued_at), case_no, text.zh, text.en),
    )
