"""``pyproject.toml`` lists packages and data by hand: what is forgotten there is missing from an installed program."""

from __future__ import annotations

import tomllib

from bundling.places import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]


def test_every_listed_package_is_there() -> None:
    assert [each for each in SETUPTOOLS["packages"] if not (ROOT / each.replace(".", "/")).is_dir()] == []


def test_every_data_file_is_covered() -> None:
    data = [
        path
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and not path.name.startswith(".")
    ]
    assert data
    uncovered = [
        path.relative_to(ROOT).as_posix()
        for path in data
        if not any(
            path.match(pattern)
            for pattern in SETUPTOOLS["package-data"].get(
                path.parent.relative_to(ROOT).as_posix().replace("/", "."), ()
            )
        )
    ]
    assert uncovered == []
