# ruff: noqa: PLC0415 - each command loads what it needs and no more: the window must not wait for the others
"""The commands of ``outpost``: what each is called, what it takes, where it is carried out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import default_home


@dataclass(frozen=True)
class Command:
    """One command: its name, one line of help, its arguments and what it does."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    action: Callable[[argparse.Namespace], int]

    def add_to(self, commands: Any) -> None:
        """Register with argparse."""
        parser: argparse.ArgumentParser = commands.add_parser(
            self.name, help=self.summary, description=f"{self.summary}."
        )
        self.arguments(parser)
        parser.set_defaults(run=self.action)


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--practice", action="store_true", help="with a practice headquarters on this computer and invented people"
    )


def _run(options: argparse.Namespace) -> int:
    from app.run_command import run

    return run(options.home or default_home(practice=options.practice), practice=options.practice)


def _self_check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="where the sample paper, the picture and the report go")


def _self_check(options: argparse.Namespace) -> int:
    from app.self_check import self_check

    return self_check(options.out)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where vouchers, slips and the summary go")


def _demo(options: argparse.Namespace) -> int:
    from app.demo.play import play_demo

    return play_demo(options.out)


def _laptop_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["enrol", "play", "sync", "collect"])
    parser.add_argument("--case", help="play this case only, by its name in the story")
    parser.add_argument("--cut", default="", help="STEP:N, kill this process the N-th time STEP is passed")
    parser.add_argument("--out", type=Path, help="where collected papers go")
    parser.add_argument("--url", help="enrol: address of headquarters")
    parser.add_argument("--code", help="enrol: one-time enrolment code")
    parser.add_argument("--adjuster", help="enrol: adjuster number")


def _laptop(options: argparse.Namespace) -> int:
    from app.demo.laptop import run_laptop

    return run_laptop(options.home or default_home(), options)


def _hub_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("hub_home", nargs="?", type=Path, metavar="HOME", help="the hub's data folder (else as --home)")
    parser.add_argument("--port", type=int, help="port to listen on (else the usual one, or any free one)")
    parser.add_argument("--neighbour", action="append", default=[], metavar="HOST[:PORT]", help="another hub or laptop")
    parser.add_argument("--releases", type=Path, help="folder that `outpost-hq write-stick` made, to be handed out")
    parser.add_argument("--no-multicast", action="store_true", help="announce nothing; laptops type this address")


def _hub(options: argparse.Namespace) -> int:
    from app.hub import hub

    return hub(options)


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="address of headquarters, https://host[:port]")
    parser.add_argument("--code", required=True, help="one-time enrolment code")
    parser.add_argument("--adjuster", default="", help="adjuster number (not needed: headquarters says who it is)")


def _enrol(options: argparse.Namespace) -> int:
    from app.desk_commands import enrol

    return enrol(options)


def _sync_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--money-only", action="store_true", help="leave photographs and releases for later")


def _sync(options: argparse.Namespace) -> int:
    from app.desk_commands import sync

    return sync(options)


def _fetch_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the stick that headquarters made (outpost-hq write-stick)")


def _fetch(options: argparse.Namespace) -> int:
    from app.desk_commands import fetch

    return fetch(options)


def _cases_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", default="", help="part of a case number, name or policy number")


def _cases(options: argparse.Namespace) -> int:
    from app.desk_commands import cases

    return cases(options)


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="name, pinyin, initials, four or more ID digits, phone or policy number")


def _search(options: argparse.Namespace) -> int:
    from app.desk_commands import search

    return search(options)


def _register_arguments(parser: argparse.ArgumentParser) -> None:
    # Not as choices: they would be loaded whenever any command is.
    parser.add_argument("kind", help="vouchers, slips, documents, blanks, voided, day-counts, verified or cases")
    parser.add_argument("--from", dest="first", help="first day, such as 2026-11-01 (else the last)")
    parser.add_argument("--to", dest="last", help="last day (else today)")
    parser.add_argument(
        "--out", type=Path, required=True, help="the file, ending in .xlsx or .csv; it is not encrypted"
    )
    parser.add_argument("--language", choices=["zh", "en"], default="zh", help="of titles and words")


def _register(options: argparse.Namespace) -> int:
    from app.desk_commands import register

    return register(options)


def _numbers(options: argparse.Namespace) -> int:
    from app.paper_commands import numbers

    return numbers(options)


def _day_end_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", help="the day, such as 2026-11-22 (else today)")
    parser.add_argument(
        "--counted",
        nargs="+",
        default=[],
        metavar="KIND=N",
        help="what was counted by hand: voucher=3 slip=2 document=1",
    )


def _day_end(options: argparse.Namespace) -> int:
    from app.paper_commands import day_end

    return day_end(options)


def _blanks_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paper", help="application, slip, power_of_attorney or interview_record")
    parser.add_argument("count", type=int, help="how many")
    parser.add_argument("--out", type=Path, required=True, help="folder for the PDFs; they are not encrypted")


def _blanks(options: argparse.Namespace) -> int:
    from app.paper_commands import blanks

    return blanks(options)


def _enter_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", help="the number on the form")
    parser.add_argument("case", help="the case it belongs to")
    parser.add_argument("--on", help="the day written on it (else today)")
    parser.add_argument("--receiver", required=True, help="who got it")


def _enter(options: argparse.Namespace) -> int:
    from app.paper_commands import enter

    return enter(options)


def _rebuild(options: argparse.Namespace) -> int:
    from app.desk_commands import rebuild

    return rebuild(options)


def _recover_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="voucher PDFs or photos (or folders of them) of a lost laptop; or the one recovery file that headquarters made for this laptop",
    )


def _recover(options: argparse.Namespace) -> int:
    from app.recovering import recover

    return recover(options)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the text of a voucher's QR code")


def _check(options: argparse.Namespace) -> int:
    from app.desk_commands import check

    return check(options)


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", help="PDF, photo, or the text of a code")
    parser.add_argument("--text", action="append", default=[], help="the text of a code, as a scanner types it")
    parser.add_argument(
        "--root", type=Path, help="headquarters' root certificate (PEM or DER), where there is no store"
    )
    parser.add_argument("--certificate", type=Path, help="any signer's or root certificate (PEM or DER)")
    parser.add_argument("--at", help="the instant to verify at, such as 2026-11-22T08:00:00Z (else now)")
    parser.add_argument("--max-age-days", type=int, help="refuse vouchers older than this")
    parser.add_argument(
        "--batch",
        nargs=2,
        type=Path,
        metavar=("IN.jsonl", "OUT.jsonl"),
        help='lines of {"id", "text", "certificate" (base64 DER), "at"} to lines of {"id", "verified", "reason"}',
    )


def _verify(options: argparse.Namespace) -> int:
    from app.verify_command import verify

    return verify(options)


def _transfer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pool", nargs="?", metavar="LIMIT", help="whose allowance, or part of its name (else: list all)"
    )
    parser.add_argument("amount", nargs="?", metavar="YUAN", help="how much, in yuan")
    parser.add_argument("to", nargs="?", metavar="DEVICE[/EPOCH]", help="the colleague's laptop, such as D4/1")
    parser.add_argument("--out", type=Path, help="file to save it in (else it is printed as one line of text)")
    parser.add_argument("--again", metavar="TRANSFER", help="save or print an earlier one again; debits nothing")
    parser.add_argument("--another", action="store_true", help="hand the same sum to the same laptop once more")


def _transfer(options: argparse.Namespace) -> int:
    from app.transfer_commands import transfer

    return transfer(options)


def _receive_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FILE|CODE", help="the colleague's file, its line of text, or - to read it")


def _receive(options: argparse.Namespace) -> int:
    from app.transfer_commands import receive

    return receive(options)


def _bundle_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=["write", "read", "carry"], help="write yours, read answers, keep a colleague's"
    )
    parser.add_argument(
        "place", type=Path, help="write: folder of the stick; read: an answer or its folder; carry: the bundle"
    )
    parser.add_argument("--money-only", action="store_true", help="write: leave photographs and papers out")
    parser.add_argument("--budget", type=float, metavar="MB", help="write: at most so many megabytes of files")


def _bundle(options: argparse.Namespace) -> int:
    from app.bundle_commands import bundle

    return bundle(options)


COMMANDS = (
    Command("demo", "play the main job end to end on real parts and check every figure", _demo_arguments, _demo),
    Command("demo-laptop", "be one laptop of the demo, driven by another program", _laptop_arguments, _laptop),
    Command("run", "open the window", _run_arguments, _run),
    Command(
        "self-check", "check that everything this program is made of works here", _self_check_arguments, _self_check
    ),
    Command("enrol", "make this laptop a device of a headquarters", _enrol_arguments, _enrol),
    Command("sync", "exchange with headquarters once", _sync_arguments, _sync),
    Command(
        "fetch", "take in rules, people and policies from a stick that headquarters made", _fetch_arguments, _fetch
    ),
    Command("hub", "be the station's hub: keep sealed logs, hand allowance on, without a window", _hub_arguments, _hub),
    Command(
        "bundle",
        "hand everything over by stick, read headquarters' answers, carry for colleagues",
        _bundle_arguments,
        _bundle,
    ),
    Command(
        "transfer",
        "hand part of an allowance to a colleague's laptop, as a file or a line of text",
        _transfer_arguments,
        _transfer,
    ),
    Command("receive", "take in an allowance that a colleague handed on", _receive_arguments, _receive),
    Command("cases", "list cases, newest first", _cases_arguments, _cases),
    Command("search", "find persons in the policy extract", _search_arguments, _search),
    Command("register", "save a register of papers or cases as a workbook or text", _register_arguments, _register),
    Command("numbers", "say what became of every block of numbers, and which runs out", _no_arguments, _numbers),
    Command("day-end", "say how the papers of a day stand; record what was counted", _day_end_arguments, _day_end),
    Command("blanks", "prepare blank forms for the hour when the laptop is dead", _blanks_arguments, _blanks),
    Command("enter", "tie a form that was filled in by hand to its case, once", _enter_arguments, _enter),
    Command("rebuild", "make the projections again from log and inbox and compare", _no_arguments, _rebuild),
    Command(
        "recover",
        "rebuild a lost laptop's promises from its vouchers, or mend this laptop's key file",
        _recover_arguments,
        _recover,
    ),
    Command(
        "verify", "say whether a voucher is genuine: from a PDF, a photo or a text, offline", _verify_arguments, _verify
    ),
    Command("check", "check a voucher by the text of its QR code, offline", _check_arguments, _check),
)
