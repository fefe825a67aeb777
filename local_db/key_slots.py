"""Slots of the key file: each wraps the same store keys for one holder.

Promise: without the holder's secret a slot tells nothing and can't be altered unseen. An adjuster's slot takes both halves:
Argon2id(PIN) and a random secret from the OS keyring; where there is no keyring a generated passphrase takes the PIN's place.
The recovery slot opens at headquarters only. Source: design.md "Store", RFC 9106 §4, docs/adr/0041.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from claims.errors import Bilingual, EnvironmentProblem
from claims.events import RECOVERY_AAD
from local_db.passphrase import check_new_passphrase, check_new_pin, normalised_secret
from local_db.secret_vault import SecretVault
from local_db.store_keys import StoreKeys
from trust.boxes import seal_box

_MOST_MEMORY_KIB = 1024 * 1024
_SALT_BYTES, _NONCE_BYTES, _SECRET_BYTES = 16, 12, 32


class KdfCost(msgspec.Struct, frozen=True):
    """Argon2id parameters: memory in KiB, passes, lanes."""

    memory_kib: int
    passes: int
    lanes: int


STANDARD_COST = KdfCost(memory_kib=64 * 1024, passes=3, lanes=4)
"""The second recommended option of RFC 9106 §4: for machines where 2 GiB are not to spare."""


@dataclass(frozen=True, repr=False)
class PinUnlock:
    """An adjuster's PIN and the keyring that holds the other half."""

    adjuster: str
    pin: str
    vault: SecretVault


@dataclass(frozen=True, repr=False)
class PassphraseUnlock:
    """An adjuster's generated passphrase, on a machine without a keyring."""

    adjuster: str
    passphrase: str


Unlock = PinUnlock | PassphraseUnlock


class AdjusterSlot(msgspec.Struct, frozen=True, kw_only=True, tag="adjuster"):
    """Store keys wrapped for one adjuster. ``keyring`` says whether the OS keyring holds half of the key."""

    slot_id: str
    adjuster: str
    keyring: bool
    cost: KdfCost
    salt: bytes
    nonce: bytes
    wrapped: bytes


class RecoverySlot(msgspec.Struct, frozen=True, kw_only=True, tag="recovery"):
    """Store keys sealed to headquarters' recovery key."""

    sealed: bytes


Slot = AdjusterSlot | RecoverySlot


class SecretMismatchError(Exception):
    """The slot did not open: wrong PIN or passphrase, or the slot was altered. The two can't be told apart."""


def make_slot(keys: StoreKeys, unlock: Unlock, cost: KdfCost = STANDARD_COST) -> AdjusterSlot:
    """Wrap keys for an adjuster; the keyring half is stored on the way.

    Raises:
        InputError: the PIN or passphrase is too weak.
        EnvironmentProblem: the keyring is missing or refuses.
    """
    keyring_half = b""
    slot_id = secrets.token_hex(16)
    match unlock:
        case PinUnlock(pin=pin, vault=vault):
            check_new_pin(pin)
            keyring_half = secrets.token_bytes(_SECRET_BYTES)
            vault.store(slot_id, keyring_half)
        case PassphraseUnlock(passphrase=passphrase):
            check_new_passphrase(passphrase)
    slot = AdjusterSlot(
        slot_id=slot_id,
        adjuster=unlock.adjuster,
        keyring=isinstance(unlock, PinUnlock),
        cost=cost,
        salt=secrets.token_bytes(_SALT_BYTES),
        nonce=secrets.token_bytes(_NONCE_BYTES),
        wrapped=b"",
    )
    wrapped = AESGCM(_wrapping_key(slot, _typed(unlock), keyring_half)).encrypt(slot.nonce, keys.encode(), _bound(slot))
    return msgspec.structs.replace(slot, wrapped=wrapped)


def keyring_half(slot: AdjusterSlot, unlock: Unlock) -> bytes:
    """Fetch the keyring's half of a slot's key, empty for a passphrase slot.

    Raises:
        EnvironmentProblem: the keyring is missing, silent, refuses, or has lost the secret.
    """
    if not isinstance(unlock, PinUnlock):
        return b""
    half = unlock.vault.fetch(slot.slot_id)
    if half is None:
        raise EnvironmentProblem(
            "keyring_lost_secret",
            Bilingual(
                "系统密钥库里没有本机资料库的那一半密钥（可能重装过系统或换了用户）。",
                "The system keyring no longer holds its half of the store's key (a reinstalled system or another user?).",
            ),
            Bilingual(
                "请联系总部恢复密钥，资料不会丢失。", "Ask headquarters to recover the key; the data are not lost."
            ),
        )
    return half


def open_slot(slot: AdjusterSlot, unlock: Unlock, half: bytes) -> StoreKeys:
    """Unwrap the store keys. Raises ``SecretMismatchError``."""
    try:
        raw = AESGCM(_wrapping_key(slot, _typed(unlock), half)).decrypt(slot.nonce, slot.wrapped, _bound(slot))
        return StoreKeys.decode(raw)
    except (InvalidTag, ValueError) as error:
        raise SecretMismatchError from error


def make_recovery_slot(keys: StoreKeys, recovery_public_key: bytes) -> RecoverySlot:
    """Seal the keys to headquarters. Raises ``trust.errors.TrustError`` for a key that is none."""
    return RecoverySlot(sealed=seal_box(recovery_public_key, keys.encode(), RECOVERY_AAD))


def _typed(unlock: Unlock) -> str:
    return normalised_secret(unlock.pin if isinstance(unlock, PinUnlock) else unlock.passphrase)


def _wrapping_key(slot: AdjusterSlot, typed: str, half: bytes) -> bytes:
    cost = slot.cost
    if not 8 * cost.lanes <= cost.memory_kib <= _MOST_MEMORY_KIB:
        raise ValueError(f"{cost.memory_kib} KiB")
    stretched = hash_secret_raw(
        typed.encode(), slot.salt, cost.passes, cost.memory_kib, cost.lanes, hash_len=32, type=Type.ID
    )
    return HKDF(SHA256(), 32, slot.salt, b"outpost key file slot 1").derive(stretched + half)


def _bound(slot: AdjusterSlot) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(slot, wrapped=b""))
