"""A restored headquarters and a laptop with its real encrypted store, over TLS: the laptop's own sync tells it everything again."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from claims.statements import AllowanceGranted, NumberBlockGranted, decode_statement
from headquarters.backups import make_backup
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import grant_allowance, grant_numbers
from headquarters.installation import Headquarters
from headquarters.models import FeedItem
from headquarters.restores import read_recovery
from headquarters.serving import ServiceThread
from headquarters.system_clock import system_now
from sync.carrier_http import HttpCarrier
from sync.relearning import INCARNATION
from sync.wire.faults import LinkFault
from sync.wire.messages import LogBatch
from sync.wire.verify import open_receipt
from tests.headquarters.restoring import ledger, place_of, set_back
from tests.sync.test_cycle import photo
from tests.sync.test_real_parts import QUICK, Station
from trust.statements import open_statement


def feed_of(hq: Headquarters) -> list[bytes]:
    with hq.database.read() as session:
        return list(session.scalars(select(FeedItem.raw).order_by(FeedItem.position)))


def move(station: Station, url: str) -> None:
    """Headquarters is to be found at another address now."""
    station.carrier.close()
    identity = station.store.identity
    station.carrier = HttpCarrier(
        url,
        station.root_pem,
        device=identity.device,
        epoch=identity.epoch,
        signer=station.store.signer,
        timeouts=QUICK,
    )


def forgotten_log_is_left(station: Station, mark: dict[str, object]) -> bool:
    """Send the whole log beside hello; tell whether headquarters took nothing of what it lacks."""
    identity, store = station.store.identity, station.store
    commits = tuple(commit.raw for commit in store.commits_after(0, 1 << 30))
    batch = LogBatch(device=identity.device, epoch=identity.epoch, commits=commits, **mark)
    raw = station.carrier.ask("/log", msgspec.json.encode(batch))
    receipt = open_receipt(raw, station.roots, device=identity.device, epoch=identity.epoch)
    return receipt.watermark_seq < store.position().next_seq - 1


@pytest.fixture
def hq(tmp_path):
    """A headquarters whose certificates are good today, as TLS wants them."""
    opened = Headquarters.create(tmp_path / "hq", system_now)
    yield opened
    opened.close()


def test_a_laptop_tells_a_restored_headquarters_what_it_forgot_and_the_old_one_is_not_believed_any_more(hq, tmp_path):
    code = make_enrolment_code(
        hq,
        station="QX07",
        station_name="清溪服务站",
        adjuster="0417",
        adjuster_name="林晓禾",
        device="D3",
        first_grants=FirstGrants(numbers=20),
    )
    with ServiceThread(hq) as service:
        station = Station(service.address, code, tmp_path)
        station.take_in("C-1", photo(1))
        assert station.sync().finished
        grant_allowance(hq, "D3", "pool", 100_00, 30, pool_limit_fen=1_000_00)
        make_backup(hq, tmp_path / "backups")
        grant_allowance(hq, "D3", "pool", 400_00, 30)
        grant_numbers(hq, "D3", 30)
        station.take_in("C-2", photo(2))
        assert station.sync().finished
        assert station.sync().finished
    wanted, told = ledger(hq), feed_of(hq)
    place = place_of(hq)

    set_back(hq, place)
    restored = Headquarters.open(hq.home, hq.now)
    assert ledger(restored) != wanted
    with ServiceThread(restored) as service:
        move(station, service.address)
        for mark in ({"early": True}, {"incarnation": 2}):
            assert forgotten_log_is_left(station, mark), (
                "before headquarters knows again what it granted, it judges nothing"
            )
        first = station.sync()
        assert first.finished, first.problem
        assert ledger(restored) == wanted
        assert feed_of(restored)[: len(told)] == told
        assert read_recovery(restored) is None
        grant_allowance(restored, "D3", "pool", 500_00, 30)
        grant_numbers(restored, "D3", 30)
        assert station.sync().finished
        assert station.store.inbox_count() == len(feed_of(restored))
        assert station.store.rebuild().identical
        with station.store.read() as reads:
            assert reads.floor(INCARNATION) == 1
            assert not [each for each in reads.tasks() if "refused" in str(each)]
            blocks = reads.number_blocks("case")
        numbers = [number for each in blocks for number in range(each.first, each.last + 1)]
        assert len(numbers) == len(set(numbers)) == 80
    statements = [
        decode_statement(open_statement(raw, station.roots)[1]) for raw in station.store.feed_statements(0, 1 << 30)
    ]
    granted = [each for each in statements if isinstance(each, AllowanceGranted)]
    assert sum(each.limit_fen for each in granted) == 1_000_00
    assert any(isinstance(each, NumberBlockGranted) for each in statements)
    restored.close()

    # Somewhere the old headquarters still answers: its database comes back as it was before the restore.
    (hq.home / "headquarters.db").unlink()
    for each in (hq.home / "before-restore-1").iterdir():
        each.replace(hq.home / each.name)
    old = Headquarters.open(hq.home, hq.now)
    with ServiceThread(old) as service:
        move(station, service.address)
        refused = station.sync()
        assert not refused.finished
        assert refused.problem.fault is LinkFault.GIVEN_UP
        assert station.store.inbox_count() == len(statements)
    old.close()
    station.close()
