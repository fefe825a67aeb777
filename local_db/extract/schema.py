"""The tables of an extract file, and which texts a person or policy is found by.

Promise: whatever ``search`` asks for has an index made here; an extract of another schema is refused, never guessed at.

    person   one row a person, numbered from 1 in stream order
    policy   one row a policy
    role     who is connected with which policy, and how
    find_key sorted keys, so that every kind of look-up is a range: ``n`` every suffix of the name, ``p`` pinyin, ``i`` initials,
             ``d`` ID number, ``t`` phone, ``y`` policy number, ``z`` policy number backwards (its last digits)
    digits   trigrams over ID number and phone: four or more digits from their middle or end

What is only needed while loading lies in an attached scratch file (``loading``), so that the finished file has no holes.

Source: design.md "One claim" (1), ui.md "People and policies", docs/adr/0045.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from claims.reference import ExtractPerson

SCHEMA = 1

TABLES = (
    "CREATE TABLE header (record BLOB NOT NULL) STRICT",
    """CREATE TABLE person (
        id INTEGER PRIMARY KEY, person_id TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL, record BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE policy (
        policy_no TEXT PRIMARY KEY, record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE loading.role_loading (
        person_id TEXT NOT NULL, policy_no TEXT NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL, tail TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE loading.key_loading (key TEXT NOT NULL, person INTEGER NOT NULL) STRICT",
    # Contentless with detail none: a hit is checked against the person's row, so positions need not be stored.
    "CREATE VIRTUAL TABLE digits USING fts5(text, tokenize = 'trigram', content = '', detail = 'none', columnsize = 0)",
)

FINISH = (
    "CREATE UNIQUE INDEX person_by_id ON person (person_id)",
    """CREATE TABLE role (
        person INTEGER NOT NULL, policy_no TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (person, policy_no, role)
    ) STRICT, WITHOUT ROWID""",
    """INSERT OR IGNORE INTO role SELECT person.id, policy_no, role FROM role_loading JOIN person USING (person_id)
       ORDER BY 1, 2, 3""",
    "INSERT INTO key_loading SELECT key, person.id FROM role_loading JOIN person USING (person_id)",
    "INSERT INTO key_loading SELECT tail, person.id FROM role_loading JOIN person USING (person_id)",
    """CREATE TABLE find_key (key TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (key, person)) STRICT, WITHOUT ROWID""",
    "INSERT OR IGNORE INTO find_key SELECT key, person FROM key_loading ORDER BY key, person",
)

NAME, PINYIN, INITIALS, ID_NUMBER, PHONE, POLICY, POLICY_TAIL = "n", "p", "i", "d", "t", "y", "z"


def folded(text: str) -> str:
    """Return text as it is compared: full-width made plain, lower case, without spaces and the dots inside foreign names."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(each for each in plain if not each.isspace() and each not in "·•.-'’")


def person_keys(person: ExtractPerson) -> Iterator[str]:
    """Yield the keys a person is found by, without those of their policies."""
    name = folded(person.name)
    for start in range(len(name)):
        yield NAME + name[start:]
    for reading in person.pinyin:
        yield PINYIN + folded(reading)
    for initials in person.initials:
        yield INITIALS + folded(initials)
    yield ID_NUMBER + folded(person.id_number)
    yield PHONE + folded(person.phone)
