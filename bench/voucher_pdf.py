"""What a voucher's PDF costs: the whole paper against the same drawing without its QR, and the first paper against later ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from time import perf_counter

from bench.report import paired, report, row
from claims.papers import PaperHead, PaperStep, VoucherContent
from forms.fonts import bundled_fonts
from forms.qr import voucher_symbol
from forms.render import render
from forms.voucher import draw_voucher, lay_out_voucher
from trust.certificates import issue_device, issue_root
from trust.keys import SoftwareKey
from trust.vouchers import VoucherClaims, seal_voucher

_AT = datetime(2026, 11, 22, 1, 31, tzinfo=UTC)
_STEPS = 7


def _signed() -> bytes:
    root_key, device_key = SoftwareKey.generate(), SoftwareKey.generate()
    root = issue_root("示例人寿", root_key, _AT, _AT.replace(year=2036))
    device = issue_device(root, root_key, "D3", 1, "QX07", device_key.public_key, _AT, _AT.replace(year=2027))
    claims = VoucherClaims(
        voucher_no="QX07-D3-000142-6",
        case_no="QX07-D3-0218-4",
        policy_no="AT-A 2026 990101 0316",
        payee="周立安",
        amount_fen=648824,
        issued_at=int(_AT.timestamp()),
        station="QX07",
        adjuster="0417",
        pack_hash=sha256(b"pack").hexdigest(),
        decision_sha256=sha256(b"decision").hexdigest(),
        grants=("G-2026-11-20-03",),
        counter=142,
    )
    return seal_voucher(device_key, device, claims)


def _content(cose: bytes) -> VoucherContent:
    head = PaperHead(
        company="示例人寿保险股份有限公司",
        station="清溪一中安置点服务站 QX07",
        hotline="95000",
        number="QX07-D3-000142-6",
        copy_no=1,
        printed_at=_AT,
        case_no="QX07-D3-0218-4",
        insured_name="周立安",
        insured_sex="男",
        insured_id_masked="990101********0159",
        loss_date=date(2026, 11, 20),
        catastrophe="清溪 11·20 地震",
        adjuster="林晓禾 0417",
        device="D3",
    )
    return VoucherContent(
        head=head,
        policy_no="AT-A 2026 990101 0316",
        payee_name="周立安",
        payee_relation="本人",
        account_masked="示例银行 尾号 0122",
        steps=tuple(
            PaperStep(
                name=f"第 {number} 步 给付比例 80%",
                basis=f"条款 2.{number}，地震豁免",
                amount_fen=821030 * number,
                verdict=None,
            )
            for number in range(1, _STEPS + 1)
        ),
        amount_fen=648824,
        patient_pays_fen=None,
        pack_version="2026-11-16",
        pack_age_days=6,
        pack_warning=False,
        authority_id="DZ-2026-11-20-03",
        cose=cose,
        signed_claimant=(((0, 0), (40, 60), (80, 10)),),
        signed_adjuster=(((0, 0), (40, 60), (80, 10)),),
    )


def main() -> None:
    """Measure and print."""
    content = _content(_signed())
    start = perf_counter()
    bundled_fonts()
    fonts_s = perf_counter() - start
    first = draw_voucher(content)
    first_s = perf_counter() - start
    whole_s, bare_s = paired(lambda: draw_voucher(content), lambda: render(lay_out_voucher(content, None)), rounds=15)
    symbol_s, _ = paired(lambda: voucher_symbol(content.cose), lambda: None)
    bare = render(lay_out_voucher(content, None))
    report(
        "voucher_pdf",
        [
            row("voucher PDF / same drawing without QR", whole_s * 1000, "ms", bare_s * 1000),
            row("encoding the QR / same drawing without QR", symbol_s * 1000, "ms", bare_s * 1000),
            row("voucher PDF size / without QR", len(first) / 1024, "KiB", len(bare) / 1024),
            row("first paper of a process / a later one", first_s * 1000, "ms", whole_s * 1000),
            row("reading the fonts, once", fonts_s * 1000, "ms"),
        ],
    )


if __name__ == "__main__":
    main()
