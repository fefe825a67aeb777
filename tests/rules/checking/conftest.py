"""The sample's report, made once, with a sample of its mutants: all of them take a slow test."""

from __future__ import annotations

import pytest

from rules.checking import Report, check_pack
from rules.tools.sample import sample_pack_bytes

# One mutant in five or so.
MOST_DECISIONS = 12_000


@pytest.fixture(scope="session")
def sample_report() -> Report:
    return check_pack(sample_pack_bytes(), most_decisions=MOST_DECISIONS)
