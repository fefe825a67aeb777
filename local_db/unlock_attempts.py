"""Wrong PINs are counted on disk, and each one makes the next try wait longer.

Promise: a try counts before it is made, so that killing the program does not undo it; the wait survives a restart and can't be
shortened by setting the wall clock, because only the machine's monotonic clock is used. Nothing here sleeps.

The monotonic clock starts anew with the machine. Whatever it says, at least ``now - then`` seconds passed since a failure if
that is not negative, and otherwise at least ``now`` (the time since the machine started): both are lower bounds, so after a
restart of the machine a wait may last longer than it needs, never shorter.
"""

from __future__ import annotations

import errno
import math
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from claims.errors import Bilingual, InputError
from local_db import problems
from local_db.durable_files import write_durably

if TYPE_CHECKING:
    from claims.ports import Clock  # the unlock screen asks for the wait before the rest is loaded

WAITS_S = (0, 1, 2, 5, 15, 60, 300, 900, 1800)
"""Seconds to wait after that many wrong tries; the last one holds for all further tries."""

_FILE = "unlock-attempts.json"
_ANY_SLOT = "*"
_FAILURES_AFTER_DAMAGE = 5


class _Record(msgspec.Struct, frozen=True):
    failures: int
    at_monotonic_s: float


class TooSoonError(InputError):
    """The wait after a wrong PIN is not over; nothing was tried. ``wait_s`` whole seconds are left."""

    def __init__(self, failures: int, wait_s: int) -> None:
        super().__init__(
            "unlock_too_soon",
            Bilingual(
                f"PIN 或口令已输错 {failures} 次，还需等待 {_duration_zh(wait_s)}。",
                f"The PIN or passphrase was wrong {failures} times; {wait_s} seconds are left to wait.",
            ),
            Bilingual(
                "请稍候再试；忘记了请联系总部恢复。",
                "Try again then; if it is forgotten, ask headquarters to recover it.",
            ),
        )
        self.failures = failures
        self.wait_s = wait_s


class WrongSecretError(InputError):
    """The PIN or passphrase is wrong. The next try is accepted after ``wait_s`` seconds."""

    def __init__(self, failures: int, wait_s: int) -> None:
        super().__init__(
            "unlock_wrong",
            Bilingual(
                f"PIN 或口令不对（第 {failures} 次）。", f"The PIN or passphrase is wrong (try number {failures})."
            ),
            Bilingual(
                f"请在 {_duration_zh(wait_s)}后再试；忘记了请联系总部恢复。",
                f"Try again in {wait_s} seconds; if it is forgotten, ask headquarters to recover it.",
            ),
        )
        self.failures = failures
        self.wait_s = wait_s


class UnlockAttempts:
    """The count of one store, per slot."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._path = home / _FILE
        self._clock = clock

    def begin(self, slot_id: str) -> int:
        """Count a try durably and return its number. Raises ``TooSoonError`` while the wait is not over."""
        records = self._read()
        known = records.get(slot_id, records.get(_ANY_SLOT))
        if known is not None:
            left_s = wait_s(known.failures) - self._elapsed_s(known)
            if left_s > 0:
                raise TooSoonError(known.failures, math.ceil(left_s))
        number = 1 if known is None else known.failures + 1
        self._write({**records, slot_id: _Record(number, self._clock.monotonic_s())})
        return number

    def left_s(self, slot_id: str) -> float:
        """Return the seconds until ``begin`` accepts a try, 0 if now. Counts nothing."""
        records = self._read()
        known = records.get(slot_id, records.get(_ANY_SLOT))
        return 0.0 if known is None else max(0.0, wait_s(known.failures) - self._elapsed_s(known))

    def succeeded(self, slot_id: str) -> None:
        """Forget the count of a slot that was opened."""
        records = self._read()
        left = {known: record for known, record in records.items() if known not in (slot_id, _ANY_SLOT)}
        if left != records:
            self._write(left)

    def _elapsed_s(self, record: _Record) -> float:
        now_s = self._clock.monotonic_s()
        since_s = now_s - record.at_monotonic_s
        return since_s if since_s >= 0 else max(0.0, now_s)

    def _read(self) -> dict[str, _Record]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, _Record])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError:
            # A count that can't be read counts as several failures of every slot, from now on.
            spoiled = {_ANY_SLOT: _Record(_FAILURES_AFTER_DAMAGE, self._clock.monotonic_s())}
            self._write(spoiled)
            return spoiled
        except OSError as error:
            raise problems.from_os(error, self._path) from error

    def _write(self, records: dict[str, _Record]) -> None:
        try:
            write_durably(self._path, msgspec.json.encode(records))
        except OSError as error:
            # A full disk must not keep the adjuster out of the store; the guess still costs Argon2id and the keyring's half.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise problems.from_os(error, self._path) from error


def wait_s(failures: int) -> int:
    """Return how long the next try has to wait after that many failures."""
    return WAITS_S[min(failures, len(WAITS_S) - 1)]


def _duration_zh(seconds: int) -> str:
    return f"{seconds} 秒" if seconds < 120 else f"{math.ceil(seconds / 60)} 分钟"
