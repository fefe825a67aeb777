"""What is to be done next about the papers of a case. Pure: functions of how they stand.

Promise: one thing at a time: record what was signed, print, hand over; a reading copy leads back to its paper before anything is printed.
Source: docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from claims.overviews import CaseStanding, StepState
from claims.records import PaperRecord, PaperState
from rules.bilingual import Bilingual
from views.case_words import paper_name
from views.screens.case.document_list import STATES, TO_PRINT
from views.screens.case.step_panel import NextAction
from views.screens.case.stepper import GO_TO
from views.workplace import PagePart

BACK = Bilingual("全部文书", "All documents")
LACKS = Bilingual("还差：{what}", "Still needed: {what}")
_PRINT = Bilingual("打印", "Print")
_RECORD = Bilingual("记下签字", "Record")
_HAND_OVER = Bilingual("确认已交付", "Handed over")
_FINISH = Bilingual("去完成", "Finish")
_TO_VOUCHER = Bilingual("回到凭证", "Back to Voucher")
_NOTE_PRINT = Bilingual("票面就是打印出来的样子", "It prints as it stands here")
_NOTE_UNSIGNED = Bilingual(
    "还有 {count} 处没签；也可以打印后在纸上签", "{count} not signed yet; may be signed on paper too"
)
_NOTE_HAND = Bilingual("交到客户手里再按", "Press when the claimant holds it")
_NOTE_DONE = Bilingual("这份文书已办完", "This paper is done")
_TO_PAGE = Bilingual("回到正式文书", "To the paper")
_NOTE_COPY = Bilingual("阅读件没有签字和效力", "A reading copy has no signatures and no effect")
_NOTE_VOID = Bilingual("这份文书已作废", "This paper is voided")
_NOTE_WAITING = Bilingual("{name} {state}", "{name}: {state}")
_AND = Bilingual("、", ", ")


@dataclass(frozen=True)
class SheetWays:
    """What can be done with the paper that is shown."""

    print: Callable[[], None]
    record: Callable[[], None]
    hand_over: Callable[[], None]
    to_page: Callable[[], None]
    back: Callable[[], None]


def next_on_list(
    standing: CaseStanding,
    issued: Sequence[PaperRecord],
    open_paper: Callable[[str], None],
    go: Callable[[PagePart], None],
) -> NextAction:
    """Return the oldest paper that somebody still waits for, else the way back to the steps. ``issued``: newest first."""
    waiting = [each for each in reversed(issued) if each.state in (*TO_PRINT, PaperState.PRINTED)]
    if not waiting:
        done = standing.step(standing.current).state is StepState.DONE
        return NextAction(_TO_VOUCHER if done else GO_TO[standing.current], lambda: go(standing.current))
    first = waiting[0]
    name, state = paper_name(first), STATES[first.state]
    note = Bilingual(
        _NOTE_WAITING.zh.format(name=name.zh, state=state.zh), _NOTE_WAITING.en.format(name=name.en, state=state.en)
    )
    return NextAction(_FINISH, lambda: open_paper(first.number), note=note)


def next_on_sheet(
    state: PaperState, *, reading: bool, lacks: Sequence[Bilingual] | None, unsigned: int, ways: SheetWays
) -> NextAction:
    """Return the next thing about one paper.

    Args:
        reading: its reading copy is shown.
        lacks: what a signature that was begun still needs; None: none was begun.
        unsigned: how many lines nobody has signed.
    """
    if reading:
        return NextAction(_TO_PAGE, ways.to_page, note=_NOTE_COPY)
    if lacks is not None:
        return NextAction(_RECORD, ways.record, note=listed(LACKS, lacks) if lacks else None)
    if state in TO_PRINT:
        some = Bilingual(_NOTE_UNSIGNED.zh.format(count=unsigned), _NOTE_UNSIGNED.en.format(count=unsigned))
        return NextAction(_PRINT, ways.print, note=some if unsigned else _NOTE_PRINT, key="P")
    if state is PaperState.PRINTED:
        return NextAction(_HAND_OVER, ways.hand_over, note=_NOTE_HAND, key="H")
    return NextAction(BACK, ways.back, note=_NOTE_VOID if state is PaperState.VOIDED else _NOTE_DONE)


def listed(words: Bilingual, what: Sequence[Bilingual]) -> Bilingual:
    """Return words that name things."""
    return Bilingual(
        words.zh.format(what=_AND.zh.join(each.zh for each in what)),
        words.en.format(what=_AND.en.join(each.en for each in what)),
    )
