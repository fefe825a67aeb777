"""An extract of a million people: applying it, and each kind of search in it.

Baselines, measured in the same run: applying ÷ reading the same stream into a plain SQLite file without search keys; a search ÷
a look at every person of the same encrypted file for a text. ``--people`` takes a smaller number for a quick look.
"""

from __future__ import annotations

import argparse
import io
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec
import zstandard

from bench.report import report, row
from bench.synthetic_people import persons, policies, write_stream
from claims.reference import AnyExtractRecord, ExtractPerson, ExtractPolicy
from local_db.extract.apply import apply_extract
from local_db.extract.engine import OpenExtract, open_searching
from local_db.extract.pointer import read_pointer
from local_db.extract.search import LocalExtract
from local_db.store_keys import StoreKeys

QUERIES = (
    ("name", "张伟"),
    ("name, rare character", "㛃"),
    ("given name, two characters", "晓禾"),
    ("pinyin", "zhangwei"),
    ("initials", "zw"),
    ("ID number, whole", None),
    ("ID number, last four", "0159"),
    ("ID number, birth date", "19870412"),
    ("ID number, digits most have", "9901"),
    ("digits most have, nobody in a row", "99011990"),
    ("phone", None),
    ("policy number", None),
    ("policy number, last seven", None),
    ("nobody", "欧阳不存在"),
)
_ROUNDS = 15


def plain_load(stream: Path, path: Path) -> float:
    """Load the same stream into an unencrypted SQLite file without search keys; return the seconds."""
    start = perf_counter()
    plain = sqlite3.connect(path)
    plain.execute(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, person_id TEXT, id_number TEXT, phone TEXT, record BLOB)"
    )
    plain.execute("CREATE TABLE policy (policy_no TEXT PRIMARY KEY, record BLOB)")
    with stream.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as lines:
        records = _decoded(io.BufferedReader(lines, 1 << 20))
        next(records)
        for batch in iter(lambda: list(islice(records, 4096)), []):
            plain.executemany(
                "INSERT INTO person (person_id, id_number, phone, record) VALUES (?, ?, ?, ?)",
                (
                    (each.person_id, each.id_number, each.phone, line)
                    for line, each in batch
                    if isinstance(each, ExtractPerson)
                ),
            )
            plain.executemany(
                "INSERT INTO policy VALUES (?, ?)",
                ((each.policy_no, line) for line, each in batch if isinstance(each, ExtractPolicy)),
            )
    plain.commit()
    plain.close()
    return perf_counter() - start


def _decoded(lines: Iterable[bytes]) -> Iterator[tuple[bytes, AnyExtractRecord]]:
    decode = msgspec.json.Decoder(AnyExtractRecord).decode
    return ((line, decode(line)) for line in lines)


def scan(extract: OpenExtract, text: str) -> float:
    """Look at every person of the same encrypted file for a text, without keys; return the milliseconds."""
    start = perf_counter()
    wanted = text.encode()
    sum(wanted in extract.unpack(records) for (records,) in extract.execute("SELECT records FROM person_block"))
    return (perf_counter() - start) * 1000


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    people: int = parser.parse_args().people
    key = StoreKeys.generate().file_key("extract")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        stream = folder / "stream.zst"
        size = write_stream(stream, people, people)
        baseline = plain_load(stream, folder / "plain.db")
        start = perf_counter()
        with stream.open("rb") as source:
            apply_extract(source, folder, key)
        applied = perf_counter() - start
        pointer = read_pointer(folder)
        assert pointer is not None
        rows = [
            row(f"extract of {people:,} persons applied", applied, "s", baseline),
            row("extract stream", size / 1e6, "MB"),
            row("extract file", (folder / pointer.file).stat().st_size / 1e6, "MB"),
        ]
        extract = LocalExtract(folder, key)
        scanning = open_searching(folder / pointer.file, key)
        someone = next(iter(persons(1)))
        policy = next(iter(policies(1, people)))
        known = {
            "ID number, whole": someone.id_number,
            "phone": someone.phone,
            "policy number": policy.policy_no,
            "policy number, last seven": policy.policy_no[-7:],
        }
        scanned = scan(scanning, "晓禾")
        for name, given in QUERIES:
            text = given or known[name]
            extract.search(text)
            times = []
            for _ in range(_ROUNDS):
                start = perf_counter()
                hits = extract.search(text)
                times.append((perf_counter() - start) * 1000)
            rows.append(row(f"search by {name} ({len(hits)} hits)", median(times), "ms", scanned))
            rows.append(row(f"  slowest of {_ROUNDS}", max(times), "ms", scanned))
        extract.close()
        scanning.close()
    report("people_search", rows)


if __name__ == "__main__":
    main()
