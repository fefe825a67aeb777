"""Makes production code repeatable: every random byte it asks for comes from the seed, and certificates are read once.

Promise: inside ``repeatable`` no key, id or code of headquarters or laptops depends on anything but the seed. The caches hold only
verdicts of pure functions about bytes (a certificate below a root), so they change what a step costs, never what it says.
"""

from __future__ import annotations

import os
import random
import secrets
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import headquarters.answers
import headquarters.callers
import sync.held_bundles
import sync.lan_hub
import sync.lan_marks
import trust.boxes
import trust.certificates
from trust.certificates import TrustStore
from trust.keys import SoftwareKey


@contextmanager
def patched(*changes: tuple[object, str, Any]) -> Iterator[None]:
    """Set attributes for the time being."""
    missing = object()
    before = [(owner, name, vars(owner).get(name, missing)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in reversed(before):
            if value is missing:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


@contextmanager
def repeatable(dice: random.Random) -> Iterator[None]:
    """Draw every random byte from ``dice``."""

    def token_bytes(count: int | None = None) -> bytes:
        return dice.randbytes(32 if count is None else count)

    def box_key() -> tuple[bytes, bytes]:
        private = X25519PrivateKey.from_private_bytes(dice.randbytes(32))
        return private.private_bytes_raw(), private.public_key().public_bytes_raw()

    def software_key(_cls: type[SoftwareKey] = SoftwareKey) -> SoftwareKey:
        return SoftwareKey.from_bytes(dice.randbytes(32))

    changes: list[tuple[object, str, Any]] = [
        (secrets, "token_bytes", token_bytes),
        (secrets, "token_hex", lambda count=None: token_bytes(count).hex()),
        (secrets, "token_urlsafe", lambda count=None: token_bytes(count).hex()),
        (secrets, "randbelow", dice.randrange),
        (uuid, "uuid4", lambda: uuid.UUID(bytes=dice.randbytes(16), version=4)),
        (os, "urandom", dice.randbytes),
        (SoftwareKey, "generate", classmethod(software_key)),
    ]
    changes += [(module, "generate_box_key", box_key) for module in _users_of_box_keys()]
    with patched(*changes):
        yield


def _users_of_box_keys() -> list[object]:
    import headquarters.secrets_folder

    return [trust.boxes, headquarters.secrets_folder]


@contextmanager
def certificates_read_once() -> Iterator[None]:
    """Remember what was found of each certificate: parsing X.509 costs more than all the rest of a statement."""
    below: dict[tuple[bytes, bytes], Any] = {}
    roots: dict[bytes, tuple[Any, Any]] = {}
    read: dict[bytes, Any] = {}
    real_below = TrustStore._below_root
    real_init = TrustStore.__init__
    real_read = trust.certificates.read_device_certificate

    def below_root(self: TrustStore, der: bytes) -> Any:
        key = (self.root_der, der)
        found = below.get(key)
        if found is None:
            found = below[key] = real_below(self, der)
        return found

    def init(self: TrustStore, root_der: bytes) -> None:
        known = roots.get(root_der)
        if known is None:
            real_init(self, root_der)
            roots[root_der] = (self._root_key, self._root_name)
            return
        self._root_key, self._root_name = known
        self._root_der = root_der
        self._devices, self._heads = {}, {}

    def read_device(der: bytes) -> Any:
        found = read.get(der)
        if found is None:
            found = read[der] = real_read(der)
        return found

    with patched(
        (TrustStore, "_below_root", below_root),
        (TrustStore, "__init__", init),
        (trust.certificates, "read_device_certificate", read_device),
        (headquarters.callers, "read_device_certificate", read_device),
        (sync.lan_hub, "read_device_certificate", read_device),
        (sync.lan_marks, "read_device_certificate", read_device),
        (sync.held_bundles, "ThreadPoolExecutor", _OneAfterTheOther),
        # Distribution has a simulation of its own (tests of TUF); here its daily upkeep would only cost time.
        (headquarters.answers, "upkeep", lambda _hq: 1),
    ):
        yield


class _OneAfterTheOther:
    """A pool of threads without threads: the order of what it does must follow from the seed."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> _OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as problem:  # handed to whoever asks for the result, as a pool does
            done.set_exception(problem)
        return done


Patch = Callable[[], Any]
