"""``outpost run`` and ``self-check``: what keeps a window from opening is told in words, and a whole program can prove itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from app import machine_check
from app.__main__ import main
from app.one_window import held
from app.screen_check import require_screen
from app.self_check import PAPER, PICTURE, REPORT
from app.settings import default_home
from app.version import VERSION
from claims.errors import EnvironmentProblem

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="displays are asked for on Linux only")


def outpost(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    given = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=kept | given,
        cwd=ROOT,
        timeout=60,
    )


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.strip() == f"outpost {VERSION}"


@linux
def test_without_a_display_it_says_so(tmp_path: Path) -> None:
    done = outpost("--home", str(tmp_path / "home"), "run")
    assert done.returncode == 1
    assert "没有可以显示窗口的屏幕" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


@linux
@pytest.mark.parametrize("environment", [{"DISPLAY": ":97"}, {"WAYLAND_DISPLAY": "wayland-97"}, {"DISPLAY": "rubbish"}])
def test_a_display_that_does_not_answer_is_named(environment: dict[str, str]) -> None:
    done = outpost("run", **environment)
    assert done.returncode == 1
    assert next(iter(environment.values())) in done.stderr
    assert "does not answer" in done.stderr


@linux
def test_a_display_that_answers_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "wayland-0"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        require_screen({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})
        require_screen({"WAYLAND_DISPLAY": str(path), "DISPLAY": ":97"})
    require_screen({"QT_QPA_PLATFORM": "offscreen"})


@linux
def test_missing_screen_libraries_are_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_check, "SCREEN_LIBRARIES", {"libnot-here.so.9": "libnot-here9"})
    with pytest.raises(EnvironmentProblem) as missing:
        require_screen({"DISPLAY": ":97"})
    assert missing.value.code == "screen_libraries_missing"
    assert "apt-get install -y --no-install-recommends libnot-here9" in missing.value.sentence("zh")


def test_a_home_that_is_open_already_is_told_at_once(tmp_path: Path) -> None:
    with held(tmp_path):
        done = outpost("--home", str(tmp_path), "run", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 1
    assert "程序已经打开" in done.stderr
    assert str(tmp_path) in done.stderr
    with held(tmp_path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_killed_window_does_not_keep_the_home(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from app.one_window import held\n"
        "with held(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(EnvironmentProblem) as open_already, held(tmp_path):
            pass
        assert open_already.value.code == "home_in_use"
        other.send_signal(signal.SIGKILL)
        other.wait()
        with held(tmp_path):
            pass


def test_practice_has_a_home_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTPOST_HOME", raising=False)
    assert default_home().name == "outpost"
    assert default_home(practice=True).name == "outpost-demo"
    monkeypatch.setenv("OUTPOST_HOME", str(tmp_path))
    assert default_home(practice=True) == default_home() == tmp_path


def test_the_self_check_proves_every_part(tmp_path: Path) -> None:
    done = outpost("self-check", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "out" / REPORT).read_text("utf-8"))
    assert report["version"] == VERSION
    assert len(report["parts"]) == 9
    assert all(each["passed"] for each in report["parts"])
    document = pypdfium2.PdfDocument((tmp_path / "out" / PAPER).read_bytes())
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "周䶮" in text
    assert "6,488.24" in text
    with Image.open(tmp_path / "out" / PICTURE) as picture:
        assert picture.size[0] >= 1024


def test_a_self_check_with_a_broken_part_fails_and_tries_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import self_check

    monkeypatch.setattr("resources.path", tmp_path.joinpath)
    monkeypatch.setattr(self_check, "_window", lambda _: "not in this process")
    monkeypatch.setattr(self_check, "_paper", lambda _: "drawn")
    monkeypatch.setattr(self_check, "_read_back", lambda _: "read")
    assert self_check.self_check(tmp_path / "out") == 1
    told = capsys.readouterr()
    assert "no font in the program" in told.out
    assert "FileNotFoundError" in told.err
    parts = {each["name"]: each["passed"] for each in json.loads((tmp_path / "out" / REPORT).read_text())["parts"]}
    assert parts == {
        "fonts": False,
        "rule pack": False,
        "keyring backends": True,
        "encrypted store": True,
        "voucher on paper": True,
        "window": True,
        "screens": True,
        "paper read back": True,
        "register": True,
    }
