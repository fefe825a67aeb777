"""``outpost transfer`` and ``outpost receive``: real stores, what is typed as it is typed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import main
from app.commands import COMMANDS
from app.transfer_commands import _handed, run_receive, run_transfer
from claims.desk import Desk
from claims.errors import EnvironmentProblem, InputError
from tests.desk.colleagues import POOL, BareStation, colleague
from tests.desk.station import PASSPHRASE

Told = pytest.CaptureFixture[str]


@pytest.fixture
def donor(tmp_path: Path) -> Iterator[Desk]:
    station = BareStation(tmp_path / "D3")
    station.create()
    desk = station.open()
    other = colleague(station, "D4", tmp_path / "D4").open()
    desk.colleague = other  # type: ignore[attr-defined]  # travels along for the tests that need both
    yield desk
    desk.close()
    other.close()


def typed(desk: Desk, *words: str) -> int:
    """Carry out what a person types after ``outpost transfer``."""
    parser = argparse.ArgumentParser()
    next(each for each in COMMANDS if each.name == "transfer").arguments(parser)
    return run_transfer(desk, parser.parse_args(words))


def left_fen(desk: Desk) -> int:
    return desk.allowances().pools[0].left_fen


def refusal(desk: Desk, *words: str) -> str:
    with pytest.raises(InputError) as refused:
        typed(desk, *words)
    assert refused.value.cause.zh
    assert refused.value.next_step.en
    return refused.value.code


def test_a_file_goes_over_and_counts_once_however_often(donor: Desk, tmp_path: Path, capsys: Told) -> None:
    other: Desk = donor.colleague  # type: ignore[attr-defined]
    file = tmp_path / "to D4.txt"
    assert typed(donor, POOL, "500", "d4/1", "--out", str(file)) == 0
    assert left_fen(donor) == 1_500_000 - 50_000
    before = left_fen(other)
    capsys.readouterr()
    assert run_receive(other, _handed(str(file))) == 0
    assert "已收下 taken in: 500.00" in capsys.readouterr().out
    assert run_receive(other, _handed(str(file))) == 0
    assert "早已收下" in capsys.readouterr().out
    assert left_fen(other) == before + 50_000

    # The same words again are no second hand-over; its paper can be had again.
    assert refusal(donor, POOL, "500.00", "D4") == "transfer_again"
    assert refusal(donor, POOL, "1", "D4", "--out", str(file)) == "transfer_file"
    (moved,) = donor.transfers_out()
    again = tmp_path / "again.txt"
    assert typed(donor, "--again", moved.transfer_id, "--out", str(again)) == 0
    assert again.read_bytes() == file.read_bytes()
    assert left_fen(donor) == 1_500_000 - 50_000
    assert typed(donor, POOL, "500", "D4", "--another") == 0
    assert len(donor.transfers_out()) == 2


def test_a_code_is_one_line_and_the_list_names_what_can_be_handed_on(donor: Desk, capsys: Told) -> None:
    other: Desk = donor.colleague  # type: ignore[attr-defined]
    assert typed(donor) == 0
    told = capsys.readouterr().out
    assert POOL in told
    assert "可用 left 15,000.00" in told
    assert typed(donor, POOL.rpartition("/")[0], "12.5", "D4") == 0
    code = capsys.readouterr().out.splitlines()[-1]
    assert code.startswith("OPT1:")
    assert run_receive(other, _handed(f" {code[:70]}\n{code[70:]} ")) == 0
    capsys.readouterr()
    assert typed(donor) == 0
    assert "已调出 handed on: 12.50 元 yuan → D4/1" in capsys.readouterr().out


def test_what_can_not_be_is_refused_before_anything_moves(donor: Desk, tmp_path: Path) -> None:
    assert refusal(donor, "no such limit", "1", "D4") == "transfer_pool"
    assert refusal(donor, POOL) == "transfer_arguments"
    assert refusal(donor, POOL, "1", "D4/x") == "transfer_receiver"
    assert refusal(donor, POOL, "1", "D 4") == "device_name"
    assert refusal(donor, POOL, "1", "D3") == "own_device"
    assert refusal(donor, POOL, "99999999", "D4")
    assert refusal(donor, POOL, "-1", "D4")
    assert refusal(donor, "--again", "G-1/7") == "transfer_unknown"
    assert refusal(donor, POOL, "1", "D4", "--out", str(tmp_path / "no" / "folder.txt")) == "transfer_file"
    assert left_fen(donor) == 1_500_000
    with pytest.raises(InputError) as unreadable:
        run_receive(donor, b"OPT1:AAAA")
    assert unreadable.value.code == "transfer_unreadable"
    with pytest.raises(InputError) as missing:
        _handed(str(tmp_path / "gone.txt"))
    assert missing.value.code == "transfer_missing"


def test_a_disk_that_fails_after_the_debit_says_how_to_save_it_again(
    donor: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("views.durable_file.os.fsync", full)
    with pytest.raises(EnvironmentProblem):
        typed(donor, POOL, "7", "D4", "--out", str(tmp_path / "file.txt"))
    monkeypatch.undo()
    (moved,) = donor.transfers_out()
    assert f"--again {moved.transfer_id}" in capsys.readouterr().err
    assert typed(donor, "--again", moved.transfer_id, "--out", str(tmp_path / "file.txt")) == 0


def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Told) -> None:
    station = BareStation(tmp_path / "D3")
    station.create()
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    assert main(["--home", str(station.home), "transfer"]) == 0
    assert POOL in capsys.readouterr().out
    assert main(["--home", str(station.home), "receive", str(tmp_path / "gone")]) == 1
    assert "OPT1:" in capsys.readouterr().err
