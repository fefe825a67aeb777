"""``outpost-rules check`` and the gate before a pack is written: run the checks, print the report.

Promise: a pack that something blocks is never written; what blocks it stands on the error output.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rules.checking.check import check_pack
from rules.checking.findings import Report
from rules.tools.building import join_sources

BLOCKED = "不予生成 / the build is blocked (outpost-rules check)"


def print_check(source: Path, *, as_json: bool) -> bool:
    """Check a pack's file, or the folder that one is built from, and print the report. Return whether nothing blocks.

    Raises PackError where a folder is no source; OSError where a file cannot be read.
    """
    report = check_pack(join_sources(source) if source.is_dir() else source.read_bytes())
    print(report.json().decode() if as_json else report.told())
    return not report.blocked


def passes(raw: bytes) -> bool:
    """Check a pack before it is written. Return whether nothing blocks; what does is printed to the error output."""
    report = check_pack(raw)
    if report.blocked:
        print(_blocking(report), file=sys.stderr)
    return not report.blocked


def _blocking(report: Report) -> str:
    lines = []
    for finding in report.findings:
        if finding.blocking:
            lines += [f"[{finding.part}] {finding.text.zh}", f"  {finding.text.en}"]
            if finding.example is not None:
                lines.append(
                    "  例 / example: " + ", ".join(f"{name} = {value}" for name, value in finding.example.items())
                )
    return "\n".join([*lines, BLOCKED])
