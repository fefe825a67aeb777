"""Allowances from headquarters' side: escrow, closing statements, write-offs, exposure."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from claims.errors import InputError
from claims.statements import AllowanceGranted
from headquarters.devices import revoke
from headquarters.exposure import exposure_by_device, total_exposure
from headquarters.grants import escrow_fen, grant_allowance, grant_authority, grant_float, grant_numbers
from headquarters.models import Grant, GrantState
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN, medical_pool

POOL = medical_pool()


def kept(hq, pool=POOL):
    with hq.database.read() as session:
        return escrow_fen(session, pool)


def test_grants_over_all_devices_never_pass_a_known_limit(hq, make_laptop):
    make_laptop("D3"), make_laptop("D4")
    grant_allowance(hq, "D3", POOL, 1_500_000, 30, pool_limit_fen=2_000_000)
    with pytest.raises(InputError, match=r"5,000\.00") as refused:
        grant_allowance(hq, "D4", POOL, 500_001, 30)
    assert refused.value.code == "pool_exhausted"
    grant_allowance(hq, "D4", POOL, 500_000, 30)
    assert kept(hq) == 2_000_000


def test_the_limit_is_learnt_from_the_first_settlement(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=MEDICAL_FEN)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    laptop.answers()
    with pytest.raises(InputError, match="pool_exhausted"):
        grant_allowance(stocked, "D3", POOL, 2_000_000 - MEDICAL_FEN + 1, 30)
    grant_allowance(stocked, "D3", POOL, 2_000_000 - MEDICAL_FEN, 30)


def test_a_float_gets_no_room_that_is_kept_aside_for_an_allowance(stocked, make_laptop, pack, clinic_policy):
    holder, other = make_laptop("D3"), make_laptop("D4", float_fen=1_000_000)
    grant_allowance(stocked, "D3", POOL, 2_000_000, 30, pool_limit_fen=2_000_000)
    holder.down()
    by_float = other.promise(pack, clinic_policy, MEDICAL)
    other.send_log()
    assert other.answers()[by_float.voucher_no].settlement == "hold"
    by_grant = holder.promise(pack, clinic_policy, dict(MEDICAL) | {"bill_number": "0000000002"})
    holder.send_log()
    assert holder.answers()[by_grant.voucher_no].settlement == "settled"
    assert kept(stocked) == 2_000_000 - MEDICAL_FEN


def test_a_closing_statement_returns_the_remainder_once(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_id = grant_allowance(stocked, "D3", POOL, 500_000, 30, pool_limit_fen=2_000_000)
    laptop.down()
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.commit(laptop.close(grant_id))
    laptop.commit(laptop.close(grant_id))
    laptop.send_log()
    laptop.down()
    with stocked.database.read() as session:
        grant = session.get_one(Grant, grant_id)
        assert (grant.state, grant.returned_fen) == (GrantState.CLOSED, 500_000 - MEDICAL_FEN)
    assert kept(stocked) == 0
    assert not laptop.tasks()


def test_a_closing_statement_with_another_figure_returns_nothing(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_id = grant_allowance(stocked, "D3", POOL, 500_000, 30)
    laptop.down()
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.commit(msgspec.structs.replace(laptop.close(grant_id), spent_fen=0))
    laptop.send_log()
    assert len(laptop.tasks()) == 1
    assert kept(stocked) == 500_000 - MEDICAL_FEN  # settled 1,332.04, the rest stays kept aside


def test_a_closing_statement_before_the_log_is_complete_returns_nothing_yet(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_id = grant_allowance(stocked, "D3", POOL, 500_000, 30)
    laptop.down()
    laptop.promise(pack, clinic_policy, MEDICAL)
    closing = laptop.commit(laptop.close(grant_id))
    laptop.send_log(closing.raw)
    laptop.down()
    assert kept(stocked) == 500_000
    laptop.send_log()
    laptop.down()
    assert kept(stocked) == 0


def test_another_devices_grant_cannot_be_closed(stocked, make_laptop):
    _holder, other = make_laptop("D3"), make_laptop("D4")
    grant_id = grant_allowance(stocked, "D3", POOL, 500_000, 30)
    from claims.events import AllowanceClosed
    from tests.headquarters.laptop import AT

    other.commit(AllowanceClosed(at=AT, grant_id=grant_id, spent_fen=0))
    other.send_log()
    assert len(other.tasks()) == 1
    assert kept(stocked) == 500_000


def test_a_spend_after_closing_is_held(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop()
    grant_id = grant_allowance(stocked, "D3", POOL, 500_000, 30)
    laptop.down()
    laptop.commit(laptop.close(grant_id))
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    assert laptop.answers()[voucher.voucher_no].settlement == "hold"
    assert kept(stocked) == 0


def test_a_voucher_issued_after_the_grant_expired_is_held(stocked, make_laptop, pack, clinic_policy, clock):
    laptop = make_laptop()
    grant_allowance(stocked, "D3", POOL, 500_000, 1)
    laptop.down()
    grants = list(laptop.book.allowances)
    laptop.book = msgspec.structs.replace(
        laptop.book,
        allowances=tuple(
            msgspec.structs.replace(each, expires_at=each.expires_at.replace(year=2040)) for each in grants
        ),
    )
    with stocked.database.write() as session:
        row = session.get_one(Grant, grants[0].grant_id)
        row.expires_at = row.granted_at
    voucher = laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    answer = laptop.answers()[voucher.voucher_no]
    assert (answer.settlement, "到期" in answer.reason.zh) == ("hold", True)


def test_a_written_off_devices_remainder_counts_as_spent(hq, make_laptop):
    make_laptop("D3"), make_laptop("D4")
    grant_allowance(hq, "D3", POOL, 1_500_000, 30, pool_limit_fen=2_000_000)
    revoke(hq, "D3", write_off=True)
    assert kept(hq) == 1_500_000
    with hq.database.read() as session:
        assert session.scalars(select(Grant.state)).all() == [GrantState.WRITTEN_OFF]
    with pytest.raises(InputError, match="pool_exhausted"):
        grant_allowance(hq, "D4", POOL, 500_001, 30)
    # Its vouchers may still come in until its grants have ended and the days of grace are over.
    assert [(each.device, each.exposure.total_fen) for each in exposure_by_device(hq)] == [("D3", 1_500_000)]


def test_every_grant_has_an_id_of_its_own(hq, make_laptop):
    laptop = make_laptop()
    ids = {grant_allowance(hq, "D3", POOL, 100, 30) for _ in range(20)}
    laptop.down()
    assert {each.grant_id for each in laptop.inbox if isinstance(each, AllowanceGranted)} == ids
    assert len(ids) == 20


def test_exposure_counts_floats_and_what_a_restored_disk_could_spend_again(hq, make_laptop):
    make_laptop("D3", float_fen=300_000), make_laptop("D4", float_fen=200_000)
    grant_allowance(hq, "D3", POOL, 1_000_000, 30)
    by_device = {each.device: each.exposure for each in exposure_by_device(hq)}
    assert (by_device["D3"].float_fen, by_device["D3"].respendable_fen) == (300_000, 1_300_000)
    assert (by_device["D4"].float_fen, by_device["D4"].respendable_fen) == (200_000, 200_000)
    total = total_exposure(hq)
    assert (total.float_fen, total.respendable_fen) == (500_000, 1_500_000)


def test_exposure_known_beforehand_covers_an_overlap(stocked, make_laptop, pack, clinic_policy):
    first, second = make_laptop("D3", float_fen=200_000), make_laptop("D4", float_fen=200_000)
    known = total_exposure(stocked)
    vouchers = [(laptop, laptop.promise(pack, clinic_policy, MEDICAL)) for laptop in (first, second)]
    held_fen = 0
    for laptop, voucher in vouchers:
        laptop.send_log()
        answer = laptop.answers()[voucher.voucher_no]
        held_fen += answer.amount_fen if answer.settlement == "hold" else 0
    assert held_fen == MEDICAL_FEN <= known.float_fen


def test_number_blocks_follow_one_another(hq, make_laptop):
    from claims.statements import NumberBlockGranted

    laptop = make_laptop()
    grant_numbers(hq, "D3", 50)
    laptop.down()
    vouchers = [each for each in laptop.inbox if isinstance(each, NumberBlockGranted) and each.kind == "voucher"]
    assert [(each.first, each.last) for each in vouchers] == [(1, 500), (501, 550)]


@pytest.mark.parametrize(
    "grant",
    [
        lambda hq: grant_float(hq, "D3", 0, 30),
        lambda hq: grant_float(hq, "D3", -1, 30),
        lambda hq: grant_allowance(hq, "D3", POOL, 100, 0),
        lambda hq: grant_numbers(hq, "D3", 0),
        lambda hq: grant_authority(hq, "D3", 0, 30),
    ],
)
def test_nothing_but_positive_figures_is_granted(hq, make_laptop, grant):
    make_laptop()
    with pytest.raises(InputError, match="grant_not_positive"):
        grant(hq)


def test_a_stopped_or_unknown_device_gets_nothing(hq, make_laptop):
    make_laptop()
    revoke(hq, "D3")
    with pytest.raises(InputError, match="device_not_active"):
        grant_float(hq, "D3", 100, 30)
    with pytest.raises(InputError, match="device_unknown"):
        grant_float(hq, "D9", 100, 30)
