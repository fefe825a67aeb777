"""What checking a voucher costs: from the QR code's text to a verdict, against the bare Ed25519 verification it can't do without.

Two signatures are checked (the root's over the device, the device's over the claims), so 2 is the least any reader could reach.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import segno

from bench.report import Row, paired, report, row
from trust.certificates import TrustStore, genesis_hash, issue_device, issue_root
from trust.commits import Head, open_commit, seal
from trust.keys import SoftwareKey, verify_signature
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher, voucher_from_qr_text, voucher_qr_text

ROUNDS = 200
START = datetime(2026, 11, 22, tzinfo=UTC)
CLAIMS = VoucherClaims(
    voucher_no="QX07-D3-000123-55",
    case_no="C-QX07-D3-000045",
    policy_no="P2021000123456",
    payee="张㛃",
    amount_fen=648_824,
    issued_at=1_795_348_800,
    station="QX07",
    adjuster="A1032",
    pack_hash=hashlib.sha256(b"pack").hexdigest(),
    decision_sha256=hashlib.sha256(b"decision").hexdigest(),
    grants=("G-20261122-0001",),
    counter=123,
)


def main() -> None:
    """Measure and report."""
    root_key, device_key = SoftwareKey.from_bytes(b"\x01" * 32), SoftwareKey.from_bytes(b"\x02" * 32)
    root = issue_root("Outpost HQ root", root_key, START, START + timedelta(days=3650))
    end = START + timedelta(days=730)
    device = issue_device(root, root_key, "QX07-D3", 1, "QX07", device_key.public_key, START, end)
    roots = TrustStore(root)
    roots.add_device(device)
    raw = seal_voucher(device_key, device, CLAIMS)
    text = voucher_qr_text(raw)
    commit = seal(device_key, Head("QX07-D3", 1, 1, genesis_hash(device)), [b"e" * 1000])
    message = b"m" * len(raw)
    signature = device_key.sign(message)

    def bare() -> None:
        verify_signature(device_key.public_key, signature, message)

    def timed(name: str, job: Callable[[], object]) -> Row:
        taken, base = paired(job, bare, rounds=ROUNDS)
        return row(name, taken * 1e6, "us", base * 1e6)

    code = segno.make(text, error="m", boost_error=False, micro=False)
    report(
        "voucher_check",
        [
            timed("QR text to verdict, root certificate only", lambda: open_voucher(voucher_from_qr_text(text), roots)),
            timed("signed bytes to verdict", lambda: open_voucher(raw, roots)),
            timed("sealing a voucher", lambda: seal_voucher(device_key, device, CLAIMS)),
            timed("opening a one-event commit of 1 KB", lambda: open_commit(commit.raw, roots)),
            row("signed bytes", len(raw), "bytes", len(device)),
            row("characters in the QR code", len(text), "chars"),
            row("QR version at level M", float(code.version), "version"),
        ],
    )


if __name__ == "__main__":
    main()
