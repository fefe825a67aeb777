"""The sample pack with one thing wrong, ready for one check: loaded, or as the findings of that check."""

from __future__ import annotations

from rules.engine import Pack, load_pack
from tests.rules.edited_packs import Change, Document, by_id, changed


def loaded(change: Change) -> Pack:
    """Return the sample pack after ``change``, loaded."""
    return load_pack(changed(change))


def rule(document: Document, name: str) -> Document:
    """Return a rule's entry."""
    return by_id(document, "rules", name)


def liability(document: Document, name: str) -> Document:
    """Return a benefit's entry."""
    return by_id(document, "liabilities", name)


def without_cases(document: Document, *, but: str) -> None:
    """Leave only the cases whose name begins so."""
    document["tests"] = [test for test in document["tests"] if test["name"].startswith(but)]


def give_all_parameters(document: Document) -> None:
    """Give every plan a value of every parameter, so that any rule may read any."""
    known: Document = {}
    for plan in document["plans"]:
        known = {**plan["parameters"], **known}
    for plan in document["plans"]:
        plan["parameters"] = {**known, **plan["parameters"]}


def with_first_table(document: Document, rows: list[Document]) -> None:
    """Give rule ``ratio`` a table under FIRST with these rows over ``si_settled`` and ``hospital_level``."""
    entry = rule(document, "ratio")
    entry.pop("expression")
    entry["table"] = {
        "hit_policy": "first",
        "inputs": [{"expression": "si_settled"}, {"expression": "hospital_level"}],
        "outputs": [{"name": "ratio"}],
        "rows": rows,
    }
