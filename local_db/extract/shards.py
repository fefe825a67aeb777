"""Puts extracts into use that came as sealed shards: one file for an extract's base, one for what changed since, one for their union.

Promise: what is in use is never touched; new files take their place together, by replacing one small pointer. A file that was complete before
a cut is used again after it. Memory holds one shard and what loading holds; no plaintext reaches the disk. Every shard is hashed again when
it is read, whatever was proved when it came.

Source: docs/adr/0151.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard

from claims.distributed import MANIFEST_SCHEMA, ExtractManifest, Gone, Shard
from claims.ports import StepProbe, no_probe
from claims.reference import ExtractHeader, ExtractPerson, ExtractPolicy
from local_db import problems
from local_db.connection import EngineError
from local_db.durable_files import TEMP_SUFFIX, make_folder, sync_folder, write_durably
from local_db.extract.apply import Progress, from_engine
from local_db.extract.engine import open_loading
from local_db.extract.layers import write_union
from local_db.extract.loading import Loading
from local_db.extract.pointer import POINTER, CurrentExtract, Layer, read_pointer, sweep_folder
from local_db.extract.problems import extract_damaged, extract_newer, extract_without_key
from local_db.extract.schema import SCHEMA, policy_keys
from local_db.store_keys import EngineKey
from trust.errors import TrustError
from trust.shards import open_shard

_LARGEST_PIECE = 64 * 1024 * 1024
_PERSON, _POLICY = b'{"t":"p"', b'{"t":"y"'
_person = msgspec.json.Decoder(ExtractPerson).decode
_policy = msgspec.json.Decoder(ExtractPolicy).decode
_gone = msgspec.json.Decoder(Gone).decode


@dataclass(frozen=True, slots=True)
class ProvedManifest:
    """A manifest that metadata proved, by the hash it was proved by."""

    sha256: str
    manifest: ExtractManifest


def read_manifest(content: bytes, scope: str, version: int) -> ProvedManifest:
    """Read a manifest whose hash was proved. Raises ``EnvironmentProblem`` (``extract_newer``, ``extract_damaged``)."""
    try:
        found = msgspec.json.decode(content, type=ExtractManifest)
    except msgspec.DecodeError as problem:
        raise extract_damaged(str(problem)[:80]) from problem
    if found.schema != MANIFEST_SCHEMA:
        raise extract_newer(found.schema)
    if (found.scope, found.version) != (scope, version):
        raise extract_damaged(f"{found.scope} {found.version}")
    return ProvedManifest(hashlib.sha256(content).hexdigest(), found)


class ShardFolder:
    """The sealed shards beside an extract."""

    def __init__(self, folder: Path) -> None:
        """Use the extract's folder."""
        self._folder = folder / "shards"
        make_folder(self._folder)

    def missing(self, manifest: ExtractManifest) -> tuple[Shard, ...]:
        """Return the shards that are not here in their full length, the changes last."""
        wanted = dict.fromkeys((*manifest.base, *manifest.delta))
        return tuple(shard for shard in wanted if not _has_size(self._folder / shard.sha256, shard.size_bytes))

    def put(self, shard: Shard, sealed: bytes) -> None:
        """Keep a shard whose hash was checked, durably."""
        write_durably(self._folder / shard.sha256, sealed)

    def read(self, shard: Shard) -> bytes:
        """Return a shard, hashed again. One that is damaged is removed, so that it is fetched again. Raises ``EnvironmentProblem``."""
        path = self._folder / shard.sha256
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            sealed = b""
        if hashlib.sha256(sealed).hexdigest() != shard.sha256:
            path.unlink(missing_ok=True)
            raise extract_damaged(f"shard {shard.sha256[:12]}")
        return sealed

    def sweep(self, manifests: Iterable[ExtractManifest]) -> None:
        """Remove the shards that none of these manifests names."""
        named = {shard.sha256 for each in manifests for shard in (*each.base, *each.delta)}
        for path in self._folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)


def apply_manifests(
    folder: Path,
    key: EngineKey,
    wanted: Sequence[ProvedManifest],
    shard_keys: Mapping[str, bytes],
    *,
    again: bool = False,
    progress: Progress | None = None,
    max_pages: int | None = None,
    probe: StepProbe = no_probe,
) -> ExtractHeader | None:
    """Put these extracts into use, all at once, in place of what was; return what is there altogether, None without any.

    Args:
        folder: where the extract lies, shards included (``ShardFolder``).
        key: the key of this laptop's files.
        wanted: every extract this laptop is to have; their shards must be here.
        shard_keys: the extracts' keys by id.
        again: make every file anew, since one of them can't be read.
        progress: called with shards done and shards expected.
        max_pages: page limit of each new file, the cheap way to a full disk.
        probe: called at each durable step.

    Raises:
        EnvironmentProblem: ``extract_damaged``, ``extract_without_key``, ``store_full``, ``disk_full`` and the like; what is in use stays.
    """
    make_folder(folder)
    path = folder
    try:
        plans = sorted(
            (plan for each in wanted for plan in _plans(each.manifest)), key=lambda plan: plan.order, reverse=True
        )
        union = f"extract-{_name('union', *(plan.file for plan in plans), *(each.sha256 for each in wanted))}.db"
        if not again:
            sweep_folder(folder, {*(plan.file for plan in plans), union})
        total, done = sum(len(plan.shards) for plan in plans), 0
        shards = ShardFolder(folder)
        for plan in plans:
            path = folder / plan.file
            if again or not path.exists():
                _build(plan, path, key, shards, shard_keys, max_pages=max_pages)
                probe("extract.layer_built")
            done += len(plan.shards)
            if progress is not None:
                progress(done, total)
        if not plans:
            (folder / POINTER).unlink(missing_ok=True)
            sync_folder(folder)
            sweep_folder(folder)
            return None
        layers = tuple(Layer(file=plan.file, scope=plan.scope) for plan in plans)
        path = folder / union
        header = _union(path, folder, key, layers, wanted)
        probe("extract.union_built")
        pointer = CurrentExtract(
            file=union,
            version=header.version,
            layers=layers,
            manifests={each.manifest.scope: each.sha256 for each in wanted},
        )
        write_durably(folder / POINTER, msgspec.json.encode(pointer))
        probe("extract.in_use")
        sweep_folder(folder)
        shards.sweep(each.manifest for each in wanted)
    except EngineError as error:
        raise from_engine(error, path) from error
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError, TrustError) as error:
        raise extract_damaged(str(error)[:80]) from error
    except OSError as error:
        raise problems.from_os(error, folder) from error
    return header


def manifests_in_use(folder: Path) -> Mapping[str, str]:
    """Return the manifest in use of each extract by its hash; empty where none came as shards, or the pointer can't be read."""
    try:
        pointer = read_pointer(folder)
    except (OSError, msgspec.DecodeError):
        return {}
    return {} if pointer is None else pointer.manifests


@dataclass(frozen=True, slots=True)
class _Plan:
    """One file to make: of which shards, and whether they are changes upon a base."""

    file: str
    scope: str
    version: int
    made_at: datetime
    shards: tuple[Shard, ...]
    changes: bool

    @property
    def order(self) -> tuple[datetime, bool, str]:
        """Later data are newer; of one instant, changes come before what they change."""
        return self.made_at, self.changes, self.scope


def _plans(manifest: ExtractManifest) -> Iterator[_Plan]:
    scope = manifest.scope
    for shards, version, made_at, changed in (
        (manifest.base, manifest.base_version, manifest.base_made_at, False),
        (manifest.delta, manifest.version, manifest.made_at, True),
    ):
        if shards or not changed:
            name = _name(scope, str(version), *(shard.sha256 for shard in shards))
            yield _Plan(f"extract-{name}.db", scope, version, made_at, shards, changed)


def _build(
    plan: _Plan,
    path: Path,
    key: EngineKey,
    shards: ShardFolder,
    shard_keys: Mapping[str, bytes],
    *,
    max_pages: int | None,
) -> None:
    draft = path.with_name(f".{path.name}{TEMP_SUFFIX}")
    draft.unlink(missing_ok=True)
    try:
        engine = open_loading(draft, key, max_pages=max_pages)
        try:
            engine.execute("BEGIN EXCLUSIVE")
            loading = Loading(engine)
            if plan.changes:
                _load_changes(plan.shards, loading, shards, shard_keys)
            else:
                _load_base(plan.shards, loading, shards, shard_keys)
            loading.finish()
            header = ExtractHeader(
                schema=SCHEMA,
                version=plan.version,
                made_at=plan.made_at,
                persons=loading.persons,
                policies=loading.policies,
            )
            engine.execute("INSERT INTO header VALUES (?)", (msgspec.json.encode(header),))
            engine.execute("COMMIT")
        finally:
            engine.close()
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _load_base(wanted: Sequence[Shard], loading: Loading, shards: ShardFolder, keys: Mapping[str, bytes]) -> None:
    # Persons come first, because policies refer to them: each shard is unpacked twice, which costs less than keeping it.
    for shard in wanted:
        for line in _lines(shard, shards, keys):
            if line.startswith(_PERSON):
                loading.person(line, _person(line))
    for shard in wanted:
        for line in _lines(shard, shards, keys):
            if line.startswith(_POLICY):
                loading.policy(line, _policy(line))


def _load_changes(wanted: Sequence[Shard], loading: Loading, shards: ShardFolder, keys: Mapping[str, bytes]) -> None:
    # From the last to the first: who was seen already has a later word.
    last_first = tuple(reversed(wanted))
    seen: set[int] = set()
    gone_persons: list[str] = []
    for shard in last_first:
        for line in _lines(shard, shards, keys):
            if line.startswith(_PERSON):
                person = _person(line)
                if _first(seen, person.person_id):
                    loading.person(line, person)
            elif not line.startswith(_POLICY) and (gone := _gone(line)).person_id and _first(seen, gone.person_id):
                gone_persons.append(gone.person_id)
    seen.clear()
    gone_policies: list[str] = []
    for shard in last_first:
        for line in _lines(shard, shards, keys):
            if line.startswith(_POLICY):
                policy = _policy(line)
                if _first(seen, policy_keys(policy.policy_no)[0]):
                    loading.policy(line, policy)
            elif (
                not line.startswith(_PERSON)
                and (gone := _gone(line)).policy_no
                and _first(seen, policy_keys(gone.policy_no)[0])
            ):
                gone_policies.append(gone.policy_no)
    loading.gone(gone_persons, gone_policies)


def _first(seen: set[int], name: str) -> bool:
    # Eight bytes of a hash stand for a name: a set of the names themselves would be the largest thing in memory.
    short = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    if short in seen:
        return False
    seen.add(short)
    return True


def _lines(shard: Shard, shards: ShardFolder, keys: Mapping[str, bytes]) -> list[bytes]:
    key = keys.get(shard.key_id)
    if key is None:
        raise extract_without_key(shard.key_id)
    packed = open_shard(key, shards.read(shard))
    if not 0 <= zstandard.frame_content_size(packed) <= _LARGEST_PIECE:
        raise extract_damaged(f"shard {shard.sha256[:12]} is too large")
    return zstandard.ZstdDecompressor().decompress(packed).split(b"\n")[:-1]


def _union(
    path: Path, folder: Path, key: EngineKey, layers: tuple[Layer, ...], wanted: Sequence[ProvedManifest]
) -> ExtractHeader:
    draft = path.with_name(f".{path.name}{TEMP_SUFFIX}")
    draft.unlink(missing_ok=True)
    try:
        header = write_union(
            draft,
            folder,
            key,
            layers,
            {each.manifest.scope: (each.manifest.persons, each.manifest.policies) for each in wanted},
            version=max(each.manifest.version for each in wanted),
            # As old as the oldest: a person may be in that one only.
            made_at=min(each.manifest.made_at for each in wanted),
        )
        draft.replace(path)
        sync_folder(folder)
    finally:
        draft.unlink(missing_ok=True)
    return header


def _name(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False
