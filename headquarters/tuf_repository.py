"""The TUF repository: what is distributed, signed by role, with versions that never go back.

Promise: targets, snapshot and timestamp are signed in the transaction that changes what they list, so that no reader sees a mixture.
Versions are the seconds of their signing or one more than the last: a database restored from an older backup signs above everything that
laptops have seen. ``upkeep`` signs again long before anything expires and takes in which devices were stopped.

Source: TUF specification 1.0; docs/adr/0150.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from tuf.api.metadata import Metadata, MetaFile, Signed, Snapshot, T, TargetFile, Targets, Timestamp

from claims.distributed import REVOCATIONS, StoppedDevice
from claims.errors import Bilingual, InputError
from headquarters.devices import STOPPED, reason_of
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.models_distribution import TufMetadata, TufTarget
from headquarters.tuf_keys import Role, read_anchor, read_root, role_signer, root_versions
from sync.tuf_targets import ANCHOR, CURRENT, TARGETS_DAYS, TIMESTAMP_DAYS, TargetNote, target_path

SIGN_TIMESTAMP_AFTER = timedelta(days=1)
SIGN_TARGETS_AFTER = timedelta(days=7)
_KEPT = 40
_NAME = re.compile(r"(?:(?P<version>[0-9]{1,18})\.)?(?P<role>root|timestamp|snapshot|targets)\.json")
_TARGET = re.compile(r"(?P<kind>[a-z]{1,32})/(?P<sha256>[0-9a-f]{64})\.(?P<name>[0-9A-Za-z_-]{1,96})")


def put_target(session: Session, *, file_sha256: str, size_bytes: int, note: TargetNote) -> None:
    """List a file in place of what its path named before. ``sign_all`` follows in the same transaction."""
    path = target_path(note.kind, note.name)
    row = session.get(TufTarget, path)
    custom = msgspec.json.encode(note)
    if row is None:
        session.add(TufTarget(path=path, sha256=file_sha256, size_bytes=size_bytes, custom=custom))
    else:
        row.sha256, row.size_bytes, row.custom = file_sha256, size_bytes, custom


def drop_target(session: Session, path: str) -> bool:
    """Take a target out of the list; laptops drop what they hold of it. ``sign_all`` follows in the same transaction."""
    row = session.get(TufTarget, path)
    if row is not None:
        session.delete(row)
    return row is not None


def unpublish(hq: Headquarters, path: str) -> None:
    """Take a target out of distribution; laptops drop what they hold of it. Raises ``InputError`` (``target_unknown``)."""

    def work(session: Session) -> bool:
        dropped = drop_target(session, path)
        if dropped:
            sign_all(hq, session, hq.now())
        return dropped

    if not hq.database.run(work):
        raise InputError(
            "target_unknown",
            Bilingual(f"没有发布过 {path}。", f"{path} is not distributed."),
            Bilingual("请用 tuf-sign 查看名称。", "See the names with tuf-sign."),
        )


def sign_all(hq: Headquarters, session: Session, at: datetime) -> None:
    """Sign targets, snapshot and timestamp for what is listed now."""
    session.flush()
    targets = Targets(
        version=_next(session, Role.TARGETS, at),
        expires=_whole(at) + timedelta(days=TARGETS_DAYS),
        targets=_files(session),
    )
    raw_targets = _sign(hq, session, Role.TARGETS, targets, at)
    snapshot = Snapshot(
        version=_next(session, Role.SNAPSHOT, at),
        expires=_whole(at) + timedelta(days=TARGETS_DAYS),
        meta={"targets.json": _meta_of(targets, raw_targets)},
    )
    raw_snapshot = _sign(hq, session, Role.SNAPSHOT, snapshot, at)
    _sign_timestamp(hq, session, _meta_of(snapshot, raw_snapshot), at)


def upkeep(hq: Headquarters, *, force: bool = False) -> int:
    """Sign again what is due (everything, with ``force``) and take in stopped devices; return the timestamp's version."""

    def work(session: Session) -> int:
        at = hq.now()
        newest = {role: _newest(session, role) for role in Role}
        targets, snapshot, timestamp = newest[Role.TARGETS], newest[Role.SNAPSHOT], newest[Role.TIMESTAMP]
        changed = _list_stopped(hq, session, at)
        due = force or changed or targets is None or at - targets.signed_at >= SIGN_TARGETS_AFTER
        if due or snapshot is None or timestamp is None:
            sign_all(hq, session, at)
        elif at - timestamp.signed_at >= SIGN_TIMESTAMP_AFTER:
            listed = Metadata[Snapshot].from_bytes(snapshot.raw).signed
            _sign_timestamp(hq, session, _meta_of(listed, snapshot.raw), at)
        found = _newest(session, Role.TIMESTAMP)
        return 0 if found is None else found.version

    if not force and not _is_due(hq):
        return timestamp_version(hq)
    return hq.database.run(work)


def timestamp_version(hq: Headquarters) -> int:
    """Return the newest timestamp's version, 0 before the first."""
    with hq.database.read() as session:
        return session.scalar(select(func.max(TufMetadata.version)).where(TufMetadata.role == Role.TIMESTAMP)) or 0


def read_metadata(hq: Headquarters, name: str) -> bytes | None:
    """Return a metadata file by its name on the wire (``timestamp.json``, ``3.root.json``), None where there is none."""
    match = _NAME.fullmatch(name)
    if match is None or (match["version"] is None) != (match["role"] == Role.TIMESTAMP):
        return None
    if match["role"] == Role.TIMESTAMP:
        upkeep(hq)
        with hq.database.read() as session:
            newest = _newest(session, Role.TIMESTAMP)
            return None if newest is None else newest.raw
    version = int(match["version"])
    if match["role"] == "root":
        return read_root(hq.home, version)
    with hq.database.read() as session:
        row = session.get(TufMetadata, (match["role"], version))
        return None if row is None else row.raw


def read_file(hq: Headquarters, path: str) -> bytes | None:
    """Return a file of the repository by its path (``sync.tuf_targets``): anchor, metadata or target; None where there is none."""
    if path == ANCHOR:
        return read_anchor(hq.home)
    folder, _, rest = path.partition("/")
    if folder == "metadata":
        return read_metadata(hq, rest)
    target = _TARGET.fullmatch(rest) if folder == "targets" else None
    if target is None:
        return None
    with hq.database.read() as session:
        row = session.get(TufTarget, target_path(target["kind"], target["name"]))
    # An older one may still be asked for by a laptop that read the metadata a moment ago; it finds the newer one at its next try.
    return hq.blobs.read(row.sha256) if row is not None and row.sha256 == target["sha256"] else None


def targets_now(hq: Headquarters) -> Mapping[str, tuple[TufTarget, TargetNote]]:
    """Return what is listed, by path."""
    with hq.database.read() as session:
        return {row.path: (row, _note(row)) for row in session.scalars(select(TufTarget).order_by(TufTarget.path))}


def metadata_chain(hq: Headquarters) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every metadata file that a laptop with any root of this headquarters needs."""
    upkeep(hq)
    for version in root_versions(hq.home):
        raw = read_root(hq.home, version)
        if raw is not None:
            yield f"{version}.root.json", raw
    with hq.database.read() as session:
        for role in (Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP):
            newest = _newest(session, role)
            if newest is not None:
                yield f"{role}.json" if role is Role.TIMESTAMP else f"{newest.version}.{role}.json", newest.raw


def _is_due(hq: Headquarters) -> bool:
    at = hq.now()
    with hq.database.read() as session:
        targets, timestamp = _newest(session, Role.TARGETS), _newest(session, Role.TIMESTAMP)
        if targets is None or timestamp is None:
            return True
        listed = session.get(TufTarget, target_path(REVOCATIONS))
        return (
            at - targets.signed_at >= SIGN_TARGETS_AFTER
            or at - timestamp.signed_at >= SIGN_TIMESTAMP_AFTER
            or listed is None
            or listed.sha256 != sha256(_stopped(session)).hexdigest()
        )


def _list_stopped(hq: Headquarters, session: Session, at: datetime) -> bool:
    content = _stopped(session)
    listed = session.get(TufTarget, target_path(REVOCATIONS))
    if listed is not None and listed.sha256 == sha256(content).hexdigest():
        return False
    version = 1 if listed is None else _note(listed).version + 1
    digest, size = hq.blobs.put([content])
    # The list itself never goes stale: a stopped device stays stopped. That it may be incomplete is what the timestamp's age says.
    note = TargetNote(
        kind=REVOCATIONS,
        name=CURRENT,
        version=max(version, int(at.timestamp())),
        issued_at=at,
        warn_after=at + timedelta(days=3650),
        expires_at=at + timedelta(days=3650),
    )
    put_target(session, file_sha256=digest, size_bytes=size, note=note)
    return True


def _stopped(session: Session) -> bytes:
    rows = session.scalars(
        select(Device).where(Device.state.in_(sorted(STOPPED))).order_by(Device.device, Device.epoch)
    )
    reasons = ((each, reason_of(each)) for each in rows)
    return msgspec.json.encode(
        tuple(StoppedDevice(device=each.device, epoch=each.epoch, reason=(why.zh, why.en)) for each, why in reasons)
    )


def _files(session: Session) -> dict[str, TargetFile]:
    return {
        row.path: TargetFile(
            length=row.size_bytes,
            hashes={"sha256": row.sha256},
            path=row.path,
            unrecognized_fields={"custom": msgspec.json.decode(row.custom)},
        )
        for row in session.scalars(select(TufTarget).order_by(TufTarget.path))
    }


def _sign_timestamp(hq: Headquarters, session: Session, snapshot: MetaFile, at: datetime) -> None:
    timestamp = Timestamp(
        version=_next(session, Role.TIMESTAMP, at),
        expires=_whole(at) + timedelta(days=TIMESTAMP_DAYS),
        snapshot_meta=snapshot,
        unrecognized_fields={"issued_at": _whole(at).isoformat()},
    )
    _sign(hq, session, Role.TIMESTAMP, timestamp, at)


def _sign(hq: Headquarters, session: Session, role: Role, signed: T, at: datetime) -> bytes:
    metadata = Metadata(signed)
    metadata.sign(role_signer(hq.home, role))
    raw = metadata.to_bytes()
    session.add(TufMetadata(role=role, version=signed.version, raw=raw, signed_at=at))
    session.flush()
    old = select(TufMetadata.version).where(TufMetadata.role == role).order_by(TufMetadata.version.desc()).offset(_KEPT)
    session.execute(
        delete(TufMetadata).where(TufMetadata.role == role, TufMetadata.version.in_(session.scalars(old).all()))
    )
    return raw


def _meta_of(signed: Signed, raw: bytes) -> MetaFile:
    return MetaFile(version=signed.version, length=len(raw), hashes={"sha256": sha256(raw).hexdigest()})


def _next(session: Session, role: Role, at: datetime) -> int:
    newest = session.scalar(select(func.max(TufMetadata.version)).where(TufMetadata.role == role)) or 0
    return max(newest + 1, int(at.timestamp()))


def _newest(session: Session, role: Role) -> TufMetadata | None:
    return session.scalars(
        select(TufMetadata).where(TufMetadata.role == role).order_by(TufMetadata.version.desc()).limit(1)
    ).first()


def _note(row: TufTarget) -> TargetNote:
    return msgspec.json.decode(row.custom, type=TargetNote)


def _whole(at: datetime) -> datetime:
    # TUF's dates have no fractions.
    return at.replace(microsecond=0)
