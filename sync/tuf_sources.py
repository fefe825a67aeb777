"""Where distributed files come from: headquarters or a hub by a carrier, or a folder on a stick. The same paths, the same bytes.

Promise: a source moves bytes and judges none of them; what it can't bring raises ``LinkProblem``, what is not there is None.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sync.problems import LinkProblem
from sync.tuf_targets import STICK_FOLDER
from sync.wire.faults import LinkFault

_PIECE = 1024 * 1024


class TufSource(Protocol):
    """A way to a repository (``sync.tuf_targets`` says what lies where)."""

    def read(self, path: str, cap_bytes: int) -> bytes | None:
        """Return a small file, None where there is none. Raises ``LinkProblem``, also when it is longer than ``cap_bytes``."""

    def stream(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """Write a large file from offset ``have`` on; what was written before a ``LinkProblem`` stays."""


class GettingCarrier(Protocol):
    """What is needed of a carrier (``sync.carrier_http.HttpCarrier`` and a hub's fit)."""

    def get(self, path: str) -> bytes | None:
        """Return a body below ``/v1``, None for 404. Raises ``LinkProblem``."""

    def download(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """Write a body from an offset on. Raises ``LinkProblem``."""


class CarrierSource:
    """A repository behind a carrier."""

    def __init__(self, carrier: GettingCarrier) -> None:
        """Use an enrolled device's carrier."""
        self._carrier = carrier

    def read(self, path: str, cap_bytes: int) -> bytes | None:
        """See ``TufSource.read``."""
        content = self._carrier.get(f"/tuf/{path}")
        if content is not None and len(content) > cap_bytes:
            raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
        return content

    def stream(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """See ``TufSource.stream``."""
        self._carrier.download(f"/tuf/{path}", write, have)


class FolderSource:
    """A repository in a folder, as ``outpost-hq write-stick`` makes it."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, or the one that ``write-stick`` made in it."""
        inner = folder / STICK_FOLDER
        self._folder = inner if inner.is_dir() else folder

    def read(self, path: str, cap_bytes: int) -> bytes | None:
        """See ``TufSource.read``."""
        try:
            with (self._folder / path).open("rb") as file:
                content = file.read(cap_bytes + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as problem:
            # A stick that was pulled out, or can't be read there any more.
            raise LinkProblem(LinkFault.CUT) from problem
        if len(content) > cap_bytes:
            raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
        return content

    def stream(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """See ``TufSource.stream``."""
        try:
            with (self._folder / path).open("rb") as file:
                file.seek(have)
                while piece := file.read(_PIECE):
                    write(piece)
        except OSError as problem:
            raise LinkProblem(LinkFault.CUT) from problem
