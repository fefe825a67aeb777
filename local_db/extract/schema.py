"""The tables of an extract file, and which texts a person or policy is found by.

Promise: whatever ``search`` asks for is indexed here; an extract of another schema is refused, never guessed at.

    person_block, policy_block   the records as headquarters wrote them, ``BLOCK`` lines of JSON in one compressed blob
    number_block                 ID number and phone of as many persons, a line each: what digits are compared with in the end
    person_number                person id → number; persons and policies are numbered from 0 in stream order
    connection_block             who is connected with which policies, and how: sorted 64-bit ``connection`` values
    person_key, policy_key       key → numbers, in parts of ``PART``: each part is a sorted run of its own, so that loading only
                                 ever appends; searching looks into each
    gone_person, gone_policy     what this layer takes away from older ones of its extract (``local_db.extract.layers``)

Keys of persons: ``n`` every suffix of the name, ``p`` pinyin, ``i`` initials (each found by its beginning); ``#`` every four
characters of ID number and phone, once for each time they occur, ``$`` their last four (each found whole). Keys of policies:
``y`` the number, ``z`` its last characters backwards.

Source: design.md "One claim" (1), docs/adr/0045.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum

from claims.reference import ExtractPerson

SCHEMA = 1

BLOCK = 32
"""Records in one compressed blob: a hit is one blob read and unpacked, about 40 microseconds."""
PART = 1 << 16
"""Numbers in one part: a place in a part fits two bytes. A multiple of ``BLOCK``."""
GRAM = 4
"""The fewest characters of an ID number or phone that are looked for."""
TAIL = 12
"""How many of a policy number's last characters are indexed backwards; more are compared with the record."""

TABLES = (
    "CREATE TABLE header (record BLOB NOT NULL) STRICT",
    "CREATE TABLE person_block (block INTEGER PRIMARY KEY, records BLOB NOT NULL) STRICT",
    "CREATE TABLE number_block (block INTEGER PRIMARY KEY, numbers TEXT NOT NULL) STRICT",
    "CREATE TABLE policy_block (block INTEGER PRIMARY KEY, records BLOB NOT NULL) STRICT",
    "CREATE TABLE person_number (person_id TEXT PRIMARY KEY, person INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE connection_block (block INTEGER PRIMARY KEY, connections BLOB NOT NULL) STRICT",
    """CREATE TABLE person_key (
        part INTEGER NOT NULL, key TEXT NOT NULL, places BLOB NOT NULL, PRIMARY KEY (part, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE policy_key (
        part INTEGER NOT NULL, key TEXT NOT NULL, policy INTEGER NOT NULL, PRIMARY KEY (part, key, policy)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE gone_person (person_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    "CREATE TABLE gone_policy (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)

NAME, PINYIN, INITIALS, DIGITS, LAST_DIGITS = "n", "p", "i", "#", "$"
POLICY, POLICY_TAIL = "y", "z"


class Role(IntEnum):
    """How a person is connected with a policy; the member's name in lower case is what a hit says."""

    INSURED = 0
    POLICYHOLDER = 1
    BENEFICIARY = 2


_ROLE_BITS, _POLICY_BITS = 2, 32

# The dots inside foreign names and the dashes that people and keyboards write; ü is v in pinyin (headquarters' name readings).
_FOLD = {ord(each): None for each in "·•・‧∙⋅.-'‘’‐‑‒–—−"} | {ord("ü"): "v"}


def folded(text: str) -> str:
    """Return text as it is compared: full-width made plain, lower case, without spaces, dashes and the dots inside names."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii() and plain.isalnum():
        return plain
    return "".join(plain.split()).translate(_FOLD)


def number_parts(person: ExtractPerson) -> tuple[str, str]:
    """Return ID number and phone as their digits and letters are compared."""
    return compact(person.id_number), compact(person.phone)


def compact(number: str) -> str:
    """Return only the letters and digits of an ID number, a phone or what is typed for one."""
    plain = folded(number)
    return plain if plain.isalnum() else "".join(each for each in plain if each.isalnum())


def grams(number: str) -> list[str]:
    """Return every ``GRAM`` characters in a row of a number."""
    return [number[start : start + GRAM] for start in range(len(number) - GRAM + 1)]


def name_keys(person: ExtractPerson) -> list[str]:
    """Return the keys of a person's name. One may come twice."""
    name = folded(person.name)
    keys = [NAME + name[start:] for start in range(len(name))]
    keys += [PINYIN + folded(reading) for reading in person.pinyin]
    keys += [INITIALS + folded(initials) for initials in person.initials]
    return keys


def policy_keys(policy_no: str) -> tuple[str, str]:
    """Return the keys a policy is found by."""
    number = folded(policy_no)
    return POLICY + number, tail_key(number)


def tail_key(number: str) -> str:
    """Return the key of a folded policy number's last characters, or of what is typed for them."""
    return POLICY_TAIL + number[: -TAIL - 1 : -1]


def connection(person: int, policy: int, role: Role) -> int:
    """Return one connection as a number that sorts by person."""
    return (person << _POLICY_BITS | policy) << _ROLE_BITS | role


def person_of(value: int) -> int:
    """Return the person of a ``connection``."""
    return value >> (_POLICY_BITS + _ROLE_BITS)


def policy_and_role_of(value: int) -> tuple[int, Role]:
    """Return policy and role of a ``connection``."""
    return value >> _ROLE_BITS & (1 << _POLICY_BITS) - 1, Role(value & (1 << _ROLE_BITS) - 1)
