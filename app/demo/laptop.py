"""One laptop of the demo: a process of its own that drives the desk, so that it can be killed like a real one.

Promise: nothing is faked between the desk and the disk. ``--cut STEP:N`` kills the process with SIGKILL the N-th time the
desk passes that step; a later start finishes what was cut short before it goes on. Prints one JSON document. Needs nothing
of headquarters' code: an installed laptop has it too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from pathlib import Path
from typing import Any

from app.demo.paperwork import photographed
from app.demo.story import STORY, StoryCase, cases_of
from app.enrolment import enrol_laptop
from app.main import build
from app.settings import Settings, load_settings
from app.unlocking import SECRET_VARIABLE
from claims.desk import Desk
from claims.events import PayeeFact, PersonFact
from claims.materials import MATERIAL_NAMES
from claims.ports import StepProbe
from claims.records import PaperRecord
from claims.reference import ExtractPerson
from claims.reporting import NewCase
from claims.signing import Role
from local_db.key_slots import PassphraseUnlock
from rules.engine import read_decision
from rules.engine.model import Referral

_INK = (((0, 40), (22, 8), (30, 60), (52, 12)), ((60, 30), (96, 28)), ((78, 4), (74, 62)))


def run_laptop(home: Path, options: argparse.Namespace) -> int:
    """Enrol, play, sync or collect on the laptop kept under ``home``; its passphrase comes from the environment."""
    secret = os.environ[SECRET_VARIABLE]
    if options.action == "enrol":
        return _tell(_enrol(Settings(home=home, hq_url=options.url, adjuster=options.adjuster), options.code, secret))
    settings = load_settings(home)
    desk = build(settings, PassphraseUnlock(settings.adjuster, secret), probe=_cut_at(options.cut))
    try:
        if options.action == "play":
            return _tell(_play(desk, options.case))
        if options.action == "sync":
            return _tell(_sync(desk))
        return _tell(_collect(desk, options.out))
    finally:
        desk.close()


def _tell(result: Any) -> int:
    print(json.dumps(result))
    return 0


def _enrol(settings: Settings, code: str, secret: str) -> dict[str, Any]:
    identity = enrol_laptop(settings, code, PassphraseUnlock(settings.adjuster, secret))
    return {"device": identity.device, "epoch": identity.epoch, "station": identity.station}


def _cut_at(where: str) -> StepProbe:
    step, _, times = where.partition(":")
    passed = 0

    def probe(name: str, /) -> None:
        nonlocal passed
        if step and name == step:
            passed += 1
            if passed == int(times):
                os.kill(os.getpid(), signal.SIGKILL)

    return probe


def _play(desk: Desk, only: str | None) -> dict[str, Any]:
    finished = [_finish(desk, paper) for paper in desk.unfinished_papers()]
    done = {each.description for each in desk.cases(limit=100)}
    played = []
    for case in cases_of(desk.identity.device):
        if case.name not in done and only in (None, case.name):
            _take(desk, case)
            played.append(case.name)
    return {"finished": finished, "played": played}


def _take(desk: Desk, case: StoryCase) -> None:
    hit = next(hit for hit in desk.search_people(case.search) if case.policy_no in hit.policy_nos)
    person = _person(hit.person)
    claimant = person if case.claimant is None else _person(desk.search_people(case.claimant)[0].person)
    case_no = desk.open_case(
        NewCase(
            channel=case.channel,
            claim_type=case.claim_type,
            insured=person,
            reporter=claimant,
            policy_nos=(case.policy_no,),
            loss_date=case.loss_date,
            loss_place=case.loss_place,
            loss_region="990101",
            catastrophe_id=case.catastrophe_id,
            description=case.name,
        )
    )
    for material in case.materials:
        title = MATERIAL_NAMES[material].zh.split("（")[0]
        lines = (f"姓名 {person.name}", f"证件 {person.id_number}", f"日期 {case.loss_date}", case.title)
        desk.add_document(case_no, material, f"{title}.jpg", photographed(title, lines))
    desk.adjudicate(case_no, case.policy_no, case.entered)
    desk.sign(case_no, case.policy_no, role=Role.CLAIMANT, name=claimant.name, ink=_INK)
    desk.sign(case_no, case.policy_no, role=Role.ADJUSTER, name=desk.identity.adjuster_name, ink=_INK)
    payee = PayeeFact(
        name=claimant.name,
        id_number=claimant.id_number,
        relation="self" if case.claimant is None else "beneficiary",
        bank="示例银行",
        account="6217001234567890122",
    )
    for paper in desk.conclude(case_no, case.policy_no, (payee,)):
        _finish(desk, paper)


def _person(found: ExtractPerson) -> PersonFact:
    return PersonFact(
        name=found.name,
        id_number=found.id_number,
        person_id=found.person_id,
        birth_date=found.birth_date,
        sex=found.sex,
        phone=found.phone,
    )


def _finish(desk: Desk, paper: PaperRecord) -> str:
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "pdf")
    desk.hand_over(paper.number, desk.case(paper.case_no).reporter.name)
    return paper.number


def _sync(desk: Desk) -> dict[str, Any]:
    report = desk.sync()
    if report.problem is not None:
        raise report.problem
    return {
        "events": report.events_sent,
        "bytes": report.event_bytes + report.chunk_bytes,
        "wire_bytes": report.wire_bytes,
        "answers": report.statements_received,
    }


def _collect(desk: Desk, out: Path | None) -> dict[str, Any]:
    by_name = {each.description: each for each in desk.cases(limit=100)}
    found = []
    for case in STORY:
        record = by_name.get(case.name)
        if record is None or case.laptop != desk.identity.device:
            continue
        determination = desk.determinations(record.case_no)[0]
        decision = read_decision(determination.decision)
        papers = desk.papers(record.case_no)
        paper = papers[0]
        pdf = None
        if out is not None:
            pdf = f"{case.name}.pdf"
            (out / pdf).write_bytes(desk.drawing(paper.number))
        answers = desk.answers(record.case_no)
        found.append(
            {
                "name": case.name,
                "case_no": record.case_no,
                "outcome": determination.outcome.value,
                "total_fen": decision.total_fen,
                "outputs_fen": decision.outputs_fen,
                "reason_rules": [each.rule for each in decision.reasons] if isinstance(decision, Referral) else [],
                "reasons": [each.zh for each in determination.outcome_reasons],
                "paper": paper.number,
                "paper_kind": paper.kind.value,
                "papers": len(papers),
                "copies": paper.copies,
                "paper_state": paper.state.value,
                "amount_fen": paper.amount_fen,
                "pdf": pdf,
                "replay": answers[-1].replay if answers else None,
                "settlement": answers[-1].settlement if answers else None,
                "answer": answers[-1].reason.zh if answers else None,
                "ack": record.ack.value,
                "documents": len(desk.documents(record.case_no)),
                "documents_at_hq": sum(each.held_by_hq for each in desk.documents(record.case_no)),
            }
        )
    return {
        "cases": found,
        "numbers": [each.number for each in desk.papers()],
        "exposure_fen": desk.exposure_fen(),
        "safety": {"disk": desk.safety().disk, "hq": desk.safety().hq, "waiting": desk.safety().attachments_waiting},
    }
