"""The commands about numbers, blank forms and the day-end: each is a few calls of the desk, and prints what came back.

Promise: a blank form's file is written only after its number and drawing are durable; saved as a file it counts as printed.
"""

from __future__ import annotations

import argparse
from datetime import date

from app.desk_commands import open_desk
from claims.calendar_dates import read_date
from claims.day_end import DayEnd
from claims.desk import Desk
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.numbering import format_number, kind_name
from claims.paper_definitions import PaperId
from claims.trusted_time import beijing_date
from views.durable_file import write_durably

_COUNT_DIGITS = 9


def numbers(options: argparse.Namespace) -> int:
    """Say what became of every block of numbers, and which runs out."""
    desk = open_desk(options)
    try:
        blocks = desk.number_blocks()
    finally:
        desk.close()
    for each in blocks:
        lasts = "" if each.days_left is None else f"  ~{each.days_left} 天 days"
        print(
            f"{kind_name(each.kind).zh} {each.kind:9} {format_number(each.prefix, each.first)} … {each.last}"
            f"  已用 used {each.used}  作废 voided {each.voided}  空白 blank {each.blank}  未用 unused {each.unused}{lasts}"
        )
    for each in blocks:
        if each.warning is not None:
            print(f"! {each.warning.zh} {each.warning.en}")
    return 0


def day_end(options: argparse.Namespace) -> int:
    """Say how the papers of a day stand, with a hand count recorded first where one is given; 1 when something differs."""
    desk = open_desk(options)
    try:
        day = _day(desk, options.day)
        counted = _counts(options.counted)
        found = desk.count_day(day, counted) if counted else desk.day_end(day)
    finally:
        desk.close()
    _print_day(found)
    return 0 if found.agrees else 1


def blanks(options: argparse.Namespace) -> int:
    """Prepare blank forms and save each as a PDF."""
    paper = _paper(options.paper)
    options.out.mkdir(parents=True, exist_ok=True)
    desk = open_desk(options)
    try:
        for form in desk.prepare_blanks(paper, options.count):
            drawn = desk.draw(form.number)
            file = options.out / f"{form.number}.pdf"
            write_durably(file, drawn.pdf)
            desk.mark_printed(form.number, file.name)
            print(file)
    finally:
        desk.close()
    return 0


def enter(options: argparse.Namespace) -> int:
    """Tie a form that was filled in by hand to its case."""
    desk = open_desk(options)
    try:
        filled_on = _day(desk, options.on)
        paper = desk.enter_blank(options.number, options.case, filled_on=filled_on, receiver=options.receiver)
    finally:
        desk.close()
    print(f"{paper.number}  {paper.case_no}  {paper.filled_on}")
    return 0


def _print_day(found: DayEnd) -> None:
    print(f"{found.day}  {found.verdict.zh} {found.verdict.en}")
    for each in found.kinds:
        counted = "—" if each.counted is None else str(each.counted)
        print(
            f"{each.name.zh} {each.kind:9} 记录 recorded {each.recorded}  打印 printed {each.printed}  清点 counted {counted}"
        )
    for block in found.blocks:
        print(
            f"{format_number(block.prefix, block.first)} … {block.last}: {block.used} + {block.voided} + {block.blank} + {block.unused}"
            f" {'=' if block.unbroken else '≠'} {block.size}"
        )
    for place, difference in enumerate(found.differences, start=1):
        print(f"{place}. {difference.text.zh} {difference.text.en}")


def _day(desk: Desk, text: str | None) -> date:
    return beijing_date(desk.time().at) if text is None else read_date(text)


def _counts(texts: list[str]) -> dict[PaperKind, int]:
    counts: dict[PaperKind, int] = {}
    for text in texts:
        kind, _, count = text.partition("=")
        if kind not in set(PaperKind) or not (count.isascii() and count.isdigit() and len(count) <= _COUNT_DIGITS):
            known = ", ".join(each.value for each in PaperKind)
            raise InputError(
                "count_unreadable",
                Bilingual(f"“{text[:40]}”不是清点数。", f'"{text[:40]}" is no count.'),
                Bilingual(
                    f"请写成 voucher=3 这样；种类：{known}。", f"Write it like voucher=3; the kinds are {known}."
                ),
            )
        counts[PaperKind(kind)] = int(count)
    return counts


def _paper(text: str) -> PaperId:
    if text not in set(PaperId):
        known = ", ".join(each.value for each in PaperId)
        raise InputError(
            "paper_unknown",
            Bilingual(f"没有名为“{text[:40]}”的单证。", f'There is no paper "{text[:40]}".'),
            Bilingual(f"可选：{known}。", f"There are {known}."),
        )
    return PaperId(text)
