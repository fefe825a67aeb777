"""Bills: the keys that recognise one again, and the sums on it that must agree.

Promise: two photographs of one bill give a common key; arithmetic is exact, with one fen of tolerance for the issuer's rounding.

Source: notes/domain.md §6 "Checks" and §9 R5, R6.
"""

from __future__ import annotations

import unicodedata
from datetime import date

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual

TOLERANCE_FEN = 1


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as read. None: not on the paper or not read; a check that lacks a figure is not made."""

    code: str | None = None
    number: str | None = None
    hospital: str | None = None
    issued_on: date | None = None
    total_fen: int | None = None
    fund_fen: int | None = None
    other_fen: int | None = None
    account_fen: int | None = None
    own_cash_fen: int | None = None
    self_payment_fen: int | None = None
    self_expense_fen: int | None = None
    item_fens: tuple[int, ...] = ()
    reversed_or_void: bool = False


def bill_keys(bill: Bill) -> tuple[str, ...]:
    """Return what recognises this bill: code and number, and hospital, date and amount; empty when neither is complete."""
    keys: list[str] = []
    if bill.code and bill.number:
        keys.append(f"bill:{_folded(bill.code)}:{_folded(bill.number)}")
    if bill.hospital and bill.issued_on and bill.total_fen is not None:
        keys.append(f"visit:{_folded(bill.hospital)}:{bill.issued_on.isoformat()}:{bill.total_fen}")
    return tuple(keys)


def sums_that_differ(bill: Bill) -> tuple[Bilingual, ...]:
    """Return a sentence for every sum on the bill that doesn't come out."""
    found: list[Bilingual] = []
    if bill.total_fen is not None:
        paid = _sum(bill.fund_fen, bill.other_fen, bill.account_fen, bill.own_cash_fen)
        if paid is not None and abs(paid - bill.total_fen) > TOLERANCE_FEN:
            found.append(
                Bilingual(
                    f"票据总额 {yuan(bill.total_fen)} 元，统筹、其他、账户与现金合计 {yuan(paid)} 元，差 {yuan(bill.total_fen - paid)} 元。",
                    f"The bill's total is {yuan(bill.total_fen)} yuan; fund, others, account and cash come to {yuan(paid)}, off by {yuan(bill.total_fen - paid)}.",
                )
            )
        items_fen = sum(bill.item_fens)
        if bill.item_fens and abs(items_fen - bill.total_fen) > TOLERANCE_FEN:
            found.append(
                Bilingual(
                    f"费用清单合计 {yuan(items_fen)} 元，票据总额 {yuan(bill.total_fen)} 元，差 {yuan(bill.total_fen - items_fen)} 元。",
                    f"The item list adds up to {yuan(items_fen)} yuan, the bill says {yuan(bill.total_fen)}, off by {yuan(bill.total_fen - items_fen)}.",
                )
            )
    own, carried = _sum(bill.self_payment_fen, bill.self_expense_fen), _sum(bill.account_fen, bill.own_cash_fen)
    if own is not None and carried is not None and abs(own - carried) > TOLERANCE_FEN:
        found.append(
            Bilingual(
                f"个人自付加自费 {yuan(own)} 元，账户加现金 {yuan(carried)} 元，差 {yuan(own - carried)} 元。",
                f"Own part and self-expense are {yuan(own)} yuan, account and cash {yuan(carried)}, off by {yuan(own - carried)}.",
            )
        )
    return tuple(found)


def _sum(*parts: int | None) -> int | None:
    return None if any(one is None for one in parts) else sum(one for one in parts if one is not None)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
