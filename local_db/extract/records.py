"""Reads persons, policies and their connections out of the layers of an extract.

Promise: a person is read from the newest layer that holds them, with the policies of all layers, each policy from the newest that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from claims.reference import ExtractPerson, ExtractPolicy, PersonHit
from local_db.extract.engine import OpenExtract
from local_db.extract.loading import unpacked
from local_db.extract.schema import BLOCK, POLICY, Role, connection, folded, policy_and_role_of


class _Numbered(msgspec.Struct, frozen=True):
    """The one field that a hit shows of a policy."""

    policy_no: str


def number_of(extract: OpenExtract, person_id: str) -> int | None:
    """Return a person's number."""
    row = extract.execute("SELECT person FROM person_number WHERE person_id = ?", (person_id,)).fetchone()
    return None if row is None else int(row[0])


def person_at(extract: OpenExtract, number: int) -> ExtractPerson:
    """Return the person of a number."""
    return msgspec.json.decode(_line(extract, "person_block", number), type=ExtractPerson)


def policy_at(extract: OpenExtract, number: int) -> ExtractPolicy:
    """Return the policy of a number."""
    return msgspec.json.decode(_line(extract, "policy_block", number), type=ExtractPolicy)


def policy_numbers_of(extract: OpenExtract, person: int) -> dict[int, set[Role]]:
    """Return a person's policies and what the person is in each."""
    row = extract.execute("SELECT connections FROM connection_block WHERE block = ?", (person // BLOCK,)).fetchone()
    found: dict[int, set[Role]] = {}
    if row is not None:
        first, after = connection(person, 0, Role.INSURED), connection(person + 1, 0, Role.INSURED)
        for value in unpacked("Q", extract.unpack(row[0])):
            if first <= value < after:
                policy, role = policy_and_role_of(value)
                found.setdefault(policy, set()).add(role)
    return found


def where_is(layers: Sequence[OpenExtract], person_id: str) -> tuple[OpenExtract, int] | None:
    """Return the newest layer that holds a person, and the number in it. ``layers``: the newest first."""
    for layer in layers:
        number = number_of(layer, person_id)
        if number is not None and layer.shows_person(number):
            return layer, number
    return None


def policies_of(layers: Sequence[OpenExtract], person_id: str) -> Iterator[tuple[OpenExtract, int, set[Role]]]:
    """Yield a person's policies in all layers, and what the person is in each. A replaced record's policies may still be in force."""
    for layer in layers:
        number = number_of(layer, person_id)
        if number is not None:
            for policy, roles in policy_numbers_of(layer, number).items():
                if layer.shows_policy(policy):
                    yield layer, policy, roles


def hit(layers: Sequence[OpenExtract], layer: OpenExtract, number: int) -> PersonHit:
    """Return a person with roles and policies, as a search shows them."""
    person = person_at(layer, number)
    policies = tuple(policies_of(layers, person.person_id))
    return PersonHit(
        person=person,
        roles=tuple(sorted({role.name.lower() for _, _, roles in policies for role in roles})),
        policy_nos=tuple(
            sorted(
                msgspec.json.decode(_line(where, "policy_block", policy), type=_Numbered).policy_no
                for where, policy, _ in policies
            )
        ),
    )


def find_policy(layers: Sequence[OpenExtract], policy_no: str) -> ExtractPolicy | None:
    """Return the policy of exactly this number."""
    for layer in layers:
        rows = layer.execute(
            "WITH RECURSIVE part(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n < (SELECT max(part) FROM policy_key)) "
            "SELECT policy FROM part CROSS JOIN policy_key ON policy_key.part = n AND key = ?",
            (POLICY + folded(policy_no),),
        )
        found = (policy_at(layer, row[0]) for row in rows if layer.shows_policy(row[0]))
        policy = next((each for each in found if each.policy_no == policy_no), None)
        if policy is not None:
            return policy
    return None


def _line(extract: OpenExtract, table: str, number: int) -> bytes:
    # The table's name is one of two constants above.
    row = extract.execute(f"SELECT records FROM {table} WHERE block = ?", (number // BLOCK,)).fetchone()  # noqa: S608 - not from outside
    lines: list[bytes] = extract.unpack(row[0]).split(b"\n")
    return lines[number % BLOCK]
