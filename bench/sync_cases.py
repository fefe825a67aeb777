"""Invented cases as the desk records them: 13 events in 8 commits each, from the report to the paper in the claimant's hands.

Promise: the same seed gives the same cases; facts and decisions come from the sample pack's own worked cases, decided here; vouchers are
really signed. People, numbers and places are made up (ID numbers begin with the unallocated region 990101).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec

from claims.events import (
    AnyEvent,
    CaseOpened,
    CaseStateChanged,
    DeterminationMade,
    DocumentAdded,
    FactsRecorded,
    GrantDebit,
    KeyedAmount,
    Outcome,
    PaperHandedOver,
    PaperKind,
    PaperPrinted,
    PaperSigned,
    PayeeFact,
    PersonFact,
    VoucherIssued,
)
from rules.engine import canonical, decide, decode_facts, encode_facts, load_pack
from rules.tools.sample import sample_pack_bytes
from trust.keys import Signer
from trust.vouchers import VoucherClaims, seal_voucher

EVENTS_PER_CASE = 13
COMMITS_PER_CASE = 8
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文斌宇浩然子轩雨桐思远晓禾怀建国春梅"


@dataclass(frozen=True)
class Scribe:
    """Who writes the cases: a device with its key and certificate.

    Without ``debits`` vouchers name no grant: a store that was granted nothing would refuse them.
    """

    device: str
    epoch: int
    station: str
    adjuster: str
    adjuster_name: str
    signer: Signer
    certificate: bytes
    debits: bool = True


@dataclass(frozen=True)
class Worked:
    """One worked case of the pack, decided."""

    plan: str
    facts: bytes
    decision: bytes
    total_fen: int
    pack_hash: str


@cache
def worked_cases() -> tuple[Worked, ...]:
    """Return the sample pack's worked cases that end in a sum."""
    pack = load_pack(sample_pack_bytes())
    found: list[Worked] = []
    for test in pack.tests:
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
        decision = canonical(decide(pack, facts))
        said = msgspec.json.decode(decision)
        if said["kind"] == "determination" and said["total_fen"] > 0:
            found.append(Worked(said["plan"], encode_facts(pack, facts), decision, said["total_fen"], pack.hash))
    return tuple(found)


def trained_half() -> tuple[Worked, ...]:
    """Return the worked cases that the wire's dictionary may be trained on."""
    return worked_cases()[::2]


def unseen_half() -> tuple[Worked, ...]:
    """Return those that it was not: what is measured is measured on these."""
    return worked_cases()[1::2]


def case_commits(
    scribe: Scribe, chance: random.Random, worked: Sequence[Worked], photos: Sequence[bytes], *, first: int = 1
) -> Iterator[tuple[AnyEvent, ...]]:
    """Yield, commit by commit, one case a photo. The photo's bytes are only hashed."""
    prefix = f"{scribe.station}-{scribe.device}"
    for number, photo in enumerate(photos, start=first):
        yield from _one(scribe, chance, worked[number % len(worked)], photo, number, prefix)


def _one(  # noqa: PLR0917 - one case's parts, private to this module
    scribe: Scribe, chance: random.Random, worked: Worked, photo: bytes, number: int, prefix: str
) -> Iterator[tuple[AnyEvent, ...]]:
    case_no = f"{prefix}-C-{number:06d}-{chance.randrange(97):02d}"
    voucher_no = f"{prefix}-{number:06d}-{chance.randrange(97):02d}"
    policy_no = f"AT20260{1 + chance.randrange(9)}01{chance.randrange(10**5):05d}"
    person = _person(chance)
    clock = AT + timedelta(minutes=14 * number, seconds=chance.randrange(600))

    def later(most: int) -> datetime:
        nonlocal clock
        clock += timedelta(seconds=5 + chance.randrange(most), microseconds=chance.randrange(1000) * 1000)
        return clock

    yield (
        CaseOpened(
            at=later(60),
            case_no=case_no,
            channel="station",
            claim_type="accident_medical",
            insured=person,
            reporter=person,
            policy_nos=(policy_no,),
            loss_date=date(2026, 11, 20),
            loss_place=f"清溪县第{chance.randrange(60)}村{chance.randrange(12)}组",
            loss_region="990101",
            catastrophe_id="CAT-2026-11",
            description="",
        ),
    )
    at = later(60)
    yield (
        _moved(at, case_no, "notified", "accepted", "application"),
        DocumentAdded(
            at=at,
            case_no=case_no,
            document_id="001",
            material="outpatient_bill",
            sha256=hashlib.sha256(photo).hexdigest(),
            size_bytes=len(photo),
            media_type="image/jpeg",
            filename=f"IMG_{chance.randrange(10_000):04d}.jpg",
            thumbnail_sha256=None,
            pages=1,
        ),
    )
    at = later(300)
    facts, decision = msgspec.Raw(worked.facts), msgspec.Raw(worked.decision)
    decision_sha256 = hashlib.sha256(worked.decision).hexdigest()
    yield (
        _moved(at, case_no, "accepted", "registered", "adjudicated"),
        _moved(at, case_no, "registered", "examined", "adjudicated"),
        _moved(at, case_no, "examined", "calculated", "adjudicated"),
        FactsRecorded(at=at, case_no=case_no, policy_no=policy_no, pack_hash=worked.pack_hash, facts=facts),
        DeterminationMade(
            at=at,
            case_no=case_no,
            policy_no=policy_no,
            pack_hash=worked.pack_hash,
            facts=facts,
            decision=decision,
            decision_sha256=decision_sha256,
            outcome=Outcome.PRE_APPROVED,
            outcome_reasons=(),
        ),
    )
    for role, name in (("claimant", person.name), ("adjuster", scribe.adjuster_name)):
        yield (
            PaperSigned(
                at=later(40),
                case_no=case_no,
                subject=f"determination:{policy_no}",
                content_sha256=decision_sha256,
                role=role,
                name=name,
                refused=False,
                strokes=(),
                note="",
            ),
        )
    at = later(20)
    yield (_voucher(scribe, chance, worked, person, at, case_no, voucher_no, policy_no, decision_sha256, number),)
    yield (PaperPrinted(at=later(30), number=voucher_no, kind=PaperKind.VOUCHER, copy_no=1, destination="printer"),)
    yield (PaperHandedOver(at=later(60), number=voucher_no, kind=PaperKind.VOUCHER, receiver=person.name),)


def _voucher(  # noqa: PLR0917 - one case's parts, private to this module
    scribe: Scribe,
    chance: random.Random,
    worked: Worked,
    person: PersonFact,
    at: datetime,
    case_no: str,
    voucher_no: str,
    policy_no: str,
    decision_sha256: str,
    number: int,
) -> VoucherIssued:
    account = f"6217{chance.randrange(10**15):015d}"
    who = hashlib.sha256(str(person.id_number).encode()).hexdigest()[:20]
    bill = f"{99060000 + chance.randrange(1000)}:{chance.randrange(10**10):010d}"
    key = f"{policy_no}/accident_medical/bill:{bill}/1/id-{who}"
    pool = f"year/{policy_no}/medical_year/2026-07-01"
    grant = f"G-{1 + number // 5}"
    claims = VoucherClaims(
        voucher_no=voucher_no,
        case_no=case_no,
        policy_no=policy_no,
        payee=person.name,
        amount_fen=worked.total_fen,
        issued_at=int(at.timestamp()),
        station=scribe.station,
        adjuster=scribe.adjuster,
        decision_sha256=decision_sha256,
        pack_hash=worked.pack_hash,
        grants=(grant,),
        counter=number,
    )
    return VoucherIssued(
        at=at,
        case_no=case_no,
        policy_no=policy_no,
        voucher_no=voucher_no,
        payee=PayeeFact(
            name=person.name, id_number=person.id_number, relation="self", bank="示例银行", account=account
        ),
        amount_fen=worked.total_fen,
        keys=(
            KeyedAmount(settlement_key=key, liability="accident_medical", amount_fen=worked.total_fen, pools=(pool,)),
        ),
        debits=(GrantDebit(grant_id=grant, pool=pool, settlement_key=key, amount_fen=worked.total_fen, counter=1),)
        if scribe.debits
        else (),
        pack_hash=worked.pack_hash,
        decision_sha256=decision_sha256,
        authority_id="A-1",
        cose=seal_voucher(scribe.signer, scribe.certificate, claims),
    )


def _person(chance: random.Random) -> PersonFact:
    born = date(1940 + chance.randrange(75), 1 + chance.randrange(12), 1 + chance.randrange(28))
    return PersonFact(
        name=chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 1 + chance.randrange(2))),
        id_number=f"990101{born:%Y%m%d}{chance.randrange(10**4):04d}",
        person_id=f"P{chance.randrange(10**8):08d}",
        birth_date=born,
        sex=chance.choice(("male", "female")),
        phone=f"199{chance.randrange(10**8):08d}",
    )


def _moved(at: datetime, case_no: str, before: str, after: str, reason: str) -> CaseStateChanged:
    return CaseStateChanged(at=at, case_no=case_no, from_state=before, to_state=after, reason=reason)
