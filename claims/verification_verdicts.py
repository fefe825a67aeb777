"""What a verification answers: the verdict, its sentence and what to do now.

Promise: ``genuine`` says that our device signed exactly this; whether it may be paid is ``verdict``, and only ``Verdict.GENUINE`` may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from trust.vouchers import VoucherClaims, voucher_qr_text

if TYPE_CHECKING:
    from claims.verification_signature import CheckedVoucher

_SHOWN = 24
LATEST = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp())
"""A signed instant beyond it is no date; printing it would fail."""


class Verdict(StrEnum):
    """What a code turned out to be."""

    GENUINE = "genuine"
    USED_BEFORE = "used_before"
    VOIDED_HERE = "voided_here"
    EXPIRED = "expired"
    REVOKED_DEVICE = "revoked_device"
    WRONG_NUMBER = "wrong_number"
    FORGED = "forged"
    OTHER_ROOT = "other_root"
    UNKNOWN_KEY = "unknown_key"
    NOT_A_VOUCHER = "not_a_voucher"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict:
    """The answer to "is this genuine?".

    ``genuine``: a device below our root signed exactly this content. ``payable``: and nothing known here speaks against it.
    ``failed_part``: what does not hold. ``station`` and ``device`` are codes from the certificate, ``adjuster`` the number from the claims;
    the names are set where this laptop knows them. ``pack``: the rules' release where it was ever installed here, else the start of its hash.
    """

    verdict: Verdict
    genuine: bool
    sentence: Bilingual
    next_step: Bilingual
    failed_part: Bilingual | None = None
    voucher: VoucherClaims | None = None
    cose: bytes | None = None
    station: str = ""
    station_name: str | None = None
    device: str = ""
    adjuster: str = ""
    adjuster_name: str | None = None
    pack: str = ""

    @property
    def payable(self) -> bool:
        """Say whether it stands."""
        return self.verdict is Verdict.GENUINE

    @property
    def text(self) -> str:
        """The text of the code that was read, to present it by; empty where nothing was proved."""
        return "" if self.cose is None else voucher_qr_text(self.cose)


_COMPARE = Bilingual(
    "请核对票面的号码、领款人、金额与这里显示的一致，并核对领款人证件。",
    "Compare number, payee and sum on the paper with these, and check the payee's identity document.",
)
_DO_NOT_PAY = Bilingual(
    "请勿据此付款；留存纸件或拍照，报总部核查。",
    "Don't pay on it. Keep the paper or a photo and report it to headquarters.",
)
_NEXT: dict[Verdict, Bilingual] = {
    Verdict.USED_BEFORE: Bilingual(
        "请勿重复付款；向出示人说明，有疑问时报总部核对。",
        "Don't pay twice. Tell the presenter, and ask headquarters when in doubt.",
    ),
    Verdict.VOIDED_HERE: Bilingual(
        "请勿据此付款；查看该案件是否已另出凭证。", "Don't pay on it; see whether the case has another voucher."
    ),
    Verdict.EXPIRED: Bilingual(
        "请勿当场付款；凭证号码报总部，由总部确认后办理。",
        "Don't pay now. Give the number to headquarters and pay once they confirm.",
    ),
    Verdict.REVOKED_DEVICE: Bilingual(
        "停用前签发的可能仍有效：请勿当场付款，凭证号码报总部确认。",
        "One issued before the stop may still be good: don't pay now, give the number to headquarters.",
    ),
    Verdict.WRONG_NUMBER: _DO_NOT_PAY,
}


def genuine(
    checked: CheckedVoucher,
    *,
    station_name: str | None = None,
    adjuster_name: str | None = None,
    pack: str | None = None,
) -> PaperVerdict:
    """The verdict of a voucher whose signature holds and against which nothing is known."""
    claims = checked.claims
    station = f"{station_name} {checked.station}" if station_name else checked.station
    adjuster = f"{adjuster_name} {claims.adjuster}" if adjuster_name else claims.adjuster
    rules = pack or claims.pack_hash[:12]
    issued = beijing_text(datetime.fromtimestamp(min(claims.issued_at, LATEST), UTC))
    return PaperVerdict(
        verdict=Verdict.GENUINE,
        genuine=True,
        sentence=Bilingual(
            f"真凭证 {claims.voucher_no}：{station} 的设备 {checked.device}，经办人 {adjuster}，{issued} 签发；"
            f"付给 {claims.payee} {yuan(claims.amount_fen)} 元，案件 {claims.case_no}，保单 {claims.policy_no}，规则包 {rules}。",
            f"Genuine voucher {claims.voucher_no}: issued by device {checked.device} of {station}, adjuster {adjuster}, on {issued}; "
            f"pays {claims.payee} {yuan(claims.amount_fen)} yuan, case {claims.case_no}, policy {claims.policy_no}, rule pack {rules}.",
        ),
        next_step=_COMPARE,
        voucher=claims,
        cose=checked.cose,
        station=checked.station,
        station_name=station_name,
        device=checked.device,
        adjuster=claims.adjuster,
        adjuster_name=adjuster_name,
        pack=rules,
    )


def refused(stands: PaperVerdict, verdict: Verdict, because: Bilingual, part: Bilingual) -> PaperVerdict:
    """The verdict of a voucher whose signature holds, but which may not be paid."""
    return replace(
        stands,
        verdict=verdict,
        genuine=verdict not in (Verdict.WRONG_NUMBER, Verdict.FORGED, Verdict.REVOKED_DEVICE),
        sentence=because,
        next_step=_NEXT.get(verdict, _DO_NOT_PAY),
        failed_part=part,
    )


def forged(verdict: Verdict, part: Bilingual, because: Bilingual) -> PaperVerdict:
    """The verdict of a code whose signature proves nothing to us."""
    return PaperVerdict(
        verdict=verdict,
        genuine=False,
        sentence=because,
        next_step=_DO_NOT_PAY
        if verdict is not Verdict.OTHER_ROOT
        else Bilingual(
            "请勿据此付款；如果来自其他公司或测试环境，请客户联系原签发单位，否则报总部核查。",
            "Don't pay on it. If it comes from another company or a test system, send the customer there; otherwise report it to headquarters.",
        ),
        failed_part=part,
    )


def not_a_voucher(text: str) -> PaperVerdict:
    """The verdict of a text that is something else."""
    shown = "".join(each for each in text[:_SHOWN] if each.isprintable()) + ("…" if len(text) > _SHOWN else "")
    found = Bilingual(f"内容是“{shown}”", f'It reads "{shown}"') if shown else Bilingual("内容为空", "It is empty")
    return PaperVerdict(
        verdict=Verdict.NOT_A_VOUCHER,
        genuine=False,
        sentence=Bilingual(
            f"这不是本公司给付凭证的二维码：{found.zh}。", f"This is not the code of one of our vouchers. {found.en}."
        ),
        next_step=Bilingual(
            "请扫凭证上的二维码；只有网址或号码的纸张不能作为凭证。",
            "Scan the code on the voucher; a paper with only a web address or a number proves nothing.",
        ),
        failed_part=Bilingual("开头标记（不是本类二维码）", "prefix (another kind of code)"),
    )


def unreadable(*, seen: bool, characters: int | None = None, part: Bilingual | None = None) -> PaperVerdict:
    """The verdict where there is a code that could not be read whole (``seen``), or none at all."""
    if characters is not None:
        sentence = Bilingual(
            f"读到 {characters} 个字符，但不是完整的凭证二维码。",
            f"{characters} characters were read, but they are not a whole voucher code.",
        )
    elif seen:
        sentence = Bilingual("看到二维码，但没有读清。", "There is a code, but it could not be read.")
    else:
        sentence = Bilingual("没有找到二维码。", "No code was found.")
    return PaperVerdict(
        verdict=Verdict.UNREADABLE,
        genuine=False,
        sentence=sentence,
        next_step=Bilingual(
            "请拿稳、靠近一些、抚平纸面，让整个二维码清楚入镜后重试；凭证有两页时二维码在末页。",
            "Hold still, bring it closer, flatten the paper and have the whole code in sight; a voucher of two pages has it on the last.",
        ),
        failed_part=part or Bilingual("二维码（未读出）", "code (not read)"),
    )
