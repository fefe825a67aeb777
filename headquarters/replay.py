"""Decides again what a laptop decided, with the same pack and the same facts, and compares bit for bit.

Promise: ``identical`` means equal bytes and equal hash. ``different`` names the first field that differs. ``impossible`` means
that the same pack, the same engine or readable facts are not to be had here; it says nothing about the laptop. Whether the facts themselves
agree with headquarters' policy data is a matter of settlement, not of replay.

Source: design.md "One claim, one direction" (7).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from claims.events import DeterminationMade
from headquarters.packs import PackShelf
from rules.engine import ENGINE_VERSION, Pack, decide, decode_facts
from rules.engine.model import Decision, Facts, RulesError, canonical, read_decision


class ReplayVerdict(StrEnum):
    """Headquarters' first verdict."""

    IDENTICAL = "identical"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class Replayed:
    """The verdict with what it rests on. ``recorded`` is the laptop's decision, None when it can't be read."""

    verdict: ReplayVerdict
    difference: str | None
    recorded: Decision | None
    facts: Facts | None


def replay_determination(packs: PackShelf, event: DeterminationMade) -> Replayed:
    """Replay one determination."""
    try:
        recorded: Decision = read_decision(bytes(event.decision))
    except msgspec.DecodeError as problem:
        return Replayed(ReplayVerdict.IMPOSSIBLE, f"decision: {problem}", None, None)
    try:
        pack, facts = _same_ground(packs, event, recorded)
        again = canonical(decide(pack, facts))
    except _NoGroundError as problem:
        return Replayed(ReplayVerdict.IMPOSSIBLE, str(problem), recorded, None)
    except RulesError as problem:
        return Replayed(ReplayVerdict.IMPOSSIBLE, str(problem), recorded, None)
    written = bytes(event.decision)
    if again != written:
        difference = first_difference(msgspec.json.decode(written), msgspec.json.decode(again)) or "encoding"
        return Replayed(ReplayVerdict.DIFFERENT, difference, recorded, facts)
    if hashlib.sha256(written).hexdigest() != event.decision_sha256:
        return Replayed(ReplayVerdict.DIFFERENT, "decision_sha256", recorded, facts)
    return Replayed(ReplayVerdict.IDENTICAL, None, recorded, facts)


class _NoGroundError(Exception):
    """Pack or engine are not those that the laptop decided with."""


def _same_ground(packs: PackShelf, event: DeterminationMade, recorded: Decision) -> tuple[Pack, Facts]:
    if recorded.engine != ENGINE_VERSION:
        # Another engine words and orders steps otherwise: a difference would say nothing about the laptop.
        raise _NoGroundError(f"engine {recorded.engine}, here {ENGINE_VERSION}")
    pack = packs.find(event.pack_hash)
    if pack is None:
        raise _NoGroundError(f"pack {event.pack_hash[:12]} unknown")
    return pack, decode_facts(pack, bytes(event.facts))


def first_difference(there: object, here: object, path: str = "") -> str | None:
    """Return where two JSON values first differ, as ``liabilities[0].amount_fen: 100 != 200``; None when they don't."""
    if isinstance(there, dict) and isinstance(here, dict):
        for name in (*there, *(name for name in here if name not in there)):
            where = f"{path}.{name}" if path else str(name)
            if name not in there or name not in here:
                return f"{where}: only {'there' if name in there else 'here'}"
            found = first_difference(there[name], here[name], where)
            if found:
                return found
        return None
    if isinstance(there, list) and isinstance(here, list):
        for place, (one, other) in enumerate(zip(there, here, strict=False)):
            found = first_difference(one, other, f"{path}[{place}]")
            if found:
                return found
        return None if len(there) == len(here) else f"{path}: {len(there)} != {len(here)} items"
    same = there == here and type(there) is type(here)
    return None if same else f"{path}: {_short(there)} != {_short(here)}"


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
