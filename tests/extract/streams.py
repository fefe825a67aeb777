"""Extract streams for the tests, written as headquarters writes them, and the people who stand in them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import zstandard

from claims.reference import AnyExtractRecord, Beneficiary, ExtractHeader, ExtractPerson, ExtractPolicy, PersonHit
from headquarters.sample_people import person
from local_db.extract.apply import apply_extract
from local_db.extract.search import LocalExtract
from local_db.store_keys import EngineKey, StoreKeys
from rules.engine.model import Bilingual

KEY = StoreKeys(b"k" * 32, b"s" * 16, b"a" * 32).file_key("extract")
OTHER_KEY = StoreKeys(b"o" * 32, b"s" * 16, b"a" * 32).file_key("extract")


def someone(
    number: int, name: str, birth: date = date(1980, 5, 6), *, phone: str = "", sequence: int = 0
) -> ExtractPerson:
    """Return an invented man whose id and phone follow from a number unless given."""
    return person(
        f"P{number}",
        name,
        birth,
        "male",
        sequence=sequence or number,
        phone=phone or f"1990{number * 7919 % 10**7:07d}",
    )


def policy(policy_no: str, holder: str, insured: str, *beneficiaries: str) -> ExtractPolicy:
    return ExtractPolicy(
        policy_no=policy_no,
        plan="AT-A",
        product_name=Bilingual("安途意外", "Antu Accident"),
        effective=date(2026, 1, 1),
        expiry=None,
        policyholder_id=holder,
        insured_id=insured,
        beneficiaries=tuple(
            Beneficiary(person_id=each, order=1, share_bp=10000 // len(beneficiaries)) for each in beneficiaries
        ),
        terms={"sum_insured": 50_000_00},
    )


def header_of(persons: int, policies: int, *, version: int = 1, schema: int = 1) -> ExtractHeader:
    return ExtractHeader(
        schema=schema,
        version=version,
        made_at=datetime(2026, 11, 20, tzinfo=UTC),
        persons=persons,
        policies=policies,
    )


def packed_lines(records: Iterable[AnyExtractRecord]) -> bytes:
    """Return any records, in any order, as a stream."""
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(
        b"".join(msgspec.json.encode(each) + b"\n" for each in records)
    )


def stream_of(persons: Sequence[ExtractPerson], policies: Sequence[ExtractPolicy] = (), *, version: int = 1) -> bytes:
    """Return a whole and valid stream."""
    return packed_lines([header_of(len(persons), len(policies), version=version), *persons, *policies])


def applied(
    folder: Path,
    persons: Sequence[ExtractPerson],
    policies: Sequence[ExtractPolicy] = (),
    *,
    version: int = 1,
    key: EngineKey = KEY,
) -> LocalExtract:
    """Put an extract into use and return it for searching."""
    apply_extract(io.BytesIO(stream_of(persons, policies, version=version)), folder, key)
    return LocalExtract(folder, key)


def ids(hits: Sequence[PersonHit]) -> list[str]:
    return [hit.person.person_id for hit in hits]
