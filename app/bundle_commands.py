"""``outpost bundle write|read|carry``: sealed bundles on sticks from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.desk_commands import open_desk
from claims.bundles import AnswerOutcome
from claims.desk import Desk
from claims.errors import Bilingual, InputError

_MB = 1_000_000


def bundle(options: argparse.Namespace) -> int:
    """Carry out one of the three."""
    desk = open_desk(options)
    try:
        if options.action == "write":
            return _write(desk, options)
        return _read(desk, options.place) if options.action == "read" else _carry(desk, options.place)
    finally:
        desk.close()


def _write(desk: Desk, options: argparse.Namespace) -> int:
    budget = options.budget
    if budget is not None and budget < 0:
        raise InputError(
            "budget_negative",
            Bilingual(f"附件上限 {budget} MB 不能是负数。", f"{budget} MB of files can't be."),
            Bilingual("请填一个正数。", "Enter a positive number."),
        )
    written = desk.write_bundle(
        options.place, money_only=options.money_only, budget_bytes=None if budget is None else int(budget * _MB)
    )
    print(f"{written.path}  {written.size_bytes:,} bytes")
    print(
        f"记录 events {written.events}（至 to {written.through_seq}）  附件 files {written.files}  "
        f"留下 left out {written.files_left_out}  读不出 unreadable {written.files_unreadable}"
    )
    if written.answers:
        print(f"给同事的回执 answers for colleagues: {written.answers}")
    return 0


def _read(desk: Desk, place: Path) -> int:
    found = desk.read_bundles(place)
    for each in found.read:
        print(f"{each.path.name}: {each.sentence.zh} {each.sentence.en}")
    if not found.read:
        print("这里没有总部回执。 There is no answer of headquarters here.")
    bad = (AnswerOutcome.DAMAGED, AnswerOutcome.CONTRADICTS)
    return int(any(each.outcome in bad for each in found.read))


def _carry(desk: Desk, file: Path) -> int:
    carried = desk.carry_bundle(file)
    held = carried.held
    words = "已代为保管 kept" if carried.new else "早已保管 kept before"
    print(f"{words}: {held.device}/{held.epoch}  记录至 log to {held.through_seq}  {held.size_bytes:,} bytes")
    return 0
