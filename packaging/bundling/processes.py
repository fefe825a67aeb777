"""Starting programs as a user's session would: a clean environment, a time limit, their words kept when they fail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bundling.problems import BuildError

TIME_LIMIT_S = 180.0
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "XDG_RUNTIME_DIR")


@dataclass(frozen=True)
class Run:
    """How a program ended, after how many seconds."""

    returncode: int
    said: str
    seconds: float


def user_environment(home: Path) -> dict[str, str]:
    """Return a bare environment with its own home: no virtual environment, no Python variables, no display, no language."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    if sys.platform == "linux":
        kept["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home / "AppData"),
        "LC_ALL": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
    }


def run(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, limit_s: float = TIME_LIMIT_S
) -> Run:
    """Run a program to its end; what it printed and complained of is in ``said``. Raises ``BuildError`` past the limit."""
    start = time.perf_counter()
    try:
        done = subprocess.run(  # noqa: S603 - programs that the builder made or that come with the system
            [str(each) for each in command],
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{command[0]} did not end within {limit_s:.0f} s: {' '.join(map(str, command))}") from error
    except OSError as error:
        raise BuildError(f"{command[0]} can't be started: {error}") from error
    return Run(done.returncode, done.stdout, time.perf_counter() - start)


def run_well(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, limit_s: float = TIME_LIMIT_S
) -> Run:
    """Run a program that must succeed. Raises ``BuildError`` with its words when it does not."""
    done = run(command, environment, limit_s)
    if done.returncode != 0:
        raise BuildError(f"exit code {done.returncode} from: {' '.join(map(str, command))}\n{done.said.strip()}")
    return done
