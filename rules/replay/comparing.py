"""Two packs over the same claims: every payout that changes, where the change comes from, and the totals.

Promise: each changed claim is named, with both sums and its cause; totals are the sums of what is named. Nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from rules.engine.generated import generate
from rules.engine.pack import PLAN, Pack
from rules.replay.causes import ChangeClass, class_of, course_of, first_difference
from rules.replay.claims_file import CLAIM_NO, PAID_FEN
from rules.replay.replaying import Ints, Replay, replay_table
from rules.replay.single_claims import facts_of

_AT_ONCE = 10_000


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A claim whose payout changes: a determination's sum, 0 where a person has to decide. ``rule`` is where the decisions part."""

    claim_no: str
    plan: str
    change_class: ChangeClass
    rule: str
    old_fen: int
    new_fen: int
    old_referred: bool
    new_referred: bool
    paid_fen: int | None = None

    @property
    def by_fen(self) -> int:
        """What the new pack pays more (less: negative), in fen."""
        return self.new_fen - self.old_fen


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a new pack changes over some claims. Changes are in the order of the claims' numbers.

    ``recorded_otherwise`` counts claims, changed or not, whose recorded payment is not what the old pack makes of their facts.
    """

    claims: int
    old_total_fen: int
    new_total_fen: int
    old_referred: int
    new_referred: int
    recorded_otherwise: int
    changes: tuple[Change, ...]

    @property
    def net_fen(self) -> int:
        """What the new pack pays more over all claims, in fen."""
        return self.new_total_fen - self.old_total_fen

    def worst(self, most: int = 20) -> tuple[Change, ...]:
        """Return the largest changes, whichever way."""
        return tuple(sorted(self.changes, key=lambda change: (-abs(change.by_fen), change.claim_no))[:most])


def compare(old: Pack, new: Pack, claims: pa.Table) -> Comparison:
    """Decide claims by both packs and explain every difference."""
    before, after = replay_table(old, claims), replay_table(new, claims)
    old_fen, new_fen = _payable(before), _payable(after)
    changed = (old_fen != new_fen) | (before.amounts.referred != after.amounts.referred)
    paid, recorded = _paid(claims)
    otherwise = recorded & (paid != old_fen)
    rows = np.nonzero(changed)[0].tolist()
    numbers = claims.column(CLAIM_NO)
    changes: list[Change] = []
    for start in range(0, len(rows), _AT_ONCE):
        chunk = rows[start : start + _AT_ONCE]
        for row, (cause, kind, plan) in zip(chunk, _causes(old, new, before, after, chunk), strict=True):
            changes.append(
                Change(
                    claim_no=str(numbers[row].as_py()),
                    plan=plan,
                    change_class=ChangeClass.DATA if otherwise[row] else kind,
                    rule=cause,
                    old_fen=int(old_fen[row]),
                    new_fen=int(new_fen[row]),
                    old_referred=bool(before.amounts.referred[row]),
                    new_referred=bool(after.amounts.referred[row]),
                    paid_fen=int(paid[row]) if recorded[row] else None,
                )
            )
    return Comparison(
        claims=claims.num_rows,
        old_total_fen=int(old_fen.sum()),
        new_total_fen=int(new_fen.sum()),
        old_referred=int(before.amounts.referred.sum()),
        new_referred=int(after.amounts.referred.sum()),
        recorded_otherwise=int(otherwise.sum()),
        changes=tuple(sorted(changes, key=lambda change: change.claim_no)),
    )


def joined(parts: Iterable[Comparison]) -> Comparison:
    """Return several parts' comparison as one."""
    found = tuple(parts)
    return Comparison(
        claims=sum(part.claims for part in found),
        old_total_fen=sum(part.old_total_fen for part in found),
        new_total_fen=sum(part.new_total_fen for part in found),
        old_referred=sum(part.old_referred for part in found),
        new_referred=sum(part.new_referred for part in found),
        recorded_otherwise=sum(part.recorded_otherwise for part in found),
        changes=tuple(sorted((each for part in found for each in part.changes), key=lambda change: change.claim_no)),
    )


def _payable(replay: Replay) -> Ints:
    """Return what is paid without a person: a referral's sum is no promise."""
    return np.where(replay.amounts.referred, 0, replay.amounts.total_fen)


def _paid(claims: pa.Table) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    if PAID_FEN not in claims.column_names:
        return np.zeros(claims.num_rows, dtype=np.int64), np.zeros(claims.num_rows, dtype=bool)
    column = claims.column(PAID_FEN)
    paid = np.asarray(column.fill_null(0).to_numpy(), dtype=np.int64)
    recorded = ~np.asarray(column.is_null().to_numpy(), dtype=bool)
    return paid, recorded


def _causes(
    old: Pack, new: Pack, before: Replay, after: Replay, rows: Sequence[int]
) -> Iterable[tuple[str, ChangeClass, str]]:
    by_old, by_new = generate(old), generate(new)
    for old_facts, new_facts in zip(facts_of(old, before, rows), facts_of(new, after, rows), strict=True):
        rule = first_difference(course_of(by_old, old_facts), course_of(by_new, new_facts))
        plan = str(new_facts.get(PLAN, ""))
        yield rule, class_of(old, new, rule, plan), plan
