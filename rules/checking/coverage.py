"""What the worked cases leave out: cases that differ, rows that none hits, conditions that none makes go both ways.

Promise: a row without a case blocks; a condition is only told, because the mutation score judges it better.
"""

from __future__ import annotations

from rules.bilingual import Bilingual
from rules.checking import expectations
from rules.checking.findings import Check, Finding
from rules.checking.node_text import text_of
from rules.checking.probing import Notes
from rules.engine import Pack
from rules.engine.language import Table

_SHOWN_ROWS = 20


def differing(pack: Pack, notes: Notes) -> list[Finding]:
    """Tell the cases that do not come out as they expect, or that there is none."""
    if not notes.cases:
        text = Bilingual(zh="规则包没有测试用例，请至少补充一个", en="the pack has no worked case: add at least one")
        return [Finding(check=Check.TESTS, part="tests", text=text, blocking=True)]
    return [finding for case in notes.cases if case.wrong for finding in expectations.findings_of(pack, case)]


def rows(pack: Pack, notes: Notes) -> list[Finding]:
    """Tell the rows that no case hits: one by one where they are few, else together."""
    found = []
    for name, rule in pack.rules.items():
        if not isinstance(rule.body, Table):
            continue
        written = rule.body.definition.rows
        missing = [number for number in range(len(written)) if (name, number) not in notes.rows]
        if len(missing) > _SHOWN_ROWS:
            shown = ", ".join(str(number + 1) for number in missing[:_SHOWN_ROWS])
            text = Bilingual(
                zh=f"表有 {len(missing)} 行没有用例命中（第 {shown} 行等），请补充用例",
                en=f"no case hits {len(missing)} rows of the table ({shown}, ...): add cases",
            )
            found.append(
                Finding(
                    check=Check.ROWS, part=f"rule {name}", text=text, blocking=True, at={"row": str(missing[0] + 1)}
                )
            )
            continue
        for number in missing:
            cells = " | ".join(written[number].when)
            text = Bilingual(
                zh=f"表第 {number + 1} 行（{cells}）没有用例命中，请补充用例",
                en=f"no case hits row {number + 1} ({cells}): add one",
            )
            found.append(
                Finding(check=Check.ROWS, part=f"rule {name}", text=text, blocking=True, at={"row": str(number + 1)})
            )
    return found


def branches(notes: Notes) -> list[Finding]:
    """Tell the conditions that were only ever one thing."""
    found = []
    for (name, _), seen in notes.branches.items():
        for missing in (True, False):
            if missing not in seen:
                condition = text_of(notes.conditions[name, _])
                zh, en = ("成立", "holds") if missing else ("不成立", "does not hold")
                text = Bilingual(zh=f"没有用例使“{condition}”{zh}", en=f"in no case `{condition}` {en}")
                found.append(Finding(check=Check.BRANCHES, part=f"rule {name}", text=text, blocking=False))
    return found
