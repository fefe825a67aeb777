"""What the build checks find about an imported pack, told at the cells it came from.

Promise: as a workbook that cannot be read: each finding names sheet and cell, in Chinese and English, sums in yuan.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.bilingual import Bilingual
from rules.checking.check import check_pack
from rules.checking.findings import Check, Finding
from rules.checking.told_values import facts
from rules.engine.document import ElementSpec
from rules.engine.loading import load_pack
from rules.engine.model import ElementId
from rules.workbook.importing import Imported
from rules.workbook.locating import place_of_finding
from rules.workbook.messages import sentence_of
from rules.workbook.problems import Place, Problem

MOST_UNNOTICED = 40


def blocking(imported: Imported) -> list[Problem]:
    """Return what keeps an imported pack from being built, with its cells."""
    report = check_pack(imported.raw)
    if not report.blocked:
        return []
    elements = load_pack(imported.raw).elements
    # A mutation score that is too low speaks of the changes that no case notices; by themselves they keep nothing back.
    unnoticed = [each for each in report.findings if each.check is Check.MUTATION and not each.blocking]
    if not any(each.check is Check.MUTATION and each.blocking for each in report.findings):
        unnoticed = []
    told = [
        Problem(
            finding.check.value,
            place_of_finding(finding.part, _at(finding), imported.sources),
            _text(finding, elements),
        )
        for finding in (*(each for each in report.findings if each.blocking), *unnoticed[:MOST_UNNOTICED])
    ]
    left = len(unnoticed) - MOST_UNNOTICED
    return [*told, Problem("more", Place(), sentence_of("more", {"count": str(left)}))] if left > 0 else told


def _at(finding: Finding) -> Mapping[str, str]:
    """Return where in the part; a changed piece stands in the rule's formula."""
    return {"field": "expression"} if finding.check is Check.MUTATION else finding.at


def _text(finding: Finding, elements: Mapping[ElementId, ElementSpec]) -> Bilingual:
    """Return the sentence, with the facts that show it. A worked case shows its own in its row; what it is called is told."""
    if finding.check is Check.TESTS and finding.part.startswith("test "):
        name = finding.part.removeprefix("test ")
        return Bilingual(zh=f"用例“{name}”：{finding.text.zh}", en=f'case "{name}": {finding.text.en}')
    text = finding.text
    if finding.check is Check.PROMISES:
        plan = finding.part.removeprefix("plan ").partition(",")[0]
        text = Bilingual(zh=f"方案“{plan}”：{text.zh}", en=f'plan "{plan}": {text.en}')
    if finding.example is None:
        return text
    example = facts(elements, finding.example)
    return Bilingual(zh=f"{text.zh}。例如：{example.zh}", en=f"{text.en}. For example: {example.en}")
