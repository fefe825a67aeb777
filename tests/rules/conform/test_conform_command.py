"""``outpost-rules conform``: what it prints, what it counts, and that a bad line stops nothing."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from rules.tools.commands import main
from rules.tools.conform import NEEDS_A_DECLARED_TYPE, answer_expression
from rules.tools.feel_values import OutOfScope
from rules.tools.tck import Verdict, same, score
from rules.tools.tck_cases import Case

ROOT = Path(__file__).resolve().parents[3]


def row(name, expression, expected=None, *, group="core", inputs=None):
    return {
        "id": name,
        "group": group,
        "expression": expression,
        "inputs": inputs or {},
        "expected": expected,
        "error": expected is None,
    }


def table_row(name, policy, cells, expected, value):
    table = {
        "hit_policy": policy,
        "aggregation": None,
        "inputs": [{"expression": "Number Of Years", "type": "number", "values": None}],
        "outputs": [{"name": None, "values": None, "default": None}],
        "rules": [{"when": [when], "then": [then]} for when, then in cells],
    }
    inputs = {"Number Of Years": {"number": value}}
    return {"id": name, "table": table, "inputs": inputs, "expected": expected, "error": expected is None}


EXPRESSIONS = [
    row("r/1", "1 + 1", {"number": "2"}),
    row("r/2", "1 + null"),
    row("r/3", "1 / 0"),
    row("r/4", "missing", {"number": "2"}),
    row("r/5", "null", {"number": "2"}),
    row("w/1", "1 + 1", {"number": "3"}),
    row("w/2", "1 + 1"),
    row("t/1", '@"10:00:00" + @"PT1H"', {"time": "11:00:00"}, group="temporal"),
    row("0082-feel-coercion/1", "1 + 1", {"number": "2"}),
    row("0082-feel-coercion/2", "1 + 1"),
]
TABLES = [
    table_row("t/1", "RULE ORDER", [("> 1", '"a"'), ("> 2", '"b"')], ["a", "b"], "3"),
    table_row("t/2", "UNIQUE", [("> 1", '"a"'), ("> 2", '"b"')], None, "3"),
    table_row("t/3", "FIRST", [("> 1", '"a"'), ("> 2", '"b"')], "b", "3"),
]
FIGURES = {
    "feel": {"core": {"right": 4, "refused": 3, "wrong": 2}, "temporal": {"right": 1, "refused": 0, "wrong": 0}},
    "tables": {"right": 2, "refused": 0, "wrong": 1},
}


def write(folder, expressions=EXPRESSIONS, tables=TABLES):
    for name, rows in (("feel.jsonl", expressions), ("tables.jsonl", tables)):
        lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_the_json_has_exactly_the_keys_that_another_program_reads(tmp_path, capsys):
    assert main(["conform", str(write(tmp_path)), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == FIGURES


def test_the_table_shows_the_same_figures(tmp_path, capsys):
    main(["conform", str(write(tmp_path)), "-v"])
    out, named = capsys.readouterr()
    figures = [line.split()[-3:] for line in out.splitlines()[1:]]
    assert figures == [["4", "3", "2"], ["1", "0", "0"], ["2", "0", "1"]]
    assert [line.split(":")[1].strip() for line in named.splitlines()] == [
        *("r/4", "r/5", "w/1", "w/2"),
        "0082-feel-coercion/1",
        "t/3",
    ]


def test_the_strict_language_refuses_more_and_answers_the_same(tmp_path, capsys):
    strict_table = json.loads(json.dumps(TABLES[2]).replace("Number Of Years", "years"))
    write(tmp_path, [*EXPRESSIONS[:4], EXPRESSIONS[7]], [strict_table, TABLES[0]])
    assert main(["conform", str(tmp_path), "--strict", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "feel": {"core": {"right": 3, "refused": 1, "wrong": 0}, "temporal": {"right": 0, "refused": 1, "wrong": 0}},
        "tables": {"right": 0, "refused": 1, "wrong": 1},
    }


def test_nothing_wrong_ends_well_and_both_groups_are_always_there(tmp_path, capsys):
    assert main(["conform", str(write(tmp_path, EXPRESSIONS[:2], TABLES[:1])), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "feel": {"core": {"right": 2, "refused": 0, "wrong": 0}, "temporal": {"right": 0, "refused": 0, "wrong": 0}},
        "tables": {"right": 1, "refused": 0, "wrong": 0},
    }


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        "{}",
        '{"id": "x"}',
        json.dumps(row("x", "1", {"number": "one"})),
        json.dumps(row("x", "1", {"number": "NaN"})),
        json.dumps(row("x", "1", {"colour": "red"})),
        json.dumps(row("x", "1", {"date": "2024-02-30"})),
        json.dumps(row("x", 1, True)),
        json.dumps({**row("x", "1", True), "error": "no"}),
        json.dumps(row("x", "1", True, inputs=["a"])),
        json.dumps(TABLES[0]),
        json.dumps(row("x", None, True)),
        "[" * 100_000,
    ],
    ids=range(15),
)
def test_a_malformed_line_is_named_and_stops_nothing(tmp_path, capsys, line):
    write(tmp_path, [EXPRESSIONS[0], line, "", EXPRESSIONS[1]], TABLES[:1])
    assert main(["conform", str(tmp_path), "--json"]) == 0
    out, named = capsys.readouterr()
    assert json.loads(out)["feel"]["core"] == {"right": 2, "refused": 0, "wrong": 0}
    assert named.count("feel.jsonl line") == 1


def test_an_input_of_an_unknown_kind_is_refused_only_where_it_is_read(tmp_path, capsys):
    inputs = {"colour": {"colour": "red"}, "day": {"date": "2024-02-30"}, "a": {"number": "1"}}
    asked = [("a + 1", {"number": "2"}), ("day", {"date": "2024-02-29"}), ("colour", True), ("colour", None)]
    write(tmp_path, [row(f"r/{at}", text, value, inputs=inputs) for at, (text, value) in enumerate(asked)], [])
    assert main(["conform", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["feel"]["core"] == {"right": 2, "refused": 2, "wrong": 0}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rules", [{"when": [], "then": ["1"]}]),
        ("rules", [{"when": ["-"], "then": ["1", "2"]}]),
        ("rules", [{"when": ["-"], "then": [1]}]),
        ("rules", [{"when": "-", "then": ["1"]}]),
        ("rules", None),
        ("inputs", [{"type": "number"}]),
        ("inputs", [{"expression": 1}]),
        ("inputs", [{"expression": "1", "values": 7}]),
        ("outputs", []),
        ("outputs", ["a"]),
        ("hit_policy", None),
        ("aggregation", 1),
    ],
)
def test_a_malformed_table_is_named_and_stops_nothing(tmp_path, capsys, field, value):
    broken = {**TABLES[0], "table": {**TABLES[0]["table"], field: value}}
    write(tmp_path, [], [broken, json.dumps(EXPRESSIONS[0]), TABLES[0]])
    assert main(["conform", str(tmp_path), "--json"]) == 0
    out, named = capsys.readouterr()
    assert json.loads(out)["tables"] == {"right": 1, "refused": 0, "wrong": 0}
    assert "tables.jsonl line 1" in named
    assert "tables.jsonl line 2" in named


def test_a_folder_without_the_files_is_unusable(tmp_path, capsys):
    assert main(["conform", str(tmp_path)]) == 2
    assert "feel.jsonl" in capsys.readouterr().err


def test_it_runs_as_a_module_from_any_folder(tmp_path):
    write(tmp_path, EXPRESSIONS[:2], TABLES[:1])
    found = subprocess.run(
        [sys.executable, "-m", "rules", "conform", ".", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(found.stdout)["tables"] == {"right": 1, "refused": 0, "wrong": 0}


def case(expression, expected, *, error=False):
    return Case("t/1", "core", expression, {}, expected, error)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (case("1 + 1", Decimal(2)), Verdict.RIGHT),
        (case("1 + 1", Decimal(3)), Verdict.WRONG),
        (case("1 + 1", "2"), Verdict.WRONG),
        (case("1 = 1", Decimal(1)), Verdict.WRONG),
        (case("1 + 1", None, error=True), Verdict.WRONG),
        (case("1 + true", None, error=True), Verdict.RIGHT),
        (case("(1", Decimal(1)), Verdict.REFUSED),
        (case("1 + null", Decimal(1)), Verdict.REFUSED),
        (case("[1..2]", (Decimal(1),)), Verdict.REFUSED),
        (case("abs", None, error=True), Verdict.RIGHT),
        (case("+".join(["1"] * 1500), Decimal(1500)), Verdict.REFUSED),
        (case("2.4", Decimal(2)), Verdict.WRONG),
        (case("[1, 2]", (Decimal(1),)), Verdict.WRONG),
    ],
)
def test_scoring(asked, verdict):
    assert score(asked, answer_expression).verdict is verdict
    assert score(asked, lambda _case: "something else").verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("found", "expected", "right"),
    [
        ("2", "2.0", True),
        ("0.1", "0.10000001", False),
        ("0.666666666667", "0.66666666667", True),  # cut off at eleven decimals
        ("0.66666667", "0.6666667", False),  # seven decimals are an answer, not a cut
        ("0.6666666666666666666666666666666667", "0.66666667", True),
        ("0.6666666666666666666666666666666667", "0.66666666", True),
        ("0.6666666666666666666666666666666667", "0.66666665", False),
        ("0.6666666666666666666666666666666667", "0.6666667", False),
    ],
)
def test_only_an_expectation_that_was_cut_off_is_met_by_a_longer_number(found, expected, right):
    assert same(Decimal(found), Decimal(expected)) is right


@pytest.mark.parametrize("text", ["1", "[1]", '"a"', "nonsense ("])
def test_without_the_declared_type_nothing_is_answered_whatever_is_expected(text):
    undeclared = Case(f"{NEEDS_A_DECLARED_TYPE[0]}x", "core", text, {}, None, error=False)
    with pytest.raises(OutOfScope, match="declared type"):
        answer_expression(undeclared)
