"""``outpost-rules import`` and ``export``: between a product expert's workbook and the canonical pack.

Promise: a file is written whole or not at all; what is wrong with a workbook is printed whole, one line a problem and language.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from rules.tools.checked import BLOCKED
from rules.tools.writing import write_whole
from rules.workbook import Problem, WorkbookError, export_pack
from rules.workbook.importing import import_with_sources
from rules.workbook.judging import blocking


class Outcome(Enum):
    """How it went: written, kept back by a check that blocks a build, or refused with all that is wrong."""

    WRITTEN = "written"
    BLOCKED = "blocked"
    REFUSED = "refused"


def import_workbook(workbook: Path, pack: Path, *, draft: bool) -> Outcome:
    """Make a pack of a workbook. ``draft`` leaves out the checks that block a build.

    Raises OSError where a file cannot be read or written.
    """
    try:
        imported = import_with_sources(workbook.read_bytes())
    except WorkbookError as refused:
        _tell(workbook, refused.problems)
        return Outcome.REFUSED
    raw = imported.raw
    if not draft and (problems := blocking(imported)):
        _tell(workbook, problems)
        print(BLOCKED, file=sys.stderr)
        return Outcome.BLOCKED
    write_whole(pack, raw)
    print(f"{pack}: {len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")
    return Outcome.WRITTEN


def export_workbook(pack: Path, workbook: Path) -> Outcome:
    """Write a pack as a workbook. Raises PackError and OSError."""
    try:
        raw = export_pack(pack.read_bytes())
    except WorkbookError as refused:
        _tell(pack, refused.problems)
        return Outcome.REFUSED
    write_whole(workbook, raw)
    print(f"{workbook}: {len(raw)} bytes")
    return Outcome.WRITTEN


def _tell(source: Path, problems: Sequence[Problem]) -> None:
    print(f"{source}: {len(problems)} 个问题 / problems", file=sys.stderr)
    for problem in problems:
        print(f"  {problem.place.named(english=False)}：{problem.text.zh}", file=sys.stderr)
        print(f"    {problem.place.named(english=True)}: {problem.text.en}", file=sys.stderr)
