"""The window finds out what the line carries: all sixteen where each is slow by itself, few where they only crowd each other out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.rate_meter import QUIET_S, RateMeter
from sync.wire.messages import CHUNK_BYTES
from sync.wire.pace import WINDOW_MAX, WINDOW_MIN, WINDOW_START, Pace, bounded, landed, narrowed


def settled(seconds_of, chunks: int = 400, window: int = WINDOW_START) -> int:
    """Return the window after so many chunks on a line where each takes ``seconds_of(window)``."""
    pace = Pace(best_window=window)
    for _ in range(chunks):
        pace, window = landed(pace, window, CHUNK_BYTES, seconds_of(window))
    return window


def test_a_line_that_loses_packets_gets_all_connections():
    assert settled(lambda _: 2.4, chunks=8) == WINDOW_MAX


def test_a_thin_line_gets_few():
    # 256 kbit/s: chunks share 32,000 bytes a second.
    assert settled(lambda window: window * CHUNK_BYTES / 32_000) <= 4


def test_a_full_line_is_not_crowded_for_nothing():
    # 2 Mbit/s without loss: four connections already fill it.
    window = settled(lambda window: max(1.0, window * CHUNK_BYTES / 250_000))
    assert WINDOW_MIN <= window < WINDOW_MAX


def test_what_the_carrier_knows_of_its_connections_bounds_it():
    pace, window = bounded(Pace(best_window=12), 12, 8)
    assert window == 8
    for _ in range(100):
        pace, window = landed(pace, window, CHUNK_BYTES, 2.4)
        assert window <= 8
    assert narrowed(window, pace.most)[0].most == 8
    assert bounded(Pace(), 8, 1)[1] == WINDOW_MIN


def test_a_lost_chunk_halves_it():
    assert narrowed(16)[1] == 8
    assert narrowed(WINDOW_MIN)[1] == WINDOW_MIN


def test_a_line_that_gets_better_is_tried_again():
    pace, window = narrowed(8)
    for _ in range(400):
        pace, window = landed(pace, window, CHUNK_BYTES, 1.0)
    assert window > 8


@given(st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), max_size=200))
def test_it_stays_within_bounds_whatever_happens(steps):
    pace, window = Pace(), WINDOW_START
    for seconds, lost in steps:
        pace, window = narrowed(window) if lost else landed(pace, window, CHUNK_BYTES, seconds)
        assert WINDOW_MIN <= window <= WINDOW_MAX


def test_the_rate_is_that_of_the_last_seconds_and_silence_is_told_as_silence():
    meter = RateMeter(0.0)
    for second in range(1, 21):
        meter.see(float(second), second * 10_000)
    assert meter.rate_bytes_s == pytest.approx(10_000, rel=0.15)
    assert meter.left_s(100_000) == pytest.approx(10, rel=0.15)
    assert meter.quiet_s == 0.0
    meter.see(20.0 + QUIET_S + 4, 200_000)
    assert meter.quiet_s == QUIET_S + 4
    assert meter.left_s(100_000) is None, "an estimate from better times would be a lie"
    meter.see(40.0, 200_000)
    assert meter.rate_bytes_s == 0.0
    meter.see(41.0, 250_000)
    assert meter.quiet_s == 0.0
    assert meter.left_s(0) == 0.0
