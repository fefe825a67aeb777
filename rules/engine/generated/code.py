"""A piece of generated Python: its text, and what the value it stands for is.

Promise: ``scale`` is what a numeric value is counted at (``n / 10**scale``, of a list: each element); ``span`` holds the integer.
The text has no effect when evaluated, so it may stand anywhere once the lines before it have run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.engine.language import Type
from rules.engine.language.value_types import Kind
from rules.engine.span import Span

YES, NO = "True", "False"
YES_NO = Span(0, 0, 1)
_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.EXACT_MONEY, Kind.DAYS, Kind.MONTHS})


def is_numeric(kind: Type) -> bool:
    """Say whether values of a type (of a list: its elements) are integers in generated code."""
    return (kind.element or kind).kind in _NUMERIC


@dataclass(frozen=True, slots=True)
class Code:
    """``text`` evaluates to a value of ``type``. ``atom``: a name or literal, free to be written twice."""

    text: str
    type: Type
    span: Span | None = None
    atom: bool = False

    @property
    def scale(self) -> int:
        """Decimals that the integer counts; 0 for what is no number."""
        return self.span.scale if self.span is not None and is_numeric(self.type) else 0

    @property
    def literal(self) -> int | None:
        """The integer where the text is one."""
        digits = self.text[1:-1] if self.text.startswith("(-") else self.text
        return int(digits) if self.atom and digits.lstrip("-").isdigit() and is_numeric(self.type) else None

    def at(self, scale: int) -> Code:
        """Return the same value counted at a larger scale."""
        if scale == self.scale or self.span is None or not is_numeric(self.type):
            return self
        factor = 10 ** (scale - self.scale)
        span = self.span.at(scale)
        if self.type.element is not None:
            return replace(self, text=f"tuple([each * {factor} for each in {self.text}])", span=span, atom=False)
        if self.literal is not None:
            return replace(self, text=number(self.literal * factor), span=span)
        return replace(self, text=f"({self.text} * {factor})", span=span, atom=False)

    @property
    def bare(self) -> str:
        """The text without the brackets around all of it."""
        text = self.text
        if not (text.startswith("(") and text.endswith(")")):
            return text
        depth = 0
        for at, sign in enumerate(text):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and at < len(text) - 1:
                return text
        return text if "," in text and text.endswith(",)") else text[1:-1]


def number(value: int) -> str:
    """Return an integer as it stands in source."""
    return str(value) if value >= 0 else f"({value})"


def both_at_one_scale(left: Code, right: Code) -> tuple[Code, Code]:
    """Return both counted at the larger scale."""
    scale = max(left.scale, right.scale)
    return left.at(scale), right.at(scale)
