"""A seal passes for the very bytes that a device below the root sealed, and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.certificates import TrustStore, issue_device, issue_root, issue_service
from trust.errors import ForgedError, TrustError
from trust.keys import SoftwareKey
from trust.record_seals import check_record_seal, seal_record
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher

SPAN = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
ROOT_KEY, KEY, SERVICE_KEY = (SoftwareKey.from_bytes(bytes([each]) * 32) for each in (1, 2, 3))
ROOT = issue_root("HQ", ROOT_KEY, *SPAN)
DEVICE = issue_device(ROOT, ROOT_KEY, "D3", 1, "QX07", KEY.public_key, *SPAN)
ROOTS = TrustStore(ROOT)
RECORD = '{"payee":"周䶮","account":"6217"}'.encode()
SEAL = seal_record(KEY, DEVICE, RECORD)


def test_it_names_the_device_and_is_the_same_every_time() -> None:
    assert check_record_seal(SEAL, RECORD, ROOTS).device == "D3"
    assert seal_record(KEY, DEVICE, RECORD) == SEAL


@given(place=st.integers(0, len(SEAL) - 1), bit=st.integers(0, 7))
def test_no_bit_of_it_can_change(place: int, bit: int) -> None:
    changed = bytearray(SEAL)
    changed[place] ^= 1 << bit
    with pytest.raises(ForgedError):
        check_record_seal(bytes(changed), RECORD, ROOTS)


@given(record=st.binary(max_size=200))
def test_no_other_record_passes(record: bytes) -> None:
    with pytest.raises(ForgedError, match="record_changed"):
        check_record_seal(SEAL, record, ROOTS)


@pytest.mark.parametrize("seal", [b"", SEAL[:-1], SEAL + b"\0", bytes(5000)])
def test_other_shapes_are_refused(seal: bytes) -> None:
    with pytest.raises(ForgedError):
        check_record_seal(seal, RECORD, ROOTS)


def test_another_root_another_role_and_another_key_are_refused() -> None:
    other_key = SoftwareKey.from_bytes(bytes([9]) * 32)
    with pytest.raises(ForgedError):
        check_record_seal(SEAL, RECORD, TrustStore(issue_root("HQ", other_key, *SPAN)))
    service = issue_service(ROOT, ROOT_KEY, "HQ", SERVICE_KEY.public_key, *SPAN)
    with pytest.raises(ForgedError):
        check_record_seal(seal_record(SERVICE_KEY, service, RECORD), RECORD, ROOTS)
    with pytest.raises(TrustError, match="signer_not_certified"):
        seal_record(other_key, DEVICE, RECORD)


def test_a_voucher_is_no_seal_and_a_seal_no_voucher() -> None:
    claims = VoucherClaims(
        voucher_no="QX07-D3-000001-09",
        case_no="QX07-D3-C-000001-64",
        policy_no="P",
        payee="周䶮",
        amount_fen=1,
        issued_at=0,
        station="QX07",
        adjuster="0417",
        pack_hash="ab" * 32,
        decision_sha256="cd" * 32,
        grants=(),
        counter=1,
    )
    voucher = seal_voucher(KEY, DEVICE, claims)
    with pytest.raises(ForgedError, match="record_content_type"):
        check_record_seal(voucher, RECORD, ROOTS)
    with pytest.raises(ForgedError, match="voucher_content_type"):
        open_voucher(SEAL, ROOTS)
