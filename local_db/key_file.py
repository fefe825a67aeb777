"""The key file: the store's random keys, wrapped once per holder.

Promise: written whole or not at all (temp, fsync, rename, fsync of the folder); a wrong PIN is counted before it is tried; a
lost key file or a forgotten PIN is mended with what headquarters' recovery slot gives (``local_db.recovery``). Imports neither
the engine nor the keyring, so the unlock screen starts quickly.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.ports import Clock
from local_db import problems
from local_db.durable_files import write_durably
from local_db.key_slots import (
    STANDARD_COST,
    AdjusterSlot,
    KdfCost,
    PinUnlock,
    RecoverySlot,
    SecretMismatchError,
    Slot,
    Unlock,
    keyring_half,
    make_slot,
    open_slot,
)
from local_db.store_keys import StoreKeys
from local_db.unlock_attempts import UnlockAttempts, WrongSecretError, wait_s

FILE_NAME = "keys.json"


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="outpost_key_file@1"):
    """All slots. ``device`` and ``epoch`` tell headquarters which recovery slot this is."""

    device: str
    epoch: int
    slots: tuple[Slot, ...]

    def adjusters(self) -> tuple[str, ...]:
        """Return who has a slot, for the unlock screen."""
        return tuple(dict.fromkeys(slot.adjuster for slot in self.slots if isinstance(slot, AdjusterSlot)))


def key_file_path(home: Path) -> Path:
    """Return where the key file lies."""
    return home / FILE_NAME


def read_key_file(home: Path) -> KeyFile:
    """Read the key file. Raises ``EnvironmentProblem`` (``key_file_missing``, ``key_file_damaged``)."""
    path = key_file_path(home)
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise problems.from_os(error, path) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(path) from error


def write_key_file(home: Path, key_file: KeyFile) -> None:
    """Replace the key file durably. Raises ``EnvironmentProblem``."""
    path = key_file_path(home)
    try:
        write_durably(path, msgspec.json.format(msgspec.json.encode(key_file), indent=1))
    except OSError as error:
        raise problems.from_os(error, path) from error


def unlock_keys(home: Path, unlock: Unlock, clock: Clock) -> StoreKeys:
    """Open the adjuster's slot.

    Raises:
        TooSoonError, WrongSecretError: with ``wait_s``, the seconds until the next try is accepted.
        InputError: ``slot_unknown``, nobody of that name has this kind of slot.
        EnvironmentProblem: key file or keyring.
    """
    slot = _slot_of(read_key_file(home), unlock)
    half = keyring_half(slot, unlock)  # a silent keyring is no wrong PIN and must not count as one
    attempts = UnlockAttempts(home, clock)
    number = attempts.begin(slot.slot_id)
    try:
        keys = open_slot(slot, unlock, half)
    except SecretMismatchError as error:
        raise WrongSecretError(number, wait_s(number)) from error
    attempts.succeeded(slot.slot_id)
    return keys


def change_secret(home: Path, old: Unlock, new: Unlock, clock: Clock, *, cost: KdfCost = STANDARD_COST) -> None:
    """Replace an adjuster's PIN or passphrase (also one kind by the other). Raises as ``unlock_keys`` and ``make_slot``."""
    keys = unlock_keys(home, old, clock)
    key_file = read_key_file(home)
    before = _slot_of(key_file, old)
    after = make_slot(keys, new, cost)
    slots = tuple(after if slot == before else slot for slot in key_file.slots)
    write_key_file(home, msgspec.structs.replace(key_file, slots=slots))
    # Only now: until the new file is durable the old slot may still be needed.
    if isinstance(old, PinUnlock):
        old.vault.forget(before.slot_id)


def add_slot(home: Path, holder: Unlock, new: Unlock, clock: Clock, *, cost: KdfCost = STANDARD_COST) -> None:
    """Give another adjuster a slot, or the same one a second kind. A slot of the same adjuster and kind is replaced.

    Raises as ``unlock_keys`` and ``make_slot``.
    """
    keys = unlock_keys(home, holder, clock)
    key_file = read_key_file(home)
    added = make_slot(keys, new, cost)
    kept = tuple(slot for slot in key_file.slots if not _is_of(slot, new))
    write_key_file(home, msgspec.structs.replace(key_file, slots=(*kept, added)))


def recovery_slot_bytes(home: Path) -> bytes:
    """Return the sealed recovery slot, to be handed to headquarters at enrolment; only they can open it."""
    key_file = read_key_file(home)
    for slot in key_file.slots:
        if isinstance(slot, RecoverySlot):
            return slot.sealed
    raise _damaged(key_file_path(home))


def _is_of(slot: Slot, unlock: Unlock) -> bool:
    return (
        isinstance(slot, AdjusterSlot)
        and slot.adjuster == unlock.adjuster
        and slot.keyring == isinstance(unlock, PinUnlock)
    )


def _slot_of(key_file: KeyFile, unlock: Unlock) -> AdjusterSlot:
    for slot in key_file.slots:
        if isinstance(slot, AdjusterSlot) and _is_of(slot, unlock):
            return slot
    kind = Bilingual("PIN", "PIN") if isinstance(unlock, PinUnlock) else Bilingual("口令短语", "passphrase")
    raise InputError(
        "slot_unknown",
        Bilingual(
            f"“{unlock.adjuster}”在这台电脑上没有{kind.zh}。",
            f'"{unlock.adjuster}" has no {kind.en} on this laptop.',
        ),
        Bilingual(
            f"请核对工号；本机登记的有：{'、'.join(key_file.adjusters()) or '无'}。",
            f"Check the name; this laptop knows: {', '.join(key_file.adjusters()) or 'nobody'}.",
        ),
    )


def _missing(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "key_file_missing",
        Bilingual(
            f"没有找到密钥文件 {path}，资料库暂时打不开。",
            f"The key file {path} is missing; the store can't be opened yet.",
        ),
        Bilingual(
            "资料没有丢失：请联系总部用恢复密钥重建，勿删除资料目录。",
            "The data are not lost: ask headquarters to rebuild it with the recovery key, and delete nothing.",
        ),
    )


def _damaged(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "key_file_damaged",
        Bilingual(
            f"密钥文件 {path} 已损坏，资料库暂时打不开。",
            f"The key file {path} is damaged; the store can't be opened yet.",
        ),
        Bilingual(
            "资料没有丢失：请联系总部用恢复密钥重建，勿删除资料目录。",
            "The data are not lost: ask headquarters to rebuild it with the recovery key, and delete nothing.",
        ),
    )
