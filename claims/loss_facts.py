"""Gathers the facts of one policy for the rules: the contract's terms, what was entered, what the catastrophe waives, what is used up.

Promise: every fact has one source. What the adjuster enters can't overwrite what the contract or the catastrophe says.
Used-up sums are the extract's figure plus what this laptop promised since, per pool; they never go down.

Source: design.md "One claim, one direction" (3), docs/rules.md "Elements".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from claims.errors import Bilingual, InputError
from claims.form_fields import FactValue
from claims.reference import ExtractPolicy
from rules.engine import FactsError, Pack, decode_facts
from rules.engine.model import Facts

REPORT_DATE = "report_date"


def contract_facts(policy: ExtractPolicy) -> dict[str, FactValue]:
    """Return what the policy says: its plan, its dates and its terms."""
    facts: dict[str, FactValue] = {"plan": policy.plan, "policy_effective": policy.effective.isoformat()}
    if policy.expiry is not None:
        facts["policy_expiry"] = policy.expiry.isoformat()
    for name, value in policy.terms.items():
        facts[name] = value
    return facts


def reported_facts(pack: Pack, plan: str, claim_type: str, reported: date) -> dict[str, FactValue]:
    """Return the date of the report, where the pack's rules for this plan and claim type may ask for it: nobody enters it."""
    if plan not in pack.plans or REPORT_DATE not in pack.required_elements(plan, claim_type):
        return {}
    return {REPORT_DATE: reported.isoformat()}


def merge_facts(
    pack: Pack,
    *,
    contract: Mapping[str, FactValue],
    entered: Mapping[str, FactValue],
    catastrophe: Mapping[str, bool],
    used_since_fen: Mapping[str, int],
) -> Facts:
    """Merge the sources into typed facts of this pack.

    Args:
        entered: by element id, as JSON (fen, ISO dates, decimal strings).
        catastrophe: waiver elements that hold for this loss; the others are false.
        used_since_fen: by the pack's ``used`` element: what this laptop promised since the extract was made.

    Raises:
        InputError: ``fact_refused`` when a value has the wrong type or is out of bounds, ``fact_not_yours`` when the adjuster's
            entry names an element that the contract or the catastrophe decides.
    """
    clash = sorted((set(contract) | set(catastrophe)) & set(entered))
    if clash:
        raise InputError(
            "fact_not_yours",
            Bilingual(
                f"{'、'.join(clash)} 由保单或突发事件决定，不能手工填写。",
                f"{', '.join(clash)} is decided by the policy or the catastrophe and cannot be entered by hand.",
            ),
            Bilingual("请从录入内容中去掉这些项。", "Remove these entries."),
        )
    raw: dict[str, FactValue] = {**contract, **catastrophe, **entered}
    for element, used_fen in used_since_fen.items():
        if used_fen:
            before = raw.get(element, 0)
            raw[element] = (before if isinstance(before, int) else 0) + used_fen
    try:
        return decode_facts(pack, msgspec.json.encode(raw))
    except FactsError as error:
        raise InputError(
            "fact_refused",
            Bilingual(
                f"录入值不合要求：{_told(error)}。",
                f"A value does not fit: {_told(error)}.",
            ),
            Bilingual(
                "请核对该项的数值、单位和日期后重填，其余内容已保留。",
                "Check its value, unit and date and enter it again; everything else is kept.",
            ),
        ) from error


def day(value: object) -> date | None:
    """Return an ISO date fact as a date, None where it is absent."""
    return date.fromisoformat(value) if isinstance(value, str) else None


def _told(error: FactsError) -> str:
    return "，".join(f"{name} {value}" for name, value in error.values.items()) or error.code
