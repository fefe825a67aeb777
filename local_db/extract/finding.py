"""Which persons fit what was typed: ranges of keys for names, letters and policy numbers, sets of four-character pieces for digits.

Promise: whoever fits is found, however many fit less well before; the closest come first (a name that ends as typed before one
that goes on, an ID number that ends in the digits before one that holds them). Every step is short, so that a search can be
given up between any two.

Source: docs/adr/0045.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from local_db.connection import Engine
from local_db.extract.loading import unpacked
from local_db.extract.records import number_of, person_at, policy_at
from local_db.extract.schema import (
    DIGITS,
    GRAM,
    INITIALS,
    LAST_DIGITS,
    NAME,
    PART,
    PINYIN,
    POLICY,
    TAIL,
    compact,
    folded,
    grams,
    number_parts,
    tail_key,
)

_INITIALS_AT_MOST = 3
_LAST = "\U0010ffff"
# Below this many, looking at the records is quicker than at the next set.
_FEW = 3

Step = int | None
"""A person's number, or None: one more step is done and nobody was found in it."""


def find_persons(engine: Engine, wanted: str) -> Iterator[Step]:
    """Yield who fits a folded text, each person once, closest first."""
    seen: set[int] = set()
    for step in _candidates(engine, wanted):
        if step is None or step not in seen:
            if step is not None:
                seen.add(step)
            yield step


def _candidates(engine: Engine, wanted: str) -> Iterator[Step]:
    if not wanted.isascii():
        yield from _by_key(engine, NAME + wanted)
    elif wanted.isalpha():
        letters = (INITIALS, PINYIN) if len(wanted) <= _INITIALS_AT_MOST else (PINYIN, INITIALS)
        for kind in (*letters, NAME):
            yield from _by_key(engine, kind + wanted)
        yield from _by_policy(engine, POLICY + wanted)
    else:
        digits = compact(wanted)
        if len(digits) >= GRAM:
            yield from _by_digits(engine, digits, at_end=True)
            yield from _by_digits(engine, digits, at_end=False)
        yield from _by_policy(engine, POLICY + wanted)
        if len(wanted) >= GRAM:
            yield from _by_policy(engine, tail_key(wanted), ending=wanted if len(wanted) > TAIL else "")


def _by_key(engine: Engine, key: str) -> Iterator[Step]:
    # A row is read only when its turn comes; ascending keys put the exact match before longer ones.
    runs = (
        engine.execute(
            "SELECT key, part, places FROM person_key WHERE part = ? AND key >= ? AND key < ? ORDER BY key",
            (part, key, key + _LAST),
        )
        for part in _parts(engine, "person_key")
    )
    for _, part, places in merge(*runs):
        yield None
        for place in unpacked("H", places):
            yield part * PART + place


def _by_policy(engine: Engine, key: str, *, ending: str = "") -> Iterator[Step]:
    runs = (
        engine.execute(
            "SELECT key, policy FROM policy_key WHERE part = ? AND key >= ? AND key < ? ORDER BY key, policy",
            (part, key, key + _LAST),
        )
        for part in _parts(engine, "policy_key")
    )
    for _, number in merge(*runs):
        yield None
        policy = policy_at(engine, number)
        if folded(policy.policy_no).endswith(ending):
            yield number_of(engine, policy.insured_id)
            yield number_of(engine, policy.policyholder_id)
            for each in policy.beneficiaries:
                yield number_of(engine, each.person_id)


def _by_digits(engine: Engine, digits: str, *, at_end: bool) -> Iterator[Step]:
    pieces = grams(digits)
    keys = [DIGITS + piece for piece in pieces]
    if at_end:
        keys[-1] = LAST_DIGITS + pieces[-1]
    keys = list(dict.fromkeys(keys))
    for part in _parts(engine, "person_key"):
        yield None
        for place in _in_all(engine, part, keys):
            number = part * PART + place
            if len(pieces) == 1 or _holds(engine, number, digits, at_end=at_end):
                yield number
            else:
                yield None


def _in_all(engine: Engine, part: int, keys: list[str]) -> list[int]:
    """Return the places that stand under every key, or a few more."""
    marks = ", ".join("?" * len(keys))
    # length() of a blob reads its head only.
    sizes = engine.execute(
        f"SELECT length(places), key FROM person_key WHERE part = ? AND key IN ({marks})",  # noqa: S608 - only marks are put in
        (part, *keys),
    ).fetchall()
    if len(sizes) < len(keys):
        return []
    found: set[int] | None = None
    for _, key in sorted(sizes):
        if found is not None and len(found) < _FEW:
            break
        row = engine.execute("SELECT places FROM person_key WHERE part = ? AND key = ?", (part, key)).fetchone()
        places = unpacked("H", row[0])
        found = set(places) if found is None else found.intersection(places)
    return sorted(found or ())


def _holds(engine: Engine, number: int, digits: str, *, at_end: bool) -> bool:
    both = number_parts(person_at(engine, number))
    return any(each.endswith(digits) if at_end else digits in each for each in both)


def _parts(engine: Engine, table: str) -> range:
    # The table's name is one of two constants above.
    row = engine.execute(f"SELECT coalesce(max(part), -1) FROM {table}").fetchone()  # noqa: S608 - not from outside
    return range(int(row[0]) + 1)
