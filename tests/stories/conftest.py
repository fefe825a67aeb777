"""What every story has: a headquarters of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A real headquarters with the sample data, not serving yet."""
    made = Office(tmp_path)
    yield made
    made.close()
