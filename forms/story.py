"""From a paper's definition and what was filled in to a platypus story: one flowable after another, in the order of the definition.

Promise: every value, row and signature that the definition names is in the story; what is empty is left to write on. The Chinese paper leads with
Chinese and has its labels in small English too; the reading copy turns that round and has neither code nor signatures (docs/adr/0132).
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, PageBreak, Spacer

from claims.paper_definitions import Amount, AnyPart, Code, Facts, Heading, NewPage, Signatures, Table, Ticks, Words
from forms.amount_and_code import amount_flowables, code_flowables
from forms.fact_rows import fact_flowables, tick_flowables
from forms.grid import Grid
from forms.setting import Setting
from forms.signature_lines import signature_flowables
from forms.table_rows import table_flowables
from forms.text_block import TextBlock
from forms.worded import word_flowables

_SMALL = 160.0
"""What is no taller stays on one page."""


def story_of(setting: Setting) -> list[Flowable]:
    """Return the story of a paper's parts, without its head and title."""
    parts = [part for part in setting.definition.parts if not part.only_with or any(map(setting.says, part.only_with))]
    story: list[Flowable] = []
    start = 0
    while start < len(parts):
        end = start
        while end + 1 < len(parts) and (parts[end].with_next or isinstance(parts[end], Heading)):
            end += 1
        group = [(part, part_flowables(setting, part)) for part in parts[start : end + 1]]
        story += _together(setting, group)
        start = end + 1
    return story


def _together(setting: Setting, group: Sequence[tuple[AnyPart, list[Flowable]]]) -> list[Flowable]:
    """Return a group of parts: kept on one page, or, where the last may go on over pages, opened only where some of it fits."""
    flowables = [flowable for _, its in group for flowable in its]
    last = group[-1][0]
    if not flowables or isinstance(last, NewPage) or setting.sheet.narrow:
        return flowables
    if last.keep or isinstance(last, (Amount, Code, Signatures)):
        return [KeepTogether(flowables)]
    width = setting.sheet.content_width
    heights = [flowable.wrap(width, 10_000)[1] for flowable in flowables]
    if sum(heights) <= _SMALL:
        return [KeepTogether(flowables)]
    if len(group) > 1:
        above = sum(heights[: -len(group[-1][1])])
        return [CondPageBreak(above + _beginning(group[-1][1], width)), *flowables]
    return flowables


def _beginning(flowables: Sequence[Flowable], width: float) -> float:
    """Return how much of a part has to fit beneath its heading: all before its first text or rows, and the beginning of those."""
    height = 0.0
    for flowable in flowables:
        if isinstance(flowable, (Grid, TextBlock)):
            return height + flowable.beginning(width)
        height += flowable.wrap(width, 10_000)[1]
    return height


def part_flowables(setting: Setting, part: AnyPart) -> list[Flowable]:
    """Return the flowables of one part, with the space around it."""
    flowables: list[Flowable]
    match part:
        case Heading():
            heading = TextBlock(setting.setter, (setting.label(part.text, setting.sheet.scale.heading),))
            flowables = [Spacer(1, 6), heading, Spacer(1, 2)]
        case Facts():
            flowables = fact_flowables(setting, part)
        case Words():
            flowables = word_flowables(setting, part)
        case Table():
            flowables = table_flowables(setting, part)
        case Amount():
            flowables = amount_flowables(setting, part)
        case Code():
            flowables = code_flowables(setting, part)
        case Ticks():
            flowables = tick_flowables(setting, part)
        case Signatures():
            flowables = signature_flowables(setting, part)
        case NewPage():
            flowables = [] if setting.sheet.narrow else [PageBreak()]
    return flowables
