"""Plays the story end to end and checks every figure: headquarters up, laptops enrolled, headquarters gone, the cases, a
killed process, headquarters back, sync, replay, settlement, independent verification of every voucher.

Promise: returns 0 only when every figure came out. What is printed is also in ``summary.json`` and ``out/demo/demo.json``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import resources
from app.demo.checks import Checks, check_cases, check_vouchers
from app.demo.hq_process import DemoHeadquarters
from app.demo.preposition import allowances_for_story
from app.demo.story import FLOAT_LAPTOP, MAIN_LAPTOP, SECOND_LAPTOP
from app.demo.summary import summary_of, table_of
from app.main import enrol_laptop
from app.settings import Settings, load_settings
from app.unlocking import SECRET_VARIABLE
from claims.amounts import yuan
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase

_AUTHORITY_YUAN = "300000"
_FLOAT_YUAN = "20000"
_STATIONS = {
    MAIN_LAPTOP: ("QX07", "清溪一中安置点服务站", "0417", "林晓禾"),
    SECOND_LAPTOP: ("QX08", "清溪体育馆服务站", "0523", "周立安"),
    FLOAT_LAPTOP: ("QX08", "清溪体育馆服务站", "0524", "何静文"),
}
_CUT = "after_t1:3"


def play_demo(out: Path, *, keep: bool = False) -> int:
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
        self._world = world
        self._hq = DemoHeadquarters(world / "hq")
        self._secrets: dict[str, str] = {}
        self._checks = Checks()

    def run(self) -> int:
        try:
            self._prepare()
            self._work_offline()
            report = self._come_back()
        finally:
            self._hq.stop()
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
            for device, secret in self._secrets.items():
                print(f"  {SECRET_VARIABLE}={secret} outpost --home {self._home(device)} cases")
        return 1 if failed else 0

    def _prepare(self) -> None:
        _say("总部开张，登记三台电脑 · headquarters opens, three laptops enrol")
        self._hq.command("init", str(self._hq.folder))
        self._hq.command("sample", str(self._hq.folder), "--pack", str(resources.path("packs", "sample.json")))
        url = self._hq.start()
        for device in _STATIONS:
            self._enrol(device, url)
        root_pem = load_settings(self._home(MAIN_LAPTOP)).root_pem.read_text()
        (self._out / "hq_root.pem").write_text(root_pem)
        for grant in allowances_for_story():
            self._hq.command(
                "grant", str(self._hq.folder), "--device", MAIN_LAPTOP, "--pool", grant.pool,
                "--limit", yuan(grant.limit_fen), "--pool-limit", yuan(grant.pool_limit_fen),
            )  # fmt: skip
        for device in _STATIONS:
            self._laptop(device, "sync")
        printed = self._hq.command("exposure", str(self._hq.folder))
        print(printed)
        self._exposure_fen = sum(self._laptop(device, "collect")["exposure_fen"] for device in _STATIONS)
        self._hq.stop()
        _say("总部断线 · headquarters is gone")

    def _enrol(self, device: str, url: str) -> None:
        station, station_name, adjuster, adjuster_name = _STATIONS[device]
        more = ("--float", _FLOAT_YUAN) if device == FLOAT_LAPTOP else ()
        printed = self._hq.command(
            "enrol", str(self._hq.folder), "--station", station, "--station-name", station_name, "--adjuster", adjuster,
            "--adjuster-name", adjuster_name, "--device", device, "--authority", _AUTHORITY_YUAN, *more,
        )  # fmt: skip
        code = next(line.rsplit(" ", 1)[1] for line in printed.splitlines() if "enrolment code" in line)
        self._secrets[device] = generate_passphrase()
        settings = Settings(home=self._home(device), hq_url=url, adjuster=adjuster)
        enrol_laptop(settings, code, PassphraseUnlock(adjuster, self._secrets[device]))

    def _work_offline(self) -> None:
        _say(
            f"{MAIN_LAPTOP} 离线理赔；第三张凭证落盘后进程被杀 · offline claims; killed right after the third voucher's T1"
        )
        killed = self._laptop_process(MAIN_LAPTOP, "play", "--cut", _CUT)
        self._checks.tell("the process was killed at the injected step", killed.returncode == -signal.SIGKILL)
        resumed = self._laptop(MAIN_LAPTOP, "play")
        self._checks.tell(
            "the third voucher was there once and its paper could be drawn", len(resumed["finished"]) == 1
        )
        for device in (SECOND_LAPTOP, FLOAT_LAPTOP):
            self._laptop(device, "play")
        numbers = [number for device in _STATIONS for number in self._laptop(device, "collect")["numbers"]]
        self._checks.tell("no number was used twice", len(numbers) == len(set(numbers)))

    def _come_back(self) -> dict[str, Any]:
        _say("总部恢复，同步、重算、结算 · headquarters is back: sync, replay, settlement")
        self._move_laptops_to(self._hq.start())
        first = {device: self._laptop(device, "sync") for device in _STATIONS}
        again = {device: self._laptop(device, "sync") for device in _STATIONS}
        laptops = {device: self._laptop(device, "collect", "--out", str(self._out)) for device in _STATIONS}
        print(self._hq.command("status", str(self._hq.folder)))
        cases = [case for device in _STATIONS for case in laptops[device]["cases"]]
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

    def _move_laptops_to(self, url: str) -> None:
        # A free loopback port is another one at every start; a real headquarters keeps its name.
        for device in _STATIONS:
            file = self._home(device) / "settings.json"
            kept = json.loads(file.read_text())
            file.write_text(json.dumps(kept | {"hq_url": url}))

    def _home(self, device: str) -> Path:
        return self._world / device

    def _laptop(self, device: str, action: str, *more: str) -> dict[str, Any]:
        done = self._laptop_process(device, action, *more)
        if done.returncode != 0:
            raise RuntimeError(f"laptop {device} {action}: {done.stderr or done.stdout}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _laptop_process(self, device: str, action: str, *more: str) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [
            sys.executable, "-m", "app.demo.laptop", action, "--home", str(self._home(device)), *more,
        ]  # fmt: skip
        environment = dict(os.environ, **{SECRET_VARIABLE: self._secrets[device]})
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def _say(what: str) -> None:
    print(f"— {what}", flush=True)
