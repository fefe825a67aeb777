"""The shelf of installed releases: rule packs, catastrophes, the duplicate index, stopped devices, each blob beside what was verified of it.

Promise: a release is taken only after signature, size and hash were checked and only if it is not older than what was taken
before. What was verified is recorded and checked again at every reading: a changed file is never used.

Two kinds of record lie here. ``<kind>-<version>.record`` is one that headquarters signed as a whole (programs before TUF). ``verified.json``
holds what TUF metadata proved, all kinds in one file, under a key of this laptop's store (``local_db.verified_releases``): once it exists,
records of the first kind are read only where they were installed before, and never taken any more.

Source: design.md "Distribution", docs/adr/0003, docs/adr/0150.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from claims.distributed import CATASTROPHE, DUPLICATES, EXTRACT, PACK, REVOCATIONS, DuplicateIndex, StoppedDevice
from claims.errors import Bilingual, EnvironmentProblem
from claims.reference import Catastrophe
from claims.rulebook import InstalledPack
from local_db.durable_files import write_durably
from local_db.verified_releases import VerifiedReleases, VerifiedStore
from rules.engine import PackError, load_pack
from rules.engine.generated import GeneratedPack, generate
from trust.certificates import TrustStore
from trust.errors import RollbackError, TrustError
from trust.releases import ReleaseRecord, open_release

__all__ = ["CATASTROPHE", "EXTRACT", "PACK", "ReleaseShelf", "release_floor"]

TUF_TIMESTAMP = "tuf:timestamp"
"""Under ``release_floor`` of this the store remembers that TUF metadata was verified, and which."""


def release_floor(kind: str) -> str:
    """Return the name under which the store remembers the highest version of a kind."""
    return f"release:{kind}"


class ReleaseShelf:
    """Installed releases under one folder (``claims.rulebook.Rulebook``)."""

    def __init__(
        self,
        folder: Path,
        roots: TrustStore,
        kept_floor: Callable[[str], int] = lambda kind: 0,  # noqa: ARG005 - the port's shape
        record_key: bytes | None = None,
    ) -> None:
        """Use one folder.

        Args:
            kept_floor: tells the highest version of a kind that the encrypted store remembers.
            record_key: this store's key for what TUF proved; None: only records of the first kind.
        """
        self._folder = folder
        self._roots = roots
        self._kept_floor = kept_floor
        self._packs: dict[str, GeneratedPack] = {}
        self._opened: dict[bytes, ReleaseRecord] = {}
        self._verified = VerifiedStore(folder, record_key)

    @property
    def folder(self) -> Path:
        """Where blobs lie by their hash."""
        return self._folder

    def floor(self, kind: str) -> int:
        """Return the highest version of a kind that was ever taken, 0 when none was."""
        signed = self._signed_floor(kind)
        proved = self._known()
        return max(signed, *(each.version for each in proved.of(kind)), 0) if proved is not None else signed

    def least_version(self, kind: str) -> int:
        """Return the version below which a release is refused: the newest on the shelf or the highest that the store remembers."""
        return max(self.floor(kind), self._kept_floor(kind))

    def check(self, raw_record: bytes) -> ReleaseRecord:
        """Verify a release record and that it does not go back. Raises ``EnvironmentProblem``."""
        try:
            record = self._open(raw_record)
            if record.version < self.least_version(record.kind):
                # The one place that words a rollback.
                return open_release(raw_record, self._roots, floor_version=self.least_version(record.kind))
            return record
        except RollbackError as error:
            raise _rollback() from error
        except TrustError as error:
            raise _forged() from error

    def take(self, raw_record: bytes, blob: bytes) -> ReleaseRecord:
        """Verify and keep a release. Raises ``EnvironmentProblem`` when it is forged, damaged, older, or unreadable as what it claims."""
        self._refuse_after_tuf()
        record = self.check(raw_record)
        self._check_content(record, blob)
        stem = f"{record.kind}-{record.version}"
        write_durably(self._folder / f"{stem}.blob", blob)
        write_durably(self._folder / f"{stem}.record", raw_record)
        return record

    def note(self, raw_record: bytes) -> ReleaseRecord:
        """Keep only the record of a release whose blob lives elsewhere (the extract)."""
        self._refuse_after_tuf()
        record = self.check(raw_record)
        write_durably(self._folder / f"{record.kind}-{record.version}.record", raw_record)
        return record

    def has_blob(self, record: ReleaseRecord) -> bool:
        """Tell whether the bytes of a release that TUF proved lie here; those installed from a record of the first kind count."""
        path = self._folder / f"{record.sha256}.blob"
        if path.exists():
            return _digest(path.read_bytes()) == record.sha256
        older = self._folder / f"{record.kind}-{record.version}.blob"
        content = older.read_bytes() if older.exists() else b""
        if _digest(content) != record.sha256:
            return False
        write_durably(path, content)
        return True

    def put_blob(self, record: ReleaseRecord, blob: bytes) -> None:
        """Keep the bytes of a release that TUF proved, once they are what it says and can be read. ``settle`` puts them into use."""
        self._check_content(record, blob)
        write_durably(self._folder / f"{record.sha256}.blob", blob)

    def settle(self, records: Sequence[ReleaseRecord], signed_at: datetime) -> None:
        """Put what TUF proved into use, all kinds at once.

        Args:
            records: of every release whose bytes lie here (of an extract: elsewhere). What they do not name any more is out of use; packs
                that were in use stay, so that what was decided by them can still be told.
            signed_at: when headquarters signed the newest word of it.

        Raises:
            EnvironmentProblem: ``release_rollback``, when one is older than what was taken before; nothing changed.
        """
        for record in records:
            if record.kind != EXTRACT and record.version < self.least_version(record.kind):
                raise _rollback()
        before = self._known()
        now = {record.sha256 for record in records}
        past = () if before is None else (*before.past, *before.of(PACK))
        kept = {each.sha256: each for each in past if each.sha256 not in now}
        self._verified.write(VerifiedReleases(records=tuple(records), past=tuple(kept.values()), signed_at=signed_at))
        named = now | kept.keys()
        for path in self._folder.glob("*.blob"):
            if len(path.stem) == 64 and path.stem not in named:
                path.unlink(missing_ok=True)

    def proved(self) -> VerifiedReleases | None:
        """Return what TUF proved and is in use here, None before the first."""
        return self._verified.read()

    def record(self, kind: str) -> ReleaseRecord | None:
        """Return the newest installed record of a kind, verified again."""
        proved = self._verified.read()
        found = () if proved is None else proved.of(kind)
        if kind == EXTRACT and found:
            return _oldest_of(found)
        least = self.least_version(kind)
        for each in found:
            if each.version < least:
                raise _rollback()
            return each
        newest = self._signed_floor(kind)
        if newest == 0:
            return None
        if self._after_tuf() and newest > self._kept_floor(kind):
            # Nobody installed this one: it was put here.
            raise _forged()
        return self.check((self._folder / f"{kind}-{newest}.record").read_bytes())

    def installed_pack(self) -> InstalledPack | None:
        """Return the newest pack, its bytes hashed again."""
        found = self._newest(PACK)
        if found is None:
            return None
        record, blob = found
        return InstalledPack(generated=self._read_pack(record, blob), record=record)

    def release_of(self, pack_hash: str) -> ReleaseRecord | None:
        """Return the record of an installed pack by its hash, also of one that was superseded."""
        proved = self._verified.read()
        for each in () if proved is None else (*proved.of(PACK), *proved.past):
            if each.sha256 == pack_hash:
                return each
        for path in self._folder.glob(f"{PACK}-*.record"):
            record = self._open(path.read_bytes())
            if record.sha256 == pack_hash:
                return record
        return None

    def catastrophes(self) -> Sequence[Catastrophe]:
        """Return the newest list of catastrophes, its bytes hashed again."""
        found = self._newest(CATASTROPHE)
        return () if found is None else _read_catastrophes(*found)

    def extract_record(self) -> ReleaseRecord | None:
        """Return the record of the newest policy extract, whose blob lives elsewhere."""
        return self.record(EXTRACT)

    def newest_signed_at(self) -> datetime | None:
        """Return the newest signing time on the shelf."""
        records = [record for kind in (PACK, CATASTROPHE, EXTRACT) if (record := self.record(kind)) is not None]
        proved = self._verified.read()
        times = [record.issued_at for record in records] + ([] if proved is None else [proved.signed_at])
        return max(times, default=None)

    def stopped_devices(self) -> Sequence[StoppedDevice]:
        """Return which devices headquarters has stopped, as far as this laptop has heard by distribution."""
        found = self._newest(REVOCATIONS)
        return () if found is None else _read_stopped(*found)

    def duplicate_index(self) -> DuplicateIndex | None:
        """Return what headquarters knows of bills and documents from other cases, None where it was not distributed."""
        found = self._newest(DUPLICATES)
        return None if found is None else _read_duplicates(*found)

    def _open(self, raw_record: bytes) -> ReleaseRecord:
        # A signature over the same bytes says the same each time; the bytes are read anew, so a changed file is verified anew.
        found = self._opened.get(raw_record)
        if found is None:
            found = self._opened[raw_record] = open_release(raw_record, self._roots, floor_version=0)
        return found

    def _newest(self, kind: str) -> tuple[ReleaseRecord, bytes] | None:
        record = self.record(kind)
        if record is None:
            return None
        blob_path = self._folder / f"{record.sha256}.blob"
        if not blob_path.exists():
            blob_path = self._folder / f"{kind}-{record.version}.blob"
        blob = blob_path.read_bytes() if blob_path.exists() else b""
        self._verify_blob(record, blob)
        return record, blob

    def _known(self) -> VerifiedReleases | None:
        """What TUF proved; a damaged register counts as none here, so that it can be made again."""
        try:
            return self._verified.read()
        except EnvironmentProblem:
            return None

    def _signed_floor(self, kind: str) -> int:
        return max((int(each.stem.rsplit("-", 1)[1]) for each in self._folder.glob(f"{kind}-*.record")), default=0)

    def _after_tuf(self) -> bool:
        return self._kept_floor(TUF_TIMESTAMP) > 0 or self._known() is not None

    def _refuse_after_tuf(self) -> None:
        # Once TUF metadata was verified, a signed record alone proves too little: it can be an old one that was kept back.
        if self._after_tuf():
            raise _forged()

    def _check_content(self, record: ReleaseRecord, blob: bytes) -> None:
        self._verify_blob(record, blob)
        if record.kind == PACK:
            self._read_pack(record, blob)
        elif record.kind == CATASTROPHE:
            _read_catastrophes(record, blob)
        elif record.kind == REVOCATIONS:
            _read_stopped(record, blob)
        elif record.kind == DUPLICATES:
            _read_duplicates(record, blob)

    def _verify_blob(self, record: ReleaseRecord, blob: bytes) -> None:
        if len(blob) != record.size_bytes or hashlib.sha256(blob).hexdigest() != record.sha256:
            raise _problem(
                "release_damaged",
                f"规则或数据 {record.name} 第 {record.version} 版与总部签发的不一致（文件已损坏或被改动）。",
                f"Release {record.name} version {record.version} differs from what headquarters signed (damaged or changed).",
            )

    def _read_pack(self, record: ReleaseRecord, blob: bytes) -> GeneratedPack:
        known = self._packs.get(record.sha256)
        if known is not None:
            return known
        try:
            pack = generate(load_pack(blob))
        except PackError as error:
            raise _problem(
                "pack_unreadable",
                f"规则包 {record.name} 第 {record.version} 版无法读取，可能需要更新程序（{error.code}）。",
                f"Rule pack {record.name} version {record.version} cannot be read; the program may need an update ({error.code}).",
            ) from error
        self._packs[record.sha256] = pack
        return pack


def _read_catastrophes(record: ReleaseRecord, blob: bytes) -> tuple[Catastrophe, ...]:
    try:
        return msgspec.json.decode(blob, type=tuple[Catastrophe, ...])
    except msgspec.DecodeError as error:
        raise _problem(
            "catastrophes_unreadable",
            f"突发事件清单第 {record.version} 版无法读取。",
            f"The list of catastrophes version {record.version} cannot be read.",
        ) from error


def _read_stopped(record: ReleaseRecord, blob: bytes) -> tuple[StoppedDevice, ...]:
    try:
        return msgspec.json.decode(blob, type=tuple[StoppedDevice, ...])
    except msgspec.DecodeError as error:
        raise _unreadable(record, "停用设备清单", "list of stopped devices") from error


def _read_duplicates(record: ReleaseRecord, blob: bytes) -> DuplicateIndex:
    try:
        return msgspec.msgpack.decode(blob, type=DuplicateIndex)
    except msgspec.DecodeError as error:
        raise _unreadable(record, "重复票据索引", "duplicate index") from error


def _oldest_of(records: Sequence[ReleaseRecord]) -> ReleaseRecord:
    """Several extracts are as old as the oldest of them: a person may be in that one only."""
    oldest = min(records, key=lambda each: each.issued_at)
    return msgspec.structs.replace(
        oldest,
        name=", ".join(sorted(each.name for each in records)),
        warn_after=max(oldest.issued_at, min(each.warn_after for each in records)),
        expires_at=max(oldest.issued_at, min(each.expires_at for each in records)),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unreadable(record: ReleaseRecord, zh: str, en: str) -> EnvironmentProblem:
    return _problem(
        "release_unreadable",
        f"{zh}第 {record.version} 版无法读取，可能需要更新程序。",
        f"The {en} version {record.version} cannot be read; the program may need an update.",
    )


def _rollback() -> EnvironmentProblem:
    return _problem(
        "release_rollback",
        "收到的规则或数据比已安装的旧，没有采用。",
        "The release received is older than the one installed and was not taken.",
    )


def _forged() -> EnvironmentProblem:
    return _problem(
        "release_forged",
        "收到的规则或数据不是总部签发的，没有采用。",
        "The release received was not signed by headquarters and was not taken.",
    )


def _problem(code: str, zh: str, en: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        code,
        Bilingual(zh, en),
        Bilingual(
            "案件资料都在。请联网或用总部的优盘重新获取后再预核，在此之前可以照常收件。",
            "All case data are safe. Fetch it again from headquarters by link or stick before pre-approving; papers can be taken in meanwhile.",
        ),
        retryable=True,
    )
