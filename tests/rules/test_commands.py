"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rules.engine import digest, load_pack, read_decision
from rules.tools.building import build_pack
from rules.tools.commands import main
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import by_id, changed

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "resources" / "packs" / "sample.json"
SOURCE = ROOT / "resources" / "packs" / "sample"


def test_run_prints_one_decision_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = load_pack(sample_pack_bytes())
    cases = tmp_path / "cases.jsonl"
    cases.write_text(
        "\n".join(json.dumps({"name": test.name, "facts": test.facts}) for test in pack.tests), encoding="utf-8"
    )
    assert main(["run", str(SAMPLE), str(cases)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == [test.name for test in pack.tests]
    for line, test in zip(lines, pack.tests, strict=True):
        decision = read_decision(json.dumps(line["decision"]).encode())
        assert decision.total_fen == test.expect.total_fen
        assert len(digest(decision)) == 64


def test_one_bad_line_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = json.dumps({"facts": load_pack(sample_pack_bytes()).tests[0].facts})
    cases = tmp_path / "cases.jsonl"
    cases.write_text(
        f'{good}\nnonsense\n\n{{"facts":{{"bill_total":1.5}}}}\n{{"facts":{{"x":1}}}}\n{good}\n', encoding="utf-8"
    )
    assert main(["run", str(SAMPLE), str(cases)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("error") for line in lines] == [None, "bad_json", "float", "unknown_element", None]
    assert lines[0]["decision"] == lines[4]["decision"]


def test_test_passes_on_the_sample_and_fails_on_any_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(SAMPLE)]) == 0
    out = capsys.readouterr().out
    assert "0 differ" in out
    assert "A-6 hospital and scope waivers" in out
    # One fen off in the expectation of case F-1.
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(
        changed(
            lambda document: by_id(document, "tests", "F-1 cholecystectomy at the counter")["expect"].update(
                total_fen=419353
            )
        )
    )
    assert main(["test", "-q", str(wrong)]) == 1
    out = capsys.readouterr().out
    assert "total_fen: expected 419353, got 419352" in out
    assert "1 differ" in out


def test_a_pack_without_tests_does_not_pass(tmp_path: Path) -> None:
    bare = tmp_path / "bare.json"
    bare.write_bytes(changed(lambda document: document.pop("tests")))
    assert main(["test", str(bare)]) == 1


def test_an_output_that_nobody_expected_is_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(
        changed(
            lambda document: by_id(document, "tests", "C-4 diagnosed on the last waiting day")["expect"].pop(
                "outputs_fen"
            )
        )
    )
    assert main(["test", "-q", str(wrong)]) == 1
    assert "outputs_fen: expected {}, got {'refund': 612000}" in capsys.readouterr().out


@pytest.mark.slow  # every mutant of the sample is tried before it is written
def test_build_writes_the_same_bytes_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(SOURCE), str(tmp_path / "one.json")]) == 0
    assert (tmp_path / "one.json").read_bytes() == build_pack(SOURCE) == sample_pack_bytes()
    assert load_pack(sample_pack_bytes()).hash in capsys.readouterr().out


def test_build_names_what_is_wrong_with_a_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(tmp_path), str(tmp_path / "out.json")]) == 2
    assert "pack.json" in capsys.readouterr().err
    for file in SOURCE.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert build_pack(tmp_path) == sample_pack_bytes()
    for content, said in (
        ('{"surprise": []}', "surprise"),
        ("[]", "not an object"),
        ('{"rules": {}}', "not a list"),
        ('{"cases": [{"base": "nobody"}]}', "known base"),
        ('{"rules": [{"id": 1.5}]}', "written as text"),
        ('{"rules": [{"id": "x"}]}', "missing required field"),
    ):
        (tmp_path / "zz.json").write_text(content, encoding="utf-8")
        assert main(["build", str(tmp_path), str(tmp_path / "out.json")]) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_elements_lists_what_a_plan_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["elements", str(SAMPLE)]) == 0
    out = capsys.readouterr().out
    assert "### AT-A" in out
    assert "| `bill_total` |" in out


@pytest.mark.parametrize("pack", ["missing.json", "broken.json"])
def test_a_pack_that_cannot_be_used_is_exit_code_2(
    tmp_path: Path, pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    for command in (
        ["test", str(tmp_path / pack)],
        ["run", str(tmp_path / pack), "-"],
        ["elements", str(tmp_path / pack)],
    ):
        assert main(command) == 2
        assert capsys.readouterr().err.startswith("outpost-rules: ")


@pytest.mark.parametrize("command", [[], ["run"], ["test"], ["check"], ["build"], ["elements"]])
def test_help_is_everywhere(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rules", *command, "--help"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0
    assert "usage: outpost-rules" in done.stdout
