"""A pack whose tables overlap or have gaps is not built; one that is loaded refuses the same at the look-up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.engine import Pack, PackError, load_pack
from rules.engine.covering import check_tables
from rules.tools.building import build_pack
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import Change, Document, by_id, changed

OVERLAPPING: Change = lambda document: by_id(document, "rules", "premium_multiple")["table"]["rows"].append(  # noqa: E731 - a change is a function, named here for two tests
    {"when": ["[20..30]"], "then": ["2"]}
)
WITH_A_GAP: Change = lambda document: by_id(document, "rules", "premium_multiple")["table"]["rows"].pop()  # noqa: E731 - as above


def test_the_tables_of_the_sample_pack_are_covered(pack: Pack) -> None:
    check_tables(pack)


@pytest.mark.parametrize(("change", "why"), [(OVERLAPPING, "overlap"), (WITH_A_GAP, "gap")])
def test_a_table_that_overlaps_or_has_a_gap_is_refused_with_its_rule_and_an_example(change: Change, why: str) -> None:
    loaded = load_pack(changed(change))
    with pytest.raises(PackError) as caught:
        check_tables(loaded)
    assert caught.value.code == "bad_expression"
    assert caught.value.values["part"] == "rule premium_multiple"
    assert caught.value.values["why"] == why
    assert caught.value.values["example"]


def test_a_row_that_is_never_reached_is_refused_by_its_number() -> None:
    def hide(document: Document) -> None:
        table = by_id(document, "rules", "premium_multiple")["table"]
        table["hit_policy"] = "first"
        table["rows"].insert(0, {"when": ["-"], "then": ["1"]})

    with pytest.raises(PackError) as caught:
        check_tables(load_pack(changed(hide)))
    assert (caught.value.values["why"], caught.value.values["row"]) == ("unreachable", "2")


def test_a_build_refuses_what_the_check_refuses(tmp_path: Path) -> None:
    document = json.loads(sample_pack_bytes())
    OVERLAPPING(document)
    layers = ("elements", "parameters", "rules", "pools", "liabilities", "plans")
    header = {name: value for name, value in document.items() if name not in (*layers, "tests")}
    (tmp_path / "pack.json").write_text(json.dumps(header), encoding="utf-8")
    (tmp_path / "all.json").write_text(json.dumps({name: document[name] for name in layers}), encoding="utf-8")
    with pytest.raises(PackError, match="bad_expression"):
        build_pack(tmp_path)
