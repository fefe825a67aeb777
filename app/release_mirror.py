"""What this laptop took in, laid out as a repository, so that neighbours can take it from here: the same paths and bytes as headquarters'.

Promise: nothing in it is readable that was not before (shards stay sealed, keys are set each for one device), and nothing in it needs to be
believed. The timestamp is written last: what it names is there. Files are linked where the disk can, else copied.

Source: docs/adr/0150.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from local_db.durable_files import make_folder, write_durably
from sync.tuf_targets import ANCHOR, TIMESTAMP, file_path, keys_path, shard_path
from sync.tuf_verified import VerifiedTargets


def write_mirror(
    mirror: Path,
    verified: VerifiedTargets,
    *,
    metadata: Path,
    blobs: Path,
    manifests: Path,
    shards: Path,
    keys: Mapping[str, bytes],
) -> None:
    """Bring a mirror up to what was verified and taken in.

    Args:
        mirror: its folder.
        verified: what the metadata lists.
        metadata: python-tuf's folder.
        blobs, manifests, shards: where those lie by hash.
        keys: sealed keys by path.

    Raises:
        OSError: the disk is full or the like; neighbours find an older mirror, or none.
    """
    wanted: dict[str, Path] = {}
    for target in verified.targets:
        for folder, name in ((blobs, f"{target.sha256}.blob"), (manifests, target.sha256)):
            if (folder / name).is_file():
                wanted[file_path(target.note.kind, target.note.name, target.sha256)] = folder / name
    wanted |= {shard_path(path.name): path for path in shards.glob("*") if not path.name.startswith(".")}
    for path, source in wanted.items():
        _link(source, mirror / path)
    for path, content in keys.items():
        _write(mirror / path, content)
    named = {*wanted, *keys}
    for path, content in _metadata(metadata, verified):
        _write(mirror / path, content)
        named.add(path)
    for found in mirror.rglob("*"):
        if found.is_file() and found.relative_to(mirror).as_posix() not in named:
            with contextlib.suppress(OSError):  # somebody reads it just now; the next time
                found.unlink()


def station_keys(own: tuple[str, int], sealed: bytes | None, others: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return keys by path: this laptop's and those of the station's other devices."""
    found = {f"keys/{name}": content for name, content in others.items() if _is_name(name)}
    if sealed is not None:
        found[keys_path(*own)] = sealed
    return found


def _is_name(name: str) -> bool:
    return all(each.isalnum() or each in "-_" for each in name)


def _metadata(folder: Path, verified: VerifiedTargets) -> Iterator[tuple[str, bytes]]:
    yield ANCHOR, (folder / ANCHOR).read_bytes()
    for root in sorted((folder / "root_history").glob("*.root.json")):
        yield f"metadata/{root.name}", root.read_bytes()
    for role in ("targets", "snapshot"):
        yield f"metadata/{verified.versions[role]}.{role}.json", (folder / f"{role}.json").read_bytes()
    timestamp = (folder / "timestamp.json").read_bytes()
    if json.loads(timestamp)["signed"]["version"] == verified.versions["timestamp"]:
        yield TIMESTAMP, timestamp


def _link(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if target.stat().st_size == source.stat().st_size:
            return  # its name is its hash
    make_folder(target.parent)
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    try:
        os.link(source, draft)
    except OSError:
        shutil.copyfile(source, draft)
    draft.replace(target)


def _write(target: Path, content: bytes) -> None:
    make_folder(target.parent)
    if not (target.exists() and target.read_bytes() == content):
        write_durably(target, content)
