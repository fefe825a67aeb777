"""``outpost numbers``, ``day-end``, ``blanks`` and ``enter``: from the command line, on a real laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.__main__ import main
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import PASSPHRASE, Station, new_case


@pytest.fixture
def home(station: Station, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811 - the fixture's name
    """A laptop with one case, and its secret where commands look for it."""
    desk = station.open()
    desk.open_case(new_case())
    desk.close()
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    return station.home


def run(home: Path, *arguments: str) -> int:
    return main(["--home", str(home), *arguments])


def test_blank_forms_from_the_box_to_the_case(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "blanks", "slip", "2", "--out", str(tmp_path / "forms")) == 0
    files = sorted((tmp_path / "forms").iterdir())
    assert len(files) == 2
    assert all(each.read_bytes().startswith(b"%PDF") for each in files)
    capsys.readouterr()

    assert run(home, "numbers") == 0
    assert "空白 blank 2  未用 unused 48" in capsys.readouterr().out

    first = files[0].stem
    desk_case = "QX07-D3-C-000001-64"
    assert run(home, "enter", first, desk_case, "--receiver", "覃建国") == 0
    assert desk_case in capsys.readouterr().out
    assert run(home, "enter", first, desk_case, "--receiver", "覃建国") == 1
    assert "已补录" in capsys.readouterr().err

    assert run(home, "day-end", "--counted", "slip=2", "voucher=0", "document=0") == 0
    told = capsys.readouterr().out
    assert "打印 printed 2  清点 counted 2" in told
    assert "1 + 0 + 1 + 48 = 50" in told
    assert "1. 空白资料签收单 1 张没有收回" in told


def test_a_day_that_differs_says_so_and_returns_1(
    station: Station,  # noqa: F811 - the fixture's name
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    desk = station.open()
    slip = desk.give_slip(desk.open_case(new_case()))
    desk.close()
    assert run(station.home, "day-end", "--day", "2026-11-22") == 1
    assert f"1. 资料签收单 {slip.number} 已登记，没有生成票面" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["blanks", "voucher", "1", "--out", "."], "没有空白件"),
        (["blanks", "ticket", "1", "--out", "."], "ticket"),
        (["blanks", "slip", "0", "--out", "."], "1 至"),
        (["day-end", "--counted", "slip"], "slip"),
        (["day-end", "--counted", "case=1"], "case=1"),
        (["day-end", "--counted", "slip=" + "9" * 5000], "slip=999"),
        (["day-end", "--day", "2999-01-01"], "2999-01-01"),
        (["day-end", "--day", "tomorrow"], "tomorrow"),
        (["enter", "QX07-D3-S-000001-00", "QX07-D3-C-000001-64", "--receiver", "x"], "校验位"),
    ],
)
def test_nonsense_is_told_in_words(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(home, *arguments) == 1
    assert said in capsys.readouterr().err
