"""The duplicate index as headquarters builds it from its log, and what a laptop makes of it."""

from __future__ import annotations

import msgspec

from claims.distributed import DuplicateIndex
from claims.known_elsewhere import stands_elsewhere
from headquarters.duplicates import publish_duplicates
from headquarters.tuf_repository import targets_now
from tests.headquarters.laptop import MEDICAL

BILL = f"bill:{MEDICAL['bill_code']}:{MEDICAL['bill_number']}"


def index_of(hq) -> DuplicateIndex:
    row, _ = targets_now(hq)["duplicates/current"]
    return msgspec.msgpack.decode(hq.blobs.read(row.sha256), type=DuplicateIndex)


def test_bills_of_every_case_in_the_log_are_known(stocked, make_laptop, pack, clinic_policy):
    laptop = make_laptop(float_fen=10_000_000)
    laptop.promise(pack, clinic_policy, MEDICAL)
    laptop.send_log()
    version, entries = publish_duplicates(stocked)
    assert entries == 1
    index = index_of(stocked)
    case_no = "another case"
    assert stands_elsewhere(index, BILL, case_no)
    assert targets_now(stocked)["duplicates/current"][1].version == version


def test_each_index_has_a_salt_of_its_own_and_a_higher_version(stocked):
    first, _ = publish_duplicates(stocked)
    salt = index_of(stocked).salt
    second, _ = publish_duplicates(stocked)
    assert second > first
    assert index_of(stocked).salt != salt
