"""The facts of one policy as canonical JSON, typed by a pack's elements.

Promise: ``decode_facts(pack, encode_facts(pack, facts)) == facts``; equal facts give equal bytes, whichever machine writes
them. Money is an integer of fen, a number a decimal string, a date ISO text; nothing else gets in or out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

import msgspec

from rules.engine.model import ElementId, Facts, FactsError, Value
from rules.engine.pack import Pack
from rules.engine.values import check, parse, shown, to_json

MAX_FACTS_BYTES = 1_000_000


def check_facts(pack: Pack, facts: Mapping[ElementId, Value]) -> None:
    """Hold every fact to its element. Raises FactsError for the first that does not fit, by name."""
    for name in sorted(facts, key=str):
        spec = pack.elements.get(name)
        if spec is None:
            raise FactsError("unknown_element", element=shown(name))
        check(spec, facts[name])


def encode_facts(pack: Pack, facts: Mapping[ElementId, Value]) -> bytes:
    """Return the canonical JSON of the facts. Raises FactsError."""
    check_facts(pack, facts)
    return _written(facts)


def decode_facts(pack: Pack, raw: bytes) -> Facts:
    """Read facts from JSON. Raises FactsError: no JSON object, a name twice, a float, a wrong type, out of bounds, unknown."""
    if len(raw) > MAX_FACTS_BYTES:
        raise FactsError("too_large", most=str(MAX_FACTS_BYTES), found=str(len(raw)))
    try:
        given = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
    except (ValueError, RecursionError) as problem:
        raise FactsError("bad_json", detail=str(problem)) from problem
    if not isinstance(given, dict):
        raise FactsError("bad_json", detail="not an object")
    facts: dict[ElementId, Value] = {}
    for name, value in given.items():
        spec = pack.elements.get(ElementId(name))
        if spec is None:
            raise FactsError("unknown_element", element=shown(name))
        try:
            fact = parse(spec, value)
        except ValueError as problem:
            raise FactsError("wrong_type", element=name, expected=str(problem), found=json.dumps(value)) from problem
        check(spec, fact)
        facts[ElementId(name)] = fact
    return facts


def describe_facts(facts: Mapping[ElementId, Value]) -> bytes:
    """Return bytes that identify facts even where they are no facts of the pack (wrong types), for a referral's hash."""
    described = {shown(name): f"{type(value).__name__}:{shown(value, most=1000)}" for name, value in facts.items()}
    return msgspec.json.encode(described, order="sorted")


def _written(facts: Mapping[ElementId, Value]) -> bytes:
    return msgspec.json.encode({str(name): to_json(value) for name, value in facts.items()}, order="sorted")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise FactsError("twice", element=shown(name))
        found[name] = value
    return found


def _no_float(text: str) -> NoReturn:
    raise FactsError("float", found=shown(text))
