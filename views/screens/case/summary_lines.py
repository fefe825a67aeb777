"""The lines of the summary: what is said of a person, a paper, a missing material, a clock and by headquarters. Pure: no widget.

Promise: numbers are masked as in lists; a clock that every case will have stands there before it runs.

Source: mock-ups 03 and 04.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from claims.completeness import MissingMaterial
from claims.errors import Bilingual, InputError
from claims.events import PersonFact
from claims.identity import age_on, mask_id, read_any_id
from claims.materials import MATERIAL_NAMES
from claims.overviews import CaseStanding
from claims.records import PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.time_limits import CaseClock, ClockState
from views.case_words import paper_name, short_number, type_name
from views.clock_words import clock_words, length, limit_words, up_to_bracket
from views.controls.chips import TONE_COLOURS, Tone
from views.screens.case.hq_words import HqWord
from views.screens.case.summary_block import SummaryLine, Words
from views.sentences import capital

_SEXES = {"male": Bilingual("男", "Male"), "female": Bilingual("女", "Female")}
_CLOCK_NAMES = {
    "contact": Bilingual("首次联系", "First contact"),
    "finish": Bilingual("办结 ≤ 1 天", "Finish ≤ 1 day"),
    "guide_small_claim": Bilingual("小额指引 1 日", "Guidance 1 day"),
    "assess": Bilingual("核定 30 日", "Assess 30 days"),
    "pay": Bilingual("给付 10 日", "Pay 10 days"),
    "certain_part": Bilingual("先付确定部分", "Certain part"),
}
_PAPER_STATES = {
    PaperState.ASKED: Bilingual("待打印", "to print"),
    PaperState.RENDERED: Bilingual("待打印", "to print"),
    PaperState.PRINTED: Bilingual("已打印", "printed"),
    PaperState.HANDED_OVER: Bilingual("已交付", "handed over"),
    PaperState.VOIDED: Bilingual("已作废", "voided"),
    PaperState.REDEEMED: Bilingual("已兑付", "paid"),
}
_WAITING = {
    limit: SummaryLine(
        text=_CLOCK_NAMES[limit], right=Bilingual("未起算", "not started"), icon="pause", colour="text2", row=True
    )
    for limit in ("finish", "assess")
}
"""Clocks that every case will have: they stand there before they run."""
NOT_RUNNING = SummaryLine(text=Bilingual("未起算", "Not started"), icon="clock", colour="text2", row=True)


def chips_of(claim_type: str | None, event: Catastrophe | None) -> tuple[tuple[Words, str | None], ...]:
    """Return the chips of a claim: its kind, and the catastrophe it is linked to."""
    chips: list[tuple[Words, str | None]] = []
    if claim_type:
        chips.append((type_name(claim_type), None))
    if event is not None:
        chips.append((event.name, "event"))
    return tuple(chips)


def sex_and_age(person: PersonFact, today: date) -> Bilingual:
    """Return what stands behind the name, as far as it is known."""
    sex = _SEXES.get(person.sex or "", Bilingual("", ""))
    birth = person.birth_date
    age = None if birth is None or birth > today else age_on(birth, today)
    old = Bilingual("" if age is None else f"{age} 岁", "" if age is None else f"{age}")
    return Bilingual(
        "·".join(each for each in (sex.zh, old.zh) if each), ", ".join(each for each in (sex.en, old.en) if each)
    )


def clock_lines(standing: CaseStanding, soon_fraction: float) -> tuple[SummaryLine, ...]:
    """Return a line for each clock that matters, and for those that every case will have."""
    started = {each.limit.id for each in standing.clocks}
    return (
        *(_clock_line(each, standing.at.at, soon_fraction) for each in _telling(standing.clocks)),
        *(line for limit, line in _WAITING.items() if limit not in started),
    )


def id_words(number: str | None, *, short: bool = False) -> Bilingual:
    """Return a masked id number: region, birthday and last four, as in lists; ``short`` leaves the region out."""
    if not number:
        return Bilingual("证件未登记", "No id number")
    try:
        known = read_any_id(number, date(9999, 12, 31))
    except InputError:
        known = None
    if known is None or known.birth_date is None or len(known.number) != 18:
        return Bilingual(f"证件 {mask_id(number)}", f"ID {mask_id(number)}")
    plain = known.number
    birth, tail = plain[6:14], plain[-4:]
    if short:
        return Bilingual(f"{birth} 尾号 {tail}", f"{birth} ending {tail}")
    return Bilingual(f"证件 {plain[:6]} {birth} 尾号 {tail}", f"ID {plain[:6]} {birth} ending {tail}")


def missing_line(missing: MissingMaterial) -> SummaryLine:
    """Return the line of a paper: its short name, all that would do in full."""
    usual = missing.alternatives[0]
    short = [up_to_bracket(MATERIAL_NAMES[each]) for each in usual]
    return SummaryLine(
        text=capital(Bilingual("和".join(each.zh for each in short), " and ".join(each.en for each in short))),
        whole=missing.sentence,
        icon="paper",
        bold=True,
        row=True,
    )


def paper_line(paper: PaperRecord) -> SummaryLine:
    """Return the line of a numbered paper."""
    kind = paper_name(paper)
    return SummaryLine(
        text=Bilingual(f"{kind.zh} {short_number(paper.number)}", f"{kind.en} {short_number(paper.number)}"),
        right=_PAPER_STATES[paper.state],
        icon="void" if paper.state is PaperState.VOIDED else "paper",
        colour="text2" if paper.state is PaperState.VOIDED else "text",
        row=True,
        right_bold=False,
    )


def hq_line(word: HqWord) -> SummaryLine:
    """Return the line of what headquarters said."""
    return SummaryLine(
        text=word.short, whole=word.whole, right=word.right, icon=word.icon, colour=word.colour, row=True
    )


def _telling(clocks: Sequence[CaseClock]) -> list[CaseClock]:
    """Return the clocks in the order in which they matter; two that were met the same way are one too many."""
    return [each for each in clocks if each.limit.id in _CLOCK_NAMES and not _is_small_claim(each, clocks)]


def _is_small_claim(clock: CaseClock, clocks: Sequence[CaseClock]) -> bool:
    """Say whether it is the guideline's clock, which the stricter pledge of one hour always covers."""
    return clock.limit.id == "guide_small_claim" and any(
        each.limit.id == "contact" and each.state in (ClockState.MET, ClockState.RUNNING) for each in clocks
    )


def _clock_line(clock: CaseClock, now: datetime, soon_fraction: float) -> SummaryLine:
    said = clock_words(clock, now, soon_fraction)
    text = said.text
    if clock.state is ClockState.MET and clock.stopped_at is not None:
        took = length((clock.stopped_at - clock.started_at).total_seconds())
        text = Bilingual(f"{took.zh}完成", f"in {took.en}")
    colour = TONE_COLOURS[said.tone][2]
    far = said.tone is Tone.PLAIN
    return SummaryLine(
        text=_CLOCK_NAMES.get(clock.limit.id, limit_words(clock.limit)),
        right=text,
        icon=said.icon,
        colour="text" if far and clock.runs else colour,
        row=True,
    )
