"""What goes wrong in the rule language: when an expression is built, and when it is evaluated.

Promise: each error names its place in the text (line, column, the piece of text) and what was expected or found.
A built expression never gives null and never a silent zero: it gives a value or raises ``Failure`` (notes/rules.md §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rules.engine.model import Bilingual, RulesError

SNIPPET_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an expression's text: line and column count from 1, ``text`` is the piece meant."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text!r}"


def place_of(source: str, start: int, end: int) -> Place:
    """Return the place of ``source[start:end]``; a long piece is shown by its beginning."""
    before = source[:start]
    text = source[start:end].strip()
    shown = text if len(text) <= SNIPPET_LENGTH else text[: SNIPPET_LENGTH - 1] + "…"
    return Place(line=before.count("\n") + 1, column=start - (before.rfind("\n") + 1) + 1, text=shown)


class LanguageError(RulesError):
    """The text is no expression of the language, or its types do not fit. Raised when a pack is built or loaded.

    ``values`` holds ``line``, ``column``, ``text`` (the piece meant) and ``expected``. Codes: ``too_long``, ``too_deep``,
    ``bad_character``, ``bad_literal``, ``unexpected``, ``unknown_name``, ``unknown_function``, ``bad_name``, ``wrong_type``,
    ``wrong_arguments``, ``unrounded_division``, ``not_allowed``, ``bad_table``, ``gap``, ``overlap``.
    """

    def __init__(self, code: str, place: Place, expected: str, **values: str) -> None:
        super().__init__(
            code, line=str(place.line), column=str(place.column), text=place.text, expected=expected, **values
        )
        self.place = place
        self.expected = expected


class FailureCode(StrEnum):
    """Why an evaluation has no value. Stable: it stands in a referral's reason."""

    MISSING = "missing"
    NULL = "null"
    WRONG_TYPE = "wrong_type"
    DIVISION_BY_ZERO = "division_by_zero"
    OUT_OF_RANGE = "out_of_range"
    EMPTY_LIST = "empty_list"
    NO_HIT = "no_hit"
    SEVERAL_HITS = "several_hits"
    DIFFERENT_HITS = "different_hits"
    NOT_IN_FORCE = "not_in_force"


_SENTENCES: dict[FailureCode, tuple[str, str]] = {
    FailureCode.MISSING: ("缺少“{0}”，无法计算", '"{0}" is missing, so this cannot be worked out'),
    FailureCode.NULL: ("“{0}”为空，无法计算", '"{0}" is empty, so this cannot be worked out'),
    FailureCode.WRONG_TYPE: ("数据类型不对：{0}", "a value has the wrong type: {0}"),
    FailureCode.DIVISION_BY_ZERO: ("除数为零：{0}", "division by zero: {0}"),
    FailureCode.OUT_OF_RANGE: ("数值超出范围：{0}", "a value is out of range: {0}"),
    FailureCode.EMPTY_LIST: ("清单为空，无法计算：{0}", "the list is empty: {0}"),
    FailureCode.NO_HIT: ("规则表中没有适用的行：{0}", "no row of the table applies: {0}"),
    FailureCode.SEVERAL_HITS: ("规则表中有多行同时适用：{0}", "several rows of the table apply: {0}"),
    FailureCode.DIFFERENT_HITS: ("规则表中适用的各行结果不一致：{0}", "rows of the table disagree: {0}"),
    FailureCode.NOT_IN_FORCE: ("当日尚无适用的规定：{0}", "nothing is in force yet on that date: {0}"),
}


class Failure(RulesError):  # noqa: N818 - an outcome of an evaluation, named as docs/rule-language.md does
    """An evaluation that has no value: the case goes to a person. ``code`` is a ``FailureCode``.

    ``place`` is where in the expression; ``detail`` names what was found (for MISSING and NULL exactly the name).
    """

    def __init__(self, code: FailureCode, place: Place, detail: str) -> None:
        super().__init__(str(code), line=str(place.line), column=str(place.column), text=place.text, detail=detail)
        self.failure_code = code
        self.place = place
        self.detail = detail

    @property
    def sentence(self) -> Bilingual:
        """The cause as a sentence for the adjuster."""
        zh, en = _SENTENCES[self.failure_code]
        return Bilingual(zh=zh.format(self.detail), en=en.format(self.detail))


class Undefined(Exception):  # noqa: N818 - a state of a primitive ("undefined here"), never seen outside the evaluator
    """A primitive or an intrinsic has no value for these arguments. The evaluator turns it into a ``Failure`` with its place."""

    def __init__(self, code: FailureCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
