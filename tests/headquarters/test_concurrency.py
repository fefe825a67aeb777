"""Many threads, one promise: a settlement key is settled once whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.statements import TaskAssigned
from headquarters.grants import grant_allowance
from headquarters.log_intake import receive_log
from headquarters.models import Device, FeedItem, Grant, Pool, Settlement, Voucher
from headquarters.processing import process_pending
from headquarters.statements_out import say
from headquarters.turn import Turn
from tests.headquarters.laptop import LOSS, MEDICAL, medical_pool

DEVICES = tuple(f"D{number}" for number in range(1, 9))
KEYS = 4


def test_keys_promised_by_eight_stations_at_once_are_settled_once_each(stocked, make_laptop, pack, clinic_policy):
    # One fen a bill above the deductible and social insurance, so that the yearly limit bears them all.
    small = dict(MEDICAL) | {"bill_total": 11_000, "fund_paid": 0, "self_expense": 0}
    laptops = [make_laptop(device, float_fen=100_000_000, authority_fen=100_000_000) for device in DEVICES]
    for number in range(KEYS):
        made, decision = laptops[0].decide(
            pack, clinic_policy, laptops[0].open_case(), small | {"bill_number": f"{number:010d}"}
        )
        for laptop in laptops:
            # A day each: cases of one insured and day are linked in pairs, which is not what is tried here.
            case = laptop.open_case(loss_date=LOSS + timedelta(days=number))
            own = msgspec.structs.replace(made, case_no=case.case_no)
            laptop.commit(case, own, laptop.issue(clinic_policy, case, own, decision))
    for device, laptop in zip(DEVICES, laptops, strict=True):
        receive_log(stocked, device, 1, [each.raw for each in laptop.commits])
    together = Barrier(len(DEVICES))

    def settle(device: str) -> int:
        together.wait()
        return process_pending(stocked, device, 1)

    with ThreadPoolExecutor(len(DEVICES)) as threads:
        processed = list(threads.map(settle, DEVICES))
    assert processed == [3 * KEYS] * len(DEVICES)
    with stocked.database.read() as session:
        counted = session.execute(select(Voucher.verdict, func.count()).group_by(Voucher.verdict))
        verdicts = {row[0]: row[1] for row in counted}
        assert session.scalar(select(func.count()).select_from(Settlement)) == KEYS
        settled_fen = session.scalar(select(func.sum(Settlement.amount_fen)))
        assert session.get_one(Pool, medical_pool()).settled == settled_fen
    assert verdicts == {"settled": KEYS, "hold": KEYS * (len(DEVICES) - 1)}


def test_the_same_batch_from_four_threads_is_stored_once(stocked, make_laptop):
    laptop = make_laptop()
    for _ in range(20):
        laptop.commit(laptop.open_case())
    batch = [each.raw for each in laptop.commits]
    together = Barrier(4)

    def send(_thread: int) -> int:
        together.wait()
        return receive_log(stocked, "D3", 1, batch).watermark_seq

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(send, range(4))) == [20] * 4


def test_allowances_granted_from_one_pool_by_eight_threads_never_pass_its_limit(stocked, make_laptop):
    for device in DEVICES:
        make_laptop(device)
    together = Barrier(len(DEVICES))

    def grant(device: str) -> int:
        together.wait()
        granted = 0
        for _ in range(4):
            with suppress(InputError):
                grant_allowance(stocked, device, "pool", 100_00, 30, pool_limit_fen=1_000_00)
                granted += 1
        return granted

    with ThreadPoolExecutor(len(DEVICES)) as threads:
        assert sum(threads.map(grant, DEVICES)) == 10
    with stocked.database.read() as session:
        assert session.scalar(select(func.sum(Grant.limit_fen)).where(Grant.pool == "pool")) == 1_000_00


def feed_lengths(session: Session) -> dict[str, int]:
    return {device: length for device, length in session.execute(select(Device.device, Device.feed_length))}  # noqa: C416 - rows are not tuples to the type checker


def test_work_side_by_side_that_meets_starts_again_from_nothing(stocked, make_laptop):
    few = DEVICES[:4]
    # A statement into every feed, each in another order: the transactions cross each other.
    for device in few:
        make_laptop(device)
    with stocked.database.read() as session:
        before = feed_lengths(session)
    together = Barrier(len(few))
    text = Bilingual("请核对。", "Check it.")

    def tell_everybody(turned: int) -> None:
        order = few[turned:] + few[:turned]

        def work(session: Session) -> None:
            for device in order:
                row = session.get_one(Device, (device, 1))
                say(Turn(stocked, session, row, stocked.now()), partial(TaskAssigned, case_no=None, text=text))
                session.flush()

        together.wait()
        stocked.database.run(work, alone=False)

    with ThreadPoolExecutor(len(few)) as threads:
        list(threads.map(tell_everybody, range(len(few))))
    with stocked.database.read() as session:
        after = feed_lengths(session)
        assert after == {device: length + len(few) for device, length in before.items()}
        assert session.scalar(select(func.count()).select_from(FeedItem)) == sum(after.values())
