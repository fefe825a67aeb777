"""Publishes packs, catastrophes and extracts: the bytes in the blob store, listed in signed TUF metadata.

Promise: what can't be read as what it claims to be is not published; a version must be above every one before it; nothing
published is ever thrown away, so that every determination can be replayed. Beside the metadata stands the record that programs before TUF
read (``/v1/release``); an extract is cut into shards as well (``headquarters.extract_shards``).

Source: design.md "Distribution"; docs/adr/0150.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from claims.distributed import WHOLE
from claims.errors import Bilingual, InputError
from claims.reference import ExtractHeader, ExtractPerson, ExtractPolicy
from headquarters.catastrophes import read_catastrophes
from headquarters.extract_file import read_extract
from headquarters.extract_shards import publish_shards
from headquarters.installation import Headquarters
from headquarters.models import Release
from headquarters.policy_book import load_policies
from headquarters.tuf_repository import put_target, sign_all
from rules.engine import PackError, load_pack
from sync.tuf_targets import CURRENT, TargetNote
from trust.releases import ReleaseRecord, sign_release

_PIECE = 1024 * 1024


class ReleaseKind(StrEnum):
    """What can be published."""

    PACK = "pack"
    CATASTROPHE = "catastrophe"
    EXTRACT = "extract"


def publish(
    hq: Headquarters,
    kind: ReleaseKind,
    file: Path,
    version: int,
    *,
    warn_days: int,
    expire_days: int,
    to_laptops: bool = True,
) -> ReleaseRecord:
    """Publish a file as the newest release of its kind; an extract also becomes headquarters' own policy data.

    Args:
        to_laptops: False keeps an extract here, where laptops are to have only selections from it (``publish-extract``).

    Raises:
        InputError: ``release_rollback``, ``release_unreadable``, ``release_version``, ``release_days``, ``extract_unreadable``.
    """
    if not 0 < warn_days <= expire_days:
        raise _input(
            "release_days",
            f"提醒天数 {warn_days} 和失效天数 {expire_days} 不合理。",
            f"{warn_days} days to the warning and {expire_days} to the expiry make no sense.",
        )
    _check_newer(hq, kind, version)
    _check_content(kind, file, version)
    sha256, size_bytes = hq.blobs.put(_pieces(file))
    at = hq.now()
    record = ReleaseRecord(
        kind=kind,
        name=file.name,
        version=version,
        sha256=sha256,
        size_bytes=size_bytes,
        issued_at=at,
        warn_after=at + timedelta(days=warn_days),
        expires_at=at + timedelta(days=expire_days),
    )
    raw = sign_release(hq.secrets.service, hq.service_der, record)
    note = TargetNote(
        kind=kind,
        name=CURRENT,
        version=version,
        issued_at=at,
        warn_after=record.warn_after,
        expires_at=record.expires_at,
    )
    if kind is ReleaseKind.EXTRACT:
        load_policies(hq, file, version)
    with hq.database.write() as session:
        newest = session.scalar(select(func.max(Release.version)).where(Release.kind == kind)) or 0
        if version <= newest:
            raise _rollback(kind, version, newest)
        session.add(Release(kind=kind, version=version, sha256=sha256, record=raw, published_at=at))
        if kind is not ReleaseKind.EXTRACT:
            put_target(session, file_sha256=sha256, size_bytes=size_bytes, note=note)
            sign_all(hq, session, at)
    if kind is ReleaseKind.EXTRACT and to_laptops:
        header, records = open_records(file)
        publish_shards(
            hq,
            WHOLE,
            records,
            expected=header.persons + header.policies,
            made_at=header.made_at,
            version=version,
            warn_days=warn_days,
            expire_days=expire_days,
        )
    return record


def open_records(file: Path) -> tuple[ExtractHeader, Iterator[ExtractPerson | ExtractPolicy]]:
    """Return an extract's header and its records. Raises ``InputError`` (``extract_unreadable``), also while the records are read."""
    records = read_extract(file)
    header = next(records)
    if not isinstance(header, ExtractHeader):
        raise TypeError("the reader yields the header first")
    return header, (each for each in records if not isinstance(each, ExtractHeader))


def newest_record(hq: Headquarters, kind: str) -> bytes | None:
    """Return the newest signed record of a kind."""
    with hq.database.read() as session:
        return session.scalars(
            select(Release.record).where(Release.kind == kind).order_by(Release.version.desc()).limit(1)
        ).first()


def current_versions(hq: Headquarters) -> dict[str, int]:
    """Return the newest version of every kind."""
    with hq.database.read() as session:
        rows = session.execute(select(Release.kind, func.max(Release.version)).group_by(Release.kind))
        return {kind: version for kind, version in rows}  # noqa: C416 - rows are not tuples to the type checker


def is_release(hq: Headquarters, sha256: str) -> bool:
    """Tell whether these bytes were published: only those may be fetched."""
    with hq.database.read() as session:
        return session.scalars(select(Release.sha256).where(Release.sha256 == sha256).limit(1)).first() is not None


def _check_newer(hq: Headquarters, kind: ReleaseKind, version: int) -> None:
    newest = current_versions(hq).get(kind, 0)
    if version <= newest:
        raise _rollback(kind, version, newest)


def _check_content(kind: ReleaseKind, file: Path, version: int) -> None:
    try:
        if kind is ReleaseKind.PACK:
            found = load_pack(file.read_bytes()).version
        elif kind is ReleaseKind.CATASTROPHE:
            read_catastrophes(file.read_bytes())
            return
        else:
            found = version
            for record in read_extract(file):
                if isinstance(record, ExtractHeader):
                    found = record.version
    except (OSError, PackError, msgspec.DecodeError) as problem:
        raise _input(
            "release_unreadable",
            f"{file.name} 不是有效的 {kind} 文件（{problem}）。",
            f"{file.name} is no valid {kind} file ({problem}).",
        ) from problem
    if found != version:
        raise _input(
            "release_version",
            f"{file.name} 里写的是第 {found} 版，不是第 {version} 版。",
            f"{file.name} says version {found}, not {version}.",
        )


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(_PIECE):
            yield piece


def _rollback(kind: str, version: int, newest: int) -> InputError:
    return _input(
        "release_rollback",
        f"{kind} 已发布到第 {newest} 版，不能再发布第 {version} 版。",
        f"Version {newest} of {kind} is published; version {version} can't follow it.",
    )


def _input(code: str, zh: str, en: str) -> InputError:
    return InputError(code, Bilingual(zh, en), Bilingual("请改正后重新发布。", "Correct it and publish again."))
