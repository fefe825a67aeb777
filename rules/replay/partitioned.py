"""The same replay on more machines: a file's parts decided by Dask workers and put together again (docs/adr/0120).

Promise: what comes out is what one process gives. Claims that share a limit are in one part, so no worker waits for another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from distributed import Client, LocalCluster

from rules.engine.loading import load_pack
from rules.replay.claims_file import CLAIM_NO, ClaimsFile
from rules.replay.comparing import Comparison, compare, joined
from rules.replay.replaying import replay

PARTS_PER_WORKER = 4
"""More parts than workers, so that nobody waits long for the largest."""


@contextmanager
def cluster_of(workers: int | None = None, address: str | None = None) -> Iterator[Client]:
    """Give a client of a running cluster (``tcp://host:port``), or of one on this machine with so many processes."""
    if address is not None:
        with Client(address) as client:
            yield client
        return
    # Its pages stay on this machine, on whatever port is free.
    with (
        LocalCluster(
            n_workers=workers or 1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def replay_partitioned(client: Client, raw_pack: bytes, path: Path) -> pa.Table:
    """Replay a file that every worker can read. Returns the results of ``Replay.results``."""
    parts = client.map(_replayed, *_work(client, path, raw_pack), pure=False)
    return pa.concat_tables(client.gather(parts)).sort_by(CLAIM_NO)


def compare_partitioned(client: Client, raw_old: bytes, raw_new: bytes, path: Path) -> Comparison:
    """Compare two packs over a file that every worker can read."""
    parts = client.map(_compared, *_work(client, path, raw_old, raw_new), pure=False)
    return joined(client.gather(parts))


def _work(client: Client, path: Path, *packs: bytes) -> list[list[object]]:
    of = max(1, PARTS_PER_WORKER * len(client.scheduler_info()["workers"]))
    of_each: list[list[object]] = [[raw] * of for raw in packs]
    return [[str(path)] * of, [*range(of)], [of] * of, *of_each]


def _replayed(path: str, part: int, of: int, raw_pack: bytes) -> pa.Table:
    return replay(load_pack(raw_pack), ClaimsFile.open(Path(path)), part, of).results()


def _compared(path: str, part: int, of: int, raw_old: bytes, raw_new: bytes) -> Comparison:
    old, new = load_pack(raw_old), load_pack(raw_new)
    elements = [str(name) for name in {**old.elements, **new.elements}]
    return compare(old, new, ClaimsFile.open(Path(path)).read(elements, part, of))
