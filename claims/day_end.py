"""Day-end: every number accounted for, every paper on record printed, every printed paper counted; else the list of what differs.

Promise: used + voided + blank + unused is the block, each counted by itself from the records; what differs is named number by number with
what to do. A hand count is recorded with what it was compared to; a later count of the same day replaces it, and both stay in the log.

How papers are counted by hand: the station's copies of the day, each number once, spoiled ones too, and the blank forms printed on that day.

Source: notes/domain.md §7; docs/adr/0135.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import DayCounted, PaperKind
from claims.number_blocks import BlockStanding, block_standings
from claims.numbering import kind_name
from claims.paper_definitions import PaperId, paper_definition
from claims.ports import Reads
from claims.records import PaperHappening, PaperRecord, PaperState
from claims.trusted_time import BEIJING, beijing_date

MOST_COUNTED = 1_000_000
"""More sheets than a station has in a year; a larger entry is a slip of the keyboard."""
KEPT_PAPERS = frozenset({PaperId.APPLICATION, PaperId.POWER_OF_ATTORNEY, PaperId.INTERVIEW_RECORD})
"""Signed for the company and filed with it: nobody is handed them."""
_IDS = frozenset(each.value for each in PaperId)


class DifferenceKind(StrEnum):
    """What may differ at the end of a day."""

    NUMBER_MISSING = "number_missing"
    """A number of a block between used ones has no record."""
    NEVER_DRAWN = "never_drawn"
    NEVER_PRINTED = "never_printed"
    NOT_HANDED_OVER = "not_handed_over"
    BLANK_OUT = "blank_out"
    """Blank forms that are still out: a reminder, no fault."""
    MISCOUNTED = "miscounted"


@dataclass(frozen=True)
class Difference:
    """One line: what differs, and what to do. ``number`` is the paper's, None where it is about several."""

    kind: DifferenceKind
    number: str | None
    text: Bilingual


@dataclass(frozen=True)
class DayKind:
    """Papers of one kind on one day. ``recorded``: should have left the printer, by their numbers; ``printed``: did; ``counted`` by hand, None before."""

    kind: PaperKind
    name: Bilingual
    recorded: int
    printed: int
    counted: int | None

    @property
    def agrees(self) -> bool:
        """Whether what is known agrees."""
        return self.recorded == self.printed and self.counted in (None, self.printed)


@dataclass(frozen=True)
class DayEnd:
    """A day as it stands now. ``blocks``: those with numbers left, blank forms out, or a number taken on the day."""

    day: date
    blocks: tuple[BlockStanding, ...]
    kinds: tuple[DayKind, ...]
    differences: tuple[Difference, ...]
    counted_at: datetime | None

    @property
    def agrees(self) -> bool:
        """Whether numbers, records and prints agree; blank forms that are out are named and are no fault."""
        return all(each.kind is DifferenceKind.BLANK_OUT for each in self.differences)

    @property
    def verdict(self) -> Bilingual:
        """The result in a sentence."""
        faults = sum(each.kind is not DifferenceKind.BLANK_OUT for each in self.differences)
        if faults:
            found = "1 difference: settle it" if faults == 1 else f"{faults} differences: settle each"
            return Bilingual(f"有 {faults} 处不符，请逐项处理后再清点。", f"{found}, then count again.")
        if self.counted_at is None:
            return Bilingual("记录与打印相符，还没有清点。", "Records and prints agree; nothing was counted yet.")
        return Bilingual("号段、记录、打印、清点全部相符。", "Blocks, records, prints and count agree.")


def day_end(ports: DeskPorts, day: date) -> DayEnd:
    """Return how a day stands. Raises ``InputError`` (``day_in_future``)."""
    now = ports.time().at
    _require_past(day, beijing_date(now))
    with ports.store.read() as reads:
        return _day_end(reads, day, now)


def count_day(ports: DeskPorts, day: date, counted: Mapping[PaperKind, int]) -> DayEnd:
    """Record what was counted by hand; return the day with it.

    Raises:
        InputError: ``day_in_future``; ``count_negative``; ``count_missing`` for a kind that was printed on the day and not counted.
    """
    now = ports.time().at
    _require_past(day, beijing_date(now))
    with ports.store.write() as uow:
        before = _day_end(uow, day, now)
        _check_counts(before, counted)
        by_kind = {each.kind: counted.get(each.kind, 0) for each in before.kinds}
        uow.append(
            DayCounted(
                at=now,
                day=day,
                counted=sum(by_kind.values()),
                recorded=sum(each.printed for each in before.kinds),
                differences=tuple(
                    each.text for each in (*_of_records(before.differences), *_miscounted(before.kinds, by_kind))
                ),
                by_kind=by_kind,
            )
        )
    ports.probe("after_counted")
    with ports.store.read() as reads:
        return _day_end(reads, day, now)


def _day_end(reads: Reads, day: date, now: datetime) -> DayEnd:
    start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    end = start + timedelta(days=1)
    tallies = reads.number_tallies()
    standings = block_standings(reads, now)
    happened = reads.happenings(start, end)
    open_papers = [each for each in reads.open_papers() if each.issued_at < end]
    counts = reads.day_counts(day)
    count = counts[-1] if counts else None
    kinds = tuple(
        _kind(kind, happened, open_papers, start, None if count is None else count.by_kind.get(kind, 0))
        for kind in PaperKind
    )
    missing = [_numbers_missing(standing) for standing in standings if not standing.unbroken]
    differences = (
        *missing,
        *(found for each in open_papers if (found := _open(each)) is not None),
        *_blanks_out([each for each in open_papers if each.blank]),
    )
    by_kind = {} if count is None else {kind.kind: kind.counted or 0 for kind in kinds}
    miscounted = _miscounted(kinds, by_kind) if count is not None else ()
    shown = tuple(
        standing
        for tally, standing in zip(tallies, standings, strict=True)
        if standing.unused or standing.blank or (tally.last_at is not None and tally.last_at >= start)
    )
    return DayEnd(day, shown, kinds, (*differences, *miscounted), None if count is None else count.at)


def _kind(
    kind: PaperKind,
    happened: Sequence[PaperHappening],
    open_papers: Sequence[PaperRecord],
    start: datetime,
    counted: int | None,
) -> DayKind:
    # The day-end sheet is printed after the count and would undo it.
    own = [each for each in happened if each.kind is kind and each.paper != PaperId.DAY_END_COUNT.value]
    printed = {each.number for each in own if each.what is PaperState.PRINTED}
    # What was asked on the day should have left the printer, unless its number was given up before.
    unprinted = {
        each.number
        for each in open_papers
        if each.kind is kind
        and each.paper != PaperId.DAY_END_COUNT.value
        and each.state in (PaperState.ASKED, PaperState.RENDERED)
        and each.issued_at >= start
    }
    return DayKind(
        kind=kind, name=kind_name(kind.value), recorded=len(printed | unprinted), printed=len(printed), counted=counted
    )


def _numbers_missing(block: BlockStanding) -> Difference:
    lost = block.size - block.used - block.voided - block.blank - block.unused
    return Difference(
        DifferenceKind.NUMBER_MISSING,
        None,
        Bilingual(
            f"号段 {block.prefix} {block.first}–{block.last} 中有 {lost} 个号码没有记录，请立即报告总部。",
            f"{lost} numbers of block {block.prefix} {block.first}-{block.last} have no record: report it to headquarters at once.",
        ),
    )


def _open(paper: PaperRecord) -> Difference | None:
    title = _title(paper)
    named = Bilingual(f"{title.zh} {paper.number}", f"{title.en} {paper.number}")
    match paper.state:
        case PaperState.ASKED if not paper.blank:
            return Difference(
                DifferenceKind.NEVER_DRAWN,
                paper.number,
                Bilingual(
                    f"{named.zh} 已登记，没有生成票面：请生成并打印，或作废。",
                    f"{named.en} is on record and was never drawn: draw and print it, or void it.",
                ),
            )
        case PaperState.ASKED | PaperState.RENDERED:
            return Difference(
                DifferenceKind.NEVER_PRINTED,
                paper.number,
                Bilingual(
                    f"{named.zh} 没有打印：请打印，或作废。", f"{named.en} was never printed: print it, or void it."
                ),
            )
        case PaperState.PRINTED if not paper.blank and paper.case_no and paper.paper not in KEPT_PAPERS:
            return Difference(
                DifferenceKind.NOT_HANDED_OVER,
                paper.number,
                Bilingual(
                    f"{named.zh} 已打印，没有登记交付：请交给申请人并登记，或作废。",
                    f"{named.en} was printed and not handed over: give it to the claimant and record it, or void it.",
                ),
            )
        case _:
            return None


def _blanks_out(blanks: Sequence[PaperRecord]) -> list[Difference]:
    out: dict[str, list[PaperRecord]] = {}
    for each in blanks:
        if each.state is PaperState.PRINTED:
            out.setdefault(each.paper, []).append(each)
    found = []
    for papers in out.values():
        title = _title(papers[0])
        numbers = "、".join(each.number for each in papers[:3]) + ("……" if len(papers) > 3 else "")
        numbers_en = ", ".join(each.number for each in papers[:3]) + (", …" if len(papers) > 3 else "")
        found.append(
            Difference(
                DifferenceKind.BLANK_OUT,
                papers[0].number if len(papers) == 1 else None,
                Bilingual(
                    f"空白{title.zh} {len(papers)} 张没有收回（{numbers}）：请清点，写过的补录，损坏的作废。",
                    f"{len(papers)} blank forms ({title.en}) are out ({numbers_en}): count them, enter what was filled in, spoil what is damaged.",
                ),
            )
        )
    return found


def _miscounted(kinds: Sequence[DayKind], by_kind: Mapping[PaperKind, int]) -> list[Difference]:
    return [
        Difference(
            DifferenceKind.MISCOUNTED,
            None,
            Bilingual(
                f"{each.name.zh}：打印记录 {each.printed} 张，清点 {by_kind[each.kind]} 张。",
                f"{each.name.en}: {each.printed} printed by the records, {by_kind[each.kind]} counted.",
            ),
        )
        for each in kinds
        if by_kind.get(each.kind, each.printed) != each.printed
    ]


def _of_records(differences: Sequence[Difference]) -> list[Difference]:
    return [each for each in differences if each.kind not in (DifferenceKind.MISCOUNTED, DifferenceKind.BLANK_OUT)]


def _check_counts(before: DayEnd, counted: Mapping[PaperKind, int]) -> None:
    for kind, count in counted.items():
        if count > MOST_COUNTED:
            name = kind_name(kind.value)
            raise InputError(
                "count_too_large",
                Bilingual(
                    f"{name.zh}的清点数超过 {MOST_COUNTED}，不合常理。",
                    f"The count of {name.en} is above {MOST_COUNTED}, which cannot be right.",
                ),
                Bilingual("请重新填写。", "Enter it again."),
            )
        if count < 0:
            name = kind_name(kind.value)
            raise InputError(
                "count_negative",
                Bilingual(f"{name.zh}的清点数是 {count}。", f"The count of {name.en} is {count}."),
                Bilingual("请填写 0 或更大的数。", "Enter 0 or more."),
            )
    for each in before.kinds:
        if each.printed and each.kind not in counted:
            raise InputError(
                "count_missing",
                Bilingual(f"没有填写{each.name.zh}的清点数。", f"The count of {each.name.en} is missing."),
                Bilingual("请清点后填写；一张也没有就填 0。", "Count them and enter it; 0 if there is none."),
            )


def _require_past(day: date, today: date) -> None:
    if day > today:
        raise InputError(
            "day_in_future",
            Bilingual(f"{day} 在今天 {today} 之后。", f"{day} lies after today, {today}."),
            Bilingual("请选择今天或以前的日期。", "Choose today or an earlier day."),
        )


def _title(paper: PaperRecord) -> Bilingual:
    # A record of a newer program may name a paper that this one does not know.
    return paper_definition(PaperId(paper.paper)).title if paper.paper in _IDS else kind_name(paper.kind.value)
