"""单证日结单: the blocks, the papers of a day and what differs, as the day-end found them when they were counted.

Promise: figures are those of ``claims.day_end``; nothing is counted here. Source: notes/domain.md §7.
"""

from __future__ import annotations

from claims.day_end import DayEnd, DayKind
from claims.document_contents.content import PrintedRow, Written, said
from claims.errors import Bilingual
from claims.number_blocks import BlockStanding
from claims.numbering import format_number, kind_name
from claims.paper_definitions import PaperId

PAPER = PaperId.DAY_END_COUNT
DAY, COUNTED_AT = "day.date", "day.counted_at"
_AGREES = Bilingual("相符", "agrees")
_DIFFERS = Bilingual("不符", "differs")
_NOT_COUNTED = Bilingual("未清点", "not counted")


def written(day: DayEnd) -> Written:
    """Return the sheet of a day."""
    return Written(
        values=said(
            {
                DAY: day.day.isoformat(),
                COUNTED_AT: None if day.counted_at is None else day.counted_at.isoformat(),
                "day.verdict": day.verdict,
            }
        ),
        tables={
            "blocks": tuple(_block(each) for each in day.blocks),
            "papers": tuple(_papers(each) for each in day.kinds),
            "differences": tuple({"difference.text": each.text} for each in day.differences),
        },
    )


def _block(block: BlockStanding) -> PrintedRow:
    first, last = (format_number(block.prefix, serial) for serial in (block.first, block.last))
    return {
        "block.kind": kind_name(block.kind),
        "block.numbers": Bilingual(f"{first} 至 {last}", f"{first} to {last}"),
        "block.size": str(block.size),
        "block.used": str(block.used),
        "block.voided": str(block.voided),
        "block.blank": str(block.blank),
        "block.unused": str(block.unused),
    }


def _papers(kind: DayKind) -> PrintedRow:
    return {
        "count.kind": kind.name,
        "count.recorded": str(kind.recorded),
        "count.printed": str(kind.printed),
        "count.counted": _NOT_COUNTED if kind.counted is None else str(kind.counted),
        "count.agrees": _AGREES if kind.agrees else _DIFFERS,
    }
