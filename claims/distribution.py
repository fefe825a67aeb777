"""Taking in what headquarters distributes from a folder, such as a stick: the port and what it reports.

Promise: the same verification as by link; what can't be proved is not taken, and what is installed stays in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from claims.errors import OutpostError


@dataclass(frozen=True)
class ReleasesTaken:
    """What is installed now, the newest version by name (``pack``, ``extract/region-990100``), and what could not be taken."""

    installed: Mapping[str, int]
    problems: tuple[OutpostError, ...]


class ReleaseFolder(Protocol):
    """Takes releases in from a folder."""

    def take(self, folder: Path) -> ReleasesTaken:
        """Verify and take in.

        Raises:
            InputError: ``stick_empty``, when headquarters put nothing there.
            EnvironmentProblem: the stick can't be read, is out of date, older than what is installed, or not headquarters'.
        """
