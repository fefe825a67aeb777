"""Vouchers from paper at headquarters: never paid twice, never lost, in whichever order paper and lost log arrive."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from claims.events import (
    ABSENT,
    CaseOpened,
    DeterminationMade,
    VoucherIssued,
    VoucherRecovered,
    decode_event,
    encode_event,
)
from claims.promise_record import DETERMINATION_FILE, SEAL_FILE, read_voucher_files, voucher_files
from claims.records import Acknowledgement, CaseRecord, DeterminationRecord
from headquarters.devices import revoke
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import escrow_fen, grant_allowance
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.models import Base, Debit, Grant, LogEvent, Pool, Settlement, Voucher
from headquarters.standing import read_standing
from tests.headquarters.conftest import StandingClock
from tests.headquarters.laptop import AT, MEDICAL, MEDICAL_FEN, Laptop, enrol_laptop, medical_pool
from tests.headquarters.web import TestClient
from trust.certificates import TrustStore
from trust.record_seals import seal_record
from trust.vouchers import open_voucher, seal_voucher

YEAR_POOL = medical_pool()


@dataclass(frozen=True)
class Promised:
    """A promise of the lost laptop: its events, and its voucher as paper would bring it."""

    case: CaseOpened
    made: DeterminationMade
    voucher: VoucherIssued
    paper: VoucherRecovered
    photo: VoucherRecovered


def paper_of(laptop: Laptop, case: CaseOpened, made: DeterminationMade, voucher: VoucherIssued) -> VoucherRecovered:
    """Return what a colleague's laptop records for the voucher's PDF, through the same files that the PDF holds."""
    record = CaseRecord(
        **{name: getattr(case, name) for name in CaseRecord.__struct_fields__ if hasattr(case, name)},
        state="",
        opened_at=case.at,
        updated_at=case.at,
        last_seq=1,
        ack=Acknowledgement.DISK,
        outcome=None,
        payable_fen=None,
    )
    determination = DeterminationRecord(
        case_no=made.case_no,
        policy_no=made.policy_no,
        pack_hash=made.pack_hash,
        facts=bytes(made.facts),
        decision=bytes(made.decision),
        decision_sha256=made.decision_sha256,
        outcome=made.outcome,
        outcome_reasons=(),
        at=made.at,
        seq=2,
    )
    files = voucher_files(laptop.key, laptop.identity.device_certificate, voucher, record, determination)
    inside = read_voucher_files(files, open_voucher(voucher.cose, laptop.roots), laptop.roots)
    assert not inside.doubts
    return VoucherRecovered(
        at=AT,
        cose=voucher.cose,
        source="voucher.pdf",
        source_sha256=hashlib.sha256(files[DETERMINATION_FILE]).hexdigest(),
        facts=msgspec.Raw(inside.facts),
        decision=msgspec.Raw(inside.decision),
        promise=msgspec.Raw(inside.promise),
        seal=files[SEAL_FILE],
    )


def promised(laptop: Laptop, pack, policy, bill: str = "0000000001", **changes: object) -> Promised:
    """Let the lost laptop promise; its log keeps it and is sent by nobody yet."""
    case = laptop.open_case()
    made, decision = laptop.decide(pack, policy, case, dict(MEDICAL) | {"bill_number": bill})
    voucher = laptop.issue(policy, case, made, decision, **changes)
    laptop.commit(case, made, voucher)
    paper = paper_of(laptop, case, made, voucher)
    photo = msgspec.structs.replace(paper, facts=ABSENT, decision=ABSENT, promise=ABSENT, seal=None)
    return Promised(case, made, voucher, paper, photo)


def bring(reader: Laptop, *events: VoucherRecovered):
    """Let a colleague's laptop hand in what it read; return its newest answers by voucher number."""
    reader.commit(*events)
    reader.send_log()
    return reader.answers()


@pytest.fixture
def lost(make_laptop) -> Laptop:
    return make_laptop("D3", float_fen=1_000_000)


@pytest.fixture
def reader(make_laptop) -> Laptop:
    return make_laptop("D4")


@pytest.fixture
def other(make_laptop) -> Laptop:
    return make_laptop("D5", float_fen=1_000_000)


@pytest.fixture
def readers(reader, other) -> tuple[Laptop, Laptop]:
    return reader, other


@pytest.fixture
def one(stocked, lost, pack, clinic_policy) -> Promised:
    """A promise of the lost laptop."""
    return promised(lost, pack, clinic_policy)


def settled_fen(hq: Headquarters) -> int:
    return read_standing(hq).settled_fen


def test_a_promise_that_nobody_knew_is_settled_from_its_paper(stocked, reader, one):
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert (answer.replay, answer.settlement, answer.amount_fen) == ("identical", "settled", MEDICAL_FEN)
    assert answer.case_no == one.case.case_no
    with stocked.database.read() as session:
        assert session.get_one(Pool, YEAR_POOL).settled == MEDICAL_FEN
        assert session.get_one(Settlement, one.voucher.keys[0].settlement_key).voucher_no == one.voucher.voucher_no
        grant = session.get_one(Grant, one.voucher.debits[0].grant_id)
        assert (grant.spent_fen, grant.settled_fen) == (MEDICAL_FEN, MEDICAL_FEN)


def test_the_lost_log_that_arrives_later_settles_nothing_again(stocked, lost, reader, one):
    bring(reader, one.paper)
    lost.send_log()
    answer = lost.answers()[one.voucher.voucher_no]
    assert (answer.replay, answer.settlement) == ("identical", "settled")
    assert settled_fen(stocked) == MEDICAL_FEN
    with stocked.database.read() as session:
        rows = session.scalars(select(Voucher)).all()
        assert [(row.device, row.verdict) for row in rows] == [("D3", "settled")]
        grant = session.get_one(Grant, one.voucher.debits[0].grant_id)
        assert (grant.spent_fen, grant.settled_fen, grant.debits) == (MEDICAL_FEN, MEDICAL_FEN, 1)
        assert session.scalar(select(func.count()).select_from(Debit)) == 1
    assert read_standing(stocked).stuck == ()


def test_a_paper_of_a_voucher_that_the_log_brought_changes_nothing(stocked, lost, reader, one):
    lost.send_log()
    before = lost.answers()[one.voucher.voucher_no]
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert answer.settlement == before.settlement == "settled"
    assert "已有此凭证" in answer.reason.zh
    assert settled_fen(stocked) == MEDICAL_FEN
    assert read_standing(stocked).vouchers == {"settled": 1}


def test_the_laptop_goes_on_after_its_papers_came_first(stocked, lost, reader, pack, clinic_policy):
    """Debits of papers and of the log interleave: the second paper comes alone, then the whole log, then a new promise."""
    _first, second = (promised(lost, pack, clinic_policy, bill=f"000000000{n}") for n in (1, 2))
    assert bring(reader, second.paper)[second.voucher.voucher_no].settlement == "settled"
    promised(lost, pack, clinic_policy, bill="0000000003")
    lost.send_log()
    assert [each.settlement for each in lost.answers().values()] == ["settled"] * 3
    with stocked.database.read() as session:
        grant = session.get_one(Grant, second.voucher.debits[0].grant_id)
        assert (grant.debits, grant.spent_fen, grant.settled_fen) == (
            3,
            lost.book.allowances[0].spent_fen,
            grant.spent_fen,
        )
    lost.commit(lost.close(second.voucher.debits[0].grant_id))
    lost.send_log()
    assert not lost.tasks(), "the closing statement fits what papers and log had booked"


def test_a_photo_alone_is_held_and_its_pdf_answers_later(stocked, readers, one):
    reader, other = readers
    held = bring(reader, one.photo)[one.voucher.voucher_no]
    assert (held.replay, held.settlement) == ("impossible", "hold")
    assert "覃建国" in held.reason.zh
    assert "1,332.04" in held.reason.en
    assert [each.voucher_no for each in read_standing(stocked).holds] == [one.voucher.voucher_no]
    assert bring(other, one.paper)[one.voucher.voucher_no].settlement == "settled"
    assert reader.answers()[one.voucher.voucher_no].settlement == "settled", "who brought the photo learns of it"
    assert read_standing(stocked).vouchers == {"settled": 1}


def test_a_photo_alone_is_settled_by_the_lost_log(stocked, lost, reader, one):
    bring(reader, one.photo)
    lost.send_log()
    assert lost.answers()[one.voucher.voucher_no].settlement == "settled"
    assert reader.answers()[one.voucher.voucher_no].settlement == "settled"
    assert settled_fen(stocked) == MEDICAL_FEN


@pytest.mark.parametrize("again", ["paper", "photo"])
def test_the_same_voucher_from_two_colleagues_is_one_promise(stocked, readers, one, again):
    bring(readers[0], one.paper)
    answer = bring(readers[1], getattr(one, again))[one.voucher.voucher_no]
    assert answer.settlement == "settled"
    assert settled_fen(stocked) == MEDICAL_FEN
    assert read_standing(stocked).vouchers == {"settled": 1}


def test_what_a_written_off_laptop_had_promised_is_kept_and_stays_within_its_allowance(
    stocked, make_laptop, pack, clinic_policy
):
    reader = make_laptop("D4")
    lost = make_laptop("D3")
    grant_id = grant_allowance(stocked, "D3", YEAR_POOL, 500_000, 30)
    lost.down()
    one = promised(lost, pack, clinic_policy)
    revoke(stocked, "D3", write_off=True)
    assert bring(reader, one.paper)[one.voucher.voucher_no].settlement == "settled"
    with stocked.database.read() as session:
        assert session.get_one(Grant, grant_id).settled_fen == MEDICAL_FEN
        assert escrow_fen(session, YEAR_POOL) == 500_000 - MEDICAL_FEN


def test_a_paper_of_a_withdrawn_laptop_goes_to_a_person(stocked, reader, one):
    revoke(stocked, "D3")
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert answer.settlement == "hold"
    assert "已停用" in answer.reason.zh


def test_another_station_that_settled_the_loss_first_holds_the_recovered_one(
    stocked, readers, one, pack, clinic_policy
):
    reader, other = readers
    first = other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert (answer.replay, answer.settlement) == ("identical", "hold")
    assert first.voucher_no in answer.reason.zh
    assert settled_fen(stocked) == MEDICAL_FEN


def test_a_pool_without_room_holds_the_recovered_promise(stocked, reader, one):
    with stocked.database.write() as session:
        session.add(Pool(pool_id=YEAR_POOL, unit="fen", limit=MEDICAL_FEN - 1, used=0, settled=0))
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert answer.settlement == "hold"
    assert "限额池" in answer.reason.zh
    assert settled_fen(stocked) == 0


def tampered(one: Promised, **changes: object) -> VoucherRecovered:
    return msgspec.structs.replace(one.paper, **changes)


def test_a_changed_account_or_calculation_is_held_and_never_paid(stocked, reader, one):
    promise = bytes(one.paper.promise).replace(b'"account":"0"', b'"account":"9"')
    assert promise != bytes(one.paper.promise)
    thief = seal_record(reader.key, reader.identity.device_certificate, promise)
    for changes in (
        {"promise": msgspec.Raw(promise)},
        {"promise": msgspec.Raw(promise), "seal": thief},
        {"facts": msgspec.Raw(bytes(one.paper.facts).replace(b"328647", b"928647"))},
        {"decision": msgspec.Raw(bytes(one.paper.decision).replace(b"133204", b"933204"))},
        {"seal": b""},
    ):
        answer = bring(reader, tampered(one, **changes))[one.voucher.voucher_no]
        assert answer.settlement == "hold"
    assert settled_fen(stocked) == 0
    assert bring(reader, one.paper)[one.voucher.voucher_no].settlement == "settled", "the true paper still counts"


def test_a_forged_voucher_is_told_and_not_registered(stocked, reader, one):
    broken = bytearray(one.voucher.cose)
    broken[-1] ^= 1
    bring(reader, tampered(one, cose=bytes(broken)))
    assert read_standing(stocked).vouchers == {}
    assert [each for each in reader.tasks() if "没有登记" in each.text.zh]
    assert read_standing(stocked).stuck == ()


def test_one_number_on_two_promises_is_held_for_a_person_and_neither_is_lost(stocked, lost, reader, one):
    """A restored disk gave the number out again: both papers are genuine."""
    claims = open_voucher(one.voucher.cose, TrustStore(stocked.root_der)).claims
    twin = seal_voucher(
        lost.key, lost.identity.device_certificate, msgspec.structs.replace(claims, issued_at=claims.issued_at + 60)
    )
    assert bring(reader, one.paper)[one.voucher.voucher_no].settlement == "settled"
    answer = bring(reader, tampered(one, cose=twin))[one.voucher.voucher_no]
    assert answer.settlement == "hold"
    assert "用过两次" in answer.reason.zh
    assert read_standing(stocked).vouchers == {"settled": 1, "hold": 1}
    assert settled_fen(stocked) == MEDICAL_FEN


def test_a_device_that_headquarters_never_enrolled_is_held_by_its_certificate(stocked, reader, one):
    with stocked.database.write() as session:
        for table in ("grants", "number_grants", "authorities", "feed_items", "devices"):
            session.execute(delete(Base.metadata.tables[table]).where(Base.metadata.tables[table].c.device == "D3"))
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert answer.settlement == "hold"
    assert "没有它的登记记录" in answer.reason.zh


def test_a_voucher_voided_in_the_lost_log_after_its_paper_was_settled_goes_to_a_person(lost, reader, one):
    bring(reader, one.paper)
    lost.commit(lost.void(one.voucher.voucher_no))
    lost.send_log()
    answer = lost.answers()[one.voucher.voucher_no]
    assert answer.settlement == "hold"
    assert "结算后作废" in answer.reason.zh


def test_a_paper_that_turns_up_after_its_voucher_was_voided_stays_voided(stocked, lost, reader, one):
    lost.commit(lost.void(one.voucher.voucher_no))
    lost.send_log()
    answer = bring(reader, one.paper)[one.voucher.voucher_no]
    assert answer.settlement is None
    assert settled_fen(stocked) == 0


def test_the_event_keeps_its_bytes_through_the_log(lost, pack, one):
    for event in (one.paper, one.photo):
        read = decode_event(encode_event(event))
        assert isinstance(read, VoucherRecovered)
        assert bytes(read.facts) == bytes(event.facts)
        assert bytes(read.promise) == bytes(event.promise)
        assert encode_event(read) == encode_event(event)


def test_brackets_without_end_are_told_and_block_nothing(stocked, reader, one):
    deep = b'{"type":"voucher_recovered@1","at":"2026-12-01T08:00:00Z","facts":' + b"[" * 100_000
    reader.commit(deep)
    assert bring(reader, one.paper)[one.voucher.voucher_no].settlement == "settled"
    assert read_standing(stocked).events["rejected"] == 1


class World:
    """A headquarters, a lost laptop with three promises of two losses, and two colleagues."""

    def __init__(self, home: Path, pack, policy) -> None:
        self.hq = Headquarters.open(home, StandingClock())
        self.client = TestClient(create_app(self.hq), base_url="https://testserver")
        self.lost = self._enrol("D3", 1_000_000)
        self.readers = [self._enrol("D4", 0), self._enrol("D5", 0)]
        self.promises = [promised(self.lost, pack, policy, bill=f"000000000{n}") for n in (1, 2, 3)]

    def _enrol(self, device: str, float_fen: int) -> Laptop:
        code = make_enrolment_code(
            self.hq,
            station="QX07",
            station_name="清溪服务站",
            adjuster="0417",
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(float_fen=float_fen, authority_fen=30_000_000),
        )
        return enrol_laptop(self.client, code)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("paper"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("photo"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("log"), st.integers(1, 3), st.just(0)),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_order_nothing_is_paid_twice_and_nothing_is_lost(steps, stocked_home, tmp_path, pack, clinic_policy):
    home = tmp_path / "hq"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(stocked_home, home)
    world = World(home, pack, clinic_policy)
    shown: set[int] = set()
    with_calculation: set[int] = set()
    try:
        for kind, which, who in steps:
            if kind == "log":
                world.lost.send_log(*(each.raw for each in world.lost.commits[:which]))
                shown |= set(range(which))
                with_calculation |= set(range(which))
                continue
            bring(world.readers[who], getattr(world.promises[which], kind))
            shown.add(which)
            if kind == "paper":
                with_calculation.add(which)
        world.lost.down()
        _check(world, shown, with_calculation)
        # However it began: once the whole log is here, everything is settled once.
        world.lost.send_log()
        assert {each.settlement for each in world.lost.answers().values()} == {"settled"}
        _check(world, {0, 1, 2}, {0, 1, 2})
    finally:
        world.client.close()
        world.hq.close()


def _check(world: World, shown: set[int], with_calculation: set[int]) -> None:
    standing = read_standing(world.hq)
    assert standing.stuck == ()
    with world.hq.database.read() as session:
        rows = {row.voucher_no: row for row in session.scalars(select(Voucher))}
        total = session.scalar(select(func.count()).select_from(Voucher))
        settlements = session.scalars(select(Settlement)).all()
        grant = session.get_one(Grant, world.promises[0].voucher.debits[0].grant_id)
        recovered = session.scalar(
            select(func.count()).select_from(LogEvent).where(LogEvent.type == "voucher_recovered@1")
        )
    assert recovered is not None
    assert total == len(rows) == len(shown), "every voucher that was shown is registered, once"
    for number, one in enumerate(world.promises):
        row = rows.get(one.voucher.voucher_no)
        if number in shown:
            assert row is not None
            assert row.verdict == ("settled" if number in with_calculation else "hold")
    fens = [world.promises[number].voucher.amount_fen for number in with_calculation]
    assert sorted(each.amount_fen for each in settlements) == sorted(fens)
    assert standing.settled_fen == grant.settled_fen == sum(fens)
    assert grant.spent_fen == sum(fens)


def test_every_order_of_one_paper_one_photo_and_the_log(stocked_home, tmp_path, pack, clinic_policy):
    for number, order in enumerate(itertools.permutations(("paper", "photo", "log"))):
        home = tmp_path / f"hq{number}"
        shutil.copytree(stocked_home, home)
        world = World(home, pack, clinic_policy)
        try:
            for kind in order:
                if kind == "log":
                    world.lost.send_log()
                else:
                    bring(world.readers[0], getattr(world.promises[1], kind))
            _check(world, {0, 1, 2}, {0, 1, 2})
        finally:
            world.client.close()
            world.hq.close()
