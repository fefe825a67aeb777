"""Numbers of papers and cases: ``QX07-D3-000142-9`` = prefix of the block, running number, check digit over both.

Promise: numbers of a block are given in order, none twice, none left out; any wrong digit and any two neighbouring digits
swapped are noticed without a connection. Letters of the prefix count as two digits each (A = 10 … Z = 35).

Source: notes/domain.md §7 (blocks per station, unbroken); H. M. Damm 2004, totally anti-symmetric quasigroup of order 10;
docs/adr/0034.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from claims.errors import Bilingual, BugError, EnvironmentProblem, InputError
from claims.records import NumberBlock

SERIAL_DIGITS = 6
LOW_WATER = 20
"""With this few numbers left the adjuster is told to sync: a disaster day's work of one laptop."""

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_NUMBER = re.compile(r"(?P<prefix>[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){0,3})-(?P<serial>\d{6,9})-(?P<check>\d)", re.ASCII)
_PREFIX = re.compile(r"[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){0,3}", re.ASCII)
_KIND_NAMES = {
    "voucher": Bilingual("给付凭证", "voucher"),
    "slip": Bilingual("签收单", "acceptance slip"),
    "case": Bilingual("案件", "case"),
}


class PaperNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number whose check digit is right."""

    prefix: str
    serial: int

    @property
    def text(self) -> str:
        """The number as printed."""
        return format_number(self.prefix, self.serial)


class NextNumber(msgspec.Struct, frozen=True, kw_only=True):
    """The number to use now and how many are left after it. ``low_water`` is a sentence when they run out soon."""

    text: str
    serial: int
    left: int
    low_water: Bilingual | None


def check_digit(text: str) -> str:
    """Return the Damm check digit over the letters and digits of a text; dashes don't count.

    >>> check_digit("572")
    '4'
    """
    row = 0
    for digit in _digits(text):
        row = int(_DAMM[row][int(digit)])
    return str(row)


def format_number(prefix: str, serial: int) -> str:
    """Return a number as printed. Raises ``BugError`` for a prefix or serial that headquarters can't have granted."""
    if _PREFIX.fullmatch(prefix) is None or not 0 <= serial < 10**9:
        raise BugError(
            "number_block_invalid",
            Bilingual(f"号段“{prefix}”{serial} 不合规。", f'The number block "{prefix}" {serial} is not valid.'),
            Bilingual("请联系总部重新发放号段。", "Ask headquarters for a new block."),
        )
    body = f"{prefix}-{serial:0{SERIAL_DIGITS}d}"
    return f"{body}-{check_digit(body)}"


def next_number(blocks: Sequence[NumberBlock], kind: str) -> NextNumber:
    """Return the next number of a kind: the first block that has one left, in the order granted.

    Raises:
        EnvironmentProblem: ``numbers_exhausted`` when no block has a number left; a sync brings new ones.
    """
    name = _KIND_NAMES.get(kind, Bilingual(kind, kind))
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
        serial=serial,
        left=left,
        low_water=warning if left <= LOW_WATER else None,
    )


def numbers_left(block: NumberBlock) -> int:
    """Return how many numbers of a block were never used."""
    return max(0, block.last - max(block.used_to, block.first - 1))


def parse_number(text: str) -> PaperNumber:
    """Read a number as typed or dictated: width, case and spaces don't matter.

    Raises:
        InputError: ``number_pattern``, ``number_check_digit``.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split()).replace("—", "-").replace("–", "-")
    found = _NUMBER.fullmatch(plain)
    again = Bilingual("请对照单证右上角的编号重新录入。", "Enter it again from the top of the paper.")
    if found is None:
        raise InputError(
            "number_pattern",
            Bilingual(
                f"“{text.strip()[:40]}”不是单证编号，应类似 QX07-D3-000142-9。",
                f'"{text.strip()[:40]}" is no paper number; it looks like QX07-D3-000142-9.',
            ),
            again,
        )
    prefix, serial = found["prefix"], int(found["serial"])
    expected = check_digit(f"{prefix}-{found['serial']}")
    if found["check"] != expected or len(found["serial"]) != max(SERIAL_DIGITS, len(str(serial))):
        raise InputError(
            "number_check_digit",
            Bilingual(
                f"编号 {plain} 的校验位应为 {expected}，录入的是 {found['check']}：至少有一位录错或相邻两位颠倒。",
                f"The check digit of {plain} should be {expected}, not {found['check']}: a digit is wrong or two neighbours are swapped.",
            ),
            again,
        )
    return PaperNumber(prefix=prefix, serial=serial)


def _digits(text: str) -> str:
    return "".join(str(int(one, 36)) for one in text if one.isascii() and one.isalnum())
