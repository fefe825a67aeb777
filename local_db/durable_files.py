"""Writing a file so that a power cut leaves either the old one or the new one, never half of it.

Promise: when ``write_durably`` returns, content and name are on the disk (temp file, fsync, rename, fsync of the folder).
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

TEMP_SUFFIX = ".part"


def write_durably(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, durably.

    Raises:
        OSError: nothing was changed and no temporary file stays behind (unless the process is killed; see ``sweep``).
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}{TEMP_SUFFIX}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync_file(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Create a folder (and its parents) readable by its owner only, durably. It may exist."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make names in ``folder`` durable. Windows has no such call: NTFS journals names by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> int:
    """Remove temporary files that a killed process left anywhere below ``folder``; return how many."""
    swept = 0
    for leftover in folder.rglob(f".*{TEMP_SUFFIX}"):
        leftover.unlink()
        swept += 1
    return swept


def sync_file(descriptor: int) -> None:
    """Make a file's content durable."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        # On macOS fsync only reaches the drive's cache; F_FULLFSYNC reaches the medium.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        return
    os.fsync(descriptor)
