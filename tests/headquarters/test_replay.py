"""Replay names the first difference, and knows what it can't say."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headquarters.packs import PackShelf
from headquarters.replay import ReplayVerdict, first_difference, replay_determination
from rules.engine import ENGINE_VERSION
from tests.headquarters.laptop import MEDICAL, MEDICAL_FEN

json_value = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150)
@given(one=json_value, other=json_value)
def test_a_difference_is_found_exactly_when_there_is_one(one, other):
    same = msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert (first_difference(one, other) is None) == same


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "a[1].b: 2 != 3"),
        ({"a": 1}, {"a": True}, "a: 1 != true"),
        ({"a": 1}, {}, "a: only there"),
        ({}, {"z": 1}, "z: only here"),
        ({"a": [1]}, {"a": [1, 2]}, "a: 1 != 2 items"),
    ],
)
def test_the_first_difference_is_named_by_its_path(there, here, expected):
    assert first_difference(there, here) == expected


@pytest.fixture
def made(make_laptop, stocked, pack, clinic_policy):
    laptop = make_laptop()
    return laptop.decide(pack, clinic_policy, laptop.open_case(), MEDICAL)[0]


def test_the_same_pack_and_facts_come_out_identical(stocked, made):
    replayed = replay_determination(stocked.packs, made)
    assert (replayed.verdict, replayed.difference) == (ReplayVerdict.IDENTICAL, None)
    assert replayed.recorded.total_fen == MEDICAL_FEN


def test_other_spacing_is_a_difference(stocked, made):
    spaced = msgspec.structs.replace(made, decision=msgspec.Raw(msgspec.json.format(bytes(made.decision))))
    assert replay_determination(stocked.packs, spaced).difference == "encoding"


def test_a_wrong_hash_is_a_difference(stocked, made):
    wrong = msgspec.structs.replace(made, decision_sha256="0" * 64)
    assert replay_determination(stocked.packs, wrong).difference == "decision_sha256"


@pytest.mark.parametrize(
    "change",
    [
        {"pack_hash": "0" * 64},
        {"pack_hash": "../../etc/passwd"},
        {"facts": msgspec.Raw(b'{"unheard_of": 1}')},
        {"facts": msgspec.Raw(b"[]")},
        {"decision": msgspec.Raw(b"{}")},
        {"decision": msgspec.Raw(b"17")},
    ],
)
def test_what_cannot_be_read_is_impossible_to_replay(stocked, made, change):
    replayed = replay_determination(stocked.packs, msgspec.structs.replace(made, **change))
    assert replayed.verdict is ReplayVerdict.IMPOSSIBLE
    assert replayed.difference


def test_a_decision_of_another_engine_is_not_compared(stocked, made):
    older = bytes(made.decision).replace(f'"engine":"{ENGINE_VERSION}"'.encode(), b'"engine":"1"')
    assert older != bytes(made.decision)
    replayed = replay_determination(stocked.packs, msgspec.structs.replace(made, decision=msgspec.Raw(older)))
    assert (replayed.verdict, replayed.difference) == (ReplayVerdict.IMPOSSIBLE, f"engine 1, here {ENGINE_VERSION}")


def test_a_pack_whose_bytes_were_changed_is_not_used(stocked, made):
    path = stocked.blobs.path(made.pack_hash)
    raw = path.read_bytes()
    other = raw.replace(b'"version":1', b'"version":2')
    assert other != raw
    path.write_bytes(other)  # a good pack, but not the one that was published under this hash
    assert replay_determination(PackShelf(stocked.blobs), made).verdict is ReplayVerdict.IMPOSSIBLE
