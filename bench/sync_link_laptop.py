"""The laptop's side of ``bench.sync_link``, a process of its own that can be killed: one sync, a JSON line per happening.

python -m bench.sync_link_laptop FOLDER URL --money-seq N [--promise-after S]
"""

from __future__ import annotations

import argparse
import json
import threading
from pathlib import Path
from time import monotonic

from bench.sync_laptop import BenchLaptop
from sync.cycle import SyncProgress


class Teller:
    """Prints what happens with seconds since the start of the sync."""

    def __init__(self, laptop: BenchLaptop, money_seq: int, promise_after_s: float | None) -> None:
        self._laptop, self._money_seq, self._after_s = laptop, money_seq, promise_after_s
        self._log_seq = laptop.store.position().next_seq - 1
        self._promise_seq: int | None = None
        self._promised_s = 0.0
        self._told: set[str] = set()
        self._most_left_error = 0.0
        self.began_s = monotonic()
        self.progress: SyncProgress | None = None

    def say(self, what: str, **more: object) -> None:
        """Print one line."""
        print(json.dumps({"what": what, "s": monotonic() - self.began_s, **more}), flush=True)

    def step(self, name: str) -> None:
        """Look after each durable step of the cycle."""
        if name == "sync.chunk_started" and self._after_s is not None and "photos" not in self._told:
            self._told.add("photos")
            threading.Timer(self._after_s, self._promise).start()
        if name != "sync.statements_applied":
            return
        held = self._laptop.store.position().hq_watermark_seq
        for what, seq in (("money", self._money_seq), ("log", self._log_seq), ("promise", self._promise_seq)):
            if seq is not None and held >= seq and what not in self._told:
                self._told.add(what)
                self.say(what, after_s=monotonic() - self._promised_s if what == "promise" else None)

    def _promise(self) -> None:
        """Somebody is handed a voucher while photos travel."""
        _, voucher_seq, _ = self._laptop.record(4711, 1, first=9_000)
        self._promise_seq, self._promised_s = voucher_seq, monotonic()
        self.say("promised")


def main() -> None:
    """Run one sync."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("--money-seq", type=int, required=True)
    parser.add_argument("--promise-after", type=float)
    options = parser.parse_args()
    laptop = BenchLaptop.opened(options.folder)
    teller = Teller(laptop, options.money_seq, options.promise_after)
    carrier = laptop.carrier(options.url)
    teller.say("start")
    shown = 0.0

    def show(progress: SyncProgress) -> None:
        nonlocal shown
        if monotonic() - shown >= 2.0:
            shown = monotonic()
            last = progress.transfers[-1] if progress.transfers else None
            teller.say(
                "progress",
                done=progress.file_bytes_done,
                rate=round(progress.rate_bytes_s),
                left_s=None if last is None else last.left_s,
                quiet_s=progress.quiet_s,
            )

    while True:
        summary = laptop.sync(carrier, probe=teller.step, progress=show)
        teller.say(
            "end",
            finished=summary.finished,
            fault=summary.fault,
            event_bytes=summary.event_bytes,
            chunk_bytes=summary.chunk_bytes,
            wire_bytes=summary.wire_bytes,
            window=summary.window,
        )
        if summary.finished:
            break
    carrier.close()
    laptop.store.close()


if __name__ == "__main__":
    main()
