"""Who of the beneficiaries takes a death benefit: who outlived the insured, who renounced, and when it falls to the estate.

Promise: the answer is the pack's own facts (weights, orders, entitled), so the shares are split by the pack's rule and explained by
its steps. What the law leaves open is refused, never guessed.

Source: Insurance Law arts 40, 42, 43; Interpretation III arts 9, 12, 15; Civil Code 1127, 1130; notes/domain.md §2, §5 conventions
12 and 20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rules.bilingual import Bilingual
from rules.engine.model import ElementId, Value


class Survival(StrEnum):
    """How a beneficiary stands at the insured's death.

    ``outlived``: takes the share, also where they died later (it is in their own estate then) · ``died_first`` · ``same_event``: died
    in the same event, in an order that nobody can tell · ``renounced`` · ``lost``: the right is lost (art. 43).
    """

    OUTLIVED = "outlived"
    DIED_FIRST = "died_first"
    SAME_EVENT = "same_event"
    RENOUNCED = "renounced"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """A beneficiary as the policy names them. ``order`` and ``weight`` are None where the policy gives none."""

    name: str
    survival: Survival = Survival.OUTLIVED
    order: int | None = None
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Division:
    """Who takes: persons with weight, order and entitlement, in one order. ``estate``: the heirs take, in equal parts."""

    names: tuple[str, ...]
    weights: tuple[Decimal, ...]
    orders: tuple[Decimal, ...]
    entitled: tuple[bool, ...]
    estate: bool
    why: tuple[Bilingual, ...]

    def facts(self) -> Mapping[ElementId, Value]:
        """Return the facts that the pack's share rule reads."""
        return {
            ElementId("beneficiary_weights"): self.weights,
            ElementId("beneficiary_orders"): self.orders,
            ElementId("beneficiary_entitled"): self.entitled,
        }


def survival_of(insured_died: date, died: date | None, *, same_event: bool, order_known: bool = False) -> Survival:
    """Return how a beneficiary stands by the dates of death.

    Args:
        died: None while they live.
        same_event: both died in one event.
        order_known: of one event it is proven who died first; then the dates must differ or tell it.

    Raises:
        ValueError: both died on one day, not in one event: the law presumes nothing.
    """
    if died is None:
        return Survival.OUTLIVED
    if same_event and not order_known:
        return Survival.SAME_EVENT
    if died == insured_died:
        raise ValueError("both died on one day and the order is not known")
    return Survival.DIED_FIRST if died < insured_died else Survival.OUTLIVED


def division(beneficiaries: Sequence[Beneficiary], heirs: Sequence[str]) -> Division:
    """Return who takes a death benefit.

    Args:
        beneficiaries: as the policy names them, in its order; none: the benefit is estate.
        heirs: the heirs of the first order that has one, living and willing; they take where no beneficiary does.

    Raises:
        ValueError: some have an order or a share and others of the same standing have none; it falls to the estate and no heir is known.
    """
    entitled = tuple(each.survival is Survival.OUTLIVED for each in beneficiaries)
    why = tuple(_WHY[each.survival].of(each.name) for each in beneficiaries if each.survival is not Survival.OUTLIVED)
    if any(entitled):
        return Division(
            names=tuple(each.name for each in beneficiaries),
            weights=_weights(beneficiaries),
            orders=_orders(beneficiaries),
            entitled=entitled,
            estate=False,
            why=why,
        )
    if not heirs:
        raise ValueError("the benefit falls to the estate and no heir is known")
    one = Decimal(1)
    return Division(
        names=tuple(heirs),
        weights=(one,) * len(heirs),
        orders=(one,) * len(heirs),
        entitled=(True,) * len(heirs),
        estate=True,
        why=(*why, _ESTATE if beneficiaries else _NOBODY_NAMED),
    )


def _orders(beneficiaries: Sequence[Beneficiary]) -> tuple[Decimal, ...]:
    given = [each.order for each in beneficiaries]
    if all(order is None for order in given):
        return (Decimal(1),) * len(given)
    if None in given:
        raise ValueError("some beneficiaries have an order and others none")
    return tuple(Decimal(order) for order in given if order is not None)


def _weights(beneficiaries: Sequence[Beneficiary]) -> tuple[Decimal, ...]:
    """Return the shares; those of an order that gives none are equal (art. 40)."""
    for order in {each.order for each in beneficiaries}:
        if len({each.weight is None for each in beneficiaries if each.order == order}) > 1:
            raise ValueError("some beneficiaries of one order have a share and others none")
    return tuple(Decimal(1) if each.weight is None else each.weight for each in beneficiaries)


@dataclass(frozen=True, slots=True)
class _Why:
    zh: str
    en: str

    def of(self, name: str) -> Bilingual:
        return Bilingual(self.zh.format(name), self.en.format(name))


_WHY = {
    Survival.DIED_FIRST: _Why("{}先于被保险人去世", "{} died before the insured"),
    Survival.SAME_EVENT: _Why(
        "{}与被保险人在同一事件中去世，先后不明，依法推定其去世在先",
        "{} died in the same event in an order nobody can tell; the law presumes that the beneficiary died first",
    ),
    Survival.RENOUNCED: _Why("{}放弃受益权", "{} renounced"),
    Survival.LOST: _Why("{}丧失受益权", "{} lost the right to benefit"),
}
_ESTATE = Bilingual(
    "没有其他受益人，保险金作为遗产由继承人均分",
    "no beneficiary is left: the benefit is estate, heirs take equal parts",
)
_NOBODY_NAMED = Bilingual(
    "没有指定受益人，保险金作为遗产由继承人均分",
    "no beneficiary is named: the benefit is estate, heirs take equal parts",
)
