"""The command line of the rules: ``run``, ``test``, ``check``, ``build``, ``elements``, ``conform``, ``import``,
``export``, ``replay`` and ``diff``.

Promise: exit code 0 only when everything asked for came out; 1 when a case differs, a line is no case or a check blocks; 2 when a file or
pack cannot be used. One bad line never stops the others.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from rules.checking.pack_messages import said
from rules.engine import FactsError, Pack, PackError, RulesError, canonical, decide, decode_facts, load_pack
from rules.tools.building import build_pack
from rules.tools.checked import passes, print_check
from rules.tools.conform import print_conformance
from rules.tools.describing import describe_elements, describe_plans
from rules.tools.pack_tests import rules_never_bitten, run_tests
from rules.tools.writing import write_whole

OK, DIFFERENT, UNUSABLE = 0, 1, 2
_MOST_WORKERS = 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code = _DONE_BY[options.command](options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader has seen enough (head); what is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (RulesError, OSError) as problem:
        print(f"outpost-rules: {_said(problem)}", file=sys.stderr)
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="outpost-rules", description="Decide claims by a rule pack, run a pack's own tests, or build a pack."
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="{run,test,check,build,elements,conform,import,export,replay,diff}"
    )
    run = commands.add_parser(
        "run", help="decide cases", description="Print one decision a line, as canonical JSON, for each case of a file."
    )
    run.add_argument("pack", type=Path, help="the pack, a canonical JSON file")
    run.add_argument(
        "cases", type=Path, help='one case a line: {"name": "...", "facts": {...}}; - reads standard input'
    )
    test = commands.add_parser(
        "test", help="run a pack's worked cases", description="Run the cases inside a pack; fail on any difference."
    )
    test.add_argument("pack", type=Path, help="the pack, a canonical JSON file")
    test.add_argument("-q", "--quiet", action="store_true", help="print only what differs, and the count")
    check = commands.add_parser(
        "check",
        help="run the checks that block a build",
        description="Check units, tables, limits, integer ranges, the worked cases and what they leave open (docs/rules.md).",
    )
    check.add_argument("pack", type=Path, help="the pack, a canonical JSON file, or the folder of its source")
    check.add_argument("--json", action="store_true", help="print the report as one JSON object")
    build = commands.add_parser(
        "build", help="build a pack from its source", description="Join a folder of source files to one canonical pack."
    )
    build.add_argument("source", type=Path, help="folder of source files, with pack.json")
    build.add_argument("out", type=Path, help="file to write")
    elements = commands.add_parser(
        "elements",
        help="list what a pack asks for",
        description="Print, as Markdown, the elements that each plan's rules may read, and all elements with their bounds.",
    )
    elements.add_argument("pack", type=Path, help="the pack, a canonical JSON file")
    conform = commands.add_parser(
        "conform",
        help="measure the rule language against outside test data",
        description="Score the rows of DIR/feel.jsonl and DIR/tables.jsonl as right, refused or wrong (docs/conformance.md).",
    )
    conform.add_argument("folder", type=Path, metavar="DIR", help="folder with feel.jsonl and tables.jsonl")
    conform.add_argument("--json", action="store_true", help="print the counts as one JSON object")
    conform.add_argument("--strict", action="store_true", help="answer exactly as packs are read, without FEEL's null")
    conform.add_argument("-v", "--verbose", action="store_true", help="list every row that is not right")
    taken = commands.add_parser(
        "import",
        help="make a pack of a workbook",
        description="Turn a product expert's workbook (.xlsx, docs/workbook.md) into the canonical pack; all its errors are listed.",
    )
    taken.add_argument("workbook", type=Path, metavar="WORKBOOK", help="the workbook, an .xlsx file")
    taken.add_argument("pack", type=Path, metavar="PACK", help="pack to write")
    taken.add_argument("--draft", action="store_true", help="leave out the checks that block a build")
    given = commands.add_parser(
        "export",
        help="write a pack as a workbook",
        description="Write a pack as a workbook that imports to the same bytes.",
    )
    given.add_argument("pack", type=Path, metavar="PACK", help="the pack, a canonical JSON file")
    given.add_argument("workbook", type=Path, metavar="WORKBOOK", help="workbook to write, an .xlsx file")
    again = commands.add_parser(
        "replay",
        help="decide history again",
        description="Decide every claim of a Parquet file by a pack, in order, with the pools they share (docs/rules.md).",
    )
    again.add_argument("pack", type=Path, metavar="PACK", help="the pack, a canonical JSON file")
    again.add_argument("claims", type=Path, metavar="CLAIMS", help="the claims, a Parquet file")
    again.add_argument("--out", type=Path, help="Parquet file to write, a row a claim")
    against = commands.add_parser(
        "diff",
        help="what a new pack would change",
        description="Decide every claim of a Parquet file by two packs; report each changed payout and where it comes from.",
    )
    against.add_argument("old", type=Path, metavar="OLD", help="the pack in force")
    against.add_argument("new", type=Path, metavar="NEW", help="the pack to look at")
    against.add_argument("claims", type=Path, metavar="CLAIMS", help="the claims, a Parquet file")
    against.add_argument("--html", type=Path, help="page to write, with charts and the largest changes")
    against.add_argument("--json", action="store_true", help="print all changes as one JSON object")
    for each in (again, against):
        where = each.add_mutually_exclusive_group()
        where.add_argument("--workers", type=_workers, help="cut the file and use so many processes of this machine")
        where.add_argument(
            "--cluster", metavar="ADDRESS", help="cut the file and use a running Dask cluster, tcp://host:port"
        )
    return parser


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_WORKERS}, not {text}")
    return int(text)


def _replay(options: argparse.Namespace) -> int:
    # Only these two commands need pyarrow and Dask, which a laptop of the field does not have.
    from rules.tools.replays import compare_packs, replay_history  # noqa: PLC0415

    if options.command == "replay":
        replay_history(options.pack, options.claims, options.out, options.workers, options.cluster)
        return OK
    comparison = compare_packs(
        options.old,
        options.new,
        options.claims,
        html=options.html,
        as_json=options.json,
        workers=options.workers,
        cluster=options.cluster,
    )
    return DIFFERENT if comparison.changes else OK


def _workbook(options: argparse.Namespace) -> int:
    # Only these two commands need openpyxl: the others start without it.
    from rules.tools.workbooks import Outcome, export_workbook, import_workbook  # noqa: PLC0415

    if options.command == "import":
        outcome = import_workbook(options.workbook, options.pack, draft=options.draft)
    else:
        outcome = export_workbook(options.pack, options.workbook)
    return {Outcome.WRITTEN: OK, Outcome.BLOCKED: DIFFERENT, Outcome.REFUSED: UNUSABLE}[outcome]


def _said(problem: Exception) -> str:
    if isinstance(problem, PackError):
        text = said(problem)
        return f"[{problem.values.get('part', 'pack')}] {text.zh}\n  {text.en}"
    if isinstance(problem, RulesError):
        return f"{problem.code}: " + ", ".join(f"{name} {value}" for name, value in problem.values.items())
    return str(problem)


def _run(pack_file: Path, cases: Path) -> int:
    pack = load_pack(pack_file.read_bytes())
    code = OK
    for number, line in enumerate(_lines(cases), start=1):
        if not line.strip():
            continue
        name = f"line {number}"
        try:
            name, facts = _case(line, name)
            decision = json.loads(canonical(decide(pack, decode_facts(pack, facts))))
            print(json.dumps({"name": name, "decision": decision}, ensure_ascii=False))
        except FactsError as problem:
            print(json.dumps({"name": name, "error": problem.code, "values": problem.values}, ensure_ascii=False))
            code = DIFFERENT
    return code


def _lines(cases: Path) -> Iterator[str]:
    if str(cases) == "-":
        yield from sys.stdin
        return
    with cases.open(encoding="utf-8") as lines:
        yield from lines


class _Case(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a cases file."""

    facts: msgspec.Raw
    name: str = ""


def _case(line: str, fallback: str) -> tuple[str, bytes]:
    try:
        case = msgspec.json.decode(line, type=_Case)
    except msgspec.DecodeError as problem:
        raise FactsError("bad_json", detail=str(problem)) from problem
    return case.name or fallback, bytes(case.facts)


def _test(pack_file: Path, *, quiet: bool) -> int:
    pack: Pack = load_pack(pack_file.read_bytes())
    results = run_tests(pack)
    width = max((len(result.name) for result in results), default=4)
    for result in results:
        if result.passed and quiet:
            continue
        total = "" if result.decision is None else f"{result.decision.total_fen / 100:>14,.2f}"
        kind = "" if result.decision is None else type(result.decision).__name__.lower()
        print(f"{'ok  ' if result.passed else 'FAIL'} {result.name:{width}} {total} {kind}")
        for difference in result.differences:
            print(f"       {difference}")
    failed = sum(not result.passed for result in results)
    print(f"{pack.pack_id} {pack.version}: {len(results)} cases, {failed} differ")
    unbitten = rules_never_bitten(pack, results)
    if unbitten:
        print(f"rules that no case makes bite: {', '.join(unbitten)}")
    return DIFFERENT if failed or not results else OK


def _elements(pack_file: Path) -> int:
    pack = load_pack(pack_file.read_bytes())
    print(describe_plans(pack))
    print(describe_elements(pack), end="")
    return OK


def _build(source: Path, out: Path) -> int:
    raw = build_pack(source)
    if not passes(raw):
        return DIFFERENT
    pack = load_pack(raw)
    write_whole(out, raw)
    print(f"{out}: {pack.pack_id} {pack.version}, {len(raw)} bytes, sha256 {pack.hash}")
    return OK


def _conform(options: argparse.Namespace) -> int:
    mode: Literal["strict", "feel"] = "strict" if options.strict else "feel"
    agrees = print_conformance(options.folder, as_json=options.json, verbose=options.verbose, mode=mode)
    return OK if agrees else DIFFERENT


_DONE_BY: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": lambda options: _run(options.pack, options.cases),
    "test": lambda options: _test(options.pack, quiet=options.quiet),
    "check": lambda options: OK if print_check(options.pack, as_json=options.json) else DIFFERENT,
    "build": lambda options: _build(options.source, options.out),
    "elements": lambda options: _elements(options.pack),
    "conform": _conform,
    "import": _workbook,
    "export": _workbook,
    "replay": _replay,
    "diff": _replay,
}
