"""Sentences put together end as sentences do."""

from __future__ import annotations

from rules.bilingual import Bilingual
from views.sentences import together


def test_each_part_gets_its_mark_once() -> None:
    said = together(
        Bilingual("须人工核定", "a person decides"), Bilingual("请出签收单。", "Give a slip."), Bilingual("", "")
    )

    assert said == Bilingual("须人工核定。请出签收单。", "A person decides. Give a slip.")
