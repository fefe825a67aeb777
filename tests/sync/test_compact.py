"""The log's small form: whatever goes in comes out, and what does not fit is refused before it takes room."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sync_cases import EVENTS_PER_CASE, Scribe, case_commits, unseen_half
from claims.events import encode_event
from sync.wire.compact import (
    CompactError,
    Dictionary,
    DictionaryUnknownError,
    pack_log,
    unpack_log,
)
from sync.wire.dictionary import accepted, best_dictionary, dictionaries
from sync.wire.messages import LogBatch
from tests.sync.authority import honest
from trust.commits import Head, genesis_hash, seal
from trust.keys import SoftwareKey

ROOM = 1 << 20


def batch(*commits: bytes) -> LogBatch:
    return LogBatch(device="D3", epoch=1, commits=commits)


def real_commits(cases: int, seed: int = 5) -> tuple[bytes, ...]:
    chance, key = random.Random(seed), SoftwareKey.generate()
    certificate = honest().device("D3", 1, key.public_key)
    scribe = Scribe("D3", 1, "QX07", "A1007", "陆怀远", key, certificate)
    head, seq, raws = genesis_hash(certificate), 1, []
    for events in case_commits(scribe, chance, unseen_half(), [chance.randbytes(8) for _ in range(cases)]):
        sealed = seal(key, Head("D3", 1, seq, head), [encode_event(event) for event in events])
        raws.append(sealed.raw)
        head, seq = sealed.hash, sealed.last_seq + 1
    assert seq == cases * EVENTS_PER_CASE + 1
    return tuple(raws)


pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\xf8", b"\xf9", b"\xfa\x01", b"\xfb", b"\xfc", b"\xf8\xf8", b'"', b""]),
    st.integers(0, 3).map(lambda n: hashlib.sha256(bytes([n])).hexdigest().encode()),
    st.text(alphabet="0123456789abcdef", min_size=60, max_size=70).map(str.encode),
    st.binary(min_size=60, max_size=90).map(lambda raw: b'"' + base64.b64encode(raw) + b'"'),
    st.just(b'"' + b"A" * 81 + b'"'),
)


@given(st.lists(st.lists(pieces, max_size=8).map(b"".join), max_size=5), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_come_out_as_they_went_in(commits, with_dictionary):
    whole = batch(*(commit + bytes(64) for commit in commits))
    dictionary = dictionaries()["log-1"] if with_dictionary else None
    packed = pack_log(whole, dictionary)
    assert packed is not None
    assert unpack_log(packed, dictionaries(), limit=ROOM) == whole


def test_a_commit_too_short_to_be_one_goes_in_the_plain_form():
    assert pack_log(batch(b"short")) is None


def test_forty_cases_of_thirteen_events_take_at_most_twelve_hundred_bytes_each():
    commits = real_commits(40)
    packed = pack_log(batch(*commits), best_dictionary(accepted()))
    assert packed is not None
    assert len(packed) / 40 <= 1_200
    assert len(packed) < sum(map(len, commits)) / 9
    assert unpack_log(packed, dictionaries(), limit=ROOM).commits == commits


def test_batches_are_packed_on_several_threads_at_once():
    batches = [batch(*real_commits(2, seed)) for seed in range(4)] * 6
    with ThreadPoolExecutor(4) as threads:
        packed = list(threads.map(partial(pack_log, dictionary=best_dictionary(accepted())), batches))
    assert [unpack_log(each or b"", dictionaries(), limit=ROOM) for each in packed] == batches


def test_the_dictionary_is_worth_its_place_for_a_single_case():
    commits = real_commits(1)
    with_it = pack_log(batch(*commits), best_dictionary(accepted()))
    without = pack_log(batch(*commits))
    assert with_it is not None
    assert without is not None
    assert len(with_it) < 0.7 * len(without)


def test_released_dictionaries_are_small_and_never_change():
    assert {name: hashlib.sha256(each.content).hexdigest()[:16] for name, each in dictionaries().items()} == {
        "log-1": "13f7ed27c582d135"
    }
    assert all(len(each.content) < 64 * 1024 for each in dictionaries().values())


def test_an_unknown_dictionary_has_its_own_name():
    other = Dictionary("log-99", dictionaries()["log-1"].content)
    packed = pack_log(batch(b"{}" * 50 + bytes(64)), other)
    assert packed is not None
    with pytest.raises(DictionaryUnknownError, match="log-99"):
        unpack_log(packed, dictionaries(), limit=ROOM)


def test_a_flood_is_refused_before_it_is_unpacked():
    packed = pack_log(batch(b"0" * 500_000 + bytes(64)))
    assert packed is not None
    assert len(packed) < 1_000
    with pytest.raises(CompactError):
        unpack_log(packed, {}, limit=10_000)
    # A hash that is named again and again: few bytes in, many out.
    digest = hashlib.sha256(b"x").hexdigest().encode()
    packed = pack_log(batch(b" ".join([digest] * 5_000) + bytes(64)))
    assert packed is not None
    with pytest.raises(CompactError):
        unpack_log(packed, {}, limit=100_000)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damage_is_refused_or_seen_by_the_signatures(data):
    commits = tuple(commit + bytes(64) for commit in (b'{"a":"' + b"f" * 64 + b'"}', b"\xf9\xfb" * 9))
    packed = pack_log(batch(*commits))
    assert packed is not None
    place = data.draw(st.integers(0, len(packed) - 1))
    damaged = packed[:place] + bytes([packed[place] ^ data.draw(st.integers(1, 255))]) + packed[place + 1 :]
    with contextlib.suppress(CompactError):
        assert isinstance(unpack_log(damaged, dictionaries(), limit=ROOM), LogBatch)
    for cut in (0, place):
        with pytest.raises(CompactError):
            unpack_log(packed[:cut], dictionaries(), limit=ROOM)


def test_what_is_no_message_is_refused():
    for body in (b"", b"\xc1", msgspec.msgpack.encode([2, "D3", 1, "", b"", b"", b""]), msgspec.msgpack.encode({})):
        with pytest.raises(CompactError):
            unpack_log(body, {}, limit=ROOM)
