"""Every code that reading a workbook tells of has its sentences, and no sentence is for nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from rules.checking.phrases import in_chinese
from rules.workbook.columns import Layer
from rules.workbook.messages import CODES, sentence_of

PACKAGE = Path(__file__).parents[3] / "rules" / "workbook"
LANGUAGE = PACKAGE.parent / "engine" / "language"
_CHINESE = re.compile("[\u4e00-\u9fff]")
VALUES = (
    "found",
    "expected",
    "most",
    "detail",
    "name",
    "zh",
    "en",
    "listed",
    "scale",
    "count",
    "plan",
    "liability",
    "meant",
)


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


def test_english_sentences_say_a_chinese_title_only_beside_the_english_one() -> None:
    for code in CODES:
        text = sentence_of(code, dict.fromkeys((*VALUES, "day"), "x"))
        assert not _CHINESE.search(re.sub(r"\([^)]*\)", "", text.en)), text.en


def test_what_the_language_expected_is_said_in_chinese_altogether() -> None:
    """Whatever a ``LanguageError`` of the engine expects, as its source spells it; 9 stands for a figure in it."""
    expected = {
        text for file in sorted(LANGUAGE.glob("*.py")) for text in _expected(ast.parse(file.read_text("utf-8")))
    }
    assert len(expected) > 40
    for text in expected:
        if re.search("[a-z] [a-z]", text):
            assert not re.search("[a-z] [a-z]", in_chinese(text)), text


def _expected(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("LanguageError", "_refuse", "mismatch", "_unexpected"):
            for each in node.args:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value
                if isinstance(each, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "9" for part in each.values)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_chinese_sentences_are_chinese() -> None:
    for code in CODES:
        text = sentence_of(code, dict.fromkeys((*VALUES, "day"), "x"))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text.zh), code
        assert text.zh != text.en
