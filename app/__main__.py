"""The command line of the desk: ``outpost``, ``python -m app``. Thin: each command is one call of the desk or one tool."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from app.commands import COMMANDS
from app.version import VERSION
from claims.errors import OutpostError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; errors are told in words, in both languages, and exit with 1."""
    parser = argparse.ArgumentParser(prog="outpost", description="Offline claims desk for field adjusters.")
    parser.add_argument("--home", type=Path, default=None, help="data folder (default: OUTPOST_HOME, else your own)")
    parser.add_argument("--version", action="version", version=f"outpost {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    options = parser.parse_args(arguments)
    _print_whatever_comes()
    try:
        return int(options.run(options))
    except OutpostError as error:
        print(error.sentence("zh"), file=sys.stderr)
        print(error.sentence("en"), file=sys.stderr)
        return 1


def _print_whatever_comes() -> None:
    """Have a name that the console's code page lacks shown as its code point; it must not end a command half way."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
