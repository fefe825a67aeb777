"""Looks whether a window can be shown at all, before the toolkit is loaded: it would end the program without a word a person understands.

Promise: on Linux a missing display, a display server that does not answer or refuses, and missing system libraries are told in
words; where the platform is chosen by ``QT_QPA_PLATFORM`` and is no screen (``offscreen``), nothing is asked. Takes some
10 milliseconds; the libraries that it loads are the ones that the window needs anyway.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from claims.errors import Bilingual, EnvironmentProblem


def require_screen(environment: Mapping[str, str]) -> None:
    """Return if a window can be shown.

    Raises:
        EnvironmentProblem: ``no_display``, ``display_silent``, ``screen_libraries_missing``.
    """
    if sys.platform != "linux":
        return
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    x_display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    on_x = chosen in ("", "xcb") and bool(x_display)
    on_wayland = (not chosen or chosen.startswith("wayland")) and bool(wayland)
    if chosen and chosen != "xcb" and not chosen.startswith("wayland"):
        return
    if not on_x and not on_wayland:
        raise _no_display()
    from app.machine_check import LIBRARIES, SCREEN_LIBRARIES  # noqa: PLC0415 - only where there is a screen

    _require(LIBRARIES | SCREEN_LIBRARIES if on_x else LIBRARIES)
    from app.display_probe import wayland_answers, x_answers  # noqa: PLC0415 - only where there is a display to ask

    if not (on_wayland and wayland_answers(wayland, environment)) and not (on_x and x_answers(x_display)):
        raise _silent(x_display if on_x else wayland)


def require_toolkit() -> None:
    """Say which system library the toolkit itself lacks: what an ``ImportError`` was about.

    Raises:
        EnvironmentProblem: ``screen_libraries_missing`` with the command that installs it.
    """
    from app.machine_check import LIBRARIES  # noqa: PLC0415 - only when something is missing

    _require(LIBRARIES)


def _require(libraries: dict[str, str]) -> None:
    from app.machine_check import missing_packages  # noqa: PLC0415 - as above

    missing = missing_packages(libraries)
    if missing:
        command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
        raise EnvironmentProblem(
            "screen_libraries_missing",
            Bilingual(
                f"系统缺少打开窗口所需的组件：{'、'.join(missing)}。",
                f"The system lacks what a window needs: {', '.join(missing)}.",
            ),
            Bilingual(f"请以管理员身份运行：{command}", f"Run as root: {command}"),
        )


def _no_display() -> EnvironmentProblem:
    return EnvironmentProblem(
        "no_display",
        Bilingual("没有可以显示窗口的屏幕。", "There is no screen on which a window could be shown."),
        Bilingual(
            "请在这台电脑的桌面上打开；命令行仍可使用 cases、search、sync。",
            "Open it on this computer's desktop; the commands cases, search and sync work without one.",
        ),
    )


def _silent(display: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "display_silent",
        Bilingual(
            f"屏幕 {display} 没有应答，或不许这个用户使用。",
            f"The display {display} does not answer, or does not admit this user.",
        ),
        Bilingual(
            "请重新登录桌面后再打开；命令行仍可使用。",
            "Log in to the desktop again, then open it; the command line still works.",
        ),
    )
