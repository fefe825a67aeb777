"""Reading the numbered papers of a station: what is open, what happened, what became of every number, what was presented here.

Promise: read-only; each question is one statement over an index, however many papers the store holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

import msgspec

from claims.errors import Bilingual
from claims.events import PAPER_SUBJECT, DayCounted, PaperKind, PaperRedeemed, PaperSigned, VoucherRecovered
from claims.records import DeterminationRecord, NumberBlock, NumberTally, PaperHappening, PaperRecord, PaperState
from claims.statements import ClaimDecided
from local_db import problems
from local_db.connection import Engine
from local_db.custody import HeldTo
from local_db.row_records import PAPERS, determination_record, paper_record
from local_db.row_text import instant_of, instant_text

_OF_BLOCK = (
    "number_use.kind = number_block.kind AND number_use.prefix = number_block.prefix AND serial BETWEEN first AND last"
)


class PaperReads:
    """The part of ``claims.ports.Reads`` about numbers and papers; ``local_db.reads`` adds the rest."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _held_to(self) -> HeldTo:
        raise NotImplementedError

    def number_blocks(self, kind: str) -> Sequence[NumberBlock]:
        """Return the blocks of one kind in order of arrival, with how far each is used."""
        with self._reading():
            rows = self._engine.execute(
                f"SELECT kind, prefix, first, last, coalesce((SELECT max(serial) FROM number_use WHERE {_OF_BLOCK}), first - 1)"  # noqa: S608 - a constant of this module
                " FROM number_block WHERE kind = ? ORDER BY position",
                (kind,),
            ).fetchall()
            return [NumberBlock(kind=r[0], prefix=r[1], first=r[2], last=r[3], used_to=r[4]) for r in rows]

    def number_tallies(self) -> Sequence[NumberTally]:
        """Return every block in order of arrival with what became of its numbers, counted one by one."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT number_block.kind, number_block.prefix, first, last, coalesce(max(serial), first - 1), count(serial),"  # noqa: S608 - a constant of this module
                " count(serial) FILTER (WHERE spoiled_reason IS NOT NULL OR paper.state = 'voided'),"
                " count(serial) FILTER (WHERE paper.blank = 1 AND paper.case_no IS NULL AND paper.state <> 'voided'), max(number_use.at)"
                f" FROM number_block LEFT JOIN number_use ON {_OF_BLOCK} LEFT JOIN paper USING (number)"
                " GROUP BY position ORDER BY position"
            ).fetchall()
            return [
                NumberTally(
                    block=NumberBlock(kind=r[0], prefix=r[1], first=r[2], last=r[3], used_to=r[4]),
                    taken=r[5],
                    voided=r[6],
                    blank=r[7],
                    last_at=None if r[8] is None else instant_of(r[8]),
                )
                for r in rows
            ]

    def numbers_taken(self, kind: str, start: datetime, end: datetime) -> int:
        """Return how many numbers of a kind were taken from ``start`` on and before ``end``."""
        with self._reading():
            (count,) = self._engine.execute(
                "SELECT count(*) FROM number_use WHERE kind = ? AND at >= ? AND at < ?",
                (kind, instant_text(start), instant_text(end)),
            ).fetchone()
            return int(count)

    def number_spoiled(self, number: str) -> str | None:
        """Return the reason why a number without a paper will never be used, None where it was not spoiled."""
        with self._reading():
            row = self._engine.execute("SELECT spoiled_reason FROM number_use WHERE number = ?", (number,)).fetchone()
            return None if row is None else row[0]

    def open_papers(self) -> Sequence[PaperRecord]:
        """Return papers neither handed over nor voided, in order of issue."""
        with self._reading():
            held = self._held_to()
            rows = self._engine.execute(
                f"{PAPERS} WHERE state IN ('asked', 'rendered', 'printed') ORDER BY seq, number"
            ).fetchall()
            return [paper_record(row, held) for row in rows]

    def promised_determination(self, number: str) -> DeterminationRecord:
        """Return the determination that a voucher rests on, also where the policy was decided anew since.

        Raises:
            InputError: ``number_unknown``: there is no such voucher, or nothing was decided for it.
        """
        with self._reading():
            row = self._engine.execute(
                "WITH voucher AS (SELECT case_no, body ->> 'policy_no' AS policy_no, body ->> 'decision_sha256' AS sha256"
                " FROM paper WHERE number = ? AND kind = 'voucher'), made AS (SELECT case_no, policy_no, seq, body FROM determination"
                " UNION ALL SELECT case_no, policy_no, seq, body FROM determination_before)"
                " SELECT made.body, made.seq FROM voucher JOIN made USING (case_no, policy_no)"
                " WHERE made.body ->> 'decision_sha256' = sha256 ORDER BY made.seq DESC LIMIT 1",
                (number,),
            ).fetchone()
            if row is None:
                raise problems.unknown_number(Bilingual("凭证的理算结果", "determination behind the voucher"), number)
            return determination_record(*row)

    def paper_signatures(self, number: str) -> Sequence[PaperSigned]:
        """Return who signed (or refused to sign) one document, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM signature WHERE subject = ? ORDER BY seq", (PAPER_SUBJECT + number,)
            ).fetchall()
            return [msgspec.json.decode(body, type=PaperSigned) for (body,) in rows]

    def happenings(self, start: datetime, end: datetime) -> Sequence[PaperHappening]:
        """Return what happened to numbered papers from ``start`` on and before ``end``, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT number, kind, paper, case_no, what, at, copy_no, detail FROM paper_moment JOIN paper USING (number)"
                " WHERE at >= ? AND at < ? ORDER BY paper_moment.seq, number",
                (instant_text(start), instant_text(end)),
            ).fetchall()
            return [
                PaperHappening(
                    number=number,
                    kind=PaperKind(kind),
                    paper=paper,
                    case_no=case_no or "",
                    what=PaperState(what),
                    at=instant_of(at),
                    copy_no=copy_no,
                    detail=detail,
                )
                for number, kind, paper, case_no, what, at, copy_no, detail in rows
            ]

    def stopped_device(self, device: str, epoch: int) -> Bilingual | None:
        """Return why headquarters stopped another laptop, None where nothing is known against it here."""
        with self._reading():
            row = self._engine.execute(
                "SELECT reason FROM stopped_device WHERE device = ? AND epoch = ?", (device, epoch)
            ).fetchone()
            return None if row is None else msgspec.json.decode(row[0], type=Bilingual)

    def decisions(self, case_no: str) -> Sequence[ClaimDecided]:
        """Return headquarters' final decisions on a case, in order of arrival."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM claim_decision WHERE case_no = ? ORDER BY position", (case_no,)
            ).fetchall()
            return [msgspec.json.decode(body, type=ClaimDecided) for (body,) in rows]

    def redemptions(self, voucher_no: str | None = None) -> Sequence[PaperRedeemed]:
        """Return when a voucher (or any) was presented here and found genuine, in order."""
        with self._reading():
            where, known = ("", ()) if voucher_no is None else ("WHERE voucher_no = ?", (voucher_no,))
            rows = self._engine.execute(f"SELECT body FROM redemption {where} ORDER BY seq", known).fetchall()  # noqa: S608 - constants of this method
            return [msgspec.json.decode(body, type=PaperRedeemed) for (body,) in rows]

    def recovered(self) -> Sequence[VoucherRecovered]:
        """Return vouchers of lost laptops that were read here, in order."""
        with self._reading():
            rows = self._engine.execute("SELECT body FROM recovered_voucher ORDER BY seq").fetchall()
            return [msgspec.json.decode(body, type=VoucherRecovered) for (body,) in rows]

    def day_counts(self, day: date) -> Sequence[DayCounted]:
        """Return the hand counts of a day, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM day_count WHERE day = ? ORDER BY seq", (day.isoformat(),)
            ).fetchall()
            return [msgspec.json.decode(body, type=DayCounted) for (body,) in rows]
