"""Expressions of the language grown by chance from a seed, and rows of values for the names that they read.

Promise: the same seed gives the same expression and rows. Every operation and function of the language can come out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from rules.engine.language import Type

NAMES: dict[str, Type] = {
    "m": Type.MONEY,
    "k": Type.MONEY,
    "x": Type.EXACT_MONEY,
    "r": Type.NUMBER,
    "n": Type.NUMBER,
    "d": Type.DATE,
    "e": Type.DATE,
    "p": Type.BOOL,
    "q": Type.BOOL,
    "s": Type.TEXT,
    "t": Type.TEXT,
    "ms": Type.list_of(Type.MONEY),
    "ns": Type.list_of(Type.NUMBER),
    "gs": Type.list_of(Type.NUMBER),
    "ss": Type.list_of(Type.TEXT),
    "ps": Type.list_of(Type.BOOL),
    "ds": Type.list_of(Type.DATE),
}
MONEY_BOUNDS = (-(10**9), 10**9)
NUMBER_SCALE = 3
NUMBER_BOUNDS = (Decimal(-50), Decimal(50))
DATE_BOUNDS = (date(1990, 1, 1), date(2030, 12, 31))
WORDS = ("", "A", "B", "C50.9", "住院", "ab", "b")
MOST_ITEMS = 4
_ROUNDINGS = (
    "round up",
    "round down",
    "round half up",
    "round half down",
    "round half even",
    "floor",
    "ceiling",
    "decimal",
)
_COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")


def value_of(name: str, random: Random) -> Any:
    """Return a value for a name, often one at an edge."""
    kind = NAMES[name]
    if kind.element is not None:
        count = random.choice((0, 1, 2, MOST_ITEMS, random.randint(0, MOST_ITEMS)))
        return tuple(_scalar(kind.element, random, grades=name == "gs") for _ in range(count))
    return _scalar(kind, random)


def _scalar(kind: Type, random: Random, *, grades: bool = False) -> Any:  # noqa: PLR0911 - one return a type
    match kind:
        case Type.MONEY:
            return random.choice(
                (0, 1, -1, 50, *MONEY_BOUNDS, random.randint(-10_000, 10_000), random.randint(*MONEY_BOUNDS))
            )
        case Type.EXACT_MONEY:
            return Decimal(random.randint(-(10**6), 10**6)).scaleb(-random.randint(0, NUMBER_SCALE))
        case Type.NUMBER if grades:
            return Decimal(random.randint(0, 11)) if random.random() < 0.95 else Decimal("2.5")
        case Type.NUMBER:
            step = Decimal(random.randint(-50_000, 50_000)).scaleb(-NUMBER_SCALE)
            return random.choice((Decimal(0), Decimal(1), Decimal("-0.5"), Decimal(random.randint(-50, 50)), step))
        case Type.DATE:
            low, high = DATE_BOUNDS
            ends = (date(2024, 2, 29), date(2023, 1, 31), low, high)
            return random.choice((*ends, low + timedelta(days=random.randint(0, (high - low).days))))
        case Type.BOOL:
            return random.random() < 0.5
        case _:
            return random.choice(WORDS)


class Grower:
    """Grows expressions of a wanted type; ``depth`` bounds how far down."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def any(self, depth: int = 4) -> str:
        """Return an expression of any type that a rule can have."""
        return self._random.choice((self.money, self.number, self.truth, self.day, self.text, self.exact))(depth)

    def _one(self, depth: int, leaves: tuple[str, ...], branches: tuple[Callable[[int], str], ...]) -> str:
        if depth <= 0 or self._random.random() < 0.15:
            return self._random.choice(leaves)
        return self._random.choice(branches)(depth - 1)

    def _if(self, grow: Callable[[int], str]) -> Callable[[int], str]:
        return lambda depth: f"(if {self.truth(depth)} then {grow(depth)} else {grow(depth)})"

    def _rounding(self, scales: range) -> Callable[[str], str]:
        name, scale = self._random.choice(_ROUNDINGS), self._random.choice(scales)
        return lambda inner: f"{name}({inner}, {scale})"

    def money(self, depth: int) -> str:
        def rounded(below: int) -> str:
            inner = self._random.choice((self.exact, self.money_quotient))(below)
            return self._rounding(range(-1, 3))(inner)

        return self._one(
            depth,
            ("m", "k", "0.00 yuan", "12.34 yuan", "-5 yuan"),
            (
                rounded,
                rounded,
                lambda below: f"({self.money(below)} {self._random.choice('+-')} {self.money(below)})",
                lambda below: f"{self._random.choice(('min', 'max'))}({self.money(below)}, {self.money(below)})",
                lambda _: f"{self._random.choice(('sum', 'min', 'max'))}(ms)",
                lambda below: f"sum({self.money(below)}, {self.money(below)}, 1 yuan)",
                lambda below: f"abs({self.money(below)})",
                lambda _: f"-{self._random.choice(('m', 'k'))}",
                lambda below: f"sum where(ms, ss, {self.text(below)})",
                self._if(self.money),
            ),
        )

    def exact(self, depth: int) -> str:
        return self._one(
            depth,
            ("x", "m * r", "k * 0.8"),
            (
                lambda below: f"({self.money(below)} * {self.number(below - 1)})",
                lambda below: f"({self.exact(below)} {self._random.choice('+-')} {self.money(below)})",
                lambda below: f"({self.money(below)} / {self._random.choice(('2', '0.8', '-4', '100'))})",
                lambda below: f"max({self.exact(below)}, {self.money(below)})",
                lambda below: f"marginal tiers({self.exact(below)}, [100 yuan, 2000.5 yuan], [0.5, 0.65, 0.9])",
                self._if(self.exact),
            ),
        )

    def money_quotient(self, depth: int) -> str:
        return f"{self.money(depth)} / {self.number(depth - 2)}"

    def quotient(self, depth: int) -> str:
        return self._random.choice(
            (
                lambda: f"{self.number(depth)} / {self.number(depth - 1)}",
                lambda: f"{self.money(depth)} / {self.money(depth - 1)}",
                lambda: f"({self.day(depth)} - {self.day(depth)}) / ({self.day(depth)} - d)",
            )
        )()

    def number(self, depth: int) -> str:
        return self._one(
            depth,
            ("r", "n", "0", "1", "0.125", "-2.5"),
            (
                lambda below: f"({self.number(below)} {self._random.choice('+-')} {self.number(below)})",
                lambda below: f"({self.number(below)} * {self._random.choice(('n', 'r', '3'))})",
                lambda below: f"({self.number(below)} / {self._random.choice(('8', '-0.4'))})",
                lambda below: self._rounding(range(-2, 5))(self.number(below)),
                lambda below: self._rounding(range(-1, 5))(self.quotient(below)),
                lambda below: (
                    f"{self._random.choice(('min', 'max', 'sum'))}({self._random.choice(('ns', f'{self.number(below)}, 2'))})"
                ),
                lambda _: f"count({self._random.choice(('ms', 'ss', 'ps'))})",
                lambda below: f"abs({self.number(below)})",
                lambda below: f"string length({self.text(below)})",
                lambda _: (
                    f"{self._random.choice(('d', 'e'))}.{self._random.choice(('year', 'month', 'day', 'weekday'))}"
                ),
                lambda below: f"({self.day(below)} - {self.day(below)}).days",
                lambda below: (
                    f"years and months duration({self.day(below)}, {self.day(below)}).{self._random.choice(('years', 'months'))}"
                ),
                lambda _: "combined grade(gs)",
                lambda _: "ratio by grade(combined grade(gs), [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])",
                lambda below: f"ratio by grade({self.number(below)}, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])",
                lambda below: f"age at({self.day(below)}, {self.day(below)})",
                lambda below: f"day count({self.day(below)}, {self.day(below)})",
                lambda _: "sum(entitled weights(ns, gs, ps))",
                lambda _: "max(entitled weights(ns, gs, ps))",
                self._if(self.number),
            ),
        )

    def day(self, depth: int) -> str:
        amount = self._random.choice(("n", "r", "1", "-40"))
        return self._one(
            depth,
            ("d", "e", '@"2024-02-29"'),
            (
                lambda below: (
                    f'({self.day(below)} + duration("{self._random.choice(("P30D", "P1M", "-P1Y1M", "-P400D"))}"))'
                ),
                lambda below: f'({self.day(below)} - {amount} * duration("{self._random.choice(("P1D", "P1M"))}"))',
                lambda below: (
                    f"{self._random.choice(('add days', 'add months', 'add years', 'last waiting day'))}({self.day(below)}, {amount})"
                ),
                lambda _: (
                    f"date({self._random.choice(('2023', 'n + 2000'))}, {self._random.choice(('2', 'n'))}, {self._random.choice(('29', 'n', '31'))})"
                ),
                lambda _: f"{self._random.choice(('min', 'max'))}(ds)",
                self._if(self.day),
            ),
        )

    def text(self, depth: int) -> str:
        return self._one(
            depth,
            ("s", "t", '"A"', '"b"', '""'),
            (lambda below: f"({self.text(below)} + {self.text(below)})", self._if(self.text)),
        )

    def truth(self, depth: int) -> str:
        compared = self._random.choice((self.money, self.number, self.day, self.text, self.exact, self.quotient))
        return self._one(
            depth,
            ("p", "q", "true"),
            (
                lambda below: f"({compared(below)} {self._random.choice(_COMPARISONS)} {compared(below)})",
                lambda below: f"({compared(below)} {self._random.choice(_COMPARISONS)} {compared(below)})",
                lambda below: f"({self.truth(below)} {self._random.choice(('and', 'or'))} {self.truth(below)})",
                lambda below: f"({self.truth(below)} {self._random.choice(('and', 'or'))} {self.truth(below)})",
                lambda below: f"not({self.truth(below)})",
                lambda below: f"({self.money(below)} between {self.money(below)} and {self.money(below)})",
                lambda below: f"({self.number(below)} in (< -1, [0..n), 2.5, > {self.number(below - 1)}))",
                lambda below: f'({self.text(below)} in ("A", "住院", {self.text(below - 1)}))',
                lambda below: f'({self.text(below)} in ["A".."C"))',
                lambda below: f"({self.text(below)} in ss)",
                lambda _: f"list contains({self._random.choice(('ns, r', 'ss, t', 'ms, m', 'ds, d'))})",
                lambda below: f"({self.money(below)} in ms)",
                lambda below: f"({self.day(below)} in [d..e])",
                lambda below: f"(some i in ms satisfies i > {self.money(below)} or {self.truth(below)})",
                lambda below: f"(every i in ns satisfies {self.number(below)} / i < r)",
                lambda below: f"(some w in ss satisfies starts with(w, {self.text(below)}))",
                lambda _: f"{self._random.choice(('all', 'any'))}(ps)",
                lambda below: f"all([{self.truth(below)}, {self.truth(below)}])",
                lambda below: (
                    f"{self._random.choice(('contains', 'starts with', 'ends with'))}({self.text(below)}, {self.text(below)})"
                ),
                lambda _: "sum(largest remainder(m, ns)) = m",
                lambda _: "min(largest remainder(m, gs)) < 3 yuan",
                self._if(self.truth),
            ),
        )
