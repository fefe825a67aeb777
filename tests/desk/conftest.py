"""One enrolled laptop a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from claims.desk import Desk
from tests.desk.station import Station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[Desk]:
    opened = station.open()
    yield opened
    opened.close()
