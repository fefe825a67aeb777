"""``outpost bundle write|read|carry`` from the command line, on a real laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.__main__ import main
from tests.app.test_paper_commands import home, run  # noqa: F401 - a fixture
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import PASSPHRASE, Station, photo


def test_a_stick_from_the_command_line(
    home: Path,  # noqa: F811 - the fixture's name
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stick = tmp_path / "STICK"
    stick.mkdir()
    assert run(home, "bundle", "write", str(stick), "--money-only") == 0
    told = capsys.readouterr().out
    assert "附件 files 0" in told
    assert {each.suffix for each in stick.iterdir()} == {".fcb", ".label"}

    assert run(home, "bundle", "write", str(stick), "--budget", "0.5") == 0
    capsys.readouterr()
    assert run(home, "bundle", "write", str(stick), "--budget", "-1") == 1
    assert "不能是负数" in capsys.readouterr().err

    assert run(home, "bundle", "read", str(stick)) == 0
    assert "没有总部回执" in capsys.readouterr().out
    (stick / "x.answer.fcb").write_bytes(photo(1))
    assert run(home, "bundle", "read", str(stick)) == 1
    assert "损坏" in capsys.readouterr().out

    own = next(stick.glob("QX07*.fcb"))
    assert run(home, "bundle", "carry", str(own)) == 1
    assert "本机自己写的" in capsys.readouterr().err
    assert run(home, "bundle", "carry", str(stick / "gone.fcb")) == 1
    assert "封存包" in capsys.readouterr().err


def test_an_older_store_gets_its_box_key_at_the_next_opening(
    station: Station,  # noqa: F811 - the fixture's name
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A store of before has no key and its log announces none; opening gives it one, once, and says so in the log."""
    monkeypatch.setenv("OUTPOST_SECRET", PASSPHRASE)
    with station.store() as store, store.write() as uow:
        uow._engine.execute("UPDATE identity SET box_key = NULL")
        uow._changed = True
    seen = []
    for _ in range(2):
        assert main(["--home", str(station.home), "cases"]) == 0
        with station.store() as store, store.read() as reads:
            seen.append((store.box_private, reads.box_key_announced(), store.position().next_seq))
    assert len(seen[0][0]) == 32
    assert seen[0] == seen[1]
    from trust.bundles import public_of

    assert seen[0][1] == public_of(seen[0][0])
    with station.store() as store:
        assert store.rebuild().identical
