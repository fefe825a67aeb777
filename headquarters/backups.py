"""Backups: one consistent moment of the database and every file, written while headquarters serves; and which of them are kept.

Promise: a backup counts once its manifest is there, which is written last; what it lists was copied and hashed, or is named as missing. A file is
called safe to a laptop only when every backup that is kept has it. Which backups are kept is remembered beside the database, so that a
restore does not forget it.

    FOLDER/<id>/backup.json   manifest          FOLDER/<id>/rows.zst    every row (``headquarters.row_export``)
    FOLDER/<id>/files.list    hashes, 32 bytes each, sorted             FOLDER/<id>/root.der, service.der, headquarters.json
    FOLDER/<id>/secrets/      the private keys, only where asked for    FOLDER/files/        contents, shared by the backups in FOLDER

Source: docs/adr/0154.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.statements import AttachmentsSafe
from headquarters.blobs import Blobs
from headquarters.devices import STOPPED
from headquarters.installation import Headquarters
from headquarters.models import AttachmentOffer, Device
from headquarters.models_restores import ToldSafe
from headquarters.row_export import export_rows
from headquarters.secrets_folder import sync_folder
from headquarters.statements_out import say
from headquarters.turn import Turn

MANIFEST = "backup.json"
ROWS = "rows.zst"
FILES = "files.list"
SECRETS = "secrets"
_KEPT = "backups"
_HASHES_A_STATEMENT = 500
_HASH_BYTES = 32


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. ``missing``: files that headquarters should have held and could not be read whole."""

    backup_id: str
    at: datetime
    incarnation: int
    root_sha256: str
    engine: str
    rows: int
    rows_sha256: str
    files: int
    files_sha256: str
    files_copied: bool
    missing: tuple[str, ...]
    with_secrets: bool
    schema: int = 1


class KeptBackup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that could still be restored, and where it lies."""

    backup: Backup
    folder: str


def make_backup(
    hq: Headquarters, folder: Path, *, copy_files: bool = True, with_secrets: bool = False, keep: int | None = None
) -> Backup:
    """Write a backup into a new folder below ``folder``, remember it, tell the laptops what is safe now; return its manifest.

    Args:
        copy_files: False lists the files only: for a store that keeps them itself, such as S3.
        with_secrets: also the private keys. Whoever holds such a backup can speak for headquarters.
        keep: forget and remove older backups in this folder beyond the newest so many.
    """
    at = hq.now()
    backup_id = f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    place = folder / backup_id
    place.mkdir(parents=True, mode=0o700)
    with hq.database.read() as session, (place / ROWS).open("xb") as target:
        rows = export_rows(session, target)
        target.flush()
        os.fsync(target.fileno())
    # Listed after the rows were read: whatever a row speaks of is among them, unless it is missing.
    held, missing = _copy_files(hq, folder / "files") if copy_files else (set(hq.blobs.all()), set())
    _write(place / FILES, b"".join(bytes.fromhex(each) for each in sorted(held)))
    for name in ("root.der", "service.der"):
        _write(place / name, (hq.home / name).read_bytes())
    # The addresses may hold passwords.
    settings = msgspec.structs.replace(hq.settings, database_url=None, files_url=None, metrics_token=None)
    _write(place / "headquarters.json", msgspec.json.encode(settings))
    if with_secrets:
        shutil.copytree(hq.home / SECRETS, place / SECRETS)
    backup = Backup(
        backup_id=backup_id,
        at=at,
        incarnation=hq.incarnation.number,
        root_sha256=hq.fingerprint(),
        engine=hq.database.engine_name,
        rows=rows,
        rows_sha256=_sha256(place / ROWS),
        files=len(held),
        files_sha256=_sha256(place / FILES),
        files_copied=copy_files,
        missing=tuple(sorted(missing)),
        with_secrets=with_secrets,
    )
    _write(place / MANIFEST, msgspec.json.format(msgspec.json.encode(backup)))
    sync_folder(folder)
    remember(hq.home, backup, place)
    if keep is not None:
        for old in [each for each in kept_backups(hq.home) if Path(each.folder).parent == folder.resolve()][:-keep]:
            forget(hq, old.backup.backup_id, remove=True)
    tell_safe(hq)
    return backup


def read_backup(place: Path) -> Backup:
    """Return a backup's manifest after checking what it lists against it. Raises ``InputError`` (``backup_damaged``)."""
    try:
        backup = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Backup)
        whole = (_sha256(place / ROWS), _sha256(place / FILES)) == (backup.rows_sha256, backup.files_sha256)
    except (OSError, msgspec.DecodeError) as problem:
        raise damaged(place) from problem
    if not whole:
        raise damaged(place)
    return backup


def backup_files(place: Path) -> frozenset[str]:
    """Return the hashes of the files that a backup has."""
    content = (place / FILES).read_bytes()
    return frozenset(content[start : start + _HASH_BYTES].hex() for start in range(0, len(content), _HASH_BYTES))


def kept_backups(home: Path) -> tuple[KeptBackup, ...]:
    """Return the backups that are kept, oldest first."""
    found = [msgspec.json.decode(each.read_bytes(), type=KeptBackup) for each in (home / _KEPT).glob("*.json")]
    return tuple(sorted(found, key=lambda each: (each.backup.at, each.backup.backup_id)))


def remember(home: Path, backup: Backup, place: Path) -> None:
    """Note a backup as kept."""
    folder = home / _KEPT
    folder.mkdir(exist_ok=True)
    (folder / f"{backup.backup_id}.list").write_bytes((place / FILES).read_bytes())
    draft = folder / f"{backup.backup_id}.new"
    _write(draft, msgspec.json.encode(KeptBackup(backup=backup, folder=str(place.resolve()))))
    draft.replace(folder / f"{backup.backup_id}.json")
    sync_folder(folder)


def forget(hq: Headquarters, backup_id: str, *, remove: bool = False) -> None:
    """Note that a backup is kept no longer (and remove its folder), then tell the laptops what is safe without it.

    Raises:
        InputError: ``backup_unknown``.
    """
    found = next((each for each in kept_backups(hq.home) if each.backup.backup_id == backup_id), None)
    if found is None:
        raise InputError(
            "backup_unknown",
            Bilingual(f"没有备份 {backup_id}。", f"There is no backup {backup_id}."),
            Bilingual("请用 outpost-hq backups 查看。", "List them with outpost-hq backups."),
        )
    if remove:
        shutil.rmtree(found.folder, ignore_errors=True)  # it may lie on a disk that is away
    (hq.home / _KEPT / f"{backup_id}.json").unlink()
    (hq.home / _KEPT / f"{backup_id}.list").unlink(missing_ok=True)
    tell_safe(hq)


def safe_files(home: Path) -> frozenset[str]:
    """Return the files that every kept backup has; none while there is no backup."""
    safe: frozenset[str] | None = None
    for each in kept_backups(home):
        content = (home / _KEPT / f"{each.backup.backup_id}.list").read_bytes()
        listed = {content[at : at + _HASH_BYTES].hex() for at in range(0, len(content), _HASH_BYTES)}
        listed -= set(each.backup.missing)
        safe = frozenset(listed) if safe is None else safe & listed
    return safe or frozenset()


def tell_safe(hq: Headquarters) -> int:
    """Tell every device which of its files lie in all kept backups, each once; return how many were told."""
    safe = safe_files(hq.home)
    if not safe:
        return 0

    def work(session: Session) -> int:
        told = 0
        waiting = (
            select(AttachmentOffer.device, AttachmentOffer.epoch, AttachmentOffer.sha256)
            .outerjoin(
                ToldSafe,
                (ToldSafe.device == AttachmentOffer.device)
                & (ToldSafe.epoch == AttachmentOffer.epoch)
                & (ToldSafe.sha256 == AttachmentOffer.sha256),
            )
            .where(AttachmentOffer.told, ToldSafe.sha256.is_(None))
            .order_by(AttachmentOffer.device, AttachmentOffer.epoch, AttachmentOffer.sha256)
        )
        by_device: dict[tuple[str, int], list[str]] = {}
        for name, epoch, sha256 in session.execute(waiting):
            if sha256 in safe:
                by_device.setdefault((name, epoch), []).append(sha256)
        for key, hashes in by_device.items():
            device = session.get_one(Device, key)
            if device.state not in STOPPED:
                told += _tell(Turn(hq, session, device, hq.now()), hashes)
        return told

    return hq.database.run(work)


def damaged(place: Path) -> InputError:
    """Return the refusal of a backup that is not whole."""
    return InputError(
        "backup_damaged",
        Bilingual(f"{place} 不是完整的备份。", f"{place} is not a whole backup."),
        Bilingual("请换另一份备份。", "Use another backup."),
    )


def _tell(turn: Turn, hashes: Sequence[str]) -> int:
    for start in range(0, len(hashes), _HASHES_A_STATEMENT):
        page = tuple(hashes[start : start + _HASHES_A_STATEMENT])
        say(turn, partial(AttachmentsSafe, sha256=page))
        for sha256 in page:
            turn.session.add(ToldSafe(device=turn.device.device, epoch=turn.device.epoch, sha256=sha256))
    turn.session.flush()
    return len(hashes)


def _copy_files(hq: Headquarters, target: Path) -> tuple[set[str], set[str]]:
    """Copy what is not there yet; return what the backup has and what could not be read whole."""
    target.mkdir(exist_ok=True, mode=0o700)
    copies = Blobs(target)
    held, missing = set(), set()
    for sha256 in hq.blobs.all():
        if copies.size(sha256) is None and not _copied(hq.blobs.pieces(sha256), copies, sha256):
            missing.add(sha256)
        else:
            held.add(sha256)
    return held, missing


def _copied(pieces: Iterable[bytes], copies: Blobs, sha256: str) -> bool:
    try:
        found, _size = copies.put(pieces)
    except FileNotFoundError:
        return False
    return found == sha256


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
