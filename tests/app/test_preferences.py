"""The window's preferences come back as chosen, and nothing on the disk can stop the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.preferences import FilePreferences
from views.preferences import WindowPreferences


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "sunlight", "night"])
@pytest.mark.parametrize("scale", [100, 125, 150])
def test_they_come_back_as_chosen(tmp_path: Path, language, theme, scale) -> None:
    chosen = WindowPreferences(language, theme, scale)
    FilePreferences(tmp_path / "new" / "home").save(chosen)
    assert FilePreferences(tmp_path / "new" / "home").load() == chosen


def test_a_new_laptop_shows_chinese_light_and_plain_size(tmp_path: Path) -> None:
    assert FilePreferences(tmp_path).load() == WindowPreferences("zh", "light", 100)


@given(content=st.binary(max_size=60))
def test_garbage_counts_as_never_chosen(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "window.json").write_bytes(content)
    assert isinstance(FilePreferences(home).load(), WindowPreferences)


@pytest.mark.parametrize("content", ['{"language":"fr"}', '{"scale_percent":110}', '{"theme":"pink"}', "[]", '"zh"'])
def test_a_value_nobody_offers_counts_as_never_chosen(tmp_path: Path, content: str) -> None:
    (tmp_path / "window.json").write_text(content)
    assert FilePreferences(tmp_path).load() == WindowPreferences()


def test_a_home_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    kept = FilePreferences(tmp_path / "home")
    kept.save(WindowPreferences("en"))
    assert kept.load() == WindowPreferences()
