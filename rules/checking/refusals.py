"""A pack that does not load, told to its author as a finding: what was found and what to do, in Chinese and English.

Promise: a refusal says here what it says in a workbook (``rules.checking.pack_messages``), with the table's row where it is about one.
"""

from __future__ import annotations

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding
from rules.checking.pack_messages import said
from rules.engine import PackError

_CHECKS = {
    "too_large": Check.LIMITS,
    "too_deep": Check.LIMITS,
    "too_long": Check.LIMITS,
    "overflow": Check.OVERFLOW,
    "gap": Check.TABLES,
    "overlap": Check.TABLES,
    "bad_table": Check.TABLES,
    "wrong_type": Check.UNITS,
}


def finding_of(problem: PackError) -> Finding:
    """Return the finding that tells why a pack was refused."""
    why = problem.values.get("why", "")
    check = _CHECKS.get(why, _CHECKS.get(problem.code, Check.LOADING))
    text = _in_its_row(problem, said(problem))
    at = {name: value for name, value in problem.values.items() if name != "part"}
    return Finding(check=check, part=problem.values.get("part", "pack"), text=text, blocking=True, at=at)


def _in_its_row(problem: PackError, text: Bilingual) -> Bilingual:
    row, column = problem.values.get("row"), problem.values.get("column_name")
    if not row or not column:
        return text
    if row == "0":
        return Bilingual(zh=f"表头“{column}”：{text.zh}", en=f'column "{column}": {text.en}')
    return Bilingual(zh=f"第 {row} 行“{column}”：{text.zh}", en=f'row {row}, "{column}": {text.en}')
