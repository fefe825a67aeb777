"""The 15-rule case as other engines run it: a zen graph, and Python expressions for engines that evaluate those.

What they are given suits them: dates as day numbers, sums as integers, converted beforehand and not timed. None of them checks its
inputs. Each is compared with exact fractions like everything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any

from bench.rules_case import BED_PER_DAY, DEDUCTIBLE, LEVEL_MIN, TIER_BOUNDS, WAITING_DAYS, YEAR_CAP, Facts
from rules.engine import ElementId

Inputs = dict[str, Any]
Run = Callable[[Inputs], int]

_FIRST, _SECOND = TIER_BOUNDS
# (name, expression). Sums are fen until the ratios, then tenths, hundredths and thousandths of a fen.
GATES = (
    ("in_force", "effective <= admitted and admitted <= expiry"),
    ("waiting", f"accident or admitted > effective + {WAITING_DAYS - 1}"),
    ("hospital", f"emergency or (hospital_level >= {LEVEL_MIN} and hospital_public)"),
    ("no_exclusion", "not possible_exclusion"),
)
STEPS = (
    ("bed", f"bed_fee if bed_fee < {BED_PER_DAY} * bed_days else {BED_PER_DAY} * bed_days"),
    ("class_a", "bed + category_a"),
    ("class_b", "class_a * 10 + category_b * 9"),
    ("class_c", "class_b + category_c * 3"),
    ("less_social", "class_c - social_paid * 10 if class_c > social_paid * 10 else 0"),
    ("deductible_left", f"{DEDUCTIBLE} - used_deductible if used_deductible < {DEDUCTIBLE} else 0"),
    ("less_deductible", "less_social - deductible_left * 10 if less_social > deductible_left * 10 else 0"),
    (
        "tiers",
        f"less_deductible * 8 if less_deductible <= {_FIRST * 10} else"
        f" ({_FIRST * 80} + (less_deductible - {_FIRST * 10}) * 9 if less_deductible <= {_SECOND * 10} else"
        f" {_FIRST * 80 + (_SECOND - _FIRST) * 90} + (less_deductible - {_SECOND * 10}) * 10)",
    ),
    ("social", "tiers * 10 if social_used else tiers * 6"),
    ("to_the_fen", "(social + 500) // 1000"),
    (
        "year_cap",
        f"to_the_fen if used_year <= {YEAR_CAP} and to_the_fen < {YEAR_CAP} - used_year else"
        f" ({YEAR_CAP} - used_year if used_year <= {YEAR_CAP} else 0)",
    ),
)


def prepared(facts: Facts) -> Inputs:
    """Return a case's inputs as plain integers, booleans and texts."""
    found: Inputs = {}
    for element, value in facts.items():
        if isinstance(value, Decimal):
            found[str(element)] = int(value)
        elif isinstance(value, bool | int | str):
            found[str(element)] = value
    for short, name in (("effective", "policy_effective"), ("expiry", "policy_expiry"), ("admitted", "admission_date")):
        day = facts[ElementId(name)]
        assert isinstance(day, date)
        found[short] = day.toordinal()
    return found


def zen(trace: bool) -> Run:
    """Return zen-engine on a graph of one expression node."""
    engine = import_module("zen").ZenEngine()
    holds = " and ".join(f"$.{name}" for name, _ in GATES)
    lines = [(name, _zen(text)) for name, text in (*GATES, *STEPS)]
    lines.append(("paid", f"({holds}) ? $.year_cap : 0"))
    listed = [{"id": name, "key": name, "value": text} for name, text in lines]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {
            "id": "rules",
            "name": "rules",
            "type": "expressionNode",
            "content": {"expressions": listed},
            "position": {"x": 1, "y": 0},
        },
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "b", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    decision = engine.create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    options = {"trace": trace}

    def run(inputs: Inputs) -> int:
        return int(decision.evaluate(inputs, options)["result"]["paid"])

    return run


def _zen(text: str) -> str:
    """The same expression in zen's words: own figures by ``$``, ``c ? a : b``, floor of a division."""
    text = text.replace("(social + 500) // 1000", "floor((social + 500) / 1000)")
    for name in sorted((name for name, _ in (*GATES, *STEPS)), key=len, reverse=True):
        text = _whole_word(text, name)
    return _ternary(text)


def _whole_word(text: str, name: str) -> str:
    words = text.replace("(", "( ").replace(")", " )").split(" ")
    return " ".join(f"$.{word}" if word == name else word for word in words).replace("( ", "(").replace(" )", ")")


def _ternary(text: str) -> str:
    """``a if c else b`` as ``c ? a : b``, innermost brackets as they are."""
    depth = 0
    for at in range(len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0 and text.startswith(" if ", at):
            then, rest = text[:at], text[at + 4 :]
            condition, other = _split_else(rest)
            return f"({condition} ? {_ternary(then)} : {_ternary(other)})"
    if text.startswith("(") and text.endswith(")") and " if " in text:
        return f"({_ternary(text[1:-1])})"
    return text


def _split_else(text: str) -> tuple[str, str]:
    depth = 0
    for at in range(len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0 and text.startswith(" else ", at):
            return text[:at], text[at + 6 :]
    raise ValueError(text)


def simple_eval() -> Run:
    """Return simpleeval with its expressions parsed beforehand."""
    module = import_module("simpleeval")
    evaluator = module.SimpleEval()
    parsed = [(name, text, module.SimpleEval.parse(text)) for name, text in (*GATES, *STEPS)]

    def run(inputs: Inputs) -> int:
        names = evaluator.names = dict(inputs)
        for at, (name, text, tree) in enumerate(parsed):
            found = names[name] = evaluator.eval(text, previously_parsed=tree)
            if at < len(GATES) and not found:
                return 0
        return int(names["year_cap"])

    return run


def evaluated_python() -> Run:
    """Return evalidate: Python's own compiler behind a check of the syntax tree."""
    module = import_module("evalidate")
    model = module.base_eval_model.clone()
    model.nodes += ["IfExp", "Mult", "FloorDiv", "BoolOp", "Or", "And", "Not", "UnaryOp"]
    compiled = [(name, module.Expr(text, model=model)) for name, text in (*GATES, *STEPS)]

    def run(inputs: Inputs) -> int:
        names = dict(inputs)
        for at, (name, expression) in enumerate(compiled):
            found = names[name] = expression.eval(names)
            if at < len(GATES) and not found:
                return 0
        return int(names["year_cap"])

    return run


def cel() -> Run:
    """Return the Rust implementation of CEL, its programs compiled beforehand."""
    module = import_module("cel")
    texts = [(name, _ternary(_c_words(text))) for name, text in (*GATES, *STEPS)]
    programs = [(name, module.compile(text)) for name, text in texts]

    def run(inputs: Inputs) -> int:
        names = dict(inputs)
        for at, (name, program) in enumerate(programs):
            found = names[name] = program.execute(names)
            if at < len(GATES) and not found:
                return 0
        return int(names["year_cap"])

    return run


def _c_words(text: str) -> str:
    for word, sign in ((" and ", " && "), (" or ", " || "), ("not ", "!"), (" // ", " / ")):
        text = text.replace(word, sign)
    return text


def installed(name: str) -> ModuleType | None:
    """Return a module, None where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        return None
