"""The door of this laptop (``views.entrance.Entrance``): what is known before unlocking, unlocking, and enrolment.

Promise: importing this module and asking for ``facts`` loads no engine, store, cryptography or network: the unlock screen is there
before them. They are loaded by the first background job. Source: design.md "Traps" (start), docs/adr/0095, 0096.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from app.pending_files import discard_pending, passphrase_unseen, pending_files
from app.settings import Settings, load_settings, save_settings
from app.station_card import StationCard, read_card, write_card
from app.version import VERSION
from claims.errors import EnvironmentProblem, InputError, OutpostError
from claims.trusted_time import trusted_time
from local_db import problems
from local_db.passphrase import check_new_passphrase, check_new_pin
from local_db.secret_vault import SecretVault
from local_db.unlock_attempts import UnlockAttempts
from views.entrance import Enrolled, EntranceFacts, Holder, LockKind

if TYPE_CHECKING:
    from claims.desk import Desk
    from claims.ports import Clock
    from local_db.key_slots import Unlock

# What local_db writes; named here because naming them there would load the engine.
_STORE, _KEYS = "store.db", "keys.json"


class _Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What a slot says without its secret. ``adjuster`` is empty for the recovery slot."""

    slot_id: str = ""
    adjuster: str = ""
    keyring: bool = False


class _KeyFile(msgspec.Struct, frozen=True):
    slots: tuple[_Slot, ...]


class Keyring(SecretVault, Protocol):
    """A vault that may not be there."""

    def available(self) -> bool:
        """Say whether it answers."""


class LocalEntrance:
    """The door of the laptop whose things lie under ``home``."""

    def __init__(
        self,
        home: Path,
        clock: Clock,
        enrolled: Callable[[], None] = lambda: None,
        *,
        keyring: Callable[[], Keyring] | None = None,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        """Touch nothing yet.

        Args:
            enrolled: called, in the same background job, once this laptop is a device.
            keyring: makes the keyring; None: the operating system's.
            wait: replaces waiting between a sync's tries, for drills and tests.
        """
        self._home = home
        self._clock = clock
        self._enrolled = enrolled
        self._keyring = keyring or _os_keyring
        self._wait = wait

    def facts(self) -> EntranceFacts:
        """Return what is known before unlocking, from small files only."""
        settings, card = Settings(home=self._home), StationCard()
        try:
            settings, card = load_settings(self._home), read_card(self._home)
            enrolled, damaged = self._standing()
        except OSError as error:
            enrolled, damaged = True, problems.from_os(error, self._home)
        now = self._clock.utc_now()
        return EntranceFacts(
            enrolled=enrolled,
            version=VERSION,
            station=card.station,
            station_name=card.station_name,
            holders=self._holders(settings, card) if enrolled and damaged is None else (),
            now=now,
            clock_believed=trusted_time(now, card.signed_at).believed,
            last_contact_at=card.last_contact_at,
            rules_made_at=card.rules_made_at,
            rules_version=card.rules_version,
            policies_made_at=card.policies_made_at,
            persons=card.persons,
            disk_only=card.disk_only,
            hq_url=settings.hq_url,
            damaged=damaged,
        )

    def lock_kind(self) -> LockKind:
        """Return what to type: what the last holder's slot wants, on a new laptop what the keyring allows."""
        kinds = {each.keyring for each in self._last_holders_slots()}
        if len(kinds) == 1:
            return LockKind.PIN if True in kinds else LockKind.PASSPHRASE
        return LockKind.PIN if self._keyring().available() else LockKind.PASSPHRASE

    def attempts_wait_s(self) -> float:
        """Return how long the last holder has to wait before the next try."""
        attempts = UnlockAttempts(self._home, self._clock)
        return max((attempts.left_s(each.slot_id) for each in self._last_holders_slots()), default=0.0)

    def unlock(self, adjuster: str, secret: str) -> Desk:
        """Open the store. Raises as ``app.main.build``."""
        from app.main import build  # noqa: PLC0415 - the whole program, loaded behind the unlock screen
        from app.neighbours import LanOptions  # noqa: PLC0415 - as above

        settings = load_settings(self._home)
        desk = build(
            settings,
            self._unlock(adjuster, secret),
            clock=self._clock,
            wait=self._wait,
            address=lambda: load_settings(self._home).hq_url,
            lan=LanOptions(serve=True),
        )
        with contextlib.suppress(OSError):  # a full disk: the next start shows somebody else first
            discard_pending(self._home)
            if settings.adjuster != adjuster:
                save_settings(msgspec.structs.replace(settings, adjuster=adjuster))
        return desk

    def enrol(self, hq_url: str, code: str, secret: str | None) -> Enrolled:
        """Make this laptop a device. Raises as ``app.enrolment.enrol_laptop``; a weak PIN or a missing keyring before the code is sent."""
        from app.enrolment import enrol_laptop, enrol_with_passphrase  # noqa: PLC0415 - needed once in a laptop's life
        from local_db.key_slots import PinUnlock  # noqa: PLC0415 - as above

        settings = Settings(home=self._home, hq_url=hq_url.strip())
        passphrase = None
        if secret is None:
            identity, passphrase = enrol_with_passphrase(settings, code, clock=self._clock)
        else:
            pin, keyring = secret, self._keyring()
            check_new_pin(pin)
            keyring.fetch("probe")
            identity = enrol_laptop(
                settings, code, lambda adjuster: PinUnlock(adjuster, pin, keyring), clock=self._clock
            )
        write_card(
            self._home,
            StationCard(
                station=identity.station,
                station_name=identity.station_name,
                names={identity.adjuster: identity.adjuster_name},
            ),
        )
        self._enrolled()
        return Enrolled(identity.station_name, identity.adjuster_name, passphrase)

    def _standing(self) -> tuple[bool, OutpostError | None]:
        """Return whether this is a laptop of a headquarters, and what keeps it shut."""
        if passphrase_unseen(self._home):
            return False, None  # an enrolment was cut short; the same code finishes it
        keys = (self._home / _KEYS).exists()
        if (self._home / _STORE).exists():
            return True, None if keys and self._slots() is not None else self._key_file_problem()
        if keys and next(pending_files(self._home), None) is None:
            return True, problems.store_missing(self._home / _STORE)
        return False, None

    def _slots(self) -> tuple[_Slot, ...] | None:
        """Return the key file's slots, None when it is missing or can't be read."""
        try:
            return msgspec.json.decode((self._home / _KEYS).read_bytes(), type=_KeyFile).slots
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _key_file_problem(self) -> OutpostError | None:
        from local_db.key_file import read_key_file  # noqa: PLC0415 - loads cryptography, only where there is nothing to unlock

        try:
            read_key_file(self._home)
        except EnvironmentProblem as problem:
            return problem
        return None

    def _holders(self, settings: Settings, card: StationCard) -> tuple[Holder, ...]:
        adjusters = dict.fromkeys(each.adjuster for each in self._slots() or () if each.adjuster)
        last_first = sorted(adjusters, key=lambda each: each != settings.adjuster)
        return tuple(Holder(each, card.names.get(each, "")) for each in last_first)

    def _last_holders_slots(self) -> tuple[_Slot, ...]:
        holders = self._holders(load_settings(self._home), StationCard())
        return tuple(each for each in self._slots() or () if holders and each.adjuster == holders[0].adjuster)

    def _unlock(self, adjuster: str, secret: str) -> Unlock:
        from local_db.key_slots import PassphraseUnlock, PinUnlock  # noqa: PLC0415 - loads cryptography

        kinds = {each.keyring for each in self._slots() or () if each.adjuster == adjuster}
        # Whoever has both kinds types the one or the other; a passphrase has a shape that no PIN has.
        with_pin = True in kinds and (len(kinds) == 1 or not _generated(secret))
        return PinUnlock(adjuster, secret, self._keyring()) if with_pin else PassphraseUnlock(adjuster, secret)


def _os_keyring() -> Keyring:
    from local_db.os_keyring import OsKeyring  # noqa: PLC0415 - loads the keyring's backends, for a background job only

    return OsKeyring()


def _generated(secret: str) -> bool:
    try:
        check_new_passphrase(secret)
    except InputError:
        return False
    return True
