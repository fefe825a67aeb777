"""The adjuster's whole explanation, and margins in words, over every worked case."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from claims.amounts import yuan
from claims.explanation_full import full_text
from claims.explanation_margins import margin_lines
from rules.engine import Decision, Referral
from rules.engine.model import Margin, canonical, read_decision
from tests.worked_cases import each_of, worked


def in_words(name: str) -> dict[str, tuple[str, str]]:
    return {line.name.zh: (line.text.zh, line.text.en) for line in margin_lines(worked()[name])}


def test_margins_in_words() -> None:
    waiting = in_words("B-4 last waiting day in a leap year")["已过等待期"]
    assert waiting == (
        "“首次确诊日期”距界限 2024-03-01 差 0 天（越过界限才变）",
        "date of first diagnosis: 0 days short of the edge at 2024-03-01, and it turns only past the edge",
    )
    below = in_words("B-2 the earlier stay itself")["年度免赔额"]
    assert below == (
        "本年度剩余免赔额尚有 3,649.25 未扣满",
        "deductible left this year: still 3,649.25 to go",
    )
    cover = in_words("A-5 death on day 180 after case 4")["事故在保险期间内"]
    assert cover == (
        "“事故日期”距界限 2023-07-01 还有 63 天（越过界限才变）",
        "date of the accident: 63 days from the edge at 2023-07-01, and it turns only past the edge",
    )
    limit = in_words("A-3 yearly limit")["年度医疗限额"]
    assert limit == (
        "超出年度医疗限额余额（800.00）1,360.00",
        "1,360.00 above the yearly medical limit left (800.00)",
    )


def test_a_margin_in_parts_of_a_fen_is_told_in_whole_fen_and_stays_exact_in_the_step() -> None:
    name = "A-1 settled by social insurance"
    assert "18,667.96" in in_words(name)["年度医疗限额"][0]
    stored = next(
        step.margin for each in worked()[name].liabilities for step in each.steps if step.rule == "medical_limit"
    )
    assert isinstance(stored, Margin)
    assert stored.distance == "1866796.4"


@each_of(worked)
def test_every_margin_is_told_in_both_languages(decision: Decision) -> None:
    stored = [step for each in decision.liabilities for step in each.steps if isinstance(step.margin, Margin)]
    lines = margin_lines(decision)
    assert len(lines) <= len(stored)
    assert bool(lines) is bool(stored)
    for line in lines:
        assert re.search(r"\d", line.text.zh)
        assert not re.search(r"[\u3400-\u9fff]", line.text.en)
        assert "  " not in line.text.zh + line.text.en
        assert not any(re.search(r"\d\.\d{3}", side) for side in (line.text.zh, line.text.en))


@each_of(worked)
def test_the_whole_explanation_leaves_no_step_and_no_reason_out(decision: Decision) -> None:
    lines = full_text(decision)
    zh = "\n".join(line.zh for line in lines)
    assert all(line.zh and line.en for line in lines)
    assert f"应付 {yuan(decision.total_fen)} 元" in zh
    assert all(margin.text.zh in zh for margin in margin_lines(decision))
    for benefit in decision.liabilities:
        for step in benefit.steps:
            if step.value and step.applied and "四舍五入" not in step.name.zh:
                assert step.reason.zh in zh, step.rule
    if isinstance(decision, Referral):
        for reason in decision.reasons:
            assert reason.text.zh in zh
    headings = [line.zh[0] == "§" for line in lines]
    assert headings == [line.en[0] == "§" for line in lines]
    # The first line alone is a heading for all of them; every other one has something beneath it.
    assert not headings[-1]
    assert not any(here and after for here, after in pairwise(headings[1:]))


@each_of(worked)
def test_money_is_told_in_yuan_and_lines_are_counted_without_a_gap(decision: Decision) -> None:
    numbers: list[list[int]] = []
    for line in full_text(decision):
        if line.zh.startswith("§"):
            numbers.append([])
        found = re.match(r"(\d+)\. ", line.zh)
        if found:
            numbers[-1].append(int(found[1]))
        assert not re.search(r"\d{6,}", line.zh.replace(decision.pack_hash, "")), line.zh
    assert all(each == list(range(1, len(each) + 1)) for each in numbers)


def test_a_sum_merely_looked_at_is_told_in_yuan() -> None:
    lines = [line for line in full_text(worked()["D-6 junior variant, quake at age 8"]) if "年龄（2016" in line.zh]
    assert len(lines) == 1
    assert " 200,000.00：" in lines[0].zh
    assert " 200,000.00: " in lines[0].en


def test_a_decision_from_before_margins_is_explained_all_the_same() -> None:
    old = msgspec.json.decode(canonical(worked()["A-3 yearly limit"]))
    for benefit in old["liabilities"]:
        for step in benefit["steps"]:
            step.pop("margin", None)
    decision = read_decision(msgspec.json.encode(old))
    assert margin_lines(decision) == ()
    assert any("应付 800.00 元" in line.zh for line in full_text(decision))
