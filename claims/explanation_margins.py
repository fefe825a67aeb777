"""How near each step was to another outcome, in words for the adjuster: "deductible still 3,105.20", "1 day short".

Promise: read from the stored steps alone; a decision that was made before steps had margins simply has none. Money is told in whole
fen, rounded down: what is said to be left is there; the step keeps the exact figure.

Source: rules.engine.margins; notes/rules.md §4 "Explanation".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from rules.bilingual import Bilingual
from rules.engine.model import Decision, Margin, MarginKind, Step, Unit
from rules.engine.values import decimal_text, yuan_text


@dataclass(frozen=True)
class MarginLine:
    """A step's margin: the step's name, its clause, the sentence, and the benefit it belongs to."""

    benefit: Bilingual
    name: Bilingual
    clause: str
    text: Bilingual


def margin_lines(decision: Decision) -> tuple[MarginLine, ...]:
    """Return the margins of a decision's steps, in order; the same figure of two steps of a benefit is told once."""
    found: dict[tuple[str, str], MarginLine] = {}
    for benefit in decision.liabilities:
        for step in benefit.steps:
            text = margin_sentence(step)
            if text is not None:
                line = MarginLine(benefit.name, step.name, step.clause, text)
                found.setdefault((benefit.liability, text.zh), line)
    return tuple(found.values())


def margin_sentence(step: Step) -> Bilingual | None:  # noqa: PLR0911 - one return a kind of margin
    """Return a step's margin as a sentence, None where it has none."""
    if not isinstance(step.margin, Margin):
        return None
    margin = step.margin
    away, edge, what = _measure(margin.distance, margin.unit), _edge(margin), margin.what
    past = Bilingual("（越过界限才变）", ", and it turns only past the edge") if margin.beyond else Bilingual("", "")
    match margin.kind:
        case MarginKind.HOLDS:
            return Bilingual(
                f"“{what.zh}”距界限 {edge} 还有 {away.zh}{past.zh}",
                f"{what.en}: {away.en} from the edge at {edge}{past.en}",
            )
        case MarginKind.FAILS:
            return Bilingual(
                f"“{what.zh}”距界限 {edge} 差 {away.zh}{past.zh}",
                f"{what.en}: {away.en} short of the edge at {edge}{past.en}",
            )
        case MarginKind.LEFT:
            return Bilingual(
                f"{what.zh} {edge}，本步后尚余 {away.zh}", f"{what.en} {edge}: {away.en} left after this step"
            )
        case MarginKind.OVER:
            return Bilingual(f"超出{what.zh}（{edge}）{away.zh}", f"{away.en} above the {what.en} ({edge})")
        case MarginKind.STILL:
            return Bilingual(f"{what.zh}尚有 {away.zh} 未扣满", f"{what.en}: still {away.en} to go")
        case MarginKind.NEXT:
            return Bilingual(
                f"“{what.zh}”距相邻一档（{edge}）{away.zh}{past.zh}",
                f"{what.en}: {away.en} from the next tier at {edge}{past.en}",
            )


def _edge(margin: Margin) -> str:
    """Return where the edge lies: a date as it is, anything else in its unit."""
    return margin.at if _is_date(margin.at) else _measure(margin.at, margin.unit).zh.removesuffix(" 天")


def _is_date(text: str) -> bool:
    return text[4:5] == "-"


def _measure(value: str, unit: Unit) -> Bilingual:
    if unit is Unit.DAY:
        return Bilingual(f"{value} 天", f"{value} day{'' if value == '1' else 's'}")
    shown = value
    if unit is Unit.FEN:
        shown = yuan_text(Decimal(value).to_integral_value(ROUND_DOWN))
    elif unit is Unit.RATIO:
        shown = f"{decimal_text(Decimal(value) * 100)}%"
    return Bilingual(shown, shown)
