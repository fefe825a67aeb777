"""Who else holds what this laptop holds: notes of custody, and what would be lost if this laptop died now.

Promise: a note gets in only after its custodian's signature was checked against the pinned root, is about this device and epoch, and its
digest is the hash of this very log at that place; so a note can't become wrong later, the log is only added to. A stick has no key: its note
stands for what was read back from it. Custody lowers a risk on the screen and lets nothing be deleted.

Source: claims/custody.py; docs/adr/0145.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

import msgspec

from claims.custody import CUSTODY_KIND, Custodian, CustodyNote, CustodyReceipt
from claims.errors import Bilingual, EnvironmentProblem
from claims.overviews import CaseAtRisk
from local_db import log
from local_db.connection import Engine
from local_db.identity import Identity
from local_db.row_text import instant_of, instant_text
from trust.certificates import TrustStore
from trust.device_statements import open_device_statement
from trust.errors import TrustError

CUSTODY_SEQ = (
    "SELECT coalesce(max(through_seq), 0) FROM custody JOIN log_commit ON last_seq = through_seq"
    " WHERE digest = lower(hex(hash))"
)
IN_CUSTODY = "SELECT sha256 FROM custody_file"


class HeldTo(NamedTuple):
    """How far the log is safe: receipted by headquarters, and in custody."""

    hq: int
    custody: int


def check_note(engine: Engine, note: CustodyNote, roots: TrustStore, identity: Identity, genesis: bytes) -> None:
    """Check a note before it is kept.

    Raises:
        EnvironmentProblem: ``custody_not_genuine``, with the reason.
    """
    ours = log.digest_at(engine, note.through_seq, genesis)
    if ours is None or ours.hex() != note.digest:
        raise _not_genuine(note, f"digest at {note.through_seq}")
    if note.custodian is Custodian.STICK:
        return
    try:
        said = open_device_statement(note.receipt, roots)
        receipt = msgspec.json.decode(said.body, type=CustodyReceipt)
    except (TrustError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise _not_genuine(note, str(problem)) from problem
    signed_by = said.signed_by
    about = (receipt.bundle_id, receipt.device, receipt.epoch, receipt.through_seq, receipt.digest)
    if said.kind != CUSTODY_KIND or about != (
        note.bundle_id,
        identity.device,
        identity.epoch,
        note.through_seq,
        note.digest,
    ):
        raise _not_genuine(note, "about something else")
    if signed_by.device != note.name or signed_by.device == identity.device:
        raise _not_genuine(note, f"signed by {signed_by.device}")
    stopped = engine.execute(
        "SELECT 1 FROM stopped_device WHERE device = ? AND epoch = ?", (signed_by.device, signed_by.epoch)
    ).fetchone()
    if stopped is not None:
        raise _not_genuine(note, f"{signed_by.device} was stopped")


def keep_note(engine: Engine, note: CustodyNote) -> None:
    """Keep a checked note; the caller holds the transaction. A signed receipt takes the place of a stick's note on the same bundle."""
    engine.execute(
        "INSERT INTO custody (bundle_id, custodian, name, through_seq, digest, at, receipt) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (bundle_id) DO UPDATE SET custodian = excluded.custodian, name = excluded.name, at = excluded.at,"
        " receipt = excluded.receipt WHERE length(custody.receipt) = 0",
        (
            note.bundle_id,
            note.custodian.value,
            note.name,
            note.through_seq,
            note.digest,
            instant_text(note.at),
            note.receipt,
        ),
    )
    for sha256 in note.files:
        engine.execute("INSERT OR IGNORE INTO custody_file (sha256, bundle_id) VALUES (?, ?)", (sha256, note.bundle_id))


class CustodyReads:
    """The part of ``claims.ports.Reads`` that tells of custody and of what is only here."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _watermark(self) -> int:
        raise NotImplementedError

    def _held_to(self) -> HeldTo:
        return HeldTo(self._watermark(), int(self._engine.execute(CUSTODY_SEQ).fetchone()[0]))

    def custody_seq(self) -> int:
        """Return how far somebody else holds this log, 0 when nobody does."""
        with self._reading():
            return self._held_to().custody

    def custody_notes(self) -> Sequence[CustodyNote]:
        """Return every note of custody, the newest first."""
        with self._reading():
            files: dict[str, list[str]] = {}
            for sha256, bundle_id in self._engine.execute(
                "SELECT sha256, bundle_id FROM custody_file ORDER BY sha256"
            ).fetchall():
                files.setdefault(bundle_id, []).append(sha256)
            rows = self._engine.execute(
                "SELECT bundle_id, custodian, name, through_seq, digest, at, receipt FROM custody ORDER BY at DESC, through_seq DESC"
            ).fetchall()
            return [
                CustodyNote(
                    bundle_id=row[0],
                    custodian=Custodian(row[1]),
                    name=row[2],
                    through_seq=row[3],
                    digest=row[4],
                    at=instant_of(row[5]),
                    receipt=bytes(row[6]),
                    files=tuple(files.get(row[0], ())),
                )
                for row in rows
            ]

    def custody_at(self, seq: int) -> datetime | None:
        """Return when somebody else first held an event, None while nobody does."""
        with self._reading():
            row = self._engine.execute(
                "SELECT min(at) FROM custody JOIN log_commit ON last_seq = through_seq"
                " WHERE through_seq >= ? AND digest = lower(hex(hash))",
                (seq,),
            ).fetchone()
            return None if row[0] is None else instant_of(row[0])

    def cases_at_risk(self) -> Sequence[CaseAtRisk]:
        """Return each case with anything that headquarters does not hold, oldest first, told apart by whether somebody else does."""
        with self._reading():
            held = self._held_to()
            rows = self._engine.execute(_CASES_AT_RISK, (held.hq, max(held))).fetchall()
            return [
                CaseAtRisk(
                    case_no=row[0],
                    log_only_here=bool(row[1]),
                    promised_fen=row[2],
                    attachments=row[3],
                    attachment_bytes=row[4],
                    custody_promised_fen=row[5],
                    custody_attachments=row[6],
                    custody_attachment_bytes=row[7],
                )
                for row in rows
            ]

    def box_key_announced(self) -> bytes | None:
        """Return the public box key that this log announced last, None when it announced none."""
        with self._reading():
            row = self._engine.execute("SELECT box_key FROM present").fetchone()
            return None if row[0] is None else bytes.fromhex(row[0])


_CASES_AT_RISK = f"""
WITH waiting (seq, size_bytes, kept) AS (
    SELECT seq, coalesce(size_bytes, 0), sha256 IN ({IN_CUSTODY}) FROM attachment WHERE held = 0
), files (case_no, size_bytes, kept) AS (
    SELECT case_no, size_bytes, kept FROM waiting JOIN document USING (seq)
    UNION ALL
    SELECT case_no, size_bytes, kept FROM waiting JOIN paper_moment USING (seq) JOIN paper USING (number) WHERE case_no IS NOT NULL
), by_file (case_no, here, here_bytes, there, there_bytes) AS (
    SELECT case_no, sum(NOT kept), sum(size_bytes * NOT kept), sum(kept), sum(size_bytes * kept) FROM files GROUP BY case_no
), by_promise (case_no, here_fen, there_fen) AS (
    SELECT case_no, sum(amount_fen * (seq > ?2)), sum(amount_fen * (seq <= ?2)) FROM paper
    WHERE seq > ?1 AND amount_fen IS NOT NULL AND state <> 'voided' AND case_no IS NOT NULL GROUP BY case_no
)
SELECT case_no, last_seq > ?2, coalesce(here_fen, 0), coalesce(here, 0), coalesce(here_bytes, 0),
       coalesce(there_fen, 0), coalesce(there, 0), coalesce(there_bytes, 0)
FROM case_file LEFT JOIN by_file USING (case_no) LEFT JOIN by_promise USING (case_no)
WHERE last_seq > ?1 OR by_file.case_no IS NOT NULL
ORDER BY opened_seq
"""  # noqa: S608 - a constant of this module


def _not_genuine(note: CustodyNote, detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "custody_not_genuine",
        Bilingual(
            f"{note.name} 的托管回执不可信（{detail}），未采用。",
            f"The custody receipt of {note.name} can't be believed ({detail}) and was not taken.",
        ),
        Bilingual(
            "资料仍在本机。请再交一次，或直接与总部同步。",
            "The data are still here. Hand them over again, or sync with headquarters.",
        ),
    )
