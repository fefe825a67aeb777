"""The operating system's keyring, held at arm's length: in a thread with a time-out, and only if it is a real one.

Promise: a secret goes to the Windows credential store, the macOS keychain, a Secret Service or KWallet, or nowhere. Null and
plain-text backends count as no keyring. A keyring that does not answer never hangs the program. Source: notes/deps.md §5.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

import keyring
import keyring.errors
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.kwallet import DBusKeyring
from keyring.backends.macOS import Keyring as MacOSKeyring
from keyring.backends.SecretService import Keyring as SecretServiceKeyring
from keyring.backends.Windows import WinVaultKeyring

from claims.errors import Bilingual, EnvironmentProblem

REAL_BACKENDS: tuple[type[KeyringBackend], ...] = (WinVaultKeyring, MacOSKeyring, SecretServiceKeyring, DBusKeyring)

SERVICE = "Outpost"
TIMEOUT_S = 15.0
"""Time for a person to answer the system's own "unlock the keyring" dialogue; without a display it fails at once or never."""

T = TypeVar("T")


class OsKeyring:
    """The system's keyring as a ``local_db.secret_vault.SecretVault``."""

    def __init__(
        self, *, accepted: tuple[type[KeyringBackend], ...] = REAL_BACKENDS, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._accepted = accepted
        self._timeout_s = timeout_s

    def available(self) -> bool:
        """Say whether there is a real keyring that answers. Without one a generated passphrase takes the PIN's place."""
        try:
            self.fetch("probe")
        except EnvironmentProblem:
            return False
        return True

    def store(self, name: str, secret: bytes) -> None:
        """Keep a secret and read it back: some backends lose it without a word.

        Raises:
            EnvironmentProblem: ``keyring_missing``, ``keyring_silent`` or ``keyring_refused``.
        """

        def store(backend: KeyringBackend) -> bool:
            backend.set_password(SERVICE, name, secret.hex())
            return backend.get_password(SERVICE, name) == secret.hex()

        if not self._ask(store):
            raise _refused("the secret was not kept")

    def fetch(self, name: str) -> bytes | None:
        """Return a secret, None when the keyring has none of that name. Raises as ``store``."""
        found = self._ask(lambda backend: backend.get_password(SERVICE, name))
        try:
            return None if found is None else bytes.fromhex(found)
        except ValueError:
            # Somebody else's entry under our name is no secret of ours.
            return None

    def forget(self, name: str) -> None:
        """Remove a secret; it may be gone already. Raises as ``store``."""

        def forget(backend: KeyringBackend) -> None:
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)

        self._ask(forget)

    def _ask(self, question: Callable[[KeyringBackend], T]) -> T:
        answers: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(question(self._backend()))
            except Exception as error:  # backends raise what their platform raises; all of it is translated below
                answers.put(error)

        # A daemon thread: a keyring that never answers must not keep the program from ending.
        threading.Thread(target=work, name="keyring", daemon=True).start()
        try:
            answer = answers.get(timeout=self._timeout_s)
        except queue.Empty as error:
            raise _silent(self._timeout_s) from error
        if isinstance(answer, EnvironmentProblem):
            raise answer
        if isinstance(answer, Exception):
            raise _refused(f"{type(answer).__name__}: {answer}") from answer
        return answer

    def _backend(self) -> KeyringBackend:
        chosen = keyring.get_keyring()
        candidates = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
        for backend in candidates:
            if isinstance(backend, self._accepted):
                return backend
        raise _none(type(chosen).__module__)


def _none(found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "keyring_missing",
        Bilingual(
            f"这台电脑没有可用的系统密钥库（找到的是 {found}）。",
            f"This computer has no system keyring to rely on (found {found}).",
        ),
        Bilingual(
            "只用 PIN 不够安全，请改用程序生成的口令短语解锁。",
            "A PIN alone is not safe here; use the passphrase that the program generates instead.",
        ),
    )


def _silent(timeout_s: float) -> EnvironmentProblem:
    return EnvironmentProblem(
        "keyring_silent",
        Bilingual(
            f"系统密钥库 {timeout_s:g} 秒内没有回应。",
            f"The system keyring did not answer within {timeout_s:g} seconds.",
        ),
        Bilingual(
            "请先解锁系统密钥库（或注销后重新登录），再试一次。",
            "Unlock the system keyring (or log out and in again), then try once more.",
        ),
        retryable=True,
    )


def _refused(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "keyring_refused",
        Bilingual(f"系统密钥库拒绝了请求（{detail}）。", f"The system keyring refused ({detail})."),
        Bilingual(
            "请先解锁系统密钥库，再试一次；仍不行请联系技术支持。",
            "Unlock the system keyring and try again; if it still refuses, call support.",
        ),
        retryable=True,
    )
