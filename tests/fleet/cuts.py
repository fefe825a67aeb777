"""Power cuts on the encrypted store, at the durable steps by which money and custody move without headquarters.

Promise: the dying disk is ``tests.local_db.cut_disk`` (un-synced sectors survive by chance, in half the cuts some of them torn); every unit
of work is production code: a grant received, an allowance handed on, one taken in, a custody noted, a floor raised, a case, a voucher, a
closing statement. Afterwards the real store opens the files with the real engine: everything acknowledged must be there, log, inbox,
book and notes must agree with each other, and the projections must follow from log and inbox.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from claims.allowances import PoolId, TransferDebit, transfer
from claims.custody import Custodian, CustodyNote
from claims.errors import EnvironmentProblem
from claims.events import AllowanceClosed, AllowanceReceived, AllowanceTransferred
from claims.trusted_time import TrustedTime
from local_db.store import LocalStore
from tests.fleet.runner import memory_folder
from tests.local_db import samples as s
from tests.local_db.cut_disk import CutDisk
from tests.local_db.power_cut import Cut, PowerCuts

UNITS = 8
_TAKEN_FEN = 700_000


@dataclass
class Done:
    """What was acknowledged: each of these must be found afterwards."""

    commits: list[tuple[int, bytes]] = field(default_factory=list)
    statements: list[bytes] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    handed_on: list[str] = field(default_factory=list)
    taken_in: list[str] = field(default_factory=list)
    floors: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many acknowledgements there were."""
        lists = (self.commits, self.statements, self.notes, self.handed_on, self.taken_in)
        return sum(map(len, lists)) + len(self.floors)


class MoneyCuts(PowerCuts):
    """``PowerCuts`` with the units of work of allowances and custody."""

    def cut(self, seed: int, *, torn: bool, synchronous: str | None = None) -> Cut:
        self.done = Done()
        return super().cut(seed, torn=torn, synchronous=synchronous)

    def _work(
        self, disk: CutDisk, seed: int, synchronous: str | None = None
    ) -> tuple[tuple[list[tuple[int, bytes]], list[bytes]], int]:
        self.done = Done()
        dice = random.Random(seed)
        with self._engine(disk) as engine:
            if synchronous is not None:
                engine.execute(f"PRAGMA synchronous = {synchronous}")
            engine.execute(f"PRAGMA wal_autocheckpoint = {dice.choice((4, 12, 40))}")
            store = self._store(engine)
            try:
                for number in range(1, UNITS + 1):
                    self._unit(store, number, dice)
            except EnvironmentProblem:
                if not disk.dead:
                    raise
        return (self.done.commits, self.done.statements), disk.operations

    def _unit(self, store: LocalStore, number: int, dice: random.Random) -> None:
        done = self.done
        raw = self._hq.sign(s.grant(f"G-{number}", 3 * s.AMOUNT_FEN))
        with store.write() as uow:
            uow.receive(raw)
        done.statements.append(raw)
        case_no = f"C-{number}"
        key = f"key-{number}"
        self._commit(
            store,
            s.case_opened(case_no),
            s.facts(case_no),
            s.determination(case_no),
            s.voucher(number, case_no, key, debits=(s.debit(f"G-{number}", key=key),)),
        )
        self._hand_on(store, number)
        taken = AllowanceReceived(
            at=s.at(3),
            transfer_id=f"G-OTHER-{number}/1",
            pool=f"pool-{number}",
            amount_fen=_TAKEN_FEN,
            expires_at=s.at(0) + timedelta(days=30),
            transfer=dice.randbytes(900),
        )
        self._commit(store, taken)
        done.taken_in.append(taken.transfer_id)
        position = store.position()
        note = CustodyNote(
            bundle_id=f"{dice.getrandbits(128):032x}",
            custodian=Custodian.STICK,
            name="STICK",
            through_seq=position.next_seq - 1,
            digest=position.head.hex(),
            at=s.at(4),
            files=(f"{dice.getrandbits(256):064x}",),
        )
        with store.write() as uow:
            uow.note_custody(note)
        done.notes.append(note.bundle_id)
        with store.write() as uow:
            uow.raise_floor("hq_incarnation", number)
        done.floors["hq_incarnation"] = number
        self._commit(store, AllowanceClosed(at=s.at(5), grant_id=taken.transfer_id, spent_fen=0))

    def _commit(self, store: LocalStore, *events: object) -> None:
        first_seq = store.position().next_seq
        with store.write() as uow:
            uow.append(*events)  # type: ignore[arg-type]  # samples of events
        self.done.commits.append((first_seq, store.commits_after(first_seq - 1, 1)[0].raw))

    def _hand_on(self, store: LocalStore, number: int) -> None:
        with store.read() as reads:
            book = reads.allowance_book()
        pool = next(one.pool for one in book.allowances if one.grant_id == f"G-{number}")
        debit = transfer(book, PoolId(pool), s.AMOUNT_FEN, ("QX07-D4", 1), TrustedTime(at=s.at(2), believed=True))
        assert isinstance(debit, TransferDebit), debit
        event = AllowanceTransferred(
            at=s.at(2),
            transfer_id=debit.transfer_id,
            grant_id=debit.grant_id,
            pool=debit.pool,
            amount_fen=debit.amount_fen,
            counter=debit.counter,
            to_device=debit.to_device,
            to_epoch=debit.to_epoch,
            transfer=b"signed" * 100,
        )
        self._commit(store, event)
        self.done.handed_on.append(debit.transfer_id)

    def _missing(self, store: LocalStore, events: list[tuple[int, bytes]], statements: list[bytes]) -> int:
        there = {(commit.first_seq, commit.raw) for commit in store.commits_after(0, 10**9)}
        with store.read() as reads:
            inbox = {item.raw for item in reads.inbox()}
            notes = {note.bundle_id for note in reads.custody_notes()}
            given = {event.transfer_id for event in reads.transfers_out()}
            book = {one.grant_id: one for one in reads.allowance_book().allowances}
            floors = {name: reads.floor(name) for name in self.done.floors}
        missing = sum(1 for one in events if one not in there) + sum(1 for one in statements if one not in inbox)
        missing += len(set(self.done.notes) - notes) + len(set(self.done.handed_on) - given)
        missing += sum(1 for one in self.done.taken_in if one not in book)
        missing += sum(1 for name, value in self.done.floors.items() if floors[name] < value)
        # Of each allowance that was handed on the book knows; a right that is debited nowhere could be promised twice.
        moved = Counter(one.rpartition("/")[0] for one in given)
        return missing + sum(1 for one, times in moved.items() if book[one].transferred_fen != times * s.AMOUNT_FEN)


def cut_many(count: int, processes: int) -> dict[str, int]:
    """Cut the power ``count`` times, torn sectors in half of them; return what was acknowledged, lost, unreadable."""
    share = -(-count // processes)
    parts = [(first, min(first + share, count)) for first in range(0, count, share)]
    with ProcessPoolExecutor(processes) as pool:
        found = list(pool.map(_cut_part, parts))
        control = pool.submit(_control, 20).result()
    return {
        "power_cuts": count,
        "acknowledged": sum(one["acknowledged"] for one in found),
        "events_lost": sum(one["lost"] for one in found),
        "unreadable": sum(one["corrupt"] for one in found),
        "torn": sum(one["torn"] for one in found),
        "control_lost": control,
    }


def _cut_part(part: tuple[int, int]) -> dict[str, int]:
    found = {"acknowledged": 0, "lost": 0, "corrupt": 0, "torn": 0}
    with tempfile.TemporaryDirectory(prefix="cuts-", dir=memory_folder()) as folder:
        cuts = MoneyCuts(Path(folder))
        for seed in range(*part):
            one = cuts.cut(seed, torn=bool(seed % 2))
            found["acknowledged"] += cuts.done.count
            found["lost"] += one.lost
            found["corrupt"] += one.corrupt
            found["torn"] += seed % 2
    return found


def _control(count: int) -> int:
    """The same on a store that does not wait for the disk: it must lose something, or these cuts prove nothing."""
    with tempfile.TemporaryDirectory(prefix="cuts-", dir=memory_folder()) as folder:
        cuts = MoneyCuts(Path(folder))
        return sum(cuts.cut(seed, torn=False, synchronous="NORMAL").lost for seed in range(count))
