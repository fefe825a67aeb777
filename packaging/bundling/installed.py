"""Installing the Debian package on this machine, trying the installed program, and removing it again.

Promise: a machine that already has an ``outpost`` package is not touched; after the removal no file of the package is left,
and the data that the installed program wrote for its user are as they were.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from bundling.deb import PACKAGE, PREFIX
from bundling.first_case import CasePlayed, play_first_case
from bundling.problems import BuildError
from bundling.processes import run, run_well, user_environment
from bundling.smoke import SelfCheck, self_check, start_s

COMMAND = Path("/usr/bin") / PACKAGE


def why_not_here() -> str | None:
    """Return why the package can't be installed on this machine, or None."""
    if shutil.which("dpkg") is None:
        return "there is no dpkg here"
    if os.geteuid() != 0:
        return "that needs root"
    if run(["dpkg-query", "--status", PACKAGE]).returncode == 0:
        return f"a package named {PACKAGE} is already installed here, and stays"
    if COMMAND.exists() or (Path("/") / PREFIX).exists():
        return f"{COMMAND} or /{PREFIX} is already there and belongs to no package"
    return None


def try_installed(package: Path, version: str, folder: Path) -> tuple[float, SelfCheck, CasePlayed]:
    """Install, try, remove. Returns start seconds, self-check and first case of the installed program. Raises ``BuildError``."""
    try:
        _install(package)
        files = [Path(line) for line in run_well(["dpkg-query", "--listfiles", PACKAGE]).said.splitlines()]
        run_well(["dpkg", "--verify", PACKAGE])
        session = user_environment(folder)
        started = start_s([COMMAND], version, session)
        checked = self_check([COMMAND], folder, session)
        played = play_first_case([str(COMMAND)], folder)
        before = _digests(played.home)
    finally:
        # Also what is only half installed, because a library is missing.
        if run(["dpkg-query", "--status", PACKAGE]).returncode == 0:
            run_well(["dpkg", "--remove", PACKAGE])
    left = [path for path in files if (path.is_file() or path.is_symlink()) and PACKAGE in path.as_posix()]
    if left or (Path("/") / PREFIX).exists() or run(["dpkg-query", "--status", PACKAGE]).returncode == 0:
        raise BuildError(f"after the removal there is still {', '.join(map(str, left)) or f'/{PREFIX} or its record'}")
    if not before or _digests(played.home) != before:
        raise BuildError("the removal touched the user's data")
    return started, checked, played


def _install(package: Path) -> None:
    # apt also brings missing libraries; without a package list (a machine off the network) dpkg must do.
    apt = shutil.which("apt-get")
    if apt is not None:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        done = run([apt, "install", "-y", "-qq", "--no-install-recommends", package.resolve()], environment)
        if done.returncode == 0:
            return
        print(f"apt-get could not install it, trying dpkg:\n{done.said.strip()}")
    run_well(["dpkg", "--install", package.resolve()])


def _digests(home: Path) -> dict[str, str]:
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }
