"""What one acknowledged step costs: a whole unit of work with one event, against one row in plain SQLite under the same FULL sync.

The unit of work encodes the event, applies it to the present, signs it, and commits encrypted. Both wait for the same disk.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.report import Row, paired, report, row
from claims.events import CaseOpened, CaseStateChanged, PersonFact
from local_db.connection import open_engine
from local_db.identity import Identity
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase
from local_db.store import create_store
from local_db.store_keys import StoreKeys
from trust.boxes import generate_box_key
from trust.certificates import issue_device, issue_root, issue_service
from trust.keys import SoftwareKey

ROUNDS = 300
START = datetime(2026, 11, 22, tzinfo=UTC)


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder:
        plain = _plain_insert(Path(folder))
        rows = [
            _timed("unit of work, one event", _unit_of_work(Path(folder)), plain),
            _timed("encrypted engine, one row", _encrypted_insert(Path(folder)), plain),
        ]
    report("commit", rows)


def _timed(name: str, job: Callable[[], object], plain: Callable[[], object]) -> Row:
    taken, base = paired(job, plain, rounds=ROUNDS)
    return row(name, taken * 1e3, "ms", base * 1e3)


def _plain_insert(folder: Path) -> Callable[[], object]:
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT)")
    return lambda: connection.execute("INSERT INTO entry (body) VALUES (?)", ("x" * 200,))


def _encrypted_insert(folder: Path) -> Callable[[], object]:
    engine = open_engine(folder / "encrypted.db", StoreKeys.generate().database, create=True)
    engine.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT)")
    return lambda: engine.execute("INSERT INTO entry (body) VALUES (?)", ("x" * 200,))


def _unit_of_work(folder: Path) -> Callable[[], object]:
    root_key, service_key, device_key = (SoftwareKey.generate() for _ in range(3))
    end = START + timedelta(days=3650)
    root = issue_root("Outpost HQ root", root_key, START, end)
    identity = Identity(
        device="QX07-D3",
        epoch=1,
        station="QX07",
        station_name="清溪七站",
        adjuster="A1032",
        adjuster_name="陆怀远",
        company="磐石人寿",
        hotline="95000",
        root_certificate=root,
        service_certificate=issue_service(root, root_key, "HQ", service_key.public_key, START, end),
        device_certificate=issue_device(root, root_key, "QX07-D3", 1, "QX07", device_key.public_key, START, end),
        recovery_public_key=generate_box_key()[1],
    )
    unlock = PassphraseUnlock("A1032", generate_passphrase())
    store = create_store(folder / "home", unlock, identity, device_key)
    person = PersonFact(name="张㛃", id_number="99010119800101001X")
    opened = CaseOpened(
        at=START,
        case_no="QX07-D3-C-000001-64",
        channel="visit",
        claim_type="critical_illness",
        insured=person,
        reporter=person,
        policy_nos=("P2021000123456",),
        loss_date=date(2026, 11, 1),
        loss_place="清溪",
        loss_region=None,
        catastrophe_id=None,
        description="",
    )
    with store.write() as uow:
        uow.append(opened)
    moved = CaseStateChanged(
        at=START, case_no=opened.case_no, from_state="notified", to_state="accepted", reason="signed application"
    )

    def commit() -> None:
        with store.write() as uow:
            uow.append(moved)

    return commit


if __name__ == "__main__":
    main()
