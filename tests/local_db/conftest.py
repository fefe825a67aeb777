"""One headquarters a session, one laptop a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_db.store import LocalStore
from tests.local_db.office import Headquarters, Laptop


@pytest.fixture(scope="session")
def hq() -> Headquarters:
    return Headquarters()


@pytest.fixture
def laptop(hq: Headquarters, tmp_path: Path) -> Laptop:
    return Laptop(tmp_path / "home", hq)


@pytest.fixture
def store(laptop: Laptop) -> Iterator[LocalStore]:
    with laptop.create() as made:
        yield made
