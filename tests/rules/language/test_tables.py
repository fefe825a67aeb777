"""Decision tables: hit policies, cells, defaults, and the failures that take the place of a silent first match."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from rules.engine.language import (
    Aggregation,
    Failure,
    FailureCode,
    HitPolicy,
    LanguageError,
    TableDefinition,
    TableInput,
    TableOutput,
    TableRow,
    Type,
    compile_table,
)

NAMES = {
    "age": Type.NUMBER,
    "kind": Type.TEXT,
    "bill": Type.MONEY,
    "limit": Type.MONEY,
    "day": Type.DATE,
    "public": Type.BOOL,
    "codes": Type.list_of(Type.TEXT),
}
ENV = {
    "age": Decimal(40),
    "kind": "住院",
    "bill": 100_000,
    "limit": 50_000,
    "day": date(2024, 6, 1),
    "public": True,
    "codes": ("A", "B"),
}


def define(policy, inputs, rows, outputs=("o",), *, defaults=None, aggregation=None, complete=False):
    return TableDefinition(
        hit_policy=policy,
        inputs=tuple(
            TableInput(expression=each) if isinstance(each, str) else TableInput(expression=each[0], allowed=each[1])
            for each in inputs
        ),
        outputs=tuple(
            TableOutput(name=name, default=default)
            for name, default in zip(outputs, defaults or [None] * len(outputs), strict=True)
        ),
        rows=tuple(TableRow(when=tuple(when), then=tuple(then)) for when, then in rows),
        aggregation=aggregation,
        complete=complete,
    )


def table(*args, **kwargs):
    return compile_table(define(*args, **kwargs), NAMES)


def refusal(*args, **kwargs):
    with pytest.raises(LanguageError) as caught:
        table(*args, **kwargs)
    return caught.value


RATES = [
    (["< 18", "-"], ["0.9"]),
    ([">= 18", '"住院"'], ["0.8"]),
    (["[18..60)", 'not("住院")'], ["0.6"]),
    ([">= 60", '"门诊", "急诊"'], ["0.7"]),
]


@pytest.mark.parametrize(
    ("age", "kind", "row", "rate"),
    [
        ("17.99", "门诊", 0, "0.9"),
        ("18", "住院", 1, "0.8"),
        ("59", "门诊", 2, "0.6"),
        ("60", "急诊", 3, "0.7"),
        ("60", "住院", 1, "0.8"),
    ],
)
def test_a_unique_table_finds_its_row(age, kind, row, rate):
    hit = table(HitPolicy.UNIQUE, ["age", "kind"], RATES).evaluate({"age": Decimal(age), "kind": kind})
    assert hit.rows == (row,)
    assert hit.values == (Decimal(rate),)


@pytest.mark.parametrize(
    ("expression", "cell", "applies"),
    [
        ("age", "40", True),
        ("age", "40.00", True),
        ("age", "-", True),
        ("age", "-40", False),
        ("age", "-40, 40", True),
        ("age", "[40..41)", True),
        ("age", "(40..41)", False),
        ("age", "< 20, > 39", True),
        ("age", "not(40)", False),
        ("age", "not(39, > 41)", True),
        ("age", "!= 40", False),
        ("age + 1", "41", True),
        ("kind", '"住院"', True),
        ("kind", '"门诊", "住院"', True),
        ("kind", '["门诊", "住院"]', True),
        ("kind", "codes", False),
        ('"C50.9"', '["C00".."C98")', True),
        ('"D05"', '["C00".."C98")', False),
        ('"A"', "codes", True),
        ("public", "true", True),
        ("public", "not(true)", False),
        ("bill", "> limit", True),
        ("bill", "[limit..1000 yuan]", True),
        ("bill", "> limit * 2", False),
        ("bill", "1000.00 yuan", True),
        ("bill / limit", "2", True),
        ("day", '>= date("2024-06-01")', True),
        ("day", '[date("2024-01-01")..@"2024-06-01")', False),
        ('day - date("2024-05-01")', 'duration("P31D")', True),
    ],
)
def test_a_cell(expression, cell, applies):
    definition = define(HitPolicy.FIRST, [expression], [([cell], ["true"])], defaults=["false"])
    if expression == "bill / limit":
        with pytest.raises(LanguageError, match="unrounded_division"):
            compile_table(definition, NAMES)
        return
    assert compile_table(definition, NAMES).evaluate(ENV).values == (applies,)


@pytest.mark.parametrize(
    ("expression", "cell", "code"),
    [
        ("age", '"40"', "wrong_type"),
        ("age", "40 yuan", "wrong_type"),
        ("bill", "40", "wrong_type"),
        ("bill", "> 40", "wrong_type"),
        ("bill", "[0..40]", "wrong_type"),
        ("kind", "住院", "unknown_name"),
        ("kind", "VIP", "unknown_name"),
        ("kind", "> 1", "wrong_type"),
        ("public", '"true"', "wrong_type"),
        ("public", "1", "wrong_type"),
        ("day", '"2024-01-01"', "wrong_type"),
        ("age", "", "unexpected"),
        ("age", "40,", "unexpected"),
        ("age", "- 40 -", "unexpected"),
        ("age", "not(40", "unexpected"),
        ("age", "not(40) or 1", "unexpected"),
        ("age", "[1..2] and 3", "unexpected"),
        ("age", "null", "unexpected"),
        ("age", "? > 3", "unexpected"),
        ("age", "[9..1]", "bad_literal"),
    ],
)
def test_a_cell_that_does_not_fit_names_row_and_column(expression, cell, code):
    error = refusal(HitPolicy.FIRST, [expression, "age"], [(["-", "1"], ["1"]), ([cell, "-"], ["2"])])
    assert (error.code, error.values["row"], error.values["column_name"]) == (code, "2", expression)


def test_two_rows_of_a_unique_table_are_a_failure_when_only_the_values_show_it():
    found = table(HitPolicy.UNIQUE, ["bill"], [(["> limit"], ["1"]), (["> 10 yuan"], ["2"])])
    with pytest.raises(Failure) as caught:
        found.evaluate(ENV)
    assert caught.value.failure_code is FailureCode.SEVERAL_HITS
    assert caught.value.detail == "1、2"


def test_no_row_without_a_default_is_a_failure():
    for policy in (HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY):
        with pytest.raises(Failure) as caught:
            table(policy, ["age"], [(["< 18"], ["1"])]).evaluate(ENV)
        assert caught.value.failure_code is FailureCode.NO_HIT


def test_a_default_counts_when_no_row_applies():
    hit = table(HitPolicy.UNIQUE, ["age"], [(["< 18"], ["1", "limit"])], ("a", "b"), defaults=["0", "0 yuan"]).evaluate(
        ENV
    )
    assert (hit.rows, hit.values) == ((), (Decimal(0), 0))


def test_first_takes_the_first_row():
    hit = table(HitPolicy.FIRST, ["age"], [(["> 18"], ["1"]), (["> 12"], ["2"]), (["-"], ["3"])]).evaluate(ENV)
    assert (hit.rows, hit.values) == ((0,), (Decimal(1),))


def test_any_accepts_rows_that_agree_and_fails_where_they_do_not():
    rows = [(["> 18"], ["1.0"]), (["> 12"], ["1"]), (["> 60"], ["2"])]
    found = table(HitPolicy.ANY, ["age"], rows)
    assert found.evaluate(ENV).rows == (0, 1)
    with pytest.raises(Failure) as caught:
        found.evaluate({"age": Decimal(61)})
    assert caught.value.failure_code is FailureCode.DIFFERENT_HITS


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [(Aggregation.SUM, 350), (Aggregation.MIN, 100), (Aggregation.MAX, 250), (Aggregation.COUNT, Decimal(2))],
)
def test_collect_folds_the_rows_that_apply(aggregation, value):
    rows = [(["> 18"], ["1 yuan"]), (["> 60"], ["9 yuan"]), (["> 12"], ["2.50 yuan"])]
    hit = table(HitPolicy.COLLECT, ["age"], rows, aggregation=aggregation).evaluate(ENV)
    assert (hit.rows, hit.values) == ((0, 2), (value,))


def test_collect_of_no_row():
    rows = [(["> 60"], ["1 yuan"])]
    assert table(HitPolicy.COLLECT, ["age"], rows, aggregation=Aggregation.COUNT).evaluate(ENV).values == (Decimal(0),)
    with pytest.raises(Failure) as caught:
        table(HitPolicy.COLLECT, ["age"], rows, aggregation=Aggregation.SUM).evaluate(ENV)
    assert caught.value.failure_code is FailureCode.NO_HIT
    with_default = table(HitPolicy.COLLECT, ["age"], rows, aggregation=Aggregation.SUM, defaults=["0 yuan"])
    assert with_default.evaluate(ENV).values == (0,)


def test_a_missing_input_is_a_failure_even_when_no_row_looks_at_it():
    found = table(HitPolicy.FIRST, ["age", "kind"], [(["-", "-"], ["1"])])
    with pytest.raises(Failure) as caught:
        found.evaluate({"age": Decimal(1)})
    assert (caught.value.failure_code, caught.value.detail) == (FailureCode.MISSING, "kind")


def test_an_input_outside_its_allowed_values_is_a_failure():
    found = table(HitPolicy.FIRST, [("kind", '"住院", "门诊"')], [(["-"], ["1"])])
    assert found.evaluate(ENV).values == (Decimal(1),)
    with pytest.raises(Failure) as caught:
        found.evaluate({"kind": "住 院"})
    assert caught.value.failure_code is FailureCode.OUT_OF_RANGE


def test_outputs_of_a_column_share_one_type():
    found = table(
        HitPolicy.FIRST, ["age"], [(["< 18"], ["limit", '"a"']), (["-"], ["bill * 0.5", "kind"])], ("amount", "why")
    )
    assert found.types == {"amount": Type.EXACT_MONEY, "why": Type.TEXT}
    assert found.reads == {"age", "limit", "bill", "kind"}
    assert found.evaluate(ENV).values == (Decimal(50_000), "住院")
    error = refusal(HitPolicy.FIRST, ["age"], [(["< 18"], ["1 yuan"]), (["-"], ["1"])])
    assert (error.code, error.values["row"], error.values["column_name"]) == ("wrong_type", "2", "o")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((HitPolicy.COLLECT, ["age"], [(["-"], ["1"])]), {}),
        ((HitPolicy.FIRST, ["age"], [(["-"], ["1"])]), {"aggregation": Aggregation.SUM}),
        ((HitPolicy.COLLECT, ["age"], [(["-"], ["1", "2"])], ("a", "b")), {"aggregation": Aggregation.SUM}),
        ((HitPolicy.COLLECT, ["age"], [(["-"], ['"a"'])]), {"aggregation": Aggregation.SUM}),
        ((HitPolicy.COLLECT, ["age"], [(["-"], ['"a"'])]), {"aggregation": Aggregation.MAX}),
        ((HitPolicy.FIRST, [], [([], ["1"])]), {}),
        ((HitPolicy.FIRST, ["age"], []), {}),
        ((HitPolicy.FIRST, ["age"], [(["-"], [])], ()), {}),
        ((HitPolicy.FIRST, ["age"], [(["-", "-"], ["1"])]), {}),
        ((HitPolicy.FIRST, ["age"], [(["-"], ["1", "2"])]), {}),
        ((HitPolicy.FIRST, ["age"], [(["-"], ["1", "2"])], ("a", "a")), {}),
        ((HitPolicy.FIRST, ["age"], [(["-"], ["1", "2"])], ("a", "b")), {"defaults": ["1", None]}),
        ((HitPolicy.FIRST, ["age"], [(["-"], ["1"])] * 5001), {}),
    ],
)
def test_a_table_out_of_shape_is_refused(args, kwargs):
    assert refusal(*args, **kwargs).code == "bad_table"


def test_a_hit_policy_is_never_implicit():
    raw = msgspec.to_builtins(define(HitPolicy.FIRST, ["age"], [(["-"], ["1"])]))
    assert msgspec.convert(raw, TableDefinition) == define(HitPolicy.FIRST, ["age"], [(["-"], ["1"])])
    del raw["hit_policy"]
    with pytest.raises(msgspec.ValidationError, match="hit_policy"):
        msgspec.convert(raw, TableDefinition)
