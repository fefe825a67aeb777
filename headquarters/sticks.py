"""A stick as a TUF repository: the same files that laptops fetch by HTTP, in a folder.

Promise: what lies there when this returns was written, synced, read again and compared; a stick that was there before is replaced only then.
Shards are sealed, so that a stick that is lost tells nobody anything; the keys lie beside them, each set for one device.

Source: docs/adr/0150, docs/adr/0151.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import select

from claims.distributed import EXTRACT, ExtractManifest
from claims.errors import Bilingual, EnvironmentProblem
from headquarters.extract_shards import read_keys
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState
from headquarters.tuf_keys import read_anchor
from headquarters.tuf_repository import metadata_chain, targets_now
from sync.tuf_targets import ANCHOR, OF_STATION, STICK_FOLDER, TargetNote, file_path, keys_path, shard_path


@dataclass(frozen=True)
class StickWritten:
    """What lies on the stick: targets by path, files, bytes, devices that can read the extracts, and those that can't yet."""

    targets: tuple[str, ...]
    files: int
    size_bytes: int
    readers: tuple[str, ...]
    without_key: tuple[str, ...]


def write_stick(hq: Headquarters, folder: Path, *, stations: Collection[str] = ()) -> StickWritten:
    """Write metadata, targets and shards for these stations (none: for all) into ``folder``, in a folder of their own.

    Raises:
        EnvironmentProblem: ``stick_not_written``: it is full, was pulled out, or gives back something else; what was there before stays.
    """
    target = folder / STICK_FOLDER
    draft = folder / f"{STICK_FOLDER}.new"
    listed: list[str] = []
    readers: list[str] = []
    without: list[str] = []
    files = size = 0
    try:
        shutil.rmtree(draft, ignore_errors=True)
        for path, content in _files(hq, stations, listed, readers, without):
            _write(draft / path, content)
            files, size = files + 1, size + len(content)
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    except OSError as problem:
        shutil.rmtree(draft, ignore_errors=True)
        raise _not_written(folder, problem.strerror or "OSError") from problem
    return StickWritten(tuple(listed), files, size, tuple(readers), tuple(without))


def _files(
    hq: Headquarters, stations: Collection[str], listed: list[str], readers: list[str], without: list[str]
) -> Iterator[tuple[str, bytes]]:
    yield ANCHOR, read_anchor(hq.home)
    for name, raw in metadata_chain(hq):
        yield f"metadata/{name}", raw
    for path, (row, note) in targets_now(hq).items():
        if not _wanted(note, stations):
            continue
        listed.append(path)
        content = hq.blobs.read(row.sha256)
        yield file_path(note.kind, note.name, row.sha256), content
        if note.kind == EXTRACT:
            manifest = msgspec.json.decode(content, type=ExtractManifest)
            for shard in dict.fromkeys((*manifest.base, *manifest.delta)):
                yield shard_path(shard.sha256), hq.blobs.read(shard.sha256)
    active = _active(hq)
    for station in sorted({each for *_, each in active if not stations or each in stations}):
        together = read_keys(hq, OF_STATION + station)
        if together is not None:
            yield f"keys/{OF_STATION}{station}", together
    for device, epoch, station in active:
        if stations and station not in stations:
            continue
        sealed = read_keys(hq, f"{device}-{epoch}")
        if sealed is None:
            without.append(device)
        else:
            readers.append(device)
            yield keys_path(device, epoch), sealed


def _active(hq: Headquarters) -> list[tuple[str, int, str]]:
    with hq.database.read() as session:
        rows = session.execute(
            select(Device.device, Device.epoch, Device.station)
            .where(Device.state == DeviceState.ACTIVE)
            .order_by(Device.device, Device.epoch)
        )
        return [(device, epoch, station) for device, epoch, station in rows]


def _wanted(note: TargetNote, stations: Collection[str]) -> bool:
    return not stations or not note.stations or bool(set(stations) & set(note.stations))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # Sticks lie about what they hold; only what is read back counts.
    if path.read_bytes() != content:
        raise OSError(None, "read back differently")


def _not_written(folder: Path, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "stick_not_written",
        Bilingual(f"无法写入 {folder}：{why}。", f"{folder} can't be written: {why}."),
        Bilingual("请换一个优盘，或腾出空间后再写。", "Use another stick, or make room and write again."),
        retryable=True,
    )
