"""What the frozen program starts: the command line of the desk, ``outpost``. On Windows and macOS the window's own program starts it, too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_WINDOW_PROGRAM = "OutpostDesk"


def give_back_library_path() -> None:
    """Give children the library path that the user had: the bundle's own libraries are for this process alone."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before


if __name__ == "__main__":
    give_back_library_path()
    from app.__main__ import main

    # Started by a double click there are no arguments, and on Windows there is no console to read help on.
    wants_window = Path(sys.executable).stem == _WINDOW_PROGRAM and len(sys.argv) == 1
    sys.exit(main(["run"]) if wants_window else main())
