"""Which part of a signed text fails, in words: one name a failure code of ``trust``.

Promise: every code that the verifier core or the voucher reader can raise has a name here (a test goes through their sources).
"""

from __future__ import annotations

from claims.errors import Bilingual
from trust.errors import TrustError

_PREFIX = Bilingual("开头标记（不是本类二维码）", "prefix (another kind of code)")
_PACKING = Bilingual("压缩数据（不完整或已损坏）", "packed data (cut off or damaged)")
_STRUCTURE = Bilingual("消息结构", "structure of the message")
_HEADERS = Bilingual("签名头", "signed headers")
_CERTIFICATE = Bilingual("签发者证书", "signer's certificate")
_CONTENT = Bilingual("签名内容的格式", "form of the signed content")

_PARTS = {
    "text_prefix": _PREFIX,
    "qr_not_a_voucher": _PREFIX,
    "text_too_long": Bilingual("长度（超过一个二维码能装下的）", "length (more than one code can hold)"),
    "header_twice": Bilingual("签名头（同一项出现两次）", "headers (one entry twice)"),
    "header_critical": Bilingual("签名头（含有必须理解而未知的项）", "headers (a critical entry that is not known)"),
    "unprotected_headers": Bilingual("签名头（有未签名的内容）", "headers (entries outside the signature)"),
    "message_tags": Bilingual("消息标签", "tag of the message"),
    "algorithm_not_allowed": Bilingual("签名算法（不在允许之列）", "signature algorithm (not an allowed one)"),
    "algorithm_key": Bilingual(
        "签名算法（与证书的密钥不符）", "signature algorithm (not the certificate's kind of key)"
    ),
    "kid_missing": Bilingual("密钥编号（缺失）", "key id (missing)"),
    "kid_mismatch": Bilingual("密钥编号（与证书不符）", "key id (not this certificate's)"),
    "chain_missing": Bilingual("证书链（缺失）", "certificate chain (missing)"),
    "chain_broken": Bilingual("证书链（不是由信任的根证书签发）", "certificate chain (not issued by the trusted root)"),
    "certificate_role": Bilingual("证书用途（不是签发设备的证书）", "role of the certificate (not a signer's)"),
    "certificate_expired": Bilingual("签发者证书（当时已过期）", "signer's certificate (expired by then)"),
    "certificate_not_yet_valid": Bilingual("签发者证书（当时尚未生效）", "signer's certificate (not valid yet)"),
    "key_usage": Bilingual("证书的密钥用途（不允许签这类内容）", "key usage (the certificate may not sign this)"),
    "signature_wrong": Bilingual("签名（与内容不符）", "signature (does not fit the content)"),
    "expired": Bilingual("有效期（已过期）", "validity (expired)"),
    "not_yet_valid": Bilingual("有效期（尚未生效）", "validity (not valid yet)"),
    "issued_later": Bilingual("签发时间（晚于核验时间）", "time of issue (later than the time asked for)"),
    "expiry_missing": Bilingual("有效期（没有写明）", "validity (none is given)"),
    "outside_certificate": Bilingual(
        "有效期（超出签发者证书的有效期）", "validity (outside that of the signer's certificate)"
    ),
    "health_kinds": Bilingual("内容（不是恰好一类证明）", "content (not exactly one kind of certificate)"),
    "health_shape": Bilingual("内容（没有证明）", "content (no certificate inside)"),
    "voucher_content_type": Bilingual("内容类型（不是凭证）", "content type (no voucher)"),
}
_FAMILIES = (
    ("base45_", Bilingual("二维码文字（有不属于它的字符或缺字）", "text of the code (foreign or missing characters)")),
    ("zlib_", _PACKING),
    ("qr_", _PACKING),
    ("cbor_", _STRUCTURE),
    ("message_", _STRUCTURE),
    ("protected_", _HEADERS),
    ("sign1_", _HEADERS),
    ("certificate_", _CERTIFICATE),
    ("public_key_", _CERTIFICATE),
    ("cwt_", _CONTENT),
    ("voucher_", _CONTENT),
)
_OTHER = Bilingual("内容", "content")


def failed_part(error: TrustError) -> Bilingual:
    """Return the name of the part that fails."""
    if error.code in _PARTS:
        return _PARTS[error.code]
    return next((name for start, name in _FAMILIES if error.code.startswith(start)), _OTHER)
