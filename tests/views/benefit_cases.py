"""Equipment of the benefit step's tests: the story's cases as the window would leave them, and a page that reloads what was written.

A case is opened, its papers are handed in, its facts lie in the draft as typed texts. Nothing is decided: that is the panel's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.demo.preposition import allowances_for_story
from app.demo.story import STORY, StoryCase
from claims.amounts import yuan
from claims.desk import Desk
from claims.events import PersonFact
from claims.form_fields import FactValue, FieldKind
from claims.overviews import CaseStanding, CaseStep
from claims.reference import ExtractPerson
from claims.reporting import NewCase
from claims.statements import AllowanceGranted
from tests.desk.station import NOON, Station, photo
from tests.views.stage import Stage
from views.screens.case.benefit_step import BenefitPanel
from views.screens.case.facts import encode_raw, facts_draft_id, facts_form

# What the form asks besides what the rules of the case need.
_BESIDES = {
    "disaster": {"bill_kind": "outpatient"},
    "disaster_no_waiver": {"bill_kind": "outpatient"},
    "direct_settlement": {
        "bill_kind": "inpatient",
        "discharge_date": "2026-11-16",
        "si_settled": "yes",
        "accident": "no",
    },
}


def story_case(name: str) -> StoryCase:
    return next(each for each in STORY if each.name == name)


def grant_story(station: Station) -> None:
    """Give the laptop the story's allowances."""
    with station.store() as store, store.write() as uow:
        for place, grant in enumerate(allowances_for_story(), start=2):
            uow.receive(
                station.hq.say(
                    AllowanceGranted,
                    grant_id=f"G-{place}",
                    pool=grant.pool,
                    limit_fen=grant.limit_fen,
                    expires_at=NOON.replace(year=NOON.year + 1),
                )
            )


def typed(claim_type: str, entered: Mapping[str, FactValue]) -> dict[str, str]:
    """Return facts as somebody types them."""
    kinds = {field.key: field.kind for field in facts_form(claim_type).fields}
    texts: dict[str, str] = {}
    for key, value in entered.items():
        if key not in kinds:
            continue
        if isinstance(value, bool):
            texts[key] = "yes" if value else "no"
        elif kinds[key] is FieldKind.AMOUNT and isinstance(value, int):
            texts[key] = yuan(value)
        else:
            texts[key] = str(value)
    return texts


def put_facts(desk: Desk, case_no: str, raw: Mapping[str, str]) -> None:
    """Leave typed facts in the draft."""
    desk.save_draft(facts_draft_id(case_no), encode_raw(raw))


def raw_facts(case: StoryCase) -> dict[str, str]:
    """Return the typed facts of a case of the story."""
    return typed(case.claim_type.value, case.entered) | _BESIDES.get(case.name, {})


def take_in(desk: Desk, case: StoryCase, *, policy_nos: tuple[str, ...] | None = None, papers: bool = True) -> str:
    """Open a case of the story with its papers and typed facts; return its number."""
    hit = next(hit for hit in desk.search_people(case.search) if case.policy_no in hit.policy_nos)
    insured = _person(hit.person)
    reporter = insured if case.claimant is None else _person(desk.search_people(case.claimant)[0].person)
    case_no = desk.open_case(
        NewCase(
            channel=case.channel,
            claim_type=case.claim_type,
            insured=insured,
            reporter=reporter,
            policy_nos=(case.policy_no,) if policy_nos is None else policy_nos,
            loss_date=case.loss_date,
            loss_place=case.loss_place,
            loss_region="990101",
            catastrophe_id=case.catastrophe_id,
            description="",
        )
    )
    for shade, material in enumerate(case.materials if papers else ()):
        desk.add_document(case_no, material, f"{material.value}.jpg", photo(shade))
    put_facts(desk, case_no, raw_facts(case))
    return case_no


def _person(found: ExtractPerson) -> PersonFact:
    return PersonFact(
        name=found.name,
        id_number=found.id_number,
        person_id=found.person_id,
        birth_date=found.birth_date,
        sex=found.sex,
        phone=found.phone,
    )


@dataclass
class Page:
    """What the case page does for the panel: loads the standing, shows it, loads again after each writing."""

    stage: Stage
    desk: Desk
    panel: BenefitPanel
    case_no: str
    loads: int = 0

    def load(self) -> None:
        self.loads += 1
        self.stage.tasks.run(lambda: self.desk.case_standing(self.case_no), self.panel.show_standing, owner=self.panel)

    @property
    def standing(self) -> CaseStanding:
        return self.desk.case_standing(self.case_no)


def show_benefit(stage: Stage, desk: Desk, case_no: str, width: int = 870, height: int = 712) -> Page:
    """Show the panel for a case and let it come to rest."""
    panel = BenefitPanel(stage.workplace(desk))
    page = Page(stage, desk, panel, case_no)
    panel.wrote.connect(page.load)
    stage.show(panel, width, height)
    page.load()
    stage.settle()
    return page


def gone_to(panel: BenefitPanel) -> list[CaseStep]:
    """Return a list that fills with the steps the panel wants."""
    steps: list[CaseStep] = []
    panel.go_to.connect(steps.append)
    return steps


def visible_texts(widget: QWidget) -> str:
    """Return everything a person or a screen reader gets from what is visible now."""
    said = []
    for each in (widget, *widget.findChildren(QWidget)):
        if each.isVisibleTo(widget) or each is widget:
            said.extend((each.accessibleName(), each.accessibleDescription()))
    return "\n".join(text for text in said if text)
