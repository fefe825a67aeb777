"""A decision told to the person it is about: short sentences, in the order of what happened to the money, without the trade's words.

Promise: every figure is the decision's; nothing is promised that is not settled, and nothing is called declined. The clause stands in
small print beside the sentence, never in it. Both languages say the same.

Source: notes/domain.md §1.1 offline rule; ``claims.explanation_words`` (the words, and those that must not appear); docs/adr/0119.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from claims.amounts import yuan
from claims.explained_steps import StepRole, ToldStep, told_steps
from claims.explanation_fixed_sums import came_about, days_told
from claims.explanation_words import (
    ANY_BENEFIT,
    ANY_CUT,
    ANY_STOP,
    ASKED_FOR,
    BENEFITS,
    CUTS,
    DATES_CAN_BE_WRONG,
    ENGINE_STOPS,
    JARGON_EN,
    JARGON_ZH,
    MISSING,
    MISSING_ONE,
    NO_DAYS,
    NOTHING_TO_DO,
    STOPS,
    USED_UP,
    WRONG_ONE,
    Stopped,
)
from claims.plain_words import share_in_words
from rules.bilingual import Bilingual
from rules.engine.model import Decision, LiabilityResult, Margin, MarginKind, Reason, Referral, Step, Unit


@dataclass(frozen=True)
class PlainLine:
    """One sentence or two, and in small print the clause that it rests on (empty where it rests on none)."""

    text: Bilingual
    clause: str = ""


@dataclass(frozen=True)
class ClaimantText:
    """What happened to the money, what comes of it, and what the person can do. ``settled``: the closing line is an amount to receive."""

    story: tuple[PlainLine, ...]
    closing: tuple[PlainLine, ...]
    what_helps: tuple[PlainLine, ...]
    settled: bool

    @property
    def lines(self) -> tuple[PlainLine, ...]:
        """All lines in the order in which they are said."""
        return (*self.story, *self.closing, *self.what_helps)


def claimant_text(decision: Decision, *, pre_approved: bool = True) -> ClaimantText:
    """Return a decision in the words of the person opposite.

    Args:
        pre_approved: False where the sum may not be promised here (papers, authority, a flag), whatever the rules came to.
    """
    told = told_steps(decision)
    story: list[PlainLine] = [_SORRY] if _death(decision) else []
    for benefit in decision.liabilities:
        another = any(line is not _SORRY for line in story)
        story.extend(_story([each for each in told if each.benefit is benefit], another=another))
    if not isinstance(decision, Referral):
        if pre_approved:
            return ClaimantText(tuple(story), _receives(decision), (), settled=True)
        return ClaimantText(
            tuple(story), (*_open_sum(decision), _HEADQUARTERS), (PlainLine(NOTHING_TO_DO),), settled=False
        )
    stops = [_stop(reason, decision) for reason in decision.reasons] or [(ANY_STOP, "")]
    why = tuple(_once(PlainLine(stop.why, clause) for stop, clause in stops))
    helps = tuple(_once(PlainLine(stop.change) for stop, _ in stops))
    closing = (*why, *_open_sum(decision), *_besides(decision), _HEADQUARTERS)
    return ClaimantText(tuple(story), closing, helps, settled=False)


def _death(decision: Decision) -> bool:
    return any("身故" in benefit.name.zh for benefit in decision.liabilities)


def _story(own: Sequence[ToldStep], *, another: bool) -> list[PlainLine]:
    start = next((each for each in own if each.role in (StepRole.START, StepRole.MORE) and each.change_fen > 0), None)
    if start is None:
        return []
    lines = [_first(start, another=another)]
    for each in own:
        if each.role is StepRole.WAIVED and each.spared_fen:
            lines.append(PlainLine(_filled(_SPARED, yuan(each.spared_fen)), each.step.clause))
        elif each.role is StepRole.CUT and each.change_fen < 0:
            lines.append(_cut(each))
    return lines


def _first(start: ToldStep, *, another: bool) -> PlainLine:
    sum_yuan = yuan(start.change_fen)
    benefit = start.benefit
    if any(step.rule == "bill_amount" for step in benefit.steps) or benefit.loss_key.startswith("bill:"):
        return PlainLine(_filled(_SPENT, sum_yuan))
    what = next((each.text for each in BENEFITS if each.mark in benefit.name.zh), ANY_BENEFIT)
    words = _MORE_BY_CONTRACT if another else _BY_CONTRACT
    said = [_filled_each(words, what, sum_yuan), *came_about(benefit.steps, start)]
    text = Bilingual("".join(each.zh for each in said), " ".join(each.en for each in said))
    return PlainLine(text, start.step.clause)


def _cut(told: ToldStep) -> PlainLine:
    taken, left = yuan(-told.change_fen), yuan(told.after_fen - told.base_fen)
    ratio = told.ratio
    if ratio is not None:
        share = share_in_words(ratio)
        text = Bilingual(
            f"剩下的钱，合同付{share.zh}，也就是 {left} 元。",
            f"Of what is left the contract pays {share.en}: {left} yuan.",
        )
        return PlainLine(text, told.step.clause)
    names = "".join(step.name.zh for step in (told.step, *told.together))
    words = next((each.text for each in CUTS if each.mark in names), ANY_CUT) if not told.together else ANY_CUT
    return PlainLine(_filled(words, taken, left), told.step.clause)


def _receives(decision: Decision) -> tuple[PlainLine, ...]:
    sum_yuan = yuan(decision.total_fen)
    patient = decision.outputs_fen.get("patient_pays")
    if patient is not None:
        return (PlainLine(_filled(_TO_HOSPITAL, sum_yuan, yuan(patient))), *_besides(decision))
    people = max((sum(share > 0 for share in each.shares_fen) for each in decision.liabilities), default=1)
    if people > 1:
        return (PlainLine(_filled(_TO_FAMILY, sum_yuan, str(people))), *_besides(decision))
    return (PlainLine(_filled(_TO_YOU, sum_yuan)), *_besides(decision))


def _besides(decision: Decision) -> tuple[PlainLine, ...]:
    settled = not isinstance(decision, Referral)
    lines = []
    for output, words in _OUTPUTS.items():
        fen = decision.outputs_fen.get(output, 0)
        if fen:
            lines.append(PlainLine(_filled(words if settled or output == "recovery" else _RETURNED_LATER, yuan(fen))))
    return tuple(lines)


def _open_sum(decision: Decision) -> tuple[PlainLine, ...]:
    return (PlainLine(_filled(_SO_FAR, yuan(decision.total_fen))),) if decision.total_fen else ()


def _stop(reason: Reason, decision: Decision) -> tuple[Stopped, str]:
    """Return the words for a reason, and its clause."""
    for each in ENGINE_STOPS:
        if reason.rule.startswith(each.mark):
            return each, reason.clause
    found = _step_of(reason.rule, decision)
    return (_without_step(reason, decision) if found is None else _at_step(reason, *found)), reason.clause


def _without_step(reason: Reason, decision: Decision) -> Stopped:
    if reason.rule.startswith("element:"):
        return _asked_for(reason, WRONG_ONE)
    return _asked_for(reason, MISSING_ONE) if _names_a_benefit(reason, decision) else ANY_STOP


def _at_step(reason: Reason, benefit: LiabilityResult, step: Step) -> Stopped:
    named = next((each for each in STOPS if each.mark in step.name.zh), None)
    if not step.value:
        # The rule could not be worked out: something is missing, unless it is an entry that nobody can read.
        if reason.text.zh.startswith(_LACKS):
            return _asked_for(reason, MISSING_ONE)
        return named if named is not None and named.mark == "分期" else MISSING
    if step.unit is Unit.BOOL:
        return _with_days(named or ANY_STOP, step)
    return _no_days(benefit) if step.unit is Unit.DAY else _used_up(benefit)


def _asked_for(reason: Reason, words: Stopped) -> Stopped:
    """Name the fact that is missing or wrong as one asks for it; what has no plain name is not named."""
    zh, en = _ELEMENT_ZH.match(reason.text.zh), _ELEMENT_EN.match(reason.text.en)
    what = None
    if zh is not None and en is not None:
        what = next((each.text for each in ASKED_FOR if each.mark in zh[1]), None) or _as_it_is(zh[1], en[1])
    if what is None:
        return MISSING if words is MISSING_ONE else ANY_STOP
    return Stopped("", _filled_each(words.why, what), words.change)


def _as_it_is(zh: str, en: str) -> Bilingual | None:
    """Return an element's own name, such as a finding of a doctor's, without what is in brackets; None where it is no plain name."""
    name = Bilingual(zh.partition("（")[0].strip(), en.partition("(")[0].strip())
    plain = name.zh and name.en and len(name.zh) <= _MOST_CHARACTERS and not re.search("[A-Za-z_]", name.zh)
    if not plain or any(word in name.zh for word in JARGON_ZH) or any(word in name.en.lower() for word in JARGON_EN):
        return None
    return name


def _no_days(benefit: LiabilityResult) -> Stopped:
    said = days_told(benefit.steps, 0, None)
    if said is None:
        return NO_DAYS
    return Stopped("", Bilingual(f"{said.zh}{NO_DAYS.why.zh}", f"{said.en} {NO_DAYS.why.en}"), NO_DAYS.change)


def _step_of(rule: str, decision: Decision) -> tuple[LiabilityResult, Step] | None:
    for benefit in decision.liabilities:
        for step in benefit.steps:
            if step.rule == rule:
                return benefit, step
    return None


def _names_a_benefit(reason: Reason, decision: Decision) -> bool:
    return any(benefit.liability == reason.rule for benefit in decision.liabilities)


def _with_days(stop: Stopped, step: Step) -> Stopped:
    """Add by how many days a date missed, where the step tells it."""
    margin = step.margin
    if not isinstance(margin, Margin) or margin.kind is not MarginKind.FAILS or margin.unit is not Unit.DAY:
        return stop
    if stop.change not in DATES_CAN_BE_WRONG:
        return stop
    # A date on the edge itself, where only the day after would do, missed by that one day.
    days = int(margin.distance) + margin.beyond
    return Stopped(
        stop.mark,
        Bilingual(f"{stop.why.zh}差了 {days} 天。", f"{stop.why.en} It is {days} day{'' if days == 1 else 's'} off."),
        stop.change,
    )


def _used_up(benefit: LiabilityResult) -> Stopped:
    """The sum came to nothing by its own arithmetic: tell what of the first part is still open, where that is why."""
    for step in benefit.steps:
        margin = step.margin
        if isinstance(margin, Margin) and margin.kind is MarginKind.STILL and "免赔" in step.name.zh:
            left = yuan(int(Decimal(margin.distance)))
            return Stopped("", _filled(_BELOW_FIRST_PART, left), _FURTHER_COSTS_COUNT)
    return USED_UP


def _filled(words: Bilingual, *values: str) -> Bilingual:
    return Bilingual(words.zh.format(*values), words.en.format(*values))


def _filled_each(words: Bilingual, *values: Bilingual | str) -> Bilingual:
    """As ``_filled``, with values that have a word in each language."""
    return Bilingual(
        words.zh.format(*(each if isinstance(each, str) else each.zh for each in values)),
        words.en.format(*(each if isinstance(each, str) else each.en for each in values)),
    )


def _once(lines: Iterable[PlainLine]) -> list[PlainLine]:
    found: dict[str, PlainLine] = {}
    for line in lines:
        found.setdefault(line.text.zh, line)
    return list(found.values())


# How the engine's sentences about a fact begin, and the fact's name in them (``rules.engine.reasons``).
_LACKS = "缺少“"
_ELEMENT_ZH = re.compile("(?:缺少)?“([^”]+)”")
_ELEMENT_EN = re.compile('"([^"]+)"')
_MOST_CHARACTERS = 24
_SORRY = PlainLine(Bilingual("请您节哀。", "We are very sorry for your loss."))
_SPENT = Bilingual("您这次看病一共花了 {0} 元。", "Your treatment cost {0} yuan in all.")
_BY_CONTRACT = Bilingual("按合同，{0}是 {1} 元。", "By the contract {0} comes to {1} yuan.")
_MORE_BY_CONTRACT = Bilingual("另外，{0}是 {1} 元。", "Besides, {0} comes to {1} yuan.")
_SPARED = Bilingual(
    "因为这次灾害，本来要减的 {0} 元不减了。", "Because of the disaster, {0} yuan that would be taken off stay in."
)
_TO_YOU = Bilingual("我们付给您 {0} 元。", "We pay you {0} yuan.")
_TO_FAMILY = Bilingual("我们一共付 {0} 元，由 {1} 位家人分。", "We pay {0} yuan in all, shared by {1} people.")
_TO_HOSPITAL = Bilingual(
    "我们直接付给医院 {0} 元，您自己付 {1} 元。", "We pay the hospital {0} yuan; you pay {1} yuan yourself."
)
_SO_FAR = Bilingual(
    "按手上的材料算出来是 {0} 元，还没有定。", "From the papers here it comes to {0} yuan, which is not settled yet."
)
_RETURNED_LATER = Bilingual(
    "您交过的钱里可能有 {0} 元可以退，也由总部来定。",
    "{0} yuan of what was paid in may be returned; headquarters settles that too.",
)
_OUTPUTS = {
    "refund": Bilingual("另外退给您交过的保险费 {0} 元。", "{0} yuan of premium are returned as well."),
    "cash_value": Bilingual("另外退给您 {0} 元。", "{0} yuan are returned as well."),
    "recovery": Bilingual(
        "之前先付的钱多了 {0} 元，怎么办由总部和您商量。",
        "{0} yuan too much were paid in advance; headquarters talks that over with you.",
    ),
}
_HEADQUARTERS = PlainLine(
    Bilingual(
        "这件事请总部的同事来定。材料我们都收下，您手里会有一张签收单。",
        "Colleagues at headquarters settle this. We keep all the papers and you get a slip for them.",
    )
)
_BELOW_FIRST_PART = Bilingual(
    "合同规定先由您自己承担一部分，这次的钱还没有超过它，还差 {0} 元。",
    "The contract leaves a first part to you, and this was not above it yet: {0} yuan to go.",
)
_FURTHER_COSTS_COUNT = Bilingual(
    "这次的钱已经算进去了，以后再花的会接着算。", "What you spent now counts; further costs are added to it."
)
