"""Enrolling this laptop: from a one-time code to a store, whatever cuts it short on the way.

Promise: the device key is on the disk, wrapped by the code, before headquarters sees its public half. So after a crash at any
point the same code leads to the same device: headquarters answers the same code and key again (docs/adr/0070), and a store that
is there already is finished, not made anew. A generated passphrase comes back with the code until the laptop was unlocked once.

Source: docs/adr/0060, docs/adr/0096.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.pending_files import PendingFile, PendingRecord, discard_pending, keep_pending, pending_files
from app.settings import Settings, save_settings
from app.system_clock import SystemClock
from claims.errors import InputError
from claims.events import BoxKeyAnnounced, RecoverySlotSealed
from claims.ports import Clock, StepProbe, no_probe
from local_db import problems
from local_db.durable_files import write_durably
from local_db.identity import Identity
from local_db.key_file import read_key_file, recovery_slot_bytes, unlock_keys
from local_db.key_slots import STANDARD_COST, PassphraseUnlock, Unlock
from local_db.passphrase import generate_passphrase
from local_db.store import STORE_FILE, LocalStore, create_store, open_with_keys
from sync.carrier_http import HttpFirstContact, root_pem_of
from sync.enrolment import enrol
from sync.wire.enrolment import EnrolmentCodeError, canonical_code
from sync.wire.messages import EnrolAnswered
from trust.bundles import public_of
from trust.keys import SoftwareKey

UnlockFor = Callable[[str], Unlock]
"""Given the adjuster's number from headquarters' answer, how that adjuster will unlock."""

_BOUND = b"outpost pending enrolment 1"
_SALT_BYTES, _NONCE_BYTES = 16, 12


class _Secrets(msgspec.Struct, frozen=True, kw_only=True):
    device_key: bytes
    passphrase: str | None = None


@dataclass(frozen=True, repr=False)
class _Pending:
    """An opened record: the key that the code is or will be bound to."""

    file: PendingFile
    secrets: _Secrets


@dataclass(frozen=True, repr=False)
class _Attempt:
    """One call: where to, with which code, by which clock."""

    settings: Settings
    code: str
    clock: Clock
    probe: StepProbe


def enrol_laptop(
    settings: Settings,
    code: str,
    unlock: Unlock | UnlockFor,
    *,
    clock: Clock | None = None,
    probe: StepProbe = no_probe,
) -> Identity:
    """Enrol this laptop with headquarters by a one-time code and make its store; the secret is the caller's.

    Args:
        unlock: how the store will be unlocked, or a callable that makes it for the adjuster whom headquarters names.

    Raises:
        InputError: the code is mistyped, used or expired; the PIN is too weak.
        EnvironmentProblem: no link, another headquarters, or a store is here already. The same code may be tried again.
    """
    pending = _pending(settings.home, code, generated=False)
    unlock_for = unlock if callable(unlock) else lambda _: unlock
    identity = _carry_out(_Attempt(settings, code, clock or SystemClock(), probe), pending, unlock_for)
    discard_pending(settings.home)
    return identity


def enrol_with_passphrase(
    settings: Settings, code: str, *, clock: Clock | None = None, probe: StepProbe = no_probe
) -> tuple[Identity, str]:
    """Enrol with a passphrase made here, to be shown once. The same code gives it again until ``discard_pending``.

    Raises as ``enrol_laptop``.
    """
    pending = _pending(settings.home, code, generated=True)
    passphrase = pending.secrets.passphrase or ""

    def unlock_for(adjuster: str) -> Unlock:
        return PassphraseUnlock(adjuster, passphrase)

    identity = _carry_out(_Attempt(settings, code, clock or SystemClock(), probe), pending, unlock_for)
    probe("enrolment_finished")
    pending.file.replace(msgspec.structs.replace(pending.file.record, told=True))
    return identity, passphrase


def complete_log(store: LocalStore, home: Path, clock: Clock, statements: Sequence[bytes] = ()) -> None:
    """Write what every log begins with, where a crash came before it: the recovery slot, the box key, and what headquarters granted first.

    A log that was begun before there were box keys gets the announcement of its own here.
    """
    begun = store.position().next_seq > 1
    key = BoxKeyAnnounced(at=clock.utc_now(), public_key=public_of(store.box_private))
    with store.write() as uow:
        if not begun:
            for statement in statements:
                uow.receive(statement)
            uow.append(RecoverySlotSealed(at=clock.utc_now(), sealed=recovery_slot_bytes(home)))
        if uow.box_key_announced() != key.public_key:
            uow.append(key)


def _carry_out(attempt: _Attempt, pending: _Pending, unlock_for: UnlockFor) -> Identity:
    settings, clock, probe = attempt.settings, attempt.clock, attempt.probe
    if (settings.home / STORE_FILE).exists():
        return _finish(settings.home, unlock_for, clock)
    probe("enrolment_asking")
    device_key = SoftwareKey.from_bytes(pending.secrets.device_key)
    try:
        answer = enrol(HttpFirstContact(settings.hq_url), attempt.code, device_key)
    except InputError:
        # Headquarters will never take this code from this key; a link that failed is another matter.
        pending.file.discard()
        raise
    probe("enrolment_answered")
    identity, unlock = _identity(answer), unlock_for(answer.adjuster)
    try:
        # Before the store appears: once it is there this laptop counts as enrolled, and then it must know the way to headquarters.
        write_durably(settings.root_pem, root_pem_of(answer.root_certificate))
        save_settings(msgspec.structs.replace(settings, adjuster=answer.adjuster))
    except OSError as error:
        raise problems.from_os(error, settings.home) from error
    with create_store(settings.home, unlock, identity, device_key) as store:
        probe("enrolment_store_made")
        complete_log(store, settings.home, clock, answer.statements)
    return identity


def _finish(home: Path, unlock_for: UnlockFor, clock: Clock) -> Identity:
    unlock = unlock_for(read_key_file(home).adjusters()[0])
    with open_with_keys(home, unlock_keys(home, unlock, clock)) as store:
        complete_log(store, home, clock)
        return store.identity


def _pending(home: Path, code: str, *, generated: bool) -> _Pending:
    """Return the record that this code opens, else a new one, durable before anything is sent. Raises ``EnvironmentProblem``."""
    for file in pending_files(home):
        found = _opened(file.record, code)
        if found is None:
            continue
        if generated and found.passphrase is None:
            # Begun with a PIN, gone on with where there is no keyring.
            both = msgspec.structs.replace(found, passphrase=generate_passphrase())
            return _Pending(file.replace(_wrapped(both, code)), both)
        return _Pending(file, found)
    if (home / STORE_FILE).exists():
        raise problems.store_exists(home / STORE_FILE)
    made = _Secrets(
        device_key=SoftwareKey.generate().to_bytes(), passphrase=generate_passphrase() if generated else None
    )
    try:
        return _Pending(keep_pending(home, _wrapped(made, code)), made)
    except OSError as error:
        raise problems.from_os(error, home) from error


def _wrapped(content: _Secrets, code: str) -> PendingRecord:
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    wrapped = AESGCM(_key(code, salt)).encrypt(nonce, msgspec.json.encode(content), _BOUND)
    return PendingRecord(generated=content.passphrase is not None, salt=salt, nonce=nonce, wrapped=wrapped)


def _opened(record: PendingRecord, code: str) -> _Secrets | None:
    try:
        raw = AESGCM(_key(code, record.salt)).decrypt(record.nonce, record.wrapped, _BOUND)
        return msgspec.json.decode(raw, type=_Secrets)
    except (InvalidTag, ValueError):
        return None


def _key(code: str, salt: bytes) -> bytes:
    try:
        text = canonical_code(code)
    except EnrolmentCodeError:
        text = code  # no code at all: refused in words before anything is sent
    cost = STANDARD_COST
    return hash_secret_raw(text.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, hash_len=32, type=Type.ID)


def _identity(answer: EnrolAnswered) -> Identity:
    return Identity(
        device=answer.device,
        epoch=answer.epoch,
        station=answer.station,
        station_name=answer.station_name,
        adjuster=answer.adjuster,
        adjuster_name=answer.adjuster_name,
        company=answer.company,
        hotline=answer.hotline,
        root_certificate=answer.root_certificate,
        service_certificate=answer.service_certificate,
        device_certificate=answer.device_certificate,
        recovery_public_key=answer.recovery_public_key,
    )
