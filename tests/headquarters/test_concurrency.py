"""Many threads, one promise: a settlement key is settled once whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import msgspec
from sqlalchemy import func, select

from headquarters.log_intake import receive_log
from headquarters.models import Settlement, Voucher
from headquarters.processing import process_pending
from tests.headquarters.laptop import MEDICAL

DEVICES = ("D1", "D2", "D3", "D4")
KEYS = 100


def test_one_hundred_keys_promised_by_four_stations_at_once_are_settled_once_each(
    stocked, make_laptop, pack, clinic_policy
):
    # One fen a bill above the deductible and social insurance, so that the yearly limit bears them all.
    small = dict(MEDICAL) | {"bill_total": 11_000, "fund_paid": 0, "self_expense": 0}
    laptops = [make_laptop(device, float_fen=100_000_000, authority_fen=100_000_000) for device in DEVICES]
    for number in range(KEYS):
        made, decision = laptops[0].decide(
            pack, clinic_policy, laptops[0].open_case(), small | {"bill_number": f"{number:010d}"}
        )
        for laptop in laptops:
            case = laptop.open_case()
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
    assert processed == [2 * KEYS] * len(DEVICES)
    with stocked.database.read() as session:
        counted = session.execute(select(Voucher.verdict, func.count()).group_by(Voucher.verdict))
        verdicts = {row[0]: row[1] for row in counted}
        assert session.scalar(select(func.count()).select_from(Settlement)) == KEYS
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
