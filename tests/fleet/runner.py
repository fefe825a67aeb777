"""Plays many seeds, two processes at a time, and says what was found.

Promise: a seed's outcome does not depend on the process or the order in which it is played; a violation is printed with its seed, its
virtual time and its last steps; the exit code is not 0 on a violation, a mutant that survived, or a lost event.
"""

# ruff: noqa: T201 - a command prints

from __future__ import annotations

import gc
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tests.fleet.house import House, house_in
from tests.fleet.library import make_library
from tests.fleet.mutants import MUTANTS
from tests.fleet.repeatable import certificates_read_once
from tests.fleet.weather import draw_weather
from tests.fleet.world import Outcome, play

POLICIES, BILLS = 16, 6
STORE_EVERY = 25
_BROKEN = tuple(f"raised: {kind.__name__}" for kind in (TypeError, AttributeError, NameError, ImportError))
_house: list[House] = []
_open = ExitStack()


def memory_folder() -> str | None:
    """Return where files cost no disk, or None where the machine has no such place."""
    shm = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return str(shm) if shm.is_dir() else None


def begin_process() -> None:
    """Open the house, and let the collector alone with what lives as long as the process: it was 7 % of a seed."""
    open_house()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def open_house() -> House:
    """Open this process's headquarters once."""
    if not _house:
        folder = _open.enter_context(tempfile.TemporaryDirectory(prefix="fleet-", dir=memory_folder()))
        _open.enter_context(certificates_read_once())
        _house.append(_open.enter_context(house_in(Path(folder), make_library(POLICIES, BILLS))))
    return _house[0]


def play_seed(seed: int, mutant: str | None = None, *, store_every: int = 0) -> Outcome:
    """Play one seed, with a bug or without; every so many-th one on the real store (``store_disk``)."""
    house = open_house()
    if mutant is None:
        return play(seed, house, store=bool(store_every) and seed % store_every == 0)
    bug = MUTANTS[mutant]
    weather = replace(draw_weather(random.Random(seed)), **dict(bug.weather))
    if weather.clone or weather.restore:
        weather = replace(weather, hq_restore=False)
    with bug.applied():
        outcome = play(seed, house, weather)
    if outcome.violation is not None and outcome.violation.startswith(_BROKEN):
        raise RuntimeError(f"the mutant {mutant} no longer fits the code it changes: {outcome.violation}")
    return outcome


@dataclass
class Summary:
    """What many seeds came to."""

    seeds: int = 0
    days: float = 0.0
    violations: list[Outcome] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    mutants: dict[str, tuple[int, str] | None] = field(default_factory=dict)
    seconds: float = 0.0


def commit() -> str:
    """Return the commit that is played, with a mark where the tree differs from it."""
    try:
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def play_many(seeds: Iterable[int], processes: int, *, stop_after: int = 5, store_every: int = STORE_EVERY) -> Summary:
    """Play seeds without a bug."""
    began = time.perf_counter()
    summary = Summary()
    with ProcessPoolExecutor(processes, initializer=begin_process) as pool:
        for outcome in pool.map(partial(play_seed, store_every=store_every), seeds, chunksize=4):
            summary.seeds += 1
            summary.days += outcome.days
            summary.counts.update(outcome.counts)
            if outcome.violation:
                summary.violations.append(outcome)
                print(told(outcome), flush=True)
                if len(summary.violations) >= stop_after:
                    pool.shutdown(cancel_futures=True)
                    break
            if summary.seeds % 20 == 0:
                print(f"{summary.seeds} seeds, {time.perf_counter() - began:.0f} s", flush=True)
    summary.seconds = time.perf_counter() - began
    return summary


def hunt(names: Iterable[str], processes: int, most: int, first_seed: int = 0) -> dict[str, tuple[int, str] | None]:
    """Look for each mutant until it is caught, or ``most`` seeds went by; return by name the seeds it took and the finding."""
    found: dict[str, tuple[int, str] | None] = {}
    with ProcessPoolExecutor(processes, initializer=begin_process) as pool:
        asked = {pool.submit(_hunt_one, name, most, first_seed): name for name in names}
        for done in as_completed(asked):
            name, result = asked[done], done.result()
            found[name] = result
            end = "SURVIVED" if result is None else f"caught by seed {first_seed + result[0] - 1}: {result[1][:100]}"
            print(f"{name:28} {end}", flush=True)
    return found


def _hunt_one(name: str, most: int, first_seed: int) -> tuple[int, str] | None:
    for number in range(most):
        outcome = play_seed(first_seed + number, name)
        if outcome.violation:
            return number + 1, outcome.violation
    return None


def told(outcome: Outcome) -> str:
    """Return a violation as people read it."""
    steps = "\n".join(f"    {line}" for line in outcome.recent)
    return (
        f"VIOLATION seed {outcome.seed} commit {commit()}: {outcome.violation}\n"
        f"  replay: python -m tests.fleet --seed {outcome.seed} --replay\n  {outcome.weather}\n{steps}"
    )


def numbered(text: str) -> Iterator[int]:
    """Read ``5`` (the first five) or ``100:200``."""
    first, _, last = text.rpartition(":")
    yield from range(int(first or 0), int(last))
