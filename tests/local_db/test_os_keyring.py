"""Which keyrings count, and what is said when none does or none answers."""

# ruff: noqa: ARG002 - the arguments are keyring's

from __future__ import annotations

import threading
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from claims.errors import EnvironmentProblem
from local_db.os_keyring import REAL_BACKENDS, OsKeyring
from tests.local_db.office import Laptop


class GoodBackend(KeyringBackend):
    """Stands in for a real one: keeps what it is given."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class ForgetfulBackend(GoodBackend):
    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class LockedBackend(GoodBackend):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")


class SilentBackend(GoodBackend):
    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(30)
        return None


@pytest.fixture(autouse=True)
def _keyring_as_before() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def vault(backend: KeyringBackend, timeout_s: float = 5.0) -> OsKeyring:
    keyring.set_keyring(backend)
    return OsKeyring(accepted=(GoodBackend,), timeout_s=timeout_s)


def test_a_secret_is_kept_found_and_forgotten() -> None:
    kept = vault(GoodBackend())
    assert kept.available()
    assert kept.fetch("slot") is None
    kept.store("slot", b"\x00\x01secret")
    assert kept.fetch("slot") == b"\x00\x01secret"
    kept.forget("slot")
    kept.forget("slot")
    assert kept.fetch("slot") is None


def test_only_the_systems_own_keyrings_are_accepted() -> None:
    names = {f"{one.__module__}.{one.__qualname__}" for one in REAL_BACKENDS}
    assert names == {
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
    }


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), GoodBackend()], ids=["fail", "null", "other"])
def test_anything_else_is_no_keyring(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    real = OsKeyring()
    assert not real.available()
    with pytest.raises(EnvironmentProblem) as caught:
        real.store("slot", b"secret")
    assert caught.value.code == "keyring_missing"
    assert "口令短语" in caught.value.sentence()


def test_a_chain_is_searched_for_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    good = GoodBackend()
    monkeypatch.setattr(ChainerBackend, "backends", [null.Keyring(), good])
    kept = vault(ChainerBackend())
    kept.store("slot", b"s")
    assert list(good.kept.values()) == ["73"]


def test_a_keyring_that_loses_secrets_is_found_out() -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        vault(ForgetfulBackend()).store("slot", b"secret")
    assert caught.value.code == "keyring_refused"


def test_a_locked_keyring_says_so() -> None:
    locked = vault(LockedBackend())
    assert not locked.available()
    with pytest.raises(EnvironmentProblem) as caught:
        locked.fetch("slot")
    assert (caught.value.code, caught.value.retryable) == ("keyring_refused", True)
    assert "locked" in caught.value.sentence()


def test_a_silent_keyring_does_not_hang_the_program() -> None:
    backend = SilentBackend()
    try:
        with pytest.raises(EnvironmentProblem) as caught:
            vault(backend, timeout_s=0.05).fetch("slot")
        assert caught.value.code == "keyring_silent"
        assert "解锁" in caught.value.sentence()
    finally:
        backend.released.set()


def test_a_store_without_a_keyring_is_not_made_with_a_pin(laptop: Laptop) -> None:
    keyring.set_keyring(fail.Keyring())
    laptop.vault = OsKeyring()  # type: ignore[assignment]
    with pytest.raises(EnvironmentProblem) as caught:
        laptop.create()
    assert caught.value.code == "keyring_missing"
    assert not (laptop.home / "store.db").exists()
