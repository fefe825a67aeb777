"""The check that runs before anything is installed: it needs nothing but the standard library, and it says exactly what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import machine_check

SCRIPT = Path(machine_check.__file__)


def test_it_runs_with_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "--install" in done.stdout


def test_a_missing_library_is_named_by_its_package() -> None:
    missing = machine_check.missing_packages({"libc.so.6": "libc6", "libnot-here.so.9": "libnot-here9"})
    assert missing == ["libnot-here9"]


def test_without_permission_the_exact_command_is_printed_and_it_stops(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine_check, "LIBRARIES", {"libnot-here.so.9": "libnot-here9"})
    monkeypatch.setattr(machine_check, "apt_command", lambda: None)
    assert machine_check.main(["--install"]) == 1
    assert "apt-get install -y --no-install-recommends libnot-here9" in capsys.readouterr().out


def test_an_older_glibc_is_told_with_its_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine_check.platform, "libc_ver", lambda: ("glibc", "2.31"))
    assert machine_check.main([]) == 1
    assert "2.31" in capsys.readouterr().out


def test_where_apt_may_be_used_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_: object) -> Done:
        asked.append(command)
        return Done()

    monkeypatch.setattr(machine_check, "apt_command", lambda: ["apt-get"])
    monkeypatch.setattr(machine_check.subprocess, "run", run)
    assert machine_check.install(["libx"])
    assert asked[-1] == ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libx"]
