"""``outpost-rules import`` and ``export``: between a product expert's workbook and the canonical pack.

Promise: a file is written whole or not at all; what is wrong with a workbook is printed whole, one line a problem and language.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from enum import Enum
from pathlib import Path

from rules.tools.checked import passes
from rules.workbook import WorkbookError, export_pack, import_pack


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
        raw = import_pack(workbook.read_bytes())
    except WorkbookError as refused:
        _tell(workbook, refused)
        return Outcome.REFUSED
    if not draft and not passes(raw):
        return Outcome.BLOCKED
    write_whole(pack, raw)
    print(f"{pack}: {len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")
    return Outcome.WRITTEN


def export_workbook(pack: Path, workbook: Path) -> Outcome:
    """Write a pack as a workbook. Raises PackError and OSError."""
    try:
        raw = export_pack(pack.read_bytes())
    except WorkbookError as refused:
        _tell(pack, refused)
        return Outcome.REFUSED
    write_whole(workbook, raw)
    print(f"{workbook}: {len(raw)} bytes")
    return Outcome.WRITTEN


def write_whole(target: Path, raw: bytes) -> None:
    """Write beside the target and then put it in its place: nobody ever sees half a file."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        written.chmod(0o644)
        written.replace(target)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _tell(source: Path, refused: WorkbookError) -> None:
    print(f"{source}: {len(refused.problems)} 个问题 / problems", file=sys.stderr)
    for problem in refused.problems:
        print(f"  {problem.place.named(english=False)}：{problem.text.zh}", file=sys.stderr)
        print(f"    {problem.place.named(english=True)}: {problem.text.en}", file=sys.stderr)
