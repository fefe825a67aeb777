"""What whole screens are made of: lists, counts and flags, each in one or two statements however many cases the store holds.

Promise: read-only; a list reads narrow rows and indexes first, and whole records only for the page that is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import msgspec

from claims.allowances import Allowance
from claims.case_progress import CaseGlance, CaseProgress
from claims.errors import Bilingual
from claims.overviews import CaseFilter, PaperMoment
from claims.records import CaseRecord, PaperRecord, PaperState
from local_db import problems
from local_db.apply_progress import read_progress
from local_db.apply_transfers import GRANTS, GRANTS_ORDER, grant_of
from local_db.case_search import search_form
from local_db.connection import Engine
from local_db.custody import IN_CUSTODY, HeldTo
from local_db.row_records import CASES, GLANCES, PAPERS, case_record, paper_record
from local_db.row_text import instant_of, instant_text

_TOLD = (
    "SELECT opened_seq FROM task JOIN inbox USING (position) JOIN case_file USING (case_no)"
    " WHERE task.kind = 'assigned' AND last_seq <= applied_after_seq"
)
"""Cases that headquarters wants looked at, and in which nothing was recorded since."""

# ?1 is the text in its search form, ?2 how far the log is at headquarters or in custody. The columns are those of the index case_list.
_MATCH = "(?1 = '' OR instr(search_text, ?1))"
_FILTERS: Mapping[CaseFilter, str] = {
    CaseFilter.ALL: "1",
    CaseFilter.OPEN: "finished = 0",
    CaseFilter.REFERRED: "coalesce(outcome = 'referred', 0)",
    CaseFilter.DISK_ONLY: "last_seq > ?2",
    CaseFilter.SENT_BACK: f"(sent_back = 1 OR opened_seq IN ({_TOLD}))",
    CaseFilter.DONE: "finished = 1",
}
_WAITING_SEQS = f"SELECT seq FROM attachment WHERE held = 0 AND sha256 NOT IN ({IN_CUSTODY})"  # noqa: S608 - a constant


class ScreenReads:
    """The part of ``claims.ports.Reads`` that screens live on; ``local_db.reads`` adds the rest."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _held_to(self) -> HeldTo:
        raise NotImplementedError

    def progress(self, case_no: str) -> CaseProgress:
        """Return how far one case has come. Raises ``InputError`` (``number_unknown``)."""
        with self._reading():
            row = self._engine.execute("SELECT body FROM case_progress WHERE case_no = ?", (case_no,)).fetchone()
            if row is None:
                raise problems.unknown_number(Bilingual("案件", "case"), case_no)
            return read_progress(row[0])

    def active_revisions(self) -> Sequence[tuple[int, int]]:
        """Return (seq of its opening, revision) of every case not finished or without a standing voucher, oldest first."""
        with self._reading():
            return self._engine.execute(
                "SELECT opened_seq, revision FROM case_file WHERE finished = 0 OR unpromised = 1 ORDER BY opened_seq"
            ).fetchall()

    def active_progress(self, opened_seqs: Sequence[int]) -> Sequence[tuple[CaseProgress, bool]]:
        """Return the progress of these cases, and whether each is finished."""
        if not opened_seqs:
            return ()
        with self._reading():
            rows = self._engine.execute(
                "SELECT body, finished FROM json_each(?) CROSS JOIN case_progress ON case_progress.opened_seq = value"
                " JOIN case_file USING (opened_seq)",
                (msgspec.json.encode(opened_seqs).decode(),),
            ).fetchall()
            return [(read_progress(body), bool(finished)) for body, finished in rows]

    def case_numbers(self, text: str, only: CaseFilter, *, offset: int, limit: int) -> Sequence[str]:
        """Return numbers of cases, newest first."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT case_no FROM case_file WHERE opened_seq IN (SELECT opened_seq FROM case_file INDEXED BY case_list"  # noqa: S608 - constants of this module
                f" WHERE {_MATCH} AND {_FILTERS[only]} ORDER BY opened_seq DESC LIMIT ?3 OFFSET ?4)"
                " ORDER BY opened_seq DESC",
                (search_form(text), max(self._held_to()), limit, offset),
            ).fetchall()
            return [case_no for (case_no,) in rows]

    def matching(self, case_nos: Sequence[str], text: str) -> Sequence[str]:
        """Return those of these cases that a text finds, in the order given."""
        wanted = search_form(text)
        if not wanted:
            return case_nos
        with self._reading():
            rows = self._engine.execute(
                "SELECT case_no FROM case_file WHERE case_no IN (SELECT value FROM json_each(?)) AND instr(search_text, ?)",
                (_json(case_nos), wanted),
            ).fetchall()
            found = {case_no for (case_no,) in rows}
            return [case_no for case_no in case_nos if case_no in found]

    def known_cases(self, case_nos: Sequence[str]) -> frozenset[str]:
        """Return those of these numbers that are cases of this laptop."""
        if not case_nos:
            return frozenset()
        with self._reading():
            rows = self._engine.execute(
                "SELECT case_no FROM case_file WHERE case_no IN (SELECT value FROM json_each(?))", (_json(case_nos),)
            ).fetchall()
            return frozenset(case_no for (case_no,) in rows)

    def count_cases(self, text: str) -> Mapping[CaseFilter, int]:
        """Return how many cases each filter shows that ``case_numbers`` knows."""
        sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in _FILTERS.values())
        with self._reading():
            row = self._engine.execute(
                f"SELECT {sums} FROM case_file INDEXED BY case_list WHERE {_MATCH}",  # noqa: S608 - constants of this module
                (search_form(text), max(self._held_to())),
            ).fetchone()
            return {each: int(count) for each, count in zip(_FILTERS, row, strict=True)}

    def glances(self, case_nos: Sequence[str]) -> Sequence[CaseGlance]:
        """Return what a row shows of each of these cases, in the order given; an unknown number is left out."""
        wanted = _json(case_nos)
        with self._reading():
            held = self._held_to()
            papers: defaultdict[str, list[PaperRecord]] = defaultdict(list)
            for row in self._engine.execute(
                f"{PAPERS} WHERE paper.case_no IN (SELECT value FROM json_each(?)) ORDER BY seq DESC",  # noqa: S608 - a constant of row_records
                (wanted,),
            ).fetchall():
                papers[row[2]].append(paper_record(row, held))
            told = {opened_seq for (opened_seq,) in self._engine.execute(_TOLD).fetchall()}
            found = {
                row[0]: CaseGlance(
                    case=case_record(row[:8], held),
                    progress=(progress := read_progress(row[9])),
                    papers=tuple(papers[row[0]]),
                    sent_back=bool(row[8]) or progress.opened.seq in told,
                )
                for row in self._engine.execute(
                    f"{GLANCES} WHERE case_file.case_no IN (SELECT value FROM json_each(?))",  # noqa: S608 - a constant of row_records
                    (wanted,),
                ).fetchall()
            }
            return [found[case_no] for case_no in case_nos if case_no in found]

    def cases_of(self, insured_key: str) -> Sequence[CaseRecord]:
        """Return the cases of one insured, newest first."""
        with self._reading():
            rows = self._engine.execute(
                f"{CASES} WHERE insured_key = ? ORDER BY opened_seq DESC", (insured_key,)
            ).fetchall()
            held = self._held_to()
            return [case_record(row, held) for row in rows]

    def newest_cases(self, *, offset: int, limit: int) -> Sequence[str]:
        """Return numbers of cases, the one in which something was recorded last first."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT case_no FROM case_file ORDER BY last_seq DESC LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
            return [case_no for (case_no,) in rows]

    def opened_between(self, start: datetime, end: datetime) -> Sequence[datetime]:
        """Return when cases were opened, from ``start`` on and before ``end``."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT opened_at FROM case_file WHERE opened_at >= ? AND opened_at < ?",
                (instant_text(start), instant_text(end)),
            ).fetchall()
            return [instant_of(text) for (text,) in rows]

    def promised_between(self, start: datetime, end: datetime) -> int:
        """Return the fen of the standing vouchers issued from ``start`` on and before ``end``."""
        return self._sum(
            "SELECT coalesce(sum(amount_fen), 0) FROM paper WHERE issued_at >= ? AND issued_at < ? AND state <> ?",
            instant_text(start),
            instant_text(end),
            PaperState.VOIDED.value,
        )

    def allowances(self, pool_starts: Sequence[str] | None = None) -> Sequence[Allowance]:
        """Return grants in order of arrival: all, or those on pools whose id starts with one of these texts."""
        with self._reading():
            if pool_starts is None:
                rows = self._engine.execute(f"{GRANTS} {GRANTS_ORDER}").fetchall()
            else:
                rows = self._engine.execute(
                    GRANTS.replace(" FROM allowance", " FROM json_each(?) CROSS JOIN allowance")
                    + f" WHERE pool >= value AND pool < value || char(1114111) {GRANTS_ORDER}",
                    (_json(pool_starts),),
                ).fetchall()
            return [grant_of(row) for row in rows]

    def papers_without_drawing(self) -> Sequence[PaperRecord]:
        """Return papers whose number is used and whose drawing is missing, in order of issue."""
        with self._reading():
            held = self._held_to()
            rows = self._engine.execute(f"{PAPERS} WHERE state = 'asked' ORDER BY seq, number").fetchall()
            return [paper_record(row, held) for row in rows]

    def paper_moments(self, number: str) -> Sequence[PaperMoment]:
        """Return what happened to a paper on this laptop, in order."""
        with self._reading():
            rows = self._engine.execute(
                "SELECT what, at, copy_no, detail FROM paper_moment WHERE number = ? ORDER BY seq", (number,)
            ).fetchall()
            return [
                PaperMoment(what=what, at=instant_of(at), detail=Bilingual(detail, detail), copy_no=copy_no)
                for what, at, copy_no, detail in rows
            ]

    def received_at(self, seq: int) -> datetime | None:
        """Return headquarters' instant on the first receipt that covers an event, None while there is none."""
        with self._reading():
            row = self._engine.execute(
                "SELECT issued_at FROM hq_receipt WHERE watermark_seq >= ? ORDER BY watermark_seq LIMIT 1", (seq,)
            ).fetchone()
            return None if row is None else instant_of(row[0])

    def cases_only_here(self) -> Sequence[CaseRecord]:
        """Return the cases with an event or a file that neither headquarters nor a custodian holds, oldest first.

        A file that two cases share counts for the one that named it first.
        """
        with self._reading():
            held = self._held_to()
            rows = self._engine.execute(
                f"WITH waiting(seq) AS ({_WAITING_SEQS})"  # noqa: S608 - a constant of this module
                f" {CASES} WHERE last_seq > ?"
                " OR case_no IN (SELECT case_no FROM document WHERE seq IN waiting)"
                " OR case_no IN (SELECT case_no FROM paper JOIN paper_moment USING (number) WHERE paper_moment.seq IN waiting)"
                " ORDER BY opened_seq",
                (max(held),),
            ).fetchall()
            return [case_record(row, held) for row in rows]

    def promised_only_here_fen(self) -> int:
        """Return the fen of the standing vouchers that neither headquarters nor a custodian holds."""
        return self._sum(
            "SELECT coalesce(sum(amount_fen), 0) FROM paper WHERE seq > ? AND state <> ?",
            max(self._held_to()),
            PaperState.VOIDED.value,
        )

    def draft(self, draft_id: str) -> bytes | None:
        """Return one draft."""
        with self._reading():
            row = self._engine.execute("SELECT content FROM draft WHERE draft_id = ?", (draft_id,)).fetchone()
            return None if row is None else bytes(row[0])

    def _sum(self, sql: str, *parameters: Any) -> int:
        with self._reading():
            return int(self._engine.execute(sql, parameters).fetchone()[0])


def _json(texts: Sequence[str]) -> str:
    return msgspec.json.encode(texts).decode()
