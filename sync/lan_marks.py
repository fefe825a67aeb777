"""How far neighbours' logs went that this device once held, with what proves it: small files that outlive the bundles.

Promise: a mark is durable before the custody receipt of its bundle is signed. Only the highest of each device's life are kept; a file that
can't be read counts as none (the bundle's writer loses a warning, never money it has).

    <folder>/<SHA-256 of device/epoch>.marks    JSON, the highest marks
    <folder>/<SHA-256 of device>.der            the device's certificate of its highest epoch
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from sync.wire.hub_messages import Mark
from sync.wire.hub_state import merged_marks
from trust.certificates import DeviceCertificate, read_device_certificate
from trust.errors import TrustError


class FolderMarks:
    """``sync.lan_hub.MarkBook`` in a folder. One at a time."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where there is none. Raises ``OSError``."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._marks: dict[tuple[str, int], tuple[Mark, ...]] = {}

    def marks(self, device: str, epoch: int) -> tuple[Mark, ...]:
        """Return the highest marks of a device's life."""
        life = (device, epoch)
        if life not in self._marks:
            try:
                raw = self._path(f"{device}/{epoch}", "marks").read_bytes()
                self._marks[life] = msgspec.json.decode(raw, type=tuple[Mark, ...])
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                self._marks[life] = ()
        return self._marks[life]

    def keep_mark(self, device: str, epoch: int, mark: Mark) -> None:
        """Keep one, durably. Raises ``OSError``."""
        known = self.marks(device, epoch)
        marks = merged_marks(known, (mark,))
        if marks != known:
            _write_durably(self._path(f"{device}/{epoch}", "marks"), msgspec.json.encode(marks))
            self._marks[device, epoch] = marks

    def newest(self, device: str) -> bytes:
        """Return the certificate (DER) of the highest epoch seen of a device, empty for none."""
        try:
            der = self._path(device, "der").read_bytes()
            return der if read_device_certificate(der).device == device else b""
        except (OSError, TrustError):
            return b""

    def keep_certificate(self, certificate: DeviceCertificate) -> None:
        """Keep it, durably; the caller saw to it that its epoch is the highest. Raises ``OSError``."""
        _write_durably(self._path(certificate.device, "der"), certificate.der)

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.{kind}"


def _write_durably(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    if os.name == "posix":
        # Windows has no handle on a folder to sync; renames are journalled there.
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
