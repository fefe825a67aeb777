"""Signs what is due while the service runs, so that laptops never find an old timestamp at a headquarters that lives.

Promise: once at the start, then once an hour; a busy database or a full disk costs that hour's look, not the thread. The clock is
headquarters' own (``Headquarters.now``); waiting is injected.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from claims.errors import OutpostError
from headquarters.installation import Headquarters
from headquarters.tuf_repository import upkeep

EVERY_S = 3600.0
_logger = logging.getLogger(__name__)


class Upkeep:
    """The thread: ``with Upkeep(hq): serve``."""

    def __init__(self, hq: Headquarters, pause: Callable[[float], bool] | None = None) -> None:
        """Prepare. ``pause`` waits some seconds and says whether it was woken to end; None: really wait."""
        self._hq = hq
        self._end = threading.Event()
        self._pause = pause or self._end.wait
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def __enter__(self) -> Upkeep:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            try:
                upkeep(self._hq)
            except (SQLAlchemyError, OSError, OutpostError) as problem:
                _logger.error("not signed this time: %s", problem)
            ended = self._pause(EVERY_S)
