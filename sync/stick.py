"""Files on a stick: written under a name nobody takes for a file, made durable, renamed, and read back from the medium.

Promise: a file under its final name was complete and fsynced before it got it; ``read_back`` compares every byte by its hash, past the
machine's cache where the system lets go of it. Whatever a stick does (full, pulled, write-protected, lying) ends in a sentence, and on
this laptop nothing has changed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from claims.errors import Bilingual, EnvironmentProblem

TEMP_SUFFIX = ".part"
_PIECE = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PROTECTED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def write_file(target: Path, fill: Callable[[BinaryIO], None], probe: Callable[[str], None]) -> None:
    """Make a new file by ``fill`` and give it its name when it is durable.

    Args:
        target: its final place; there must be nothing.
        fill: writes the content; what it raises comes through, ``OSError`` as a sentence.
        probe: called as ``bundle.synced`` before the name and ``bundle.renamed`` after it.

    Raises:
        EnvironmentProblem: ``stick_full``, ``stick_read_only``, ``stick_gone``, ``stick_name_taken``; no half file stays unless it can't be removed.
    """
    temporary, named = target.with_name(f".{target.name}{TEMP_SUFFIX}"), False
    try:
        if target.exists():
            raise _name_taken(target)
        try:
            with open(temporary, "xb") as file:
                fill(file)
                file.flush()
                _sync(file.fileno())
            probe("bundle.synced")
            temporary.rename(target)
            named = True
            _sync_folder(target.parent)
        except BaseException:
            # Also under its final name: whether that name will still be there is not known when the folder could not be synced.
            for half in (temporary, *([target] if named else ())):
                with contextlib.suppress(OSError):
                    half.unlink()
            raise
    except OSError as error:
        raise stick_problem(error, target.parent) from error
    probe("bundle.renamed")


def read_back(path: Path, sha256: str, size_bytes: int, progress: Callable[[int], None] = lambda _: None) -> None:
    """Read a written file from the medium and compare it. One that differs is removed.

    Raises:
        EnvironmentProblem: ``stick_lies`` when it differs; ``stick_gone`` when it can't be read.
    """
    digest, length = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            _forget_cached(file.fileno())
            while piece := file.read(_PIECE):
                digest.update(piece)
                length += len(piece)
                progress(length)
    except OSError as error:
        raise stick_problem(error, path.parent) from error
    if (digest.hexdigest(), length) != (sha256, size_bytes):
        with contextlib.suppress(OSError):
            path.unlink()
        raise EnvironmentProblem(
            "stick_lies",
            Bilingual(
                f"U 盘 {path.parent} 读回的内容与写入的不一致（{length:,}／{size_bytes:,} 字节），这份封存包已作废并删除。",
                f"What the stick {path.parent} gave back is not what was written ({length:,} of {size_bytes:,} bytes); the bundle was thrown away.",
            ),
            Bilingual(
                "请换一个 U 盘再写。本机资料都在。",
                "Use another stick and write again. Everything is still on this laptop.",
            ),
        )


def sweep(folder: Path, prefix: str) -> None:
    """Remove what a killed program left half-written under names with this prefix, as far as the stick allows."""
    with contextlib.suppress(OSError):
        for leftover in folder.glob(f".{prefix}*{TEMP_SUFFIX}"):
            leftover.unlink()


def stick_problem(error: OSError, folder: Path) -> EnvironmentProblem:
    """Return an operating system's error on a stick as a sentence."""
    if error.errno in _FULL:
        return stick_full(folder)
    if error.errno in _PROTECTED:
        return EnvironmentProblem(
            "stick_read_only",
            Bilingual(
                f"不能写入 {folder}（{error.strerror}），可能有写保护。",
                f"{folder} can't be written ({error.strerror}); it may be write-protected.",
            ),
            Bilingual(
                "请拨开 U 盘的写保护开关，或换一个 U 盘。", "Move the switch on the stick, or use another stick."
            ),
        )
    return EnvironmentProblem(
        "stick_gone",
        Bilingual(
            f"U 盘 {folder} 在读写中断开（{error.strerror or error}）。",
            f"The stick {folder} went away on the way ({error.strerror or error}).",
        ),
        Bilingual(
            "请插好 U 盘再做一次；本机资料都在，没有写完的封存包不算数。",
            "Plug it in and do it again; everything is still on this laptop, and a bundle that was not finished does not count.",
        ),
        retryable=True,
    )


def stick_full(folder: Path, needed: int | None = None, free: int | None = None) -> EnvironmentProblem:
    """Return that the stick has no room, with the numbers where they are known."""
    zh, en = "", ""
    if needed is not None and free is not None:
        zh = f"，需要 {needed / 1e6:,.1f} MB，只剩 {free / 1e6:,.1f} MB"
        en = f": {needed / 1e6:,.1f} MB needed, {free / 1e6:,.1f} MB free"
    return EnvironmentProblem(
        "stick_full",
        Bilingual(f"U 盘 {folder} 空间不够{zh}。", f"There is no room on the stick {folder}{en}."),
        Bilingual(
            "请腾出空间，或只写资金记录（不带照片），或换一个 U 盘。",
            "Make room, or write money records only (without photos), or use another stick.",
        ),
        retryable=True,
    )


def label_of(folder: Path) -> str:
    """Return by which name a person knows the stick that a folder is on: its mount point's, or the drive's, or the folder's own."""
    place = folder.resolve()
    if place.drive:
        return place.drive
    mounted = place
    while not os.path.ismount(mounted) and mounted != mounted.parent:
        mounted = mounted.parent
    return mounted.name or place.name or str(place)


def _name_taken(target: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "stick_name_taken",
        Bilingual(
            f"U 盘上已有文件 {target.name}，没有覆盖它。", f"There is a file {target.name} already; it was left alone."
        ),
        Bilingual("请再写一次，程序会另取文件名。", "Write again; the program takes another name."),
        retryable=True,
    )


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - exists on POSIX only

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache there
        return
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_cached(descriptor: int) -> None:
    """Let the system forget the file's pages, so that reading reaches the medium. A hint: Windows and macOS have none."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
