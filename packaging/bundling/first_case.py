"""The demo's first case on a frozen program: it enrols with a real headquarters, decides offline, prints, syncs, is settled.

Promise: headquarters runs from the source tree, the laptop is the frozen program and nothing else. Its voucher is read back from
the page's picture and verified by software that shares nothing with ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.demo.checks import Checks, check_case, check_vouchers
from app.demo.story import MAIN_LAPTOP, STORY
from app.demo.world import DemoWorld, LaptopFailedError
from bundling.problems import BuildError
from bundling.processes import user_environment

FIRST_CASE = STORY[0]


@dataclass(frozen=True)
class CasePlayed:
    """How many figures and vouchers were checked, and the laptop's folder, which is left for the caller."""

    checks: int
    home: Path


def play_first_case(program: Sequence[str], folder: Path) -> CasePlayed:
    """Play the first case below ``folder``. Raises ``BuildError`` naming every figure that did not come out."""
    world = DemoWorld(folder, [MAIN_LAPTOP], program, user_environment(folder))
    try:
        world.open()
        world.hq.stop()
        played = world.laptop(MAIN_LAPTOP, "play", "--case", FIRST_CASE.name)["played"]
        world.come_back()
        world.laptop(MAIN_LAPTOP, "sync")
        again = world.laptop(MAIN_LAPTOP, "sync")
        collected = world.laptop(MAIN_LAPTOP, "collect", "--out", str(folder))["cases"]
    except (LaptopFailedError, RuntimeError) as error:
        raise BuildError(f"the demo's first case broke off: {error}") from error
    finally:
        world.hq.stop()
    (folder / "hq_root.pem").write_text(world.root_pem)
    checks = Checks()
    checks.tell("the first case was taken offline", played == [FIRST_CASE.name] and len(collected) == 1)
    checks.tell("the second sync sent nothing", again["bytes"] == 0)
    for case in collected:
        check_case(checks, FIRST_CASE, case)
    checks.tell("the voucher verifies", check_vouchers(checks, collected, folder) == 1)
    if checks.failed:
        raise BuildError("the demo's first case came out wrong: " + "; ".join(checks.failed))
    return CasePlayed(len(checks.told), world.home(MAIN_LAPTOP))
