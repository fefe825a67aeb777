"""The real encrypted store, first against the simulated headquarters, then against the real one, over TLS on loopback."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from claims.statements import DeviceRevoked, TaskAssigned
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.serving import ServiceThread
from local_db.identity import Identity
from local_db.key_slots import PinUnlock
from local_db.store import LocalStore, create_store, open_store
from rules.engine.model import Bilingual
from sync.carrier_http import HttpCarrier, HttpFirstContact, Timeouts, root_pem_of
from sync.cycle import sync_once
from sync.enrolment import enrol
from sync.summary import SyncSummary
from sync.wire.messages import CHUNK_BYTES
from tests.local_db.office import CHEAP, MemoryVault, TurnableClock
from tests.local_db.samples import case_opened, document
from tests.sync.authority import NOON
from tests.sync.hq_server import Fault, running
from tests.sync.hq_simulator import HqSimulator
from tests.sync.test_cycle import StillClock, photo
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

QUICK = Timeouts(connect_s=5.0, read_s=5.0)
OFFICE_CLOCK = TurnableClock()


class Station:
    """An enrolled laptop with its real store."""

    def __init__(self, url: str, code: str, folder: Path) -> None:
        signer = SoftwareKey.generate()
        answer = enrol(HttpFirstContact(url, timeouts=QUICK), code, signer)
        identity = Identity(
            **{name: getattr(answer, name) for name in Identity.__struct_fields__},
        )
        self.unlock = PinUnlock(identity.adjuster, "802417", MemoryVault())
        self.store: LocalStore = create_store(folder / "home", self.unlock, identity, signer, cost=CHEAP)
        with self.store.write() as uow:
            for statement in answer.statements:
                uow.receive(statement)
        pem = self.root_pem = folder / "hq_root.pem"
        pem.write_bytes(root_pem_of(answer.root_certificate))
        self.carrier = HttpCarrier(
            url, pem, device=identity.device, epoch=identity.epoch, signer=signer, timeouts=QUICK
        )
        self.roots = TrustStore(answer.root_certificate)

    def take_in(self, case_no: str, content: bytes) -> str:
        """A case and a document, as the desk takes them in: the file first, then one transaction."""
        sha256 = self.store.attachments.put(content)
        with self.store.write() as uow:
            uow.append(case_opened(case_no), document(case_no, content=content))
        return sha256

    def sync(self, **options) -> SyncSummary:
        waits: list[float] = []
        return sync_once(
            carrier=self.carrier,
            store=self.store,
            outbox=self.store,
            attachments=self.store.attachments,
            roots=self.roots,
            clock=StillClock(),
            wait=waits.append,
            **options,
        )

    def close(self) -> None:
        self.carrier.close()
        self.store.close()


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[tuple[HqSimulator, Station]]:
    hq = HqSimulator()
    with running(hq, tmp_path) as server:
        station = Station(server.url, hq.new_code(), tmp_path)
        station.server = server
        yield hq, station
        station.close()


def test_the_real_store_hands_over_everything_once(simulated):
    hq, station = simulated
    for number in range(3):
        station.take_in(f"C-{number}", photo(number))
    hq.say("D9", TaskAssigned, case_no="C-1", text=Bilingual("补交出院小结", "add the discharge summary"))
    first = station.sync()
    assert first.finished, first.problem
    position = station.store.position()
    assert position.hq_watermark_seq == position.next_seq - 1 == hq.devices["D9", 1].watermark_seq
    assert not station.store.attachments_waiting()
    assert len(hq.files) == 3
    assert station.store.inbox_count() == len(hq.devices["D9", 1].feed)
    assert station.store.rebuild().identical

    second = station.sync()
    assert second.finished
    assert (second.event_bytes, second.chunk_bytes, second.statements_received) == (0, 0, 0)


def test_the_real_store_gets_over_a_line_that_breaks_everywhere(simulated):
    hq, station = simulated
    for number in range(3):
        station.take_in(f"C-{number}", photo(number))
    turn = [0]

    def fate(_: str, __: str) -> Fault | None:
        turn[0] += 1
        return (Fault.CUT_REQUEST, None, Fault.CUT_BEFORE_ANSWER, None, None)[turn[0] % 5] if turn[0] < 60 else None

    station.server.fate = fate
    while not station.sync().finished:
        assert turn[0] < 500
    position = station.store.position()
    assert position.hq_watermark_seq == position.next_seq - 1
    assert len(hq.files) == 3
    assert not station.store.attachments_waiting()


def test_a_disk_that_is_full_when_the_receipt_comes_acknowledges_nothing(simulated):
    hq, station = simulated
    station.take_in("C-1", photo(1))

    def fill(step: str) -> None:
        if step == "sync.before_apply":
            station.store.limit_pages(station.store.pages())

    # Statements large enough that no free page can hold them.
    for number in range(4):
        hq.say("D9", TaskAssigned, case_no=None, text=Bilingual(f"{number}" * 20_000, "long"))
    summary = station.sync(probe=fill)
    assert summary.problem.code == "store_full"
    station.store.limit_pages(None)
    assert station.sync().finished
    assert station.store.position().hq_watermark_seq == 2


def test_a_revoked_laptop_knows_it_afterwards_without_a_link(simulated):
    hq, station = simulated
    station.take_in("C-1", photo(1))
    hq.devices["D9", 1].revoked = True
    hq.say("D9", DeviceRevoked, reason=Bilingual("电脑报失", "reported lost"))
    summary = station.sync()
    assert summary.problem.code == "sync_revoked"
    assert summary.events_sent == 0
    with station.store.read() as reads:
        assert reads.revoked()


def test_a_copied_disk_is_found_out_by_the_real_store_too(simulated, tmp_path):
    hq, station = simulated
    station.take_in("C-1", photo(1))
    station.store.close()
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    station.store = open_store(tmp_path / "home", station.unlock, OFFICE_CLOCK)
    station.take_in("C-2", photo(2))
    assert station.sync().finished
    station.store.close()
    station.store = open_store(tmp_path / "copy", station.unlock, OFFICE_CLOCK)
    station.take_in("C-3", photo(3))
    summary = station.sync()
    assert summary.problem.code == "sync_forked"
    assert station.store.position().hq_watermark_seq == 0
    assert hq.devices["D9", 1].frozen


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[Headquarters, Station]]:
    hq = Headquarters.create(tmp_path / "hq", lambda: NOON)
    code = make_enrolment_code(
        hq,
        station="QX07",
        station_name="清溪七站",
        adjuster="A1007",
        adjuster_name="陆怀远",
        device="D3",
        first_grants=FirstGrants(float_fen=100_000, authority_fen=30_000_000),
    )
    with ServiceThread(hq) as service:
        station = Station(service.address, code, tmp_path)
        yield hq, station
        station.close()
    hq.close()


def test_the_real_headquarters_takes_it_all_and_a_second_sync_is_silent(real):
    hq, station = real
    contents = [photo(number, 2 * CHUNK_BYTES + number) for number in range(3)]
    for number, content in enumerate(contents):
        station.take_in(f"C-{number}", content)
    first = station.sync()
    assert first.finished, first.problem
    position = station.store.position()
    assert position.hq_watermark_seq == position.next_seq - 1
    assert not station.store.attachments_waiting()
    assert first.chunk_bytes == sum(map(len, contents))
    assert first.hq_time == NOON
    second = station.sync()
    assert second.finished, second.problem
    assert (second.event_bytes, second.chunk_bytes) == (0, 0)
    assert all(station.store.attachments.get(ref) for ref in _hashes(contents))
    assert all(sha256 in hq.blobs for sha256 in _hashes(contents))


def _hashes(contents: list[bytes]) -> list[str]:

    return [hashlib.sha256(content).hexdigest() for content in contents]
