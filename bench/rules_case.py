"""The 15-rule medical case of the benchmark: as a pack, by hand with Decimal, and with exact fractions.

In force; 30 waiting days unless an accident; hospital by level and public, or an emergency; exclusion; bed fee capped a day;
category B after the patient's own part; category C at a percentage; social insurance taken off; what is left of a 10,000 deductible;
marginal tiers of 80, 90 and 100 %; 60 % where social insurance was not used; half up to the fen; a yearly cap of 2,000,000.

Amounts in fen. Invented contract, invented cases.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import msgspec

from rules.engine import ElementId, FactsError, Pack, Value, load_pack
from rules.engine.document import PackDocument, write_document

Facts = dict[ElementId, Value]

PLAN = "MED"
WAITING_DAYS = 30
LEVEL_MIN = 2
BED_PER_DAY = 10_000
B_OWN_PART = Decimal("0.1")
C_RATIO = Decimal("0.3")
DEDUCTIBLE = 1_000_000
TIER_BOUNDS = (1_000_000, 5_000_000)
TIER_RATIOS = (Decimal("0.8"), Decimal("0.9"), Decimal("1"))
NO_SOCIAL_RATIO = Decimal("0.6")
YEAR_CAP = 200_000_000
MOST_FEN = 1_000_000_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
MOST_DAYS = 365

MONEY = ("bed_fee", "category_a", "category_b", "category_c", "social_paid", "used_deductible", "used_year")
YES_NO = ("accident", "hospital_public", "emergency", "possible_exclusion", "social_used")
DATES = ("policy_effective", "policy_expiry", "admission_date")
COUNTS = (("hospital_level", 3), ("bed_days", MOST_DAYS))
TEXTS = (("plan", 40), ("bill_number", 30))


def _element(name: str, kind: str, unit: str, low: object, high: object, **more: object) -> dict[str, object]:
    text = {"zh": name, "en": name}
    bounds = {"minimum": str(low), "maximum": str(high)}
    return {"id": name, "name": text, "type": kind, "unit": unit, "source": "document", **bounds, **more}


def _parameter(name: str, kind: str, unit: str, many: bool = False) -> dict[str, object]:
    return {"id": name, "name": {"zh": name, "en": name}, "type": kind, "unit": unit, "many": many}


def _rule(name: str, kind: str, expression: str, applied: str, **more: object) -> dict[str, object]:
    types = {
        "gate": ("bool", "bool"),
        "amount": ("exact_money", "fen"),
        "round": ("money", "fen"),
        "value": ("money", "fen"),
    }
    value_type, unit = types[kind]
    return {
        "id": name,
        "kind": kind,
        "name": {"zh": name, "en": name},
        "clause": "合同条款",
        "type": value_type,
        "unit": unit,
        "date_basis": "liability",
        "expression": expression,
        "applied": {"zh": applied, "en": applied},
        "not_applied": {"zh": "未改变", "en": f"{name}: nothing changed"},
        **more,
    }


_RULES = (
    _rule("in_force", "gate", "admission_date between policy_effective and policy_expiry", "not within the cover"),
    _rule(
        "waiting",
        "gate",
        "accident or admission_date > last waiting day(policy_effective, waiting_days)",
        "within {waiting_days} waiting days",
    ),
    _rule(
        "hospital", "gate", "emergency or (hospital_level >= level_min and hospital_public)", "level {hospital_level}"
    ),
    _rule("no_exclusion", "gate", "not(possible_exclusion)", "an exclusion may apply"),
    _rule("bed", "amount", "amount + min(bed_fee, bed_per_day * bed_days)", "{bed_days} days of at most {bed_per_day}"),
    _rule("class_a", "amount", "amount + category_a", "category A {category_a} in full"),
    _rule("class_b", "amount", "amount + category_b * (1 - b_own_part)", "category B less {b_own_part}"),
    _rule("class_c", "amount", "amount + category_c * c_ratio", "category C at {c_ratio}"),
    _rule("less_social", "amount", "max(0.00 yuan, amount - social_paid)", "social insurance paid {social_paid}"),
    _rule(
        "deductible_left", "value", "max(0.00 yuan, deductible - used_deductible)", "{deductible_left} left to deduct"
    ),
    _rule(
        "less_deductible",
        "amount",
        "max(0.00 yuan, amount - deductible_left)",
        "deductible {deductible_left}",
        shows="deductible_left",
    ),
    _rule("tiers", "amount", "marginal tiers(amount, tier_bounds, tier_ratios)", "tiers of {before}"),
    _rule("social", "amount", "if social_used then amount else amount * no_social_ratio", "at {no_social_ratio}"),
    _rule("to_the_fen", "round", "round half up(amount, 2)", "rounded to {amount}"),
    _rule("year_cap", "amount", "min(amount, year_left)", "at most {year_left}", shows="year_left"),
)


def _tariff(rows: int) -> dict[str, object]:
    """Return a table rule: a ratio by a text of its own and a band of days, as a tariff has them."""
    lines = [
        {
            "when": [f'"T{number // 3:05}"', ("< 10", "[10..25)", ">= 25")[number % 3]],
            "then": [f"0.{number % 20 + 75:02}"],
        }
        for number in range(rows)
    ]
    inputs = [{"expression": "bill_code"}, {"expression": "bed_days"}]
    table = {"hit_policy": "unique", "inputs": inputs, "outputs": [{"name": "ratio", "default": "1"}], "rows": lines}
    spec = _rule("tariff", "value", "", "ratio {tariff}", type="number", unit="ratio", table=table)
    return {name: value for name, value in spec.items() if name != "expression"}


def document(table_rows: int = 0) -> PackDocument:
    """Return the case as a pack's document; with ``table_rows`` a decision table of so many rows gives one more ratio."""
    rules = list(_RULES)
    codes = []
    if table_rows:
        codes = [_element("bill_code", "text", "text", 1, 30)]
        by_tariff = _rule("by_tariff", "amount", "amount * tariff", "at {tariff}", shows="tariff")
        rules[11:11] = [_tariff(table_rows), by_tariff]
    money = [_element(name, "money", "fen", 0, MOST_FEN) for name in MONEY]
    flags = [_element(name, "bool", "bool", "false", "true") for name in YES_NO]
    dates = [_element(name, "date", "date", FIRST_DAY, LAST_DAY) for name in DATES]
    counts = [_element(name, "number", "count", 0, most, scale=0) for name, most in COUNTS]
    texts = [_element(name, "text", "text", 1, most) for name, most in TEXTS]
    raw = {
        "schema": 1,
        "engine_min": "1",
        "pack_id": "bench",
        "version": 1,
        "valid_from": "2000-01-01",
        "elements": [
            *texts,
            *codes,
            _element("claim_types", "text", "text", 1, 40, many=True, items=12),
            *money,
            *flags,
            *dates,
            *counts,
        ],
        "parameters": [
            _parameter("waiting_days", "number", "day"),
            _parameter("level_min", "number", "count"),
            _parameter("bed_per_day", "money", "fen"),
            _parameter("b_own_part", "number", "ratio"),
            _parameter("c_ratio", "number", "ratio"),
            _parameter("deductible", "money", "fen"),
            _parameter("tier_bounds", "money", "fen", many=True),
            _parameter("tier_ratios", "number", "ratio", many=True),
            _parameter("no_social_ratio", "number", "ratio"),
            _parameter("year_cap_sum", "money", "fen"),
        ],
        "rules": rules,
        "pools": [
            {
                "id": "year",
                "name": {"zh": "年度限额", "en": "yearly limit"},
                "scope": "policy_year",
                "unit": "fen",
                "used": "used_year",
                "limit": "year_cap_sum",
            }
        ],
        "liabilities": [
            {
                "id": "medical",
                "name": {"zh": "住院医疗", "en": "medical"},
                "clause": "保险责任",
                "claimed": ["medical"],
                "date_basis": "admission_date",
                "loss_key": "bill:{bill_number}",
                "steps": [str(rule["id"]) for rule in rules],
                "draws": [{"pool": "year", "amount": "paid"}],
            }
        ],
        "plans": [
            {
                "id": PLAN,
                "name": {"zh": "医疗", "en": "medical"},
                "order": 1,
                "liabilities": [{"liability": "medical"}],
                "parameters": {
                    "waiting_days": str(WAITING_DAYS),
                    "level_min": str(LEVEL_MIN),
                    "bed_per_day": BED_PER_DAY,
                    "b_own_part": str(B_OWN_PART),
                    "c_ratio": str(C_RATIO),
                    "deductible": DEDUCTIBLE,
                    "tier_bounds": list(TIER_BOUNDS),
                    "tier_ratios": [str(ratio) for ratio in TIER_RATIOS],
                    "no_social_ratio": str(NO_SOCIAL_RATIO),
                    "year_cap_sum": YEAR_CAP,
                },
            }
        ],
    }
    return msgspec.convert(raw, type=PackDocument)


def pack(table_rows: int = 0) -> Pack:
    """Return the pack, loaded."""
    return load_pack(write_document(document(table_rows)))


def with_codes(several: list[Facts], table_rows: int) -> list[Facts]:
    """Return the cases with a code each for the table, one in ten of them in no row."""
    draw = random.Random(table_rows)
    codes = table_rows // 3
    found = []
    for facts in several:
        code = f"T{draw.randrange(codes + codes // 10 + 1):05}"
        found.append({**facts, ElementId("bill_code"): code})
    return found


def cases(count: int) -> list[Facts]:
    """Return invented cases, the same every time; about a third come to a payment."""
    draw = random.Random(20_261_122)
    found: list[dict[str, Value]] = []
    for number in range(count):
        effective = date(2023, 1, 1) + timedelta(days=draw.randrange(365))
        found.append(
            {
                "plan": PLAN,
                "claim_types": ("medical",),
                "bill_number": f"N{number:07}",
                "bed_fee": draw.randrange(500_000),
                "category_a": draw.randrange(6_000_000),
                "category_b": draw.randrange(3_000_000),
                "category_c": draw.randrange(2_000_000),
                "social_paid": draw.randrange(4_000_000),
                "used_deductible": draw.choice([0, 0, draw.randrange(1_000_000), 1_000_000]),
                "used_year": draw.choice([0, 0, draw.randrange(200_000_000)]),
                "accident": draw.random() < 0.3,
                "hospital_public": draw.random() < 0.85,
                "emergency": draw.random() < 0.15,
                "possible_exclusion": draw.random() < 0.1,
                "social_used": draw.random() < 0.7,
                "policy_effective": effective,
                "policy_expiry": effective + timedelta(days=364),
                "admission_date": effective + timedelta(days=draw.randrange(-20, 380)),
                "hospital_level": Decimal(draw.choice([1, 2, 2, 3, 3])),
                "bed_days": Decimal(draw.randrange(1, 40)),
            }
        )
    return [{ElementId(name): value for name, value in facts.items()} for facts in found]


_ONE = Decimal(1)
_ZERO = Decimal(0)
_KNOWN = frozenset(
    (*MONEY, *YES_NO, *DATES, *(name for name, _ in COUNTS), *(name for name, _ in TEXTS), "claim_types")
)


def check_by_hand(facts: Facts) -> None:  # noqa: PLR0912 - one branch for each sort of input
    """Hold every input to its type and bounds, as the pack's elements do. Raises FactsError."""
    given: dict[str, object] = facts  # type: ignore[assignment]  # names are texts
    if given.keys() != _KNOWN:
        raise FactsError("unknown_element")
    for name in MONEY:
        money = given[name]
        if type(money) is not int or not 0 <= money <= MOST_FEN:
            raise FactsError("out_of_bounds", element=name)
    for name in YES_NO:
        if type(given[name]) is not bool:
            raise FactsError("wrong_type", element=name)
    for name in DATES:
        day = given[name]
        if type(day) is not date or not FIRST_DAY <= day <= LAST_DAY:
            raise FactsError("out_of_bounds", element=name)
    for name, most in COUNTS:
        count = given[name]
        if type(count) is not Decimal or not 0 <= count <= most or count != count.to_integral_value():
            raise FactsError("out_of_bounds", element=name)
    for name, most in TEXTS:
        text = given[name]
        if type(text) is not str or not 1 <= len(text) <= most or not _writable(text):
            raise FactsError("out_of_bounds", element=name)
    types = given["claim_types"]
    if type(types) is not tuple or len(types) > 12:
        raise FactsError("wrong_type", element="claim_types")
    for each in types:
        if type(each) is not str or not 1 <= len(each) <= 40 or not _writable(each):
            raise FactsError("wrong_type", element="claim_types")


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def by_hand(facts: Facts) -> int:
    """The case as a programmer writes it with Decimal, inputs checked."""
    check_by_hand(facts)
    f: dict[str, Any] = facts  # type: ignore[assignment]  # names are texts
    return _by_hand(f)


def _by_hand(f: dict[str, Any]) -> int:
    effective, admitted = f["policy_effective"], f["admission_date"]
    if not effective <= admitted <= f["policy_expiry"]:
        return 0
    if not f["accident"] and admitted <= effective + timedelta(days=WAITING_DAYS - 1):
        return 0
    if not f["emergency"] and not (f["hospital_level"] >= LEVEL_MIN and f["hospital_public"]):
        return 0
    if f["possible_exclusion"]:
        return 0
    bed = min(Decimal(f["bed_fee"]), BED_PER_DAY * f["bed_days"])
    b = Decimal(f["category_b"]) * (_ONE - B_OWN_PART)
    c = Decimal(f["category_c"]) * C_RATIO
    amount = max(_ZERO, bed + Decimal(f["category_a"]) + b + c - Decimal(f["social_paid"]))
    left = max(0, DEDUCTIBLE - f["used_deductible"])
    amount = max(_ZERO, amount - left)
    amount = _tiers_by_hand(amount)
    if not f["social_used"]:
        amount *= NO_SOCIAL_RATIO
    paid = int(amount.quantize(_ONE, rounding=ROUND_HALF_UP))
    return min(paid, int(max(0, YEAR_CAP - f["used_year"])))


def _tiers_by_hand(amount: Decimal) -> Decimal:
    first, second = TIER_BOUNDS
    low, middle, high = TIER_RATIOS
    if amount <= first:
        return amount * low
    if amount <= second:
        return first * low + (amount - first) * middle
    return first * low + (second - first) * middle + (amount - second) * high


def by_hand_traced(facts: Facts) -> tuple[int, list[tuple[str, object, object]]]:
    """The same, with a list of every step: rule, value, sum after it."""
    check_by_hand(facts)
    f: dict[str, Any] = facts  # type: ignore[assignment]  # names are texts
    trace: list[tuple[str, object, object]] = []
    tell = trace.append
    effective, admitted = f["policy_effective"], f["admission_date"]
    holds = effective <= admitted <= f["policy_expiry"]
    tell(("in_force", holds, None))
    if not holds:
        return 0, trace
    holds = bool(f["accident"]) or admitted > effective + timedelta(days=WAITING_DAYS - 1)
    tell(("waiting", holds, None))
    if not holds:
        return 0, trace
    holds = bool(f["emergency"]) or bool(f["hospital_level"] >= LEVEL_MIN and f["hospital_public"])
    tell(("hospital", holds, None))
    if not holds:
        return 0, trace
    holds = not f["possible_exclusion"]
    tell(("no_exclusion", holds, None))
    if not holds:
        return 0, trace
    amount = min(Decimal(f["bed_fee"]), BED_PER_DAY * f["bed_days"])
    tell(("bed", amount, amount))
    amount += Decimal(f["category_a"])
    tell(("class_a", f["category_a"], amount))
    part = Decimal(f["category_b"]) * (_ONE - B_OWN_PART)
    amount += part
    tell(("class_b", part, amount))
    part = Decimal(f["category_c"]) * C_RATIO
    amount += part
    tell(("class_c", part, amount))
    amount = max(_ZERO, amount - Decimal(f["social_paid"]))
    tell(("less_social", f["social_paid"], amount))
    left = max(0, DEDUCTIBLE - f["used_deductible"])
    tell(("deductible_left", left, None))
    amount = max(_ZERO, amount - left)
    tell(("less_deductible", left, amount))
    amount = _tiers_by_hand(amount)
    tell(("tiers", amount, amount))
    if not f["social_used"]:
        amount *= NO_SOCIAL_RATIO
    tell(("social", f["social_used"], amount))
    paid = int(amount.quantize(_ONE, rounding=ROUND_HALF_UP))
    tell(("to_the_fen", paid, paid))
    paid = min(paid, max(0, YEAR_CAP - f["used_year"]))
    tell(("year_cap", f["used_year"], paid))
    return paid, trace


def exact(facts: Facts) -> int:
    """The sum with exact fractions, written down independently: what every row is held to."""
    f: dict[str, Any] = facts  # type: ignore[assignment]  # names are texts
    start, day = f["policy_effective"], f["admission_date"]
    waited = (day - start).days >= WAITING_DAYS
    fits = f["emergency"] or (f["hospital_level"] >= LEVEL_MIN and f["hospital_public"])
    covered = start <= day <= f["policy_expiry"]
    if f["possible_exclusion"] or not (covered and fits and (f["accident"] or waited)):
        return 0
    money: Callable[[str], Fraction] = lambda name: Fraction(f[name])  # noqa: E731 - a column of sums
    eligible = min(money("bed_fee"), money("bed_days") * BED_PER_DAY) + money("category_a")
    eligible += money("category_b") * (1 - Fraction(B_OWN_PART)) + money("category_c") * Fraction(C_RATIO)
    rest = max(Fraction(0), eligible - money("social_paid"))
    rest = max(Fraction(0), rest - max(Fraction(0), DEDUCTIBLE - money("used_deductible")))
    paid, low = Fraction(0), 0
    for high, ratio in zip((*TIER_BOUNDS, None), TIER_RATIOS, strict=True):
        top = rest if high is None else min(rest, Fraction(high))
        paid += max(Fraction(0), top - low) * Fraction(ratio)
        low = high or 0
    paid *= 1 if f["social_used"] else Fraction(NO_SOCIAL_RATIO)
    fen = (paid + Fraction(1, 2)).__floor__()
    return min(fen, max(0, YEAR_CAP - int(money("used_year"))))
