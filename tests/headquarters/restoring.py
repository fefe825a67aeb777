"""Setting a headquarters back in a test, and what its laptops do afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from headquarters.backups import kept_backups
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.models import Debit, Device, Grant, LogEvent, NumberGrant, Pool, PoolUse, Settlement, Voucher
from headquarters.restoring import restore_backup
from sync.wire.messages import RelearnAnswered
from tests.headquarters.laptop import Laptop
from tests.headquarters.web import TestClient

LEDGER = (Grant, Debit, Settlement, Pool, PoolUse, NumberGrant)


def ledger(hq: Headquarters) -> dict[str, object]:
    """Everything that is money or a number, and what became of every voucher and event."""
    with hq.database.read() as session:
        found: dict[str, object] = {
            table.__tablename__: sorted(
                tuple(sorted((k, str(v)) for k, v in row.items() if k not in ("granted_at", "settled_at")))
                for row in session.execute(select(table.__table__)).mappings()
            )
            for table in LEDGER
        }
        found["vouchers"] = sorted(
            (each.voucher_no, each.verdict, each.replay) for each in session.scalars(select(Voucher))
        )
        found["events"] = sorted(
            (each.device, each.epoch, each.seq, each.sha256, each.state) for each in session.scalars(select(LogEvent))
        )
        found["watermarks"] = sorted(
            (each.device, each.epoch, each.watermark_seq, each.digest) for each in session.scalars(select(Device))
        )
    return found


@contextmanager
def reopened(hq: Headquarters, laptops: list[Laptop]) -> Iterator[Headquarters]:
    """The same headquarters opened anew, with the laptops speaking to it."""
    opened = Headquarters.open(hq.home, hq.now)
    try:
        with TestClient(create_app(opened), base_url="https://testserver") as client:
            for laptop in laptops:
                laptop.client = client
            yield opened
    finally:
        opened.close()


def set_back(hq: Headquarters, place: Path) -> None:
    hq.close()
    restore_backup(hq.home, place, hq.now)


def cycle(laptop: Laptop) -> None:
    """What a laptop does in a sync: hello, its feed where it is wanted, its log, the answers."""
    answer = laptop.hello()
    if answer.relearn_from is not None:
        told = laptop.opened(laptop.relearn(answer.relearn_from), RelearnAnswered)
        assert told.relearned
        answer = laptop.hello()
    assert answer.relearn_from is None
    todo = [each.raw for each in laptop.commits if each.last_seq > answer.watermark_seq]
    laptop.send_log(*todo) if todo else None
    laptop.down()


def place_of(hq: Headquarters) -> Path:
    return Path(kept_backups(hq.home)[-1].folder)
