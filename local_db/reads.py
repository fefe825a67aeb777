"""Reading the present: the records of ``claims.records`` built from the projection tables.

Promise: what is returned is a frozen copy of one moment; unknown numbers raise ``InputError``, a damaged or unreachable store
``EnvironmentProblem``. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from claims.allowances import AllowanceBook
from claims.errors import Bilingual
from claims.events import (
    AllowanceReceived,
    AllowanceTransferred,
    PaperSigned,
    VoucherIssued,
)
from claims.link_records import LinkRecord
from claims.ports import SIGNED_TIME
from claims.records import (
    AttachmentRef,
    CaseRecord,
    DeterminationRecord,
    DocumentRecord,
    LogPosition,
    PaperRecord,
    SafetyCounts,
    TaskRecord,
)
from claims.statements import AuthorityGranted, SettlementAnswered
from local_db import inbox, log, problems
from local_db.apply_transfers import GRANTS, GRANTS_ORDER, grant_of
from local_db.case_search import search_form
from local_db.connection import Engine, EngineError
from local_db.custody import IN_CUSTODY, CustodyReads
from local_db.held_rows import HeldReads
from local_db.identity import Identity
from local_db.link_rows import read_link, read_links
from local_db.original_reads import OriginalReads
from local_db.paper_reads import PaperReads
from local_db.review_reads import ReviewReads
from local_db.row_records import (
    CASES,
    PAPERS,
    case_record,
    determination_record,
    document_record,
    paper_record,
)
from local_db.row_text import instant_of
from local_db.screen_reads import ScreenReads
from trust.commits import genesis_hash

_CASE = Bilingual("案件", "case")
_PAPER = Bilingual("单证", "paper")


class StoreReads(CustodyReads, HeldReads, OriginalReads, ScreenReads, PaperReads, ReviewReads):
    """``claims.ports.Reads`` over one connection; valid only inside the ``with`` that gave it."""

    def __init__(
        self, engine: Engine, path: Path, identity: Identity, stored_size: Callable[[str], int | None]
    ) -> None:
        self._engine = engine
        self._path = path
        self._identity = identity
        self._stored_size = stored_size

    def position(self) -> LogPosition:
        """Return the end of this device's log and HQ's watermark."""
        with self._reading():
            next_seq, head = log.read_head(self._engine, genesis_hash(self._identity.device_certificate))
            return LogPosition(
                device=self._identity.device,
                epoch=self._identity.epoch,
                next_seq=next_seq,
                head=head,
                hq_watermark_seq=self._watermark(),
            )

    def time_floor(self) -> datetime | None:
        """Return the highest signed time seen, in statements or in the answers of a sync, UTC."""
        with self._reading():
            text = self._value("SELECT time_floor FROM present")
            heard_us = self.floor(SIGNED_TIME)
            floors = [] if text is None else [instant_of(text)]
            if heard_us:
                floors.append(datetime.fromtimestamp(heard_us / 1_000_000, UTC))
            return max(floors, default=None)

    def floor(self, name: str) -> int:
        """Return the highest value remembered under a name, 0 when none was."""
        with self._reading():
            row = self._engine.execute("SELECT value FROM floor WHERE name = ?", (name,)).fetchone()
            return 0 if row is None else int(row[0])

    def link(self, destination: str) -> LinkRecord:
        """Return what is remembered of a way to headquarters; an empty record where nothing is."""
        with self._reading():
            return read_link(self._engine, destination)

    def case(self, case_no: str) -> CaseRecord:
        """Return one case. Raises ``InputError`` (``number_unknown``)."""
        with self._reading():
            row = self._engine.execute(f"{CASES} WHERE case_no = ?", (case_no,)).fetchone()
            if row is None:
                raise problems.unknown_number(_CASE, case_no)
            return case_record(row, self._held_to())

    def cases(self, *, text: str = "", offset: int = 0, limit: int = 50) -> Sequence[CaseRecord]:
        """Return cases, the newest first; ``text`` filters by case number, name or policy number."""
        with self._reading():
            wanted = search_form(text)
            rows = self._engine.execute(
                f"{CASES} WHERE ? = '' OR instr(search_text, ?) ORDER BY opened_seq DESC LIMIT ? OFFSET ?",
                (wanted, wanted, limit, offset),
            ).fetchall()
            held = self._held_to()
            return [case_record(row, held) for row in rows]

    def documents(self, case_no: str) -> Sequence[DocumentRecord]:
        """Return the papers taken in for a case, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body, EXISTS (SELECT 1 FROM attachment_held WHERE attachment_held.sha256 = document.body ->> 'sha256')"
                " FROM document WHERE case_no = ? ORDER BY seq",
                (case_no,),
            ).fetchall()
            return [document_record(body, bool(held)) for body, held in rows]

    def facts(self, case_no: str, policy_no: str) -> bytes | None:
        """Return the newest facts of one policy, exactly as recorded."""
        with self._reading():
            raw = self._value("SELECT facts FROM policy_facts WHERE case_no = ? AND policy_no = ?", case_no, policy_no)
            return None if raw is None else bytes(raw)

    def determinations(self, case_no: str) -> Sequence[DeterminationRecord]:
        """Return the newest decision per policy, in order of first decision."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body, seq FROM determination WHERE case_no = ? ORDER BY first_seq", (case_no,)
            ).fetchall()
            return [determination_record(body, seq) for body, seq in rows]

    def signatures(self, case_no: str) -> Sequence[PaperSigned]:
        """Return who signed (or refused to sign) what for a case, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM signature WHERE case_no = ? ORDER BY seq", (case_no,)
            ).fetchall()
            return [msgspec.json.decode(body, type=PaperSigned) for (body,) in rows]

    def papers(self, case_no: str | None = None) -> Sequence[PaperRecord]:
        """Return numbered papers in order of issue, of one case or of all; ``""``: those that belong to none."""
        with self._reading():
            where, known = _of_case(case_no) if case_no != "" else ("WHERE case_no IS NULL", ())
            rows = self._engine.execute(f"{PAPERS} {where} ORDER BY seq, number", known).fetchall()
            held = self._held_to()
            return [paper_record(row, held) for row in rows]

    def paper(self, number: str) -> PaperRecord:
        """Return one paper. Raises ``InputError`` (``number_unknown``)."""
        with self._reading():
            row = self._engine.execute(f"{PAPERS} WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise problems.unknown_number(_PAPER, number)
            return paper_record(row, self._held_to())

    def voucher_issued(self, number: str) -> VoucherIssued:
        """Return a voucher as its event says it. Raises ``InputError`` (``number_unknown``)."""
        with self._reading():
            body = self._value("SELECT body FROM paper WHERE number = ? AND kind = 'voucher' AND blank = 0", number)
            if body is None:
                raise problems.unknown_number(_PAPER, number)
            return msgspec.json.decode(body, type=VoucherIssued)

    def allowance_book(self) -> AllowanceBook:
        """Return all grants in order of arrival, and every settlement key ever promised here."""
        with self._reading():
            grants = self._engine.execute(f"{GRANTS} {GRANTS_ORDER}").fetchall()
            keys = self._engine.execute("SELECT settlement_key FROM promised_key").fetchall()
            return AllowanceBook(
                device=self._identity.device,
                epoch=self._identity.epoch,
                allowances=tuple(grant_of(row) for row in grants),
                promised_keys=frozenset(key for (key,) in keys),
            )

    def grant_proof(self, grant_id: str) -> bytes | None:
        """Return what proves this laptop's right to a grant: headquarters' signed word, or the signed transfer that brought it."""
        with self._reading():
            raw = self._value("SELECT raw FROM inbox JOIN allowance USING (position) WHERE grant_id = ?", grant_id)
            if raw is not None:
                return bytes(raw)
            body = self._value("SELECT body FROM allowance_transfer WHERE transfer_id = ? AND outward = 0", grant_id)
            return None if body is None else msgspec.json.decode(body, type=AllowanceReceived).transfer

    def transfers_out(self) -> Sequence[AllowanceTransferred]:
        """Return what this laptop handed on, in order."""
        with self._reading():
            rows = self._engine.execute("SELECT body FROM allowance_transfer WHERE outward = 1 ORDER BY seq").fetchall()
            return [msgspec.json.decode(body, type=AllowanceTransferred) for (body,) in rows]

    def transfer_in(self, transfer_id: str) -> AllowanceReceived | None:
        """Return how a transfer was taken in here, None where it was not."""
        with self._reading():
            body = self._value("SELECT body FROM allowance_transfer WHERE transfer_id = ? AND outward = 0", transfer_id)
            return None if body is None else msgspec.json.decode(body, type=AllowanceReceived)

    def promised_fen(self, pool: str, *, without: Sequence[str] = ()) -> int:
        """Return what this laptop's vouchers promised from a pool, voided ones included, those ``without`` left out."""
        with self._reading():
            return int(
                self._value(
                    "SELECT coalesce(sum(amount_fen), 0) FROM promised_draw JOIN promised_key USING (settlement_key)"
                    " WHERE pool = ? AND voucher_no NOT IN (SELECT value FROM json_each(?))",
                    pool,
                    msgspec.json.encode(without).decode(),
                )
            )

    def authorities(self) -> Sequence[AuthorityGranted]:
        """Return the adjuster's limits as granted, in order of arrival."""
        with self._reading():
            rows = self._engine.execute("SELECT body FROM authority ORDER BY position").fetchall()
            return [msgspec.json.decode(body, type=AuthorityGranted) for (body,) in rows]

    def revoked(self) -> bool:
        """Say whether headquarters has revoked this device."""
        return self.revoked_reason() is not None

    def revoked_reason(self) -> Bilingual | None:
        """Return headquarters' reason for revoking this device, None while it may work."""
        with self._reading():
            reason = self._value("SELECT revoked_reason FROM present")
            return None if reason is None else msgspec.json.decode(reason, type=Bilingual)

    def answers(self, case_no: str | None = None) -> Sequence[SettlementAnswered]:
        """Return HQ's answers in order of arrival, of one case or of all."""
        with self._reading():
            where, known = _of_case(case_no)
            rows = self._engine.execute(f"SELECT body FROM hq_answer {where} ORDER BY position", known).fetchall()  # noqa: S608 - a constant of this module
            return [msgspec.json.decode(body, type=SettlementAnswered) for (body,) in rows]

    def holds(self) -> Sequence[SettlementAnswered]:
        """Return the newest answer of every voucher that headquarters holds for a person."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT body FROM hq_answer WHERE position IN"
                " (SELECT max(position) FROM hq_answer WHERE voucher_no IS NOT NULL GROUP BY voucher_no)"
                " AND body ->> 'settlement' = 'hold' ORDER BY position"
            ).fetchall()
            return [msgspec.json.decode(body, type=SettlementAnswered) for (body,) in rows]

    def tasks(self) -> Sequence[TaskRecord]:
        """Return what a person must do, in order of arrival: headquarters' word first, then what this laptop's syncs left aside."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT task_id, task.kind, case_no, text_zh, text_en, issued_at, applied_after_seq, owner"
                " FROM task JOIN inbox USING (position) ORDER BY position, task_id"
            ).fetchall()
            return [
                TaskRecord(
                    task_id=row[0],
                    kind=row[1],
                    case_no=row[2],
                    text=Bilingual(row[3], row[4]),
                    at=instant_of(row[5]),
                    after_seq=row[6],
                    owner=row[7],
                )
                for row in rows
            ] + self._set_aside()

    def _set_aside(self) -> list[TaskRecord]:
        """Files that the last sync left behind while the rest went on: a matter for this laptop's adjuster."""
        return [
            TaskRecord(
                task_id=f"file.{file.sha256}",
                kind="file_set_aside",
                case_no=self._case_of_file(file.sha256),
                text=file.text,
                at=record.ended_at or datetime.fromtimestamp(0, UTC),
                after_seq=self.position().next_seq - 1,
            )
            for record in read_links(self._engine)
            for file in record.set_aside
        ]

    def _case_of_file(self, sha256: str) -> str | None:
        row = self._engine.execute(
            "SELECT case_no FROM document WHERE json_extract(body, '$.sha256') = ?"
            " OR json_extract(body, '$.thumbnail_sha256') = ? LIMIT 1",
            (sha256, sha256),
        ).fetchone()
        return None if row is None else str(row[0])

    def inbox(self, after: int = 0) -> Sequence[inbox.InboxItem]:
        """Return the stored statements in order of arrival, after an inbox position."""
        with self._reading():
            return list(inbox.items(self._engine, after))

    def inbox_count(self) -> int:
        """Return how many statements came through the numbered feed."""
        with self._reading():
            return inbox.feed_count(self._engine)

    def safety(self) -> SafetyCounts:
        """Count events by where they are safe, and the attachments that wait for headquarters."""
        with self._reading():
            next_seq, _ = log.read_head(self._engine, b"")
            held = self._held_to()
            last_seq = next_seq - 1
            waiting, known_bytes = self._engine.execute(
                "SELECT count(*), coalesce(sum(size_bytes), 0) FROM attachment WHERE held = 0"
            ).fetchone()
            # Thumbnails of older events: only the file knows its size.
            unknown = self._engine.execute("SELECT sha256 FROM attachment WHERE held = 0 AND size_bytes IS NULL")
            more_bytes = sum(self._stored_size(sha256) or 0 for (sha256,) in unknown)
            kept, kept_bytes = self._engine.execute(
                f"SELECT count(*), coalesce(sum(size_bytes), 0) FROM attachment WHERE held = 0 AND sha256 IN ({IN_CUSTODY})"  # noqa: S608 - a constant
            ).fetchone()
            return SafetyCounts(
                disk=max(0, last_seq - max(held)),
                custody=max(0, min(held.custody, last_seq) - held.hq),
                hq=held.hq,
                attachments_waiting=waiting,
                attachment_bytes_waiting=known_bytes + more_bytes,
                attachments_in_custody=kept,
                attachment_bytes_in_custody=kept_bytes,
            )

    def attachments_waiting(self) -> Sequence[AttachmentRef]:
        """Return the files that headquarters does not hold yet, in the order in which they should go.

        A thumbnail whose file is gone is left out: its size is known only from the file; so is an original that headquarters let go
        before it asked again. ``safety`` still counts both.
        """
        with self._reading():
            found = []
            for sha256, size, priority, let_go in self._engine.execute(_WAITING).fetchall():
                known = size if size is not None and not let_go else self._stored_size(sha256)
                if known is not None:
                    found.append(AttachmentRef(sha256=sha256, size_bytes=known, priority=priority))
            return found

    def drafts(self) -> Sequence[tuple[str, bytes]]:
        """Return drafts by id."""
        with self._reading():
            rows = self._engine.execute("SELECT draft_id, content FROM draft ORDER BY draft_id").fetchall()
            return [(draft_id, bytes(content)) for draft_id, content in rows]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Translate engine errors; the unit of work overrides it to refuse reads after an error."""
        try:
            yield
        except EngineError as error:
            raise problems.from_engine(error, self._path) from error

    def _value(self, sql: str, *parameters: Any) -> Any:
        row = self._engine.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def _watermark(self) -> int:
        return int(self._value("SELECT hq_watermark_seq FROM present"))


def _of_case(case_no: str | None) -> tuple[str, tuple[str, ...]]:
    # One statement for both ("? IS NULL OR ...") would read every row for one case.
    return ("", ()) if case_no is None else ("WHERE case_no = ?", (case_no,))


_WAITING = (
    "SELECT sha256, size_bytes, priority, EXISTS (SELECT 1 FROM attachment_safe WHERE attachment_safe.sha256 = attachment.sha256)"
    " FROM attachment WHERE held = 0 ORDER BY priority, seq, sha256"
)
