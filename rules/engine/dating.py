"""Dated parameters and rule versions: which value, which version holds, by the date behind a date basis.

Promise: dates are settled when the pack is loaded. A rule's typed form reads names that carry a basis, and nothing else about
dates reaches a back end:

- ``deductible@accident``: the dated parameter ``deductible`` as it stands on the accident's date;
- ``date@accident``: that date itself, compared with the first days of a rule's versions;
- ``minor_cap@2016-01-01``: a table version of rule ``minor_cap``, a rule of its own that only ``minor_cap`` reads;
- ``minor_cap@death``: ``minor_cap`` before its first version; reading it is always a ``Failure``.

The basis ``liability`` stands for the date basis of the liability that is worked out. A date before the first value or version is
``NotInForce``, never a guess.

Source: notes/rules.md §4 ("Parameters are dated", "Each rule names its date basis"), ADR 0110.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rules.engine.document import DateBasis
from rules.engine.language import Expression, Failure, FailureCode, Place, Type
from rules.engine.language.closures import build
from rules.engine.language.ir import Apply, Choose, Constant, Node, Operation, Read
from rules.engine.model import PackError, Value

AT = "@"
# The stem of the names that give a date itself; no part of a pack may have it as its id.
DATE = "date"
MAX_DATED = 200
# Each version is a level of the typed form (language limit: 64).
MAX_VERSIONS = 32


@dataclass(frozen=True, slots=True)
class Timeline:
    """A parameter's values over time: ``values[i]`` holds from ``starts[i]`` on, until the next start. Starts rise."""

    starts: tuple[date, ...]
    values: tuple[Value, ...]

    @property
    def first(self) -> date:
        """The first day that has a value."""
        return self.starts[0]

    def at(self, on: date) -> Value | None:
        """Return the value on a day, None before the first."""
        index = bisect_right(self.starts, on) - 1
        return None if index < 0 else self.values[index]


# What a plan gives for a parameter: one value, or values over time.
Given = Value | Timeline


@dataclass(frozen=True, slots=True)
class Version:
    """A rule's version ready to be chained: its first day, its typed form, the names that this reads."""

    start: date
    node: Node
    reads: frozenset[str]


class NotInForce(Failure):
    """No value or version of ``what`` (a parameter's or rule's id) holds on date ``on``, the value of ``element``."""

    def __init__(self, what: str, element: str, on: date, first: date) -> None:
        place = Place(line=1, column=1, text=what)
        super().__init__(FailureCode.NOT_IN_FORCE, place, f"{what}: {element} = {on} < {first}")
        self.what = what
        self.element = element
        self.on = on
        self.first = first


def dated_name(stem: str, basis: DateBasis) -> str:
    """Return the name that reads ``stem`` (a parameter's or rule's id, or ``DATE``) by a basis."""
    return f"{stem}{AT}{basis.value}"


def version_name(rule: str, valid_from: date) -> str:
    """Return the id of the rule that is one table version of a rule."""
    return f"{rule}{AT}{valid_from.isoformat()}"


def written_name(name: str) -> str:
    """Return the id in the document that a name stands for: ``minor_cap@2016-01-01`` is ``minor_cap``'s."""
    return name.partition(AT)[0]


def check_rising(part: str, name: str, starts: Sequence[date], most: int) -> None:
    """Hold first days to their order, each once, and to a number of them. Raises PackError."""
    if not 1 <= len(starts) <= most:
        raise PackError("too_large", part=part, name=name, most=str(most), found=str(len(starts)))
    for before, after in pairwise(starts):
        if before >= after:
            detail = f"{before} before {after}: each date once, rising"
            raise PackError("bad_dates", part=part, name=name, detail=detail)


def version_chain(rule: str, kind: Type, basis: DateBasis, versions: Sequence[Version]) -> Expression:
    """Return the body of a rule with versions: the last one whose first day is reached. ``versions`` rise by date."""
    place = Place(line=1, column=1, text=rule)
    on = Read(Type.DATE, dated_name(DATE, basis), place)
    before_all = Read(kind, dated_name(rule, basis), place)
    node: Node = before_all
    reads = {on.name, before_all.name}
    for version in versions:
        begun = Apply(Type.BOOL, Operation.GREATER_OR_EQUAL, (on, Constant(Type.DATE, version.start)), place)
        node = Choose(kind, begun, version.node, node)
        reads |= version.reads
    starts = ", ".join(str(version.start) for version in versions)
    return Expression(text=f"{rule} from {starts}", type=kind, reads=frozenset(reads), node=node, _run=build(node))
