"""The laptop decides with the code generated from its pack; headquarters' reference comes to the same bytes."""

from __future__ import annotations

import msgspec

from claims.desk import Desk
from rules.engine import canonical, decide, decode_facts, load_pack
from tests.desk.station import PACK_BYTES


def test_every_worked_case_comes_out_the_same_by_the_installed_pack(desk: Desk) -> None:
    installed = desk.rules()
    assert installed is not None
    by_reference = load_pack(PACK_BYTES)
    traced = 0
    for test in by_reference.tests[::5]:
        facts = decode_facts(by_reference, msgspec.json.encode(test.facts))
        traced += installed.generated.traced(facts) is not None
        expected = canonical(decide(by_reference, facts))
        assert canonical(installed.decide(installed.pack, facts)) == expected
        assert canonical(installed.decide(by_reference, facts)) == expected, "a pack that is not the installed one"
    assert traced > len(by_reference.tests) // 10, "the generated code does the work, not its fallback"
