"""The sample pack's worked cases, all of them looked at within one test: thousands of items of a test run say no more than a dozen.

Promise: every case is looked at even where one before it fails, and those that fail are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

import msgspec

from rules.engine import Decision, Pack, decide, decode_facts, load_pack
from rules.engine.document import PackTest
from rules.engine.model import canonical, read_decision
from rules.tools.sample import sample_pack_bytes

Case = TypeVar("Case")

_TOLD = 30


@cache
def pack() -> Pack:
    return load_pack(sample_pack_bytes())


@cache
def cases() -> dict[str, PackTest]:
    """The pack's cases by name."""
    found = {test.name: test for test in pack().tests}
    assert len(found) == len(pack().tests)
    return found


@cache
def decided() -> dict[str, Decision]:
    """What is decided of each case."""
    return {
        name: decide(pack(), decode_facts(pack(), msgspec.json.encode(test.facts))) for name, test in cases().items()
    }


@cache
def worked() -> dict[str, Decision]:
    """What is decided of each case, as it is read back from its stored bytes."""
    return {name: read_decision(canonical(decision)) for name, decision in decided().items()}


def each_of(
    named: Callable[[], Mapping[str, Case]],
) -> Callable[[Callable[[Case], None]], Callable[[], None]]:
    """Make one test of a check of a case. A failure is the first one's; its note names those that fail."""

    def one_test(check: Callable[[Case], None]) -> Callable[[], None]:
        def test() -> None:
            found = named()
            assert found, "nothing to look at"
            failed: dict[str, Exception] = {}
            for name, case in found.items():
                try:
                    check(case)
                except Exception as problem:
                    failed[name] = problem
            for problem in failed.values():
                told = "; ".join(list(failed)[:_TOLD]) + ("; …" if len(failed) > _TOLD else "")
                problem.add_note(f"{len(failed)} of {len(found)} cases fail: {told}")
                raise problem

        for word in ("__name__", "__qualname__", "__doc__", "__module__"):
            setattr(test, word, getattr(check, word))
        return test

    return one_test
