"""The extract as a file: zstd-compressed JSON lines, one ``claims.reference`` record each.

Promise: the header comes first and counts what follows, then all persons, then all policies; nothing is held in memory but
the line at hand. The same records give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard

from claims.errors import Bilingual, InputError
from claims.reference import AnyExtractRecord, ExtractHeader, ExtractPerson, ExtractPolicy

SCHEMA = 1
_LEVEL = 9
_MAX_LINE = 1024 * 1024


def write_extract(
    path: Path,
    persons: Iterable[ExtractPerson],
    policies: Iterable[ExtractPolicy],
    version: int,
    made_at: datetime,
    *,
    counts: tuple[int, int] | None = None,
) -> ExtractHeader:
    """Write an extract and return its header.

    Args:
        counts: how many persons and policies there are, where the iterables are streams; else they are counted.

    Raises:
        ValueError: a stream held another number than ``counts`` said.
    """
    if counts is None:
        persons, policies = list(persons), list(policies)
        counts = len(persons), len(policies)
    header = ExtractHeader(schema=SCHEMA, version=version, made_at=made_at, persons=counts[0], policies=counts[1])
    written = [0, 0]
    encoder = msgspec.json.Encoder()
    with (
        path.open("wb") as file,
        zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).stream_writer(file) as stream,
    ):
        stream.write(encoder.encode(header) + b"\n")
        for place, records in enumerate((persons, policies)):
            for record in records:
                stream.write(encoder.encode(record) + b"\n")
                written[place] += 1
    if tuple(written) != counts:
        raise ValueError(f"the header says {counts} records, the streams held {tuple(written)}")
    return header


def read_extract(path: Path) -> Iterator[AnyExtractRecord]:
    """Read an extract record by record. Raises ``InputError`` when the file is no extract or is cut short."""
    decoder = msgspec.json.Decoder(AnyExtractRecord)
    expected: ExtractHeader | None = None
    persons = policies = 0
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            for line in io.BufferedReader(stream, _MAX_LINE):
                record = decoder.decode(line)
                if expected is None:
                    if not isinstance(record, ExtractHeader):
                        raise _no_extract(path, "the header is missing")
                    expected = record
                persons += isinstance(record, ExtractPerson)
                policies += isinstance(record, ExtractPolicy)
                yield record
    except (zstandard.ZstdError, msgspec.DecodeError) as problem:
        raise _no_extract(path, str(problem)) from problem
    if expected is None or (persons, policies) != (expected.persons, expected.policies):
        raise _no_extract(path, f"{persons} persons and {policies} policies found")


def _no_extract(path: Path, found: str) -> InputError:
    return InputError(
        "extract_unreadable",
        Bilingual(f"{path.name} 不是完整的保单摘要文件（{found}）。", f"{path.name} is no complete extract ({found})."),
        Bilingual("请重新生成后再发布。", "Make it again, then publish."),
    )
