"""What a report asks, as forms, and how typed texts become a ``NewCase``; also how an unfinished report is kept.

Promise: pure. A draft holds every text as it was typed, so that a program that was killed goes on where it stood; nothing here
guesses what was meant.

Source: notes/domain.md §1.1; docs/adr/0102.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import msgspec

from claims.errors import Bilingual
from claims.events import PersonFact
from claims.form_definitions import form_for
from claims.form_fields import Choice, FieldKind, FieldSpec, Form, Validated
from claims.materials import CLAIM_TYPE_NAMES, ClaimType
from claims.reference import Catastrophe, ExtractPerson, ExtractPolicy, PersonHit
from claims.reporting import NewCase
from views.case_words import type_name

REPORT_DRAFT = "report:"
CLAIM_TYPE, CHANNEL = "case.claim_type", "case.channel"
LOSS_DATE, LOSS_PLACE, LOSS_REGION = "case.loss_date", "case.loss_place", "case.loss_region"
DESCRIPTION, REPORTER_NAME, REPORTER_PHONE = "case.description", "reporter.name", "reporter.phone"
POLICIES, EVENT, PERSON, INSURED = "case.policy_nos", "case.catastrophe_id", "person.id", "insured.person_id"
NAME, ID_NUMBER, PHONE = "insured.name", "insured.id_number", "insured.phone"
BIRTH_DATE, SEX = "insured.birth_date", "insured.sex"
DEFAULT_CHANNEL = "station"

CHANNELS = (
    Choice("station", Bilingual("服务站", "At the station")),
    Choice("home_visit", Bilingual("上门", "Home visit")),
    Choice("hospital", Bilingual("医院", "At the hospital")),
    Choice("branch", Bilingual("营业网点", "At a branch")),
    Choice("phone", Bilingual("电话", "By phone")),
    Choice("online", Bilingual("线上", "Online")),
)
CLAIM_TYPES = tuple(Choice(each.value, type_name(each)) for each in CLAIM_TYPE_NAMES)
_BASE = form_for(ClaimType.ACCIDENT_MEDICAL)


def report_form() -> Form:
    """Return what is asked of every report, whoever it is about."""
    channel = FieldSpec(
        key=CHANNEL,
        kind=FieldKind.CHOICE,
        label=Bilingual("报案方式", "how it was reported"),
        choices=CHANNELS,
        default=DEFAULT_CHANNEL,
    )
    region = msgspec.structs.replace(
        _BASE.field(LOSS_REGION), help=Bilingual("六位代码，豁免按它核对", "six digits; waivers go by it")
    )
    reporter = msgspec.structs.replace(
        _BASE.field(REPORTER_NAME), help=Bilingual("不填即被保险人本人", "empty: the insured in person")
    )
    fields = (
        _BASE.field(LOSS_DATE),
        _BASE.field(LOSS_PLACE),
        region,
        channel,
        reporter,
        _BASE.field(REPORTER_PHONE),
        _BASE.field(DESCRIPTION),
    )
    return Form(fields=fields)


def insured_form() -> Form:
    """Return what is asked of a person whom this laptop does not know."""
    name = msgspec.structs.replace(
        _BASE.field(NAME), help=Bilingual("不知姓名填“不详”", 'enter "unknown" if nobody knows')
    )
    keys = (ID_NUMBER, PHONE, BIRTH_DATE, SEX)
    return Form(fields=(name, *(_BASE.field(key) for key in keys)))


def new_draft_id() -> str:
    """Return a name for a new unfinished report."""
    return f"{REPORT_DRAFT}{uuid4().hex}"


@dataclass(frozen=True)
class Known:
    """A person whom this laptop knows, with the policies that connect them and everybody who is insured by one of those.

    ``insured`` holds the person first where they are insured themselves.
    """

    hit: PersonHit
    policies: tuple[ExtractPolicy, ...]
    insured: tuple[ExtractPerson, ...]

    def person(self, person_id: str | None) -> ExtractPerson:
        """Return one of the insured by id; the first for an id that is none of them."""
        return next((each for each in self.insured if each.person_id == person_id), self.insured[0])

    def policies_of(self, insured: ExtractPerson) -> tuple[ExtractPolicy, ...]:
        """Return the policies that insure somebody."""
        return tuple(each for each in self.policies if each.insured_id == insured.person_id)

    def roles(self, policy: ExtractPolicy) -> tuple[Bilingual, ...]:
        """Return what the person who was found is to a policy."""
        mine = self.hit.person.person_id
        found = []
        if policy.insured_id == mine:
            found.append(Bilingual("被保险人", "insured"))
        if policy.policyholder_id == mine:
            found.append(Bilingual("投保人", "policyholder"))
        if any(each.person_id == mine for each in policy.beneficiaries):
            found.append(Bilingual("受益人", "beneficiary"))
        return tuple(found)


@dataclass(frozen=True)
class Begun:
    """What a report begins with: today in Beijing, the person, and a draft's texts."""

    today: date
    known: Known | None
    raw: dict[str, str]


def in_force(policy: ExtractPolicy, on: date) -> bool:
    """Say whether a policy covers a day, both ends included."""
    return policy.effective <= on and (policy.expiry is None or on <= policy.expiry)


def term(policy: ExtractPolicy) -> Bilingual:
    """Return the days of a policy."""
    if policy.expiry is None:
        return Bilingual(f"{policy.effective} 起，长期", f"from {policy.effective}, for life")
    return Bilingual(f"{policy.effective} 至 {policy.expiry}", f"{policy.effective} to {policy.expiry}")


def fact_of(person: ExtractPerson) -> PersonFact:
    """Return a person of the extract as the case records them."""
    return PersonFact(
        name=person.name,
        id_number=person.id_number,
        person_id=person.person_id,
        birth_date=person.birth_date,
        sex=person.sex,
        phone=person.phone,
    )


def entered_person(values: Validated) -> PersonFact:
    """Return a person as entered by hand."""
    return PersonFact(
        name=values.text(NAME) or "",
        id_number=values.text(ID_NUMBER),
        birth_date=values.day(BIRTH_DATE),
        sex=values.text(SEX),
        phone=values.text(PHONE),
    )


def new_case(
    claim_type: ClaimType,
    values: Validated,
    insured: PersonFact,
    policy_nos: Sequence[str],
    event: Catastrophe | None,
    found: ExtractPerson | None = None,
) -> NewCase:
    """Return the report.

    Args:
        values: of ``report_form``, checked.
        found: the person who was looked up: what this laptop knows of them is recorded where they report.
    """
    return NewCase(
        channel=values.text(CHANNEL) or DEFAULT_CHANNEL,
        claim_type=claim_type,
        insured=insured,
        reporter=_reporter(values, insured, found),
        policy_nos=tuple(policy_nos),
        loss_date=values.day(LOSS_DATE) or date.min,
        loss_place=values.text(LOSS_PLACE) or "",
        loss_region=values.text(LOSS_REGION),
        catastrophe_id=None if event is None else event.catastrophe_id,
        description=values.text(DESCRIPTION) or "",
    )


def _reporter(values: Validated, insured: PersonFact, found: ExtractPerson | None) -> PersonFact:
    name, phone = values.text(REPORTER_NAME), values.text(REPORTER_PHONE)
    known = [insured] if found is None else [insured, fact_of(found)]
    who = insured if name is None else next((each for each in known if each.name == name), PersonFact(name=name))
    return who if phone is None else msgspec.structs.replace(who, phone=phone)


def day_of(text: str) -> date | None:
    """Return the ISO day of a text, None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
