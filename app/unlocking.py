"""Which secret unlocks this laptop from the command line: a PIN where there is a real keyring, else the generated passphrase.

Promise: a secret is never taken from an argument (others could read it in the process list): it comes from the terminal or
from ``OUTPOST_SECRET``.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable

from local_db.key_slots import PassphraseUnlock, PinUnlock, Unlock
from local_db.os_keyring import OsKeyring
from local_db.passphrase import check_new_pin, generate_passphrase

SECRET_VARIABLE = "OUTPOST_SECRET"  # noqa: S105 - the name of the variable, not a secret


def ask_secret(prompt: str) -> str:
    """Return the secret from the environment, else from the terminal."""
    return os.environ.get(SECRET_VARIABLE) or getpass.getpass(prompt)


def existing_unlock(adjuster: str) -> Unlock:
    """Return how the adjuster unlocks an existing store."""
    keyring = OsKeyring()
    if keyring.available():
        return PinUnlock(adjuster, ask_secret("PIN: "), keyring)
    return PassphraseUnlock(adjuster, ask_secret("Passphrase: "))


def chosen_secret() -> Callable[[str], Unlock] | None:
    """Return how whoever headquarters names will unlock a new store: a PIN asked for, or the secret of the environment.

    None: there is no keyring and nothing was given; a passphrase has to be generated.
    """
    keyring = OsKeyring()
    if keyring.available():
        pin = ask_secret("New PIN: ")
        check_new_pin(pin)
        return lambda adjuster: PinUnlock(adjuster, pin, keyring)
    given = os.environ.get(SECRET_VARIABLE)
    return None if given is None else lambda adjuster: PassphraseUnlock(adjuster, given)


def new_unlock(adjuster: str) -> tuple[Unlock, str | None]:
    """Return how the adjuster will unlock a restored store, and a generated passphrase to show once where there is no keyring."""
    unlock_for = chosen_secret()
    if unlock_for is not None:
        return unlock_for(adjuster), None
    passphrase = generate_passphrase()
    return PassphraseUnlock(adjuster, passphrase), passphrase
