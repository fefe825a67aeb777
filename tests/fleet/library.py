"""Losses that can happen in the simulated world: real policies, real facts, real determinations, worked out once a process.

Promise: every promise of the simulation rests on a determination of the sample pack that headquarters replays bit for bit. Names and
descriptions carry ``CANARY``: it must never be readable outside a seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from claims.events import Outcome, PayeeFact, PersonFact
from claims.loss_facts import FactValue, contract_facts, merge_facts
from claims.reference import ExtractPerson, ExtractPolicy
from claims.settlement import PayeeAmounts, keyed_amounts
from headquarters.sample import sample_catastrophes, sample_policies
from headquarters.sample_people import person
from resources.sample_numbers import CLINIC
from rules.engine import Pack, decide, encode_facts, load_pack
from rules.engine.model import Determination, canonical, digest
from rules.tools.sample import sample_pack_bytes

CANARY = "金丝雀七号"
LOSS_DAY = sample_catastrophes()[0].loss_from
_NO_WAIVERS = dict.fromkeys(
    ("waive_hospital_list", "waive_drug_scope", "waive_item_scope", "waive_deductible", "major_natural_disaster"), False
)
_ESTATE = "E-5 estate, child and two parents"


@dataclass(frozen=True)
class Loss:
    """One loss of one policy, decided. ``amounts`` is one voucher a payee."""

    policy: ExtractPolicy
    insured: PersonFact
    claim_type: str
    loss_date: date
    pack_hash: str
    facts: bytes
    decision: bytes
    decision_sha256: str
    outcome: Outcome
    amounts: tuple[PayeeAmounts, ...]

    @property
    def pools(self) -> tuple[str, ...]:
        """Every pool that a promise of this loss draws on."""
        return tuple(dict.fromkeys(pool for each in self.amounts for key in each.keys for pool in key.pools))

    @property
    def amount_fen(self) -> int:
        """What the loss comes to."""
        return sum(each.amount_fen for each in self.amounts)


@dataclass(frozen=True)
class Library:
    """``losses`` by policy, in a fixed order; ``families`` are losses with several payees."""

    pack: Pack
    pack_bytes: bytes
    persons: tuple[ExtractPerson, ...]
    policies: tuple[ExtractPolicy, ...]
    losses: tuple[tuple[Loss, ...], ...]
    families: tuple[Loss, ...]


def make_library(policies: int, bills: int, families: int = 2) -> Library:
    """Work out ``bills`` medical bills for each of ``policies`` and a few deaths with three heirs."""
    raw = sample_pack_bytes()
    pack = load_pack(raw)
    base = next(each for each in sample_policies() if each.policy_no == CLINIC)
    persons = tuple(_person(number) for number in range(policies + families))
    insured = tuple(_fact(each) for each in persons)
    found = []
    medical = []
    for number in range(policies):
        policy = msgspec.structs.replace(
            base,
            policy_no=f"AT20260701{number:06d}",
            policyholder_id=persons[number].person_id,
            insured_id=persons[number].person_id,
            terms={**base.terms, "birth_date": persons[number].birth_date.isoformat()},
        )
        medical.append(policy)
        found.append(tuple(_medical(pack, policy, insured[number], number, bill) for bill in range(bills)))
    lives = tuple(_life(number, persons[policies + number]) for number in range(families))
    deaths = tuple(_death(pack, lives[number], insured[policies + number]) for number in range(families))
    return Library(pack, raw, persons, (*medical, *lives), tuple(found), deaths)


def _person(number: int) -> ExtractPerson:
    birth = date(1980, 5, 1) + timedelta(days=number % 3000)
    sex = "female" if number % 2 else "male"
    return person(
        f"P8{number:07d}", f"{CANARY}{number}", birth, sex, sequence=200 + number % 299, phone=f"1991{number:07d}"
    )


def _fact(found: ExtractPerson) -> PersonFact:
    return PersonFact(
        name=found.name,
        id_number=found.id_number,
        person_id=found.person_id,
        birth_date=found.birth_date,
        sex=found.sex,
        phone=found.phone,
    )


def _payee(name: str, id_number: str | None, relation: str = "self") -> PayeeFact:
    return PayeeFact(name=name, id_number=id_number, relation=relation, bank="示例银行", account="0")


def _medical(pack: Pack, policy: ExtractPolicy, insured: PersonFact, number: int, bill: int) -> Loss:
    total = 180_000 + (number * 7919 + bill * 40_763) % 300_000
    entered: dict[str, FactValue] = {
        "accident": True,
        "accident_date": LOSS_DAY.isoformat(),
        "account_paid": 0,
        "admission_date": (LOSS_DAY + timedelta(days=1)).isoformat(),
        "bill_code": f"9906{number:04d}",
        "bill_number": f"{bill:010d}",
        "bill_total": total,
        "commercial_paid": 0,
        "emergency": False,
        "fund_paid": total * 43 // 100,
        "hospital_level": "2",
        "hospital_public": True,
        "other_payers_paid": 0,
        "possible_exclusion": False,
        "self_expense": total * 8 // 100,
        "si_settled": True,
    }
    payees = [_payee(insured.name, insured.id_number)]
    return _decided(pack, policy, insured, "accident_medical", LOSS_DAY, entered, _NO_WAIVERS, payees)


def _life(number: int, holder: ExtractPerson) -> ExtractPolicy:
    base = next(each for each in sample_policies() if each.plan == "CQ-L")
    return msgspec.structs.replace(
        base,
        policy_no=f"CQ20100315{number:06d}",
        effective=date(2010, 3, 15),
        policyholder_id=holder.person_id,
        insured_id=holder.person_id,
        terms={},
    )


def _death(pack: Pack, policy: ExtractPolicy, insured: PersonFact) -> Loss:
    test = next(each for each in pack.tests if each.name == _ESTATE)
    facts: dict[str, FactValue] = msgspec.json.decode(msgspec.json.encode(test.facts))
    contract = contract_facts(policy)
    entered = {name: value for name, value in facts.items() if name not in contract and name != "claim_types"}
    heirs = [_payee(f"{CANARY}继承人{each}", None, "heir") for each in "甲乙丙"]
    claim_types = facts["claim_types"]
    return _decided(
        pack, policy, insured, claim_types[0], date.fromisoformat(str(facts["death_date"])), entered, {}, heirs
    )


def _decided(  # noqa: PLR0917 - the eight things that make a loss
    pack: Pack,
    policy: ExtractPolicy,
    insured: PersonFact,
    claim_type: str,
    loss_date: date,
    entered: dict[str, FactValue],
    waivers: dict[str, bool],
    payees: list[PayeeFact],
) -> Loss:
    facts = merge_facts(
        pack,
        contract=contract_facts(policy) | {"claim_types": [claim_type]},
        entered=entered,
        catastrophe=waivers,
        used_since_fen={},
    )
    decision = decide(pack, facts)
    assert isinstance(decision, Determination), decision
    amounts = keyed_amounts(
        decision,
        policy_no=policy.policy_no,
        effective=policy.effective,
        loss_date=loss_date,
        insured=insured,
        payees=payees,
    )
    return Loss(
        policy=policy,
        insured=insured,
        claim_type=claim_type,
        loss_date=loss_date,
        pack_hash=pack.hash,
        facts=encode_facts(pack, facts),
        decision=canonical(decision),
        decision_sha256=digest(decision),
        outcome=Outcome.PRE_APPROVED,
        amounts=amounts,
    )
