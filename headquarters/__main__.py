"""``python -m headquarters`` and the console script ``outpost-hq``."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from claims.errors import OutpostError
from headquarters.commands import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print a sentence and return 1 when it can't be done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the console's code page lacks is shown as its code point; it must not end a command half way.
            stream.reconfigure(errors="backslashreplace")
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except OutpostError as problem:
        print(problem.sentence("zh"), problem.sentence("en"), sep="\n", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
