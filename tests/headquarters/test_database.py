"""The database: migrations, transactions, durability settings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import NoSuchModuleError

from headquarters.database import Database, migrate, open_engine, sqlite_url
from headquarters.installation import Headquarters
from headquarters.models import Base


@pytest.fixture
def engine(tmp_path):
    opened = open_engine(sqlite_url(tmp_path / "hq.db"))
    yield opened
    opened.dispose()


def test_the_migrations_build_exactly_the_models(engine):
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_build_exactly_the_models_on_postgresql(postgres):
    with postgres.database() as url:
        engine = open_engine(url)
        with ThreadPoolExecutor(3) as processes:  # services that start at the same moment
            list(processes.map(lambda _: migrate(engine), range(3)))
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, Base.metadata) == []
        engine.dispose()


def test_migrating_twice_changes_nothing(engine):
    migrate(engine)
    before = inspect(engine).get_table_names()
    migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_sqlite_is_current_and_durable(engine):
    with engine.connect() as connection:
        version = tuple(int(part) for part in connection.scalar(text("SELECT sqlite_version()")).split("."))
        assert version >= (3, 51, 3)  # the WAL-reset bug
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_writing_transaction_holds_the_lock_from_its_first_read(engine):
    database = Database(engine)
    migrate(engine)
    with database.write() as first:
        first.execute(text("SELECT 1"))
        with engine.connect() as other:
            other.connection.driver_connection.execute("PRAGMA busy_timeout=0")
            with pytest.raises(Exception, match="locked"):
                other.exec_driver_sql("BEGIN IMMEDIATE")
            other.connection.driver_connection.execute("PRAGMA busy_timeout=30000")
        with database.read() as reader:  # readers never wait
            assert reader.scalar(text("SELECT count(*) FROM devices")) == 0


def test_an_error_rolls_the_whole_transaction_back(engine):
    database = Database(engine)
    migrate(engine)

    def fail_after_writing() -> None:
        with database.write() as session:
            session.execute(text("INSERT INTO pools VALUES ('p', 'fen', 1, 0, 0)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM pools")) == 0


def test_another_engine_is_chosen_by_url():
    with pytest.raises(NoSuchModuleError):
        open_engine("postgresql+nosuchdriver://localhost/hq")


def test_an_installation_keeps_its_secrets_to_itself(hq, clock):
    folder = hq.home / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("root.key", "service.key", "recovery.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    reopened = Headquarters.open(hq.home, clock)
    assert reopened.secrets.root.public_key == hq.secrets.root.public_key
    assert reopened.root_der == hq.root_der
    reopened.close()
