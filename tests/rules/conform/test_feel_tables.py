"""Decision tables in the FEEL mode: every hit policy, several outputs, allowed values, defaults, null inputs."""

from decimal import Decimal

import pytest

from rules.tools.feel_tables import answer_feel_table
from rules.tools.feel_values import OutOfScope

ENV = {
    "Age": Decimal(19),
    "Risk Category": "High",
    "nothing": None,
    "person": {"home town": "Wuxi", "ages": (Decimal(3), Decimal(19))},
    "Flu Symptoms": ("fever", "cough"),
}


def table(policy, rules, *, inputs=("Age",), outputs=1, aggregation=None, values=None, defaults=None):
    columns = [each if isinstance(each, tuple) else (each, None, None) for each in inputs]
    return {
        "hit_policy": policy,
        "aggregation": aggregation,
        "inputs": [{"expression": text, "type": kind, "values": allowed} for text, kind, allowed in columns],
        "outputs": [
            {
                "name": f"Out {at + 1}" if outputs > 1 else None,
                "values": (values or [None] * outputs)[at],
                "default": (defaults or [None] * outputs)[at],
            }
            for at in range(outputs)
        ],
        "rules": [{"when": list(when), "then": list(then)} for when, then in rules],
    }


TWO = [((">= 18",), ('"adult"',)), ((">= 10",), ('"older"',)), (("< 10",), ('"child"',))]
SAME = [((">= 18",), ('"a"',)), ((">= 10",), ('"a"',))]
RANKED = ['"best", "good", "poor"']
RANKS = [((">= 10",), ('"poor"',)), ((">= 12",), ('"best"',)), ((">= 14",), ('"good"',)), (("> 90",), ('"best"',))]
PAIRS = [((">= 1",), ('"x"', "1")), ((">= 2",), ('"y"', "2")), (("> 90",), ('"z"', "3"))]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (table("UNIQUE", TWO[::2]), "adult"),
        (table("UNIQUE", TWO), OutOfScope),
        (table("FIRST", TWO), "adult"),
        (table("FIRST", TWO[::-1]), "older"),
        (table("ANY", SAME), "a"),
        (table("ANY", TWO), OutOfScope),
        (table("ANY", [((">= 1",), ("null",)), ((">= 2",), ("null",))]), None),
        (table("RULE ORDER", TWO), ("adult", "older")),
        (table("COLLECT", TWO), ("adult", "older")),
        (table("PRIORITY", RANKS, values=RANKED), "best"),
        (table("OUTPUT ORDER", RANKS, values=RANKED), ("best", "good", "poor")),
        (table("PRIORITY", RANKS), OutOfScope),
        (table("PRIORITY", RANKS, values=['"best", "good"']), OutOfScope),
        (
            table("RULE ORDER", PAIRS, outputs=2),
            ({"Out 1": "x", "Out 2": Decimal(1)}, {"Out 1": "y", "Out 2": Decimal(2)}),
        ),
        (table("PRIORITY", PAIRS, outputs=2, values=['"z", "y", "x"', None]), {"Out 1": "y", "Out 2": Decimal(2)}),
        (table("PRIORITY", PAIRS, outputs=2, values=[None, "3, 1, 2"]), {"Out 1": "x", "Out 2": Decimal(1)}),
        (
            table(
                "OUTPUT ORDER", [*PAIRS, ((">= 3",), ('"x"', "5"))], outputs=2, values=['"y", "x", "z"', "5, 1, 2, 3"]
            ),
            tuple({"Out 1": a, "Out 2": Decimal(b)} for a, b in [("y", 2), ("x", 5), ("x", 1)]),
        ),
        # aggregation
        (table("COLLECT", [((">= 1",), ("10.5",)), (("-",), ("2",))], aggregation="SUM"), Decimal("12.5")),
        (table("COLLECT", [((">= 1",), ("10",)), (("-",), ("2",))], aggregation="MIN"), Decimal(2)),
        (table("COLLECT", [((">= 1",), ("10",)), (("-",), ("2",))], aggregation="MAX"), Decimal(10)),
        (table("COLLECT", [((">= 1",), ("10",)), (("-",), ("2",))], aggregation="COUNT"), Decimal(2)),
        (table("COLLECT", [((">= 1",), ("2",)), (("-",), ("2.0",))], aggregation="COUNT"), OutOfScope),
        (table("COLLECT", [((">= 1",), ('"a"',)), (("-",), ("2",))], aggregation="SUM"), None),
        (table("COLLECT", PAIRS, outputs=2, aggregation="SUM"), OutOfScope),
        (table("COLLECT", TWO, aggregation="AVERAGE"), OutOfScope),
        # no row applies
        (table("UNIQUE", [(("> 90",), ("1",))]), OutOfScope),
        (table("UNIQUE", [(("> 90",), ("1",))], defaults=["Age * 2"]), Decimal(38)),
        (table("FIRST", PAIRS[2:], outputs=2, defaults=['"none"', "0"]), {"Out 1": "none", "Out 2": Decimal(0)}),
        (table("FIRST", PAIRS[2:], outputs=2, defaults=['"none"', None]), OutOfScope),
        (table("COLLECT", [(("> 90",), ("1",))]), OutOfScope),
        (table("COLLECT", [(("> 90",), ("1",))], aggregation="COUNT"), OutOfScope),
        # inputs
        (table("UNIQUE", [(('"High"',), ("1",))], inputs=["Risk Category"]), Decimal(1)),
        (table("UNIQUE", [(('not("Low", "None")',), ("1",))], inputs=["Risk Category"]), Decimal(1)),
        (table("UNIQUE", [(('not("High")',), ("1",))], inputs=["Risk Category"]), OutOfScope),
        (table("UNIQUE", [(("Flu Symptoms",), ('"flu"',))], inputs=['"cough"']), "flu"),
        (table("UNIQUE", [(("person.ages",), ("[Age, 1]",))]), (Decimal(19), Decimal(1))),
        (
            table(
                "UNIQUE",
                [(('"Wuxi"',), ('{town: person.home town, "old enough": Age > 18}',))],
                inputs=["person.home town"],
            ),
            {"town": "Wuxi", "old enough": True},
        ),
        (table("UNIQUE", [(("[18..20)",), ("1",))], inputs=[("Age", "number", "[0..120]")]), Decimal(1)),
        (table("UNIQUE", [(("-",), ("1",))], inputs=[("Age", "number", "[0..10]")]), OutOfScope),
        (table("UNIQUE", [(("-",), ("1",))], inputs=[("Age", "string", None)]), OutOfScope),
        (table("UNIQUE", [(("-",), ("1",))], inputs=[("missing", None, None)]), OutOfScope),
        (table("UNIQUE", [(("",), ("1",))]), Decimal(1)),
        (table("UNIQUE", [(("? > 10 and ? < 20",), ("1",))]), Decimal(1)),
        (table("UNIQUE", [(("true",), ("1",)), (("false",), ("2",))], inputs=["Age < 18"]), Decimal(2)),
        (table("UNIQUE", [(("? = false",), ("1",))], inputs=["Age < 18"]), Decimal(1)),
        # null
        (table("UNIQUE", [(("null",), ("1",)), (("> 1",), ("2",))], inputs=[("nothing", "number", None)]), Decimal(1)),
        (table("UNIQUE", [(("-",), ("1",))], inputs=["nothing"]), Decimal(1)),
        (table("UNIQUE", [(("not(null)",), ("1",))], inputs=["nothing"]), OutOfScope),
        (table("UNIQUE", [(("not(null)",), ("1",))]), Decimal(1)),
        (
            table("FIRST", [(("< 5",), ("1",)), (("[1..2]",), ("1",)), (('"a"',), ("1",))], inputs=["nothing"]),
            OutOfScope,
        ),
        (table("SECOND", TWO), OutOfScope),
    ],
)
def test_a_table_answers_or_is_refused(asked, answer):
    if answer is OutOfScope:
        with pytest.raises(OutOfScope):
            answer_feel_table(asked, ENV)
    else:
        assert answer_feel_table(asked, ENV) == answer
