"""From the typed form of an expression to integer Python.

Promise: the text computes exactly what ``rules.engine.language.closures`` computes, in fixed point; only what is needed is
evaluated, in the same order; where the reference has no value the code raises. Operations of which that cannot be said are
``NotGenerated``.

Method: a node becomes a piece of text, and, where it needs them, lines before it. A branch that needs lines of its own becomes an
``if`` block, so that what an untaken branch reads is never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from rules.engine.generated.arithmetic import apply, one_of
from rules.engine.generated.code import NO, YES, YES_NO, Code, is_numeric, number
from rules.engine.generated.comparing import write_meets
from rules.engine.generated.invocations import invoke
from rules.engine.generated.rounding import write_round
from rules.engine.generated.source import NotGenerated, Source
from rules.engine.language import Type
from rules.engine.language.exact import MAX_INPUT_DIGITS, MAX_INPUT_SCALE, MAX_MONEY_FEN
from rules.engine.language.ir import (
    Apply,
    Both,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Quantifier,
    Read,
    Round,
)
from rules.engine.language.table_index import TableIndex
from rules.engine.node_spans import unscaled
from rules.engine.span import Span, hull

# The reference keeps 96 digits; what stays this far below can never need more.
_MAX_MAGNITUDE = 10**84


class Names(Protocol):
    """What gives generated code the value of a name, and keeps apart what is known on which path."""

    # Indexes of tables made so far, by the table's identity and the scales of its inputs.
    indexes: dict[tuple[int, ...], TableIndex]

    def read(self, node: Read) -> Code:
        """Return a name's value; lines that work it out may come before."""
        ...

    def fork(self) -> object:
        """Return what is known now."""
        ...

    def holding(self, condition: str, state: object) -> None:
        """Say that a condition (a name) holds only where a state was reached."""
        ...

    def grant(self, condition: str) -> None:
        """Go on where a condition holds."""
        ...

    def join(self, *states: object) -> None:
        """Go on with what is known in all of several states; what only some know may be known."""
        ...

    def back(self, state: object) -> None:
        """Return to a state."""
        ...


@dataclass
class Expressions:
    """Writes expressions into one function."""

    source: Source
    names: Names
    element: Code | None = None

    def write(self, node: Node) -> Code:  # noqa: PLR0911, PLR0912 - one branch for each kind of node, in one view
        """Return the code of a node; lines it needs are added to the source."""
        match node:
            case Constant():
                return self.checked(self.constant(node.value, node.type))
            case Read():
                return self._read(self.names.read(node))
            case Element():
                if self.element is None:
                    raise NotGenerated("an element outside of a list")
                return self.element
            case Apply():
                return self.checked(apply(self, node))
            case Round():
                return self.checked(write_round(self, node))
            case Invoke():
                return self.checked(invoke(self, node))
            case Both(left=left, right=right):
                return self._short_circuit(left, right, "and")
            case Either(left=left, right=right):
                return self._short_circuit(left, right, "or")
            case Choose():
                return self._choose(node)
            case Items():
                return self._items(node)
            case Meets():
                return write_meets(self, node.value, node.tests)
            case Quantifier():
                return self._quantified(node)

    def constant(self, value: object, kind: Type) -> Code:
        """Return a value that is known when the code is made: a number as digits, anything else as data."""
        if kind == Type.BOOL:
            return Code(YES if value else NO, kind, Span(0, int(bool(value)), int(bool(value))), atom=True)
        if kind.element is not None and isinstance(value, tuple):
            return self._list_constant(value, kind)
        if is_numeric(kind):
            scale, whole = unscaled(value)
            return Code(number(whole), kind, Span(scale, whole, whole), atom=True)
        span = None if kind == Type.TEXT else Span(0, unscaled(value)[1], unscaled(value)[1])
        return Code(self.source.constant(value), kind, span, atom=True)

    def bound(self, code: Code) -> Code:
        """Return the code as a name that may be written several times."""
        if code.atom:
            return code
        name = self.source.temporary()
        self.source.line(f"{name} = {code.bare}")
        return Code(name, code.type, code.span, atom=True)

    def refuse_unless(self, condition: str) -> None:
        """Add a line that declines the case unless a condition holds."""
        with self.source.block(f"if not ({condition})"):
            self.source.line("raise Declined")

    def whole(self, code: Code) -> Code:
        """Return a number as a count, declining a fraction."""
        span = code.span
        if code.scale == 0 or span is None:
            return code
        code = self.bound(code)
        factor = 10**code.scale
        with self.source.block(f"if {code.text} % {factor}"):
            self.source.line("raise Declined")
        span = Span(0, span.low // factor, -(-span.high // factor))
        return self.bound(Code(f"({code.text} // {factor})", code.type, span))

    def within(self, code: Code, limit: int) -> Code:
        """Return a number, declining what lies beyond a limit either way (counted at scale 0)."""
        span = code.span
        if span is None or -limit <= span.low <= span.high <= limit:
            return code
        code = self.bound(code)
        self.refuse_unless(f"-{limit} <= {code.text} <= {limit}")
        return Code(code.text, code.type, span.within(-limit, limit), atom=True)

    def _list_constant(self, value: tuple[object, ...], kind: Type) -> Code:
        element = kind.element or kind
        if not value:
            return Code("()", kind, Span(0, 0, 0, 0) if is_numeric(kind) else None, atom=True)
        if element == Type.TEXT:
            return Code(self.source.constant(value), kind, None, atom=True)
        each = [Span(scale, whole, whole) for scale, whole in map(unscaled, value)]
        span = hull(each[0], *each[1:])
        span = Span(span.scale, span.low, span.high, len(value))
        if is_numeric(kind):
            value = tuple(one.at(span.scale).low for one in each)
        return Code(self.source.constant(value), kind, span, atom=True)

    def _read(self, code: Code) -> Code:
        """Hold a name's value to what may be read at all."""
        span = code.span
        if span is None or code.type.element is not None:
            return code
        if code.type == Type.MONEY:
            return self.within(code, MAX_MONEY_FEN)
        if code.type in (Type.NUMBER, Type.EXACT_MONEY):
            most = 10 ** (MAX_INPUT_DIGITS + span.scale)
            if span.scale > MAX_INPUT_SCALE:
                self.refuse_unless(f"{code.text} % {10 ** (span.scale - MAX_INPUT_SCALE)} == 0")
            if not -most < span.low <= span.high < most:
                self.refuse_unless(f"-{most} < {code.text} < {most}")
        return code

    def checked(self, code: Code) -> Code:
        """Refuse to generate what may pass the digits that the reference keeps."""
        span = code.span
        if span is not None and max(abs(span.low), abs(span.high)) >= _MAX_MAGNITUDE:
            raise NotGenerated("a number of too many digits")
        return code

    def _short_circuit(self, left: Node, right: Node, word: str) -> Code:
        first = self.write(left)
        decided, neutral = (NO, YES) if word == "and" else (YES, NO)
        if first.text == decided:
            return first
        if first.text == neutral:
            return self.write(right)
        second, lines, after, before = self.aside(lambda: self.write(right))
        if not lines:
            return Code(f"({first.text} {word} {second.text})", Type.BOOL, YES_NO)
        name = self.source.temporary()
        self.source.line(f"{name} = {first.bare}")
        with self.source.block(f"if {name}" if word == "and" else f"if not {name}"):
            self._add(lines)
            self.source.line(f"{name} = {second.bare}")
        self.names.join(before, after)
        if word == "and":
            self.names.holding(name, after)
        return Code(name, Type.BOOL, YES_NO, atom=True)

    def _granted(self, condition: str, node: Node) -> Code:
        self.names.grant(condition)
        return self.write(node)

    def aside(self, write: Callable[[], Code]) -> tuple[Code, list[str], object, object]:
        """Write something into lines of its own, one level deeper; return also what is known after it and before it."""
        before = self.names.fork()
        kept, self.source.lines = self.source.lines, []
        self.source.depth += 1
        try:
            code = write()
            lines = self.source.lines
        finally:
            self.source.lines = kept
            self.source.depth -= 1
        after = self.names.fork()
        self.names.back(before)
        return code, lines, after, before

    def _add(self, lines: list[str]) -> None:
        self.source.lines.extend(lines)

    def _choose(self, node: Choose) -> Code:
        condition = self.write(node.condition)
        if condition.text in (YES, NO):
            return self.write(node.then if condition.text == YES else node.otherwise)
        then, then_lines, after_then, _ = self.aside(partial(self._granted, condition.text, node.then))
        otherwise, other_lines, after_other, _ = self.aside(lambda: self.write(node.otherwise))
        then, otherwise = self.alike(then, otherwise)
        span = hull(then.span, otherwise.span) if then.span is not None and otherwise.span is not None else None
        if not then_lines and not other_lines:
            return Code(f"({then.text} if {condition.text} else {otherwise.text})", node.type, span)
        name = self.source.temporary()
        with self.source.block(f"if {condition.bare}"):
            self._add(then_lines)
            self.source.line(f"{name} = {then.bare}")
        with self.source.block("else"):
            self._add(other_lines)
            self.source.line(f"{name} = {otherwise.bare}")
        self.names.join(after_then, after_other)
        return Code(name, node.type, span, atom=True)

    def alike(self, *codes: Code) -> list[Code]:
        scale = max(code.scale for code in codes)
        return [code.at(scale) for code in codes]

    def _items(self, node: Items) -> Code:
        codes = self.alike(*[self.write(item) for item in node.items])
        text = "".join(f"{code.text}, " for code in codes)
        spans = [code.span for code in codes if code.span is not None]
        span = None
        if spans:
            whole = hull(spans[0], *spans[1:])
            span = Span(whole.scale, whole.low, whole.high, len(codes))
        return Code(f"({text.rstrip()})", node.type, span)

    def any_of(self, writers: list[Callable[[], Code]], word: str) -> Code:
        """Return several conditions joined, each worked out only where those before it leave the answer open."""
        found = [writers[0]()]
        for at, writer in enumerate(writers[1:], start=1):
            second, lines, after, before = self.aside(writer)
            if not lines:
                found.append(second)
                continue
            name = self.source.temporary()
            self.source.line(f"{name} = {_joined(found, word).bare}")
            with self.source.block(f"if {name}" if word == "and" else f"if not {name}"):
                self._add(lines)
                self.names.back(after)
                rest: list[Callable[[], Code]] = [partial(_as_it_is, second), *writers[at + 1 :]]
                code = self.any_of(rest, word)
                self.source.line(f"{name} = {code.bare}")
            self.names.join(before, self.names.fork())
            return Code(name, Type.BOOL, YES_NO, atom=True)
        return _joined(found, word)

    def all_of(self, writers: list[Callable[[], Code]]) -> Code:
        """Return whether several conditions hold, each worked out only where those before it do."""
        return self.any_of(writers, "and")

    def branch(self, node: Node) -> tuple[Code, list[str]]:
        """Write an expression for a branch that is not always taken: its code and the lines it needs, one level deeper."""
        code, lines, after, before = self.aside(lambda: self.write(node))
        self.names.join(before, after)
        return code, lines

    def branches(self, nodes: list[Node]) -> list[tuple[Code, list[str]]]:
        """Write expressions of which only one is evaluated, at one scale."""
        written = [self.aside(partial(self.write, node)) for node in nodes]
        self.names.join(*(after for _, _, after, _ in written))
        codes = self.alike(*(code for code, _, _, _ in written))
        return [(code, lines) for code, (_, lines, _, _) in zip(codes, written, strict=True)]

    def _quantified(self, node: Quantifier) -> Code:
        domain = self.write(node.domain)
        item = self.source.temporary().replace("t", "x")
        kind = node.domain.type.element or node.domain.type
        element = Code(item, kind, one_of(domain.span), atom=True)
        inner = Expressions(self.source, self.names, element)
        condition, lines, after, before = self.aside(lambda: inner.write(node.condition))
        judge = "all" if node.every else "any"
        if not lines:
            return Code(f"{judge}([{condition.text} for {item} in {domain.text}])", Type.BOOL, YES_NO)
        # Where the body works something out, it may have been worked out for an earlier element.
        self.names.join(before, after)
        condition, lines, _, before = self.aside(lambda: inner.write(node.condition))
        name = self.source.temporary()
        self.source.line(f"{name} = {YES if node.every else NO}")
        with self.source.block(f"for {item} in {domain.bare}"):
            self._add(lines)
            with self.source.block(f"if {'not ' if node.every else ''}{condition.text}"):
                self.source.line(f"{name} = {NO if node.every else YES}")
                self.source.line("break")
        self.names.back(before)
        return Code(name, Type.BOOL, YES_NO, atom=True)


def _as_it_is(code: Code) -> Code:
    return code


def _joined(conditions: list[Code], word: str) -> Code:
    if len(conditions) == 1:
        return conditions[0]
    return Code(f"({f' {word} '.join(code.text for code in conditions)})", Type.BOOL, YES_NO)
