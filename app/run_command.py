"""``outpost run``: looks whether a window can be opened here, holds the data folder, and opens it.

Promise: whatever keeps the window from opening is told in words, with exit code 1, before the toolkit could end the program.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

from app.screen_check import require_screen, require_toolkit


def run(home: Path, *, practice: bool) -> int:
    """Open the window on this data folder; return the exit code. Raises ``EnvironmentProblem`` when it can't be opened."""
    require_screen(os.environ)
    # Nothing of what is loaded now will ever go: looking for garbage would only cost time. ``views.collector`` takes over.
    gc.disable()
    try:
        from app.one_window import held  # noqa: PLC0415 - loads the toolkit, only once a screen is there
        from app.window import run_window  # noqa: PLC0415 - as above
    except ImportError:
        require_toolkit()
        raise

    with held(home):
        return run_window(home, practice=practice)
