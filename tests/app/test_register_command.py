"""``outpost register``: a register from the command line, of a real laptop."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.__main__ import main
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import PASSPHRASE, Station, new_case


@pytest.fixture
def home(station: Station, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811 - the fixture's name
    """A laptop with one slip, and its secret where commands look for it."""
    desk = station.open()
    desk.give_slip(desk.open_case(new_case()))
    desk.close()
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    return station.home


@pytest.mark.parametrize("ending", ["csv", "xlsx", "XLSX"])
def test_a_register_is_saved(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    out = tmp_path / f"slips.{ending}"
    days = ["--from", "2026-11-22", "--to", "2026-11-22"]
    assert main(["--home", str(home), "register", "slips", *days, "--out", str(out), "--language", "en"]) == 0
    assert "1 rows" in capsys.readouterr().out
    if ending == "csv":
        rows = list(csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    else:
        rows = [[cell.value for cell in row] for row in load_workbook(out).worksheets[0].iter_rows()]
    assert rows[0][0] == "Paper number"
    assert str(rows[1][0]).startswith("QX07-D3-S-000001-")
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["receipts", "--out", "x.csv"], "vouchers"),
        (["slips", "--out", "x.pdf"], ".xlsx"),
        (["slips", "--out", "x.csv", "--from", "22.11.2026"], "22.11.2026"),
        (["slips", "--out", "x.csv", "--from", "2026-11-23", "--to", "2026-11-22"], "2026-11-23"),
        (["slips", "--out", "gone/x.csv", "--to", "2026-11-22"], "x.csv"),
    ],
)
def test_what_cannot_be_saved_is_said_in_words(  # noqa: PLR0917 - fixtures and a case
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--home", str(home), "register", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("*.csv"))
