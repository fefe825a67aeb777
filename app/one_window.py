"""One window a data folder: a second one says so at once, not after the PIN.

The store itself admits one process only; this looks before anybody has typed anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QLockFile

from claims.errors import Bilingual, EnvironmentProblem
from local_db import problems
from local_db.durable_files import make_folder

FILE_NAME = "window.lock"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the data folder. Raises ``EnvironmentProblem``: ``home_in_use``, or the folder can't be written.

    What a killed program left behind is recognised by its process number and does not count.
    """
    try:
        make_folder(home)
    except OSError as error:
        raise problems.from_os(error, home) from error
    lock = QLockFile(str(home / FILE_NAME))
    lock.setStaleLockTime(0)  # never by age: a window may be open for weeks
    if not lock.tryLock(0):
        # Any other failure (a full disk) must not keep the adjuster out; the store still admits one process only.
        if lock.error() == QLockFile.LockError.LockFailedError:
            raise _in_use(home)
        if lock.error() == QLockFile.LockError.PermissionError:
            raise _unwritable(home)
    try:
        yield
    finally:
        lock.unlock()


def _in_use(home: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "home_in_use",
        Bilingual(f"程序已经打开（资料目录 {home}）。", f"The program is open already (its data folder is {home})."),
        Bilingual("请回到已打开的窗口。", "Go back to the window that is open."),
        retryable=True,
    )


def _unwritable(home: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "home_unwritable",
        Bilingual(f"资料目录 {home} 不可写。", f"The data folder {home} can't be written."),
        Bilingual("请检查磁盘和目录权限，再打开。", "Check the disk and the folder's permissions, then open it again."),
        retryable=True,
    )
