"""``python -m tests.fleet``: play seeds, hunt mutants, cut power; write ``out/sim/summary.json``."""

# ruff: noqa: T201 - a command prints

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.fleet import runner
from tests.fleet.mutants import MUTANTS

_OUT = Path("out/sim/summary.json")


def main(arguments: list[str] | None = None) -> int:
    """Run; return the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.seed is not None:
        return _replay(asked.seed, asked.mutant, twice=asked.replay, store_every=asked.store_every)
    began = time.perf_counter()
    summary = runner.play_many(runner.numbered(asked.seeds), asked.processes, store_every=asked.store_every)
    names = _mutants(asked.mutants)
    summary.mutants = runner.hunt(names, asked.processes, asked.most) if names else {}
    cuts = _cuts(asked.cuts, asked.processes)
    caught = sum(found is not None for found in summary.mutants.values())
    told = {
        "seeds": summary.seeds,
        "violations": len(summary.violations),
        "power_cuts": cuts["power_cuts"],
        "events_lost": cuts["events_lost"],
        "unreadable": cuts["unreadable"],
        "mutants": len(summary.mutants),
        "mutants_caught": caught,
        "simulated_days": round(summary.days, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "commit": runner.commit(),
        "counts": dict(sorted(summary.counts.items())),
        "cuts": cuts,
        "caught_after_seeds": {name: found and found[0] for name, found in sorted(summary.mutants.items())},
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps({name: told[name] for name in list(told)[:9]}))
    good = not summary.violations and caught == len(summary.mutants) and not cuts["events_lost"] + cuts["unreadable"]
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fleet", description=__doc__)
    parser.add_argument("--seeds", default="300", help="how many, or FIRST:LAST")
    parser.add_argument("--seed", type=int, help="play one seed and print its last steps")
    parser.add_argument("--replay", action="store_true", help="with --seed: play it twice and compare the traces")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="with --seed: with this bug")
    parser.add_argument("--mutants", default="quick", help="quick, all, none, or names with commas")
    parser.add_argument("--most", type=int, default=150, help="seeds in which a mutant must be caught")
    parser.add_argument("--cuts", type=int, default=300, help="power cuts on the encrypted store")
    parser.add_argument(
        "--store-every",
        type=int,
        default=runner.STORE_EVERY,
        metavar="N",
        help="every N-th seed on the real store; 0: none",
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=_OUT)
    return parser


def _mutants(wanted: str) -> list[str]:
    if wanted == "none":
        return []
    if wanted == "all":
        return list(MUTANTS)
    if wanted == "quick":
        return [name for name, each in MUTANTS.items() if each.quick]
    return wanted.split(",")


def _cuts(count: int, processes: int) -> dict[str, int]:
    if not count:
        return {"power_cuts": 0, "events_lost": 0, "unreadable": 0}
    from tests.fleet.cuts import cut_many

    return cut_many(count, processes)


def _replay(seed: int, mutant: str | None, *, twice: bool, store_every: int) -> int:
    outcome = runner.play_seed(seed, mutant, store_every=store_every)
    print(runner.told(outcome) if outcome.violation else f"seed {seed}: nothing found")
    print(f"trace {outcome.digest} in {outcome.steps} steps, {outcome.days:.1f} days, {outcome.counts}")
    if twice:
        again = runner.play_seed(seed, mutant, store_every=store_every)
        same = (again.digest, again.violation) == (outcome.digest, outcome.violation)
        print("played again: the same trace" if same else f"played again: ANOTHER trace {again.digest}")
        if not same:
            return 1
    return 1 if outcome.violation else 0


if __name__ == "__main__":
    sys.exit(main())
