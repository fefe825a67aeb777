"""Enrolling survives every cut: the same code leads to the same device, the same passphrase and a laptop that headquarters knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.enrolment import enrol_laptop, enrol_with_passphrase
from app.main import build
from app.pending_files import discard_pending, passphrase_unseen, pending_files
from app.settings import Settings, load_settings
from claims.errors import EnvironmentProblem, InputError, OutpostError
from claims.ports import no_probe
from headquarters.models import Device
from headquarters.recovery import recovery_payload
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase
from tests.stories.office import Office, no_wait

STEPS = ("enrolment_asking", "enrolment_answered", "enrolment_store_made", "enrolment_finished")

_CUT = """
import os, signal, sys
from pathlib import Path
from app.enrolment import enrol_with_passphrase
from app.settings import Settings

def probe(step, /):
    if step == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

enrol_with_passphrase(Settings(home=Path(sys.argv[1]), hq_url=sys.argv[2]), sys.argv[3], probe=probe)
print("not cut")
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(office: Office) -> Iterator[str]:
    with office.serving() as address:
        yield address


def epochs(office: Office, device: str) -> list[int]:
    with office.hq.database.read() as session:
        return list(session.scalars(select(Device.epoch).where(Device.device == device)))


@pytest.mark.parametrize(("step", "device"), [(step, f"C{number}") for number, step in enumerate(STEPS)])
def test_killed_at_any_step_the_same_code_makes_the_same_laptop(
    office: Office, url: str, tmp_path: Path, step: str, device: str
) -> None:
    code = office.code(device)
    home = tmp_path / device
    cut = subprocess.run(
        [sys.executable, "-c", _CUT, str(home), url, code, step], capture_output=True, text=True, check=False
    )
    assert cut.returncode == -signal.SIGKILL, cut.stderr
    assert passphrase_unseen(home)

    identity, passphrase = enrol_with_passphrase(Settings(home=home, hq_url=url), code)
    assert (identity.device, identity.epoch) == (device, 1)
    assert epochs(office, device) == [1]
    assert not passphrase_unseen(home)
    settings = load_settings(home)
    assert (settings.hq_url, settings.adjuster) == (url, "0417")
    desk = build(settings, PassphraseUnlock("0417", passphrase), wait=no_wait)
    try:
        assert desk.sync().problem is None
        assert desk.rules() is not None
    finally:
        desk.close()
    assert recovery_payload(office.hq, device), "headquarters can't recover this laptop"


def test_what_lies_on_the_disk_meanwhile_tells_nothing_without_the_code(
    office: Office, url: str, tmp_path: Path
) -> None:
    code = office.code("S1")
    kept: list[bytes] = []

    def probe(step: str, /) -> None:
        if step == "enrolment_answered":
            (found,) = pending_files(tmp_path)
            kept.append(found.path.read_bytes())
            if os.name == "posix":
                assert found.path.stat().st_mode & 0o077 == 0

    _, passphrase = enrol_with_passphrase(Settings(home=tmp_path, hq_url=url), code, probe=probe)
    assert passphrase.encode() not in kept[0]
    assert code.encode() not in kept[0]
    another = office.code("S2")
    with pytest.raises(EnvironmentProblem, match="store_exists"):
        enrol_with_passphrase(Settings(home=tmp_path, hq_url=url), another)
    assert epochs(office, "S2") == [], "a code was used up for nothing"


def test_the_passphrase_comes_back_with_the_code_until_the_laptop_was_unlocked(
    office: Office, url: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, hq_url=url)
    code = office.code("P1")
    first = enrol_with_passphrase(settings, code)
    again = enrol_with_passphrase(settings, code.lower().replace("-", " "))
    assert again == first
    discard_pending(tmp_path)
    with pytest.raises(EnvironmentProblem, match="store_exists"):
        enrol_with_passphrase(settings, code)


def test_a_refused_code_leaves_nothing_and_a_lost_link_leaves_the_key(office: Office, url: str, tmp_path: Path) -> None:
    code = office.code("R1")
    gone = Settings(home=tmp_path, hq_url="https://127.0.0.1:9")
    with pytest.raises(OutpostError):
        enrol_with_passphrase(gone, code)
    (before,) = pending_files(tmp_path)
    for wrong in (code[:-1], "", "XXXX", code.replace(code[0], "Z" if code[0] != "Z" else "Y")):
        with pytest.raises(InputError):
            enrol_with_passphrase(Settings(home=tmp_path, hq_url=url), wrong)
    (left,) = pending_files(tmp_path)
    assert left.path == before.path
    identity, _ = enrol_with_passphrase(Settings(home=tmp_path, hq_url=url), code)
    assert identity.epoch == 1


def test_headquarters_says_whose_laptop_it_is(office: Office, url: str, tmp_path: Path) -> None:
    passphrase = generate_passphrase()
    asked: list[str] = []

    def unlock_for(adjuster: str) -> PassphraseUnlock:
        asked.append(adjuster)
        return PassphraseUnlock(adjuster, passphrase)

    identity = enrol_laptop(Settings(home=tmp_path, hq_url=url), office.code("W1"), unlock_for, probe=no_probe)
    assert asked == [identity.adjuster] == ["0417"]
    assert not list(pending_files(tmp_path))
    build(load_settings(tmp_path), PassphraseUnlock("0417", passphrase)).close()
