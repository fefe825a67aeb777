"""Phones and bank accounts: checked, normalised, masked.

Promise: what has one right form is refused when wrong (a mobile number has 11 digits); what banks are free to do is warned
about only: passbooks and old accounts fail Luhn.

Source: notes/domain.md §6 "Identity".
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from claims.errors import Bilingual, InputError

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}", re.ASCII)
_SERVICE = re.compile(r"[48]00\d{7}", re.ASCII)
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SEPARATORS = re.compile(r"[\s()·./-]+")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A bank account number; ``warning`` asks for a second look and never blocks."""

    number: str
    warning: Bilingual | None


def read_phone(text: str) -> str:
    """Return a phone number without separators; the national prefix 86 is dropped, other countries keep their ``+``.

    Raises:
        InputError: ``phone_missing``, ``phone_character``, ``phone_length``, ``phone_pattern``.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    again = Bilingual("请与本人核对后重新录入。", "Ask the person and enter it again.")
    if not plain:
        raise InputError("phone_missing", Bilingual("没有填写电话号码。", "No phone number was entered."), again)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    plain = re.sub(r"^\+?86(?=1[3-9]\d{9}$)", "", plain)
    plain = re.sub(r"^\+860?(?=[1-9]\d{8,10}$)", "0", plain)
    if any(pattern.fullmatch(plain) for pattern in (_MOBILE, _LANDLINE, _SERVICE, _FOREIGN)):
        return plain
    for position, character in enumerate(plain.removeprefix("+"), start=1):
        if character not in "0123456789":
            raise InputError(
                "phone_character",
                Bilingual(
                    f"电话号码第 {position} 位是“{character}”，应为数字。",
                    f'Character {position} of the phone number is "{character}"; it must be a digit.',
                ),
                again,
            )
    if plain.startswith("1") and len(plain) != 11:
        raise InputError(
            "phone_length",
            Bilingual(
                f"手机号码应为 11 位，录入了 {len(plain)} 位。",
                f"A mobile number has 11 digits; {len(plain)} were entered.",
            ),
            again,
        )
    raise InputError(
        "phone_pattern",
        Bilingual(
            f"“{plain[:20]}”不是手机号码，也不是带区号的固定电话。",
            f'"{plain[:20]}" is neither a mobile number nor a landline with its area code.',
        ),
        again,
    )


def read_account(text: str) -> Account:
    """Return a bank account number without separators, with a warning when it does not look like a card.

    Raises:
        InputError: ``account_missing``, ``account_character``, ``account_length``.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    again = Bilingual("请对照银行卡或存折重新录入。", "Compare with the card or passbook and enter it again.")
    if not plain:
        raise InputError("account_missing", Bilingual("没有填写银行账号。", "No account number was entered."), again)
    for position, character in enumerate(plain, start=1):
        if character not in "0123456789":
            raise InputError(
                "account_character",
                Bilingual(
                    f"银行账号第 {position} 位是“{character}”，应为数字。",
                    f'Character {position} of the account is "{character}"; it must be a digit.',
                ),
                again,
            )
    if not 8 <= len(plain) <= 30:
        raise InputError(
            "account_length",
            Bilingual(
                f"银行账号录入了 {len(plain)} 位，应为 8 至 30 位（银行卡 16 至 19 位）。",
                f"The account has {len(plain)} digits; 8 to 30 are possible (cards 16 to 19).",
            ),
            again,
        )
    if not 16 <= len(plain) <= 19:
        return Account(
            number=plain,
            warning=Bilingual(
                f"账号 {len(plain)} 位，不是银行卡号（16 至 19 位）。若是存折账号请再核对一遍。",
                f"{len(plain)} digits are no card number (16 to 19). If it is a passbook account, check it once more.",
            ),
        )
    if not passes_luhn(plain):
        return Account(
            number=plain,
            warning=Bilingual(
                f"卡号末位校验不符（尾号 {plain[-4:]}），可能有一位录错。若与卡面一致可继续。",
                f"The card number ending in {plain[-4:]} fails its check digit; one digit may be wrong. Go on if it matches the card.",
            ),
        )
    return Account(number=plain, warning=None)


def passes_luhn(digits: str) -> bool:
    """Return whether the last digit fits (ISO/IEC 7812, mod 10).

    >>> passes_luhn("6217001234567890122")
    True
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask_account(number: str) -> str:
    """Return an account as it stands on paper: four digits at each end."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:] if len(number) > 8 else "*" * len(number)


def mask_phone(number: str) -> str:
    """Return a phone number with its middle hidden: ``138****1234``."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)
