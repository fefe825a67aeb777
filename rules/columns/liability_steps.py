"""One liability of a plan made ready for columns: its rules as pieces, in order, with the span of the running sum between them.

Promise: prepared once a plan; nothing here depends on a batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.columns.codes import RuleCodes
from rules.columns.names import Names
from rules.columns.piece import Piece, at_scale
from rules.engine import span as spans
from rules.engine.document import RuleKind
from rules.engine.language import Type
from rules.engine.language.exact import MAX_MONEY_FEN
from rules.engine.pack import AMOUNT, BEFORE, PAID, Draw, Liability, Pack, Rule
from rules.engine.span import Span


@dataclass(frozen=True, slots=True)
class Step:
    """A rule of the pipeline ready to run. ``scale`` is that of the running sum after the step, ``before_scale`` before it."""

    kind: RuleKind
    code: int
    piece: Piece
    waiver: tuple[Piece, ...]
    waiver_codes: tuple[str, ...]
    override: Piece | None
    shows: Piece | None
    remainder: str | None
    before_scale: int
    scale: int


@dataclass(frozen=True, slots=True)
class DrawStep:
    """A draw ready to run."""

    pool: str
    when: Piece | None
    amount: Piece
    used: Piece
    limit: Piece | None


@dataclass(frozen=True, slots=True)
class LiabilityColumns:
    """A liability ready to run for any number of frames.

    ``code`` tells a failure inside no rule, ``validity`` a date outside ``first`` to ``last``. ``paid`` is where the benefit lies,
    ``most_drawn`` the most it can take from each pool; ``key`` are the parts of the loss key, in the order in which they are read.
    """

    id: str
    claimed: frozenset[str]
    code: int
    validity: int
    first: int
    last: int | None
    concerns: tuple[Piece, ...]
    basis: Piece
    steps: tuple[Step, ...]
    paid: Span
    draws: tuple[DrawStep, ...]
    most_drawn: dict[str, int]
    shares: Piece | None
    key: tuple[Piece, ...]


def prepared_liability(pack: Pack, liability: Liability, names: Names, codes: RuleCodes) -> LiabilityColumns:
    """Return a liability ready to run. Raises PackError: a number that cannot be held exactly."""
    spec = liability.spec
    amount = Span(0, 0, 0)
    steps = []
    for rule in liability.steps:
        step, amount = _step(rule, amount, names, codes)
        steps.append(step)
    reached = amount.within(0, MAX_MONEY_FEN)
    paid = Span(0, 0, -(-reached.high // 10**reached.scale))
    benefit = Piece(lambda frame: frame.known[PAID], Type.MONEY, paid)
    draws = tuple(_draw(draw, benefit, names) for draw in liability.draws)
    most_drawn: dict[str, int] = {}
    for draw in draws:
        taken = draw.amount.number
        most_drawn[draw.pool] = most_drawn.get(draw.pool, 0) + max(0, -(-taken.high // 10**taken.scale))
    return LiabilityColumns(
        id=spec.id,
        claimed=frozenset(spec.claimed),
        code=codes.of(spec.id),
        validity=codes.of("engine:validity"),
        first=pack.valid_from.toordinal(),
        last=None if pack.valid_to is None else pack.valid_to.toordinal(),
        concerns=tuple(names.read(rule.spec.id) for rule in liability.concerns),
        basis=names.read(spec.date_basis),
        steps=tuple(steps),
        paid=paid,
        draws=draws,
        most_drawn=most_drawn,
        shares=None if spec.shares is None else names.read(spec.shares),
        key=tuple(names.read(name) for name in sorted(liability.loss_key.names)),
    )


def _step(rule: Rule, before: Span, names: Names, codes: RuleCodes) -> tuple[Step, Span]:
    """Return a rule ready to run, and where the running sum lies after it."""
    spec, after = rule.spec, before
    if spec.kind in (RuleKind.AMOUNT, RuleKind.ROUND):
        current = Piece(lambda frame: frame.known[AMOUNT], Type.EXACT_MONEY, before)
        piece = names.body(rule, **{AMOUNT: current, BEFORE: current})
        after = _after(piece.number, before, waived=rule.waiver is not None)
        piece = at_scale(piece, after.scale)
    else:
        piece = names.read(spec.id)
    step = Step(
        kind=spec.kind,
        code=codes.of(spec.id),
        piece=piece,
        waiver=tuple(names.read(name) for name in rule.waiver.elements) if rule.waiver else (),
        waiver_codes=rule.waiver.codes if rule.waiver else (),
        override=names.read(rule.override.element) if rule.override else None,
        shows=names.read(rule.shows) if rule.shows else None,
        remainder=spec.remainder,
        before_scale=before.scale,
        scale=after.scale,
    )
    return step, after


def _after(reached: Span, before: Span, *, waived: bool) -> Span:
    """Return where the running sum lies after a step: never below 0; the sum before it where a waiver may lift the step."""
    kept = Span(reached.scale, max(0, reached.low), max(0, reached.high))
    return spans.hull(kept, before) if waived else kept


def _draw(draw: Draw, paid: Piece, names: Names) -> DrawStep:
    pool = draw.pool.spec.id
    return DrawStep(
        pool=pool,
        when=None if draw.when is None else names.node(draw.when.node, **{PAID: paid}),
        amount=names.node(draw.amount.node, **{PAID: paid}),
        used=names.read(f"{pool}_used"),
        limit=None if draw.pool.limit is None else names.read(f"{pool}_limit"),
    )
