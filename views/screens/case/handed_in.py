"""A paper as the papers step knows it: a document that was taken in, or a file that is on its way, asked about or refused.

Promise: nothing here is a widget; the verdict is always an icon and a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from claims.errors import Bilingual, OutpostError
from claims.materials import Material
from claims.records import DocumentRecord
from views.controls.chips import Tone


class PaperState(StrEnum):
    """What became of a file."""

    READING = "reading"
    ASKING = "asking"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True)
class Paper:
    """One paper on the strip. ``key`` is the document's id, or the place of a file handed in while the program runs.

    ``note`` is something the adjuster should know though the file was taken in.
    """

    key: str
    material: Material
    filename: str
    state: PaperState
    document: DocumentRecord | None = None
    path: Path | None = None
    error: OutpostError | None = None
    note: Bilingual | None = None


def short_file(name: str, most: int = 20) -> str:
    """Return a file's name for a heading: a long one is cut in its middle, its ending stays."""
    return name if len(name) <= most else f"{name[: most - 11]}…{name[-10:]}"


@dataclass(frozen=True)
class Verdict:
    """What became of a paper, in a word or two."""

    words: Bilingual
    tone: Tone
    icon: str


_READING = Verdict(Bilingual("读取中", "reading"), Tone.PLAIN, "clock")
_ASKING = Verdict(Bilingual("是哪一种？", "which one?"), Tone.PLAIN, "info")
_TAKEN = Verdict(Bilingual("已收", "taken"), Tone.GOOD, "pass")
_LOOK = Verdict(Bilingual("请看", "note"), Tone.PLAIN, "info")
_WHY = {
    "document_twice": Bilingual("重复", "duplicate"),
    "file_empty": Bilingual("空的", "empty"),
    "file_truncated": Bilingual("残缺", "cut off"),
    "file_damaged": Bilingual("损坏", "damaged"),
    "file_mislabelled": Bilingual("不符", "misnamed"),
    "file_kind_not_accepted": Bilingual("格式", "wrong kind"),
    "xml_not_an_ebill": Bilingual("格式", "no e-bill"),
    "file_too_large": Bilingual("过大", "too large"),
    "file_huge": Bilingual("过大", "too large"),
    "picture_too_large": Bilingual("过大", "too large"),
    "file_unreadable": Bilingual("读错", "unreadable"),
    "file_is_folder": Bilingual("目录", "a folder"),
    "not_a_file": Bilingual("无效", "no file"),
}
_REFUSED = Bilingual("出错", "error")


def verdict(paper: Paper) -> Verdict:
    """Return what became of a paper; of a refused one also why."""
    if paper.state is PaperState.READING:
        return _READING
    if paper.state is PaperState.ASKING:
        return _ASKING
    if paper.state is PaperState.TAKEN:
        return _TAKEN if paper.note is None else _LOOK
    why = _REFUSED if paper.error is None else _WHY.get(paper.error.code, _REFUSED)
    return Verdict(Bilingual(f"未收：{why.zh}", why.en), Tone.RED, "refused")
