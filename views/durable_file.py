"""A file that a person saves, on whatever disk or stick they chose: there whole, or not there at all, and in words why not.

Promise: after ``write_durably`` returned the file is on the disk, not only in its cache: a stick may be pulled out. Runs in a job.
"""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem


@dataclass(frozen=True)
class _Saying:
    code: str
    zh: str
    en: str
    next_zh: str
    next_en: str


_SAVE_SAYINGS = {
    "full": _Saying(
        "save_full",
        "磁盘或优盘空间不够",
        "the disk or stick is full",
        "请腾出空间或换一个优盘，再存一次。",
        "Free some space or take another stick, then save again.",
    ),
    "refused": _Saying(
        "save_refused",
        "这个位置不能写入（只读或没有权限）",
        "this place can't be written to (read-only or no permission)",
        "请拨开优盘的写保护，或换一个文件夹。",
        "Switch off the stick's write protection, or take another folder.",
    ),
    "gone": _Saying(
        "save_gone",
        "找不到这个文件夹，优盘可能已拔出",
        "the folder is not there; the stick may have been pulled out",
        "请插好优盘再存，或换一个文件夹。",
        "Plug the stick in and save again, or take another folder.",
    ),
    "failed": _Saying(
        "save_failed",
        "写文件时出错",
        "writing the file failed",
        "请换一个文件夹或优盘再存。",
        "Take another folder or stick and save again.",
    ),
}
_SAVE_KINDS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EROFS: "refused",
    errno.EACCES: "refused",
    errno.EPERM: "refused",
    errno.ENOENT: "gone",
    errno.ENOTDIR: "gone",
    errno.ENODEV: "gone",
    errno.ENXIO: "gone",
}


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that after the return it is there whole, or, after an error, not at all.

    Raises:
        EnvironmentProblem: ``save_full``, ``save_refused``, ``save_gone``, ``save_failed``.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            # Putting a file in a device's or a pipe's place would take it from everybody.
            raise OSError(errno.EPERM, "not a regular file")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise save_problem(error, path) from error


def _sync_folder(folder: Path) -> None:
    # Windows has no handle on a folder to sync, and some file systems of sticks refuse it; the file itself is on the disk.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def save_problem(error: OSError, path: Path) -> EnvironmentProblem:
    """Return what to say of a file that could not be written there."""
    said = _SAVE_SAYINGS[_SAVE_KINDS.get(error.errno or 0, "failed")]
    return EnvironmentProblem(
        said.code,
        Bilingual(
            f"没有存成 {path.name}：{said.zh}（{path.parent}）。",
            f"{path.name} was not saved: {said.en} ({path.parent}).",
        ),
        Bilingual(said.next_zh, said.next_en),
        retryable=True,
    )
