"""An amount in Chinese capitals (大写), as a voucher must carry it beside the figures, on paper and where it is signed.

Promise: pure integer arithmetic on fen; every amount has exactly one text, and that text reads back to the same fen.
The text carries no currency prefix: the paper prints 人民币 directly before it, with no space (cheque rules).

Source: notes/domain.md §7, after the payment and settlement rules for cheques (支付结算办法, annex on writing amounts).
"""

from __future__ import annotations

from claims.errors import Bilingual, InputError

CURRENCY_PREFIX = "人民币"
LARGEST_FEN = 10**15

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_SECTIONS = ("", "万", "亿")


def amount_in_capitals(amount_fen: int, *, whole_after_jiao: bool = True) -> str:
    """Return ``amount_fen`` in capitals, without the currency prefix.

    Where the amount ends:

    - at 元: 整 is always written (贰拾伍万元整);
    - at 角: the rules leave 整 open. We write it (伍角整), because then no 分 can be added by hand afterwards;
      ``whole_after_jiao=False`` gives the other reading (伍角);
    - at 分: nothing follows.

    Any run of inner zeros is one 零; a 分 without a 角 is announced by 零 (元零贰分). The rules also allow a 零 after a
    zero at 元 or 万 when the next place isn't zero (柒仟元零伍角); we leave it out, so that a text stays unique.

    >>> amount_in_capitals(648824)
    '陆仟肆佰捌拾捌元贰角肆分'
    >>> amount_in_capitals(140950), amount_in_capitals(140950, whole_after_jiao=False)
    ('壹仟肆佰零玖元伍角整', '壹仟肆佰零玖元伍角')

    Raises:
        InputError: a negative amount, or one above ten trillion yuan (10**15 fen).
    """
    if amount_fen < 0:
        raise InputError(
            "amount_negative",
            Bilingual(
                f"金额为负数（{amount_fen} 分），不能写成大写。",
                f"The amount is negative ({amount_fen} fen) and can't be written in capitals.",
            ),
            Bilingual("请退回理算步骤核对各项金额。", "Go back to the calculation and check each amount."),
        )
    if amount_fen > LARGEST_FEN:
        raise InputError(
            "amount_too_large",
            Bilingual(
                f"金额 {amount_fen} 分超过可打印的上限十万亿元。",
                f"The amount of {amount_fen} fen is above the largest that can be printed (ten trillion yuan).",
            ),
            Bilingual(
                "请核对票据金额与保险金额是否多输了位数。", "Check the bill and the sum insured for extra digits."
            ),
        )
    yuan, cents = divmod(amount_fen, 100)
    jiao, fen = divmod(cents, 10)
    text = f"{_integer(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        return f"{text}{_DIGITS[fen]}分"
    if jiao:
        return f"{text}整" if whole_after_jiao else text
    return f"{text or '零元'}整"


def _integer(number: int) -> str:
    """Return a positive whole number in capitals, section by section of four digits."""
    sections: list[int] = []
    while number:
        number, low = divmod(number, 10_000)
        sections.append(low)
    text = ""
    gap = False
    for index in reversed(range(len(sections))):
        section = sections[index]
        if not section:
            gap = True
            continue
        if text and (gap or section < 1000):
            text += _DIGITS[0]
        text += _section(section) + _unit(index, sections)
        gap = False
    return text


def _unit(index: int, sections: list[int]) -> str:
    """Return the section's unit; 亿 of 万亿 is said once, after the last section of the hundred millions."""
    if index == 3:
        return "万" if sections[2] else "万亿"
    return _SECTIONS[index]


def _section(section: int) -> str:
    """Return 1..9999 in capitals; inner zeros are one 零, trailing zeros are silent."""
    text = ""
    gap = False
    for place in (3, 2, 1, 0):
        digit = section // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        if gap:
            text += _DIGITS[0]
            gap = False
        text += _DIGITS[digit] + _PLACES[place]
    return text
