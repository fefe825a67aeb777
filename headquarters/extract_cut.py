"""Cutting an extract into pieces by a hash of the person, and finding what changed since the last time it was cut.

Promise: the same records give the same pieces, in whatever order they come; memory holds one piece and a buffer of each, never the extract.
What was cut last lies under one folder, so that the next cut can be compared with it piece by piece; without it everything counts as new.

    FOLDER/<number>.piece    zstd over JSON lines: persons by id, then policies by number

Source: docs/adr/0151.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import zstandard

from claims.distributed import Gone
from claims.reference import ExtractPerson, ExtractPolicy

PIECE_RECORDS = 4096
"""Persons and policies in a piece, on average: some 200 KB of it travel."""
_LEVEL = 9
_BUFFER = 32 * 1024
_encode = msgspec.json.Encoder().encode


class _Person(msgspec.Struct, frozen=True, tag_field="t", tag="p"):
    person_id: str


class _Named(msgspec.Struct, frozen=True):
    person_id: str


class _Policy(msgspec.Struct, frozen=True, tag_field="t", tag="y"):
    policy_no: str
    insured_id: str
    policyholder_id: str
    beneficiaries: tuple[_Named, ...]

    def people(self) -> set[str]:
        return {self.insured_id, self.policyholder_id, *(each.person_id for each in self.beneficiaries)}


_key_of = msgspec.json.Decoder(_Person | _Policy).decode


@dataclass(slots=True)
class Piece:
    """One piece in memory: lines by person id and by policy number."""

    persons: dict[str, bytes] = field(default_factory=dict)
    policies: dict[str, bytes] = field(default_factory=dict)

    def packed(self) -> bytes:
        """Return the piece as it is kept and, sealed, sent."""
        lines = [self.persons[each] for each in sorted(self.persons)]
        lines += [self.policies[each] for each in sorted(self.policies)]
        return pack_lines(lines)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different: lines of persons and policies to take in, in no order that matters, and what is gone."""

    persons: dict[str, bytes]
    policies: dict[str, bytes]
    gone: tuple[Gone, ...]

    def __len__(self) -> int:
        return len(self.persons) + len(self.policies) + len(self.gone)


class CutExtract:
    """An extract cut into ``pieces`` pieces under a folder."""

    def __init__(self, folder: Path, pieces: int) -> None:
        """Use a folder that holds such a cut, or will."""
        self._folder = folder
        self.pieces = pieces

    def packed(self, number: int) -> bytes:
        """Return a piece as it is kept."""
        return (self._folder / f"{number:05d}.piece").read_bytes()

    def piece(self, number: int) -> Piece:
        """Return a piece, read."""
        found = Piece()
        for line in zstandard.ZstdDecompressor().decompress(self.packed(number)).splitlines():
            key = _key_of(line)
            if isinstance(key, _Person):
                found.persons[key.person_id] = line
            else:
                found.policies[key.policy_no] = line
        return found

    def persons(self, wanted: Iterable[str]) -> dict[str, bytes]:
        """Return the lines of these persons, as far as they are in here."""
        by_piece: dict[int, list[str]] = {}
        for person_id in wanted:
            by_piece.setdefault(piece_of(person_id, self.pieces), []).append(person_id)
        found: dict[str, bytes] = {}
        for number, ids in sorted(by_piece.items()):
            persons = self.piece(number).persons
            found.update((each, persons[each]) for each in ids if each in persons)
        return found


def pieces_for(records: int) -> int:
    """Return how many pieces an extract of so many records gets: a power of two, so that it seldom changes."""
    pieces = 1
    while pieces * PIECE_RECORDS < records:
        pieces *= 2
    return pieces


def piece_of(person_id: str, pieces: int) -> int:
    """Return the piece that a person and the policies on that person's life are in."""
    return int.from_bytes(hashlib.sha256(person_id.encode()).digest()[:4], "big") % pieces


def cut(records: Iterable[ExtractPerson | ExtractPolicy], folder: Path, pieces: int) -> tuple[CutExtract, int, int]:
    """Cut records into a new folder; return the cut, how many persons and how many policies."""
    folder.mkdir(parents=True)
    buffers: list[bytearray] = [bytearray() for _ in range(pieces)]
    persons = policies = 0
    for record in records:
        if isinstance(record, ExtractPerson):
            number, persons = piece_of(record.person_id, pieces), persons + 1
        else:
            number, policies = piece_of(record.insured_id, pieces), policies + 1
        buffer = buffers[number]
        buffer += _encode(record) + b"\n"
        if len(buffer) > _BUFFER:
            _spool(folder, number, buffer)
    done = CutExtract(folder, pieces)
    for number, buffer in enumerate(buffers):
        _spool(folder, number, buffer)
        spool = folder / f"{number:05d}.spool"
        piece = Piece()
        for line in spool.read_bytes().splitlines():
            key = _key_of(line)
            if isinstance(key, _Person):
                piece.persons[key.person_id] = line
            else:
                piece.policies[key.policy_no] = line
        (folder / f"{number:05d}.piece").write_bytes(piece.packed())
        spool.unlink()
    return done, persons, policies


def changes(before: CutExtract, after: CutExtract, most: int) -> Changes | None:
    """Return what is different after, None when that is more than ``most`` records.

    The persons named in a changed policy come along, changed or not: what changed can be searched by itself.
    """
    persons: dict[str, bytes] = {}
    policies: dict[str, bytes] = {}
    gone: list[Gone] = []
    for number in range(after.pieces):
        if before.packed(number) == after.packed(number):
            continue
        old, new = before.piece(number), after.piece(number)
        persons.update((key, line) for key, line in new.persons.items() if old.persons.get(key) != line)
        policies.update((key, line) for key, line in new.policies.items() if old.policies.get(key) != line)
        gone += (Gone(person_id=each) for each in old.persons if each not in new.persons)
        gone += (Gone(policy_no=each) for each in old.policies if each not in new.policies)
        if len(persons) + len(policies) + len(gone) > most:
            return None
    # A policy that moved to another insured was gone from one piece and new in another.
    gone = [each for each in gone if each.policy_no not in policies]
    named: set[str] = set()
    for line in policies.values():
        key = _key_of(line)
        if isinstance(key, _Policy):
            named |= key.people()
    persons.update(after.persons(sorted(named - persons.keys())))
    return Changes(persons, policies, tuple(gone))


def changed_pieces(found: Changes) -> Iterator[bytes]:
    """Yield changes as pieces, packed, each of the usual size."""
    lines = [_encode(each) for each in found.gone]
    lines += [found.persons[each] for each in sorted(found.persons)]
    lines += [found.policies[each] for each in sorted(found.policies)]
    for start in range(0, len(lines), PIECE_RECORDS):
        yield pack_lines(lines[start : start + PIECE_RECORDS])


def pack_lines(lines: Iterable[bytes]) -> bytes:
    """Return lines as one compressed piece."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(b"".join(line + b"\n" for line in lines))


def _spool(folder: Path, number: int, buffer: bytearray) -> None:
    with (folder / f"{number:05d}.spool").open("ab") as file:
        file.write(buffer)
    buffer.clear()
