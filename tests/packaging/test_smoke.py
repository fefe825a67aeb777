"""The smoke test believes files, not words: programs that leave bad ones are caught. The programs here are small scripts."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import resources
from bundling.problems import BuildError
from bundling.processes import run_well, user_environment
from bundling.smoke import self_check, start_s

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in programs are scripts with a first line")

GOOD_TEXT = "没有网络也能受理计算并出具理赔凭证联网以后自动回传总部"


def paper(text: str) -> bytes:
    pdfmetrics.registerFont(TTFont("NS", str(resources.path("fonts", "NotoSansSC_400Regular.ttf"))))
    out = io.BytesIO()
    canvas = Canvas(out, initialFontName="NS", invariant=1)
    canvas.setFont("NS", 12)
    canvas.drawString(60, 700, text)
    canvas.save()
    return out.getvalue()


def picture(*, drawn: bool) -> bytes:
    image = Image.new("RGB", (900, 600), "white")
    if drawn:
        pen = ImageDraw.Draw(image)
        for column in range(32):
            pen.line((column * 20, 0, column * 20, 599), fill=(column * 7, 60, 90))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def told(*, frozen: bool = True, passed: bool = True) -> bytes:
    parts = [{"name": "window", "passed": passed, "found": "", "took_ms": 12.5}]
    return json.dumps({"version": "9.8.7", "frozen": frozen, "parts": parts}).encode()


REPORT = {"self-check.json": told()}


def program(folder: Path, files: dict[str, bytes], code: int = 0) -> Path:
    store = folder / "store"
    store.mkdir()
    for name, content in files.items():
        (store / name).write_bytes(content)
    path = folder / "program"
    path.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        f"if '--version' in sys.argv: print('outpost 9.8.7'); sys.exit()\n"
        f"for each in pathlib.Path({str(store)!r}).iterdir(): shutil.copy(each, sys.argv[-1])\n"
        f"print('words of the program'); sys.exit({code})\n"
    )
    path.chmod(0o755)
    return path


def test_a_good_paper_and_a_drawn_window_pass(tmp_path: Path) -> None:
    made = program(tmp_path, REPORT | {"a.pdf": paper(GOOD_TEXT), "window.png": picture(drawn=True)})
    found = self_check([made], tmp_path, user_environment(tmp_path))
    assert found.chinese_characters == len(GOOD_TEXT)
    assert found.parts_ms == {"window": 12.5}
    assert found.window_size == (900, 600)
    assert found.window_colours >= 16


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "no self-check.json"),
        ({"self-check.json": told(passed=False)}, "failed at window"),
        ({"self-check.json": told(frozen=False)}, "did not run in the frozen program"),
        (REPORT, "no PDF"),
        (REPORT | {"a.pdf": paper("Voucher 250,000.00"), "window.png": picture(drawn=True)}, "0 Chinese"),
        (REPORT | {"a.pdf": paper(GOOD_TEXT)}, "no picture"),
        (REPORT | {"a.pdf": paper(GOOD_TEXT), "window.png": picture(drawn=False)}, "nothing was drawn"),
    ],
    ids=["no report", "a part failed", "from source", "no paper", "no Chinese", "no window", "empty window"],
)
def test_a_program_that_leaves_less_is_caught(tmp_path: Path, files: dict[str, bytes], complaint: str) -> None:
    with pytest.raises(BuildError, match=complaint):
        self_check([program(tmp_path, files)], tmp_path, user_environment(tmp_path))


def test_a_program_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"exit code 3(.|\n)*words of the program"):
        self_check([program(tmp_path, {}, code=3)], tmp_path, user_environment(tmp_path))


def test_another_version_is_caught(tmp_path: Path) -> None:
    made = program(tmp_path, {})
    assert 0 < start_s([made], "9.8.7") < 30
    with pytest.raises(BuildError, match=r"9\.8\.7.*9\.8\.8"):
        start_s([made], "9.8.8")


def test_a_program_that_hangs_is_given_up() -> None:
    with pytest.raises(BuildError, match="did not end within"):
        run_well([sys.executable, "-c", "import threading; threading.Event().wait()"], None, 0.5)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="nowhere"):
        run_well([tmp_path / "nowhere"])


def test_the_users_session_has_nothing_of_the_builders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    environment = user_environment(tmp_path)
    assert environment["HOME"] == str(tmp_path)
    assert not {"PYTHONPATH", "VIRTUAL_ENV", "DISPLAY"} & set(environment)
    assert str(Path(sys.executable).parent) not in environment["PATH"].split(os.pathsep)
