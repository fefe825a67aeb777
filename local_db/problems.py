"""What can go wrong with the store, in sentences for the person in front of it.

Promise: engine errors and ``OSError`` are translated here and nowhere else; each sentence says what happened and what to do.
"""

from __future__ import annotations

import errno
from pathlib import Path

from claims.errors import Bilingual, BugError, EnvironmentProblem, InputError, OutpostError

# Primary result codes of SQLite (https://sqlite.org/rescode.html); the low byte of an extended code.
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _CONSTRAINT, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 19, 26

_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_TELL_US = Bilingual(
    "资料没有丢失。请把诊断文件交给技术支持。", "Nothing was lost. Please hand the diagnostics file to support."
)


def store_full() -> EnvironmentProblem:
    """The disk (or the page limit) is full; the unit of work was rolled back as a whole."""
    return EnvironmentProblem(
        "store_full",
        Bilingual(
            "磁盘已满，刚才这一步没有保存，之前的资料都在。",
            "The disk is full. This last step was not saved; everything before it is safe.",
        ),
        Bilingual("请腾出一些磁盘空间，然后再做一次这一步。", "Free some disk space, then do this step again."),
        retryable=True,
    )


def store_in_use(path: Path) -> EnvironmentProblem:
    """Another process holds the store."""
    return EnvironmentProblem(
        "store_in_use",
        Bilingual(
            f"理赔资料库（{path.name}）已被另一个窗口打开。",
            f"The claims store ({path.name}) is already open in another window.",
        ),
        Bilingual(
            "请回到那个窗口，或先关掉它再打开。", "Go back to that window, or close it first and then open this one."
        ),
        retryable=True,
    )


def store_missing(path: Path) -> EnvironmentProblem:
    """There is no store file."""
    return EnvironmentProblem(
        "store_missing",
        Bilingual(f"没有找到理赔资料库 {path}。", f"The claims store {path} was not found."),
        Bilingual(
            "请核对资料目录；若是新电脑，请先向总部登记。",
            "Check the data folder; on a new laptop, enrol with headquarters first.",
        ),
    )


def store_exists(path: Path) -> EnvironmentProblem:
    """A store is there already; making a new one would put it out of reach."""
    return EnvironmentProblem(
        "store_exists",
        Bilingual(f"这里已有理赔资料库 {path}。", f"There is a claims store already: {path}."),
        Bilingual("请直接打开它，或换一个资料目录。", "Open that one, or choose another data folder."),
    )


def store_damaged(path: Path, detail: str) -> EnvironmentProblem:
    """The file can't be read or fails its checks. It is left exactly as it was found."""
    return EnvironmentProblem(
        "store_damaged",
        Bilingual(
            f"理赔资料库 {path.name} 已损坏（{detail}），没有对它做任何改动。",
            f"The claims store {path.name} is damaged ({detail}). It was left exactly as it is.",
        ),
        Bilingual(
            "请先把整个资料目录复制到 U 盘，不要删除，然后联系总部恢复；已同步的记录总部都有。",
            "Copy the whole data folder to a stick, delete nothing, then ask headquarters to restore it; they hold every synced record.",
        ),
    )


def store_newer(path: Path, found: int, known: int) -> EnvironmentProblem:
    """The store was written by a newer version of the program."""
    return EnvironmentProblem(
        "store_newer",
        Bilingual(
            f"理赔资料库 {path.name} 是新版本程序写的（版本 {found}，本程序只认到 {known}）。",
            f"The claims store {path.name} was written by a newer program (version {found}; this one knows {known}).",
        ),
        Bilingual(
            "请安装新版本程序再打开，资料不受影响。", "Install the newer program and open it again; the data are safe."
        ),
    )


def engine_too_old(found: str, needed: str) -> EnvironmentProblem:
    """The database library has a known defect that loses data."""
    return EnvironmentProblem(
        "engine_too_old",
        Bilingual(
            f"数据库组件版本过旧（SQLite {found}，至少需要 {needed}），旧版本可能丢失资料。",
            f"The database library is too old (SQLite {found}, {needed} needed); old ones can lose data.",
        ),
        Bilingual("请重新安装本程序。", "Install the program again."),
    )


def engine_not_encrypting() -> EnvironmentProblem:
    """The database library would write plain text."""
    return EnvironmentProblem(
        "engine_not_encrypting",
        Bilingual("数据库组件不能加密，已拒绝打开。", "The database library can't encrypt, so nothing was opened."),
        Bilingual("请重新安装本程序。", "Install the program again."),
    )


def from_engine(error: Exception, path: Path) -> OutpostError:
    """Translate an error of the database engine."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL:
        return store_full()
    if code in (_CORRUPT, _NOTADB):
        return store_damaged(path, str(error))
    if code in (_BUSY, _LOCKED):
        return store_in_use(path)
    if code in (_IOERR, _CANTOPEN, _READONLY):
        return EnvironmentProblem(
            "store_unreachable",
            Bilingual(
                f"读写理赔资料库 {path.name} 时出错（{error}），刚才这一步没有保存。",
                f"Reading or writing the claims store {path.name} failed ({error}). This last step was not saved.",
            ),
            Bilingual(
                "请检查磁盘是否拔出、只读或没有权限，然后重新打开程序。",
                "Check that the disk is plugged in, writable and allowed for you, then open the program again.",
            ),
            retryable=True,
        )
    if code == _CONSTRAINT:
        return contradiction(str(error))
    return BugError(
        "store_engine",
        Bilingual(f"数据库报告了意外的错误：{error}。", f"The database reported an unexpected error: {error}."),
        _TELL_US,
    )


def from_os(error: OSError, path: Path) -> EnvironmentProblem:
    """Translate a failed file operation."""
    if error.errno in _FULL_DISK:
        return EnvironmentProblem(
            "disk_full",
            Bilingual(
                f"磁盘已满，文件没有保存（{path.name}）。", f"The disk is full; the file was not saved ({path.name})."
            ),
            Bilingual("请腾出一些磁盘空间，然后再试一次。", "Free some disk space, then try again."),
            retryable=True,
        )
    return EnvironmentProblem(
        "file_unreachable",
        Bilingual(
            f"读写文件 {path} 失败：{error.strerror or error}。",
            f"Reading or writing {path} failed: {error.strerror or error}.",
        ),
        Bilingual(
            "请检查磁盘和目录权限，然后再试一次。", "Check the disk and the folder's permissions, then try again."
        ),
        retryable=True,
    )


def contradiction(detail: str) -> BugError:
    """An event does not fit the log before it: a number used twice, a paper or a case that was never opened."""
    return BugError(
        "log_contradiction",
        Bilingual(
            f"这一步与已有记录矛盾，没有保存（{detail}）。",
            f"This step contradicts the records and was not saved ({detail}).",
        ),
        _TELL_US,
    )


def unit_of_work_over() -> BugError:
    """A unit of work was used after it had ended."""
    return BugError(
        "unit_of_work_over",
        Bilingual("程序在保存结束后仍想写入。", "The program tried to write after the step was over."),
        _TELL_US,
    )


def unit_of_work_nested() -> BugError:
    """A unit of work was opened inside another one."""
    return BugError(
        "unit_of_work_nested",
        Bilingual("程序在一步之内又开始了另一步。", "The program began a step inside another step."),
        _TELL_US,
    )


def case_withdrawn(case_no: str, reason: Bilingual) -> InputError:
    """Headquarters closed the case for good: nothing new is recorded in it."""
    return InputError(
        "case_withdrawn",
        Bilingual(
            f"案件 {case_no} 已由总部销案，不能再记录。{reason.zh}",
            f"Headquarters withdrew case {case_no}; nothing more is recorded in it. {reason.en}",
        ),
        Bilingual("如有新情况，请另立新案或联系总部。", "If there is news open another case or call headquarters."),
    )


def unknown_number(kind: Bilingual, number: str) -> InputError:
    """Nothing in the store has this number."""
    return InputError(
        "number_unknown",
        Bilingual(f"本机没有编号为“{number}”的{kind.zh}。", f'There is no {kind.en} "{number}" on this laptop.'),
        Bilingual("请核对编号。", "Check the number."),
    )
