"""Lets money overtake in the middle of a photo: chunks go out in small pieces and stand back while something urgent is on the line.

Promise: a chunk never waits longer than ``STAND_BACK_S`` at a stretch, so a question that hangs can't hold the photos for ever; the
bytes of a chunk are the same with and without a pause. The operating system is asked to keep little unsent, because what it has taken
can't be held back any more (Linux and macOS; on Windows its own send buffer remains).
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from urllib3.connection import HTTPConnection

STAND_BACK_S = 8.0
_UNSENT_BYTES = 24 * 1024
_NOT_SENT_LOW_WATER = {"linux": 25, "darwin": 0x201}
"""``TCP_NOTSENT_LOWAT``: Python has no name for it before 3.13."""


class Gate:
    """Open unless something urgent is under way."""

    def __init__(self) -> None:
        """Open."""
        self._changed = threading.Condition()
        self._urgent = 0

    @contextmanager
    def urgent(self, wanted: bool = True) -> Iterator[None]:
        """Keep the gate closed meanwhile (if ``wanted``)."""
        if not wanted:
            yield
            return
        with self._changed:
            self._urgent += 1
        try:
            yield
        finally:
            with self._changed:
                self._urgent -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Return once nothing urgent is under way, or after ``STAND_BACK_S``."""
        with self._changed:
            self._changed.wait_for(lambda: not self._urgent, timeout=STAND_BACK_S)


class PacedBody:
    """A request's body that is read piece by piece, each counted when it leaves and held while the gate is closed."""

    def __init__(self, content: bytes, gate: Gate, count: Callable[[int], None]) -> None:
        """Start at the beginning."""
        self._content, self._gate, self._count = content, gate, count
        self._at = 0

    def __len__(self) -> int:
        """Return what is left: the length header is made of it."""
        return len(self._content) - self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next piece."""
        if self._at:
            self._gate.wait()
        end = len(self._content) if size < 0 else self._at + size
        piece = self._content[self._at : end]
        self._at += len(piece)
        self._count(len(piece))
        return piece


def prompt_options() -> list[tuple[int, int, int]]:
    """Return socket options for a connection that keeps little unsent and sends at once."""
    options: list[tuple[int, int, int]] = [*HTTPConnection.default_socket_options]
    number = _NOT_SENT_LOW_WATER.get(sys.platform)
    if number is not None:
        options.append((socket.IPPROTO_TCP, number, _UNSENT_BYTES))
    return options
