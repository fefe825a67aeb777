"""An extract of a million people by shards: cut at headquarters, put into use on a laptop, then one in a hundred changed.

Baseline, measured in the same run: the whole file as laptops took it before (written, applied), which is also what a change of any size cost.
Each part runs in a process of its own, so that its peak memory (RSS) is its own; processor seconds stand beside wall seconds, because other
work on the machine moves only the latter. ``--people`` takes a smaller number for a quick look.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import msgspec
from sqlalchemy import select

from bench.report import report, row
from bench.synthetic_people import persons, policies, write_stream
from claims.reference import ExtractPerson, ExtractPolicy
from headquarters.extract_shards import manifest_of, publish_shards
from headquarters.installation import Headquarters
from headquarters.models_distribution import ExtractKey
from local_db.extract.apply import apply_extract
from local_db.extract.search import LocalExtract
from local_db.extract.shards import ProvedManifest, ShardFolder, apply_manifests
from local_db.store_keys import EngineKey, StoreKeys

START = datetime(2026, 11, 20, tzinfo=UTC)
_CHANGED_EVERY = 100


class _Clock:
    """Headquarters' clock: it moves a day when it is told to."""

    def __init__(self, days: int) -> None:
        self._at = START + timedelta(days=days)

    def __call__(self) -> datetime:
        return self._at


def _records(people: int, day: int) -> Iterator[ExtractPerson | ExtractPolicy]:
    for number, person in enumerate(persons(people)):
        changed = day and number % _CHANGED_EVERY == 0
        yield msgspec.structs.replace(person, phone=f"1990{day:03d}{number % 10000:04d}") if changed else person
    for number, policy in enumerate(policies(people, people)):
        changed = day and number % _CHANGED_EVERY == 1
        yield msgspec.structs.replace(policy, terms={"sum_insured": 50_000_000 + day}) if changed else policy


def _publish(home: Path, people: int, day: int) -> dict[str, float]:
    hq = Headquarters.open(home, _Clock(day))
    start = perf_counter()
    manifest = publish_shards(
        hq, "all", _records(people, day), expected=2 * people, made_at=START + timedelta(days=day)
    )
    seconds = perf_counter() - start
    hq.close()
    return {"s": seconds, "base": len(manifest.base), "delta": len(manifest.delta)}


def _fetch(home: Path, folder: Path, day: int) -> dict[str, float]:
    hq = Headquarters.open(home, _Clock(day))
    manifest = manifest_of(hq, "all")
    assert manifest is not None
    shards = ShardFolder(folder)
    start = perf_counter()
    size = 0
    for shard in shards.missing(manifest):
        content = hq.blobs.read(shard.sha256)
        shards.put(shard, content)
        size += len(content)
    seconds = perf_counter() - start
    hq.close()
    return {"s": seconds, "MB": size / 1e6}


def _apply(home: Path, folder: Path, key: EngineKey, day: int) -> dict[str, float]:
    hq = Headquarters.open(home, _Clock(day))
    manifest = manifest_of(hq, "all")
    assert manifest is not None
    with hq.database.read() as session:
        keys = {each.key_id: each.key for each in session.scalars(select(ExtractKey))}
    hq.close()
    start = perf_counter()
    apply_manifests(folder, key, [ProvedManifest(f"{manifest.version}", manifest)], keys)
    return {"s": perf_counter() - start}


def _apply_whole(stream: Path, folder: Path, key: EngineKey) -> dict[str, float]:
    start = perf_counter()
    with stream.open("rb") as source:
        apply_extract(source, folder, key)
    return {"s": perf_counter() - start}


def _write_whole(stream: Path, people: int) -> dict[str, float]:
    start = perf_counter()
    write_stream(stream, people, people)
    return {"s": perf_counter() - start}


def _search(folder: Path, key: EngineKey) -> dict[str, float]:
    extract = LocalExtract(folder, key)
    opened = perf_counter()
    extract.header()
    first = perf_counter() - opened
    times = []
    for text in ("张伟", "晓禾", "zhangwei", "zw", "0159", "19870412", "AT-A 2026 990110 0000000") * 5:
        start = perf_counter()
        extract.search(text)
        times.append(perf_counter() - start)
    extract.close()
    return {
        "open_ms": first * 1000,
        "median_ms": sorted(times)[len(times) // 2] * 1000,
        "slowest_ms": max(times) * 1000,
    }


def measured(work: Callable[..., dict[str, float]], *arguments: object) -> dict[str, float]:
    """Run a part in a fresh process; return its figures and its peak memory in MB."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_child, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    try:
        found: dict[str, float] = ours.recv()
    except EOFError as problem:
        raise RuntimeError(f"{work.__name__} ended without figures") from problem
    process.join()
    return found


def _child(answer: Connection, work: Callable[..., dict[str, float]], arguments: tuple[object, ...]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = work(*arguments)
    after = resource.getrusage(resource.RUSAGE_SELF)
    found["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found["peak"] = after.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    answer.send(found)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    people: int = parser.parse_args().people
    key = StoreKeys.generate().file_key("extract")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        home, whole, laptop, stream = folder / "hq", folder / "whole", folder / "laptop", folder / "stream.zst"
        Headquarters.create(home, _Clock(0)).close()
        idle = measured(_idle)["peak"]
        write = measured(_write_whole, stream, people)
        before = measured(_apply_whole, stream, whole, key)
        cut = measured(_publish, home, people, 0)
        fetched = measured(_fetch, home, laptop, 0)
        applied = measured(_apply, home, laptop, key, 0)
        searched = measured(_search, laptop, key)
        cut_again = measured(_publish, home, people, 1)
        fetched_again = measured(_fetch, home, laptop, 1)
        changed = measured(_apply, home, laptop, key, 1)
        searched_again = measured(_search, laptop, key)
        whole_mb = stream.stat().st_size / 1e6
        rows = [
            row(f"whole file of {people:,} people and policies written", write["cpu"], "cpu s"),
            row("  applied (as before)", before["cpu"], "cpu s"),
            row("  applied, wall", before["s"], "s"),
            row("  most memory", before["peak"], "MB"),
            row("  bytes to fetch", whole_mb, "MB"),
            row(f"cut into {cut['base']:.0f} shards and sealed", cut["cpu"], "cpu s", write["cpu"]),
            row("  wall", cut["s"], "s", write["s"]),
            row("  most memory", cut["peak"], "MB"),
            row("shards: bytes to fetch", fetched["MB"], "MB", whole_mb),
            row("  applied", applied["cpu"], "cpu s", before["cpu"]),
            row("  applied, wall", applied["s"], "s", before["s"]),
            row("  most memory", applied["peak"], "MB", before["peak"]),
            row("  search, median", searched["median_ms"], "ms"),
            row(f"1 % changed: cut into {cut_again['delta']:.0f} shards", cut_again["cpu"], "cpu s"),
            row("  most memory", cut_again["peak"], "MB"),
            row("  bytes to fetch", fetched_again["MB"], "MB", whole_mb),
            row("  applied", changed["cpu"], "cpu s", before["cpu"]),
            row("  applied, wall", changed["s"], "s", before["s"]),
            row("  most memory", changed["peak"], "MB", before["peak"]),
            row("  first opening afterwards", searched_again["open_ms"], "ms"),
            row("  search, median", searched_again["median_ms"], "ms", searched["median_ms"]),
            row("  search, slowest", searched_again["slowest_ms"], "ms"),
            row("a process that does nothing, memory", idle, "MB"),
        ]
    report("extract", rows)


def _idle() -> dict[str, float]:
    return {}


if __name__ == "__main__":
    main()
