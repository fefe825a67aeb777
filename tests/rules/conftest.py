"""The sample pack, and the facts of its worked cases by name."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from rules.engine import ElementId, Pack, Value, decode_facts, load_pack
from rules.tools.sample import sample_pack_bytes

Facts = dict[ElementId, Value]
FactsOf = Callable[..., Facts]


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(sample_pack_bytes())


@pytest.fixture(scope="session")
def facts_of(pack: Pack) -> FactsOf:
    """Return a worked case's facts, changed by keyword."""
    cases = {test.name: decode_facts(pack, msgspec.json.encode(test.facts)) for test in pack.tests}

    def of(name: str, **changes: Value) -> Facts:
        return {**cases[name], **{ElementId(key): value for key, value in changes.items()}}

    return of
