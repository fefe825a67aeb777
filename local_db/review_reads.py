"""Reading what headquarters said of cases after they were promised: payments, prepayments, links, reviews, corrections, withdrawal.

Promise: read-only; what is returned is a frozen copy of one moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import msgspec

from claims.errors import Bilingual
from claims.records import FieldChangeRecord, FieldReviewRecord
from claims.statements import CasesLinked, CaseWithdrawn, PaymentReported, PrepaymentMade
from local_db.connection import Engine
from local_db.row_text import instant_of


class ReviewReads:
    """The part of ``claims.ports.Reads`` about corrections, links and payments; ``local_db.reads`` adds the rest."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def payments(self, case_no: str) -> Sequence[PaymentReported]:
        """Return what the bank said of a case's vouchers and prepayments, in order of arrival."""
        with self._reading():
            rows = self._engine.execute("SELECT body FROM payment_note WHERE case_no = ? ORDER BY position", (case_no,))
            return [msgspec.json.decode(body, type=PaymentReported) for (body,) in rows.fetchall()]

    def prepayments(self, policy_no: str) -> Sequence[PrepaymentMade]:
        """Return what headquarters paid ahead on a policy's losses, in order of arrival."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM prepayment WHERE policy_no = ? ORDER BY position", (policy_no,)
            )
            return [msgspec.json.decode(body, type=PrepaymentMade) for (body,) in rows.fetchall()]

    def prepaid_fen(self, pool: str) -> int:
        """Return what prepayments took from a pool."""
        with self._reading():
            row = self._engine.execute(
                "SELECT coalesce(sum(amount_fen), 0) FROM prepayment WHERE EXISTS (SELECT 1 FROM json_each(pools) WHERE value = ?)",
                (pool,),
            ).fetchone()
            return int(row[0])

    def links(self, case_no: str) -> Sequence[CasesLinked]:
        """Return the cases elsewhere that are about the same loss, in order of arrival."""
        with self._reading():
            rows = self._engine.execute("SELECT body FROM case_link WHERE case_no = ? ORDER BY position", (case_no,))
            return [msgspec.json.decode(body, type=CasesLinked) for (body,) in rows.fetchall()]

    def reviews(self, case_no: str) -> Sequence[FieldReviewRecord]:
        """Return the fields of a case that were changed in two places, decided ones as well."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT review_id, field, contents, opened_at, value, decided_at FROM case_review WHERE case_no = ? ORDER BY position",
                (case_no,),
            ).fetchall()
            return [
                FieldReviewRecord(
                    review_id=review_id,
                    case_no=case_no,
                    field=field,
                    values=msgspec.json.decode(contents, type=tuple[str, ...]),
                    opened_at=instant_of(opened_at),
                    value=value,
                    decided_at=None if decided_at is None else instant_of(decided_at),
                )
                for review_id, field, contents, opened_at, value, decided_at in rows
            ]

    def corrections(self, case_no: str) -> Sequence[FieldChangeRecord]:
        """Return every change of a case's fields as this laptop learned of them, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT position, field, base, value, reason, at FROM case_change WHERE case_no = ? ORDER BY change_no",
                (case_no,),
            ).fetchall()
            return [
                FieldChangeRecord(
                    case_no=case_no,
                    field=field,
                    base=None if position else base,
                    value=value,
                    reason=reason,
                    at=instant_of(at),
                    by_headquarters=bool(position),
                )
                for position, field, base, value, reason, at in rows
            ]

    def withdrawn(self, case_no: str) -> Bilingual | None:
        """Return why headquarters closed a case for good, None while it did not."""
        with self._reading():
            row = self._engine.execute("SELECT body FROM case_withdrawal WHERE case_no = ?", (case_no,)).fetchone()
            return None if row is None else msgspec.json.decode(row[0], type=CaseWithdrawn).reason
