"""The tables: what a fresh store has, how an older one is brought up, and what they refuse whatever the code above them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from claims.errors import EnvironmentProblem
from local_db import migrations
from local_db.connection import Engine, EngineError, open_engine, read_pragma
from local_db.key_file import unlock_keys
from tests.local_db import samples as s
from tests.local_db.office import Laptop

OURS = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> '_sqlite_migrations' ORDER BY type, name"
RECORDED = Path(__file__).with_name("schema.sql")


def engine_of(laptop: Laptop) -> Engine:
    return open_engine(laptop.home / "store.db", unlock_keys(laptop.home, laptop.unlock(), laptop.clock).database)


@pytest.fixture
def worked(laptop: Laptop) -> Laptop:
    with laptop.create() as store, store.write() as uow:
        uow.receive(laptop.hq.sign(s.grant()))
        uow.append(s.case_opened())
    return laptop


def test_the_tables_are_the_recorded_ones(worked: Laptop) -> None:
    """A released migration is never edited: a change here is a new migration and a new recording."""
    engine = engine_of(worked)
    rows = engine.execute(OURS).fetchall()
    engine.close()
    assert "".join(f"{sql};\n\n" for (sql,) in rows) == RECORDED.read_text(encoding="utf-8")


def test_a_store_of_the_version_before_is_brought_up_with_everything_in_it(
    worked: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = ("0002_notes", ("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, later))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", migrations.SCHEMA_VERSION + 1)
    for _ in range(2):
        with worked.open() as store, store.read() as reads:
            assert reads.case("C-1").insured.name == s.NAME
    engine = engine_of(worked)
    assert read_pragma(engine, "user_version") == migrations.SCHEMA_VERSION
    engine.execute("INSERT INTO note (text) VALUES ('there')")
    engine.close()


def test_a_migration_that_fails_changes_nothing(worked: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (
        "0002_broken",
        ("CREATE TABLE note (id INTEGER PRIMARY KEY)", "CREATE TABLE note (id INTEGER PRIMARY KEY)"),
    )
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
        patched.setattr(migrations, "SCHEMA_VERSION", migrations.SCHEMA_VERSION + 1)
        with pytest.raises(Exception, match="note"):
            worked.open()
    with worked.open() as store, store.read() as reads:
        assert reads.case("C-1").last_seq == 1


def test_a_store_without_tables_is_no_store(worked: Laptop) -> None:
    engine = engine_of(worked)
    engine.execute("PRAGMA user_version = 0")
    engine.close()
    with pytest.raises(EnvironmentProblem) as caught:
        worked.open()
    assert caught.value.code == "store_damaged"


@pytest.mark.parametrize(
    "impossible",
    [
        "UPDATE allowance SET spent_fen = limit_fen + 1",
        "UPDATE allowance SET spent_fen = -1",
        "INSERT INTO document (case_no, document_id, seq, body) VALUES ('C-404', '1', 9, '')",
        "INSERT INTO identity (id, record, device_key) VALUES (2, '', x'')",
        "INSERT INTO log_commit (first_seq, last_seq, raw, hash) VALUES (0, 1, x'', x'')",
        "INSERT INTO draft (draft_id, content) VALUES ('d', 'text where bytes belong')",
    ],
)
def test_the_tables_refuse_what_must_never_be(worked: Laptop, impossible: str) -> None:
    engine = engine_of(worked)
    with pytest.raises(EngineError):
        engine.execute(impossible)
    engine.close()
