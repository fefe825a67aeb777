"""The throw-away laptop of the self-check: certificates of a headquarters that never was, a store, and a signed voucher.

Promise: everything is made by the same code as in earnest; nothing of it can be mistaken for the company's, because its root
certificate is made here and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from app.self_check import SelfCheckError
from app.system_clock import SystemClock
from claims.events import RecoverySlotSealed
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper, Mark, PaperHead, Signed
from forms.drawing import PdfDrawing
from local_db.identity import Identity
from local_db.key_file import recovery_slot_bytes
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase
from local_db.store import STORE_FILE, create_store, open_store
from trust.boxes import generate_box_key
from trust.certificates import TrustStore, issue_device, issue_root, issue_service
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, open_voucher, seal_voucher, voucher_qr_text

_PLAIN_HEADER = b"SQLite format 3"
_AMOUNT_FEN = 648_824
_INK = (((0, 40), (22, 8), (30, 60), (52, 12)), ((60, 30), (96, 28)), ((78, 4), (74, 62)))


@dataclass(frozen=True, repr=False)
class SampleLaptop:
    """Who the throw-away laptop is, and its key."""

    identity: Identity
    key: SoftwareKey
    made_at: datetime


def sample_laptop() -> SampleLaptop:
    """Make a root, a service and one device below it."""
    at = SystemClock().utc_now()
    span = (at - timedelta(hours=1), at + timedelta(days=1))
    root_key, service_key, device_key = (SoftwareKey.generate() for _ in range(3))
    root = issue_root("Outpost self-check", root_key, *span)
    identity = Identity(
        device="D0",
        epoch=1,
        station="TEST00",
        station_name="自检服务站",
        adjuster="0000",
        adjuster_name="自检",
        company="自检样张，不是凭证",
        hotline="400-000-0000",
        root_certificate=root,
        service_certificate=issue_service(root, root_key, "self-check", service_key.public_key, *span),
        device_certificate=issue_device(root, root_key, "D0", 1, "TEST00", device_key.public_key, *span),
        recovery_public_key=generate_box_key()[1],
    )
    return SampleLaptop(identity, device_key, at)


def store_reopened(home: Path, laptop: SampleLaptop) -> str:
    """Make an encrypted store, write to it, close it, open it again with the passphrase, and read. Return what was found."""
    unlock = PassphraseUnlock(laptop.identity.adjuster, generate_passphrase())
    with create_store(home, unlock, laptop.identity, laptop.key) as store, store.write() as uow:
        uow.append(RecoverySlotSealed(at=laptop.made_at, sealed=recovery_slot_bytes(home)))
        uow.save_draft("self-check", "自检草稿".encode())
    raw = (home / STORE_FILE).read_bytes()
    if raw.startswith(_PLAIN_HEADER) or "自检".encode() in raw:
        raise SelfCheckError("the store is not encrypted")
    with open_store(home, unlock, SystemClock()) as store:
        with store.read() as reads:
            drafts = reads.drafts()
        position = store.position()
        if [content.decode() for _, content in drafts] != ["自检草稿"] or position.next_seq != 2:
            raise SelfCheckError(
                f"the store lost what was written: {len(drafts)} drafts, next event {position.next_seq}"
            )
    return f"{len(raw) // 1024} KiB, made, closed and opened again"


def voucher_drawn(laptop: SampleLaptop) -> tuple[bytes, str]:
    """Sign a voucher, verify it, and draw it; return the PDF and what was found."""
    cose = seal_voucher(laptop.key, laptop.identity.device_certificate, _claims(laptop))
    opened = open_voucher(cose, TrustStore(laptop.identity.root_certificate))
    if opened.claims.amount_fen != _AMOUNT_FEN:
        raise SelfCheckError("the voucher says another sum than was signed")
    pdf = PdfDrawing().paper(_content(laptop, cose))
    if not pdf.startswith(b"%PDF-"):
        raise SelfCheckError("the drawing is no PDF")
    return pdf, f"{len(pdf) // 1024} KiB"


def _claims(laptop: SampleLaptop) -> VoucherClaims:
    return VoucherClaims(
        voucher_no="TEST00-D0-000001-65",
        case_no="TEST00-D0-0001-0",
        policy_no="AT-A 自检",
        payee="周䶮",
        amount_fen=_AMOUNT_FEN,
        issued_at=int(laptop.made_at.timestamp()),
        station=laptop.identity.station,
        adjuster=laptop.identity.adjuster,
        pack_hash=sha256(b"pack").hexdigest(),
        decision_sha256=sha256(b"decision").hexdigest(),
        grants=(),
        counter=1,
    )


def _content(laptop: SampleLaptop, cose: bytes) -> FilledPaper:
    identity = laptop.identity
    head = PaperHead(
        company=identity.company,
        station=f"{identity.station_name} {identity.station}",
        hotline=identity.hotline,
        number="TEST00-D0-000001-65",
        copy_no=1,
        printed_at=laptop.made_at,
        case_no="TEST00-D0-0001-0",
        insured_name="周䶮",
        insured_sex="男",
        insured_id_masked="990101********0159",
        loss_date=date(2026, 11, 20),
        catastrophe="自检",
        adjuster=f"{identity.adjuster_name} {identity.adjuster}",
        device=identity.device,
    )
    steps: tuple[tuple[str, str, int], ...] = (
        ("门诊票据合计", "自检", 821_030),
        ("每次事故免赔额", "自检", -10_000),
        ("给付比例 80%", "自检", -162_206),
    )
    return FilledPaper(
        paper=PaperId.VOUCHER,
        head=head,
        values={
            "voucher.policy": "AT-A 自检",
            "voucher.payee": "周䶮（本人）",
            "voucher.signs": "周䶮",
            "voucher.account": "示例银行 尾号 0122",
            "voucher.amount": _AMOUNT_FEN,
            "voucher.authority": "TEST",
            "voucher.standing": "自检样张，不是凭证",
            "voucher.outlook": "自检样张，不是凭证",
            "pack.version": "自检",
            "pack.days": 0,
        },
        tables={
            "steps": tuple(
                {"voucher.step": name, "voucher.step_basis": basis, "voucher.step_amount": fen}
                for name, basis, fen in steps
            )
        },
        signed=tuple(
            Signed(role=role, name=name, at=laptop.made_at, ink=_INK)
            for role, name in (("claimant", "周䶮"), ("adjuster", identity.adjuster_name))
        ),
        marks=(Mark.PRE_APPROVED,),
        code=voucher_qr_text(cose),
    )
