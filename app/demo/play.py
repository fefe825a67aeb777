"""Before the curtain: is everything here that the demo needs? A laptop's program carries neither headquarters nor the checks' tools."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem

_NEEDED = ("headquarters", "fastapi", "sqlalchemy", "alembic", "uvicorn", "pypinyin", "cwt", "pypdfium2", "zxingcpp")


def play_demo(out: Path, *, keep: bool = False) -> int:
    """Play the demo into ``out``; return the exit code. ``keep`` leaves headquarters' and the laptops' folders under ``out``.

    Raises:
        EnvironmentProblem: this is an installed laptop, or packages are missing.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise demo_not_here(missing)
    from app.demo.performance import play  # noqa: PLC0415 - loads headquarters' sample and the development packages

    return play(out, keep=keep)


def demo_not_here(missing: list[str]) -> EnvironmentProblem:
    """Return the error of a program that has no headquarters to play with."""
    named = "、".join(missing)
    return EnvironmentProblem(
        "demo_not_here",
        Bilingual(
            f"这个程序里没有演示用的总部（缺 {named}）。",
            f"This program brings no headquarters for the demo (missing: {', '.join(missing)}).",
        ),
        Bilingual(
            "请在源代码目录里运行 make demo。",
            "Run `make demo` in the source tree.",
        ),
    )
