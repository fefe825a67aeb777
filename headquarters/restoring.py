"""Puts a backup back: into the same folder, a new one, or the other database engine.

Promise: nothing is given up before the backup was read whole; the database that was there is kept beside the new one; whatever happens half
way, the old one or the new one opens. A restore begins an incarnation: what headquarters may do until it has heard its laptops is in
``headquarters.restores``.

Source: docs/adr/0154.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.statements import ResendAsked
from headquarters.backups import ROWS, SECRETS, Backup, backup_files, read_backup, remember
from headquarters.blobs import Blobs, BlobStore
from headquarters.database import POSTGRESQL, open_engine, sqlite_url
from headquarters.home_lock import HomeLock
from headquarters.incarnation import highest_known, note_begun
from headquarters.installation import DATABASE, Headquarters, Now, Settings, open_blobs
from headquarters.models import Attachment, AttachmentOffer, Device, DeviceState, EnrolmentCode
from headquarters.models_restores import Restore, RestoredDevice
from headquarters.relearning import LOST_FILES
from headquarters.restores import keep_for_later
from headquarters.row_export import import_rows
from headquarters.secrets_folder import sync_folder
from headquarters.sent_batches import learn_sent
from headquarters.sent_before_restore import ask_if_unknown

_COPIED = ("root.der", "service.der", "headquarters.json")


@dataclass(frozen=True)
class Restored:
    """What a restore did. ``lost_files`` are asked of the laptops again; ``before`` tells where the former database is.

    ``sent_unknown``: which payments left since the backup is not known here, and no batch leaves before a person decides.
    """

    backup: Backup
    incarnation: int
    devices: int
    lost_files: int
    before: str | None
    sent_unknown: bool = False


@dataclass(frozen=True)
class _Step:
    """What every part of one restore needs at hand."""

    home: Path
    place: Path
    backup: Backup
    blobs: BlobStore
    number: int
    at: datetime


@dataclass(frozen=True)
class _Begun:
    """How many files are lost, how many devices are waited for, whether it is unknown which payments left."""

    lost_files: int
    devices: int
    sent_unknown: bool


def restore_backup(home: Path, place: Path, now: Now, *, settings: Settings | None = None) -> Restored:
    """Restore a backup into a headquarters' folder and begin a new incarnation.

    Args:
        home: the folder of the headquarters that is set back, or a new one.
        place: the backup's own folder (with ``backup.json``).
        settings: where a new folder keeps its database and files; None takes what the folder says.

    Raises:
        InputError: ``backup_damaged``, ``backup_foreign``, ``backup_without_keys``, ``settings_stand``.
        EnvironmentProblem: ``hq_in_use``.
    """
    backup = read_backup(place)
    _make_home(home, place, backup, settings)
    lock = HomeLock(home, alone=True)
    try:
        known = msgspec.json.decode((home / "headquarters.json").read_bytes(), type=Settings)
        blobs = open_blobs(home, known)
        _bring_files(place, blobs)
        number = max(highest_known(home), backup.incarnation) + 1
        note_begun(home, number)
        step = _Step(home, place, backup, blobs, number, now())
        if known.database_url is None:
            before, begun = _into_folder(home, step)
        else:
            before, begun = _into_url(known.database_url, step)
        remember(home, backup, place)
    finally:
        lock.release()
    return Restored(backup, number, begun.devices, begun.lost_files, before, begun.sent_unknown)


def _make_home(home: Path, place: Path, backup: Backup, settings: Settings | None) -> None:
    if (home / "headquarters.json").is_file():
        if settings is not None:
            raise _input(
                "settings_stand",
                f"{home} 已有总部设置，不会被覆盖。",
                f"{home} has its own settings; they are not overwritten.",
                "请去掉数据库参数，或另选一个新文件夹。",
                "Leave the database options out, or choose a new folder.",
            )
    else:
        if not (place / SECRETS).is_dir():
            raise _input(
                "backup_without_keys",
                "这份备份里没有总部密钥，不能在新文件夹里恢复。",
                "This backup holds no keys, so it can't make a new headquarters.",
                "请先把原来的 secrets 文件夹放进备份文件夹。",
                "Put the secrets folder into the backup's folder first.",
            )
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(place / SECRETS, home / SECRETS, dirs_exist_ok=True)
        for name in _COPIED:
            shutil.copyfile(place / name, home / (name + ".new"))
        if settings is not None:
            (home / "headquarters.json.new").write_bytes(msgspec.json.encode(settings))
        for name in _COPIED:  # the settings last: without them the folder is no headquarters
            (home / (name + ".new")).replace(home / name)
        sync_folder(home)
    if Headquarters.fingerprint_of(home) != backup.root_sha256:
        raise _input(
            "backup_foreign",
            f"{place} 是另一个总部的备份。",
            f"{place} is a backup of another headquarters.",
            "请核对根证书指纹。",
            "Compare the fingerprints of the root certificates.",
        )


def _into_folder(home: Path, step: _Step) -> tuple[str | None, _Begun]:
    draft = home / "restoring.db"
    _remove_sqlite(draft)
    engine = open_engine(sqlite_url(draft))
    try:
        import_rows(engine, step.place / ROWS)
        begun = _begin(engine, step)
    finally:
        engine.dispose()  # the last connection writes the log back into the file
    before = None
    if (home / DATABASE).exists():
        aside = home / f"before-restore-{step.number}"
        aside.mkdir(mode=0o700)
        for each in sorted(
            home.glob(DATABASE + "*"), reverse=True
        ):  # its log goes first: the file alone is still whole without it
            each.replace(aside / each.name)
        before = str(aside)
    draft.replace(home / DATABASE)
    sync_folder(home)
    return before, begun


def _into_url(url: str, step: _Step) -> tuple[str | None, _Begun]:
    engine = open_engine(url)
    before: str | None = None
    try:
        if engine.dialect.name == POSTGRESQL:
            before = _set_schema_aside(engine, step.number)
        try:
            import_rows(engine, step.place / ROWS)
            begun = _begin(engine, step)
        except BaseException:
            if before is not None:
                _bring_schema_back(engine, before)
            raise
    finally:
        engine.dispose()
    return before, begun


def _begin(engine: Engine, step: _Step) -> _Begun:
    """Write down that a new incarnation begins."""
    with Session(engine) as session, session.begin():
        session.add(
            Restore(
                incarnation=step.number,
                incarnation_id=secrets.token_hex(8),
                backup_id=step.backup.backup_id,
                backup_at=step.backup.at,
                restored_at=step.at,
                ended_at=None,
                ended_by=None,
            )
        )
        session.execute(delete(RestoredDevice))
        devices = session.scalars(select(Device)).all()
        for each in devices:
            active = each.state == DeviceState.ACTIVE
            session.add(RestoredDevice(device=each.device, epoch=each.epoch, active=active, heard_at=None))
        session.flush()
        sent_unknown = ask_if_unknown(session, step.home, step.number, backup_at=step.backup.at, at=step.at)
        learn_sent(step.home, session)
        # Which of them were used since the backup nobody knows any more; a used one must not enrol another laptop.
        unused = update(EnrolmentCode).where(EnrolmentCode.used_at.is_(None), EnrolmentCode.expires_at > step.at)
        session.execute(unused.values(expires_at=step.at))
        lost = _ask_again(session, step.blobs)
        waited_for = sum(each.state == DeviceState.ACTIVE for each in devices)
        if not waited_for:
            newest = session.get_one(Restore, step.number)
            newest.ended_at, newest.ended_by = step.at, "nobody_to_hear"
    return _Begun(lost, waited_for, sent_unknown)


def _ask_again(session: Session, blobs: BlobStore) -> int:
    """Forget attachments whose bytes are gone and ask the laptops that had offered them."""
    held = set(blobs.all())
    lost = [each for each in session.scalars(select(Attachment)) if each.sha256 not in held]
    for attachment in lost:
        for offered in session.scalars(
            select(AttachmentOffer).where(AttachmentOffer.sha256 == attachment.sha256)
        ).all():
            device = session.get_one(Device, (offered.device, offered.epoch))
            offered.told = False
            asked = ResendAsked(
                statement_id="",
                device=device.device,
                epoch=device.epoch,
                issued_at=attachment.held_at,
                sha256=(attachment.sha256,),
                reason=LOST_FILES,
            )
            keep_for_later(session, device, asked)
        session.delete(attachment)
    return len(lost)


def _bring_files(place: Path, blobs: BlobStore) -> None:
    source = place.parent / "files"
    if not source.is_dir():
        return
    copies = Blobs(source)
    for sha256 in backup_files(place):
        if blobs.size(sha256) is None and copies.size(sha256) is not None:
            blobs.put(copies.pieces(sha256))


def _set_schema_aside(engine: Engine, number: int) -> str | None:
    with engine.begin() as connection:
        if connection.scalar(text("SELECT to_regclass('public.alembic_version')")) is None:
            return None
        aside = f"before_restore_{number}"
        connection.execute(text(f'ALTER SCHEMA public RENAME TO "{aside}"'))
        connection.execute(text("CREATE SCHEMA public"))
        return aside


def _bring_schema_back(engine: Engine, aside: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text(f'ALTER SCHEMA "{aside}" RENAME TO public'))


def _remove_sqlite(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _input(code: str, zh: str, en: str, next_zh: str, next_en: str) -> InputError:
    return InputError(code, Bilingual(zh, en), Bilingual(next_zh, next_en))
