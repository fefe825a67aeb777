"""How an answer about a voucher is said: a heading anybody understands, a sign and a tone that repeat it, and the facts beneath.

Promise: every verdict has words of its own; what may not be paid never reads like what may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from claims.verification import PaperVerdict, Verdict
from views.controls.chips import Tone


@dataclass(frozen=True)
class Heading:
    """What stands over an answer."""

    words: Bilingual
    icon: str
    tone: Tone


HEADINGS: dict[Verdict, Heading] = {
    Verdict.GENUINE: Heading(Bilingual("真凭证", "Genuine"), "pass", Tone.GOOD),
    Verdict.USED_BEFORE: Heading(Bilingual("出示过了，不能再付", "Used before, don't pay again"), "warn", Tone.AMBER),
    Verdict.VOIDED_HERE: Heading(Bilingual("已作废，不能付", "Voided, don't pay"), "void", Tone.RED),
    Verdict.EXPIRED: Heading(Bilingual("不在有效期内", "Outside its validity"), "clock", Tone.AMBER),
    Verdict.REVOKED_DEVICE: Heading(Bilingual("签发设备已停用", "Its device was stopped"), "refused", Tone.RED),
    Verdict.WRONG_NUMBER: Heading(Bilingual("不是真凭证", "Not genuine"), "refused", Tone.RED),
    Verdict.FORGED: Heading(Bilingual("不是真凭证", "Not genuine"), "refused", Tone.RED),
    Verdict.OTHER_ROOT: Heading(Bilingual("不是本公司的凭证", "Not one of our vouchers"), "refused", Tone.RED),
    Verdict.UNKNOWN_KEY: Heading(Bilingual("签发者不明", "Signer not known"), "refused", Tone.RED),
    Verdict.NOT_A_VOUCHER: Heading(Bilingual("不是凭证的二维码", "Not the code of a voucher"), "warn", Tone.AMBER),
    Verdict.UNREADABLE: Heading(Bilingual("没有读清", "Not read"), "warn", Tone.AMBER),
}

PAYEE = Bilingual("领款人", "Payee")
NUMBER = Bilingual("凭证编号", "Voucher number")
SUM = Bilingual("金额（元）", "Sum (yuan)")
_ISSUED = Bilingual("签发", "Signed")
_STATION = Bilingual("服务站", "Station")
_DEVICE = Bilingual("设备", "Device")
_ADJUSTER = Bilingual("经办人", "Adjuster")
_CASE = Bilingual("案件", "Case")
_POLICY = Bilingual("保单", "Policy")
_PACK = Bilingual("规则包", "Rule pack")


def facts_of(verdict: PaperVerdict) -> tuple[tuple[Bilingual, str], ...]:
    """Return what was signed, by whom and where, name by name; nothing where no signature held. Payee and sum stand apart."""
    claims = verdict.voucher
    if claims is None:
        return ()
    return (
        (NUMBER, claims.voucher_no),
        (_ISSUED, beijing_text(datetime.fromtimestamp(claims.issued_at, UTC))),
        (_STATION, _named(verdict.station_name, verdict.station)),
        (_DEVICE, verdict.device),
        (_ADJUSTER, _named(verdict.adjuster_name, verdict.adjuster)),
        (_CASE, claims.case_no),
        (_POLICY, claims.policy_no),
        (_PACK, verdict.pack),
    )


def _named(name: str | None, code: str) -> str:
    return code if name is None else f"{name} {code}"
