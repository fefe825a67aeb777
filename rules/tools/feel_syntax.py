"""The syntax tree of the FEEL mode: what outside data may write, which is more than a pack may.

Source: DMN 1.5 §10.3.1.2, grammar rules 1 to 66.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Deep enough for any decision a person writes, shallow enough for the stack.
MAX_DEPTH = 48


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, boolean, null, or at-literal."""

    value: Any


@dataclass(frozen=True, slots=True)
class Read:
    """A name."""

    name: str


@dataclass(frozen=True, slots=True)
class Minus:
    """Unary minus."""

    operand: Tree


@dataclass(frozen=True, slots=True)
class Operation:
    """An arithmetic operator, a comparison, ``and`` or ``or``."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Between:
    """``x between a and b``."""

    value: Tree
    low: Tree
    high: Tree


@dataclass(frozen=True, slots=True)
class In:
    """``x in tests``."""

    value: Tree
    tests: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """``[a..b)``."""

    low: Tree
    high: Tree
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """``< 10``, a test without its left side."""

    operator: str
    operand: Tree


@dataclass(frozen=True, slots=True)
class If:
    """``if c then a else b``."""

    condition: Tree
    then: Tree
    otherwise: Tree


@dataclass(frozen=True, slots=True)
class Iterator:
    """``x in domain``; with ``end`` the whole numbers or days from ``domain`` to ``end``."""

    name: str
    domain: Tree
    end: Tree | None


@dataclass(frozen=True, slots=True)
class For:
    """``for ... return``."""

    iterators: tuple[Iterator, ...]
    body: Tree


@dataclass(frozen=True, slots=True)
class Quantified:
    """``some`` or ``every ... satisfies``."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Tree


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """``{a: 1, b: a + 1}``: later entries see earlier ones."""

    entries: tuple[tuple[str, Tree], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """``a.b``."""

    operand: Tree
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """``list[1]`` or ``list[item > 1]``."""

    operand: Tree
    condition: Tree


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call; ``names`` is empty for a call by position."""

    function: Tree
    arguments: tuple[Tree, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """``function(x, y) body``."""

    parameters: tuple[str, ...]
    body: Tree


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """``x instance of type``; ``arguments`` are the types in angle brackets."""

    operand: Tree
    type: TypeName


@dataclass(frozen=True, slots=True)
class TypeName:
    """``number``, ``list<string>``, ``context<a: number>``."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    fields: tuple[tuple[str, TypeName], ...] = ()


Tree = (
    Constant
    | Read
    | Minus
    | Operation
    | Between
    | In
    | Interval
    | Comparison
    | If
    | For
    | Quantified
    | Items
    | Entries
    | Path
    | Filter
    | Invocation
    | Definition
    | InstanceOf
)
