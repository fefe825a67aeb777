"""The explanation of a decision, over every worked case of the sample pack: bars that add up, lines that leave nothing out, plain words."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.amounts import yuan
from claims.events import Outcome
from claims.explained_steps import StepRole, told_steps
from claims.explanation import (
    BarKind,
    basis,
    checks,
    not_applied,
    not_reached,
    other_sums,
    thresholds,
    waterfall,
)
from claims.paper_content import voucher_steps
from claims.papers import Printed
from claims.plain_words import plain_parts, plain_sentence
from claims.reference import Catastrophe, Waiver
from rules.engine import Decision, Determination, Referral, decide, decode_facts
from rules.engine.model import Bilingual, LiabilityResult, Reason, Step, Unit
from tests.worked_cases import each_of, pack, worked

CHANGES = (BarKind.START, BarKind.MORE, BarKind.CUT, BarKind.STOPPED)
QUAKE = Catastrophe(
    catastrophe_id="EQ-1",
    name=Bilingual("清溪 11·20 地震", "Qingxi earthquake of 20 November"),
    peril="earthquake",
    loss_from=date(2026, 11, 20),
    loss_to=date(2026, 12, 31),
    regions=("990100",),
    major_natural_disaster=True,
    waivers=tuple(
        Waiver(code=code, number=f"W-0{place}", text=Bilingual(f"{code}。", f"{code}."))
        for place, code in enumerate(("NO_HOSPITAL_LIST", "NO_DRUG_SCOPE", "NO_ITEM_SCOPE"), start=1)
    ),
)


def zh(words: Printed) -> str:
    assert isinstance(words, Bilingual)
    return words.zh


def named(name: str) -> Decision:
    return next(decision for each, decision in worked().items() if each.startswith(name))


def step(rule: str, value: str, unit: Unit, amount_fen: int | None, *, applied: bool = True) -> Step:
    return Step(
        rule=rule,
        name=Bilingual(rule, rule),
        clause="1.1",
        value=value,
        unit=unit,
        applied=applied,
        reason=Bilingual(f"{rule} 的说明", f"about {rule}"),
        amount_fen=amount_fen,
    )


def decision_of(*steps: Step, amount_fen: int, reasons: tuple[Reason, ...] = ()) -> Decision:
    benefit = LiabilityResult(
        liability="benefit",
        name=Bilingual("责任", "benefit"),
        amount_fen=amount_fen,
        loss_key="bill:1:1" if amount_fen else "",
        pools=(),
        shares_fen=(amount_fen,) if amount_fen else (),
        steps=steps,
    )
    head = {
        "plan": "X",
        "pack_id": "p",
        "pack_version": 1,
        "pack_hash": "",
        "engine": "1",
        "inputs_hash": "",
        "total_fen": amount_fen,
        "outputs_fen": {},
        "waivers": (),
        "liabilities": (benefit,),
    }
    return Referral(**head, reasons=reasons) if reasons else Determination(**head)  # type: ignore[arg-type]  # plain fields


def adds_up(decision: Decision) -> None:
    bars = waterfall(decision, QUAKE)
    level = 0
    for bar in bars[:-1]:
        assert bar.before_fen == level, bar
        if bar.kind in CHANGES:
            assert bar.amount_fen == bar.after_fen - bar.before_fen
        else:
            assert bar.after_fen == bar.before_fen
        level = bar.after_fen
        assert level >= 0
    if bars:
        assert bars[0].kind is BarKind.START
        assert (bars[-1].kind, bars[-1].before_fen, bars[-1].after_fen) == (BarKind.RESULT, 0, decision.total_fen)
    assert level == decision.total_fen
    assert sum(line.amount_fen or 0 for line in basis(decision, QUAKE)) == decision.total_fen


@each_of(worked)
def test_bars_and_lines_of_every_worked_case_add_up_to_the_fen(decision: Decision) -> None:
    adds_up(decision)


@each_of(worked)
def test_every_step_of_every_worked_case_is_told_in_one_place(decision: Decision) -> None:
    told = told_steps(decision)

    assert [each.step for each in told] == [step for benefit in decision.liabilities for step in benefit.steps]
    lines = len(basis(decision))
    besides = sum(each.role is StepRole.PASSED for each in told)
    nothing = sum(each.role in (StepRole.UNUSED, StepRole.UNCONCERNED) for each in told)
    rounded = sum(each.role is StepRole.ROUNDED for each in told)
    assert lines + besides + nothing + rounded + not_reached(decision) == len(told)
    assert len(checks(decision)) <= besides
    assert len(not_applied(decision)) <= nothing
    # How near a limit was stands in the bars of the limits.
    assert {each.reason for each in not_applied(decision)} <= {each.step.reason for each in told}


@each_of(worked)
def test_no_rounding_ever_looks_like_a_deduction(decision: Decision) -> None:
    for told in told_steps(decision):
        if told.role is StepRole.ROUNDED:
            assert told.change_fen == 0
    assert not any(
        "四舍五入" in zh(line["voucher.step"]) and line["voucher.step_amount"] for line in voucher_steps(decision, None)
    )


@each_of(worked)
def test_the_sentence_promises_the_total_or_nothing(decision: Decision) -> None:
    for outcome in Outcome:
        said = plain_sentence(decision, outcome=outcome, catastrophe=QUAKE)
        assert "拒" not in said.zh
        assert "declin" not in said.en
        promised = isinstance(decision, Determination) and outcome is Outcome.PRE_APPROVED
        assert ("拿到" in said.zh or "付给医院" in said.zh) is promised
        assert ("受" in said.zh or "拿到" in said.zh or "付给" in said.zh) or "签收单" in said.zh
        if promised:
            assert f"{yuan(decision.total_fen)} 元" in said.zh
            assert f"{yuan(decision.total_fen)} yuan" in said.en
        else:
            assert "签收单" in said.zh
            assert "acceptance slip" in said.en
        assert "  " not in said.en
        assert not re.search(r"[。，]{2}|，。", said.zh), said.zh


def test_the_quake_clinic_is_explained_as_in_the_picture() -> None:
    decision = named("A-6 hospital and scope waivers")

    bars = waterfall(decision, QUAKE)
    told = [(bar.kind, bar.amount_fen, bar.note.zh) for bar in bars if bar.kind is not BarKind.UNUSED]
    assert told == [
        (BarKind.START, 821_030, "意外医疗"),
        (BarKind.WAIVED, -191_580, "豁免 W-02、W-03"),
        (BarKind.CUT, -10_000, "照扣"),
        (BarKind.CUT, -162_206, "8,110.30 × 80%"),
        (BarKind.RESULT, 648_824, ""),
    ]
    assert [bar.note.zh for bar in bars if bar.weight] == ["20,000.00 未触及", "8,210.30 未触及"]
    lines = basis(decision, QUAKE)
    assert [(line.number, line.amount_fen, line.waivers) for line in lines] == [
        (1, None, ("W-01",)),
        (2, 821_030, ()),
        (3, 0, ("W-02", "W-03")),
        (4, -10_000, ()),
        (5, -162_206, ()),
    ]
    assert lines[0].verdict is not None
    assert lines[0].verdict.zh == "通过"
    assert {each.name.zh for each in not_applied(decision)} == {
        "扣除医保统筹",
        "扣除其他途径补偿",
        "年度医疗限额",
        "不超过实际损失",
        "扣除预付款",
    }
    assert plain_sentence(decision, catastrophe=QUAKE) == Bilingual(
        "这张票据一共 8,210.30 元。清溪 11·20 地震期间，不限医院、不限药品、不限诊疗项目，本来要扣的 1,915.80 元不扣。"
        "减去合同约定先由自己承担的 100.00 元，余下按八成给付，您能拿到 6,488.24 元。",
        "The bill comes to 8,210.30 yuan. Because of the Qingxi earthquake of 20 November, any hospital, any medicine and any treatment "
        "are accepted; 1,915.80 yuan that would be taken off stay in. We take off 100.00 yuan that the contract leaves to you first, "
        "then pay 80% of what is left. You receive 6,488.24 yuan.",
    )


def test_half_a_fen_belongs_to_the_ratio_that_left_it() -> None:
    # 1,480.04 × 90 % = 1,332.036: the step has no level of its own, the rounding after it shows the sum.
    bars = {bar.name.zh: bar for bar in waterfall(named("A-1"))}

    assert bars["按比例给付"].amount_fen == -14_800
    assert bars["按比例给付"].note.zh == "1,480.04 × 90%"
    assert ("按比例给付", -14_800) in [
        (zh(line["voucher.step"]), line["voucher.step_amount"]) for line in voucher_steps(named("A-1"), None)
    ]


def test_a_scale_that_leaves_half_a_fen_before_a_limit_keeps_its_own_name() -> None:
    bars = {bar.name.zh: bar.amount_fen for bar in waterfall(named("D-1"))}
    assert bars["分级累进给付"] == -406_913


def test_shares_of_a_cut_that_are_not_known_apart_are_told_together() -> None:
    decision = decision_of(
        step("bill", "1001", Unit.FEN, 1001),
        step("ratio", "0.9", Unit.RATIO, None),
        step("limit", "500", Unit.FEN, 500),
        step("round", "0", Unit.FEN, 500),
        amount_fen=500,
    )

    adds_up(decision)
    cut = next(bar for bar in waterfall(decision) if bar.kind is BarKind.CUT)
    assert (cut.name.zh, cut.amount_fen) == ("ratio、limit", -501)
    lines = basis(decision)
    assert [(line.name.zh, line.amount_fen, line.verdict and line.verdict.zh) for line in lines] == [
        ("bill", 1001, None),
        ("ratio", None, "并入下一步"),
        ("limit", -501, None),
    ]
    assert "共 5.01 元" in plain_sentence(decision).zh


def test_two_ratios_before_one_rounding_are_told_together() -> None:
    decision = decision_of(
        step("bill", "1001", Unit.FEN, 1001),
        step("first", "0.9", Unit.RATIO, None),
        step("second", "0.5", Unit.RATIO, None),
        step("round", "-0.45", Unit.FEN, 450),
        amount_fen=450,
    )

    adds_up(decision)
    assert [bar.name.zh for bar in waterfall(decision)] == ["bill", "first、second", "应付"]


def test_a_first_sum_of_half_a_fen_is_told_under_its_own_name() -> None:
    decision = decision_of(
        step("ratio_of_grade", "0.35", Unit.RATIO, None),
        step("sum", "0.35", Unit.RATIO, None),
        step("limit", "99999", Unit.FEN, None, applied=False),
        step("round", "0.5", Unit.FEN, 351),
        amount_fen=351,
    )

    adds_up(decision)
    assert [(bar.kind, bar.name.zh) for bar in waterfall(decision)] == [
        (BarKind.START, "sum"),
        (BarKind.UNUSED, "limit"),
        (BarKind.RESULT, "应付"),
    ]


def test_a_value_missing_after_sums_had_begun_takes_the_rest_away_in_words() -> None:
    decision = decision_of(
        step("bill", "1000", Unit.FEN, 1000),
        step("prepaid", "", Unit.FEN, None),
        amount_fen=0,
        reasons=(Reason(rule="prepaid", clause="1.1", text=Bilingual("缺少“预付款”", '"prepaid" is missing')),),
    )

    adds_up(decision)
    stopped = next(bar for bar in waterfall(decision) if bar.kind is BarKind.STOPPED)
    assert (stopped.name.zh, stopped.amount_fen, stopped.note.zh) == ("prepaid", -1000, "转总部")


def test_a_failed_gate_has_no_picture_but_says_what_stands_in_the_way() -> None:
    decision = named("A-6 no waiver, no emergency")

    assert waterfall(decision) == ()
    (line,) = basis(decision)
    assert (line.name.zh, line.role, line.verdict and line.verdict.zh) == ("医院要求", StepRole.STOPPED, "转总部")
    assert not_reached(decision) == 13
    story, close = plain_parts(decision)
    assert story.zh.startswith("现在还定不了金额，原因是：就诊医院不是 2 级以上公立医院")
    assert "须人工核定" not in story.zh
    assert "总部" in close.zh


def test_a_refund_is_told_with_a_referral() -> None:
    decision = named("C-4 diagnosed on the last waiting day")

    assert [(each.output, each.amount_fen) for each in other_sums(decision)] == [("refund", 612_000)]
    assert "退还已交的保险费 6,120.00 元" in plain_sentence(decision).zh
    assert "6,120.00 yuan" in plain_sentence(decision).en


def test_a_sum_used_up_by_deductions_is_told_without_calling_the_deduction_a_reason() -> None:
    said = plain_sentence(named("A bill below the deductible"))
    assert "减完以后没有余额" in said.zh
    assert "原因是" not in said.zh


def test_at_the_counter_both_parts_are_told() -> None:
    said = plain_sentence(named("F-1")).zh
    assert "付给医院 4,193.52 元" in said
    assert "您自己付 1,048.38 元" in said


def test_two_benefits_stand_on_each_other() -> None:
    bars = waterfall(named("A quake death: basic and disaster extra"))
    shown = [(bar.kind, bar.before_fen, bar.after_fen) for bar in bars if bar.kind is not BarKind.UNUSED]
    assert shown == [
        (BarKind.START, 0, 50_000_000),
        (BarKind.MORE, 50_000_000, 100_000_000),
        (BarKind.RESULT, 0, 100_000_000),
    ]


def test_a_benefit_that_does_not_concern_the_loss_says_why() -> None:
    said = {each.name.zh: each.reason.zh for each in not_applied(named("A accident death without a disaster"))}
    assert said["重大自然灾害额外身故"] == "非重大自然灾害所致，无额外给付"


def test_thresholds_count_what_was_used_before_and_call_pools_by_name() -> None:
    names = {name: pool.spec.name for name, pool in pack().pools.items()}
    (medical,) = thresholds(named("A-3 yearly limit"), pool_names=names)
    assert (medical.limit, medical.used_before, medical.taken, medical.left) == (2_000_000, 1_920_000, 80_000, 0)
    assert medical.name == names["medical_year"]
    assert {each.unit for each in thresholds(named("A ten days of cash"))} == {Unit.DAY}
    own, authority = thresholds(named("A-1"), authority=(100_000, 133_204))
    assert own.name.zh == "本年度限额"
    assert authority.left == -33_204


@given(
    bill=st.integers(1, 50_000_000),
    shares=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    used=st.integers(0, 2_000_000),
    settled=st.booleans(),
    waived=st.booleans(),
)
@settings(max_examples=100)
def test_any_bill_adds_up_and_each_ratio_is_the_one_of_the_contract(
    *, bill: int, shares: tuple[int, int], used: int, settled: bool, waived: bool
) -> None:
    test = next(each for each in pack().tests if each.name.startswith("A-1"))
    fund = bill * shares[0] // 100
    facts = dict(test.facts) | {
        "bill_total": bill,
        "self_expense": (bill - fund) * shares[1] // 100,
        "fund_paid": fund,
        "si_settled": settled,
        "used_medical_year": used,
        "waive_drug_scope": waived,
        "waive_item_scope": waived,
    }
    decision = decide(pack(), decode_facts(pack(), msgspec.json.encode(facts)))

    adds_up(decision)
    for told in told_steps(decision):
        if told.ratio is not None:
            assert told.ratio == Decimal("0.9" if settled else "0.8")
        if told.role is StepRole.WAIVED and told.step.rule == "scope_cut":
            assert told.spared_fen == facts["self_expense"]


def test_a_sum_looked_at_beside_the_benefit_shows_yuan_never_fen() -> None:
    decision = decision_of(
        step("whole", "20000000", Unit.FEN, None),
        step("in_parts", "12345.5", Unit.FEN, None),
        step("several", "100,20000", Unit.FEN, None),
        step("bill", "1000", Unit.FEN, 1000),
        amount_fen=1000,
    )

    shown = [(line.number, line.amount_fen, line.verdict) for line in checks(decision)]
    assert shown == [
        (1, 20_000_000, Bilingual("200,000.00", "200,000.00")),
        (2, None, Bilingual("123.455", "123.455")),
        (3, None, Bilingual("1.00、200.00", "1.00; 200.00")),
    ]


@each_of(worked)
def test_checks_are_numbered_without_a_gap(decision: Decision) -> None:
    lines = checks(decision)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
