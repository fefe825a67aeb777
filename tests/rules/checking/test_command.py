"""``outpost-rules check``, and the gate before a pack is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.checking import Report
from rules.tools.commands import main
from tests.rules.edited_packs import changed

SOURCE = Path(__file__).parents[3] / "resources" / "packs" / "sample"


@pytest.fixture
def untested(tmp_path: Path) -> Path:
    """Return the sample's source without its worked cases."""
    folder = tmp_path / "source"
    folder.mkdir()
    for file in SOURCE.glob("*.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        content.pop("cases", None)
        (folder / file.name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_blocked_pack_is_exit_code_1_in_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = tmp_path / "bare.json"
    bare.write_bytes(changed(lambda document: document.pop("tests")))
    assert main(["check", str(bare)]) == 1
    out = capsys.readouterr().out
    assert "the pack has no worked case" in out
    assert "规则包没有测试用例" in out
    assert "不予生成 / the build is blocked" in out


def test_the_report_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = tmp_path / "bare.json"
    bare.write_bytes(changed(lambda document: document.pop("tests")))
    assert main(["check", str(bare), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["blocked"] is True
    assert report["pack"] == "outpost-sample"
    assert [finding["check"] for finding in report["findings"]] == ["tests"]
    assert set(report["findings"][0]["text"]) == {"zh", "en"}


def test_a_folder_is_joined_first(untested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(untested)]) == 1
    assert "the pack has no worked case" in capsys.readouterr().out


def test_what_is_no_file_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "missing.json")]) == 2
    assert capsys.readouterr().err.startswith("outpost-rules: ")


def test_a_file_that_is_no_pack_is_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    assert main(["check", str(tmp_path / "broken.json")]) == 1


def test_build_writes_nothing_that_is_blocked(
    untested: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", str(untested), str(tmp_path / "out.json")]) == 1
    assert not (tmp_path / "out.json").exists()
    assert "the pack has no worked case" in capsys.readouterr().err


def test_the_sample_told(sample_report: Report) -> None:
    told = sample_report.told()
    assert "可以生成 / nothing blocks the build" in told
    assert "变异测试 / mutation: 9" in told
    assert "证明 / proven" in told
    content = json.loads(sample_report.json())
    assert content["blocked"] is False
    assert content["mutation"]["score_percent"] >= 90
    assert content["load_ms"] <= 100
