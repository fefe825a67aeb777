"""How a sum that is no bill came about, for the person opposite: days times a daily sum, premiums times a factor.

Promise: every figure is one that a stored step holds, as its value or in its sentence; where a step does not hold it nothing is said.

Source: ``claims.explanation_claimant``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from claims.amounts import yuan
from claims.explained_steps import ToldStep, number
from claims.explanation_words import FREE_DAYS, GREATEST, GREATEST_TEXT, MULTIPLIED, RETURNED, STAY_DAYS
from claims.plain_words import share_in_words
from rules.bilingual import Bilingual
from rules.engine.model import Step, Unit


def came_about(steps: Sequence[Step], start: ToldStep) -> list[Bilingual]:
    """Return the sentences that tell how a benefit's first sum was worked out; none where it is simply the contract's."""
    step, sum_fen = start.step, start.change_fen
    if step.unit is Unit.DAY:
        days = number(step)
        daily = None if not days else Decimal(sum_fen) / days
        said = days_told(steps, int(days or 0), None if daily is None else _held(daily, step))
        return [] if said is None or daily is None else [said]
    said_of = [each.text for each in RETURNED if each.mark in step.name.zh]
    before = steps[: next((place for place, each in enumerate(steps) if each is step), 0)]
    for earlier in before:
        product = _multiplied(earlier, step, sum_fen)
        if product is not None:
            said_of.append(product)
    if GREATEST in step.reason.zh:
        said_of.append(GREATEST_TEXT)
    return said_of


def days_told(steps: Sequence[Step], paid: int, daily_yuan: str | None) -> Bilingual | None:
    """Return the days of the stay, those that do not count and why, and those that are paid; None where the stay is not known."""
    stay = _days(steps, STAY_DAYS)
    if stay is None:
        return None
    free = min(_days(steps, FREE_DAYS) or 0, stay)
    over = stay - free - paid
    if over < 0:
        # Not all of the first days were held back after all: only what is left out altogether is certain.
        free, over = max(stay - paid, 0), 0
    zh, en = [f"住院 {stay} 天"], [f"The stay was {_count(stay)}"]
    if free:
        zh.append(f"按合同有 {free} 天不算")
        en.append(f"by the contract {_count(free)} {'does' if free == 1 else 'do'} not count")
    if over:
        zh.append(f"合同能付的天数有上限，超出的 {over} 天付不了")
        en.append(f"{_count(over)} {'is' if over == 1 else 'are'} above the number that can be paid")
    if paid and daily_yuan is not None:
        zh.append(f"付 {paid} 天，每天 {daily_yuan} 元")
        en.append(f"{_count(paid)} {'is' if paid == 1 else 'are'} paid at {daily_yuan} yuan a day")
    elif paid:
        zh.append(f"付 {paid} 天")
        en.append(f"{_count(paid)} {'is' if paid == 1 else 'are'} paid")
    return Bilingual(f"{'，'.join(zh)}。", f"{'; '.join(en)}.")


def _multiplied(factor: Step, step: Step, sum_fen: int) -> Bilingual | None:
    """Tell what was multiplied, where the factor's product is this very sum and the step's sentence names what it was taken of."""
    words = next((each.text for each in MULTIPLIED if each.mark in factor.name.zh), None)
    ratio = number(factor)
    if words is None or factor.unit is not Unit.RATIO or not ratio:
        return None
    exact = number(step) if step.unit is Unit.FEN else Decimal(sum_fen)
    whole = None if exact is None else _held(exact / ratio, step)
    if whole is None:
        return None
    times = f"{ratio.normalize():f}"
    share = share_in_words(ratio) if ratio <= 1 else Bilingual(times, times)
    return Bilingual(words.zh.format(whole, share.zh), words.en.format(whole, share.en))


def _held(fen: Decimal, step: Step) -> str | None:
    """Return a sum in yuan if the step's own sentence holds it."""
    if fen != fen.to_integral_value():
        return None
    shown = yuan(int(fen))
    # As a figure of its own, not as a part of a longer one.
    return shown if re.search(rf"(?<![\d,.]){re.escape(shown)}(?!\d)", step.reason.zh) else None


def _days(steps: Sequence[Step], mark: str) -> int | None:
    for step in steps:
        days = number(step) if step.unit is Unit.DAY and mark in step.name.zh else None
        if days is not None:
            return int(days)
    return None


def _count(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
