"""Fields of a case that change after it was opened: at the station, at headquarters, or in both places at once.

Promise: every change is kept. Changes that follow one another are united without asking; two changes of one field from the same value keep both and
open a review for a person, who decides once. Which value a change replaced (``base``) tells the two apart, never a clock. What belongs to
headquarters (policy data, assignment, withdrawing a case) is changed here and told to the station.

Source: design.md "Conflicts"; notes/sync.md §3; docs/adr/0158.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.correctable_fields import CaseField, field_name, trouble_with, value_of
from claims.errors import Bilingual, InputError
from claims.events import CaseCorrected, CaseOpened
from claims.statements import CaseFieldDecided, CaseWithdrawn, ReviewOpened
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import CaseField as FieldRow
from headquarters.models_payments import CaseWithdrawal, FieldChange, FieldReview, Prepayment
from headquarters.statements_out import MakeStatement, say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from headquarters.wrong_input import CHECK_AGAIN, wrong_input


@dataclass(frozen=True)
class Review:
    """A field that was changed in two places. ``value`` None: it waits for a person."""

    review_id: str
    case_no: str
    field: str
    values: tuple[str, ...]
    opened_at: datetime
    value: str | None
    decided_by: str | None


def take_correction(turn: Turn, seq: int, event: CaseCorrected) -> None:
    """Take a station's change of a field: unite it, or open a review where another change has the same base."""
    session = turn.session
    found = opening_of(session, event.case_no)
    if found is None or event.field not in {each.value for each in CaseField}:
        return  # kept in the log; nothing here to hold it against
    _keep_change(
        turn, event.case_no, event.field, event.base, event.value, event.reason, turn.device.adjuster_name, seq
    )
    current = _current(session, found[0], event.field)
    review = _open_review(session, event.case_no, event.field)
    if review is None and event.base == current:
        _set(session, event.case_no, event.field, event.value, turn.device.adjuster_name, turn.at)
        if _word_may_be_under_way(session, found[0], event.case_no, event.field):
            # A word of headquarters that is under way to the station still would there undo this newer one: the last word is the current one.
            say(turn, partial(CaseFieldDecided, case_no=event.case_no, field=event.field, value=event.value))
    elif review is not None or event.value != current:
        _open(turn, event, current, review)


def _word_may_be_under_way(session: Session, opened: CaseOpened, case_no: str, field: str) -> bool:
    """Tell whether a value that headquarters sent may reach the station after its newest change.

    The station has seen headquarters' last word (and, in the order of the feed, all before) once a change of its own begins at that
    word, provided that it was said only once and that nobody at the station ever had the same value by themselves.
    """
    changes = session.scalars(
        select(FieldChange)
        .where(FieldChange.case_no == case_no, FieldChange.field == field)
        .order_by(FieldChange.position)
    )
    word: str | None = None
    elsewhere = {value_of(opened, CaseField(field))}
    for each in changes:
        if each.device is None:
            elsewhere |= {word} if word is not None else set()
            word = each.value
            continue
        if each.base == word and word not in elsewhere:
            word = None
        elsewhere |= {each.base, each.value}
    return word is not None


def correct_case(
    hq: Headquarters, case_no: str, field: str, value: str, *, by: str, reason: str, base: str | None = None
) -> None:
    """Change a field at headquarters and tell the station.

    Args:
        base: the value that the person saw; None: whatever stands.

    Raises:
        InputError: ``case_unknown``, ``field_unknown``, ``value_refused``, ``words_missing``, ``nothing_changed``, ``changed_meanwhile``,
            ``field_in_review``.
    """
    known = _field(field)
    _check_words(by, reason)
    trouble = trouble_with(known, value)
    if trouble is not None:
        raise InputError("value_refused", trouble, CHECK_AGAIN)

    def work(session: Session) -> None:
        opened, device = _opening(session, case_no)
        current, at = _current(session, opened, field), hq.now()
        review = _open_review(session, case_no, field)
        if review is not None:
            raise wrong_input(
                "field_in_review",
                f"{field_name(field).zh}有待定的不同值（{review.review_id}）。",
                f"The {field_name(field).en} is under review ({review.review_id}).",
            )
        if base is not None and base != current:
            raise wrong_input(
                "changed_meanwhile",
                f"{field_name(field).zh}已改为“{current[:60]}”，不再是“{base[:60]}”。",
                f'The {field_name(field).en} is now "{current[:60]}", no longer "{base[:60]}".',
            )
        if value == current:
            raise wrong_input(
                "nothing_changed",
                f"{field_name(field).zh}已经是“{value[:60]}”。",
                f'The {field_name(field).en} is "{value[:60]}" already.',
            )
        turn = Turn(hq, session, current_device(session, device), at)
        _keep_change(turn, case_no, field, current, value, reason, by.strip(), None)
        _set(session, case_no, field, value, by.strip(), at)
        say(turn, partial(CaseFieldDecided, case_no=case_no, field=field, value=value))
        note_fact(hq, session, FactKind.FIELD_DECIDED, at, case_no=case_no, field=field, decided_by=by.strip())

    hq.database.run(work)


def decide_review(hq: Headquarters, review_id: str, value: str, *, by: str, reason: str) -> Review:
    """End a review with one of its values or another one; tell the station. The same decision again changes nothing.

    Raises:
        InputError: ``review_unknown``, ``review_decided``, ``value_refused``, ``words_missing``.
    """
    _check_words(by, reason)

    def work(session: Session) -> Review:
        row = session.get(FieldReview, review_id)
        if row is None:
            raise wrong_input("review_unknown", f"没有复核 {review_id[:80]}。", f"There is no review {review_id[:80]}.")
        if row.value is not None:
            if (row.value, row.decided_by) == (value, by.strip()):
                return _review(row)
            raise wrong_input(
                "review_decided",
                f"{row.decided_by} 已定为“{row.value[:60]}”。",
                f'{row.decided_by} decided it already: "{row.value[:60]}".',
            )
        trouble = trouble_with(_field(row.field), value)
        if trouble is not None:
            raise InputError("value_refused", trouble, CHECK_AGAIN)
        opened, device = _opening(session, row.case_no)
        at = hq.now()
        turn = Turn(hq, session, current_device(session, device), at)
        _keep_change(
            turn, row.case_no, row.field, _current(session, opened, row.field), value, reason, by.strip(), None
        )
        _set(session, row.case_no, row.field, value, by.strip(), at)
        row.value, row.decided_by, row.reason, row.decided_at = value, by.strip(), reason.strip(), at
        say(turn, partial(CaseFieldDecided, case_no=row.case_no, field=row.field, value=value, review_id=review_id))
        note_fact(
            hq,
            session,
            FactKind.FIELD_DECIDED,
            at,
            case_no=row.case_no,
            field=row.field,
            review_id=review_id,
            decided_by=by.strip(),
        )
        return _review(row)

    return hq.database.run(work)


def withdraw_case(hq: Headquarters, case_no: str, *, by: str, reason: str) -> None:
    """Close a case for good: opened twice, withdrawn by the claimant. Nothing of it is deleted. Again changes nothing.

    Raises:
        InputError: ``case_unknown``, ``words_missing``, ``promise_stands``.
    """
    _check_words(by, reason)

    def work(session: Session) -> None:
        _, device = _opening(session, case_no)
        if session.get(CaseWithdrawal, case_no) is not None:
            return
        standing = session.scalars(
            select(Voucher).where(Voucher.case_no == case_no, Voucher.verdict.in_((Verdict.SETTLED, Verdict.HOLD)))
        ).first()
        if standing is not None:
            raise wrong_input(
                "promise_stands",
                f"案件 {case_no} 的凭证 {standing.voucher_no} 仍然有效，不能销案。",
                f"Voucher {standing.voucher_no} of case {case_no} stands: the case can't be withdrawn.",
            )
        ahead = session.scalars(select(Prepayment).where(Prepayment.case_no == case_no)).first()
        if ahead is not None:
            raise wrong_input(
                "promise_stands",
                f"案件 {case_no} 已预付（{ahead.prepayment_no}），不能销案。",
                f"Money was paid ahead on case {case_no} ({ahead.prepayment_no}): it can't be withdrawn.",
            )
        at = hq.now()
        session.add(CaseWithdrawal(case_no=case_no, reason=reason.strip(), withdrawn_by=by.strip(), at=at))
        told = Bilingual(f"总部已销案：{reason.strip()}", f"Headquarters withdrew the case: {reason.strip()}")
        make: MakeStatement = partial(CaseWithdrawn, case_no=case_no, reason=told)
        say(Turn(hq, session, current_device(session, device), at), make)
        note_fact(hq, session, FactKind.CASE_WITHDRAWN, at, case_no=case_no, withdrawn_by=by.strip())

    hq.database.run(work)


def reviews(hq: Headquarters, *, open_only: bool = True) -> tuple[Review, ...]:
    """Return reviews, the oldest first: those that wait for a person, or all."""
    query = select(FieldReview).order_by(FieldReview.opened_at, FieldReview.review_id)
    if open_only:
        query = query.where(FieldReview.value.is_(None))
    with hq.database.read() as session:
        return tuple(_review(each) for each in session.scalars(query))


def case_fields(hq: Headquarters, case_no: str) -> dict[str, str]:
    """Return the fields of a case that may be corrected, as they stand. Raises ``InputError`` (``case_unknown``)."""
    with hq.database.read() as session:
        opened, _ = _opening(session, case_no)
        return {each.value: _current(session, opened, each.value) for each in CaseField}


def _open(turn: Turn, event: CaseCorrected, current: str, review: FieldReview | None) -> None:
    if review is None:
        review = FieldReview(
            review_id=f"{event.case_no}-V{_count(turn.session, event.case_no) + 1}",
            case_no=event.case_no,
            field=event.field,
            contents=msgspec.json.encode([current, event.value]),
            opened_at=turn.at,
            value=None,
            decided_by=None,
            reason=None,
            decided_at=None,
        )
        turn.session.add(review)
    else:
        values = _values(review)
        if event.value in values:
            return
        review.contents = msgspec.json.encode([*values, event.value])
    turn.session.flush()
    opened = opening_of(turn.session, event.case_no)
    holder = turn.device if opened is None else current_device(turn.session, opened[1])
    say(
        Turn(turn.hq, turn.session, holder, turn.at),
        partial(
            ReviewOpened,
            review_id=review.review_id,
            case_no=event.case_no,
            field=event.field,
            values=_values(review),
        ),
    )
    note_fact(
        turn.hq,
        turn.session,
        FactKind.REVIEW_OPENED,
        turn.at,
        review_id=review.review_id,
        case_no=event.case_no,
        field=event.field,
    )


def _current(session: Session, opened: CaseOpened, field: str) -> str:
    row = session.get(FieldRow, (opened.case_no, field))
    return value_of(opened, CaseField(field)) if row is None else row.value


def _set(session: Session, case_no: str, field: str, value: str, by: str, at: datetime) -> None:  # noqa: PLR0917 - one row
    row = session.get(FieldRow, (case_no, field))
    if row is None:
        session.add(FieldRow(case_no=case_no, field=field, value=value, set_by=by, at=at))
    else:
        row.value, row.set_by, row.at = value, by, at
    session.flush()


def _keep_change(  # noqa: PLR0917 - one row
    turn: Turn, case_no: str, field: str, base: str, value: str, reason: str, by: str, seq: int | None
) -> None:
    own = seq is not None
    turn.session.add(
        FieldChange(
            case_no=case_no,
            field=field,
            base=base,
            value=value,
            reason=reason.strip(),
            changed_by=by,
            device=turn.device.device if own else None,
            epoch=turn.device.epoch if own else None,
            seq=seq,
            at=turn.at,
        )
    )
    turn.session.flush()


def _open_review(session: Session, case_no: str, field: str) -> FieldReview | None:
    return session.scalars(
        select(FieldReview).where(
            FieldReview.case_no == case_no, FieldReview.field == field, FieldReview.value.is_(None)
        )
    ).first()


def _count(session: Session, case_no: str) -> int:
    query = select(func.count()).select_from(FieldReview).where(FieldReview.case_no == case_no)
    return int(session.scalar(query) or 0)


def _review(row: FieldReview) -> Review:
    return Review(row.review_id, row.case_no, row.field, _values(row), row.opened_at, row.value, row.decided_by)


def _values(row: FieldReview) -> tuple[str, ...]:
    return msgspec.json.decode(row.contents, type=tuple[str, ...])


def _opening(session: Session, case_no: str) -> tuple[CaseOpened, str]:
    found = opening_of(session, case_no)
    if found is None:
        raise wrong_input(
            "case_unknown", f"总部没有案件 {case_no[:40]} 的记录。", f"Headquarters has no case {case_no[:40]}."
        )
    return found


def _field(field: str) -> CaseField:
    try:
        return CaseField(field)
    except ValueError:
        named = "、".join(each.value for each in CaseField)
        raise wrong_input(
            "field_unknown",
            f"“{field[:40]}”不能更正，可更正：{named}。",
            f'"{field[:40]}" can\'t be corrected; these can: {named}.',
        ) from None


def _check_words(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise wrong_input("words_missing", "没有写明决定人或理由。", "Who decides, or why, is missing.")
