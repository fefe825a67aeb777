"""What can go wrong with an extract, in sentences for the person in front of it."""

from __future__ import annotations

from claims.errors import Bilingual, EnvironmentProblem


def extract_damaged(detail: str) -> EnvironmentProblem:
    """The stream received is cut, damaged or contradicts itself; it was not taken."""
    return EnvironmentProblem(
        "extract_damaged",
        Bilingual(
            f"收到的保单资料不完整或已损坏（{detail}），没有采用。",
            f"The policy extract received is incomplete or damaged ({detail}) and was not taken.",
        ),
        Bilingual(
            "原有的保单资料仍可使用。请重新下载，或换一个优盘。",
            "The extract in use still works. Download it again or try another stick.",
        ),
        retryable=True,
    )


def extract_newer(schema: int) -> EnvironmentProblem:
    """The stream is of a schema this program does not know."""
    return EnvironmentProblem(
        "extract_newer",
        Bilingual(
            f"保单资料的格式（第 {schema} 版）比本程序新，没有采用。",
            f"The policy extract has a newer format ({schema}) than this program and was not taken.",
        ),
        Bilingual("原有的保单资料仍可使用。请更新程序。", "The extract in use still works. Update the program."),
    )


def extract_full() -> EnvironmentProblem:
    """The disk has no room for the new file beside the one in use."""
    return EnvironmentProblem(
        "store_full",
        Bilingual(
            "磁盘已满，放不下新的保单资料，没有采用。",
            "The disk is full: the new policy extract did not fit and was not taken.",
        ),
        Bilingual(
            "原有的保单资料仍可使用。请腾出一些磁盘空间，然后再同步一次。",
            "The extract in use still works. Free some disk space, then sync again.",
        ),
        retryable=True,
    )


def extract_without_key(key_id: str) -> EnvironmentProblem:
    """The extract is sealed, and headquarters has not given this laptop the key to it."""
    return EnvironmentProblem(
        "extract_without_key",
        Bilingual(
            f"收到的保单资料已加密，本机还没有钥匙（{key_id}），没有采用。",
            f"The policy extract received is sealed and this laptop has no key to it yet ({key_id}); it was not taken.",
        ),
        Bilingual(
            "原有的保单资料仍可使用。请联网同步一次；若用优盘，请总部在本机同步之后重做。",
            "The extract in use still works. Sync once by link; a stick must be made anew after this laptop has synced.",
        ),
        retryable=True,
    )


def extract_unreadable(detail: str) -> EnvironmentProblem:
    """The extract in use is missing, damaged or of another key."""
    return EnvironmentProblem(
        "extract_unreadable",
        Bilingual(
            f"本机的保单资料打不开（{detail}），暂时查不到人和保单。",
            f"The policy extract on this laptop can't be opened ({detail}); people and policies can't be looked up for now.",
        ),
        Bilingual(
            "仍可照常受理，手工填写出险人。请联网同步，或从优盘重新导入保单资料。",
            "Cases can still be taken in with the person entered by hand. Sync, or import the extract from a stick again.",
        ),
        retryable=True,
    )
