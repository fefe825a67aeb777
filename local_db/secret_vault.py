"""Where the half of a slot's key lies that is not in the adjuster's head."""

from __future__ import annotations

from typing import Protocol


class SecretVault(Protocol):
    """A place for named secrets, such as the system's keyring. Every call may raise ``EnvironmentProblem``."""

    def store(self, name: str, secret: bytes) -> None:
        """Keep a secret."""

    def fetch(self, name: str) -> bytes | None:
        """Return a secret, None when there is none of that name."""

    def forget(self, name: str) -> None:
        """Remove a secret; it may be gone already."""
