"""Keeps a restore and a running headquarters apart.

Promise: whoever has a headquarters open shares its folder with others; a restore has it alone or does not begin. A process that dies lets go.
Where the system knows no such locks (Windows) the person who restores is asked to stop the service and trusted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem

if sys.platform != "win32":
    import fcntl

_FILE = "open.lock"


class HomeLock:
    """A lock on a headquarters' folder, held until ``release``."""

    def __init__(self, home: Path, *, alone: bool = False) -> None:
        """Take it. Raises ``EnvironmentProblem`` (``hq_in_use``) when others do not let it."""
        self._descriptor: int | None = os.open(home / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            try:
                fcntl.flock(self._descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except OSError as problem:
                self.release()
                raise EnvironmentProblem(
                    "hq_in_use",
                    Bilingual(f"{home} 正在使用中。", f"{home} is in use."),
                    Bilingual("请先停止总部服务和其他命令。", "Stop the service and other commands first."),
                ) from problem

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
