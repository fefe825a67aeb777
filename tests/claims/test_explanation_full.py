"""The adjuster's whole explanation, and margins in words, over every worked case."""

from __future__ import annotations

import re
from functools import cache

import msgspec
import pytest

from claims.amounts import yuan
from claims.explanation_full import full_text
from claims.explanation_margins import margin_lines
from rules.engine import Decision, Pack, Referral, decide, decode_facts, load_pack
from rules.engine.model import Margin, canonical, read_decision
from rules.tools.sample import sample_pack_bytes


@cache
def pack() -> Pack:
    return load_pack(sample_pack_bytes())


@cache
def worked() -> dict[str, Decision]:
    return {
        test.name: read_decision(canonical(decide(pack(), decode_facts(pack(), msgspec.json.encode(test.facts)))))
        for test in pack().tests
    }


def in_words(name: str) -> dict[str, tuple[str, str]]:
    return {line.name.zh: (line.text.zh, line.text.en) for line in margin_lines(worked()[name])}


def test_margins_in_words() -> None:
    waiting = in_words("B-4 last waiting day in a leap year")["已过等待期"]
    assert waiting == (
        "“首次确诊日期”距界限 2024-03-01 差 1 天",
        "date of first diagnosis: 1 day short of the edge at 2024-03-01",
    )
    below = in_words("B-2 the earlier stay itself")["年度免赔额"]
    assert below == (
        "本年度剩余免赔额尚有 3,649.25 未扣满",
        "deductible left this year: still 3,649.25 to go",
    )
    limit = in_words("A-3 yearly limit")["年度医疗限额"]
    assert limit == (
        "超出年度医疗限额余额（800.00）1,360.00",
        "1,360.00 above the yearly medical limit left (800.00)",
    )


@pytest.mark.parametrize("name", sorted(worked()))
def test_every_margin_is_told_in_both_languages(name: str) -> None:
    stored = [step for each in worked()[name].liabilities for step in each.steps if isinstance(step.margin, Margin)]
    lines = margin_lines(worked()[name])
    assert len(lines) <= len(stored)
    assert bool(lines) is bool(stored)
    for line in lines:
        assert re.search(r"\d", line.text.zh)
        assert not re.search(r"[\u3400-\u9fff]", line.text.en)
        assert "  " not in line.text.zh + line.text.en


@pytest.mark.parametrize("name", sorted(worked()))
def test_the_whole_explanation_leaves_no_step_and_no_reason_out(name: str) -> None:
    decision = worked()[name]
    lines = full_text(decision)
    zh = "\n".join(line.zh for line in lines)
    assert all(line.zh and line.en for line in lines)
    assert f"应付 {yuan(decision.total_fen)} 元" in zh
    for benefit in decision.liabilities:
        for step in benefit.steps:
            if step.value and step.applied and "四舍五入" not in step.name.zh:
                assert step.reason.zh in zh, step.rule
    if isinstance(decision, Referral):
        for reason in decision.reasons:
            assert reason.text.zh in zh
    assert [line.zh[0] == "§" for line in lines] == [line.en[0] == "§" for line in lines]


def test_a_decision_from_before_margins_is_explained_all_the_same() -> None:
    old = msgspec.json.decode(canonical(worked()["A-3 yearly limit"]))
    for benefit in old["liabilities"]:
        for step in benefit["steps"]:
            step.pop("margin", None)
    decision = read_decision(msgspec.json.encode(old))
    assert margin_lines(decision) == ()
    assert any("应付 800.00 元" in line.zh for line in full_text(decision))
