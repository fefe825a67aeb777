"""Publishing extracts as sealed shards: the whole one, a region's, a catastrophe's, a visit's.

Promise: what is published twice unchanged travels once; a shard is readable only by devices that the extract is for, whatever carries it. A
device that was stopped gets no key that is made from then on. Manifest, shards' names and signatures change in one transaction; a crash
before it leaves bytes that nobody names, one after it costs the next version a whole new base.

Source: design.md "Distribution"; docs/adr/0151.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.distributed import EXTRACT, MANIFEST_SCHEMA, WHOLE, ExtractManifest, Shard
from claims.errors import Bilingual, InputError
from claims.reference import ExtractPerson, ExtractPolicy
from headquarters.blobs import is_sha256
from headquarters.box_keys import box_key_of
from headquarters.devices import STOPPED
from headquarters.extract_cut import CutExtract, changed_pieces, changes, cut, pieces_for
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState
from headquarters.models_distribution import ExtractKey, ExtractScope, ShardName
from headquarters.tuf_repository import put_target, sign_all, targets_now
from sync.tuf_targets import OF_STATION, TargetNote
from trust.shards import SHARD_KEY_BYTES, seal_shard, seal_shard_keys

_CHANGED_AT_MOST = 0.2
"""Above this part of all records a new base costs no more than what changed."""
_META = "cut.json"


class _Cut(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in the folder of the last cut: of which manifest, in how many pieces."""

    manifest: str
    pieces: int


def publish_shards(
    hq: Headquarters,
    scope: str,
    records: Iterable[ExtractPerson | ExtractPolicy],
    *,
    expected: int,
    made_at: datetime,
    version: int | None = None,
    stations: tuple[str, ...] = (),
    warn_days: int = 30,
    expire_days: int = 90,
) -> ExtractManifest:
    """Cut records into shards, publish those that are new, and list the manifest.

    Args:
        scope: ``all``, ``region-<code>``, ``catastrophe-<id>``, ``visit-<name>``.
        records: persons first or in any order.
        expected: about how many records there are.
        made_at: when the data were as they are.
        version: None: a version above the last.
        stations: who gets it; empty: everybody.
    """
    at = hq.now()
    folder = hq.home / "extract-cuts" / hashlib.sha256(scope.encode()).hexdigest()[:16]
    fresh = folder.with_name(f"{folder.name}.new-{secrets.token_hex(4)}")
    try:
        last, before = _last(hq, scope, folder)
        pieces = before.pieces if before is not None else pieces_for(expected)
        after, persons, policies = cut(records, fresh, pieces)
        if pieces_for(persons + policies) not in (pieces, pieces // 2, pieces * 2):
            last = None  # it has outgrown its pieces
            after = _cut_again(after, fresh, pieces_for(persons + policies))
        key_id, key = _newest_key(hq, scope, at)
        number = version or max(int(at.timestamp()), 1 + (0 if last is None else last.version))
        base, delta, sealed = _seal(
            hq, last, before, after, most=int((persons + policies) * _CHANGED_AT_MOST), key=(key_id, key)
        )
        manifest = ExtractManifest(
            schema=MANIFEST_SCHEMA,
            scope=scope,
            version=number,
            made_at=made_at,
            base_version=last.base_version if last is not None and base == last.base else number,
            base_made_at=last.base_made_at if last is not None and base == last.base else made_at,
            base=base,
            delta=delta,
            persons=persons,
            policies=policies,
        )
        sha256, size = hq.blobs.put([msgspec.json.encode(manifest)])
        note = TargetNote(
            kind=EXTRACT,
            name=scope,
            version=number,
            issued_at=at,
            warn_after=at + timedelta(days=warn_days),
            expires_at=at + timedelta(days=expire_days),
            stations=stations,
        )

        def work(session: Session) -> None:
            for shard in sealed:
                session.merge(ShardName(sha256=shard.sha256, scope=scope, size_bytes=shard.size_bytes))
            session.merge(ExtractScope(scope=scope, version=number, manifest=sha256, published_at=at))
            put_target(session, file_sha256=sha256, size_bytes=size, note=note)
            sign_all(hq, session, at)

        hq.database.run(work)
        (fresh / _META).write_bytes(msgspec.json.encode(_Cut(manifest=sha256, pieces=after.pieces)))
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def read_shard(hq: Headquarters, sha256: str) -> bytes | None:
    """Return a published shard, sealed as it is; None where there is none."""
    if not is_sha256(sha256):
        return None
    with hq.database.read() as session:
        known = session.get(ShardName, sha256)
    return None if known is None else hq.blobs.read(sha256)


def read_keys(hq: Headquarters, name: str) -> bytes | None:
    """Return the keys of every extract that a device is to have, sealed to it; ``name`` is ``<device>-<epoch>``.

    ``@<station>``: those of all devices of a station by name, each still sealed to its own, for who hands them on (a hub, a stick).

    None: no such device, a stopped one, or one that has not announced a box key yet.
    """
    if name.startswith(OF_STATION):
        return _station_keys(hq, name.removeprefix(OF_STATION))
    device_name, _, epoch = name.rpartition("-")
    if not (device_name and epoch.isascii() and epoch.isdigit() and len(epoch) <= 10):
        return None
    listed = {path: note for path, (_, note) in targets_now(hq).items() if note.kind == EXTRACT}
    with hq.database.read() as session:
        device = session.get(Device, (device_name, int(epoch)))
        public = box_key_of(session, device_name, int(epoch))
        if device is None or device.state in STOPPED or public is None:
            return None
        scopes = [note.name for note in listed.values() if not note.stations or device.station in note.stations]
        keys = {row.key_id: row.key for row in session.scalars(select(ExtractKey).where(ExtractKey.scope.in_(scopes)))}
    return seal_shard_keys(public, device_name, int(epoch), keys)


def _station_keys(hq: Headquarters, station: str) -> bytes | None:
    with hq.database.read() as session:
        rows = session.execute(
            select(Device.device, Device.epoch).where(Device.station == station, Device.state == DeviceState.ACTIVE)
        )
        names = sorted(f"{device}-{epoch}" for device, epoch in rows)
    found = {name: sealed for name in names if (sealed := read_keys(hq, name)) is not None}
    return msgspec.msgpack.encode(found) if names else None


def manifest_of(hq: Headquarters, scope: str) -> ExtractManifest | None:
    """Return the newest manifest of an extract, None where there is none."""
    with hq.database.read() as session:
        row = session.get(ExtractScope, scope)
    return None if row is None else msgspec.json.decode(hq.blobs.read(row.manifest), type=ExtractManifest)


def scope_name(kind: str, code: str) -> str:
    """Return the name of an extract: ``region-990100``. Raises ``InputError`` (``extract_scope``)."""
    name = f"{kind}-{code}"
    if kind == WHOLE or not all(each.isascii() and (each.isalnum() or each in "-_") for each in name) or len(name) > 96:
        raise InputError(
            "extract_scope",
            Bilingual(f"“{code}” 不能作为名称。", f"{code!r} is no name for an extract."),
            Bilingual("只能用字母、数字、- 和 _。", "Use letters, digits, - and _ only."),
        )
    return name


def _last(hq: Headquarters, scope: str, folder: Path) -> tuple[ExtractManifest | None, CutExtract | None]:
    last = manifest_of(hq, scope)
    try:
        found = msgspec.json.decode((folder / _META).read_bytes(), type=_Cut)
    except (OSError, msgspec.DecodeError):
        return last, None
    with hq.database.read() as session:
        row = session.get(ExtractScope, scope)
    if row is None or row.manifest != found.manifest:
        # A crash, or a database restored from a backup: nobody knows what lies here.
        return last, None
    return last, CutExtract(folder, found.pieces)


def _cut_again(done: CutExtract, folder: Path, pieces: int) -> CutExtract:
    draft = folder.with_name(f"{folder.name}-again")
    decode = msgspec.json.Decoder(ExtractPerson | ExtractPolicy).decode
    again, _, _ = cut(
        (
            decode(line)
            for number in range(done.pieces)
            for piece in (done.piece(number),)
            for line in (*piece.persons.values(), *piece.policies.values())
        ),
        draft,
        pieces,
    )
    shutil.rmtree(folder)
    draft.rename(folder)
    return CutExtract(folder, again.pieces)


def _seal(
    hq: Headquarters,
    last: ExtractManifest | None,
    before: CutExtract | None,
    after: CutExtract,
    *,
    most: int,
    key: tuple[str, bytes],
) -> tuple[tuple[Shard, ...], tuple[Shard, ...], tuple[Shard, ...]]:
    """Return base and delta, and which of their shards are new."""

    def sealed(packed: bytes) -> Shard:
        sha256, size = hq.blobs.put([seal_shard(key[1], packed)])
        return Shard(sha256, size, key[0])

    if last is not None and before is not None and before.pieces == after.pieces:
        found = changes(before, after, most)
        if found is not None:
            fresh = tuple(sealed(packed) for packed in changed_pieces(found))
            delta = (*last.delta, *fresh)
            if sum(each.size_bytes for each in delta) <= _CHANGED_AT_MOST * sum(each.size_bytes for each in last.base):
                return last.base, delta, fresh
    base = tuple(sealed(after.packed(number)) for number in range(after.pieces))
    return base, (), base


def _newest_key(hq: Headquarters, scope: str, at: datetime) -> tuple[str, bytes]:
    """Return the key that seals now: a new one as soon as a device was stopped since the last was made."""

    def work(session: Session) -> tuple[str, bytes]:
        devices = session.execute(
            select(Device.device, Device.epoch)
            .where(Device.state.in_(sorted(STOPPED)))
            .order_by(Device.device, Device.epoch)
        )
        stopped = hashlib.sha256(repr([tuple(each) for each in devices]).encode()).hexdigest()[:8]
        rows = session.scalars(
            select(ExtractKey).where(ExtractKey.scope == scope).order_by(ExtractKey.made_at.desc(), ExtractKey.key_id)
        ).all()
        fitting = [row for row in rows if row.key_id.rpartition(".")[2] == stopped]
        if fitting:
            return fitting[0].key_id, fitting[0].key
        key_id = f"{scope}.{len(rows) + 1}.{stopped}"
        row = ExtractKey(key_id=key_id, scope=scope, key=secrets.token_bytes(SHARD_KEY_BYTES), made_at=at)
        session.add(row)
        return row.key_id, row.key

    return hq.database.run(work)
