"""The demo's world: a throw-away headquarters and its laptops, each a process of its own.

Promise: the laptops run whatever program they are given (this source tree, or a frozen one), with the same words; headquarters
is always the real service.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resources
from app.demo.hq_process import DemoHeadquarters
from app.demo.preposition import allowances_for_story
from app.demo.story import FLOAT_LAPTOP, MAIN_LAPTOP, SECOND_LAPTOP
from app.settings import load_settings
from app.unlocking import SECRET_VARIABLE
from claims.amounts import yuan
from local_db.passphrase import generate_passphrase

FROM_SOURCE = (sys.executable, "-m", "app")

_AUTHORITY_YUAN = "300000"
_FLOAT_YUAN = "20000"


@dataclass(frozen=True)
class Post:
    """Where a laptop stands, and who works on it."""

    station: str
    station_name: str
    adjuster: str
    adjuster_name: str
    float_yuan: str | None = None


POSTS = {
    MAIN_LAPTOP: Post("QX07", "清溪一中安置点服务站", "0417", "林晓禾"),
    SECOND_LAPTOP: Post("QX08", "清溪体育馆服务站", "0523", "周立安"),
    FLOAT_LAPTOP: Post("QX08", "清溪体育馆服务站", "0524", "何静文", _FLOAT_YUAN),
}


class LaptopFailedError(Exception):
    """A laptop's process said no; the text is what it said."""


class DemoWorld:
    """Headquarters and the laptops of ``devices`` under one folder.

    ``program`` is what a laptop runs, in ``environment`` (None: this process's own).
    """

    def __init__(
        self,
        folder: Path,
        devices: Sequence[str],
        program: Sequence[str] = FROM_SOURCE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.hq = DemoHeadquarters(folder / "hq")
        self.secrets = {device: generate_passphrase() for device in devices}
        self._folder = folder
        self._program = tuple(program)
        self._environment = dict(os.environ if environment is None else environment)

    @property
    def root_pem(self) -> str:
        """Headquarters' root certificate, as a laptop got it."""
        return load_settings(self.home(next(iter(self.secrets)))).root_pem.read_text()

    def open(self) -> None:
        """Headquarters with the sample world opens; the laptops enrol, get their allowances and sync."""
        self.hq.command("init", str(self.hq.folder))
        self.hq.command("sample", str(self.hq.folder), "--pack", str(resources.path("packs", "sample.json")))
        url = self.hq.start()
        for device in self.secrets:
            self._enrol(device, url)
        for grant in allowances_for_story():
            self.hq.command(
                "grant", str(self.hq.folder), "--device", MAIN_LAPTOP, "--pool", grant.pool,
                "--limit", yuan(grant.limit_fen), "--pool-limit", yuan(grant.pool_limit_fen),
            )  # fmt: skip
        for device in self.secrets:
            self.laptop(device, "sync")

    def come_back(self) -> None:
        """Start headquarters again and tell the laptops where it listens now."""
        # A free loopback port is another one at every start; a real headquarters keeps its name.
        url = self.hq.start()
        for device in self.secrets:
            file = self.home(device) / "settings.json"
            file.write_text(json.dumps(json.loads(file.read_text()) | {"hq_url": url}))

    def home(self, device: str) -> Path:
        """A laptop's data folder."""
        return self._folder / device

    def laptop(self, device: str, action: str, *more: str) -> dict[str, Any]:
        """Let a laptop act; return its report. Raises ``LaptopFailedError`` with its words when it fails."""
        done = self.laptop_process(device, action, *more)
        if done.returncode != 0:
            raise LaptopFailedError(f"laptop {device} {action}: {done.stderr or done.stdout}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def laptop_process(self, device: str, action: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Let a laptop act; return how its process ended."""
        command = [*self._program, "--home", str(self.home(device)), "demo-laptop", action, *more]
        environment = self._environment | {SECRET_VARIABLE: self.secrets[device]}
        return subprocess.run(  # noqa: S603 - our own program
            command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )

    def _enrol(self, device: str, url: str) -> None:
        post = POSTS[device]
        more = ("--float", post.float_yuan) if post.float_yuan else ()
        printed = self.hq.command(
            "enrol", str(self.hq.folder), "--station", post.station, "--station-name", post.station_name,
            "--adjuster", post.adjuster, "--adjuster-name", post.adjuster_name, "--device", device,
            "--authority", _AUTHORITY_YUAN, *more,
        )  # fmt: skip
        code = next(line.rsplit(" ", 1)[1] for line in printed.splitlines() if "enrolment code" in line)
        self.laptop(device, "enrol", "--url", url, "--code", code, "--adjuster", post.adjuster)
