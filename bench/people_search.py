"""An extract of a million people: applying it, and each kind of search in it.

Baselines, measured in the same run: applying ÷ the same records in a plain SQLite file with the same rows but no search keys;
a search ÷ a scan of the same encrypted file for the same text. ``--people`` takes a smaller number for a quick look.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from bench.report import report, row
from bench.synthetic_people import persons, policies, write_stream
from local_db.extract.apply import apply_extract, read_pointer
from local_db.extract.engine import open_searching
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
    ("phone", None),
    ("policy number", None),
    ("nobody", "欧阳不存在"),
)
_ROUNDS = 15


def plain_load(path: Path, people: int, policy_count: int) -> float:
    """Write the same records to an unencrypted SQLite file without search keys; return the seconds."""
    start = perf_counter()
    plain = sqlite3.connect(path)
    plain.execute(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, person_id TEXT, id_number TEXT, phone TEXT, record BLOB)"
    )
    plain.execute("CREATE TABLE policy (policy_no TEXT PRIMARY KEY, record BLOB)")
    plain.executemany(
        "INSERT INTO person VALUES (?, ?, ?, ?, ?)",
        (
            (number, each.person_id, each.id_number, each.phone, msgspec.json.encode(each))
            for number, each in enumerate(persons(people), 1)
        ),
    )
    plain.executemany(
        "INSERT INTO policy VALUES (?, ?)",
        ((each.policy_no, msgspec.json.encode(each)) for each in policies(policy_count, people)),
    )
    plain.commit()
    plain.close()
    return perf_counter() - start


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
        baseline = plain_load(folder / "plain.db", people, people)
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
        scan = open_searching(folder / pointer.file, key)
        someone = next(iter(persons(1)))
        policy = next(iter(policies(1, people)))
        known = {"ID number, whole": someone.id_number, "phone": someone.phone, "policy number": policy.policy_no}
        start = perf_counter()
        scan.execute("SELECT count(*) FROM person WHERE instr(record, ?)", ("晓禾",)).fetchone()
        scanned = (perf_counter() - start) * 1000
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
        scan.close()
    report("people_search", rows)


if __name__ == "__main__":
    main()
