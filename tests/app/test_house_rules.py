"""The rules of the house are kept by tools; these tests show that the tools would notice."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ruff(text: str, file: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--stdin-filename", file, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return done.stdout


@pytest.mark.parametrize(
    "call",
    [
        "from datetime import UTC, datetime\n\nAT = datetime.now(UTC)\n",
        "import datetime as dt\n\nDAY = dt.date.today()\n",
        "import time\n\nAT = time.time()\n",
        "from time import time as clock\n\nAT = clock()\n",
    ],
)
def test_a_clock_call_outside_the_adapter_is_refused(call: str) -> None:
    assert "TID251" in ruff(call, "claims/probe.py")


def test_the_clock_is_read_in_its_adapters_only() -> None:
    allowed = {"app/system_clock.py", "headquarters/system_clock.py"}
    exempt = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if not path.relative_to(ROOT).parts[0].startswith(".")
        and path.relative_to(ROOT).parts[0] not in ("tests", "bench", "out", "build")
        and "noqa: TID251" in path.read_text(encoding="utf-8")
    }
    assert exempt <= allowed


def test_every_package_is_listed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    code = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in ROOT.rglob("__init__.py")
        if path.relative_to(ROOT).parts[0] not in ("tests", "bench", "packaging", ".venv", "out", "build", "dist")
    }
    assert code <= listed


def test_the_lock_holds_versions_and_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "file:" not in text
    pinned = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
