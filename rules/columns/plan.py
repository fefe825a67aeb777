"""One plan over columns: its liabilities in order, then its outputs, for the rows of a frame.

Promise: the columns' counterpart of ``rules.engine.decide``: a later liability sees what earlier ones of the same claim drew; one that
cannot be worked out keeps the outputs from being told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.columns import segments
from rules.columns.codes import RuleCodes
from rules.columns.column import Bools, Codes, Column, Ints, Texts, attributed, full
from rules.columns.frame import Frame
from rules.columns.gathering import Gathered, Places, within
from rules.columns.liability import Outcome, run_liability
from rules.columns.liability_steps import LiabilityColumns, prepared_liability
from rules.columns.names import DRAWN, Names
from rules.columns.piece import Piece
from rules.engine.language import Type
from rules.engine.pack import CLAIM_TYPES, TOTAL, Output, Pack, Plan
from rules.engine.span import Span


@dataclass(frozen=True, slots=True)
class _Told:
    """An output ready to be worked out."""

    id: str
    code: int
    claimed: frozenset[str]
    when: Piece | None
    value: Piece


class PlanColumns:
    """A plan prepared once and decided for any number of frames."""

    def __init__(self, pack: Pack, plan: Plan, codes: RuleCodes) -> None:
        self._nothing_claimed = codes.of("element:claim_types")
        self._not_concerned = codes.of("engine:not_concerned")
        drawn: dict[str, int] = {}
        self._liabilities: list[LiabilityColumns] = []
        highest = 0
        for liability, parameters in plan.liabilities:
            names = Names(pack, parameters, codes, liability.spec.date_basis, drawn)
            columns = prepared_liability(pack, liability, names, codes)
            self._liabilities.append(columns)
            highest += columns.paid.high
            drawn = dict(drawn)
            for pool, most in columns.most_drawn.items():
                drawn[pool] = drawn.get(pool, 0) + most
        self._answered = frozenset(word for each in self._liabilities for word in each.claimed)
        names = Names(pack, plan.parameters, codes)
        total = Piece(lambda frame: frame.known[TOTAL], Type.MONEY, Span(0, 0, highest))
        self._outputs = [_told(output, names, total, codes) for output in plan.outputs]

    def decide(self, frame: Frame, places: Places, gathered: Gathered) -> None:
        """Decide the frame's rows and put the results in their places."""
        _Deciding(frame, places, gathered).run(
            self._liabilities, self._answered, self._outputs, self._nothing_claimed, self._not_concerned
        )


def _told(output: Output, names: Names, total: Piece, codes: RuleCodes) -> _Told:
    spec = output.spec
    return _Told(
        id=spec.id,
        code=codes.of(f"output:{spec.id}"),
        claimed=frozenset(spec.claimed),
        when=None if output.when is None else names.node(output.when.node, **{TOTAL: total}),
        value=names.node(output.expression.node, **{TOTAL: total}),
    )


class _Deciding:
    """The state of a frame's rows over all liabilities of the plan. Masks are None while they are false everywhere."""

    def __init__(self, frame: Frame, places: Places, gathered: Gathered) -> None:
        self._frame = frame
        self._places = places
        self._gathered = gathered
        self._total: Any = 0
        self._reasons: list[Codes] = []
        self._failed: Bools | None = None
        self._drawn: dict[str, Any] = {}
        self._remainders: list[tuple[str, Any, Bools]] = []

    def run(
        self,
        liabilities: list[LiabilityColumns],
        answered: frozenset[str],
        outputs: list[_Told],
        nothing_claimed: int,
        not_concerned: int,
    ) -> None:
        """Work everything out."""
        asked = _Asked(self._frame)
        looked: Any = False
        concerned: Any = False
        for liability in liabilities:
            mask = asked.any_of(liability.claimed)
            looked = looked | mask
            concerned = concerned | self._liability(liability, mask)
        unanswered = np.logical_not(looked) | asked.any_but(answered)
        self._reason(unanswered, nothing_claimed)
        self._reason(np.logical_not(concerned) & np.logical_not(unanswered), not_concerned)
        for output in outputs:
            self._output(output, asked.any_of(output.claimed))
        for name, fen, told in self._remainders:
            self._gathered.output(name, self._places, fen, told if self._failed is None else told & ~self._failed)
        self._finish()

    def _finish(self) -> None:
        total = full(self._total, self._frame.rows)
        referred = total == 0
        for codes in self._reasons:
            referred = referred | (codes != 0)
        self._gathered.total(self._places, total, referred)
        self._gathered.reasons(self._places, self._reasons)

    def _reason(self, mask: Any, code: int) -> None:
        if np.any(mask):
            self._reasons.append(np.where(full(mask, self._frame.rows), np.int32(code), np.int32(0)))

    def _liability(self, liability: LiabilityColumns, mask: Any) -> Any:
        """Work out one liability for the rows that claim it; return the rows that it concerns."""
        if mask is not True:
            mask = full(mask, self._frame.rows)
        if mask is True or mask.all():
            outcome = self._run(liability, self._frame, None)
            self._put(liability, outcome, self._places)
            self._take_over(outcome, None)
            return True if outcome.concerned is None else outcome.concerned
        rows = np.nonzero(mask)[0]
        if not len(rows):
            return False
        outcome = self._run(liability, self._frame.some(rows), rows)
        self._put(liability, outcome, within(self._places, rows))
        self._take_over(outcome, rows)
        return _spread(True if outcome.concerned is None else outcome.concerned, rows, self._frame.rows)

    def _run(self, liability: LiabilityColumns, frame: Frame, rows: Ints | None) -> Outcome:
        for pool, amounts in self._drawn.items():
            frame.known[DRAWN + pool] = Column(amounts if rows is None else amounts[rows])
        return run_liability(liability, frame)

    def _put(self, liability: LiabilityColumns, outcome: Outcome, places: Places) -> None:
        gathered = self._gathered
        gathered.liability(liability.id, places, outcome.paid)
        for pool, amounts in outcome.draws.items():
            gathered.draw(liability.id, pool, places, amounts)
        if outcome.shares is not None:
            gathered.shares(liability.id, places, outcome.shares)
        for code, used in outcome.waived.items():
            gathered.waiver(code, places, used)

    def _take_over(self, outcome: Outcome, rows: Ints | None) -> None:
        size = self._frame.rows
        self._total = self._total + _spread(outcome.paid, rows, size)
        self._reasons += [_spread(codes, rows, size) for codes in outcome.reasons]
        if outcome.failed is not None:
            failed = _spread(outcome.failed, rows, size)
            self._failed = failed if self._failed is None else self._failed | failed
        for pool, amounts in outcome.draws.items():
            self._drawn[pool] = self._drawn.get(pool, 0) + _spread(amounts, rows, size)
        for name, (fen, told) in outcome.remainders.items():
            self._remainders.append((name, _spread(fen, rows, size), _spread(told, rows, size)))

    def _output(self, output: _Told, asked: Any) -> None:
        """Tell a sum besides the benefit, in the rows in which every liability could be worked out."""
        asked = full(asked, self._frame.rows)
        if self._failed is not None:
            asked = asked & ~self._failed
        rows = np.nonzero(asked)[0]
        if not len(rows):
            return
        frame = self._frame.some(rows)
        frame.known[TOTAL] = Column(full(self._total, self._frame.rows)[rows])
        told: Any = np.ones(len(rows), dtype=bool)
        failures = np.zeros(len(rows), dtype=np.int32)
        if output.when is not None:
            when, bad = output.when.run(frame)
            told = told & when
            if bad is not None:
                failures, told = bad, told & (bad == 0)
        values, bad = output.value.run(frame)
        if bad is not None:
            failures = np.where(told & (bad != 0), bad, failures)
            told = told & (bad == 0)
        if failures.any():
            self._reasons.append(_spread(attributed(failures, output.code), rows, self._frame.rows))
        if told.any():
            self._gathered.output(output.id, within(self._places, rows), values, told)


def _spread(values: Any, rows: Ints | None, size: int) -> Any:
    """Return the values of some rows over all rows of the frame, 0 or false elsewhere."""
    if rows is None:
        return values
    found = np.zeros(size, dtype=np.asarray(values).dtype)
    found[rows] = values
    return found


class _Asked:
    """What each row claims."""

    def __init__(self, frame: Frame) -> None:
        self._fact = frame.fact(CLAIM_TYPES)
        # Whether every row claims one thing, as most do.
        self._alone = (
            self._fact is not None
            and len(self._fact.values.flat) == frame.rows
            and bool((self._fact.values.counts == 1).all())
        )

    def any_of(self, words: frozenset[str]) -> Any:
        """Return the rows that claim one of the words."""
        return self._any(("claims", words), words.__contains__)

    def any_but(self, words: frozenset[str]) -> Any:
        """Return the rows that claim anything else."""
        return self._any(("claims but", words), lambda word: word not in words)

    def _any(self, key: tuple[str, frozenset[str]], judge: Any) -> Any:
        if self._fact is None or not isinstance(self._fact.values.flat, Texts):
            return False
        lists = self._fact.values
        by_word = lists.flat.words.each(key, judge, bool)
        if not by_word.any():
            return False
        if not self._alone:
            return segments.counts_where(by_word[lists.flat.codes], lists.offsets) > 0
        return True if by_word.all() else by_word[lists.flat.codes]
