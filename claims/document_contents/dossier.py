"""Everything on record that a document of a case may print, read once in one place.

Promise: read-only and complete for its moment; a document's content is a function of this and of what is typed. The newest word of
headquarters on a policy counts. Source: notes/domain.md §1.2 (who applies), §7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import msgspec

from claims.case_papers import ADULT_AGE, loss_link, papers_of, traits_so_far
from claims.completeness import Completeness
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import PaperKind
from claims.identity import IdType, age_on, read_any_id
from claims.lifecycle import FinalDecision
from claims.materials import DEATH_CLAIMS, ClaimType
from claims.ports import Reads
from claims.records import CaseRecord, DeterminationRecord, PaperRecord, PaperState
from claims.reference import Catastrophe, ExtractPerson, ExtractPolicy
from claims.statements import ClaimDecided
from claims.station import StationIdentity
from claims.trusted_time import TrustedTime, beijing_date
from claims.waivers import find_catastrophe
from rules.engine import Decision, read_decision

REFUSING = frozenset({FinalDecision.DECLINE.value, FinalDecision.RESCIND.value})
SETTLED = "settled"


@dataclass(frozen=True)
class Person:
    """Somebody who may apply, as far as known. ``on_behalf`` names the minor for whom a guardian acts."""

    name: str
    relation: str
    id_number: str = ""
    phone: str = ""
    on_behalf: str = ""


@dataclass(frozen=True)
class Dossier:
    """One case. ``policies`` are those of it that are on this laptop, ``people`` the persons they name by id.

    ``determinations`` are the newest of each policy, ``promised`` those that standing vouchers rest on. ``facts`` are what was recorded for a
    policy before other policies of the case paid. ``papers`` are the case's, voided ones included.
    """

    identity: StationIdentity
    at: datetime
    case: CaseRecord
    policies: tuple[ExtractPolicy, ...]
    people: Mapping[str, ExtractPerson]
    determinations: Mapping[str, DeterminationRecord]
    promised: Mapping[str, DeterminationRecord]
    facts: Mapping[str, Mapping[str, object]]
    papers: tuple[PaperRecord, ...]
    finals: Mapping[str, ClaimDecided]
    completeness: Completeness
    catastrophe: Catastrophe | None
    birth_date: date | None

    @property
    def today(self) -> date:
        """The day in Beijing."""
        return beijing_date(self.at)

    @property
    def claim_type(self) -> ClaimType:
        """What is claimed."""
        return ClaimType(self.case.claim_type)

    @property
    def death(self) -> bool:
        """Whether the insured has died."""
        return self.claim_type in DEATH_CLAIMS

    @property
    def minor(self) -> bool:
        """Whether the insured is a living minor, for whom a guardian acts."""
        return not self.death and self.birth_date is not None and self._is_minor(self.birth_date)

    @cached_property
    def decisions(self) -> Mapping[str, Decision]:
        """The determination of each policy, as the rules gave it: the promised one where a voucher stands, else the newest."""
        return {policy_no: read_decision(self.record(policy_no).decision) for policy_no in self.determinations}

    def record(self, policy_no: str) -> DeterminationRecord:
        """Return the determination behind ``decisions``. Raises ``KeyError`` for a policy that was not decided."""
        return self.promised.get(policy_no) or self.determinations[policy_no]

    def decided_again(self, policy_no: str) -> bool:
        """Say whether a policy was decided again since its voucher."""
        newest = self.determinations.get(policy_no)
        return newest is not None and newest.decision_sha256 != self.record(policy_no).decision_sha256

    @property
    def policy_nos(self) -> tuple[str, ...]:
        """The case's policies: named when it was reported, or decided since."""
        return tuple(dict.fromkeys((*self.case.policy_nos, *self.determinations, *filter(None, self.finals))))

    def policy(self, policy_no: str) -> ExtractPolicy | None:
        """Return a policy of this laptop's extract."""
        return next((each for each in self.policies if each.policy_no == policy_no), None)

    def vouchers(self, policy_no: str) -> tuple[PaperRecord, ...]:
        """Return the standing vouchers of a policy."""
        return tuple(
            each
            for each in self.papers
            if each.kind is PaperKind.VOUCHER and each.policy_no == policy_no and each.state is not PaperState.VOIDED
        )

    def promise(self, policy_no: str) -> tuple[PaperRecord, ...]:
        """Return the standing vouchers of a policy where all of them rest on one determination, else none."""
        vouchers = self.vouchers(policy_no)
        return vouchers if len({each.decision_sha256 for each in vouchers}) == 1 else ()

    def final(self, policy_no: str) -> ClaimDecided | None:
        """Return headquarters' newest decision on a policy: one on the whole case counts for each of its policies."""
        return self.finals.get(policy_no)

    def settled(self, policy_no: str) -> bool:
        """Say whether headquarters has settled everything that was promised on a policy."""
        vouchers = self.vouchers(policy_no)
        return bool(vouchers) and all(each.settlement == SETTLED for each in vouchers)

    def policyholders(self) -> tuple[str, ...]:
        """Return the names of the policies' holders."""
        found = (self.people.get(each.policyholder_id) for each in self.policies)
        return tuple(dict.fromkeys(each.name for each in found if each is not None))

    def applicants(self) -> tuple[Person, ...]:
        """Return who applies by law, as far as it is on record: every beneficiary of a death, a minor's guardian, else the insured."""
        insured, reporter = self.case.insured, self.case.reporter
        if self.death:
            return self._beneficiaries() or (
                (Person(reporter.name, "heir", reporter.id_number or "", reporter.phone or ""),)
                if reporter.name != insured.name
                else ()
            )
        if self.minor:
            # The reporter may be a neighbour: the name is proposed, the relation is for the adjuster to see.
            if reporter.name == insured.name:
                return (Person("", "guardian", on_behalf=insured.name),)
            return (Person(reporter.name, "guardian", reporter.id_number or "", reporter.phone or "", insured.name),)
        return (Person(insured.name, "self", insured.id_number or "", insured.phone or ""),)

    def addressee(self) -> str:
        """Return who a notice goes to: the first who applies, else who reported."""
        return next((each.name for each in self.applicants() if each.name), self.case.reporter.name)

    def product(self, policy_no: str) -> Bilingual:
        """Return a policy's product as people call it, its number where the laptop does not know it."""
        policy = self.policy(policy_no)
        return Bilingual(policy_no, policy_no) if policy is None else policy.product_name

    def _beneficiaries(self) -> tuple[Person, ...]:
        found: dict[str, Person] = {}
        for policy in self.policies:
            for each in sorted(policy.beneficiaries, key=lambda one: one.order):
                person = self.people.get(each.person_id)
                if person is not None and each.person_id not in found:
                    found[each.person_id] = self._beneficiary(person)
        return tuple(found.values())

    def _beneficiary(self, person: ExtractPerson) -> Person:
        if self._is_minor(person.birth_date):
            return Person("", "guardian", on_behalf=person.name)
        return Person(person.name, "beneficiary", person.id_number, person.phone)

    def _is_minor(self, birth_date: date) -> bool:
        return age_on(birth_date, self.today) < ADULT_AGE


def read_dossier(ports: DeskPorts, reads: Reads, case_no: str, at: TrustedTime) -> Dossier:
    """Read the dossier of a case. Raises ``InputError`` for an unknown number."""
    case = reads.case(case_no)
    determinations = {each.policy_no: each for each in reads.determinations(case_no)}
    catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
    progress = reads.progress(case_no)
    given = {policy_no: reads.facts(case_no, policy_no) for policy_no in determinations}
    finals = newest_finals(case, reads.decisions(case_no), tuple(determinations))
    names = dict.fromkeys((*case.policy_nos, *determinations, *filter(None, finals)))
    policies = tuple(each for each in map(ports.extract.policy, names) if each is not None)
    papers = tuple(reads.papers(case_no))
    return Dossier(
        identity=ports.identity,
        at=at.at,
        case=case,
        policies=policies,
        people=_people(ports, policies),
        determinations=determinations,
        promised={
            each.policy_no: reads.promised_determination(each.number)
            for each in papers
            if each.kind is PaperKind.VOUCHER and each.policy_no is not None and each.state is not PaperState.VOIDED
        },
        facts={
            policy_no: msgspec.json.decode(raw, type=dict[str, object])
            for policy_no, raw in given.items()
            if raw is not None
        },
        papers=papers,
        finals=finals,
        completeness=papers_of(reads, case, catastrophe, traits_so_far(progress, at)),
        catastrophe=catastrophe,
        birth_date=case.insured.birth_date or progress.birth_date,
    )


def newest_finals(
    case: CaseRecord, decided: Sequence[ClaimDecided], determined: Sequence[str]
) -> dict[str, ClaimDecided]:
    """Return headquarters' newest word by policy; under ``""`` where it decided a case that names no policy."""
    found: dict[str, ClaimDecided] = {}
    for each in decided:
        if each.policy_no is None:
            found = dict.fromkeys(tuple(dict.fromkeys((*case.policy_nos, *determined))) or ("",), each)
            continue
        # What a sum for the whole case leaves to the other policies is unknown once one of them is decided apart.
        found = {name: old for name, old in found.items() if old.policy_no is not None or old.decision in REFUSING}
        found[each.policy_no] = each
    return found


def id_type_of(number: str, today: date) -> str:
    """Return which document a number looks like; empty where there is none."""
    try:
        found = read_any_id(number, today).id_type
    except InputError:
        return ""
    return "" if found is IdType.OTHER else found.value


def _people(ports: DeskPorts, policies: Sequence[ExtractPolicy]) -> dict[str, ExtractPerson]:
    ids = dict.fromkeys(
        person_id
        for policy in policies
        for person_id in (policy.policyholder_id, policy.insured_id, *(each.person_id for each in policy.beneficiaries))
    )
    hits = ((person_id, ports.extract.person(person_id)) for person_id in ids)
    return {person_id: hit.person for person_id, hit in hits if hit is not None}
