"""The shelf of installed releases: rule packs and catastrophes, each blob beside the record that headquarters signed for it.

Promise: a release is taken only after its signature, size and hash were checked and only if it is not older than what was
taken before. What was verified is kept with its record and checked again at every reading: a changed file is never used.

Source: design.md "Distribution", docs/adr/0003.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from claims.errors import Bilingual, EnvironmentProblem
from claims.reference import Catastrophe
from claims.rulebook import InstalledPack
from local_db.durable_files import write_durably
from rules.engine import PackError, load_pack
from rules.engine.generated import GeneratedPack, generate
from trust.certificates import TrustStore
from trust.errors import RollbackError, TrustError
from trust.releases import ReleaseRecord, open_release

PACK = "pack"
CATASTROPHE = "catastrophe"
EXTRACT = "extract"


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
    ) -> None:
        """Use one folder. ``kept_floor`` tells the highest version of a kind that the encrypted store remembers."""
        self._folder = folder
        self._roots = roots
        self._kept_floor = kept_floor
        self._packs: dict[str, GeneratedPack] = {}
        self._opened: dict[bytes, ReleaseRecord] = {}

    def floor(self, kind: str) -> int:
        """Return the highest version of a kind that was ever taken, 0 when none was."""
        return max((int(each.stem.rsplit("-", 1)[1]) for each in self._folder.glob(f"{kind}-*.record")), default=0)

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
            raise _problem(
                "release_rollback",
                "收到的规则或数据比已安装的旧，没有采用。",
                "The release received is older than the one installed and was not taken.",
            ) from error
        except TrustError as error:
            raise _problem(
                "release_forged",
                "收到的规则或数据不是总部签发的，没有采用。",
                "The release received was not signed by headquarters and was not taken.",
            ) from error

    def take(self, raw_record: bytes, blob: bytes) -> ReleaseRecord:
        """Verify and keep a release. Raises ``EnvironmentProblem`` when it is forged, damaged, older, or unreadable as what it claims."""
        record = self.check(raw_record)
        self._verify_blob(record, blob)
        if record.kind == PACK:
            self._read_pack(record, blob)
        elif record.kind == CATASTROPHE:
            _read_catastrophes(record, blob)
        stem = f"{record.kind}-{record.version}"
        write_durably(self._folder / f"{stem}.blob", blob)
        write_durably(self._folder / f"{stem}.record", raw_record)
        return record

    def note(self, raw_record: bytes) -> ReleaseRecord:
        """Keep only the record of a release whose blob lives elsewhere (the extract)."""
        record = self.check(raw_record)
        write_durably(self._folder / f"{record.kind}-{record.version}.record", raw_record)
        return record

    def record(self, kind: str) -> ReleaseRecord | None:
        """Return the newest installed record of a kind, verified again."""
        newest = self.floor(kind)
        if newest == 0:
            return None
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
        return max((record.issued_at for record in records), default=None)

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
        blob_path = self._folder / f"{kind}-{record.version}.blob"
        blob = blob_path.read_bytes() if blob_path.exists() else b""
        self._verify_blob(record, blob)
        return record, blob

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
