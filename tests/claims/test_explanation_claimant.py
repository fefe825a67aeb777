"""The words for the person opposite, over every worked case: no term of the trade, no code, both languages, every figure right."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import pytest

from claims.amounts import yuan
from claims.explained_steps import told_steps
from claims.explanation_claimant import ClaimantText, claimant_text
from claims.explanation_words import (
    ANY_STOP,
    ASKED_FOR,
    CUTS,
    ENGINE_STOPS,
    GREATEST_TEXT,
    JARGON_EN,
    JARGON_ZH,
    MISSING_ONE,
    RETURNED,
    STOPS,
    WRONG_ONE,
)
from rules.bilingual import Bilingual
from rules.engine import Decision, Determination, ElementId, Referral, decide, decode_facts
from rules.engine.coordinate import PolicyClaim, coordinate
from rules.engine.model import Margin, MarginKind
from tests.worked_cases import each_of, pack, worked

CODE = re.compile(r"[A-Za-z]+_[A-Za-z]|engine:|element:|W-\d|@|[{}]|None|Decimal")
CHINESE = re.compile(r"[\u3400-\u9fff]")
MONEY = re.compile(r"\d[\d,]*\.\d\d")


def told(name: str) -> ClaimantText:
    return claimant_text(worked()[name])


def is_plain(text: Bilingual) -> None:
    assert text.zh
    assert text.en
    assert not [word for word in JARGON_ZH if word in text.zh], text.zh
    assert not [word for word in JARGON_EN if word in text.en.lower()], text.en
    for side in (text.zh, text.en):
        assert not CODE.search(side), side
    assert CHINESE.search(text.zh)
    assert not re.search(r"[A-Za-z]", text.zh), text.zh
    assert not CHINESE.search(text.en), text.en
    assert text.zh.endswith("。")
    assert text.en.endswith(".")
    assert MONEY.findall(text.zh) == MONEY.findall(text.en)
    assert all(len(sentence) <= 40 for sentence in re.split(r"[。；，]", text.zh))


@each_of(worked)
def test_every_worked_case_is_told_in_plain_words_in_both_languages(decision: Decision) -> None:
    text = claimant_text(decision)
    assert text.lines
    for line in text.lines:
        is_plain(line.text)
        assert not line.clause or line.clause not in line.text.zh
    assert text.settled is isinstance(decision, Determination)


@each_of(worked)
def test_what_is_settled_names_the_sum_and_what_is_not_says_why_and_what_helps(decision: Decision) -> None:
    text = claimant_text(decision)
    closing = "".join(line.text.zh for line in text.closing)
    if isinstance(decision, Determination):
        assert yuan(decision.total_fen) in closing
        assert not text.what_helps
    else:
        assert "总部" in closing
        assert text.what_helps
        assert "我们付给您" not in closing


@each_of(worked)
def test_the_figures_of_a_story_follow_each_other(decision: Decision) -> None:
    """What is left over is what the one who listens works out in their head from the sums named."""
    if not isinstance(decision, Determination) or len([each for each in decision.liabilities if each.amount_fen]) != 1:
        return
    left = 0
    for line in claimant_text(decision).story:
        sums = [int(found.replace(",", "").replace(".", "")) for found in MONEY.findall(line.text.zh)]
        if not sums:
            continue
        if line.text.zh.startswith(("您这次", "按合同，")) and "再减去" not in line.text.zh:
            left = sums[0]
        elif "也就是" in line.text.zh or "分段来算" in line.text.zh:
            left = sums[-1]
        elif "不减了" not in line.text.zh:
            left -= sums[0]
    assert left == decision.total_fen


def test_a_bill_is_told_from_what_it_cost_to_what_is_paid() -> None:
    text = told("A-1 settled by social insurance")
    assert [line.text.zh for line in text.lines] == [
        "您这次看病一共花了 3,286.47 元。",
        "其中 286.25 元的药和项目不在这份合同里。",
        "医保已经付了 1,420.18 元。",
        "合同规定先由您自己承担 100.00 元。",
        "剩下的钱，合同付九成，也就是 1,332.04 元。",
        "我们付给您 1,332.04 元。",
    ]
    assert [line.clause for line in text.story[1:]] == ["医保目录", "补偿原则", "免赔额", "给付比例"]


def test_a_death_begins_with_sympathy_also_where_nothing_is_settled() -> None:
    for name in ("A-5 death on day 180 after case 4", "A-5 death on day 181"):
        assert told(name).lines[0].text.zh == "请您节哀。"


def test_how_many_days_a_date_missed_is_told_only_where_it_may_be_wrong() -> None:
    assert "差了 1 天" in told("B-4 last waiting day in a leap year").closing[0].text.zh
    assert not any("差了" in line.text.zh for line in told("E-6 suicide after reinstatement: cash value").lines)


def test_what_was_spent_below_the_first_part_is_told_with_what_is_still_open() -> None:
    text = told("B-2 the earlier stay itself")
    assert any("还差 3,649.25 元" in line.text.zh for line in text.closing)
    assert any("接着算" in line.text.zh for line in text.what_helps)


def test_what_may_not_be_promised_here_is_not() -> None:
    text = claimant_text(worked()["A-1 settled by social insurance"], pre_approved=False)
    closing = "".join(line.text.zh for line in text.closing)
    assert "我们付给您" not in closing
    assert "1,332.04 元，还没有定" in closing
    assert not text.settled
    for line in text.lines:
        is_plain(line.text)


def test_the_family_is_told_the_whole_sum_and_how_many_share_it() -> None:
    assert (
        told("E-4 shares 50/30/20, the last died first").closing[0].text.zh
        == "我们一共付 183,487.67 元，由 2 位家人分。"
    )


def test_every_condition_of_the_sample_has_words_of_its_own() -> None:
    for rule in pack().rules.values():
        if rule.spec.kind in ("gate", "refer") and not any(stop.mark in rule.spec.name.zh for stop in STOPS):
            # Those that only say which benefit is concerned never stop anything.
            assert any(
                rule in liability.concerns for plan in pack().plans.values() for liability, _ in plan.liabilities
            )


def test_every_word_that_can_be_said_is_plain() -> None:
    for stop in (*STOPS, *ENGINE_STOPS, ANY_STOP):
        is_plain(stop.why)
        is_plain(stop.change)
    for said in (*RETURNED, *ASKED_FOR):
        is_plain(Bilingual(f"{said.text.zh.rstrip('。')}。", f"{said.text.en.rstrip('.')}."))
    is_plain(GREATEST_TEXT)
    for one in (MISSING_ONE, WRONG_ONE):
        is_plain(one.change)
    for cut in CUTS:
        is_plain(Bilingual(cut.text.zh.format("1.00", "2.00"), cut.text.en.format("1.00", "2.00")))


@pytest.mark.parametrize(
    ("missing", "asked"),
    [
        ("commercial_paid", "别的保险付了多少"),
        ("hospital_level", "医院是几级的"),
        ("bill_number", "票据上的号码"),
        ("accident_date", "出事的日子"),
        ("used_medical_year", "以前付过多少"),
        ("fund_paid", "医保付了多少"),
    ],
)
def test_a_missing_fact_is_asked_for_in_plain_words(missing: str, asked: str) -> None:
    test = next(each for each in pack().tests if each.name == "A-1 settled by social insurance")
    facts = {
        name: value for name, value in decode_facts(pack(), msgspec.json.encode(test.facts)).items() if name != missing
    }
    text = claimant_text(decide(pack(), facts))
    for line in text.lines:
        is_plain(line.text)
    assert any(line.text.zh == f"还缺一样信息：{asked}。现在算不完。" for line in text.closing)


def test_every_fact_of_the_sample_that_can_be_missing_is_asked_for_by_a_plain_name() -> None:
    facts = decode_facts(
        pack(), msgspec.json.encode(next(each for each in pack().tests if each.name.startswith("A-1")).facts)
    )
    unnamed = []
    for element in pack().elements.values():
        if element.id in ("plan", "claim_types"):
            # Not the family's to know.
            continue
        first = claimant_text(decide(pack(), {**facts, ElementId(element.id): None})).closing[0].text  # type: ignore[dict-item]  # wrong on purpose
        is_plain(first)
        if not first.zh.startswith("有一样信息要再核对："):
            unnamed.append(element)
    # What only a doctor has a word for may go without a name; a sum or a day may not.
    assert not [each.id for each in unnamed if each.type in ("money", "date")]
    assert len(unnamed) < len(pack().elements) / 10


def test_a_name_that_nobody_laid_down_or_that_is_no_plain_one_is_never_repeated() -> None:
    facts = decode_facts(
        pack(), msgspec.json.encode(next(each for each in pack().tests if each.name.startswith("A-1")).facts)
    )
    for strange in ("陌生的", "strange_thing", "”“", ""):
        closing = claimant_text(decide(pack(), {**facts, ElementId(strange): 1})).closing  # type: ignore[dict-item]  # wrong on purpose
        assert closing[0].text == ANY_STOP.why


def test_a_fact_that_is_wrong_is_named_too() -> None:
    test = next(each for each in pack().tests if each.name == "A-1 settled by social insurance")
    facts = {**decode_facts(pack(), msgspec.json.encode(test.facts)), ElementId("bill_total"): -1}
    text = claimant_text(decide(pack(), facts))
    assert text.closing[0].text == Bilingual(
        "有一样信息要再核对：看病一共花了多少。现在算不完。",
        "One thing has to be checked: what the treatment cost in all. It can't be worked out yet.",
    )


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "D-3 illness, 7 days with 29 February",
            "住院 7 天，按合同有 3 天不算，付 4 天，每天 50.00 元。",
            "The stay was 7 days; by the contract 3 days do not count; 4 days are paid at 50.00 yuan a day.",
        ),
        (
            "A cash, day limits",
            "住院 10 天，合同能付的天数有上限，超出的 6 天付不了，付 4 天，每天 100.00 元。",
            "The stay was 10 days; 6 days are above the number that can be paid; 4 days are paid at 100.00 yuan a day.",
        ),
        (
            "A cash, same-day discharge counts one day",
            "住院 1 天，付 1 天，每天 100.00 元。",
            "The stay was 1 day; 1 day is paid at 100.00 yuan a day.",
        ),
        (
            "D-3 illness of 3 days pays nothing",
            "住院 3 天，按合同有 3 天不算。",
            "The stay was 3 days; by the contract 3 days do not count.",
        ),
        (
            "E-1 premiums times 140 %",
            "保险费一共交了 175,000.00 元，合同付它的 1.4 倍。",
            "175,000.00 yuan of premium were paid in; the contract pays 1.4 times that.",
        ),
        (
            "E cash value governs",
            "合同写了几种算法，付最多的那一种。",
            "The contract names several ways to work it out and pays the most.",
        ),
        (
            "C death under 18 returns premiums",
            "这是到现在一共交过的保险费。",
            "This is the premium that was paid in so far.",
        ),
        (
            "A disability of grade 2",
            "合同写的金额是 500,000.00 元，按伤的轻重付它的九成。",
            "The contract names 500,000.00 yuan and pays 90% of that for such an injury.",
        ),
    ],
)
def test_how_a_fixed_sum_came_about_is_told(name: str, zh: str, en: str) -> None:
    assert any(zh in line.text.zh and en in line.text.en for line in told(name).lines)


def test_premiums_are_not_told_as_multiplied_where_another_sum_was_the_greatest() -> None:
    assert not any("倍" in line.text.zh for line in told("E cash value governs").lines)


@each_of(worked)
def test_every_figure_told_is_one_that_the_decision_holds(decision: Decision) -> None:
    held = {number for each in decision.liabilities for step in each.steps for number in MONEY.findall(step.reason.zh)}
    for told_step in told_steps(decision):
        held |= {yuan(abs(each)) for each in (told_step.change_fen, told_step.after_fen - told_step.base_fen)}
        held |= {yuan(told_step.spared_fen)} if told_step.spared_fen else set()
    held |= {yuan(decision.total_fen), *(yuan(fen) for fen in decision.outputs_fen.values())}
    for step in (step for each in decision.liabilities for step in each.steps):
        if isinstance(step.margin, Margin) and step.margin.kind is MarginKind.STILL:
            held.add(yuan(int(Decimal(step.margin.distance))))
    for line in claimant_text(decision).lines:
        assert set(MONEY.findall(line.text.zh)) <= held, line.text.zh


def test_what_waits_for_another_contract_says_so() -> None:
    facts = decode_facts(
        pack(), msgspec.json.encode(next(each for each in pack().tests if each.name.startswith("A-1")).facts)
    )
    held = dict(facts) | {ElementId("possible_exclusion"): True}
    run = coordinate([PolicyClaim("P-1", pack(), held), PolicyClaim("P-2", pack(), facts)])
    assert isinstance(run[1].decision, Referral)
    text = claimant_text(run[1].decision)
    assert any("另一份合同" in line.text.zh for line in text.closing)
    for line in text.lines:
        is_plain(line.text)


def test_facts_that_nobody_can_read_are_still_told_plainly() -> None:
    for facts in ({}, {ElementId("plan"): "NO-SUCH"}, {ElementId("plan"): 7}, {ElementId("strange"): True}):
        for line in claimant_text(decide(pack(), facts)).lines:
            is_plain(line.text)
