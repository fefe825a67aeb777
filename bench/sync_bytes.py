"""What a sync costs on the wire: bytes as TCP carries them, TLS handshakes and heads included, against the plain JSON.

Forty cases of a disaster station go from a real encrypted store to a real headquarters over TLS on loopback, through a proxy
that does nothing but count. Each case is what the desk commits in three transactions: the report, a photo's entry, facts and
decision (the sample pack's worked cases, decided here). The photos are random bytes, as JPEG files are to a compressor.

Baseline: the JSON of the events, plain, and the photos' bytes. CouchDB's replication took 1.44 of it on the same kind of job
(measured for this project, docs/adr/0062-sync-bytes.md).
"""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from app.system_clock import SystemClock
from bench.report import report, row
from claims.events import (
    AnyEvent,
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    FactsRecorded,
    Outcome,
    PersonFact,
    encode_event,
)
from headquarters.enrolment import make_enrolment_code
from headquarters.installation import Headquarters
from headquarters.serving import ServiceThread
from local_db.identity import Identity
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase
from local_db.store import LocalStore, create_store
from rules.engine import canonical, decide, decode_facts, encode_facts, load_pack
from rules.tools.sample import sample_pack_bytes
from sync.carrier_http import HttpCarrier, HttpFirstContact, root_pem_of
from sync.cycle import sync_once
from sync.enrolment import enrol
from sync.summary import SyncSummary
from trust.certificates import TrustStore
from trust.keys import SoftwareKey

CASES = 40
PHOTO_BYTES = 150_000
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PREFIX = "QX07-D3"
NAMES = "王伟李娜张敏刘洋陈静杨帆赵磊黄丽周强吴芳林晓禾陆怀远"


@dataclass
class CountingProxy:
    """Passes bytes between a client and ``target`` and counts them, both ways."""

    target: int
    up_bytes: int = 0
    down_bytes: int = 0
    connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)

    def total_bytes(self) -> int:
        """Both ways."""
        with self._lock:
            return self.up_bytes + self.down_bytes

    def close(self) -> None:
        """Stop listening and wait for the connections that were passed on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _start(self, work: object, *parts: object) -> None:
        thread = threading.Thread(target=work, args=parts)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.target))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._pass, client, server, True)
            self._start(self._pass, server, client, False)

    def _pass(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                with self._lock:
                    self.up_bytes += len(piece) if up else 0
                    self.down_bytes += 0 if up else len(piece)
                sink.sendall(piece)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        if not up:
            source.close()
            sink.close()


class Laptop:
    """An enrolled laptop with its store."""

    def __init__(self, hq: Headquarters, url: str, folder: Path) -> None:
        code = make_enrolment_code(
            hq, station="QX07", station_name="清溪七站", adjuster="A1007", adjuster_name="陆怀远", device="D3"
        )
        key = SoftwareKey.generate()
        answer = enrol(HttpFirstContact(url), code, key)
        identity = msgspec.convert(msgspec.structs.asdict(answer), Identity)
        self.store: LocalStore = create_store(
            folder / "home", PassphraseUnlock("A1007", generate_passphrase()), identity, key
        )
        with self.store.write() as uow:
            for statement in answer.statements:
                uow.receive(statement)
        pem = folder / "root.pem"
        pem.write_bytes(root_pem_of(answer.root_certificate))
        self._url, self._pem, self._key, self._identity = url, pem, key, identity
        self._roots = TrustStore(answer.root_certificate)

    def sync(self, *, money_only: bool = False) -> SyncSummary:
        """One cycle with connections of its own, as ``Desk.sync`` runs it."""
        carrier = HttpCarrier(
            self._url, self._pem, device=self._identity.device, epoch=self._identity.epoch, signer=self._key
        )
        try:
            summary = sync_once(
                carrier=carrier,
                store=self.store,
                outbox=self.store,
                attachments=self.store.attachments,
                roots=self._roots,
                clock=SystemClock(),
                money_only=money_only,
            )
        finally:
            carrier.close()
        if not summary.finished:
            raise SystemExit(f"the sync did not finish: {summary.problem}")
        return summary


def transactions(chance: random.Random, photos: list[bytes]) -> Iterator[tuple[AnyEvent, ...]]:
    """Yield what the desk commits for ``CASES`` cases."""
    raw = sample_pack_bytes()
    pack = load_pack(raw)
    worked = [decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests]
    for number, photo in enumerate(photos, start=1):
        case_no = f"{PREFIX}-C{number:05d}"
        name = "".join(chance.sample(NAMES, 2))
        person = PersonFact(
            name=name,
            id_number=f"990101{chance.randrange(10**12):012d}",
            person_id=f"P{chance.randrange(10**9):09d}",
            birth_date=date(1950 + chance.randrange(60), 1 + chance.randrange(12), 1 + chance.randrange(28)),
            phone=f"138{chance.randrange(10**8):08d}",
        )
        policy_no = f"L{chance.randrange(10**12):012d}"
        yield (
            CaseOpened(
                at=AT,
                case_no=case_no,
                channel="station",
                claim_type="accident_medical",
                insured=person,
                reporter=person,
                policy_nos=(policy_no,),
                loss_date=date(2026, 11, 1 + chance.randrange(20)),
                loss_place=f"清溪县第{chance.randrange(60)}村{chance.randrange(12)}组",
                loss_region="990101",
                catastrophe_id="CAT-2026-11",
                description="地震中房屋倒塌受伤：" + "".join(chance.choice(NAMES) for _ in range(40)),
            ),
        )
        yield (
            DocumentAdded(
                at=AT,
                case_no=case_no,
                document_id="001",
                material="bill",
                sha256=hashlib.sha256(photo).hexdigest(),
                size_bytes=len(photo),
                media_type="image/jpeg",
                filename=f"IMG_{chance.randrange(10_000):04d}.jpg",
                thumbnail_sha256=None,
                pages=1,
            ),
        )
        facts = worked[number % len(worked)]
        decision = canonical(decide(pack, facts))
        encoded = msgspec.Raw(encode_facts(pack, facts))
        yield (
            FactsRecorded(at=AT, case_no=case_no, policy_no=policy_no, pack_hash=pack.hash, facts=encoded),
            DeterminationMade(
                at=AT,
                case_no=case_no,
                policy_no=policy_no,
                pack_hash=pack.hash,
                facts=encoded,
                decision=msgspec.Raw(decision),
                decision_sha256=hashlib.sha256(decision).hexdigest(),
                outcome=Outcome.REFERRED,
                outcome_reasons=(),
            ),
        )


@contextmanager
def world() -> Iterator[tuple[Laptop, CountingProxy]]:
    """A headquarters, a counting proxy before it, a laptop behind that."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="outpost-bench-")))
        hq = Headquarters.create(folder / "hq", SystemClock().utc_now)
        cleanup.callback(hq.close)
        service = cleanup.enter_context(ServiceThread(hq))
        proxy = CountingProxy(int(service.address.rpartition(":")[2]))
        cleanup.callback(proxy.close)
        laptop = Laptop(hq, f"https://127.0.0.1:{proxy.port}", folder)
        cleanup.callback(laptop.store.close)
        laptop.sync()
        yield laptop, proxy


def measured(laptop: Laptop, proxy: CountingProxy, *, money_only: bool = False) -> tuple[int, SyncSummary]:
    """Return the bytes one sync moved, both ways, and its summary."""
    before = proxy.total_bytes()
    summary = laptop.sync(money_only=money_only)
    return proxy.total_bytes() - before, summary


def main() -> None:
    """Measure and report."""
    chance = random.Random(20261122)
    photos = [chance.randbytes(PHOTO_BYTES) for _ in range(CASES)]
    with world() as (laptop, proxy):
        plain = 0
        for events in transactions(chance, photos):
            plain += sum(len(encode_event(event)) for event in events)
            with laptop.store.write() as uow:
                uow.append(*events)
        events_wire, first = measured(laptop, proxy, money_only=True)
        for photo in photos:
            laptop.store.attachments.put(photo)
        files_wire, second = measured(laptop, proxy)
        silent_wire, third = measured(laptop, proxy)
        connections = proxy.connections
    if first.chunk_bytes or second.event_bytes or third.event_bytes or third.chunk_bytes:
        raise SystemExit("bytes went in a sync where none were due")
    files = sum(map(len, photos))
    report(
        "sync_bytes",
        [
            row("events on the wire, per case", events_wire / CASES, "bytes", plain / CASES),
            row("files on the wire", files_wire, "bytes", files),
            row("events and files on the wire", events_wire + files_wire, "bytes", plain + files),
            row("a second sync, all of it", silent_wire, "bytes"),
            row("connections opened", connections, "count"),
        ],
    )


if __name__ == "__main__":
    main()
