"""The whole disaster on real headquarters code: 69 stations, 300 laptops, 16,000 cases in two months, reconciled to the fen.

    python -m tests.fleet.disaster [--scale 0.1] [--out out/sim/disaster.json]

Promise: every case is a loss of a policy of its own determination; it is promised from an allowance that was granted ahead to its station,
from the emergency float, or gets a slip. Cut-off is the normal state: a laptop syncs every few days. One loss in twenty is taken in at a
second station as well. At the end every promise is settled, held for a person or voided, per pool and in total, to the fen; anything else
is a violation and the exit code is 1.
"""

# ruff: noqa: T201 - a command prints

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from claims.errors import InputError
from headquarters.exposure import ExposureGroup, exposure_by, total_exposure
from headquarters.grants import grant_allowance
from tests.fleet.clockwork import DAY, HOUR, Violation
from tests.fleet.house import House, at, house_in
from tests.fleet.laptop import Laptop
from tests.fleet.library import Library, Loss, make_library
from tests.fleet.repeatable import certificates_read_once, repeatable
from tests.fleet.runner import commit, memory_folder
from tests.fleet.weather import Weather
from tests.fleet.world import World

STATIONS, LAPTOPS, CASES, DAYS = 69, 300, 16_000, 61.0
_BILLS = 4
_SECOND_STATION = 0.05
_SYNC_EVERY_DAYS = 4.0
_POOL_FEN = 600_000


@dataclass(frozen=True)
class Size:
    """How large a disaster."""

    stations: int
    laptops: int
    cases: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """Return the whole one, or a part of it."""
        return cls(max(1, round(STATIONS * scale)), max(3, round(LAPTOPS * scale)), max(20, round(CASES * scale)))


def calm(size: Size) -> Weather:
    """Good lines whenever there are any, no misfortune: this run is about the sums and the load."""
    return Weather(
        days=DAYS,
        stations=size.stations,
        laptops=size.laptops,
        policies=0,
        claim_every_s=0.0,
        sync_every_s=0.0,
        online_share=1.0,
        floats=True,
        closing=False,
        transfers=False,
        lan=False,
        sticks=False,
        families=False,
        files=False,
        voids=True,
        short_grants=False,
        compact=False,
        loss=0.0,
        doubled=0.0,
        truncated=0.0,
        answer_lost=0.0,
        stale_answers=0.0,
        portal=0.0,
        busy=0.0,
        slow_s=0.5,
        power=0.0,
        disk_full=False,
        theft=False,
        clone=False,
        restore=False,
        skew_s=0.0,
        clock_jumps=False,
        old_clients=False,
        hq_restore=False,
        write_off=False,
        reinstall=False,
    )


class Disaster(World):
    """A ``World`` whose claims come from a list and whose checks of every step are left to the reckoning at the end."""

    def __init__(self, seed: int, house: House, size: Size, library: Library) -> None:
        super().__init__(seed, house, calm(size))
        self.size = size
        self.library = library
        self.link.healed = True
        self.seconds: Counter[str] = Counter()
        self.exposure_peak = 0
        self.homes: dict[str, list[Laptop]] = {}
        # Looking at every table after each of some hundred thousand steps would measure the checkers.
        self.truth.check_headquarters = lambda *_: None  # type: ignore[method-assign]
        self.truth.check_printed = lambda *_: None  # type: ignore[method-assign]
        self.truth.know_exposure = lambda: None  # type: ignore[method-assign]
        self.truth.check_exposure = lambda: None  # type: ignore[method-assign]

    def play(self) -> dict[str, object]:
        """Play it; return the reckoning."""
        began = time.perf_counter()
        self.house.reset(self._now)
        for number in range(self.size.laptops):
            self._enrol(self._stations[number % len(self._stations)], f"D{number + 1}")
        self._grant_ahead()
        for laptop in self.laptops:
            self._first_contact(laptop)
            self.clockwork.after(
                self.clockwork.dice.uniform(0, _SYNC_EVERY_DAYS * DAY), "sync", lambda each=laptop: self._sync(each)
            )
        self._claims()
        prepared = time.perf_counter()
        self.clockwork.run_until(DAYS * DAY)
        for laptop in self.laptops:
            self.clockwork.after(self.clockwork.dice.uniform(0, HOUR), "last sync", laptop.sync)
            self.clockwork.after(self.clockwork.dice.uniform(2 * HOUR, 3 * HOUR), "last answers", laptop.sync)
        self.clockwork.run_until((DAYS + 1) * DAY)
        self.house.process()
        ended = time.perf_counter()
        return self._reckon(prepared - began, ended - prepared)

    def _now(self) -> datetime:
        return at(self.clockwork.now_s)

    def _grant_ahead(self) -> None:
        """Each policy's pool goes to one laptop of its likely station, a part of it to another station."""
        dice = self.clockwork.dice
        by_station: dict[str, list[Laptop]] = defaultdict(list)
        for laptop in self.laptops:
            by_station[laptop.station].append(laptop)
        stations = sorted(by_station)
        for number, losses in enumerate(self.library.losses):
            home = stations[number % len(stations)]
            first = dice.choice(by_station[home])
            second = dice.choice(by_station[dice.choice(stations)])
            self.homes[losses[0].policy.policy_no] = [first, second]
            for pool in losses[0].pools:
                self.truth.limits[pool] = _POOL_FEN
                for laptop, share in ((first, 400_000), (second, 100_000)):
                    try:
                        grant_allowance(
                            self.house.hq, laptop.disk.identity.device, pool, share, 75, pool_limit_fen=_POOL_FEN
                        )
                        self.count("grants")
                    except InputError as refused:
                        self.note(f"no grant: {refused.code}")

    def _claims(self) -> None:
        dice = self.clockwork.dice
        losses = [loss for each in self.library.losses for loss in each]
        dice.shuffle(losses)
        for loss in losses[: self.size.cases]:
            # Half of all claims come in the first ten days.
            day = dice.uniform(0, 10) if dice.random() < 0.5 else dice.uniform(10, DAYS - 1)
            home = self.homes[loss.policy.policy_no]
            laptop = home[0] if dice.random() < 0.85 else dice.choice(self.laptops)
            self.clockwork.after(day * DAY, "claim", lambda laptop=laptop, loss=loss: self._take_in(laptop, loss))
            if dice.random() < _SECOND_STATION:
                other = home[1] if dice.random() < 0.5 else dice.choice(self.laptops)
                later = min(day + dice.expovariate(0.5), DAYS - 0.5)
                self.clockwork.after(
                    later * DAY, "claim again", lambda other=other, loss=loss: self._take_in(other, loss)
                )

    def _take_in(self, laptop: Laptop, loss: Loss) -> None:
        began = time.perf_counter()
        laptop.guarded(lambda: laptop.take_in(loss))
        self.count("cases")
        self.seconds["laptops"] += time.perf_counter() - began

    def _sync(self, laptop: Laptop) -> None:
        if self.clockwork.now_s < DAYS * DAY:
            laptop.sync()
            self.clockwork.after(
                self.clockwork.dice.uniform(0.5, 1.5) * _SYNC_EVERY_DAYS * DAY, "sync", lambda: self._sync(laptop)
            )
            if self.counts["requests"] % 500 < 4:
                self.exposure_peak = max(self.exposure_peak, total_exposure(self.house.hq).total_fen)

    def _reckon(self, prepare_s: float, run_s: float) -> dict[str, object]:
        look = self.house.look
        verdicts = {row[0]: (row[1], row[2]) for row in look("SELECT voucher_no, verdict, amount_fen FROM vouchers")}
        promised: Counter[str] = Counter()
        became: dict[str, Counter[str]] = defaultdict(Counter)
        totals: Counter[str] = Counter()
        for paper in self.truth.papers.values():
            voucher = paper.voucher
            verdict, amount_fen = verdicts.get(voucher.voucher_no, ("missing", 0))
            if amount_fen != voucher.amount_fen:
                raise Violation(
                    "reckoning", f"{voucher.voucher_no}: promised {voucher.amount_fen}, there {amount_fen} ({verdict})"
                )
            totals["promised"] += voucher.amount_fen
            totals[verdict] += voucher.amount_fen
            for key in voucher.keys:
                for pool in key.pools:
                    promised[pool] += key.amount_fen
                    became[pool][verdict] += key.amount_fen
        for pool, sum_fen in promised.items():
            parts = became[pool]
            if sum_fen != parts["settled"] + parts["hold"] + parts["voided"]:
                raise Violation("reckoning", f"{pool}: promised {sum_fen}, {dict(parts)}")
            if parts["settled"] > self.truth.limits.get(pool, sum_fen):
                raise Violation("reckoning", f"{pool}: settled {parts['settled']} above its limit")
        pools = dict(look("SELECT pool_id, settled FROM pools"))
        for pool, parts in became.items():
            if pools.get(pool, 0) != parts["settled"]:
                raise Violation("reckoning", f"{pool}: settled {parts['settled']}, the ledger says {pools.get(pool)}")
        settled = int(look("SELECT coalesce(sum(amount_fen), 0) FROM settlements")[0][0])
        if settled != totals["settled"] or totals["promised"] != totals["settled"] + totals["hold"] + totals["voided"]:
            raise Violation("reckoning", f"{dict(totals)}, settlements {settled}")
        held_back = [each.name for each in self.laptops if not each.drained()]
        if held_back:
            raise Violation("liveness", f"{len(held_back)} laptops hold something back: {held_back[:3]}")
        exposure = total_exposure(self.house.hq)
        by_station = sorted(exposure_by(self.house.hq, ExposureGroup.STATION), key=lambda one: -one.exposure.total_fen)
        events = int(look("SELECT count(*) FROM log_events")[0][0])
        return {
            "stations": len(self._stations),
            "laptops": len(self.laptops),
            "policies": len(self.library.policies),
            "cases": self.counts["cases"],
            "vouchers": len(self.truth.papers),
            "slips": self.counts["refused"],
            "grants": self.counts["grants"],
            "events": events,
            "requests": self.counts["requests"],
            "promised_fen": totals["promised"],
            "settled_fen": totals["settled"],
            "held_fen": totals["hold"],
            "voided_fen": totals["voided"],
            "reconciled_pools": len(promised),
            "exposure_peak_fen": max(self.exposure_peak, exposure.total_fen),
            "exposure_float_fen": exposure.float_fen,
            "exposure_largest_station_fen": by_station[0].exposure.total_fen if by_station else 0,
            "seconds_preparing": round(prepare_s, 1),
            "seconds_running": round(run_s, 1),
            "seconds_laptops": round(self.seconds["laptops"], 1),
            "seconds_cpu": round(time.process_time(), 1),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "database_mb": round((self.house.hq.home / "headquarters.db").stat().st_size / 1e6, 1),
            "commit": commit(),
        }


def main(arguments: list[str] | None = None) -> int:
    """Play the disaster and write the reckoning."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet.disaster", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1120)
    parser.add_argument("--out", type=Path, default=Path("out/sim/disaster.json"))
    asked = parser.parse_args(arguments)
    size = Size.of(asked.scale)
    with (
        tempfile.TemporaryDirectory(prefix="disaster-", dir=memory_folder()) as folder,
        certificates_read_once(),
        repeatable(random.Random(asked.seed)),
    ):
        library = make_library(-(-size.cases // _BILLS), _BILLS, families=0)
        with house_in(Path(folder), library) as house:
            try:
                told = Disaster(asked.seed, house, size, library).play()
            except Violation as found:
                print(f"VIOLATION {found}")
                return 1
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
