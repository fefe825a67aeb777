"""What a sync costs on the wire: bytes as TCP carries them, TLS handshakes and heads included.

Forty cases of a disaster station (``bench.sync_cases``: 13 events in 8 signed commits and one photo of 150,000 random bytes each) go from a
real encrypted store to a real headquarters over TLS on loopback, through a proxy that does nothing but count. The cases' facts and
decisions are of those worked cases that the dictionary was not trained on.

Baseline: the signed commits as they are, and the photos' bytes.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.system_clock import SystemClock
from bench.report import report, row
from bench.sync_laptop import BenchLaptop
from headquarters.installation import Headquarters
from headquarters.serving import ServiceThread
from sync.summary import SyncSummary
from sync.wire.compact import pack_log
from sync.wire.dictionary import accepted, best_dictionary
from sync.wire.messages import LogBatch

CASES = 40


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


@contextmanager
def world() -> Iterator[tuple[BenchLaptop, CountingProxy, str]]:
    """A headquarters, a counting proxy before it, a laptop behind that."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="outpost-bench-")))
        hq = Headquarters.create(folder / "hq", SystemClock().utc_now)
        cleanup.callback(hq.close)
        service = cleanup.enter_context(ServiceThread(hq))
        proxy = CountingProxy(int(service.address.rpartition(":")[2]))
        cleanup.callback(proxy.close)
        url = f"https://127.0.0.1:{proxy.port}"
        laptop = BenchLaptop.enrolled(hq, url, folder)
        cleanup.callback(laptop.store.close)
        synced(laptop, url)
        yield laptop, proxy, url


def synced(laptop: BenchLaptop, url: str, *, money_only: bool = False) -> SyncSummary:
    """Run one cycle with connections of its own, as ``Desk.sync`` does."""
    carrier = laptop.carrier(url)
    try:
        summary = laptop.sync(carrier, money_only=money_only)
    finally:
        carrier.close()
    if not summary.finished:
        raise SystemExit(f"the sync did not finish: {summary.problem}")
    return summary


def measured(
    laptop: BenchLaptop, proxy: CountingProxy, url: str, *, money_only: bool = False
) -> tuple[int, int, SyncSummary]:
    """Return the bytes that one sync moved up, and both ways, and its summary."""
    up, both = proxy.up_bytes, proxy.total_bytes()
    summary = synced(laptop, url, money_only=money_only)
    return proxy.up_bytes - up, proxy.total_bytes() - both, summary


def main() -> None:
    """Measure and report."""
    with world() as (laptop, proxy, url):
        before = laptop.store.position().next_seq - 1
        plain, _, photos = laptop.record(20261122, CASES)
        batch = LogBatch(
            device="D3",
            epoch=1,
            commits=tuple(commit.raw for commit in laptop.store.commits_after(before, 1 << 40)),
        )
        packed = len(pack_log(batch, best_dictionary(accepted())) or b"")
        log_up, log_wire, first = measured(laptop, proxy, url, money_only=True)
        _, files_wire, second = measured(laptop, proxy, url)
        _, silent_wire, third = measured(laptop, proxy, url)
        connections = proxy.connections
    if first.chunk_bytes or second.event_bytes or third.event_bytes or third.chunk_bytes:
        raise SystemExit("bytes went in a sync where none were due")
    files = sum(map(len, photos))
    report(
        "sync_bytes",
        [
            row("log of a case of 13 events, packed", packed / CASES, "bytes", plain / CASES),
            row("– sent, with TLS, heads and hello", log_up / CASES, "bytes", plain / CASES),
            row("– both ways, receipts and answers included", log_wire / CASES, "bytes", plain / CASES),
            row("files on the wire", files_wire, "bytes", files),
            row("log and files on the wire", log_wire + files_wire, "bytes", packed + files),
            row("a second sync, all of it", silent_wire, "bytes"),
            row("connections opened", connections, "count"),
        ],
    )


if __name__ == "__main__":
    main()
