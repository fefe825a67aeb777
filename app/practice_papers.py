"""The papers that the people of the practice world bring along: photographs to drop on a case, one folder a person.

Promise: everything on them is invented; a folder that is there already is left alone.
"""

from __future__ import annotations

from pathlib import Path

from app.demo.paperwork import photographed
from app.demo.story import MAIN_LAPTOP, cases_of
from app.practice import PAPERS_FOLDER
from claims.materials import MATERIAL_NAMES
from headquarters.sample import sample_persons, sample_policies


def write_practice_papers(home: Path) -> Path:
    """Write the papers of the story's people under ``home``; return the folder. Raises ``OSError``."""
    folder = home / PAPERS_FOLDER
    if folder.exists():
        return folder
    draft = home / f".{PAPERS_FOLDER}.new"
    policies = {each.policy_no: each for each in sample_policies()}
    persons = {each.person_id: each for each in sample_persons()}
    for case in cases_of(MAIN_LAPTOP):
        person = persons[policies[case.policy_no].insured_id]
        for material in case.materials:
            title = MATERIAL_NAMES[material].zh.split("（")[0]
            file = draft / person.name / f"{title}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            lines = (
                f"姓名 {person.name}",
                f"证件 {person.id_number}",
                f"日期 {case.loss_date}",
                "练习用，内容均为虚构",
            )
            file.write_bytes(photographed(title, lines))
    draft.rename(folder)
    return folder
