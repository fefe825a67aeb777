"""The keys that sign what is distributed: two for the root (both must sign), one each for targets, snapshot and timestamp.

Promise: keys and first root appear together or not at all, and are never overwritten. The root's keys are needed only to change keys, so
that they can live off this machine (``outpost-hq tuf-keys --move-root-to``). The service key vouches for the newest root (``anchor``): a
laptop that trusts headquarters' X.509 root needs nothing else to begin.

    DIR/secrets/tuf/root_1.key root_2.key targets.key snapshot.key timestamp.key     mode 0600
    DIR/secrets/tuf/1.root.json 2.root.json ...  anchor                              public

Source: TUF specification 1.0; docs/adr/0150.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.metadata import Metadata, Root

from claims.errors import Bilingual, EnvironmentProblem, InputError
from headquarters.secrets_folder import Secrets, sync_folder, write_new
from sync.tuf_targets import ANCHOR_KIND
from trust.keys import SoftwareKey
from trust.statements import sign_statement

ROOT_DAYS = 10 * 365
ROOT_THRESHOLD = 2
ROOT_KEYS = ("root_1", "root_2")


class Role(StrEnum):
    """Who signs what, beside the root."""

    TARGETS = "targets"
    SNAPSHOT = "snapshot"
    TIMESTAMP = "timestamp"


def folder_of(home: Path) -> Path:
    """Return where keys and roots lie."""
    return home / "secrets" / "tuf"


def ensure_keys(home: Path, secrets: Secrets, service_der: bytes, at: datetime) -> None:
    """Make keys, root and anchor where there are none yet. Several processes may try at once: one wins whole."""
    folder = folder_of(home)
    if folder.is_dir():
        return
    draft = folder.with_name(f"tuf.new-{os.urandom(6).hex()}")
    draft.mkdir(mode=0o700)
    keys = {name: SoftwareKey.generate() for name in (*ROOT_KEYS, *Role)}
    for name, key in keys.items():
        write_new(draft / f"{name}.key", key.to_bytes(), 0o600)
    root = Root(version=1, expires=_whole(at) + timedelta(days=ROOT_DAYS), consistent_snapshot=True)
    for name, key in keys.items():
        root.add_key(public_key(key), name.partition("_")[0])
    root.roles[Root.type].threshold = ROOT_THRESHOLD
    raw = _signed(root, [_signer(keys[name]) for name in ROOT_KEYS])
    write_new(draft / "1.root.json", raw, 0o644)
    write_new(draft / "anchor", _anchor(secrets, service_der, raw), 0o644)
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft)
        if not folder.is_dir():
            raise
    sync_folder(folder.parent)


def role_signer(home: Path, role: Role) -> CryptoSigner:
    """Return the signer of an online role. Raises ``EnvironmentProblem`` when its key is missing."""
    return _signer(_read_key(folder_of(home) / f"{role}.key"))


def root_versions(home: Path) -> Sequence[int]:
    """Return the versions of every root there was, ascending."""
    return sorted(int(path.name.partition(".")[0]) for path in folder_of(home).glob("*.root.json"))


def read_root(home: Path, version: int) -> bytes | None:
    """Return one root as signed, None where there is none of this version."""
    path = folder_of(home) / f"{version}.root.json"
    return path.read_bytes() if path.is_file() else None


def read_anchor(home: Path) -> bytes:
    """Return the newest root inside a statement of the service key: where a laptop without any root begins."""
    return (folder_of(home) / "anchor").read_bytes()


def move_root_keys(home: Path, target: Path) -> tuple[Path, ...]:
    """Copy the root's keys to another place, read them back, and only then remove them here; return where they are.

    Raises:
        EnvironmentProblem: ``tuf_key_missing``, or ``tuf_keys_not_moved``: nothing was removed.
    """
    moved = []
    for name in ROOT_KEYS:
        source = folder_of(home) / f"{name}.key"
        content = _read_key(source).to_bytes()
        copy = target / source.name
        try:
            write_new(copy, content, 0o600)
            kept = copy.read_bytes() == content
        except OSError:
            kept = False
        if not kept:
            raise EnvironmentProblem(
                "tuf_keys_not_moved",
                Bilingual(f"密钥没能写入 {target}。", f"The keys could not be written to {target}."),
                Bilingual(
                    "请换一个空文件夹，原密钥未删除。", "Choose an empty folder; the keys here were not removed."
                ),
            )
        moved.append(copy)
    for name in ROOT_KEYS:
        (folder_of(home) / f"{name}.key").unlink()
    sync_folder(folder_of(home))
    return tuple(moved)


def change_keys(
    home: Path,
    secrets: Secrets,
    service_der: bytes,
    at: datetime,
    names: Sequence[str],
    *,
    root_keys: Path | None = None,
) -> int:
    """Give new keys to these roles (``root_1``, ``targets``, ...; none: only a later expiry); return the new root's version.

    The new root is signed by the old root's keys and by the new ones, as the specification wants it.

    Raises:
        InputError: ``tuf_role_unknown``.
        EnvironmentProblem: ``tuf_key_missing``, when a root key is not where it was said to be.
    """
    folder = folder_of(home)
    unknown = [name for name in names if name not in (*ROOT_KEYS, *Role)]
    if unknown:
        raise InputError(
            "tuf_role_unknown",
            Bilingual(f"没有名为 {unknown[0]} 的密钥。", f"There is no key called {unknown[0]}."),
            Bilingual(f"可选：{'、'.join((*ROOT_KEYS, *Role))}。", f"Choose from {', '.join((*ROOT_KEYS, *Role))}."),
        )
    where: Mapping[str, Path] = dict.fromkeys(ROOT_KEYS, root_keys or folder) | dict.fromkeys(map(str, Role), folder)
    before = {name: _read_key(where[name] / f"{name}.key") for name in ROOT_KEYS}
    version = root_versions(home)[-1]
    root = Metadata[Root].from_bytes((folder / f"{version}.root.json").read_bytes()).signed
    after = dict(before)
    made = {name: SoftwareKey.generate() for name in names}
    for name, key in made.items():
        role = name.partition("_")[0]
        old = before[name] if name in before else _read_key(where[name] / f"{name}.key")
        root.revoke_key(public_key(old).keyid, role)
        root.add_key(public_key(key), role)
        if name in after:
            after[name] = key
    root.version = version + 1
    root.expires = _whole(at) + timedelta(days=ROOT_DAYS)
    raw = _signed(root, [_signer(key) for key in {*before.values(), *after.values()}])
    # New keys first under another name: until the root that names them is on the disk the old ones sign.
    for name, key in made.items():
        fresh = where[name] / f"{name}.key.new"
        fresh.unlink(missing_ok=True)
        write_new(fresh, key.to_bytes(), 0o600)
    write_new(folder / f"{root.version}.root.json", raw, 0o644)
    for name in made:
        (where[name] / f"{name}.key.new").replace(where[name] / f"{name}.key")
    fresh_anchor = folder / "anchor.new"
    fresh_anchor.unlink(missing_ok=True)
    write_new(fresh_anchor, _anchor(secrets, service_der, raw), 0o644)
    fresh_anchor.replace(folder / "anchor")
    sync_folder(folder)
    return root.version


def public_key(key: SoftwareKey) -> Key:
    """Return a key as TUF names it."""
    signer = _signer(key)
    return signer.public_key


def _signer(key: SoftwareKey) -> CryptoSigner:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - beside its one use

    private = Ed25519PrivateKey.from_private_bytes(key.to_bytes())
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))


def _signed(root: Root, signers: Sequence[CryptoSigner]) -> bytes:
    metadata = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def _anchor(secrets: Secrets, service_der: bytes, root: bytes) -> bytes:
    return sign_statement(secrets.service, service_der, ANCHOR_KIND, root)


def _whole(at: datetime) -> datetime:
    # TUF's dates have no fractions.
    return at.replace(microsecond=0)


def _read_key(path: Path) -> SoftwareKey:
    try:
        return SoftwareKey.from_bytes(path.read_bytes())
    except OSError as problem:
        raise EnvironmentProblem(
            "tuf_key_missing",
            Bilingual(
                f"读不到密钥 {path.name}：{problem.strerror}。",
                f"The key {path.name} can't be read: {problem.strerror}.",
            ),
            Bilingual(
                "根密钥若已移走，请用 --root-keys 指明其文件夹；其他密钥请从备份恢复。",
                "Where the root's keys were moved away, name their folder with --root-keys; restore others from the backup.",
            ),
        ) from problem
