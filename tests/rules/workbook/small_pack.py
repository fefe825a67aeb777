"""A small pack with one of everything that a workbook can say: dated parameters, versions, tables, draws, carries, an output."""

from __future__ import annotations

from datetime import date

from rules.bilingual import Bilingual
from rules.engine.document import (
    CarryReach,
    CarrySpec,
    CarryWhen,
    DateBasis,
    Dated,
    DatedValue,
    DrawSpec,
    ElementSpec,
    Expectation,
    LiabilitySpec,
    OutputSpec,
    OverrideSpec,
    PackDocument,
    PackTest,
    ParameterSpec,
    PlanLiability,
    PlanSpec,
    PoolSpec,
    RuleKind,
    RuleSpec,
    RuleVersion,
    Source,
    ValueType,
    WaiverSpec,
)
from rules.engine.language import HitPolicy, TableDefinition, TableInput, TableOutput, TableRow
from rules.engine.model import PoolScope, Unit


def _two(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)


def _element(name: str, kind: ValueType, unit: Unit, low: str, high: str, **more: object) -> ElementSpec:
    return ElementSpec(
        id=name,
        name=_two(f"要素 {name}", f"element {name}"),
        type=kind,
        unit=unit,
        source=Source.DOCUMENT,
        minimum=low,
        maximum=high,
        **more,  # type: ignore[arg-type]  # the caller's own fields
    )


ELEMENTS = (
    _element("plan", ValueType.TEXT, Unit.TEXT, "1", "40"),
    _element("claim_types", ValueType.TEXT, Unit.TEXT, "1", "40", many=True, items=12),
    _element("effective", ValueType.DATE, Unit.DATE, "1900-01-01", "2200-12-31"),
    _element("accident_date", ValueType.DATE, Unit.DATE, "1900-01-01", "2200-12-31"),
    _element("bill_number", ValueType.TEXT, Unit.TEXT, "1", "40"),
    _element("bill_total", ValueType.MONEY, Unit.FEN, "0", "100000000"),
    _element("share_ratio", ValueType.NUMBER, Unit.RATIO, "0", "1", scale=4),
    _element("kind", ValueType.TEXT, Unit.TEXT, "1", "40"),
    _element("emergency", ValueType.BOOL, Unit.BOOL, "false", "true"),
    _element("waive_hospital", ValueType.BOOL, Unit.BOOL, "false", "true"),
    _element("used_year", ValueType.MONEY, Unit.FEN, "0", "100000000"),
    _element("used_days", ValueType.NUMBER, Unit.DAY, "0", "366", scale=0),
)

PARAMETERS = (
    ParameterSpec(id="deductible", name=_two("免赔额", "deductible"), type=ValueType.MONEY, unit=Unit.FEN),
    ParameterSpec(id="ratio", name=_two("给付比例", "ratio"), type=ValueType.NUMBER, unit=Unit.RATIO),
    ParameterSpec(id="limit", name=_two("年度限额", "yearly limit"), type=ValueType.MONEY, unit=Unit.FEN),
    ParameterSpec(id="codes", name=_two("编码", "codes"), type=ValueType.TEXT, unit=Unit.TEXT, many=True),
)


def _rule(name: str, kind: RuleKind, type_: ValueType, unit: Unit, **more: object) -> RuleSpec:
    return RuleSpec(
        id=name,
        kind=kind,
        name=_two(f"规则 {name}", f"rule {name}"),
        clause="保险责任",
        type=type_,
        unit=unit,
        applied=_two("生效", "applied"),
        not_applied=_two("未生效", "not applied"),
        date_basis=DateBasis.LIABILITY,
        **more,  # type: ignore[arg-type]  # the caller's own fields
    )


def _kinds(first: str) -> TableDefinition:
    return TableDefinition(
        hit_policy=HitPolicy.UNIQUE,
        inputs=(TableInput(expression="kind", allowed='"住院", "门诊"'), TableInput(expression="share_ratio")),
        outputs=(TableOutput(name="factor"),),
        rows=(
            TableRow(when=('"住院"', "-"), then=(first,)),
            TableRow(when=('"门诊"', "< 0.5"), then=("0.5",)),
            TableRow(when=('"门诊"', ">= 0.5"), then=("1",)),
        ),
        complete=True,
    )


RULES = (
    _rule(
        "hospital",
        RuleKind.GATE,
        ValueType.BOOL,
        Unit.BOOL,
        expression='kind = "住院" or bill_total > 100.00 yuan',
        waiver=WaiverSpec(elements=("waive_hospital",), codes=("NO_LIST",), reason=_two("豁免", "waived")),
        override=OverrideSpec(element="emergency", reason=_two("急诊", "emergency")),
    ),
    _rule("factor", RuleKind.VALUE, ValueType.NUMBER, Unit.RATIO, table=_kinds("1")),
    _rule(
        "days",
        RuleKind.VALUE,
        ValueType.NUMBER,
        Unit.DAY,
        versions=(
            RuleVersion(valid_from=date(2020, 1, 1), expression="3"),
            RuleVersion(valid_from=date(2024, 1, 1), expression="5"),
        ),
    ),
    _rule(
        "grade",
        RuleKind.VALUE,
        ValueType.NUMBER,
        Unit.RATIO,
        versions=(
            RuleVersion(valid_from=date(2020, 1, 1), table=_kinds("0.9")),
            RuleVersion(valid_from=date(2024, 1, 1), table=_kinds("0.8")),
        ),
    ),
    _rule(
        "benefit",
        RuleKind.AMOUNT,
        ValueType.EXACT_MONEY,
        Unit.FEN,
        expression="max(0.00 yuan, bill_total - deductible) * ratio * factor * grade",
        shows="deductible",
    ),
    _rule("to_fen", RuleKind.ROUND, ValueType.MONEY, Unit.FEN, expression="round half up(amount, 2)"),
    _rule("within", RuleKind.AMOUNT, ValueType.EXACT_MONEY, Unit.FEN, expression="min(amount, year_left)"),
)

DOCUMENT = PackDocument(
    schema=1,
    engine_min="1",
    pack_id="small",
    version=3,
    valid_from=date(2020, 1, 1),
    valid_to=date(2030, 12, 31),
    supersedes="small 2",
    date_bases={DateBasis.ACCIDENT: "accident_date", DateBasis.INCEPTION: "effective"},
    elements=ELEMENTS,
    parameters=PARAMETERS,
    rules=RULES,
    pools=(
        PoolSpec(
            id="year",
            name=_two("年度", "year"),
            scope=PoolScope.POLICY_YEAR,
            unit=Unit.FEN,
            used="used_year",
            limit="limit",
        ),
        PoolSpec(id="day", name=_two("天数", "days"), scope=PoolScope.ACCIDENT, unit=Unit.DAY, used="used_days"),
    ),
    liabilities=(
        LiabilitySpec(
            id="medical",
            name=_two("医疗", "medical"),
            clause="医疗",
            claimed=("medical",),
            date_basis="accident_date",
            loss_key="bill:{bill_number}",
            concerns=(),
            steps=("hospital", "benefit", "within", "to_fen"),
            exclusions=("hospital",),
            draws=(
                DrawSpec(pool="year", amount="paid"),
                DrawSpec(pool="day", amount="days", when="emergency"),
            ),
            carries=(
                CarrySpec(
                    element="used_year",
                    when=CarryWhen.PAID,
                    reach=CarryReach.POLICY_YEAR,
                    value="paid",
                    same=("bill_number",),
                ),
            ),
            rising_in=("bill_total",),
            at_most="bill_total",
        ),
    ),
    plans=(
        PlanSpec(
            id="P-1",
            name=_two("方案一", "plan one"),
            order=1,
            liabilities=(PlanLiability(liability="medical", parameters={"ratio": "0.9"}),),
            parameters={
                "deductible": Dated(
                    values=(
                        DatedValue(valid_from=date(2020, 1, 1), value=10000),
                        DatedValue(valid_from=date(2024, 1, 1), value=5050),
                    )
                ),
                "limit": 2000000,
                "codes": ("A,1", "B；2", " C"),
            },
            outputs=(
                OutputSpec(
                    id="patient_pays",
                    name=_two("自付", "patient pays"),
                    expression="bill_total - total",
                    claimed=("medical",),
                    when="total > 0.00 yuan",
                ),
            ),
        ),
    ),
    tests=(
        PackTest(
            name="一 plain",
            facts={
                "plan": "P-1",
                "claim_types": ("medical",),
                "effective": "2023-01-01",
                "accident_date": "2023-06-01",
                "bill_number": "0000000123",
                "bill_total": 110055,
                "share_ratio": "0.25",
                "kind": "住院",
                "emergency": False,
                "waive_hospital": False,
                "used_year": 0,
                "used_days": "0",
            },
            expect=Expectation(
                referred=False,
                total_fen=81045,
                liabilities_fen={"medical": 81045},
                outputs_fen={"patient_pays": 29010},
                waivers=(),
                reasons=(),
                draws={"year": 81045, "day": 3},
                shares_fen=(40523, 40522),
                values={"factor": "1"},
            ),
        ),
        PackTest(name="二 bare", facts={"plan": "P-1"}, expect=Expectation(referred=True, total_fen=0)),
    ),
)
