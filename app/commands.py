# ruff: noqa: PLC0415 - each command loads what it needs and no more: the window must not wait for the others
"""The commands of ``outpost``: what each is called, what it takes, where it is carried out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import default_home


@dataclass(frozen=True)
class Command:
    """One command: its name, one line of help, its arguments and what it does."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    action: Callable[[argparse.Namespace], int]

    def add_to(self, commands: Any) -> None:
        """Register with argparse."""
        parser: argparse.ArgumentParser = commands.add_parser(
            self.name, help=self.summary, description=f"{self.summary}."
        )
        self.arguments(parser)
        parser.set_defaults(run=self.action)


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--practice", action="store_true", help="with a practice headquarters on this computer and invented people"
    )


def _run(options: argparse.Namespace) -> int:
    from app.run_command import run

    return run(options.home or default_home(practice=options.practice), practice=options.practice)


def _self_check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="where the sample paper, the picture and the report go")


def _self_check(options: argparse.Namespace) -> int:
    from app.self_check import self_check

    return self_check(options.out)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where vouchers, slips and the summary go")


def _demo(options: argparse.Namespace) -> int:
    from app.demo.play import play_demo

    return play_demo(options.out)


def _laptop_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["enrol", "play", "sync", "collect"])
    parser.add_argument("--case", help="play this case only, by its name in the story")
    parser.add_argument("--cut", default="", help="STEP:N, kill this process the N-th time STEP is passed")
    parser.add_argument("--out", type=Path, help="where collected papers go")
    parser.add_argument("--url", help="enrol: address of headquarters")
    parser.add_argument("--code", help="enrol: one-time enrolment code")
    parser.add_argument("--adjuster", help="enrol: adjuster number")


def _laptop(options: argparse.Namespace) -> int:
    from app.demo.laptop import run_laptop

    return run_laptop(options.home or default_home(), options)


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="address of headquarters, https://host[:port]")
    parser.add_argument("--code", required=True, help="one-time enrolment code")
    parser.add_argument("--adjuster", default="", help="adjuster number (not needed: headquarters says who it is)")


def _enrol(options: argparse.Namespace) -> int:
    from app.desk_commands import enrol

    return enrol(options)


def _sync_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--money-only", action="store_true", help="leave photographs and releases for later")


def _sync(options: argparse.Namespace) -> int:
    from app.desk_commands import sync

    return sync(options)


def _cases_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", default="", help="part of a case number, name or policy number")


def _cases(options: argparse.Namespace) -> int:
    from app.desk_commands import cases

    return cases(options)


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="name, pinyin, initials, four or more ID digits, phone or policy number")


def _search(options: argparse.Namespace) -> int:
    from app.desk_commands import search

    return search(options)


def _rebuild(options: argparse.Namespace) -> int:
    from app.desk_commands import rebuild

    return rebuild(options)


def _recover_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("payload", type=Path, help="the recovery file that headquarters made for this laptop")


def _recover(options: argparse.Namespace) -> int:
    from app.desk_commands import recover

    return recover(options)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the text of a voucher's QR code")


def _check(options: argparse.Namespace) -> int:
    from app.desk_commands import check

    return check(options)


COMMANDS = (
    Command("demo", "play the main job end to end on real parts and check every figure", _demo_arguments, _demo),
    Command("demo-laptop", "be one laptop of the demo, driven by another program", _laptop_arguments, _laptop),
    Command("run", "open the window", _run_arguments, _run),
    Command(
        "self-check", "check that everything this program is made of works here", _self_check_arguments, _self_check
    ),
    Command("enrol", "make this laptop a device of a headquarters", _enrol_arguments, _enrol),
    Command("sync", "exchange with headquarters once", _sync_arguments, _sync),
    Command("cases", "list cases, newest first", _cases_arguments, _cases),
    Command("search", "find persons in the policy extract", _search_arguments, _search),
    Command("rebuild", "make the projections again from log and inbox and compare", _no_arguments, _rebuild),
    Command("recover", "restore a lost key file with headquarters' help", _recover_arguments, _recover),
    Command("check", "check a voucher by the text of its QR code, offline", _check_arguments, _check),
)
