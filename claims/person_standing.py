"""People as rows: one row tells the cover in force, the allowance on this laptop and earlier claims. Namesakes are never merged.

Promise: a page costs one look at the extract a person and one short reading of the store; a search never waits for a write longer
than that. Counting gives up in time for the next keystroke and says so.

Source: the brief of the screens ("People and policies"); docs/adr/0093.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from claims.allowances import Allowance
from claims.covered_sums import covered_sums, liability_name, waiting_until
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem
from claims.events import PersonFact
from claims.identity import age_on
from claims.materials import CLAIM_TYPE_NAMES, ClaimType
from claims.overviews import EarlierClaim, PeopleCount, PersonRow, PolicyStanding
from claims.records import CaseRecord
from claims.reference import ExtractPolicy, PersonHit
from claims.settlement import person_key, pool_starts
from claims.trusted_time import TrustedTime, beijing_date
from rules.engine import Pack

COUNTED_AT_MOST = 5_000
"""Nobody reads on after this many; counting goes no further."""
COUNTING_S = 0.012
"""Counting gives up after this long: a keystroke's results are due in 50 ms, the page itself included."""


def person_rows(
    ports: DeskPorts, text: str, offset: int, limit: int, cancelled: Callable[[], bool]
) -> tuple[PersonRow, ...]:
    """Return a page of the persons that a text finds, closest first; nothing once it is cancelled."""
    hits = ports.extract.search(text, offset=offset, limit=limit, cancelled=cancelled)
    return _rows(ports, hits, cancelled) if hits else ()


def person_row(ports: DeskPorts, person_id: str) -> PersonRow | None:
    """Return one person, None where this laptop does not know the id."""
    hit = ports.extract.person(person_id)
    return None if hit is None else _rows(ports, (hit,), lambda: False)[0]


def count_people(ports: DeskPorts, text: str, cancelled: Callable[[], bool]) -> PeopleCount:
    """Return how many persons a text finds, or that there are at least so many."""
    until_s = ports.clock.monotonic_s() + COUNTING_S

    def stop(found: int) -> bool:
        return found >= COUNTED_AT_MOST or ports.clock.monotonic_s() >= until_s

    found, at_least = ports.extract.count(text, stop=stop, cancelled=cancelled)
    header = ports.extract.header()
    return PeopleCount(found=found, at_least=at_least, persons=0 if header is None else header.persons)


def _rows(ports: DeskPorts, hits: Sequence[PersonHit], cancelled: Callable[[], bool]) -> tuple[PersonRow, ...]:
    policies: list[Sequence[ExtractPolicy]] = []
    for hit in hits:
        if cancelled():
            return ()
        policies.append(ports.extract.policies_of(hit.person.person_id))
    starts = [start for found in policies for each in found for start in pool_starts(each.policy_no)]
    with ports.store.read() as reads:
        grants = reads.allowances(starts)
        cases = [reads.cases_of(person_key(_fact(hit))) for hit in hits]
    at = ports.time()
    pack = _readable_pack(ports)
    return tuple(
        _row(hit, found, _Laptop(at, pack, grants, own)) for hit, found, own in zip(hits, policies, cases, strict=True)
    )


@dataclass(frozen=True)
class _Laptop:
    """What this laptop adds to a person of the extract."""

    at: TrustedTime
    pack: Pack | None
    grants: Sequence[Allowance]
    cases: Sequence[CaseRecord]


def _row(hit: PersonHit, policies: Sequence[ExtractPolicy], laptop: _Laptop) -> PersonRow:
    today = beijing_date(laptop.at.at)
    person_id = hit.person.person_id
    found = [_policy(each, today, laptop) for each in policies]
    # Own cover first, what is in force before what is over; the order of numbers decides the rest.
    found.sort(key=lambda each: (each.policy.insured_id != person_id, not each.in_force))
    own = [
        each.allowance_fen
        for each in found
        if each.in_force and each.policy.insured_id == person_id and each.allowance_fen is not None
    ]
    return PersonRow(
        hit=hit,
        age=age_on(hit.person.birth_date, today),
        policies=tuple(found),
        allowance_fen=sum(own) if own else None,
        earlier=earlier_claims(person_id, policies, laptop.cases, laptop.pack),
    )


def _policy(policy: ExtractPolicy, today: date, laptop: _Laptop) -> PolicyStanding:
    started = policy.effective <= today
    over = policy.expiry is not None and policy.expiry < today
    starts = pool_starts(policy.policy_no)
    left = Counter[str]()
    for each in laptop.grants:
        if each.pool.startswith(starts) and not each.closed and laptop.at.at < each.expires_at and laptop.at.believed:
            left[each.pool] += each.left_fen
    return PolicyStanding(
        policy=policy,
        in_force=started and not over,
        line=cover_line(policy, today, waiting_until(laptop.pack, policy)),
        sums=covered_sums(laptop.pack, policy),
        # A promise draws on several pools at once: the largest is the most that one benefit can be promised.
        allowance_fen=max(left.values(), default=None),
    )


def cover_line(policy: ExtractPolicy, today: date, waits_until: date | None) -> Bilingual:
    """Return whether a policy is in force today, in a few words; ``waits_until`` is the last day of its waiting period."""
    if today < policy.effective:
        return Bilingual(f"{policy.effective} 起", f"from {policy.effective}")
    if policy.expiry is not None and policy.expiry < today:
        return Bilingual(f"{policy.expiry} 止", f"ended {policy.expiry}")
    term = (
        Bilingual("长期", "for life")
        if policy.expiry is None
        else Bilingual(f"至 {policy.expiry}", f"to {policy.expiry}")
    )
    if waits_until is None:
        return term
    if today <= waits_until:
        return Bilingual(f"{term.zh}，等待期至 {waits_until}", f"{term.en}, waiting period to {waits_until}")
    return Bilingual(f"{term.zh}，已过等待期", f"{term.en}, waiting period over")


def earlier_claims(
    person_id: str, policies: Sequence[ExtractPolicy], cases: Sequence[CaseRecord], pack: Pack | None
) -> tuple[EarlierClaim, ...]:
    """Return what was paid on an insured's own policies and the cases on this laptop, newest first."""
    paid = [
        EarlierClaim(on=each.paid_on, line=_paid_line(pack, policy, each.liability), amount_fen=each.amount_fen)
        for policy in policies
        if policy.insured_id == person_id
        for each in policy.prior_payments
    ]
    here = [
        EarlierClaim(
            on=beijing_date(each.opened_at), line=_case_line(each), amount_fen=each.payable_fen, case_no=each.case_no
        )
        for each in cases
    ]
    return tuple(sorted((*here, *paid), key=lambda each: each.on, reverse=True))


def _paid_line(pack: Pack | None, policy: ExtractPolicy, liability: str) -> Bilingual:
    name = liability_name(pack, policy.plan, liability)
    return Bilingual(f"已付 {name.zh}", f"paid: {name.en}")


def _case_line(case: CaseRecord) -> Bilingual:
    if case.claim_type not in _CLAIM_TYPES:
        return Bilingual("本机案件", "case on this laptop")
    name = CLAIM_TYPE_NAMES[ClaimType(case.claim_type)]
    return Bilingual(f"本机案件：{name.zh}", f"case on this laptop: {name.en}")


def _fact(hit: PersonHit) -> PersonFact:
    person = hit.person
    return PersonFact(name=person.name, id_number=person.id_number, birth_date=person.birth_date, sex=person.sex)


def _readable_pack(ports: DeskPorts) -> Pack | None:
    try:
        installed = ports.rulebook.installed_pack()
    except EnvironmentProblem:
        return None
    return None if installed is None else installed.pack


_CLAIM_TYPES = frozenset(each.value for each in ClaimType)
