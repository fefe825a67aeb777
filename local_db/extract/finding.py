"""Which persons fit what was typed: ranges of keys for names, letters and policy numbers, sets of four-character pieces for digits.

Promise: whoever fits is found, however many fit less well before; the closest come first (a name that ends as typed before one
that goes on, an ID number that ends in the digits before one that holds them), whichever layer they are in; who was replaced by a newer
layer is not found. Every step is short, so that a search can be given up between any two.

Source: docs/adr/0045, docs/adr/0151.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge

from local_db.extract.engine import OpenExtract
from local_db.extract.loading import unpacked
from local_db.extract.records import policy_at, where_is
from local_db.extract.schema import (
    BLOCK,
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
    tail_key,
)

_INITIALS_AT_MOST = 3
_LAST = "\U0010ffff"
# Below this many, looking at the records is quicker than at the next set.
_FEW = 3

Found = tuple[OpenExtract, int]
"""A person: the layer and the number in it."""
Step = Found | None
"""None: one more step is done and nobody was found in it."""


def find_persons(layers: Sequence[OpenExtract], wanted: str) -> Iterator[Step]:
    """Yield who fits a folded text, each person once, closest first. ``layers``: the newest first."""
    seen: set[Found] = set()
    for step in _candidates(layers, wanted):
        if step is None:
            yield None
        elif step not in seen and step[0].shows_person(step[1]):
            seen.add(step)
            yield step


def _candidates(layers: Sequence[OpenExtract], wanted: str) -> Iterator[Step]:
    if not wanted.isascii():
        yield from _by_key(layers, NAME + wanted)
    elif wanted.isalpha():
        letters = (INITIALS, PINYIN) if len(wanted) <= _INITIALS_AT_MOST else (PINYIN, INITIALS)
        for kind in (*letters, NAME):
            yield from _by_key(layers, kind + wanted)
        yield from _by_policy(layers, POLICY + wanted)
    else:
        digits = compact(wanted)
        if len(digits) >= GRAM:
            for at_end in (True, False):
                for layer in layers:
                    yield from _by_digits(layer, digits, at_end=at_end)
        yield from _by_policy(layers, POLICY + wanted)
        if len(wanted) >= GRAM:
            yield from _by_policy(layers, tail_key(wanted), ending=wanted if len(wanted) > TAIL else "")


def _by_key(layers: Sequence[OpenExtract], key: str) -> Iterator[Step]:
    # A row is read only when its turn comes; ascending keys put the exact match before longer ones.
    runs = (
        _person_keys(layer, order, part, key)
        for order, layer in enumerate(layers)
        for part in _parts(layer, "person_key")
    )
    for _, order, part, places in merge(*runs):
        yield None
        for place in unpacked("H", places):
            yield layers[order], part * PART + place


def _person_keys(layer: OpenExtract, order: int, part: int, key: str) -> Iterator[tuple[str, int, int, bytes]]:
    rows = layer.execute(
        "SELECT key, places FROM person_key WHERE part = ? AND key >= ? AND key < ? ORDER BY key",
        (part, key, key + _LAST),
    )
    for found, places in rows:
        yield found, order, part, places


def _by_policy(layers: Sequence[OpenExtract], key: str, *, ending: str = "") -> Iterator[Step]:
    runs = (
        _policy_keys(layer, order, part, key)
        for order, layer in enumerate(layers)
        for part in _parts(layer, "policy_key")
    )
    for _, order, number in merge(*runs):
        yield None
        if not layers[order].shows_policy(number):
            continue
        policy = policy_at(layers[order], number)
        if folded(policy.policy_no).endswith(ending):
            yield where_is(layers, policy.insured_id)
            yield where_is(layers, policy.policyholder_id)
            for each in policy.beneficiaries:
                yield where_is(layers, each.person_id)


def _policy_keys(layer: OpenExtract, order: int, part: int, key: str) -> Iterator[tuple[str, int, int]]:
    rows = layer.execute(
        "SELECT key, policy FROM policy_key WHERE part = ? AND key >= ? AND key < ? ORDER BY key, policy",
        (part, key, key + _LAST),
    )
    for found, policy in rows:
        yield found, order, policy


def _by_digits(extract: OpenExtract, digits: str, *, at_end: bool) -> Iterator[Step]:
    pieces = grams(digits)
    exact = len(pieces) == 1
    wanted = {} if at_end and exact else Counter(DIGITS + piece for piece in pieces)
    if at_end:
        wanted[LAST_DIGITS + pieces[-1]] = 1
    for part in _parts(extract, "person_key"):
        yield None
        for place in _in_all(extract, part, wanted):
            number = part * PART + place
            yield (extract, number) if exact or _holds(extract, number, digits, at_end=at_end) else None


def _in_all(extract: OpenExtract, part: int, wanted: Mapping[str, int]) -> list[int]:
    """Return the places that stand under every key as often as wanted, or a few more."""
    marks = ", ".join("?" * len(wanted))
    # length() of a blob reads its head only.
    sizes = extract.execute(
        f"SELECT length(places), key FROM person_key WHERE part = ? AND key IN ({marks})",  # noqa: S608 - only marks are put in
        (part, *wanted),
    ).fetchall()
    if len(sizes) < len(wanted):
        return []
    found: set[int] | None = None
    for _, key in sorted(sizes):
        if found is not None and len(found) < _FEW:
            break
        row = extract.execute("SELECT places FROM person_key WHERE part = ? AND key = ?", (part, key)).fetchone()
        places: Iterable[int] = unpacked("H", row[0])
        if wanted[key] > 1:
            # A place is written once for each time the piece occurs: 0000000 has 0000 four times, 10002000 has not.
            places = (place for place, times in Counter(places).items() if times >= wanted[key])
        found = set(places) if found is None else found.intersection(places)
    return sorted(found or ())


def _holds(extract: OpenExtract, number: int, digits: str, *, at_end: bool) -> bool:
    row = extract.execute("SELECT numbers FROM number_block WHERE block = ?", (number // BLOCK,)).fetchone()
    both = row[0].split("\n")[number % BLOCK]
    return any(each.endswith(digits) for each in both.split(" ")) if at_end else digits in both


def _parts(extract: OpenExtract, table: str) -> range:
    # The table's name is one of two constants above.
    row = extract.execute(f"SELECT coalesce(max(part), -1) FROM {table}").fetchone()  # noqa: S608 - not from outside
    return range(int(row[0]) + 1)
