"""The port to a practice headquarters on this computer: for learning the window and pulling the plug, never for real claims.

Promise: every method may take seconds and belongs on a background lane; only ``state`` is quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from claims.errors import OutpostError


@dataclass(frozen=True)
class PracticeState:
    """How the practice headquarters stands.

    ``code``: the one-time code for enrolling this laptop, None once it is used or before ``prepare``.
    ``problem``: why there is no practice, or why it stopped by itself.
    """

    prepared: bool
    running: bool
    hq_url: str
    code: str | None
    problem: OutpostError | None
    papers: Path | None = None
    """Where the papers of the practice people lie, ready to be dropped on a case."""


class Practice(Protocol):
    """A practice headquarters in a process of its own, on loopback only."""

    def state(self) -> PracticeState:
        """Return how it stands."""

    def prepare(self) -> None:
        """Make it, with invented people, policies, rules and a one-time code; harmless when it is there. Raises ``OutpostError``."""

    def start(self) -> None:
        """Serve until ``stop`` or the end of this program; harmless when it runs. Raises ``OutpostError``."""

    def stop(self) -> None:
        """End the service and wait until it is gone: the plug is pulled. Harmless when it does not run."""
