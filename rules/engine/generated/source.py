"""Python source put together line by line, and the data it reads.

Promise: a line consists of our own templates, numbers and names that we invent (``e7`` an element, ``r3`` a rule, ``t12`` an
intermediate value, ``K5`` a constant). Nothing that a pack says is ever pasted in: texts, dates, tables and lists are data, held
beside the source under an invented name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import wrap

MAX_LINES = 20_000
_WIDTH = 110
_UNPACKED = " = values"
_INDENT = "    "


class Declined(Exception):  # noqa: N818 - an outcome, not an error: the reference words what is off
    """Generated code does not decide this case: a fact is missing or out of bounds, a step has no value."""


class NotGenerated(Exception):  # noqa: N818 - an outcome, not an error: the reference decides every case of this part
    """There is no generated code for this part of a pack (too long, or numbers beyond what the reference keeps exactly)."""


@dataclass
class Source:
    """Lines of one function and the constants they read. ``data`` may be shared by several functions."""

    data: dict[str, object] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    depth: int = 1
    _names: dict[int, str] = field(default_factory=dict)
    _count: int = 0

    def line(self, text: str) -> None:
        """Add a line at the current depth."""
        if len(self.lines) >= MAX_LINES:
            raise NotGenerated(f"more than {MAX_LINES} lines")
        self.lines.append(_INDENT * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add ``head:`` and indent what follows."""
        self.line(f"{head}:")
        self.depth += 1
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.line("pass")
        self.depth -= 1

    def temporary(self) -> str:
        """Return a new name for an intermediate value."""
        self._count += 1
        return f"t{self._count}"

    def constant(self, value: object) -> str:
        """Return the name under which the source reads a value."""
        known = self._names.get(id(value))
        if known is None:
            known = f"K{len(self.data)}"
            self.data[known] = value
            # The value is held by ``data``, so its id stays its own.
            self._names[id(value)] = known
        return known


def function(head: str, lines: list[str]) -> str:
    """Return the text of a function. Long tuples go over several lines."""
    return "\n".join([f"def {head}:", *(_folded(line) for line in lines or [f"{_INDENT}pass"]), ""])


def _folded(line: str) -> str:
    bare = line.lstrip()
    if len(line) <= _WIDTH or not bare.startswith(("return", "(")):
        return line
    indent = " " * (len(line) - len(bare))
    # A line breaks inside brackets only.
    bare, equals = (bare[: -len(_UNPACKED)], _UNPACKED) if bare.endswith(_UNPACKED) else (bare, "")
    folded = wrap(bare, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return f"\n{indent}{_INDENT}".join([indent + folded[0], *folded[1:]]) + equals


def compiled(text: str, name: str, data: dict[str, object]) -> object:
    """Compile source made here and return the function ``name``; it sees ``data`` and a few builtins, nothing else.

    Raises NotGenerated where Python's compiler gives up on nesting.
    """
    space: dict[str, object] = {**data, "__builtins__": _BUILTINS}
    try:
        code = compile(text, f"<generated {name}>", "exec")
    except (SyntaxError, RecursionError, MemoryError) as problem:
        raise NotGenerated("nested too deeply for Python's compiler") from problem
    exec(code, space)  # noqa: S102 - the text holds only our templates and numbers
    return space[name]


_BUILTINS = {
    each.__name__: each
    for each in (abs, all, any, int, len, map, max, min, str, tuple, type, bool, sum, KeyError, range)
}
