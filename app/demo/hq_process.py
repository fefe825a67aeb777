"""A throw-away headquarters for the demo: the real service in a process of its own, driven by its own command line."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


class DemoHeadquarters:
    """One headquarters folder; ``start`` and ``stop`` its service as often as the story asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.parent / "hq.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def command(self, *arguments: str) -> str:
        """Run ``outpost-hq`` with these arguments; return what it printed. Raises ``RuntimeError`` with its words when it fails."""
        done = subprocess.run(  # noqa: S603 - our own program with the demo's own words
            [sys.executable, "-m", "headquarters", *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"outpost-hq {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> str:
        """Start serving on a free loopback port; return the address once it listens."""
        port_file = self.folder.parent / "hq.port"
        port_file.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    sys.executable,
                    "-m",
                    "headquarters",
                    "serve",
                    str(self.folder),
                    "--port",
                    "0",
                    "--port-file",
                    str(port_file),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (port_file.exists() and port_file.read_text().strip()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"headquarters did not start; see {self.log}")
            time.sleep(0.05)
        self.url = f"https://127.0.0.1:{port_file.read_text().strip()}"
        return self.url

    def stop(self) -> None:
        """Stop the service and wait until its process is gone. Harmless when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
