"""The ledger over any order of arrival: a key is settled once, a pool never passes its limit, whoever promised from what.

The real settlement code on SQLite in memory; only the signature of the voucher is left out, which other tests cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import sqlcipher3.dbapi2
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from claims.events import (
    CaseOpened,
    DeterminationMade,
    GrantDebit,
    KeyedAmount,
    Outcome,
    PayeeFact,
    PersonFact,
    VoucherIssued,
)
from claims.reference import ExtractPolicy
from claims.settlement import keyed_amounts, person_key, pool_id
from headquarters.database import migrate
from headquarters.grant_ledger import book_debits
from headquarters.hold_evidence import Ground
from headquarters.hold_ledger import decided_fen, realise, settle_parts, take_back
from headquarters.models import Device, Grant, GrantState, PolicyRow, Pool, Settlement, Verdict, Voucher
from headquarters.models_payments import RealisedExposure
from headquarters.promise import Promise
from headquarters.promise_evidence import Evidence
from headquarters.promise_keys import ExpectedKey, draws_of, key_for
from headquarters.replay import ReplayVerdict
from headquarters.settlement import decide_promise
from headquarters.turn import Turn
from rules.bilingual import Bilingual
from rules.engine.model import Determination, LiabilityResult, PoolDraw, PoolScope, Unit, canonical, digest

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LOSS = date(2026, 11, 20)
DEVICES = ("D3", "D4", "D5")
POLICIES = ("AT1", "ZH1")
PERSON = PersonFact(name="万俟清禾", id_number="990101201202290022", birth_date=date(2012, 2, 29), sex="female")
YEAR_LIMIT, CAP = 1_000, 1_500
"""The year limit of each policy, and the cap (未成年人身故限额) that a person's policies share."""


class _Packs:
    def find(self, _pack_hash: str) -> None:
        """There is no pack: replay is not what is looked at here."""


@dataclass
class _Headquarters:
    """As much of headquarters as settlement asks for: no receiver of facts, no packs."""

    home: Any
    packs: _Packs = field(default_factory=_Packs)

    def now(self) -> datetime:
        return AT


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One database in memory with devices, floats and policies; each example works in a transaction that is rolled back."""
    made = create_engine("sqlite://", module=sqlcipher3.dbapi2, poolclass=StaticPool)

    @event.listens_for(made, "connect")
    def by_hand(connection: Any, _entry: object) -> None:
        connection.isolation_level = None  # else the driver commits before a savepoint

    @event.listens_for(made, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    migrate(made)
    with Session(made) as session, session.begin():
        _stock(session)
    yield made
    made.dispose()


def _stock(session: Session) -> None:
    for device in DEVICES:
        session.add(
            Device(
                device=device,
                epoch=1,
                station="QX07",
                station_name="",
                adjuster="",
                adjuster_name="",
                certificate=b"",
                enrolled_at=AT,
                state="active",
                watermark_seq=0,
                digest=b"",
                feed_length=0,
            )
        )
    session.flush()
    for device in DEVICES:
        session.add(grant_row(f"F-{device}", device, "*", 100_000))
    for number in POLICIES:
        policy = ExtractPolicy(
            policy_no=number,
            plan="AT-A",
            product_name=Bilingual("意外", "accident"),
            effective=date(2026, 7, 1),
            expiry=None,
            policyholder_id="P1",
            insured_id="P1",
            beneficiaries=(),
            terms={},
        )
        session.add(
            PolicyRow(
                policy_no=number,
                plan="AT-A",
                effective=policy.effective,
                extract_version=1,
                record=msgspec.json.encode(policy),
            )
        )


def fresh(engine: Engine) -> Session:
    return Session(engine, expire_on_commit=False)


def grant_row(grant_id: str, device: str, pool: str, limit_fen: int) -> Grant:
    """Return a grant; columns that other revisions add keep their own defaults."""
    row = Grant(
        grant_id=grant_id,
        device=device,
        epoch=1,
        pool=pool,
        limit_fen=limit_fen,
        spent_fen=0,
        settled_fen=0,
        returned_fen=0,
        debits=0,
        granted_at=AT,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        state=GrantState.OPEN,
    )
    for column in Grant.__table__.columns:
        if not column.nullable and getattr(row, column.key) is None and column.default is None:
            setattr(row, column.key, 0 if column.type.python_type is int else "")
    return row


@dataclass(frozen=True)
class Claim:
    """What a station promises: which device, policy and bill, from the float or not, to how many heirs."""

    device: str
    policy: str
    bill: int
    amount: int
    heirs: int
    covered: bool


def case_of(number: int) -> CaseOpened:
    return CaseOpened(
        at=AT,
        case_no=f"C-{number}",
        channel="station",
        claim_type="accident_death",
        insured=PERSON,
        reporter=PERSON,
        policy_nos=(),
        loss_date=LOSS,
        loss_place="清溪镇",
        loss_region=None,
        catastrophe_id=None,
        description="",
    )


def determination(claim: Claim) -> Determination:
    shares = tuple(claim.amount // claim.heirs + (place < claim.amount % claim.heirs) for place in range(claim.heirs))
    draws = (
        PoolDraw(
            pool="year",
            scope=PoolScope.POLICY_YEAR,
            unit=Unit.FEN,
            limit=YEAR_LIMIT,
            used_before=0,
            amount=claim.amount,
        ),
        PoolDraw(
            pool="minor_death", scope=PoolScope.PERSON, unit=Unit.FEN, limit=CAP, used_before=0, amount=claim.amount
        ),
    )
    liability = LiabilityResult(
        liability="death",
        name=Bilingual("身故", "death"),
        amount_fen=claim.amount,
        loss_key=f"death:{claim.bill}",
        pools=draws,
        shares_fen=shares,
        steps=(),
    )
    return Determination(
        plan="AT-A",
        pack_id="p",
        pack_version=1,
        pack_hash="0" * 64,
        engine="1",
        inputs_hash="",
        total_fen=claim.amount,
        outputs_fen={},
        waivers=(),
        liabilities=(liability,),
    )


@dataclass
class Ledger:
    """Settles claims one after another and remembers what it was asked."""

    session: Session
    tmp: Any
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    serial: int = 0
    vouchers: list[tuple[Voucher, Ground]] = field(default_factory=list)

    def turn(self, device: str) -> Turn:
        return Turn(_Headquarters(self.tmp), self.session, self.session.get_one(Device, (device, 1)), AT)  # type: ignore[arg-type]  # as much as is asked for

    def promise(self, claim: Claim) -> list[Verdict]:
        """Issue one voucher an heir and settle each."""
        self.serial += 1
        case, decision = case_of(self.serial), determination(claim)
        payees = [
            PayeeFact(name=f"继承人{place}", id_number=f"H{place}", relation="heir", bank="示例银行", account="62")
            for place in range(claim.heirs)
        ]
        promised = keyed_amounts(
            decision,
            policy_no=claim.policy,
            effective=date(2026, 7, 1),
            loss_date=LOSS,
            insured=PERSON,
            payees=payees,
        )
        return [self._settle(claim, case, decision, amounts.payee, amounts.keys) for amounts in promised]

    def _settle(
        self, claim: Claim, case: CaseOpened, decision: Determination, payee: PayeeFact, keys: Sequence[KeyedAmount]
    ) -> Verdict:
        self.serial += 1
        debits = [debit for key in keys for debit in self._debits(claim, key)]
        issued = VoucherIssued(
            at=AT,
            case_no=case.case_no,
            policy_no=claim.policy,
            voucher_no=f"V-{self.serial}",
            payee=payee,
            amount_fen=sum(key.amount_fen for key in keys),
            keys=tuple(keys),
            debits=tuple(debits),
            pack_hash=decision.pack_hash,
            decision_sha256=digest(decision),
            authority_id="A",
            cose=b"",
        )
        turn = self.turn(claim.device)
        (liability,) = decision.liabilities
        draws = draws_of(liability, claim.policy, date(2026, 7, 1), case)
        expected = {
            key.settlement_key: ExpectedKey(liability, key_for(claim.policy, liability, 1, "*"), draws) for key in keys
        }
        promise = Promise((), ReplayVerdict.IDENTICAL, None, AT, expected)
        concerns = book_debits(turn, issued, AT)
        verdict, reason = decide_promise(turn, None, issued, promise, concerns)
        voucher = Voucher(
            device=claim.device,
            epoch=1,
            seq=self.serial,
            voucher_no=issued.voucher_no,
            case_no=case.case_no,
            policy_no=claim.policy,
            amount_fen=issued.amount_fen,
            replay="identical",
            verdict=verdict,
            reason_zh=reason.zh,
            reason_en=reason.en,
            decided_at=AT,
            decided_by=None,
        )
        self.session.add(voucher)
        self.session.flush()
        made = DeterminationMade(
            at=AT,
            case_no=case.case_no,
            policy_no=claim.policy,
            pack_hash=decision.pack_hash,
            facts=msgspec.Raw(b"{}"),
            decision=msgspec.Raw(canonical(decision)),
            decision_sha256=digest(decision),
            outcome=Outcome.PRE_APPROVED,
            outcome_reasons=(),
        )
        ground = Ground(turn.device, issued, Evidence(case, made, ReplayVerdict.IDENTICAL), payee.name)
        self.vouchers.append((voucher, ground))
        return verdict

    def _debits(self, claim: Claim, key: KeyedAmount) -> list[GrantDebit]:
        if claim.covered:
            rows = [self._covering(claim.device, pool, key.amount_fen) for pool in key.pools]
            if all(row is not None for row in rows):
                return [self._debit(row, key) for row in rows if row is not None]
        return [self._debit(self.session.get_one(Grant, f"F-{claim.device}"), key)]

    def _covering(self, device: str, pool: str, amount_fen: int) -> Grant | None:
        """Return a grant of the device on a pool, granted as far as headquarters still may: limit less used less out."""
        if (device, pool) not in self.grants:
            row = self.session.get(Pool, pool)
            limit = CAP if pool.startswith("person/") else YEAR_LIMIT
            out = self.session.scalar(
                select(func.sum(Grant.limit_fen - Grant.settled_fen - Grant.returned_fen)).where(Grant.pool == pool)
            )
            room = limit - (row.used if row else 0) - int(out or 0)
            if room < amount_fen:
                return None
            self.grants[device, pool] = grant_row(f"G-{device}-{len(self.grants)}", device, pool, min(room, 400))
            self.session.add(self.grants[device, pool])
            self.session.flush()
        grant = self.grants[device, pool]
        return grant if grant.limit_fen - grant.spent_fen >= amount_fen else None

    def _debit(self, grant: Grant, key: KeyedAmount) -> GrantDebit:
        return GrantDebit(
            grant_id=grant.grant_id,
            pool=grant.pool,
            settlement_key=key.settlement_key,
            amount_fen=key.amount_fen,
            counter=grant.debits + 1,
        )

    def check(self) -> None:
        settlements = self.session.scalars(select(Settlement)).all()
        assert len({each.settlement_key for each in settlements}) == len(settlements)
        for pool in self.session.scalars(select(Pool)):
            assert pool.limit is not None
            assert 0 <= pool.settled <= pool.used <= pool.limit, pool.pool_id
            mine = [
                each
                for each in settlements
                if pool.pool_id.startswith("person/") or each.loss.startswith(pool.pool_id.split("/")[1] + "/")
            ]
            assert pool.settled == sum(each.amount_fen for each in mine)
        for grant in self.session.scalars(select(Grant)):
            assert grant.settled_fen <= grant.spent_fen <= grant.limit_fen

    @property
    def settled_fen(self) -> int:
        return int(self.session.scalar(select(func.sum(Settlement.amount_fen))) or 0)


claims = st.builds(
    Claim,
    device=st.sampled_from(DEVICES),
    policy=st.sampled_from(POLICIES),
    bill=st.integers(1, 3),
    amount=st.integers(1, 900),
    heirs=st.integers(1, 2),
    covered=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(arriving=st.lists(claims, max_size=5))
def test_over_any_order_of_arrival_a_key_is_settled_once_and_no_pool_passes_its_limit(
    engine, tmp_path_factory, arriving
):
    with fresh(engine) as session:
        ledger = Ledger(session, tmp_path_factory.getbasetemp())
        for claim in arriving:
            ledger.promise(claim)
            ledger.check()
        session.rollback()


@settings(max_examples=60, deadline=None)
@given(arriving=st.lists(claims, min_size=1, max_size=4), data=st.data())
def test_no_decision_of_a_person_passes_a_limit_but_as_exposure_of_two_names(engine, tmp_path_factory, arriving, data):
    with fresh(engine) as session:
        ledger = Ledger(session, tmp_path_factory.getbasetemp())
        for claim in arriving:
            ledger.promise(claim)
        for voucher, ground in ledger.vouchers:
            before = ledger.settled_fen
            if voucher.verdict == Verdict.HOLD:
                asked = data.draw(st.integers(1, voucher.amount_fen))
                parts = settle_parts(session, voucher, ground, asked, AT)
                assert sum(each.within_fen + each.beyond_fen for each in parts) == asked
                assert ledger.settled_fen == before + sum(each.within_fen for each in parts)
                realise(session, voucher, parts, by="韦青", second="莫兰", at=AT)
                session.flush()
                assert decided_fen(session, voucher, ground) == asked
                voucher.verdict = Verdict.SETTLED
            elif data.draw(st.booleans()):
                take_back(session, voucher, ground)
                assert ledger.settled_fen == before - voucher.amount_fen
                voucher.verdict = Verdict.VOIDED
            ledger.check()
        # Everything taken back leaves the ledgers as they were at first.
        for voucher, ground in ledger.vouchers:
            take_back(session, voucher, ground)
        assert ledger.settled_fen == 0
        assert {(each.settled, each.used) for each in session.scalars(select(Pool))} <= {(0, 0)}
        assert session.scalars(select(RealisedExposure)).all() == []
        assert {each.settled_fen for each in session.scalars(select(Grant))} == {0}
        session.rollback()


@pytest.fixture
def ledger(engine, tmp_path):
    with fresh(engine) as session:
        yield Ledger(session, tmp_path)
        session.rollback()


def claim(device: str, amount: int, policy: str = "AT1", **more: Any) -> Claim:
    return Claim(
        **({"device": device, "policy": policy, "bill": 1, "amount": amount, "heirs": 1, "covered": False} | more)
    )


def test_three_heirs_get_everything_to_the_fen(ledger):
    assert ledger.promise(claim("D3", 1_000, heirs=3)) == [Verdict.SETTLED] * 3
    assert sorted(ledger.session.scalars(select(Settlement.amount_fen))) == [333, 333, 334]
    assert ledger.settled_fen == 1_000


def test_one_loss_from_the_floats_of_two_stations_is_settled_for_one(ledger):
    assert ledger.promise(claim("D3", 700)) == [Verdict.SETTLED]
    assert ledger.promise(claim("D4", 700)) == [Verdict.HOLD]
    assert ledger.settled_fen == 700


def test_the_minors_cap_binds_over_two_policies_and_two_stations(ledger):
    assert ledger.promise(claim("D3", 1_000)) == [Verdict.SETTLED]
    assert ledger.promise(claim("D4", 501, "ZH1")) == [Verdict.HOLD]
    assert "限额池 person/" in ledger.vouchers[-1][0].reason_zh
    assert ledger.promise(claim("D5", 500, "ZH1")) == [Verdict.SETTLED]
    cap = pool_id(
        determination(claim("D3", 1)).liabilities[0].pools[1],
        policy_no="",
        person_key=person_key(PERSON),
        policy_year_start=LOSS,
        loss_key="",
    )
    assert ledger.session.get_one(Pool, cap).settled == CAP


def test_a_float_never_takes_the_room_of_a_promise_that_is_covered(ledger):
    assert ledger._covering("D3", "year/AT1/year/2026-07-01", 400) is not None
    assert ledger.promise(claim("D4", 601, bill=2)) == [Verdict.HOLD]
    assert ledger.promise(claim("D4", 600, bill=3)) == [Verdict.SETTLED]


def test_a_persons_decision_finds_what_is_left_of_a_pool(ledger):
    ledger.promise(claim("D3", 700))
    assert ledger.promise(claim("D4", 700, bill=2)) == [Verdict.HOLD]
    voucher, ground = ledger.vouchers[-1]
    (part,) = settle_parts(ledger.session, voucher, ground, 700, AT)
    assert (part.within_fen, part.beyond_fen) == (300, 400)
    assert "还剩 3.00 元" in part.passes[0].zh
    ledger.check()


def test_a_persons_decision_leaves_alone_what_others_hold(ledger):
    ledger.promise(claim("D3", 500))
    assert ledger.promise(claim("D4", 501, bill=2)) == [Verdict.HOLD]
    voucher, ground = ledger.vouchers[-1]
    assert ledger._covering("D5", "year/AT1/year/2026-07-01", 400) is not None
    (part,) = settle_parts(ledger.session, voucher, ground, 501, AT)
    assert (part.within_fen, part.beyond_fen) == (100, 401)
    grant = ledger.session.get_one(Grant, "F-D4")
    assert (grant.spent_fen, grant.settled_fen) == (501, 100)
    ledger.check()
