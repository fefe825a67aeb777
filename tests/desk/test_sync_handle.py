"""Steering a sync from the desk, with a real headquarters on loopback: cancel, money only, pause and resume from another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from claims.desk import Desk
from claims.errors import InputError
from claims.materials import Material
from claims.synchronising import SyncHandle, SyncProgressed
from tests.desk.station import new_case, photo, take_papers
from tests.stories.office import Office


@pytest.fixture
def syncing(tmp_path: Path) -> Iterator[Desk]:
    """A desk with one case and its papers, in reach of headquarters."""
    office = Office(tmp_path / "office")
    with office.serving() as url, office.enrol("D3", url).desk() as desk:
        take_papers(desk, desk.open_case(new_case()))
        yield desk
    office.close()


def test_a_cancelled_sync_stops_and_the_next_one_goes_on(syncing: Desk) -> None:
    handle = syncing.sync_handle()
    handle.cancel()
    report = syncing.sync(control=handle)
    assert report.problem is not None
    assert report.problem.code == "sync_cancelled"
    assert syncing.safety().hq == 0
    assert syncing.sync(control=syncing.sync_handle()).problem is None
    assert syncing.safety().disk == 0
    assert syncing.safety().attachments_waiting == 0


def test_money_only_can_be_asked_for_while_it_runs(syncing: Desk) -> None:
    handle = syncing.sync_handle()
    handle.money_only()
    assert syncing.sync(control=handle).problem is None
    assert syncing.safety().disk == 0
    assert syncing.safety().attachments_waiting > 0


def test_a_paused_sync_waits_until_it_is_resumed(syncing: Desk) -> None:
    handle: SyncHandle = syncing.sync_handle()
    paused = threading.Event()

    def told(progress: SyncProgressed) -> None:
        if not paused.is_set():
            paused.set()
            handle.pause()
            # From another thread, as the window does it: the sync's own is waiting then.
            threading.Thread(target=handle.resume).start()

    report = syncing.sync(progress=told, control=handle)
    assert paused.is_set()
    assert report.problem is None
    assert syncing.safety().disk == 0


def test_progress_tells_the_rate_once_something_moved(syncing: Desk) -> None:
    syncing.add_document(syncing.cases()[0].case_no, Material.OTHER, "more.jpg", photo(250))
    rates: list[float] = []
    syncing.sync(progress=lambda each: rates.append(each.rate_bytes_s))
    assert rates[-1] > 0


def test_without_an_address_there_is_nothing_to_steer(desk: Desk) -> None:
    with pytest.raises(InputError, match="no_address"):
        desk.sync_handle()
