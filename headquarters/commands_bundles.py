"""``outpost-hq take-bundle`` and ``write-answers``: sticks at headquarters' own desk.

Promise: each file is taken in by itself and reported on a line; one that can't be read hinders no other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from headquarters.answer_bundles import keep_answer, write_answers
from headquarters.bundle_intake import Taken, take_bundle
from headquarters.command_line import Commands, add_command, opened
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.processing import process_pending
from headquarters.refusals import RequestRefused
from sync.wire.bundles import ANSWER_SUFFIX, BUNDLE_SUFFIX


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    take = add_command(commands, "take-bundle", _take, "take in sealed bundles from a stick")
    take.add_argument("files", type=Path, nargs="+", metavar="FILE", help="bundles, or folders of them")
    take.add_argument("--answers", type=Path, metavar="FOLDER", help="write the sealed answers here, for the way back")
    write = add_command(commands, "write-answers", _write, "write sealed answers for every laptop that asked by bundle")
    write.add_argument("folder", type=Path, metavar="FOLDER", help="where the answers go, such as a stick")


def bundles_in(places: list[Path]) -> list[Path]:
    """Return the bundles named, and those in the folders named, in order of name; answers are left out."""
    found: list[Path] = []
    for place in places:
        inside = sorted(place.glob(f"*{BUNDLE_SUFFIX}")) if place.is_dir() else [place]
        found += [each for each in inside if not each.name.endswith(ANSWER_SUFFIX)]
    return found


def _take(options: argparse.Namespace) -> int:
    worst = 0
    with opened(options) as hq:
        for path in bundles_in(options.files):
            try:
                with path.open("rb") as file:
                    taken = take_bundle(hq, file)
            except RequestRefused as problem:
                print(f"{path.name}: {problem.sentence('zh')} {problem.sentence('en')}")
                worst = 1
                continue
            _tell(path, taken)
            process_pending(hq, taken.device, taken.epoch)
            if taken.answer is not None and options.answers is not None:
                options.answers.mkdir(parents=True, exist_ok=True)
                print(f"    回执 answer: {keep_answer(options.answers, _name_of(hq, taken), taken.answer)}")
            worst = worst or int(not taken.whole)
    return worst


def _write(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        for path in write_answers(hq, options.folder):
            print(f"回执 answer: {path}")
    return 0


def _name_of(hq: Headquarters, taken: Taken) -> str:
    with hq.database.read() as session:
        station = session.get_one(Device, (taken.device, taken.epoch)).station
    return f"{station}-{taken.device}-{taken.epoch}"


def _tell(path: Path, taken: Taken) -> None:
    print(
        f"{path.name}: 设备 device {taken.device} ({taken.epoch}), 记录至 log to {taken.through_seq}, "
        f"请求 requests {taken.requests}, 未接收 refused {taken.refused}, 第 {taken.times} 次 time(s)"
    )
    if taken.first_refusal is not None:
        print(f"    {taken.first_refusal.sentence('zh')} {taken.first_refusal.sentence('en')}")
    if not taken.whole and not taken.given_up:
        print(
            f"    封存包不完整或被改动，到此为止的内容已接收 cut or changed; what came before was taken ({taken.problem})"
        )
