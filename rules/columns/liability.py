"""One liability over columns: its gates, its running sum, its draws and shares, for all rows that claim it.

Promise: the columns' counterpart of ``rules.engine.pipeline.run_liability``: the same steps in the same order decide which rows go on,
with which sum, and for which reason a row ends. Sentences are not told here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.columns import segments
from rules.columns.column import Bad, Bools, Codes, Column, Ints, Lists, as_lists, attributed, full, marked, taken
from rules.columns.frame import Frame
from rules.columns.liability_steps import DrawStep, LiabilityColumns, Step
from rules.columns.loss_keys import unfit_part
from rules.columns.piece import Piece, narrowed
from rules.columns.shares import split
from rules.engine.document import RuleKind
from rules.engine.pack import AMOUNT, PAID

# Going on with the rows that are left alone pays below this share of them.
_WORTH_GATHERING = 0.7


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a liability came to, by row of its frame. ``None`` masks are false everywhere.

    ``reasons`` are columns of rule codes in the order in which a row meets them.
    """

    paid: Any
    concerned: Bools | None
    failed: Bools | None
    reasons: Sequence[Codes]
    draws: Mapping[str, Any]
    shares: Lists | None
    remainders: Mapping[str, tuple[Any, Bools]]
    waived: Mapping[str, Bools]


def run_liability(liability: LiabilityColumns, frame: Frame) -> Outcome:
    """Work a liability out for all rows of the frame."""
    return _Run(liability, frame).outcome()


class _Run:
    """The rows of one liability on their way through its steps.

    ``rows`` are the rows still looked at, by their place in the first frame (None: all of them, in place); ``alive`` marks which
    of them still go on (None: all).
    """

    def __init__(self, liability: LiabilityColumns, frame: Frame) -> None:
        self._liability = liability
        self._total = frame.rows
        self._frame = frame
        self._rows: Ints | None = None
        self._alive: Bools | None = None
        self._amount: Any = 0
        self._reasons: list[Codes] = []
        self._ended: Codes | None = None
        self._failed: Bools | None = None
        self._concerned: Bools | None = None
        self._remainders: dict[str, tuple[Any, Bools]] = {}
        self._waived: dict[str, Bools] = {}
        self._waterfall: list[tuple[int, Any, Any, Any]] = []

    # --- ending rows

    def _places(self, mask: Bools) -> Ints:
        """Return the places in the first frame of the marked rows."""
        found = np.nonzero(mask)[0]
        return found if self._rows is None else self._rows[found]

    def _end(self, mask: Any, codes: Any) -> None:
        """End the marked rows that still go on; ``codes`` is one code or one a row."""
        ending = full(mask, self._frame.rows)
        if self._alive is not None:
            ending = ending & self._alive
        if not ending.any():
            return
        if self._ended is None:
            self._ended = np.zeros(self._total, dtype=np.int32)
        if self._rows is None:
            # A row ends once, so adding puts its code in; several times faster than putting by mask.
            self._ended += np.multiply(ending, codes, dtype=np.int32)
        else:
            self._ended[self._places(ending)] = codes[ending] if isinstance(codes, np.ndarray) else codes
        self._alive = ~ending if self._alive is None else self._alive & ~ending

    def _fail(self, bad: Bad) -> None:
        """End the rows that failed, with the failing rule's code; outside of any rule the liability's."""
        if bad is None:
            return
        failing = bad != 0
        if self._alive is not None:
            failing &= self._alive
        if not failing.any():
            return
        if self._failed is None:
            self._failed = np.zeros(self._total, dtype=bool)
        self._failed[self._places(failing)] = True
        self._end(failing, attributed(bad, self._liability.code))

    def _holds(self, piece: Piece) -> Any:
        values, bad = piece.run(self._frame)
        self._fail(bad)
        return values

    def _all_ended(self) -> bool:
        return self._alive is not None and not self._alive.any()

    # --- the steps

    def outcome(self) -> Outcome:
        liability = self._liability
        for piece in liability.concerns:
            self._concern(self._holds(piece))
        self._validity(self._holds(liability.basis))
        gathered = False
        for step in liability.steps:
            if self._all_ended():
                break
            if not gathered and step.kind in (RuleKind.AMOUNT, RuleKind.ROUND):
                gathered = True
                self._gather()
            self._take(step)
        return self._paid()

    def _concern(self, holds: Any) -> None:
        untouched = np.logical_not(full(holds, self._frame.rows))
        if self._alive is not None:
            untouched &= self._alive
        if not untouched.any():
            return
        if self._concerned is None:
            self._concerned = np.ones(self._total, dtype=bool)
        self._concerned[self._places(untouched)] = False
        self._alive = ~untouched if self._alive is None else self._alive & ~untouched

    def _validity(self, days: Any) -> None:
        first, last = self._liability.first, self._liability.last
        outside = days < first if last is None else (days < first) | (days > last)
        if np.any(outside):
            self._end(outside, self._liability.validity)

    def _gather(self) -> None:
        """Go on with the rows that are left alone, where they are few enough to pay for it."""
        if self._alive is None:
            return
        left = np.nonzero(self._alive)[0]
        if len(left) >= _WORTH_GATHERING * self._frame.rows:
            return
        self._frame = self._frame.some(left)
        self._rows = left if self._rows is None else self._rows[left]
        self._alive = None

    def _take(self, step: Step) -> None:
        match step.kind:
            case RuleKind.VALUE:
                self._holds(step.piece)
            case RuleKind.GATE:
                self._gate(step)
            case RuleKind.REFER:
                self._refer(step)
            case _:
                self._change(step)

    def _gate(self, step: Step) -> None:
        values = self._holds(step.piece)
        closed = np.logical_not(values)
        if not np.any(closed):
            return
        closed = full(closed, self._frame.rows)
        if step.override is not None:
            closed = closed & self._not_lifted(step.override, closed)
        if step.waiver:
            lifted = self._lifted(step, closed)
            closed = closed & ~lifted
        self._end(closed, step.code)

    def _not_lifted(self, piece: Piece, asked: Bools) -> Any:
        values, bad = piece.run(self._frame)
        if bad is not None:
            self._fail(np.where(asked, bad, np.int32(0)))
        return np.logical_not(values)

    def _lifted(self, step: Step, asked: Bools) -> Bools:
        """Return the rows whose waiver lifts the step, among those that ask; a missing element fails them."""
        lifted = asked if self._alive is None else asked & self._alive
        first = lifted
        for piece in step.waiver:
            values, bad = piece.run(self._frame)
            if bad is not None:
                self._fail(np.where(first, bad, np.int32(0)))
            lifted = lifted & values
        if self._alive is not None:
            lifted = lifted & self._alive
        if lifted.any():
            for code in step.waiver_codes:
                if code not in self._waived:
                    self._waived[code] = np.zeros(self._total, dtype=bool)
                self._waived[code][self._places(lifted)] = True
        return lifted

    def _refer(self, step: Step) -> None:
        values = full(self._holds(step.piece), self._frame.rows)
        referred = values if self._alive is None else values & self._alive
        if not referred.any():
            return
        codes = np.zeros(self._total, dtype=np.int32)
        codes[self._places(referred)] = step.code
        self._reasons.append(codes)

    def _change(self, step: Step) -> None:
        frame = self._frame
        before = self._amount
        frame.known[AMOUNT] = Column(before)
        values, bad = step.piece.run(frame)
        self._fail(bad)
        before = before * 10 ** (step.scale - step.before_scale) if step.scale != step.before_scale else before
        if step.piece.number.low < 0:
            values = self._not_negative(step, values)
        if step.shows is not None:
            self._fail(step.shows.run(frame).bad)
        waived: Any = False
        if step.waiver:
            changed = full(values != before, frame.rows)
            if changed.any():
                waived = self._lifted(step, changed)
                if waived.any():
                    values = np.where(waived, before, values)
        self._amount = values
        self._waterfall.append((step.code, before, values, waived))

    def _not_negative(self, step: Step, values: Any) -> Any:
        negative = full(values < 0, self._frame.rows)
        if not negative.any():
            return values
        below = negative if self._alive is None else negative & self._alive
        if step.remainder is not None:
            unit = 10**step.scale
            told = below & (values % unit == 0)
            if told.any():
                self._tell(step.remainder, -(values // unit), told)
            below = below & ~told
        if below.any():
            self._fail(np.where(below, np.int32(step.code), np.int32(0)))
        return np.where(negative, 0, values)

    def _tell(self, name: str, fen: Any, told: Bools) -> None:
        if name not in self._remainders:
            self._remainders[name] = (np.zeros(self._total, dtype=np.int64), np.zeros(self._total, dtype=bool))
        sums, given = self._remainders[name]
        places = self._places(told)
        sums[places] = fen[told]
        given[places] = True

    # --- the sum and what follows from it

    def _paid(self) -> Outcome:
        frame = self._frame
        paid = full(self._amount, frame.rows)
        scale = self._liability.steps[-1].scale
        if scale:
            unit = 10**scale
            self._fail(marked(paid % unit != 0, frame.rows))
            paid = paid // unit
        paid = narrowed(paid, self._liability.paid)
        if self._alive is not None:
            paid = np.where(self._alive, paid, 0)
        nothing = paid == 0
        if nothing.any():
            self._zero(nothing)
        frame.known[PAID] = Column(paid)
        drawn: dict[str, Any] = {}
        if not self._all_ended():
            for draw in self._liability.draws:
                drawn[draw.pool] = self._draw(draw, drawn.get(draw.pool))
            shares = self._split(paid, self._liability.shares)
            self._loss_key(self._liability.key)
        else:
            shares = None
        if self._alive is not None:
            paid = np.where(self._alive, paid, 0)
            drawn = {pool: np.where(self._alive, taken_here, 0) for pool, taken_here in drawn.items()}
            if shares is not None:
                shares = segments.kept(shares, self._alive)
        reasons = [*self._reasons, *([] if self._ended is None else [self._ended])]
        return Outcome(
            paid=self._spread(paid),
            concerned=self._concerned,
            failed=self._failed,
            reasons=reasons,
            draws={pool: self._spread(amounts) for pool, amounts in drawn.items()},
            shares=None if shares is None else self._spread_lists(shares),
            remainders=self._remainders,
            waived=self._waived,
        )

    def _spread(self, values: Any) -> Any:
        if self._rows is None:
            return values
        found = np.zeros(self._total, dtype=values.dtype)
        found[self._rows] = values
        return found

    def _spread_lists(self, lists: Lists) -> Lists:
        if self._rows is None:
            return lists
        counts = np.zeros(self._total, dtype=np.int64)
        counts[self._rows] = lists.counts
        return Lists(lists.flat, np.concatenate(([0], np.cumsum(counts))))

    def _zero(self, nothing: Bools) -> None:
        """End the rows that come to nothing: the step that took the last of the sum is the reason, else the first amount."""
        here = nothing if self._alive is None else nothing & self._alive
        rows = np.nonzero(here)[0]
        if not len(rows):
            return
        codes = np.zeros(self._frame.rows, dtype=np.int32)
        left = rows
        for code, before, after, waived in reversed(self._waterfall):
            taker = (taken(full(after, self._frame.rows), left) == 0) & (
                taken(full(before, self._frame.rows), left) != 0
            )
            if waived is not False:
                taker &= ~waived[left]
            codes[left[taker]] = code
            left = left[~taker]
            if not len(left):
                break
        for code, _, _, waived in self._waterfall:
            told = slice(None) if waived is False else ~waived[left]
            codes[left[told]] = code
            left = left[:0] if waived is False else left[waived[left]]
            if not len(left):
                break
        self._end(here, codes)

    def _draw(self, draw: DrawStep, before: Any) -> Any:
        frame = self._frame
        asked: Any = True
        if draw.when is not None:
            asked = self._holds(draw.when)
        amount = self._counted(draw.amount, asked)
        used = self._counted(draw.used, asked)
        beyond: Any = amount < 0
        if draw.limit is not None:
            limit = self._counted(draw.limit, asked)
            beyond = beyond | (amount > np.maximum(limit - used, 0))
        if np.any(beyond):
            self._fail(marked(beyond & full(asked, frame.rows), frame.rows))
        drawn = full(amount if asked is True else np.where(asked, amount, 0), frame.rows)
        return drawn if before is None else before + drawn

    def _counted(self, piece: Piece, asked: Any) -> Any:
        """Return whole fen or days; what is not whole fails the rows that ask."""
        values, bad = piece.run(self._frame)
        if bad is not None:
            self._fail(np.where(asked, bad, np.int32(0)))
        scale = piece.number.scale
        if not scale:
            return values
        unit = 10**scale
        self._fail(marked((values % unit != 0) & full(asked, self._frame.rows), self._frame.rows))
        return values // unit

    def _split(self, paid: Any, weights: Piece | None) -> Lists | None:
        if weights is None:
            return None
        values, bad = weights.run(self._frame)
        self._fail(bad)
        lists, refused = split(paid, as_lists(values, self._frame.rows))
        self._fail(marked(refused, self._frame.rows))
        return lists

    def _loss_key(self, key: Sequence[Piece]) -> None:
        for piece in key:
            values, bad = piece.run(self._frame)
            self._fail(bad)
            unfit = unfit_part(piece.type, values, self._frame.rows)
            if unfit is not None and np.any(unfit):
                self._fail(marked(unfit, self._frame.rows))
