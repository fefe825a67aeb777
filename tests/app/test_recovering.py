"""``outpost recover FILE...``: vouchers of a lost laptop, or this laptop's own key file; what the files are shows in themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

import app.recovering
from app.commands import COMMANDS
from app.recovering import recover
from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError
from local_db.key_file import unlock_keys
from local_db.key_slots import PassphraseUnlock
from tests.desk.station import ADJUSTER, PASSPHRASE, Station
from tests.desk.test_recovery_from_paper import Colleague, photo, voucher

NEW_PASSPHRASE = "mira-lote-kuna-fesi-dabo-ruti"


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[tuple[Station, Desk]]:
    station = Station(tmp_path / "home")
    station.create()
    desk = station.open()
    yield station, desk
    desk.close()


@pytest.fixture
def finder(lost: tuple[Station, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    """A colleague's laptop, which the command opens."""
    (tmp_path / "second").mkdir()
    made = Station(tmp_path / "second" / "home", hq=Colleague(lost[0].hq))
    made.create()
    monkeypatch.setattr(app.recovering, "open_desk", lambda _options: made.open())
    return made


def run(*files: Path, home: Path | None = None) -> int:
    parser = argparse.ArgumentParser()
    next(each for each in COMMANDS if each.name == "recover").arguments(parser)
    options = parser.parse_args([str(file) for file in files])
    options.home = home
    return recover(options)


def test_a_folder_of_papers_is_told_line_by_line(
    lost: tuple[Station, Desk], finder: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (paper, pdf), (other, other_pdf) = voucher(lost[1]), voucher(lost[1], "0000731847")
    folder = tmp_path / "usb"
    folder.mkdir()
    (folder / "one.pdf").write_bytes(pdf)
    (folder / "two.jpg").write_bytes(photo(other_pdf))
    (folder / "notes.txt").write_bytes(b"hello")
    assert run(folder, folder / "one.pdf") == 1, "something was refused"
    told = capsys.readouterr().out
    assert told.count("新恢复 recovered  ") == 2
    assert paper.number in told
    assert other.number in told
    assert "未采用 refused 1" in told
    assert "12,976.48 yuan" in told
    assert run(folder / "one.pdf") == 0
    assert "已登记 known 1" in capsys.readouterr().out


def test_many_files_are_held_in_memory_a_few_at_a_time(
    lost: tuple[Station, Desk], finder: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(app.recovering, "_TOGETHER_BYTES", 1)
    _, pdf = voucher(lost[1])
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(photo(pdf))
    (tmp_path / "c.pdf").write_bytes(pdf)
    assert run(tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "c.pdf") == 0
    told = capsys.readouterr().out
    assert "新恢复 recovered 1  已补全 completed 1  已登记 known 1" in told


def test_a_file_that_cannot_be_read_blocks_no_other(
    lost: tuple[Station, Desk], finder: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, pdf = voucher(lost[1])
    (tmp_path / "one.pdf").write_bytes(pdf)
    assert run(tmp_path / "gone.pdf", tmp_path / "one.pdf") == 1
    told = capsys.readouterr().out
    assert "gone.pdf" in told
    assert "新恢复 recovered 1" in told
    assert "未采用 refused 1" in told


def test_a_folder_with_nothing_in_it_is_said(
    finder: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "usb").mkdir()
    assert run(tmp_path / "usb") == 1
    assert "没有找到文件" in capsys.readouterr().out


def test_a_missing_file_is_named(finder: Station, tmp_path: Path) -> None:
    with pytest.raises(InputError) as missing:
        run(tmp_path / "gone.pdf")
    assert "gone.pdf" in missing.value.cause.zh


def test_headquarters_recovery_file_still_mends_the_key_file(
    lost: tuple[Station, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    station, desk = lost
    desk.close()
    payload = unlock_keys(station.home, PassphraseUnlock(ADJUSTER, PASSPHRASE), station.clock).encode()
    (tmp_path / "keys").write_bytes(payload)
    (station.home / "keys.json").unlink()
    monkeypatch.setattr(app.recovering, "new_unlock", lambda _: (PassphraseUnlock(ADJUSTER, NEW_PASSPHRASE), "shown"))
    assert run(tmp_path / "keys", home=station.home) == 0
    assert "密钥文件已恢复" in capsys.readouterr().out
    assert unlock_keys(station.home, PassphraseUnlock(ADJUSTER, NEW_PASSPHRASE), station.clock).encode() == payload
    (tmp_path / "cut").write_bytes(payload[:40])
    with pytest.raises(EnvironmentProblem):
        run(tmp_path / "cut", home=station.home)
