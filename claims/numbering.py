"""Numbers of papers and cases: ``QX07-D3-000142-40`` = prefix of the block, running number, two check digits over both.

Promise: numbers of a block are given in order, none twice, none left out; any wrong character and any two neighbouring characters
swapped are noticed without a connection, letters, digits and dashes alike.

Source: notes/domain.md §7 (blocks per station, unbroken); ISO/IEC 7064:2003, MOD 97-10; docs/adr/0134.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec
from stdnum.iso7064 import mod_97_10

from claims.errors import Bilingual, BugError, EnvironmentProblem, InputError
from claims.records import NumberBlock

SERIAL_DIGITS = 6
LOW_WATER = 20
"""With this few numbers left the adjuster is always told to sync: a disaster day's work of one laptop."""

_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_NUMBER = re.compile(
    r"(?P<prefix>[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){0,3})-(?P<serial>\d{6,9})-(?P<check>\d{2})", re.ASCII
)
_PREFIX = re.compile(r"[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){0,3}", re.ASCII)
_KIND_NAMES = {
    "voucher": Bilingual("给付凭证", "voucher"),
    "slip": Bilingual("签收单", "acceptance slip"),
    "case": Bilingual("案件", "case"),
    "document": Bilingual("文书", "document"),
}
NUMBER_KINDS = tuple(_KIND_NAMES)


class PaperNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number whose check digits are right."""

    prefix: str
    serial: int

    @property
    def text(self) -> str:
        """The number as printed."""
        return format_number(self.prefix, self.serial)


class NextNumber(msgspec.Struct, frozen=True, kw_only=True):
    """The number to use now and how many are left after it. ``low_water`` is a sentence when they run out soon."""

    text: str
    prefix: str
    serial: int
    left: int
    low_water: Bilingual | None


def kind_name(kind: str) -> Bilingual:
    """Return what a kind of number is called; one this version does not know keeps its code."""
    return _KIND_NAMES.get(kind, Bilingual(kind, kind))


def check_digits(text: str) -> str:
    """Return the two check digits (ISO 7064 MOD 97-10) of a number without them, written in capital letters, digits and dashes.

    Every character counts as two digits (0 = 00 … 9 = 09, A = 10 … Z = 35, dash = 36). Letters as two digits and digits as one,
    the way of bank accounts, can't tell X3 from 3X: both would be 333.
    """
    return mod_97_10.calc_check_digits("".join(f"{_SYMBOLS.index(one):02d}" for one in text))


def format_number(prefix: str, serial: int) -> str:
    """Return a number as printed. Raises ``BugError`` for a prefix or serial that headquarters can't have granted."""
    if _PREFIX.fullmatch(prefix) is None or not 0 <= serial < 10**9:
        raise BugError(
            "number_block_invalid",
            Bilingual(f"号段“{prefix}”{serial} 不合规。", f'The number block "{prefix}" {serial} is not valid.'),
            Bilingual("请联系总部重新发放号段。", "Ask headquarters for a new block."),
        )
    body = f"{prefix}-{serial:0{SERIAL_DIGITS}d}"
    return f"{body}-{check_digits(body)}"


def next_number(blocks: Sequence[NumberBlock], kind: str, *, day_use: int = 0) -> NextNumber:
    """Return the next number of a kind: the first block that has one left, in the order granted.

    Args:
        day_use: how many a busy day takes; the warning comes with so many left, and with ``LOW_WATER`` at the latest.

    Raises:
        EnvironmentProblem: ``numbers_exhausted`` when no block has a number left; a sync brings new ones.
    """
    name = kind_name(kind)
    own = [one for one in blocks if one.kind == kind]
    left = sum(numbers_left(one) for one in own)
    block = next((one for one in own if numbers_left(one) > 0), None)
    if block is None:
        last = own[-1] if own else None
        used = f"（最后一个是 {format_number(last.prefix, last.last)}）" if last else "（本机没有号段）"
        used_en = f" (the last was {format_number(last.prefix, last.last)})" if last else " (this laptop has no block)"
        raise EnvironmentProblem(
            "numbers_exhausted",
            Bilingual(f"{name.zh}编号已用完{used}。", f"There is no {name.en} number left{used_en}."),
            Bilingual(
                "请联网同步领取新号段；急用时请同站同事代为出单。",
                "Sync to receive a new block; if it is urgent, let a colleague at the station issue it.",
            ),
            retryable=True,
        )
    serial = max(block.used_to + 1, block.first)
    left -= 1
    warning = Bilingual(
        f"{name.zh}编号只剩 {left} 个，请尽快联网领取新号段。",
        f"Only {left} {name.en} numbers are left; sync soon to receive more.",
    )
    return NextNumber(
        text=format_number(block.prefix, serial),
        prefix=block.prefix,
        serial=serial,
        left=left,
        low_water=warning if left <= max(LOW_WATER, day_use) else None,
    )


def numbers_left(block: NumberBlock) -> int:
    """Return how many numbers of a block were never used."""
    return max(0, block.last - max(block.used_to, block.first - 1))


def parse_number(text: str) -> PaperNumber:
    """Read a number as typed or dictated: width, case and spaces don't matter.

    Raises:
        InputError: ``number_pattern``, ``number_check_digits``.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split()).replace("—", "-").replace("–", "-")
    found = _NUMBER.fullmatch(plain)
    again = Bilingual("请对照单证右上角的编号重新录入。", "Enter it again from the top of the paper.")
    if found is None:
        raise InputError(
            "number_pattern",
            Bilingual(
                f"“{text.strip()[:40]}”不是单证编号，应类似 QX07-D3-000142-40。",
                f'"{text.strip()[:40]}" is no paper number; it looks like QX07-D3-000142-40.',
            ),
            again,
        )
    prefix, serial = found["prefix"], int(found["serial"])
    expected = check_digits(f"{prefix}-{found['serial']}")
    if found["check"] != expected or len(found["serial"]) != max(SERIAL_DIGITS, len(str(serial))):
        raise InputError(
            "number_check_digits",
            Bilingual(
                f"编号 {plain} 的校验位应为 {expected}，录入的是 {found['check']}：至少有一个字符录错，或相邻两个颠倒。",
                f"The check digits of {plain} should be {expected}, not {found['check']}: a character is wrong or two neighbours are swapped.",
            ),
            again,
        )
    return PaperNumber(prefix=prefix, serial=serial)
