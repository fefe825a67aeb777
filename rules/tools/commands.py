"""The command line of the rules: ``run``, ``test``, ``build`` and ``elements``.

Promise: exit code 0 only when everything asked for came out; 1 when a case differs or a line is no case; 2 when a file or
pack cannot be used. One bad line never stops the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from rules.engine import FactsError, Pack, PackError, RulesError, canonical, decide, decode_facts, load_pack
from rules.tools.building import build_pack
from rules.tools.describing import describe_elements, describe_plans
from rules.tools.pack_tests import rules_never_bitten, run_tests

OK, DIFFERENT, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "run":
            return _run(options.pack, options.cases)
        if options.command == "test":
            return _test(options.pack, quiet=options.quiet)
        if options.command == "elements":
            return _elements(options.pack)
        return _build(options.source, options.out)
    except (PackError, OSError) as problem:
        print(f"outpost-rules: {_said(problem)}", file=sys.stderr)
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="outpost-rules", description="Decide claims by a rule pack, run a pack's own tests, or build a pack."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="{run,test,build,elements}")
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
    return parser


def _said(problem: Exception) -> str:
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
    pack = load_pack(raw)
    out.write_bytes(raw)
    print(f"{out}: {pack.pack_id} {pack.version}, {len(raw)} bytes, sha256 {pack.hash}")
    return OK
