"""Runs a Python command with a PostgreSQL of the system's own packages behind ``OUTPOST_TEST_POSTGRES_URL``: what ``make test-postgres`` calls.

Promise: the server lives in a temporary folder on a socket of its own, never on the machine's own clusters, and is gone afterwards. PostgreSQL
refuses to run as root, so there it runs as the user ``postgres`` that its package makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.headquarters.postgres import URL_VARIABLE

_PROGRAMS = Path("/usr/lib/postgresql")
_FOR_TESTS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


@contextmanager
def installed_server() -> Iterator[str]:
    """Start the newest PostgreSQL installed on this machine; yield its URL. Raises ``FileNotFoundError`` where there is none."""
    found = sorted(_PROGRAMS.glob("*/bin"), key=lambda each: float(each.parent.name))
    if not found:
        raise FileNotFoundError("no PostgreSQL: run app/machine_check.py --install --postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [found[-1] / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    try:
        run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{_FOR_TESTS} -k {folder}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Run ``python <arguments>`` with the server; return its exit code."""
    with installed_server() as url:
        return subprocess.run(
            [sys.executable, *sys.argv[1:]], env={**os.environ, URL_VARIABLE: url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
