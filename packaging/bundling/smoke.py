"""The smoke test of a frozen program, as its user's session would start it.

Promise: nothing is believed that the program says of itself alone: the files that it leaves are opened by other software.
"""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bundling.problems import BuildError
from bundling.processes import run_well, user_environment

_STARTS = 5
_REPORT = "self-check.json"
_WINDOW_AT_LEAST = (640, 400)
_COLOURS_AT_LEAST = 16
_CHINESE_AT_LEAST = 20


@dataclass(frozen=True)
class SelfCheck:
    """What the self-check left, and how long it took."""

    seconds: float
    said: str
    parts_ms: dict[str, float]
    chinese_characters: int
    window_size: tuple[int, int]
    window_colours: int


def start_s(program: Sequence[str | Path], version: str, environment: Mapping[str, str] | None = None) -> float:
    """Return the median seconds of ``--version``. Raises ``BuildError`` when it says another version."""
    runs = [run_well([*program, "--version"], environment) for _ in range(_STARTS)]
    for each in runs:
        if version not in each.said.split():
            raise BuildError(f"{program[0]} --version says {each.said.strip()!r}, the source tree is {version}")
    return median(each.seconds for each in runs)


def self_check(program: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> SelfCheck:
    """Let the program check itself, and look at what it left below ``folder``. Raises ``BuildError``."""
    out = folder / f"self-check-{environment['QT_QPA_PLATFORM']}"
    out.mkdir(parents=True)
    done = run_well([*program, "self-check", "--out", out], environment)
    parts_ms = _parts(out / _REPORT, done.said)
    pdfs = sorted(out.glob("*.pdf"))
    if not pdfs:
        raise BuildError(f"the self-check left no PDF in {out}:\n{done.said}")
    chinese = min(_chinese_characters(each) for each in pdfs)
    if chinese < _CHINESE_AT_LEAST:
        raise BuildError(f"the self-check's PDF has {chinese} Chinese characters that can be read back")
    picture = out / "window.png"
    if not picture.exists():
        raise BuildError(f"the self-check left no picture of a window in {out}:\n{done.said}")
    size, colours = _looked_at(picture)
    if size[0] < _WINDOW_AT_LEAST[0] or size[1] < _WINDOW_AT_LEAST[1] or colours < _COLOURS_AT_LEAST:
        raise BuildError(f"the self-check's window is {size[0]} x {size[1]} with {colours} colours: nothing was drawn")
    return SelfCheck(done.seconds, done.said, parts_ms, chinese, size, colours)


def self_check_on_screen(program: Path, folder: Path) -> SelfCheck | None:
    """Do the same on a real X screen, a virtual one; None where there is no Xvfb. Raises ``BuildError``."""
    if shutil.which("xvfb-run") is None:
        return None
    screen = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1366x768x24"]
    return self_check([*screen, program], folder, user_environment(folder) | {"QT_QPA_PLATFORM": "xcb"})


def _parts(report: Path, said: str) -> dict[str, float]:
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BuildError(f"the self-check left no {report.name}:\n{said}") from error
    if not told["frozen"]:
        raise BuildError("the self-check says that it did not run in the frozen program")
    failed = [each["name"] for each in told["parts"] if not each["passed"]]
    if failed or not told["parts"]:
        raise BuildError(f"the self-check failed at {', '.join(failed) or 'everything: it tried nothing'}:\n{said}")
    return {each["name"]: each["took_ms"] for each in told["parts"]}


def _chinese_characters(pdf: Path) -> int:
    import pypdfium2  # noqa: PLC0415 - a development package; the pure parts of the builder do without

    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return sum(unicodedata.name(each, "").startswith("CJK UNIFIED") for each in text)


def _looked_at(picture: Path) -> tuple[tuple[int, int], int]:
    from PIL import Image  # noqa: PLC0415 - as above

    with Image.open(picture) as image:
        plain = image.convert("RGB")
    colours = plain.getcolors(plain.width * plain.height) or []
    return plain.size, len(colours)
