"""The command line of the desk: help everywhere, words for every error, and the reports that machines read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.commands import COMMANDS
from app.demo.independent_check import NotGenuineError, check
from app.demo.summary import yuan_text
from app.settings import Settings, default_home, load_settings, save_settings
from bench.report import report, row


@pytest.mark.parametrize("arguments", [["--help"], *[[each.name, "--help"] for each in COMMANDS]])
def test_every_command_has_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert "usage: outpost" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["app", "rules", "headquarters"])
def test_each_program_runs_as_a_module(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "usage" in done.stdout


def test_an_empty_folder_is_told_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OUTPOST_SECRET", "bako-tulu-mezi-rona-siku-tefa")
    assert main(["--home", str(tmp_path), "cases"]) == 1
    told = capsys.readouterr().err
    assert "密钥文件" in told
    assert "key file" in told


def test_settings_come_back_as_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home", hq_url="https://127.0.0.1:8443", adjuster="0417")
    save_settings(settings)
    assert load_settings(settings.home) == settings
    assert load_settings(tmp_path / "elsewhere") == Settings(home=tmp_path / "elsewhere")
    monkeypatch.setenv("OUTPOST_HOME", str(tmp_path))
    assert default_home() == tmp_path


def test_a_benchmark_writes_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    report("probe", [row("one thing", 3.0, "ms", 1.5), row("alone", 7.0, "count")])
    assert "one thing" in capsys.readouterr().out
    written = json.loads((tmp_path / "out" / "bench" / "probe.json").read_text())
    assert written[0] == {"name": "one thing", "value": 3.0, "unit": "ms", "baseline": 1.5, "ratio": 2.0}
    assert set(written[1]) == {"name", "value", "unit", "baseline", "ratio"}


@pytest.mark.parametrize(("fen", "text"), [(648_824, "6488.24"), (5, "0.05"), (0, "0.00"), (None, None)])
def test_summary_sums_are_plain_yuan(fen: int | None, text: str | None) -> None:
    assert yuan_text(fen) == text


@pytest.mark.parametrize("text", ["", "OP1:", "OP1:AAAA", "OP1:" + "0" * 400, "https://example.invalid/"])
def test_the_independent_check_takes_no_rubbish(text: str) -> None:
    with pytest.raises(NotGenuineError):
        check(text, b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
