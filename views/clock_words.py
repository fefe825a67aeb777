"""A case's clocks in words: how much is left, how soon that is, and where a case stands that has no clock running.

Promise: minutes, hours or days, never seconds; amber from the last three tenths on, red once it ran out, always with icon and
word. Source: mock-up sheet "Clocks"; tokens ``clock.soon_fraction``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.errors import Bilingual
from claims.events import Outcome
from claims.overviews import CaseRow
from claims.records import PaperState
from claims.time_limits import CaseClock, ClockState, TimeLimit, Unit
from views.controls.chips import Tone
from views.sentences import capital

_TO_PRINT = frozenset({PaperState.ASKED, PaperState.RENDERED})
_IN_HAND = frozenset({PaperState.HANDED_OVER, PaperState.REDEEMED})
_UNITS = {
    Unit.HOUR: Bilingual("小时", "h"),
    Unit.CALENDAR_DAY: Bilingual("日", "days"),
    Unit.WORKING_DAY: Bilingual("个工作日", "working days"),
}
_LIMIT_NAMES = {
    "contact": Bilingual("首次联系", "First contact"),
    "finish": Bilingual("材料齐全后", "Papers complete"),
    "guide_small_claim": Bilingual("小额指引", "Small-claim guidance"),
    "assess": Bilingual("核定", "Assess"),
    "pay": Bilingual("给付", "Pay"),
    "refusal_notice": Bilingual("拒付通知书", "Notice of refusal"),
    "certain_part": Bilingual("先付确定部分", "Certain part"),
}
"""Limits in as few words as a row has room for; one that is not here goes by its own name."""

_ONE = {Unit.CALENDAR_DAY: "day", Unit.WORKING_DAY: "working day"}


@dataclass(frozen=True)
class ClockWords:
    """What a chip says of a clock; ``short`` where there is too little room for it."""

    text: Bilingual
    tone: Tone
    icon: str
    short: Bilingual | None = None


_NO_CLOCK = ClockWords(Bilingual("无时限", "No clock"), Tone.PLAIN, "pause")


def length(seconds: float) -> Bilingual:
    """Return a length of time: ``18 分``, ``23 小时``, ``6 天``; less than a minute is ``不到 1 分``."""
    minutes = int(abs(seconds) // 60)
    if minutes < 1:
        return Bilingual("不到 1 分", "under 1 min")
    if minutes < 60:
        return Bilingual(f"{minutes} 分", f"{minutes} min")
    if minutes < 48 * 60:
        return Bilingual(f"{minutes // 60} 小时", f"{minutes // 60} h")
    return Bilingual(f"{minutes // 1440} 天", f"{minutes // 1440} days")


def left(clock: CaseClock, now: datetime) -> Bilingual:
    """Return what is left of a running clock, or by how much it is over: ``18 分``, ``超 6 分``."""
    if clock.due_at is None:
        return Bilingual("已暂停", "paused")
    seconds = (clock.due_at - now).total_seconds()
    long = length(seconds)
    return long if seconds >= 0 else Bilingual(f"超 {long.zh}", f"{long.en} over")


def tone(clock: CaseClock, now: datetime, soon_fraction: float) -> Tone:
    """Return plain, amber from the last ``soon_fraction`` of its time on, red once it ran out."""
    if clock.due_at is None or clock.state in (ClockState.MET, ClockState.MISSED):
        return Tone.PLAIN
    remaining = (clock.due_at - now).total_seconds()
    if remaining < 0:
        return Tone.RED
    whole = (clock.due_at - clock.started_at).total_seconds()
    return Tone.AMBER if remaining <= soon_fraction * whole else Tone.PLAIN


def clock_words(clock: CaseClock, now: datetime, soon_fraction: float) -> ClockWords:
    """Return the chip of a clock: ``剩 18 分``, ``超时 6 分``, ``已暂停``, ``已按时完成``."""
    if clock.state is ClockState.MET:
        return ClockWords(Bilingual("按时完成", "done in time"), Tone.GOOD, "pass")
    if clock.state is ClockState.MISSED:
        return ClockWords(Bilingual("超时完成", "done too late"), Tone.PLAIN, "warn")
    if clock.due_at is None:
        return ClockWords(Bilingual("已暂停", "paused"), Tone.PLAIN, "pause")
    how = tone(clock, now, soon_fraction)
    long = length((clock.due_at - now).total_seconds())
    if how is Tone.RED:
        return ClockWords(Bilingual(f"超时 {long.zh}", f"{long.en} over"), how, "warn")
    return ClockWords(Bilingual(f"剩 {long.zh}", f"{long.en} left"), how, "clock")


def row_words(row: CaseRow, now: datetime, soon_fraction: float) -> ClockWords:
    """Return the chip of a case in a list: its clock, or why none runs, or that its paper waits for the printer."""
    clock = row.clock
    running = None if clock is None or clock.due_at is None else clock_words(clock, now, soon_fraction)
    states = {paper.state for paper in row.papers}
    choices = (
        (row.sent_back, ClockWords(Bilingual("总部退回", "Sent back"), Tone.RED, "refused")),
        (running is not None and running.tone is not Tone.PLAIN, running),
        (bool(states & _TO_PRINT), ClockWords(Bilingual("待打印", "To print"), Tone.GOOD, "pass")),
        (PaperState.PRINTED in states, ClockWords(Bilingual("待交付", "To hand over"), Tone.GOOD, "pass")),
        (running is not None, running),
        (bool(row.missing), _waiting(row)),
        (bool(states & _IN_HAND), ClockWords(Bilingual("已交付", "Handed over"), Tone.GOOD, "pass")),
        (row.case.outcome is Outcome.REFERRED, ClockWords(Bilingual("转总部审核", "Referred"), Tone.PLAIN, "hq")),
    )
    return next((words for holds, words in choices if holds and words is not None), _NO_CLOCK)


def _waiting(row: CaseRow) -> ClockWords | None:
    if not row.missing:
        return None
    lacks, count = missing_words(row.missing), len(row.missing)
    short = Bilingual(f"缺 {count} 项", f"{count} missing")
    if row.clock is None:
        return ClockWords(capital(lacks), Tone.PLAIN, "pause", short)
    paused = Bilingual(f"已暂停·{lacks.zh}", f"Paused, {lacks.en}")
    return ClockWords(paused, Tone.PLAIN, "pause", Bilingual(f"已暂停·{short.zh}", f"Paused, {short.en}"))


def missing_words(missing: Sequence[Bilingual]) -> Bilingual:
    """Return what is missing in a few words: ``缺病历等 3 项``, ``no medical record +2``. Nothing missing is an empty text."""
    if not missing:
        return Bilingual("", "")
    first, more = up_to_bracket(missing[0]), len(missing) - 1
    return Bilingual(
        f"缺{first.zh}" + (f"等 {more + 1} 项" if more else ""), f"no {first.en}" + (f" +{more}" if more else "")
    )


def up_to_bracket(name: Bilingual) -> Bilingual:
    """Return a paper's name up to its first bracket or alternative."""
    return Bilingual(re.split("[（、或]", name.zh)[0], re.split(r" \(|, | or | with ", name.en)[0])


def limit_words(limit: TimeLimit) -> Bilingual:
    """Return a limit's name with its length: ``首次联系 ≤ 1 小时``, ``核定 ≤ 30 日（保险法第23条）``."""
    unit = _UNITS[limit.unit]
    unit_en = _ONE.get(limit.unit, unit.en) if limit.amount == 1 else unit.en
    name = _LIMIT_NAMES.get(limit.id, capital(limit.name))
    basis = (
        ("", "") if limit.pledge else (f"（{limit.basis.zh}）", f" ({limit.basis.en.removeprefix('Insurance Law ')})")
    )
    return Bilingual(
        f"{name.zh} ≤ {limit.amount} {unit.zh}{basis[0]}", f"{name.en} ≤ {limit.amount} {unit_en}{basis[1]}"
    )
