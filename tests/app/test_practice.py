"""Practice: a real headquarters on loopback in which the story's cases come out as told, whose plug can be pulled, and which ends with us."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import practice as practice_module
from app.demo.laptop import run_laptop
from app.demo.story import MAIN_LAPTOP, cases_of
from app.entrance import LocalEntrance
from app.practice import LocalPractice
from app.settings import load_settings
from app.system_clock import ShiftedClock, SystemClock
from app.unlocking import SECRET_VARIABLE
from claims.desk import Desk
from claims.errors import EnvironmentProblem
from tests.app.test_entrance import MemoryKeyring
from views.practice import Practice

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice") / "home"


@pytest.fixture(scope="module")
def practice(home: Path) -> Iterator[LocalPractice]:
    made = LocalPractice(home, SystemClock())
    yield made
    made.stop()


@pytest.fixture(scope="module")
def passphrase(home: Path, practice: LocalPractice) -> str:
    """Headquarters is prepared, this laptop is enrolled there, has its allowances and has synced once."""
    port: Practice = practice
    port.prepare()
    before = port.state()
    assert before.prepared
    assert not before.running
    port.start()
    state = port.state()
    assert state.running
    assert state.problem is None
    assert state.code is not None
    assert state.hq_url.startswith("https://127.0.0.1:")
    door = door_of(home, practice)
    made = door.enrol(state.hq_url, state.code, None).passphrase
    assert made is not None
    assert practice.state().code is None, "a used code is not offered again"
    assert practice.state().problem is None
    desk = door.unlock("0417", made)
    assert desk.sync().problem is None
    desk.close()
    return made


def door_of(home: Path, practice: LocalPractice) -> LocalEntrance:
    return LocalEntrance(home, SystemClock(), practice.laptop_enrolled, keyring=lambda: MemoryKeyring(there=False))


@pytest.fixture
def desk(home: Path, practice: LocalPractice, passphrase: str) -> Iterator[Desk]:
    practice.start()
    opened = door_of(home, practice).unlock("0417", passphrase)
    yield opened
    opened.close()


def listens(url: str) -> bool:
    host, port = url.removeprefix("https://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_the_storys_cases_come_out_as_told(
    home: Path,
    practice: LocalPractice,
    passphrase: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    practice.start()
    monkeypatch.setenv(SECRET_VARIABLE, passphrase)

    def laptop(action: str) -> dict[str, object]:
        capsys.readouterr()
        assert run_laptop(home, argparse.Namespace(action=action, case=None, cut="", out=None)) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return found

    laptop("play")
    laptop("sync")
    laptop("sync")
    cases = laptop("collect")["cases"]
    assert isinstance(cases, list)
    found = {each["name"]: (each["outcome"], each["total_fen"], each["settlement"]) for each in cases}
    assert found == {
        each.name: (each.expected.outcome.value, each.expected.total_fen, each.expected.settlement)
        for each in cases_of(MAIN_LAPTOP)
    }


def test_the_plug_is_pulled_and_put_back_at_the_same_address(practice: LocalPractice, desk: Desk) -> None:
    url = practice.state().hq_url
    assert listens(url)
    practice.stop()
    practice.stop()
    assert not listens(url)
    state = practice.state()
    assert not state.running
    assert state.problem is None
    practice.start()
    practice.start()
    assert practice.state().hq_url == url
    assert desk.sync().problem is None


def test_where_its_port_was_taken_the_laptop_follows(home: Path, practice: LocalPractice, desk: Desk) -> None:
    before = practice.state().hq_url
    practice.stop()
    with socket.create_server(("127.0.0.1", int(before.rsplit(":", 1)[1]))):
        practice.start()
        after = practice.state().hq_url
        assert after != before
        assert load_settings(home).hq_url == after
        assert desk.sync().problem is None


def test_a_service_that_died_is_told_and_can_be_started_again(practice: LocalPractice, desk: Desk) -> None:
    process = practice._headquarters._process
    assert process is not None
    process.kill()
    process.wait()
    state = practice.state()
    assert not state.running
    assert state.problem is not None
    assert state.problem.code == "practice_stopped"
    practice.start()
    assert practice.state().problem is None
    assert desk.sync().problem is None


@pytest.mark.slow
def test_months_later_there_are_fresh_releases(home: Path, practice: LocalPractice, passphrase: str) -> None:
    before = json.loads((home / "practice-hq" / "practice.json").read_text())
    practice.stop()
    later = LocalPractice(home, ShiftedClock(SystemClock().utc_now() + timedelta(days=40)))
    later.start()
    later.stop()
    after = json.loads((home / "practice-hq" / "practice.json").read_text())
    assert after["sample_made_at"] > before["sample_made_at"]
    assert after["code"] == before["code"], "this laptop is enrolled; nobody needs another code"
    practice.start()
    opened = door_of(home, practice).unlock("0417", passphrase)
    try:
        assert opened.sync().problem is None
        held = opened.standing().policies
        assert held is not None
        assert "2" in held.label
    finally:
        opened.close()


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_it_ends_with_the_program_however_that_one_ended(home: Path, practice: LocalPractice, passphrase: str) -> None:
    practice.stop()
    script = (
        "import sys, os, signal; from pathlib import Path; from app.practice import LocalPractice\n"
        "from app.system_clock import SystemClock\n"
        "made = LocalPractice(Path(sys.argv[1]), SystemClock()); made.start()\n"
        "print(made.state().hq_url, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    deadline = time.monotonic() + 20
    while listens(done.stdout.strip()):
        assert time.monotonic() < deadline, "headquarters outlived the program that started it"
        time.sleep(0.05)


@pytest.mark.slow
def test_damaged_notes_leave_headquarters_where_it_is(home: Path, practice: LocalPractice, desk: Desk) -> None:
    practice.stop()
    (home / "practice-hq" / "practice.json").write_bytes(b"\xff")
    assert not practice.state().prepared
    practice.start()
    assert practice.state().prepared
    assert practice.state().code is None
    # The port was in the notes; the laptop follows to the new one.
    assert load_settings(home).hq_url == practice.state().hq_url
    assert desk.sync().problem is None


def test_without_headquarters_packages_there_is_no_practice_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice_module, "_NEEDED", ("headquarters", "no_such_package"))
    made = LocalPractice(tmp_path, SystemClock())
    problem = made.state().problem
    assert problem is not None
    assert problem.code == "practice_unavailable"
    assert "no_such_package" in problem.sentence("zh")
    for job in (made.prepare, made.start):
        with pytest.raises(EnvironmentProblem, match="practice_unavailable"):
            job()
    made.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_fails_is_told_and_nothing_half_made_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = LocalPractice(tmp_path, SystemClock())
    monkeypatch.setattr("app.practice.resources.path", tmp_path.joinpath)
    with pytest.raises(EnvironmentProblem, match="practice_failed"):
        made.prepare()
    problem = made.state().problem
    assert problem is not None
    assert problem.retryable
    assert not made.state().prepared
    assert not (tmp_path / "practice-hq").exists()
