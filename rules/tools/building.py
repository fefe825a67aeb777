"""From a folder of readable source files to one canonical pack.

Promise: the same files give the same bytes on every machine; the bytes have passed ``load_pack`` and ``check_tables``. Nothing is
computed here, only joined: each file adds to the layers, a pair of texts is Chinese and English, a case is a base and what it changes.

Source format: docs/rules.md "Writing a pack".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from rules.engine import PackError, load_pack
from rules.engine.covering import check_tables
from rules.engine.document import PackDocument, write_document

_LAYERS = ("elements", "parameters", "rules", "pools", "liabilities", "plans")
_BILINGUAL = frozenset({"name", "applied", "not_applied", "reason"})
_HEADER = "pack.json"


def build_pack(folder: Path) -> bytes:
    """Join the source files of a folder and return the pack's canonical bytes.

    Raises PackError where a file is no source, the pack does not load or a table overlaps or has a gap; OSError where a file cannot be read.
    """
    raw = join_sources(folder)
    check_tables(load_pack(raw))
    return raw


def join_sources(folder: Path) -> bytes:
    """Join the source files of a folder as ``build_pack`` does, without asking whether the pack loads.

    Raises PackError where a file is no source; OSError where a file cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not any(file.name == _HEADER for file in files):
        raise PackError("no_header", part=str(folder), expected=_HEADER)
    joined: dict[str, object] = {}
    layers: dict[str, list[object]] = {layer: [] for layer in (*_LAYERS, "tests")}
    for file in files:
        content = _read(file)
        if file.name == _HEADER:
            joined.update(content)
            continue
        unknown = set(content) - {*_LAYERS, "bases", "cases"}
        if unknown:
            raise PackError("unknown_field", part=file.name, name=", ".join(sorted(unknown)))
        for layer in _LAYERS:
            layers[layer].extend(_list(file, content, layer))
        layers["tests"].extend(_cases(file, content))
    joined.update({layer: [_plain(entry) for entry in entries] for layer, entries in layers.items()})
    try:
        document = msgspec.convert(joined, type=PackDocument)
    except msgspec.ValidationError as problem:
        raise PackError("bad_structure", part=str(folder.name), detail=str(problem)) from problem
    return write_document(document)


def _read(file: Path) -> dict[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=_refuse_float)
    except ValueError as problem:
        raise PackError("bad_source", part=file.name, detail=str(problem)) from problem
    if not isinstance(content, dict):
        raise PackError("bad_source", part=file.name, detail="not an object")
    return content


def _refuse_float(text: str) -> object:
    raise ValueError(f"{text}: a decimal is written as text")


def _list(file: Path, content: Mapping[str, object], key: str) -> list[object]:
    found = content.get(key, [])
    if not isinstance(found, list):
        raise PackError("bad_source", part=file.name, detail=f"{key} is not a list")
    return found


def _plain(entry: object) -> object:
    """Spell out the short forms: a pair of texts becomes ``{zh, en}``."""
    if isinstance(entry, dict):
        return {key: _bilingual(value) if key in _BILINGUAL else _plain(value) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_plain(each) for each in entry]
    return entry


def _bilingual(value: object) -> object:
    if isinstance(value, list) and len(value) == 2:
        return {"zh": value[0], "en": value[1]}
    return value


def _cases(file: Path, content: Mapping[str, object]) -> list[object]:
    """Spell out a file's cases: the base's facts, changed by ``set``, without those in ``drop``."""
    bases = content.get("bases", {})
    if not isinstance(bases, dict):
        raise PackError("bad_source", part=file.name, detail="bases is not an object")
    tests: list[object] = []
    for case in _list(file, content, "cases"):
        if not isinstance(case, dict) or case.get("base") not in bases:
            raise PackError("bad_source", part=file.name, detail=f"a case without a known base: {case}")
        facts = {**bases[case["base"]], **case.get("set", {})}
        for name in case.get("drop", []):
            del facts[name]
        tests.append({"name": case["name"], "facts": facts, "expect": case["expect"]})
    return tests
