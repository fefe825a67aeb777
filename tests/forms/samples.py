"""Contents for the paper tests: invented people, real signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256

from claims.errors import Bilingual
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper, Ink, Mark, PaperHead, Printed, Signed
from trust.certificates import TrustStore, issue_device, issue_root
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, seal_voucher, voucher_qr_text

PRINTED_AT = datetime(2026, 11, 22, 1, 31, tzinfo=UTC)
SIGNED_AT = datetime(2026, 11, 22, 1, 29, tzinfo=UTC)
PENDING = Bilingual("预核凭证，尚待总部结算", "Pre-approved, pending headquarters' settlement")
PENDING_OUTLOOK = Bilingual(
    "总部核对无误后按上列金额付入收款账户；如有差异，由专人联系您，本凭证不会自行作废。",
    "The amount is paid into the account above once headquarters has checked it; if anything differs a person will contact you, and this "
    "voucher does not lapse by itself.",
)
RARE = "㛃䶮𬭊𠅤龘堃喆"
PANGRAM_STROKES = (
    ((0, 20), (60, 12), (64, 60), (40, 110), (10, 128)),
    ((20, 64), (70, 58)),
    ((110, 10), (96, 60), (80, 100)),
    ((104, 44), (106, 130)),
    ((140, 30), (190, 26)),
    ((164, 4), (166, 128)),
    ((140, 74), (196, 70)),
    ((230, 30), (300, 24)),
    ((262, 6), (258, 70), (216, 130)),
    ((262, 70), (310, 126)),
)
OTHER_STROKES = (
    ((10, 40), (90, 34)),
    ((50, 4), (52, 130)),
    ((48, 44), (6, 100)),
    ((54, 44), (96, 96)),
    ((130, 40), (210, 34)),
    ((170, 4), (172, 130)),
    ((168, 44), (126, 100)),
    ((174, 44), (216, 96)),
    ((300, 2), (258, 26)),
    ((240, 50), (330, 44)),
    ((284, 16), (286, 132)),
)


@dataclass(frozen=True)
class Issuer:
    """A root, and one device below it."""

    root_der: bytes
    device_der: bytes
    key: SoftwareKey

    @property
    def roots(self) -> TrustStore:
        return TrustStore(self.root_der)


@cache
def issuer(seed: int = 1) -> Issuer:
    root_key = SoftwareKey.from_bytes(bytes([seed]) * 32)
    device_key = SoftwareKey.from_bytes(bytes([seed + 100]) * 32)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 5, 31, tzinfo=UTC)
    root = issue_root("示例人寿 HQ", root_key, start, datetime(2036, 1, 1, tzinfo=UTC))
    device = issue_device(root, root_key, "D3", 1, "QX07", device_key.public_key, start, end)
    return Issuer(root, device, device_key)


def claims(**changes: object) -> VoucherClaims:
    fields: dict[str, object] = {
        "voucher_no": "QX07-D3-000142-40",
        "case_no": "QX07-D3-C-000218-77",
        "policy_no": "AT-A 2026 990101 0316",
        "payee": "周立安",
        "amount_fen": 648824,
        "issued_at": int(PRINTED_AT.timestamp()),
        "station": "QX07",
        "adjuster": "0417",
        "pack_hash": sha256(b"pack").hexdigest(),
        "decision_sha256": sha256(b"decision").hexdigest(),
        "grants": ("G-2026-11-20-03",),
        "counter": 142,
    }
    return VoucherClaims(**(fields | changes))  # type: ignore[arg-type]


def signed(**changes: object) -> bytes:
    by = issuer()
    return seal_voucher(by.key, by.device_der, claims(**changes))


NO_CASE: dict[str, object] = {
    "case_no": "",
    "insured_name": "",
    "insured_sex": None,
    "insured_id_masked": "",
    "loss_date": None,
    "catastrophe": None,
}
"""Changes of a head for a paper of the station, and for a blank form."""


def head(**changes: object) -> PaperHead:
    fields: dict[str, object] = {
        "company": "示例人寿保险股份有限公司",
        "station": "清溪一中安置点服务站 QX07",
        "hotline": "95000（示例）",
        "number": "QX07-D3-000142-40",
        "copy_no": 1,
        "printed_at": PRINTED_AT,
        "case_no": "QX07-D3-C-000218-77",
        "insured_name": "周立安",
        "insured_sex": "男",
        "insured_id_masked": "990101********0159",
        "loss_date": date(2026, 11, 20),
        "catastrophe": "清溪 11·20 地震",
        "adjuster": "林晓禾 0417",
        "device": "D3",
    }
    return PaperHead(**(fields | changes))  # type: ignore[arg-type]


def step(name: str, basis: str, amount_fen: int | None = None, verdict: str | None = None) -> dict[str, Printed]:
    return {
        "voucher.step": name,
        "voucher.step_basis": basis,
        "voucher.step_amount": (verdict or "") if amount_fen is None else amount_fen,
    }


STEPS = (
    step("门诊票据合计", "票据 99060126 / 0000731846", 821030),
    step("医院范围", "条款 2.4，地震豁免 W-02", verdict="通过"),
    step("目录外费用 1,915.80", "条款 2.5，地震豁免 W-03", 0),
    step("社保已付", "票面统筹、个人账户", 0),
    step("每次事故免赔额", "条款 2.6", -10000),
    step("给付比例 8,110.30 × 80%", "条款 2.7，未经社会保险结算", -162206),
    step("年度限额 20,000.00", "条款 2.8，已用 0.00", verdict="未触及"),
)


def ink(role: str, name: str, strokes: Ink = PANGRAM_STROKES, *, refused: bool = False) -> Signed:
    return Signed(role=role, name=name, at=SIGNED_AT, ink=() if refused else strokes, refused=refused)


def voucher(
    *,
    steps: tuple[dict[str, Printed], ...] = STEPS,
    cose: bytes | None = None,
    voided: bool = False,
    values: dict[str, Printed] | None = None,
    **changes: object,
) -> FilledPaper:
    """A voucher; ``values`` come on top of the usual ones."""
    said: dict[str, Printed] = {
        "voucher.policy": "AT-A 2026 990101 0316",
        "voucher.payee": Bilingual("周立安（本人）", "周立安 (the insured)"),
        "voucher.signs": "周立安",
        "voucher.account": "示例银行 尾号 0122",
        "voucher.amount": 648824,
        "voucher.authority": "DZ-2026-11-20-03",
        "voucher.standing": PENDING,
        "voucher.outlook": PENDING_OUTLOOK,
        "pack.version": "2026-11-16",
        "pack.days": 6,
    }
    fields: dict[str, object] = {
        "paper": PaperId.VOUCHER,
        "head": head(),
        "values": said | (values or {}),
        "tables": {"steps": steps},
        "signed": (ink("claimant", "周立安"), ink("adjuster", "林晓禾", OTHER_STROKES)),
        "marks": (Mark.VOIDED, Mark.PRE_APPROVED) if voided else (Mark.PRE_APPROVED,),
        "code": None if voided else voucher_qr_text(cose or signed()),
    }
    return FilledPaper(**(fields | changes))  # type: ignore[arg-type]


def reprint(**changes: object) -> FilledPaper:
    """A direct settlement, printed again, with an old pack and rare characters in the names."""
    again: dict[str, object] = {
        "head": head(
            number="QX07-D3-000143-37",
            copy_no=2,
            case_no="QX07-D3-C-000219-74",
            insured_name="杜䶮𬭊",
            insured_sex="女",
            insured_id_masked="990101********0246",
            catastrophe=None,
        ),
        "steps": (
            step("住院票据合计", "票据 99060226 / 0000418803", 774362),
            step("社保统筹已付", "票面统筹基金支付", -250172),
            step("手术 51.23，诊断 K80", "条款 3.1，责任内", verdict="符合"),
            step("给付比例 5,241.90 × 80%", "条款 3.3，经社会保险结算", -104838),
        ),
        "cose": signed(voucher_no="QX07-D3-000143-37", payee="杜䶮𬭊", amount_fen=419352, counter=143),
        "values": {
            "voucher.policy": "AT-F 2025 990101 0087",
            "voucher.payee": Bilingual("杜䶮𬭊（本人）", "杜䶮𬭊 (the insured)"),
            "voucher.signs": "杜䶮𬭊",
            "voucher.amount": 419352,
            "voucher.patient_pays": 104838,
            "pack.version": "2026-08-30",
            "pack.days": 84,
            "pack.warning": True,
        },
        "signed": (ink("claimant", "杜䶮𬭊"), ink("adjuster", "林晓禾", OTHER_STROKES)),
    }
    return voucher(**(again | changes))  # type: ignore[arg-type]


def slip_item(number: int, **changes: Printed) -> dict[str, Printed]:
    fields: dict[str, Printed] = {
        "document.material": "门诊票据",
        "document.file": f"IMG_{number:04d}.jpg",
        "document.pages": 1,
        "document.fingerprint": f"{number:02x}3a 7be1 9c04",
    }
    return fields | {f"document.{key}": value for key, value in changes.items()}


ITEMS = (
    slip_item(1, material="被保险人身份证件", file="身份证正反面.jpg", pages=2),
    slip_item(2, material="门诊电子票据", file="99060126_0000731846.xml"),
    slip_item(3, material="病历、检查报告", file="清溪县人民医院 门诊病历 周立安.pdf", pages=6),
)
REASONS = Bilingual(
    "1. AT-C 2024 990101 0042 的重大疾病责任须由总部核定，现场不作拒付决定。",
    "1. The critical illness cover of AT-C 2024 990101 0042 is for headquarters to decide; the field never declines.",
)
MISSING = Bilingual(
    "□ 医疗费用明细清单（医院收费处打印）\n□ 领款人银行账户复印件",
    "□ itemised list of the medical expenses (hospital's cashier)\n□ copy of the payee's bank account",
)


def slip(
    *, items: tuple[dict[str, Printed], ...] = ITEMS, values: dict[str, Printed] | None = None, **changes: object
) -> FilledPaper:
    said: dict[str, Printed] = {
        "slip.policies": "AT-A 2026 990101 0316\nAT-C 2024 990101 0042",
        "slip.from": "周立安",
        "slip.count": len(items),
        "slip.pages": sum(int(str(item["document.pages"])) for item in items),
        "slip.reasons": REASONS,
        "slip.missing": MISSING,
    }
    fields: dict[str, object] = {
        "paper": PaperId.SLIP,
        "head": head(number="QX07-D3-S-000031-15"),
        "values": said | (values or {}),
        "tables": {"documents": items},
    }
    return FilledPaper(**(fields | changes))  # type: ignore[arg-type]
