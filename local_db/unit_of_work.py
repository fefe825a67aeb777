"""One use case, one transaction, one signed commit.

Promise: everything a unit of work did becomes durable together or not at all. After any error it is poisoned: SQLITE_FULL
rolls the whole transaction back by itself and what came later would commit alone, so every later use raises the first error
again, even if the caller swallowed it. Order at the end: sign, ``before_commit``, COMMIT, ``after_commit``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from claims.bundles import HeldBundle
from claims.custody import CustodyNote
from claims.errors import OutpostError
from claims.events import AnyEvent, encode_event
from claims.link_records import LinkRecord
from claims.ports import StepProbe
from claims.records import LogPosition
from local_db import custody, held_rows, inbox, log, problems
from local_db.apply_events import apply_event
from local_db.apply_statements import apply_statement
from local_db.connection import Engine, EngineError
from local_db.identity import Identity
from local_db.link_rows import keep_link
from local_db.reads import StoreReads
from trust.certificates import TrustStore
from trust.commits import Head, genesis_hash, seal
from trust.errors import TrustError
from trust.keys import Signer


@dataclass(frozen=True)
class Author:
    """Who writes this log: identity, signing key, the pinned root, and the key that opens what is sealed to this laptop."""

    identity: Identity
    signer: Signer
    roots: TrustStore
    box_private: bytes = b""

    @property
    def genesis(self) -> bytes:
        """What the first commit builds on."""
        return genesis_hash(self.identity.device_certificate)


class LocalUnitOfWork(StoreReads):
    """``claims.ports.UnitOfWork``. Made by ``LocalStore.write`` inside a ``BEGIN IMMEDIATE`` and ended by it."""

    def __init__(
        self, engine: Engine, path: Path, author: Author, stored_size: Callable[[str], int | None], probe: StepProbe
    ) -> None:
        super().__init__(engine, path, author.identity, stored_size)
        self._author = author
        self._probe = probe
        self._first_seq, self._prev_hash = log.read_head(engine, author.genesis)
        self._events: list[bytes] = []
        self._changed = False
        self.over = False
        self._poison: BaseException | None = None

    def append(self, *events: AnyEvent) -> None:
        """Add events to the commit and apply them to the present.

        Raises:
            EnvironmentProblem: the disk is full; nothing of this unit of work is kept.
            BugError: an event contradicts the log before it.
        """
        with self._reading():
            for event in events:
                self._refuse_withdrawn(event)
                raw = encode_event(event)
                apply_event(self._engine, self._next_seq, raw)
                self._events.append(raw)

    def _refuse_withdrawn(self, event: AnyEvent) -> None:
        # Here, not in the projection: a replay takes the log as it is.
        case_no = getattr(event, "case_no", None)
        if case_no and (reason := self.withdrawn(case_no)) is not None:
            raise problems.case_withdrawn(case_no, reason)

    def receive(self, statement: bytes) -> bool:
        """Put one of headquarters' signed statements in the inbox and apply it. False when it was there already.

        Raises:
            EnvironmentProblem: forged, for another device, or a receipt whose digest is not that of our own log.
        """
        with self._reading():
            verified = inbox.verify(statement, self._author.roots, self._author.identity)
            if inbox.is_known(self._engine, verified):
                return False
            if verified.receipt is not None:
                # Only what is committed has a chain hash; a receipt can't be about this very transaction.
                ours = log.digest_at(self._engine, verified.receipt.watermark_seq, self._author.genesis)
                if ours is None or ours.hex() != verified.receipt.digest.lower():
                    raise inbox.digest_refused(verified.receipt.watermark_seq, verified.receipt.digest, ours)
            position = inbox.add(self._engine, verified, self._next_seq - 1)
            apply_statement(self._engine, position, verified.kind, verified.body)
            self._changed = True
            return True

    def save_draft(self, draft_id: str, content: bytes) -> None:
        """Keep a draft: a local row outside the log, overwritten by the next one of the same id."""
        with self._reading():
            self._engine.execute(
                "INSERT INTO draft (draft_id, content) VALUES (?, ?) ON CONFLICT (draft_id) DO UPDATE SET content = excluded.content",
                (draft_id, content),
            )
            self._changed = True

    def drop_draft(self, draft_id: str) -> None:
        """Forget a draft; it may be gone already."""
        with self._reading():
            self._engine.execute("DELETE FROM draft WHERE draft_id = ?", (draft_id,))
            self._changed = True

    def note_custody(self, note: CustodyNote) -> None:
        """Keep that somebody else holds this log up to a place, and which files, whole.

        Raises:
            EnvironmentProblem: ``custody_not_genuine``: no genuine receipt, or of another log than this; nothing is kept.
        """
        with self._reading():
            custody.check_note(self._engine, note, self._author.roots, self._author.identity, self._author.genesis)
            custody.keep_note(self._engine, note)
            self._changed = True

    def hold_bundle(self, held: HeldBundle) -> None:
        """Note a colleague's bundle whose bytes are durable."""
        with self._reading():
            held_rows.hold(self._engine, held)
            self._changed = True

    def note_forwarded(self, bundle_id: str, at: datetime) -> None:
        """Note that headquarters took a colleague's bundle."""
        with self._reading():
            held_rows.forwarded(self._engine, bundle_id, at)
            self._changed = True

    def let_go_bundle(self, bundle_id: str) -> None:
        """Forget a colleague's bundle."""
        with self._reading():
            held_rows.let_go(self._engine, bundle_id)
            self._changed = True

    def keep_link(self, destination: str, record: LinkRecord) -> None:
        """Remember a way to headquarters."""
        with self._reading():
            keep_link(self._engine, destination, record)
            self._changed = True

    def raise_floor(self, name: str, value: int) -> None:
        """Remember the highest value seen under a name; a lower one changes nothing."""
        with self._reading():
            self._engine.execute(
                "INSERT INTO floor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (name, value),
            )
            self._changed = True

    def position(self) -> LogPosition:
        """Return the end of the log with the events appended so far; ``head`` stays the last committed one."""
        committed = super().position()
        return msgspec.structs.replace(committed, next_seq=self._next_seq)

    def finish(self) -> None:
        """Sign and commit what was done; without any change nothing is written.

        Raises:
            OutpostError: the first error this unit of work met, or the commit's own.
        """
        with self._reading():
            if not self._changed and not self._events:
                self._engine.execute("ROLLBACK")
                self.over = True
                return
            if self._events:
                identity = self._author.identity
                head = Head(identity.device, identity.epoch, self._first_seq, self._prev_hash)
                log.append_commit(self._engine, seal(self._author.signer, head, self._events))
            self._probe("before_commit")
            self._engine.execute("COMMIT")
        self.over = True
        self._probe("after_commit")

    @property
    def _next_seq(self) -> int:
        return self._first_seq + len(self._events)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        if self.over:
            raise problems.unit_of_work_over()
        if self._poison is not None:
            raise self._poison
        try:
            yield
        except EngineError as error:
            self._poison = problems.from_engine(error, self._path)
            raise self._poison from error
        except (msgspec.MsgspecError, TrustError) as error:
            self._poison = problems.contradiction(str(error))
            raise self._poison from error
        except OutpostError as error:
            if error.code != "number_unknown":
                self._poison = error
            raise
        except BaseException as error:
            self._poison = error
            raise
