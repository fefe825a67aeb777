"""The station's blocks of numbers: what became of every number, how long they last, and the warning that comes a day ahead.

Promise: used + voided + blank + unused is the block, each counted by itself; the warning comes while a day's work can still be done. A
claimant never leaves without a slip because its block has run out while another block that promises nothing has numbers.

Source: notes/domain.md §7; docs/adr/0135.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem
from claims.numbering import LOW_WATER, NextNumber, kind_name, next_number, numbers_left
from claims.ports import Reads
from claims.records import NumberBlock, NumberTally

DAYS_LOOKED_BACK = 3
"""The busiest of the last days is taken for the next one: what a disaster does to the work is seen within a day."""
_BORROWS: Mapping[str, str] = {"slip": "document"}
"""Where a paper that promises nothing finds a number when its own block has none left."""


@dataclass(frozen=True)
class BlockStanding:
    """One block. ``used`` are numbers of papers that stand, ``voided`` never count again, ``blank`` are on forms that nobody has entered yet.

    ``days_left``: how many days the kind's numbers last at the pace of its busiest day lately, None where none was used. ``warning`` is on the
    newest block of a kind that runs out within a day.
    """

    kind: str
    prefix: str
    first: int
    last: int
    used: int
    voided: int
    blank: int
    unused: int
    days_left: int | None
    warning: Bilingual | None

    @property
    def size(self) -> int:
        """How many numbers the block has."""
        return self.last - self.first + 1

    @property
    def unbroken(self) -> bool:
        """Whether every number of the block is accounted for."""
        return self.used + self.voided + self.blank + self.unused == self.size


def number_blocks(ports: DeskPorts) -> tuple[BlockStanding, ...]:
    """Return every block of this laptop in order of arrival."""
    now = ports.time().at
    with ports.store.read() as reads:
        return block_standings(reads, now)


def block_standings(reads: Reads, now: datetime) -> tuple[BlockStanding, ...]:
    """Return every block in order of arrival; ``now`` is UTC."""
    tallies = reads.number_tallies()
    newest = {each.block.kind: each for each in tallies}
    pace = {kind: busiest_day(reads, kind, now) for kind in newest}
    left = {kind: sum(numbers_left(each.block) for each in tallies if each.block.kind == kind) for kind in newest}
    return tuple(
        _standing(each, left[each.block.kind], pace[each.block.kind], newest=newest[each.block.kind] is each)
        for each in tallies
    )


def busiest_day(reads: Reads, kind: str, now: datetime) -> int:
    """Return how many numbers of a kind were taken in the busiest of the last 24-hour days."""
    day = timedelta(days=1)
    # What is recorded in this very instant counts as well.
    end = now + timedelta(microseconds=1)
    return max(reads.numbers_taken(kind, end - day * (back + 1), end - day * back) for back in range(DAYS_LOOKED_BACK))


def take_number(reads: Reads, kind: str, now: datetime) -> NextNumber:
    """Return the next number of a kind, with the warning where it runs out within a day.

    A slip whose own block has run out takes the next number of the documents: it promises nothing, and nobody may be sent away without the
    list of what they handed in.

    Raises:
        EnvironmentProblem: ``numbers_exhausted``.
    """
    blocks = reads.number_blocks(kind)
    lender = _BORROWS.get(kind)
    if lender is not None and not any(numbers_left(each) for each in blocks):
        lent = reads.number_blocks(lender)
        if any(numbers_left(each) for each in lent):
            return next_number(lent, lender, day_use=busiest_day(reads, lender, now))
    return next_number(blocks, kind, day_use=busiest_day(reads, kind, now))


def take_numbers(reads: Reads, kind: str, count: int) -> tuple[str, ...]:
    """Return the next ``count`` numbers of a kind, all or none. Raises ``EnvironmentProblem`` (``numbers_exhausted``, ``numbers_too_few``)."""
    blocks = list(reads.number_blocks(kind))
    left = sum(numbers_left(each) for each in blocks)
    if 0 < left < count:
        name = kind_name(kind)
        raise EnvironmentProblem(
            "numbers_too_few",
            Bilingual(
                f"{name.zh}编号只剩 {left} 个，不够 {count} 个。",
                f"Only {left} {name.en} numbers are left, not {count}.",
            ),
            Bilingual("请减少数量，或联网同步领取新号段。", "Ask for fewer, or sync to receive a new block."),
            retryable=True,
        )
    taken: list[str] = []
    for _ in range(count):
        number = next_number(blocks, kind)
        taken.append(number.text)
        blocks = [_used_up_to(each, number) for each in blocks]
    return tuple(taken)


def _used_up_to(block: NumberBlock, number: NextNumber) -> NumberBlock:
    if block.prefix != number.prefix or not block.first <= number.serial <= block.last:
        return block
    return NumberBlock(kind=block.kind, prefix=block.prefix, first=block.first, last=block.last, used_to=number.serial)


def _standing(tally: NumberTally, left: int, pace: int, *, newest: bool) -> BlockStanding:
    block = tally.block
    return BlockStanding(
        kind=block.kind,
        prefix=block.prefix,
        first=block.first,
        last=block.last,
        used=tally.taken - tally.voided - tally.blank,
        voided=tally.voided,
        blank=tally.blank,
        unused=numbers_left(block),
        days_left=left // pace if pace else None,
        warning=_warning(block.kind, left, pace) if newest else None,
    )


def _warning(kind: str, left: int, pace: int) -> Bilingual | None:
    if left > max(LOW_WATER, pace):
        return None
    name = kind_name(kind)
    if left == 0:
        return Bilingual(
            f"{name.zh}编号已用完。请联网同步领取新号段。{_meanwhile(kind).zh}",
            f"There is no {name.en} number left. Sync to receive a new block. {_meanwhile(kind).en}".rstrip(),
        )
    busy = f"（最近最忙的一天用了 {pace} 个）" if pace else ""
    busy_en = f" (the busiest day lately took {pace})" if pace else ""
    return Bilingual(
        f"{name.zh}编号只剩 {left} 个{busy}，请今天联网同步领取新号段。",
        f"Only {left} {name.en} numbers are left{busy_en}: sync today to receive a new block.",
    )


def _meanwhile(kind: str) -> Bilingual:
    match kind:
        case "voucher":
            return Bilingual("在此之前仍可出具资料签收单。", "Until then acceptance slips can still be given.")
        case "slip":
            return Bilingual("在此之前签收单使用文书编号。", "Until then slips take document numbers.")
        case _:
            return Bilingual("", "")
