"""Headquarters for demo and practice: the real service in a process of its own, driven by its own command line.

Promise: the service is gone when ``stop`` returns, and soon after this program is, however it ended.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


class HeadquartersFailedError(RuntimeError):
    """A command of headquarters, or its service, said no. ``zh`` and ``en`` are its own words."""

    def __init__(self, what: str, zh: str, en: str) -> None:
        super().__init__(f"{what}: {zh} {en}")
        self.zh, self.en = zh, en


class DemoHeadquarters:
    """One headquarters folder; ``start`` and ``stop`` its service as often as the story asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.parent / "hq.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def command(self, *arguments: str) -> str:
        """Run ``outpost-hq`` with these arguments; return what it printed. Raises ``HeadquartersFailedError``."""
        done = subprocess.run(  # noqa: S603 - our own program with the demo's own words
            [sys.executable, "-m", "headquarters", *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            # Its errors are two lines, the one in Chinese first; anything else is a traceback, whose last line says what.
            lines = (done.stderr.strip() or done.stdout.strip() or str(done.returncode)).splitlines()
            zh = lines[0] if len(lines) == 2 else lines[-1]
            raise HeadquartersFailedError(f"outpost-hq {' '.join(arguments)}", zh, lines[-1])
        return done.stdout

    @property
    def running(self) -> bool:
        """Whether the service's process is there."""
        process = self._process
        return process is not None and process.poll() is None

    def start(self, port: int = 0) -> str:
        """Start serving on a loopback port, 0 for a free one; return the address once it listens. Raises ``HeadquartersFailedError``."""
        self.stop()
        port_file = self.folder.parent / "hq.port"
        port_file.unlink(missing_ok=True)
        words = ["serve", str(self.folder), "--port", str(port), "--port-file", str(port_file)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "app.demo.hq_leash", *words], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (port_file.exists() and port_file.read_text().strip()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise HeadquartersFailedError(
                    "outpost-hq serve", f"没有启动，记录在 {self.log}", f"it did not start; see {self.log}"
                )
            time.sleep(0.05)
        self.url = f"https://127.0.0.1:{port_file.read_text().strip()}"
        return self.url

    def stop(self) -> None:
        """Let the service finish and wait until its process is gone. Harmless when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # the leash: see app.demo.hq_leash
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
