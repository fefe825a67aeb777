"""Blocks of numbers: which kinds there are, what their numbers start with, and when a laptop gets the next ones.

Promise: blocks of one prefix and kind follow one another without a gap or an overlap, across the lives of a device as well, so two
laptops can never hold the same number. A laptop that has used up half of its newest block of a kind finds the next one in its
feed; one that lacks a kind altogether, because it was enrolled before there was such a kind, finds its first.

Source: notes/domain.md §7; docs/adr/0134, 0135.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, func, select

from claims.errors import Bilingual, InputError
from claims.events import AnyEvent, BlanksPrepared, CaseOpened, NumberSpoiled, PaperAsked, SlipIssued, VoucherIssued
from claims.numbering import parse_number
from claims.statements import NumberBlockGranted
from headquarters.models import Device, DeviceState, NumberGrant
from headquarters.restores import feed_waits
from headquarters.statements_out import say
from headquarters.turn import Turn

KIND_LETTERS = {"voucher": "", "slip": "-S", "case": "-C", "document": "-W"}
"""Vouchers are plain; the letter keeps the others from ever looking the same. W: 文书."""


def number_prefix(device: Device, kind: str) -> str:
    """Return what the numbers of a kind start with."""
    return f"{device.station}-{device.device}{KIND_LETTERS[kind]}"


def taken_numbers(event: AnyEvent) -> tuple[tuple[str, str], ...]:
    """Return kind and number of what an event takes from its device's blocks."""
    taken: tuple[tuple[str, str], ...] = ()
    match event:
        case CaseOpened():
            taken = (("case", event.case_no),)
        case VoucherIssued():
            taken = (("voucher", event.voucher_no),)
        case SlipIssued():
            taken = (("slip", event.slip_no),)
        case PaperAsked():
            taken = (("document", event.number),)
        case BlanksPrepared():
            taken = tuple((event.kind.value, number) for number in event.numbers)
        case NumberSpoiled():
            taken = ((event.kind.value, event.number),)
    return taken


def add_numbers(turn: Turn, count: int) -> None:
    """Grant the next block of every kind within a turn."""
    if feed_waits(turn.hq, turn.session, turn.device):
        raise InputError(
            "device_not_heard",
            Bilingual(
                f"总部刚从备份恢复，还不知道设备 {turn.device.device} 已有哪些号段。",
                f"Headquarters was restored from a backup and does not know yet which numbers {turn.device.device} holds.",
            ),
            Bilingual("请让该设备同步后再授予。", "Let the device sync, then grant."),
        )
    for kind in KIND_LETTERS:
        _add_block(turn, kind, count)


def complete_kinds(turn: Turn) -> None:
    """Grant a first block of every kind that a working device lacks, as large as its newest block of any other kind.

    A device that was given no numbers at all gets none by itself.
    """
    if turn.device.state != DeviceState.ACTIVE or feed_waits(turn.hq, turn.session, turn.device):
        return
    held = newest_blocks(turn)
    if not held:
        return
    size = max(block.size for block in held.values())
    for kind in KIND_LETTERS:
        if kind not in held:
            _add_block(turn, kind, size)


class Replenishing:
    """What the events of one batch use up. The newest blocks are asked for once a batch, by the first event that takes a number."""

    def __init__(self, turn: Turn) -> None:
        """Work within one transaction: ``turn`` must be the only one that grants this device numbers meanwhile."""
        self._turn = turn
        self._newest: dict[str, NumberBlock] | None = None

    def __call__(self, event: AnyEvent) -> None:
        """Grant the next block of a kind, as large as the newest, once the event uses a number of its second half."""
        turn, taken = self._turn, taken_numbers(event)
        if not taken or turn.device.state != DeviceState.ACTIVE or feed_waits(turn.hq, turn.session, turn.device):
            return
        if self._newest is None:
            self._newest = newest_blocks(turn)
        kinds = {number_prefix(turn.device, kind): kind for kind in KIND_LETTERS}
        for _, text in taken:
            try:
                number = parse_number(text)
            except InputError:
                continue
            # By its prefix: a slip may have taken a document's number.
            kind = kinds.get(number.prefix)
            newest = None if kind is None else self._newest.get(kind)
            if kind is not None and newest is not None and newest.last - number.serial < newest.size // 2:
                self._newest[kind] = _add_block(turn, kind, newest.size)


class NumberBlock(NamedTuple):
    """A block of numbers, first and last of it included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.last - self.first + 1


def newest_blocks(turn: Turn) -> dict[str, NumberBlock]:
    """Return the newest block that this life of a device holds, of every kind of which it holds one."""
    device = turn.device
    prefixes = [number_prefix(device, kind) for kind in KIND_LETTERS]
    held = {"device": device.device, "epoch": device.epoch, "prefixes": prefixes}
    turn.session.flush()
    rows = turn.session.connection().execute(_NEWEST, held)
    return {
        kind: NumberBlock(first, last) for kind, prefix, first, last in rows if prefix == number_prefix(device, kind)
    }


_BLOCKS: Final = NumberGrant.__table__.c
_LATER: Final = NumberGrant.__table__.alias("later").c
_NEWEST: Final = select(_BLOCKS.kind, _BLOCKS.prefix, _BLOCKS.first, _BLOCKS.last).where(
    _BLOCKS.prefix.in_(bindparam("prefixes", expanding=True)),
    _BLOCKS.device == bindparam("device"),
    _BLOCKS.epoch == bindparam("epoch"),
    ~exists().where(
        _LATER.prefix == _BLOCKS.prefix,
        _LATER.kind == _BLOCKS.kind,
        _LATER.device == _BLOCKS.device,
        _LATER.epoch == _BLOCKS.epoch,
        _LATER.last > _BLOCKS.last,
    ),
)


def _add_block(turn: Turn, kind: str, count: int) -> NumberBlock:
    session, device = turn.session, turn.device
    prefix = number_prefix(device, kind)
    held = select(func.max(NumberGrant.last)).where(NumberGrant.prefix == prefix, NumberGrant.kind == kind)
    # Numbers that a forgotten life may have given out are left alone.
    first = max(session.scalar(held) or 0, turn.hq.incarnation.last_old_number) + 1
    last = first + count - 1
    session.add(NumberGrant(prefix=prefix, kind=kind, first=first, last=last, device=device.device, epoch=device.epoch))
    session.flush()
    say(turn, partial(NumberBlockGranted, kind=kind, prefix=prefix, first=first, last=last))
    return NumberBlock(first, last)
