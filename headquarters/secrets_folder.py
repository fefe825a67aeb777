"""The keys of headquarters on disk: root, service and recovery box key, each 32 raw bytes in a file of mode 0600.

Promise: a key file is created once and never overwritten; its folder is mode 0700. The root key belongs off-line in
production; it lies here because the reference service issues device certificates itself (docs/adr/0070).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem
from trust.boxes import generate_box_key
from trust.keys import SoftwareKey


@dataclass(frozen=True)
class Secrets:
    """Every private key of headquarters."""

    root: SoftwareKey
    service: SoftwareKey
    recovery_private: bytes
    recovery_public: bytes


def make_secrets(folder: Path) -> Secrets:
    """Generate all keys and write them durably. Raises ``FileExistsError`` rather than replace a key."""
    folder.mkdir(mode=0o700)
    root, service = SoftwareKey.generate(), SoftwareKey.generate()
    recovery_private, recovery_public = generate_box_key()
    write_new(folder / "root.key", root.to_bytes(), 0o600)
    write_new(folder / "service.key", service.to_bytes(), 0o600)
    write_new(folder / "recovery.key", recovery_private, 0o600)
    write_new(folder / "recovery.pub", recovery_public, 0o644)
    return Secrets(root, service, recovery_private, recovery_public)


def read_secrets(folder: Path) -> Secrets:
    """Read the keys back. Raises ``EnvironmentProblem`` when one is missing."""
    return Secrets(
        root=SoftwareKey.from_bytes(_read(folder / "root.key")),
        service=SoftwareKey.from_bytes(_read(folder / "service.key")),
        recovery_private=_read(folder / "recovery.key"),
        recovery_public=_read(folder / "recovery.pub"),
    )


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a new file durably with this mode from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a no-op where folders can't be opened, as on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise EnvironmentProblem(
            "hq_key_missing",
            Bilingual(
                f"读不到总部密钥 {path.name}：{problem.strerror}。",
                f"The key {path.name} can't be read: {problem.strerror}.",
            ),
            Bilingual("请从备份恢复 secrets 文件夹。", "Restore the secrets folder from the backup."),
        ) from problem
