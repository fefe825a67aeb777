"""Plays the story end to end and checks every figure: headquarters up, laptops enrolled, headquarters gone, the cases, a
killed process, headquarters back, sync, replay, settlement, independent verification of every voucher.

Promise: returns 0 only when every figure came out. What is printed is also in ``summary.json`` and ``out/demo/demo.json``.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from app.demo.checks import Checks, check_cases, check_vouchers
from app.demo.story import FLOAT_LAPTOP, MAIN_LAPTOP, SECOND_LAPTOP
from app.demo.summary import summary_of, table_of
from app.demo.world import DemoWorld
from app.unlocking import SECRET_VARIABLE

_DEVICES = (MAIN_LAPTOP, SECOND_LAPTOP, FLOAT_LAPTOP)
_CUT = "after_t1:3"


def play(out: Path, *, keep: bool = False) -> int:
    """Play the demo into ``out``; return the exit code. ``keep`` leaves headquarters' and the laptops' folders under ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    for old in [*out.glob("*.pdf"), *out.glob("*.json"), *out.glob("*.pem")]:
        old.unlink()
    if keep:
        world = out / "world"
        shutil.rmtree(world, ignore_errors=True)
        world.mkdir()
        return _Play(out, world, kept=True).run()
    with tempfile.TemporaryDirectory(prefix="outpost-demo-") as folder:
        return _Play(out, Path(folder)).run()


class _Play:
    """One performance: the world's folders and the checks so far."""

    def __init__(self, out: Path, world: Path, *, kept: bool = False) -> None:
        self._out = out
        self._kept = kept
        self._world = DemoWorld(world, _DEVICES)
        self._checks = Checks()

    def run(self) -> int:
        try:
            self._prepare()
            self._work_offline()
            report = self._come_back()
        finally:
            self._world.hq.stop()
        summary = summary_of(report)
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (self._out / "summary.json").write_text(text + "\n", encoding="utf-8")
        (self._out / "demo.json").write_text(
            json.dumps({"summary": summary, "checks": self._checks.told}, ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )
        print(table_of(report))
        failed = self._checks.failed
        print(f"\n{len(self._checks.told) - len(failed)} checks passed, {len(failed)} failed")
        for each in failed:
            print(f"  FAILED {each}")
        print(f"papers and summary: {self._out}")
        if self._kept:
            print("the kept laptops open with (they replace the ones of the run before):")
            for device, secret in self._world.secrets.items():
                print(f"  {SECRET_VARIABLE}={secret} outpost --home {self._world.home(device)} cases")
        return 1 if failed else 0

    def _prepare(self) -> None:
        _say("总部开张，登记三台电脑 · headquarters opens, three laptops enrol")
        self._world.open()
        (self._out / "hq_root.pem").write_text(self._world.root_pem)
        printed = self._world.hq.command("exposure", str(self._world.hq.folder))
        print(printed)
        self._exposure_fen = sum(self._world.laptop(device, "collect")["exposure_fen"] for device in _DEVICES)
        self._world.hq.stop()
        _say("总部断线 · headquarters is gone")

    def _work_offline(self) -> None:
        _say(
            f"{MAIN_LAPTOP} 离线理赔；第三张凭证落盘后进程被杀 · offline claims; killed right after the third voucher's T1"
        )
        killed = self._world.laptop_process(MAIN_LAPTOP, "play", "--cut", _CUT)
        self._checks.tell("the process was killed at the injected step", killed.returncode == -signal.SIGKILL)
        resumed = self._world.laptop(MAIN_LAPTOP, "play")
        self._checks.tell(
            "the third voucher was there once and its paper could be drawn", len(resumed["finished"]) == 1
        )
        for device in (SECOND_LAPTOP, FLOAT_LAPTOP):
            self._world.laptop(device, "play")
        numbers = [number for device in _DEVICES for number in self._world.laptop(device, "collect")["numbers"]]
        self._checks.tell("no number was used twice", len(numbers) == len(set(numbers)))

    def _come_back(self) -> dict[str, Any]:
        _say("总部恢复，同步、重算、结算 · headquarters is back: sync, replay, settlement")
        self._world.come_back()
        first = {device: self._world.laptop(device, "sync") for device in _DEVICES}
        again = {device: self._world.laptop(device, "sync") for device in _DEVICES}
        laptops = {device: self._world.laptop(device, "collect", "--out", str(self._out)) for device in _DEVICES}
        print(self._world.hq.command("status", str(self._world.hq.folder)))
        cases = [case for device in _DEVICES for case in laptops[device]["cases"]]
        second_bytes = sum(each["bytes"] for each in again.values())
        self._checks.tell("the second sync sent no event and no chunk", second_bytes == 0)
        self._checks.tell("nothing waits on any laptop", all(not each["safety"]["disk"] for each in laptops.values()))
        self._checks.tell(
            "every file is at headquarters", all(not each["safety"]["waiting"] for each in laptops.values())
        )
        check_cases(self._checks, cases, self._exposure_fen)
        verified = check_vouchers(self._checks, cases, self._out)
        return {
            "cases": cases,
            "vouchers_verified": verified,
            "second_sync_bytes": second_bytes,
            "first_sync": first,
            "exposure_fen": self._exposure_fen,
            "lost": sum(each["safety"]["disk"] + each["safety"]["waiting"] for each in laptops.values()),
        }


def _say(what: str) -> None:
    print(f"— {what}", flush=True)
