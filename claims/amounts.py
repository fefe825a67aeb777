"""Money between fen and the text people read and write.

Promise: money is integer fen; no float is ever involved; what can't be read exactly is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata

from claims.errors import Bilingual, InputError

MAX_AMOUNT_FEN = 10_000_000_000_00
"""Nothing the field handles is above ten billion yuan; a larger entry is a slip of the keyboard."""

_AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<yuan>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fen>\d*))?", re.ASCII)
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|¥)|(?:元整?|圆整?)$", re.IGNORECASE)
_NEXT = Bilingual("请按票据重新录入，例如 1,234.50。", "Enter it again from the paper, for example 1,234.50.")


def yuan(amount_fen: int) -> str:
    """Return fen as yuan with separators: ``123456`` is ``1,234.56``."""
    sign = "-" if amount_fen < 0 else ""
    whole, part = divmod(abs(amount_fen), 100)
    return f"{sign}{whole:,}.{part:02d}"


def parse_amount(text: str) -> int:
    """Read yuan as people type them and return fen. ``"1,234.50"``, ``"１２３４．５"`` and ``"¥1234.5元"`` are all 123450.

    Raises:
        InputError: ``amount_missing``, ``amount_unreadable``, ``amount_too_precise``, ``amount_negative``, ``amount_too_large``.
    """
    shown = text.strip()
    plain = _plain(text)
    if not plain:
        raise InputError("amount_missing", Bilingual("没有填写金额。", "No amount was entered."), _NEXT)
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise InputError(
            "amount_unreadable",
            Bilingual(f"“{shown[:40]}”不是金额。", f'"{shown[:40]}" is not an amount.'),
            _NEXT,
        )
    decimals = found["fen"] or ""
    if len(decimals.rstrip("0")) > 2:
        raise InputError(
            "amount_too_precise",
            Bilingual(
                f"“{shown[:40]}”有 {len(decimals)} 位小数，金额最多两位（分）。",
                f'"{shown[:40]}" has {len(decimals)} decimals; an amount has two at most (fen).',
            ),
            _NEXT,
        )
    digits = found["yuan"].replace(",", "").lstrip("0")
    if len(digits) > 15:
        raise _too_large(shown)
    amount_fen = int(digits or "0") * 100 + int(decimals[:2].ljust(2, "0"))
    if found["sign"] == "-" and amount_fen:
        raise InputError(
            "amount_negative",
            Bilingual(f"金额 {shown[:40]} 是负数。", f"The amount {shown[:40]} is negative."),
            Bilingual(
                "红冲票据请按“红字票据”登记，金额栏只填正数。",
                "Record a reversed bill as such; amounts are entered as positive numbers.",
            ),
        )
    if amount_fen > MAX_AMOUNT_FEN:
        raise _too_large(shown)
    return amount_fen


def _plain(text: str) -> str:
    # NFKC turns full-width digits, comma, point, minus and yuan sign into the ASCII that the keyboard should have given.
    folded = unicodedata.normalize("NFKC", text)
    folded = folded.replace("−", "-").replace("。", ".")
    folded = "".join(folded.split())
    return _CURRENCY.sub("", _CURRENCY.sub("", folded, count=1), count=1)


def _too_large(shown: str) -> InputError:
    return InputError(
        "amount_too_large",
        Bilingual(
            f"金额 {shown[:40]} 超过 {yuan(MAX_AMOUNT_FEN)} 元，不合常理。",
            f"The amount {shown[:40]} is above {yuan(MAX_AMOUNT_FEN)} yuan, which cannot be right.",
        ),
        _NEXT,
    )
