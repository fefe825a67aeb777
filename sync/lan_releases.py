"""Distributed files from a hub, and a folder of them that a hub hands out. The same paths as headquarters', the same bytes.

Promise: a hub moves files it need not understand; what a laptop takes from it is verified as if it came from headquarters. Files are named
by path (``tuf/timestamp.json``) and fetched by the hash the hub listed, so a file that changes meanwhile is never spliced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from sync.lan_carrier import LanCarrier
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.problems import LinkProblem
from sync.tuf_targets import TIMESTAMP
from sync.wire.faults import LinkFault
from sync.wire.hub_messages import ListedFile, Refusal

MAX_FILES = 20_000
_READ = 1024 * 1024
_FAULTS = {
    NeighbourFault.NO_ROUTE: LinkFault.NO_ROUTE,
    NeighbourFault.TIMEOUT: LinkFault.TIMEOUT,
    NeighbourFault.BUSY: LinkFault.BUSY,
    NeighbourFault.STRANGER: LinkFault.NOT_HEADQUARTERS,
    NeighbourFault.STOPPED: LinkFault.REFUSED,
    NeighbourFault.TWIN: LinkFault.REFUSED,
}


class LanFiles:
    """Files below ``/v1`` by way of a hub (``sync.tuf_sources.GettingCarrier``)."""

    def __init__(self, carrier: LanCarrier) -> None:
        """Use an open conversation; the caller closes it."""
        self._carrier = carrier

    def get(self, path: str) -> bytes | None:
        """Return a file, None where the hub has none. Raises ``LinkProblem``."""
        try:
            listed = self._listed(path)
            return None if listed is None else self._carrier.fetch(listed)
        except NeighbourProblem as problem:
            raise _as_link(problem) from problem

    def download(self, path: str, write: Callable[[bytes], object], have: int) -> None:
        """Write a file from an offset on. Raises ``LinkProblem``; what was written stays."""
        try:
            listed = self._listed(path)
            if listed is None:
                raise LinkProblem(LinkFault.BAD_REQUEST)
            self._carrier.download(listed, write, have)
        except NeighbourProblem as problem:
            raise _as_link(problem) from problem

    def _listed(self, path: str) -> ListedFile | None:
        name = path.lstrip("/")
        return next((each for each in self._carrier.files(name) if each.name == name), None)


class NewestFiles:
    """Hands out several such folders (``sync.lan_hub.HandedOut``): a file of one name from the one whose timestamp is the newest.

    What an asker began with one folder it can end: a file that only an older one has is still there.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        """Use folders, which may come later."""
        self._parts = [(folder, FolderFiles(folder)) for folder in folders]

    def listed(self, under: str) -> Sequence[ListedFile]:
        """Return what is there now."""
        found: dict[str, ListedFile] = {}
        for part in self._newest_first():
            for each in part.listed(under):
                found.setdefault(each.name, each)
        return list(found.values())

    def piece(self, sha256: str, offset: int, size: int) -> tuple[int, bytes] | None:
        """Return part of a listed file, None where it is gone or another now."""
        for part in self._newest_first():
            found = part.piece(sha256, offset, size)
            if found is not None:
                return found
        return None

    def _newest_first(self) -> list[FolderFiles]:
        return [part for _, part in sorted(self._parts, key=lambda each: -_timestamp_version(each[0]))]


def _timestamp_version(folder: Path) -> int:
    """Return what a folder says of its own age: a hint, whoever takes it verifies."""
    try:
        said = json.loads((folder / TIMESTAMP).read_bytes())
        return int(said["signed"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


class FolderFiles:
    """Hands out the files below a folder (``sync.lan_hub.HandedOut``), named by their path in it."""

    def __init__(self, folder: Path, prefix: str = "tuf/") -> None:
        """Use a folder, which may come later; ``prefix`` goes before every name."""
        self._folder, self._prefix = folder, prefix
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def listed(self, under: str) -> Sequence[ListedFile]:
        """Return what is there now. One asked for by its whole name costs one look at the disk."""
        exact = self._path_of(under)
        if exact is not None:
            return self._described((exact,))
        if not (under.startswith(self._prefix) or self._prefix.startswith(under)):
            return ()
        return [each for each in self._described(self._files()) if each.name.startswith(under)]

    def piece(self, sha256: str, offset: int, size: int) -> tuple[int, bytes] | None:
        """Return part of a listed file, None where it is gone or another now."""
        path = next((each for each, (_, known) in self._known.items() if known == sha256), None)
        if path is None or not self._described((path,)) or self._known[path][1] != sha256:
            return None
        try:
            with path.open("rb") as file:
                file.seek(offset)
                return path.stat().st_size, file.read(size)
        except OSError:
            return None

    def _path_of(self, name: str) -> Path | None:
        if not name.startswith(self._prefix) or "\0" in name:
            return None
        folder = self._folder.resolve()
        path = (folder / name.removeprefix(self._prefix)).resolve()
        return path if path.is_relative_to(folder) and path.is_file() else None

    def _files(self) -> Sequence[Path]:
        folder = self._folder.resolve()
        return [each for each in sorted(folder.rglob("*")) if each.is_file() and not each.is_symlink()][:MAX_FILES]

    def _described(self, paths: Sequence[Path]) -> list[ListedFile]:
        found: list[ListedFile] = []
        folder = self._folder.resolve()
        for path in paths:
            try:
                state = path.stat()
                stamp = (state.st_size, state.st_mtime_ns)
                known = self._known.get(path)
                if known is None or known[0] != stamp:
                    known = (stamp, _sha256(path))
                    self._known[path] = known
            except OSError:
                self._known.pop(path, None)
                continue
            name = self._prefix + path.relative_to(folder).as_posix()
            found.append(ListedFile(name=name, sha256=known[1], size_bytes=stamp[0]))
        return found


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while read := file.read(_READ):
            digest.update(read)
    return digest.hexdigest()


def _as_link(problem: NeighbourProblem) -> LinkProblem:
    if problem.refusal is Refusal.UNKNOWN:
        return LinkProblem(LinkFault.BAD_REQUEST)
    return LinkProblem(_FAULTS.get(problem.fault, LinkFault.CUT))
