"""The demo's checks: every figure of the story, and every voucher as a stranger would check it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.demo.independent_check import NotGenuineError, check, read_qr, with_one_digit_changed
from app.demo.story import STORY, StoryCase
from claims.events import Outcome

_CLAIM_VOUCHER_NO, _CLAIM_AMOUNT_FEN = 1, 5


class Checks:
    """What was checked and how it came out."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, what: str, passed: bool) -> None:
        """Record one check."""
        self.told.append({"check": what, "passed": bool(passed)})

    @property
    def failed(self) -> list[str]:
        """What did not come out."""
        return [each["check"] for each in self.told if not each["passed"]]


def check_cases(checks: Checks, cases: Sequence[dict[str, Any]], exposure_fen: int) -> None:
    """Compare every case with the story, and the float's overlap with the exposure printed beforehand."""
    found = {each["name"]: each for each in cases}
    checks.tell("every case of the story was taken", set(found) == {each.name for each in STORY})
    for case in STORY:
        if case.name in found:
            check_case(checks, case, found[case.name])
    held = sum(each["amount_fen"] or 0 for each in cases if each["settlement"] == "hold")
    checks.tell("the exposure printed beforehand covers what is held", 0 < held <= exposure_fen)


def check_case(checks: Checks, case: StoryCase, found: dict[str, Any]) -> None:
    """Compare what a laptop collected of a case with the story, to the fen."""
    expected = case.expected
    promised = expected.outcome is Outcome.PRE_APPROVED

    def tell(what: str, passed: bool) -> None:
        checks.tell(f"{case.name}: {what}", passed)

    tell(f"outcome {expected.outcome.value}", found["outcome"] == expected.outcome.value)
    tell(f"sum {expected.total_fen} fen", found["total_fen"] == expected.total_fen)
    tell("patient pays", found["outputs_fen"].get("patient_pays") == expected.patient_pays_fen)
    tell("refund", found["outputs_fen"].get("refund") == expected.refund_fen)
    tell("paper", found["paper_kind"] == ("voucher" if promised else "slip") and found["papers"] == 1)
    tell("voucher sum", found["amount_fen"] == (expected.total_fen if promised else None))
    tell("replay identical", found["replay"] == "identical")
    tell(f"settlement {expected.settlement}", found["settlement"] == expected.settlement)
    tell("receipted by headquarters", found["ack"] == "hq" and found["documents"] == found["documents_at_hq"])
    if expected.reason_rule is not None:
        tell(f"the rule {expected.reason_rule} is named", expected.reason_rule in found["reason_rules"])


def check_vouchers(checks: Checks, cases: Sequence[dict[str, Any]], out: Path) -> int:
    """Read every voucher back from its picture and verify it against the root; a changed digit must fail. Return how many verified."""
    root_pem = (out / "hq_root.pem").read_bytes()
    verified = 0
    for case in cases:
        if case["paper_kind"] != "voucher":
            continue
        text = read_qr((out / case["pdf"]).read_bytes())
        genuine = check(text, root_pem)
        same = (
            genuine.claims[_CLAIM_VOUCHER_NO] == case["paper"]
            and genuine.claims[_CLAIM_AMOUNT_FEN] == case["amount_fen"]
        )
        checks.tell(f"{case['name']}: the printed voucher verifies against the root certificate", same)
        verified += same
        checks.tell(f"{case['name']}: one changed digit fails", _fails(with_one_digit_changed(text), root_pem))
    return verified


def _fails(text: str, root_pem: bytes) -> bool:
    try:
        check(text, root_pem)
    except NotGenuineError:
        return True
    return False
