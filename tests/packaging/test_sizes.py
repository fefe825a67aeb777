"""The table of sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundling.sizes import OTHER_PART, PROGRAM_PART, file_sizes, part_of, parts_mb


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("outpost", PROGRAM_PART),
        ("_internal/PySide6/Qt/lib/libicudata.so.73", "ICU character data"),
        ("_internal/PySide6/Qt/lib/libQt6Gui.so.6", "Qt libraries"),
        ("_internal/PySide6/Qt/plugins/platforms/libqxcb.so", "Qt plug-ins"),
        ("_internal/PySide6/QtGui.abi3.so", "Qt for Python"),
        ("_internal/resources/fonts/NotoSansSC_700Bold.ttf", "fonts"),
        ("_internal/resources/packs/sample.json", "rule pack, icons, tables"),
        ("_internal/pillow.libs/libwebp.so", "pictures (Pillow)"),
        ("_internal/libcrypto.so.3", "OpenSSL"),
        ("_internal/certifi/cacert.pem", OTHER_PART),
    ],
)
def test_a_file_counts_to_its_part(name: str, part: str) -> None:
    assert part_of(name) == part


@given(st.dictionaries(st.text("abc/.lQt6", min_size=1, max_size=12), st.integers(0, 10**9)))
def test_the_parts_add_up_to_the_whole_and_the_largest_comes_first(sizes: dict[str, int]) -> None:
    parts = parts_mb(sizes)
    assert sum(parts.values()) * 1e6 == pytest.approx(sum(sizes.values()))
    assert list(parts.values()) == sorted(parts.values(), reverse=True)


def test_a_link_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "real").write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to("sub/real")
    assert file_sizes(tmp_path) == {"sub/real": 1000}
