"""Identity documents and age: pure checks with sentences that name the wrong place.

Promise: a number that passes is well formed, not genuine. Region codes are not looked up: they are
versioned, cards outlive them, and invented people use unallocated ones.

Source: GB 11643-1999, notes/domain.md §6 "Identity" and §5 convention 1 (29 February).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap
from datetime import date
from enum import StrEnum

import msgspec

from claims.calendar_dates import impossible_day
from claims.errors import Bilingual, InputError


class IdType(StrEnum):
    """Which document proves the identity."""

    RESIDENT = "resident"
    RESIDENCE_PERMIT = "residence_permit"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    PASSPORT = "passport"
    FOREIGN_PERMANENT = "foreign_permanent"
    BIRTH_CERTIFICATE = "birth_certificate"
    HOUSEHOLD_BOOK = "household_book"
    OTHER = "other"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed number and what it tells. ``sex`` is ``male`` or ``female``; both are None where the number is silent."""

    id_type: IdType
    number: str
    birth_date: date | None = None
    sex: str | None = None


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PERMIT_PREFIXES = ("81", "82", "83")
_CITIZEN_TYPES = (IdType.RESIDENT, IdType.RESIDENCE_PERMIT, IdType.HOUSEHOLD_BOOK)

_PATTERNS: dict[IdType, tuple[re.Pattern[str], Bilingual]] = {
    IdType.HK_MACAO_PERMIT: (
        re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
        Bilingual("字母 H 或 M 加 8 位数字", "the letter H or M and 8 digits"),
    ),
    IdType.TAIWAN_PERMIT: (re.compile(r"\d{8}", re.ASCII), Bilingual("8 位数字", "8 digits")),
    # Foreign passports follow no common rule; a Chinese one begins with E or G.
    IdType.PASSPORT: (
        re.compile(r"[EG]\d{8}|E[A-Z]\d{7}|(?![EG]\d*$)[A-Z0-9]{5,15}", re.ASCII),
        Bilingual(
            "中国护照为 E 或 G 加 8 位数字、或 E 加字母加 7 位数字，外国护照为 5 至 15 位字母和数字",
            "E or G and 8 digits, or E, a letter and 7 digits; foreign passports 5 to 15 letters and digits",
        ),
    ),
    IdType.FOREIGN_PERMANENT: (
        re.compile(r"[A-Z]{3}\d{12}|9[0-9]{16}[0-9X]", re.ASCII),
        Bilingual(
            "3 位字母加 12 位数字，或 9 开头的 18 位号码", "3 letters and 12 digits, or 18 characters that begin with 9"
        ),
    ),
    IdType.BIRTH_CERTIFICATE: (
        re.compile(r"[A-Z]\d{9}", re.ASCII),
        Bilingual("1 位字母加 9 位数字", "a letter and 9 digits"),
    ),
    IdType.OTHER: (
        re.compile(r"[^\W_]{3,30}"),
        Bilingual("3 至 30 位字母、数字或汉字", "3 to 30 letters, digits or characters"),
    ),
}
# What a number of unknown type is taken for, first match wins. 18 characters are a citizen's number by default.
_SHAPES: tuple[tuple[IdType, re.Pattern[str]], ...] = (
    (IdType.RESIDENCE_PERMIT, re.compile(r"8[123]\d{15}[0-9X]", re.ASCII)),
    (IdType.HK_MACAO_PERMIT, _PATTERNS[IdType.HK_MACAO_PERMIT][0]),
    (IdType.TAIWAN_PERMIT, _PATTERNS[IdType.TAIWAN_PERMIT][0]),
    (IdType.FOREIGN_PERMANENT, re.compile(r"[A-Z]{3}\d{12}", re.ASCII)),
    (IdType.BIRTH_CERTIFICATE, _PATTERNS[IdType.BIRTH_CERTIFICATE][0]),
    (IdType.PASSPORT, re.compile(r"[A-Z][A-Z0-9]{4,14}", re.ASCII)),
)
_OLD_CARD = re.compile(r"\d{15}", re.ASCII)
_LOOK_AGAIN = Bilingual("请对照证件原件重新录入。", "Compare with the document and enter it again.")


def normalised_id(text: str) -> str:
    """Return an id number as it is compared: half width, upper case, no spaces or dashes; a 15-digit card as its 18-digit number."""
    plain = _folded(text)
    if _OLD_CARD.fullmatch(plain):
        longer = f"{plain[:6]}19{plain[6:]}"
        return longer + check_character(longer)
    return plain


def check_character(first_17: str) -> str:
    """Return the 18th character of a citizen's number (GB 11643, ISO 7064 mod 11-2).

    >>> check_character("11010519491231002")
    'X'
    """
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def read_id(id_type: IdType, text: str, today: date) -> Identity:
    """Check an id number of a known type and return it normalised. A child in a household book has a citizen's number.

    Raises:
        InputError: ``id_missing``, ``id_length``, ``id_character``, ``id_birth_date``, ``id_birth_future``, ``id_check_digit``,
            ``id_prefix``, ``id_pattern``; the sentence names the position and what was expected.
    """
    plain = _folded(text)
    if not plain:
        raise InputError("id_missing", Bilingual("没有填写证件号码。", "No id number was entered."), _LOOK_AGAIN)
    if id_type is IdType.RESIDENCE_PERMIT and plain[:2] not in _PERMIT_PREFIXES:
        raise InputError(
            "id_prefix",
            Bilingual(
                f"港澳台居民居住证以 81、82 或 83 开头，录入的是“{plain[:2]}”。",
                f'A residence permit for residents of Hong Kong, Macao or Taiwan begins with 81, 82 or 83, not "{plain[:2]}".',
            ),
            Bilingual("请核对号码，或改选证件类型。", "Check the number or choose another document type."),
        )
    if id_type in _CITIZEN_TYPES:
        return _read_citizen(id_type, normalised_id(plain), today)
    if _PATTERNS[id_type][0].fullmatch(plain) is None:
        raise _pattern_error(id_type, plain)
    if id_type is IdType.FOREIGN_PERMANENT and len(plain) == 18:
        return _read_citizen(id_type, plain, today)
    return Identity(id_type=id_type, number=plain)


def read_any_id(text: str, today: date) -> Identity:
    """Check an id number whose type was not chosen: the type follows from its shape.

    Raises:
        InputError: as ``read_id``; a shape that fits nothing is judged as a citizen's number, which is what people mean to type.
    """
    plain = _folded(text)
    for id_type, pattern in _SHAPES:
        if pattern.fullmatch(plain):
            return read_id(id_type, text, today)
    if plain[:2] in _PERMIT_PREFIXES:
        return read_id(IdType.RESIDENCE_PERMIT, text, today)
    return read_id(IdType.RESIDENT, text, today)


def mask_id(number: str) -> str:
    """Return an id number as it stands on paper: ``990101********0159``; shorter numbers keep two characters at each end."""
    keep_first, keep_last = (6, 4) if len(number) >= 15 else (2, 2) if len(number) >= 6 else (1, 0)
    return _mask(number, keep_first, keep_last)


def birthday_in(birth: date, year: int) -> date:
    """Return the birthday in a year; one of 29 February falls on 28 February in other years."""
    if (birth.month, birth.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return birth.replace(year=year)


def age_on(birth: date, on: date) -> int:
    """Return full years of age on a day: the birthday itself counts.

    >>> age_on(date(2014, 6, 2), date(2024, 6, 1)), age_on(date(2014, 6, 2), date(2024, 6, 2))
    (9, 10)
    """
    return on.year - birth.year - (on < birthday_in(birth, on.year))


def _read_citizen(id_type: IdType, number: str, today: date) -> Identity:
    if len(number) != 18:
        raise InputError(
            "id_length",
            Bilingual(
                f"身份证号码应为 18 位，录入了 {len(number)} 位。",
                f"The number has 18 characters; {len(number)} were entered.",
            ),
            _LOOK_AGAIN,
        )
    for position, character in enumerate(number, start=1):
        last = position == 18
        if character not in ("0123456789X" if last else "0123456789"):
            raise InputError(
                "id_character",
                Bilingual(
                    f"证件号码第 {position} 位是“{character}”，应为数字{'或 X' if last else ''}。",
                    f'Character {position} is "{character}"; it must be a digit{" or X" if last else ""}.',
                ),
                _LOOK_AGAIN,
            )
    birth = _read_birth(number[6:14])
    if birth > today:
        raise InputError(
            "id_birth_future",
            Bilingual(
                f"证件号码第 7 至 14 位的出生日期 {birth} 晚于今天 {today}。",
                f"Characters 7 to 14 give the birth date {birth}, which is after today, {today}.",
            ),
            _LOOK_AGAIN,
        )
    expected = check_character(number[:17])
    if number[17] != expected:
        raise InputError(
            "id_check_digit",
            Bilingual(
                f"证件号码的校验码（第 18 位）应为 {expected}，录入的是 {number[17]}：其中至少有一位录错了。",
                f"The check character (18th) should be {expected}, not {number[17]}: at least one character is wrong.",
            ),
            _LOOK_AGAIN,
        )
    return Identity(id_type=id_type, number=number, birth_date=birth, sex="male" if int(number[16]) % 2 else "female")


def _read_birth(digits: str) -> date:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    problem = impossible_day(year, month, day)
    if problem is None:
        return date(year, month, day)
    raise InputError(
        "id_birth_date",
        Bilingual(
            f"证件号码第 7 至 14 位“{digits}”不是有效的出生日期：{problem.zh}。",
            f'Characters 7 to 14, "{digits}", are no birth date: {problem.en}.',
        ),
        _LOOK_AGAIN,
    )


def _pattern_error(id_type: IdType, number: str) -> InputError:
    shape = _PATTERNS[id_type][1]
    return InputError(
        "id_pattern",
        Bilingual(
            f"“{number[:30]}”（{len(number)} 位）不符合该证件的格式：应为{shape.zh}。",
            f'"{number[:30]}" ({len(number)} characters) does not have the form of this document: {shape.en}.',
        ),
        Bilingual("请核对号码，或改选证件类型。", "Check the number or choose another document type."),
    )


def _folded(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text).upper() if one.isalnum())


def _mask(number: str, keep_first: int, keep_last: int) -> str:
    hidden = max(0, len(number) - keep_first - keep_last)
    return number[:keep_first] + "*" * hidden + number[keep_first + hidden :]
