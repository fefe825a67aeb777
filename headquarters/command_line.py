"""What every ``outpost-hq`` command needs: its place in the parser, an open headquarters, amounts and days as people type them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from claims.amounts import parse_amount
from claims.errors import InputError
from headquarters.installation import Headquarters
from headquarters.system_clock import system_now

Command = Callable[[argparse.Namespace], int]
Commands = argparse._SubParsersAction
"""What ``add_subparsers`` returns; argparse has no other name for it."""


def add_command(
    commands: Commands[argparse.ArgumentParser], name: str, command: Command, meaning: str
) -> argparse.ArgumentParser:
    """Add a command whose first argument is the folder of a headquarters; return its parser."""
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("dir", type=Path, metavar="DIR", help="folder of this headquarters")
    parser.set_defaults(command=command)
    return parser


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Headquarters]:
    """Open the headquarters that a command names."""
    hq = Headquarters.open(options.dir, system_now)
    try:
        yield hq
    finally:
        hq.close()


def day(text: str) -> date:
    """Read a day. Raises ``ArgumentTypeError``."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-22") from problem


def fen(text: str) -> int:
    """Read an amount in yuan as fen. Raises ``ArgumentTypeError``."""
    try:
        return parse_amount(text)
    except InputError as problem:
        raise argparse.ArgumentTypeError(problem.sentence("en")) from problem
