"""What both sides say of a claim, in one form, so that they can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from rules.columns import Amounts, ColumnPack, batch_of_facts
from rules.engine import Decision, ElementId, Pack, Referral, decide


@dataclass(frozen=True)
class Said:
    """A decision without its sentences."""

    total_fen: int
    referred: bool
    reasons: tuple[str, ...]
    liabilities: dict[str, int]
    draws: dict[tuple[str, str], int]
    shares: dict[str, tuple[int, ...]]
    outputs: dict[str, int]
    waivers: frozenset[str]


def said_by_reference(decision: Decision) -> Said:
    """Return what the reference says."""
    reasons = decision.reasons if isinstance(decision, Referral) else ()
    return Said(
        total_fen=decision.total_fen,
        referred=isinstance(decision, Referral),
        reasons=tuple(dict.fromkeys(reason.rule for reason in reasons)),
        liabilities={result.liability: result.amount_fen for result in decision.liabilities},
        draws={(result.liability, draw.pool): draw.amount for result in decision.liabilities for draw in result.pools},
        shares={result.liability: result.shares_fen for result in decision.liabilities},
        outputs=dict(decision.outputs_fen),
        waivers=frozenset(decision.waivers),
    )


def said_by_columns(amounts: Amounts, row: int) -> Said:
    """Return what the columns say of a row."""
    looked_at = [name for name, rows in amounts.looked_at.items() if rows[row]]
    return Said(
        total_fen=int(amounts.total_fen[row]),
        referred=bool(amounts.referred[row]),
        reasons=amounts.reasons_of(row),
        liabilities={name: int(amounts.liabilities[name][row]) for name in looked_at},
        draws={key: int(drawn[row]) for key, drawn in amounts.draws.items() if drawn[row]},
        shares={name: amounts.shares_of(name, row) for name in looked_at},
        outputs={name: int(fen[row]) for name, (fen, told) in amounts.outputs.items() if told[row]},
        waivers=frozenset(code for code, used in amounts.waivers.items() if used[row]),
    )


def differences(pack: Pack, prepared: ColumnPack, claims: Sequence[Mapping[Any, Any]], **more: int) -> list[str]:
    """Return where columns and reference disagree, over all claims as one batch."""
    amounts = prepared.decide(batch_of_facts(pack, claims), **more)
    return [
        difference
        for row, facts in enumerate(claims)
        for difference in _difference(facts, said_by_reference(decide(pack, facts)), said_by_columns(amounts, row))
    ]


def _difference(facts: Mapping[ElementId, Any], expected: Said, found: Said) -> list[str]:
    return [
        f"{facts}: {each.name}: expected {getattr(expected, each.name)}, got {getattr(found, each.name)}"
        for each in fields(Said)
        if getattr(expected, each.name) != getattr(found, each.name)
    ]
