"""Trains the log's dictionary on invented cases and writes it where ``sync.wire.dictionary`` reads it.

Only to be run for a new name: a released dictionary is never changed. Half of the sample pack's worked cases is kept back, so that
``bench.sync_bytes`` measures on cases that the training never saw.

    python -m bench.sync_dictionary log-2
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import zstandard

import resources
from bench.sync_cases import COMMITS_PER_CASE, Scribe, case_commits, trained_half
from claims.events import encode_event
from sync.wire.compact import zstd_content
from trust.certificates import issue_device, issue_root
from trust.commits import Head, genesis_hash, seal
from trust.keys import SoftwareKey

STATIONS = 80
CASES = 16
SIZE_BYTES = 63 * 1024
_SPAN = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))


def commits(number: int) -> list[bytes]:
    """Return the signed commits of one invented laptop."""
    chance = random.Random(number)
    root_key, key = SoftwareKey.generate(), SoftwareKey.generate()
    device, station = f"D{1 + number % 9}", f"QX{1 + number % 69:02d}"
    certificate = issue_device(
        issue_root("Outpost root", root_key, *_SPAN), root_key, device, 1, station, key.public_key, *_SPAN
    )
    scribe = Scribe(device, 1, station, f"A{chance.randrange(10**4):04d}", "陆怀远", key, certificate)
    head, seq, raws = genesis_hash(certificate), 1, []
    for events in case_commits(
        scribe, chance, trained_half(), [chance.randbytes(8) for _ in range(CASES)], first=number
    ):
        sealed = seal(key, Head(device, 1, seq, head), [encode_event(event) for event in events])
        raws.append(sealed.raw)
        head, seq = sealed.hash, sealed.last_seq + 1
    return raws


def main() -> None:
    """Train and write."""
    name = sys.argv[1]
    path = resources.path("wire", f"{name}.dictionary")
    if path.exists():
        raise SystemExit(f"{path.name} was released and stays as it is")
    samples: list[bytes | bytearray | memoryview[int]] = [
        zstd_content(raws[start : start + COMMITS_PER_CASE])
        for raws in map(commits, range(STATIONS))
        for start in range(0, len(raws), COMMITS_PER_CASE)
    ]
    trained = zstandard.train_dictionary(SIZE_BYTES, samples, k=500, d=8, level=19)
    Path(path).write_bytes(trained.as_bytes())
    print(f"{path.name}: {len(trained.as_bytes())} bytes from {len(samples)} cases")


if __name__ == "__main__":
    main()
