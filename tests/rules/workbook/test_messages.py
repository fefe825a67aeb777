"""Every code that reading a workbook tells of has its sentences, and no sentence is for nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from rules.workbook.columns import Layer
from rules.workbook.messages import CODES, sentence_of

PACKAGE = Path(__file__).parents[3] / "rules" / "workbook"
VALUES = ("found", "expected", "most", "detail", "name", "zh", "en", "listed", "scale", "count", "plan", "liability")


def _constants(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _told() -> set[str]:
    """Return the codes that the package's source tells of: the first text of ``Wrong(...)`` and the second of ``.add(place, ...)``."""
    codes: set[str] = {f"unknown_{layer}" for layer in Layer}
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "Wrong":
                codes.update(_constants(node.args[0]))
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("add", "_tell") and len(node.args) > 1:
                codes.update(each for each in _constants(node.args[-1]) if each.isidentifier())
    return codes


def test_every_code_that_is_told_has_its_sentences() -> None:
    assert {code for code in _told() - CODES if "_" in code and not code.endswith("_")} == set()


def test_no_sentence_is_there_for_nothing() -> None:
    written = {f"unknown_{layer}" for layer in Layer}
    for file in PACKAGE.glob("*.py"):
        if file.name != "messages.py":
            written.update(_constants(ast.parse(file.read_text(encoding="utf-8"))))
    assert written >= CODES


def test_every_sentence_can_be_said() -> None:
    for code in CODES:
        for more in ({}, {"like": "factor"}, {"day": "2024-01-01"}):
            text = sentence_of(code, {**dict.fromkeys(VALUES, "x"), "day": "", **more})
            assert text.zh
            assert text.en
            assert "{" not in text.zh + text.en


def test_chinese_sentences_are_chinese() -> None:
    for code in CODES:
        text = sentence_of(code, dict.fromkeys((*VALUES, "day"), "x"))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text.zh), code
        assert text.zh != text.en
