"""The bytes of format version 1, recorded: writers still write them and a reader with the root alone still reads them.

A change here is a change of format: papers already printed and commits already stored must stay readable. Record anew beside, not over.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.trust.conftest import DEVICE, EPOCH, Authority
from trust.certificates import TrustStore, genesis_hash
from trust.commits import Head, open_commit, seal
from trust.statements import open_statement, sign_statement
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher, voucher_from_qr_text

EVENTS = (b'{"type":"case_opened@1"}', b"2")
RECORDED = json.loads((Path(__file__).parent / "recorded_v1.json").read_text("utf-8"))


@pytest.fixture
def recorded_roots() -> TrustStore:
    roots = TrustStore(bytes.fromhex(RECORDED["root"]))
    roots.add_device(bytes.fromhex(RECORDED["device"]))
    return roots


def test_certificates_are_issued_as_recorded(authority: Authority) -> None:
    assert authority.root.hex() == RECORDED["root"]
    assert authority.service.hex() == RECORDED["service"]
    assert authority.device.hex() == RECORDED["device"]


def test_the_commit_is_sealed_and_opened_as_recorded(authority: Authority, recorded_roots: TrustStore) -> None:
    genesis = genesis_hash(authority.device)
    commit = seal(authority.device_key, Head(DEVICE, EPOCH, 1, genesis), EVENTS)
    assert commit.raw.hex() == RECORDED["commit"]
    assert commit.hash.hex() == RECORDED["commit_hash"]
    assert open_commit(bytes.fromhex(RECORDED["commit"]), recorded_roots) == commit
    # The formulas of docs/adr/0011, written out once more.
    assert genesis == hashlib.sha256(b"outpost-genesis-1\0" + authority.device).digest()
    assert commit.hash == hashlib.sha256(b"outpost-chain-1\0" + genesis + commit.raw).digest()


def test_the_statement_is_signed_and_opened_as_recorded(authority: Authority, recorded_roots: TrustStore) -> None:
    raw = sign_statement(authority.service_key, authority.service, "task_assigned@1", b'{"a":1}')
    assert raw.hex() == RECORDED["statement"]
    assert open_statement(raw, recorded_roots) == ("task_assigned@1", b'{"a":1}')


def test_the_voucher_is_sealed_and_read_from_its_code_as_recorded(
    authority: Authority, claims: VoucherClaims, recorded_roots: TrustStore
) -> None:
    raw = seal_voucher(authority.device_key, authority.device, claims)
    assert raw.hex() == RECORDED["voucher"]
    assert voucher_from_qr_text(RECORDED["voucher_qr_text"]) == raw
    assert open_voucher(raw, recorded_roots).claims == claims
