"""One adjudication with its whole explanation against the same figure in hand-written ``Decimal``.

The case is A-6 with hospital and scope waivers: 17 rules, a sum of 6,488.24. The hand-written side works out the sum and
nothing else: no steps, no sentences in two languages, no checks of facts, no hash. The ratio is what the explanation costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from bench.report import Row, paired, report, row
from rules.engine import Facts, canonical, decide, decode_facts, encode_facts, load_pack
from rules.tools.sample import sample_pack_bytes

CASE = "A-6 hospital and scope waivers"
EXPECTED_FEN = 648824
DECISIONS = 100
BASE_RUNS = 2_000


def by_hand(facts: Mapping[str, Any]) -> int:
    """Return the benefit in fen, as somebody would write it for this one plan."""
    covered = facts["policy_effective"] <= facts["accident_date"] <= facts["policy_expiry"]
    in_time = facts["accident_date"] <= facts["admission_date"] <= facts["accident_date"] + timedelta(days=180)
    hospital = facts["hospital_public"] and facts["hospital_level"] >= 2
    if not (covered and in_time and facts["accident"]) or facts["possible_exclusion"]:
        return 0
    if not (hospital or facts["emergency"] or facts["waive_hospital_list"]):
        return 0
    amount = Decimal(facts["bill_total"])
    if not (facts["waive_drug_scope"] and facts["waive_item_scope"]):
        amount -= facts["self_expense"]
    amount -= facts["fund_paid"] + facts["other_payers_paid"] + facts["commercial_paid"]
    if not facts["waive_deductible"]:
        amount -= max(0, 10_000 - facts["used_event_deductible"])
    amount = max(Decimal(0), amount) * (Decimal("0.9") if facts["si_settled"] else Decimal("0.8"))
    amount = min(amount, Decimal(2_000_000 - facts["used_medical_year"]))
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP)) - int(facts["prepaid"])


def main() -> None:
    """Measure and report."""
    raw = sample_pack_bytes()
    pack = load_pack(raw)
    test = next(test for test in pack.tests if test.name == CASE)
    facts = decode_facts(pack, msgspec.json.encode(test.facts))
    plain = {str(name): value for name, value in facts.items()}
    encoded = encode_facts(pack, facts)
    assert decide(pack, facts).total_fen == by_hand(plain) == EXPECTED_FEN

    def hand() -> None:
        for _ in range(BASE_RUNS):
            by_hand(plain)

    def timed(name: str, once: Callable[[], object]) -> tuple[Row, float]:
        def many() -> None:
            for _ in range(DECISIONS):
                once()

        taken, base = paired(many, hand)
        each, base_each = taken / DECISIONS * 1e6, base / BASE_RUNS * 1e6
        return row(name, each, "µs", base_each), 1e6 / each

    decided, per_second = timed("decide with full trace (hand Decimal, no trace)", lambda: decide(pack, facts))
    replayed, replays = timed(
        "facts JSON in, decision bytes out (same base)",
        lambda: canonical(decide(pack, decode_facts(pack, encoded))),
    )
    loading, _ = paired(lambda: load_pack(raw), hand, rounds=3)
    report(
        "adjudication",
        [
            decided,
            replayed,
            row("decisions with full trace", per_second, "1/s"),
            row("replays from bytes to bytes", replays, "1/s"),
            row("steps explained in the decision", len(_steps(facts)), "steps"),
            row("size of the decision's bytes", len(canonical(decide(pack, facts))), "bytes"),
            row("loading and checking the sample pack", loading * 1e3, "ms"),
        ],
    )


def _steps(facts: Facts) -> list[object]:
    pack = load_pack(sample_pack_bytes())
    return [step for result in decide(pack, facts).liabilities for step in result.steps]


if __name__ == "__main__":
    main()
