"""Asking a repository what is current: python-tuf's updater over our sources, with the rules that it lacks for a laptop that is cut off.

Promise: ``refresh`` returns only what the chain root → timestamp → snapshot → targets proves, at the trusted time and not at the wall clock's,
and never below what this laptop has seen before, even when the metadata on its disk was lost or swapped. What was verified before stays in use
when a refresh fails: this module changes nothing but its own folder.

    FOLDER/anchor          the root that this laptop began with, inside headquarters' statement
    FOLDER/root_history/   every root since            FOLDER/timestamp.json snapshot.json targets.json

Source: TUF specification 1.0; docs/adr/0150.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from claims.errors import Bilingual, EnvironmentProblem
from sync.problems import LinkProblem
from sync.tuf_sources import TufSource
from sync.tuf_targets import ANCHOR, ANCHOR_KIND, TIMESTAMP_DAYS, TargetNote
from sync.tuf_verified import ListedTarget, VerifiedTargets
from sync.wire.faults import LinkFault
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.statements import open_statement

ANCHOR_CAP_BYTES = 256 * 1024
_ROLES = ("root", "timestamp", "snapshot", "targets")
_METADATA = "metadata/"
_CONFIG = UpdaterConfig(
    root_max_length=256 * 1024,
    timestamp_max_length=16 * 1024,
    snapshot_max_length=64 * 1024,
    targets_max_length=4 * 1024 * 1024,
)


def refresh(
    source: TufSource, folder: Path, roots: TrustStore, *, at: datetime, seen: Callable[[str], int]
) -> VerifiedTargets | None:
    """Ask a source what is current; None when it holds no repository at all (a headquarters of before).

    Args:
        source: where from.
        folder: this laptop's metadata; it must exist and belong to one caller at a time.
        roots: headquarters' X.509 root, which vouches for the first TUF root.
        at: the trusted time (``claims.trusted_time``), never below the highest signed time seen.
        seen: the highest version of a role that this laptop has verified, from the encrypted store; 0: none.

    Raises:
        LinkProblem: the source could not bring it; nothing is known.
        EnvironmentProblem: ``release_stale``, ``release_rollback``, ``release_forged``, ``release_disk``; nothing was taken.
    """
    try:
        anchor = _anchor(source, folder, roots)
        if anchor is None:
            return None
        updater = _Updater(source, folder, anchor, at)
        updater.refresh()
        _make_durable(folder)
        found = _read(folder)
    except ExpiredMetadataError as problem:
        raise _stale() from problem
    except BadVersionNumberError as problem:
        raise _rollback() from problem
    except DownloadError as problem:
        raise _cause(problem) from problem
    except (RepositoryError, TrustError, msgspec.ValidationError) as problem:
        raise _forged() from problem
    except ValueError as problem:
        # Damaged metadata that python-tuf did not get far enough to refuse by itself.
        raise _forged() from problem
    except OSError as problem:
        raise _disk(problem) from problem
    if any(found.versions[role] < seen(role) for role in _ROLES):
        # The metadata on this disk was lost or swapped; the encrypted store remembers better.
        raise _rollback()
    return found


class _Updater(Updater):
    """python-tuf's updater at the trusted time: by itself it believes the wall clock, also one that was set back."""

    def __init__(self, source: TufSource, folder: Path, anchor: bytes, at: datetime) -> None:
        super().__init__(str(folder), _METADATA, fetcher=_Fetcher(source), config=_CONFIG, bootstrap=anchor)
        self._trusted_set.reference_time = at.astimezone(UTC)


class _Fetcher(FetcherInterface):
    """Brings python-tuf what it asks for."""

    def __init__(self, source: TufSource) -> None:
        self._source = source

    def _fetch(self, url: str) -> Iterator[bytes]:
        content = self._source.read(url, _CONFIG.targets_max_length)
        if content is None:
            raise DownloadHTTPError(f"no {url}", 404)
        return iter((content,))


def _anchor(source: TufSource, folder: Path, roots: TrustStore) -> bytes | None:
    kept = folder / ANCHOR
    try:
        return _opened(kept.read_bytes(), roots)
    except (FileNotFoundError, TrustError):
        # None yet, or damaged: headquarters says it again.
        raw = source.read(ANCHOR, ANCHOR_CAP_BYTES)
    if raw is None:
        return None
    root = _opened(raw, roots)
    draft = kept.with_name(f".{ANCHOR}.new")
    draft.write_bytes(raw)
    draft.replace(kept)
    return root


def _opened(raw: bytes, roots: TrustStore) -> bytes:
    kind, body = open_statement(raw, roots)
    if kind != ANCHOR_KIND:
        raise TrustError("tuf_anchor_kind", kind=kind)
    return body


def _read(folder: Path) -> VerifiedTargets:
    # These files are what the updater has just verified and written.
    root = Metadata[Root].from_file(str(folder / "root.json")).signed
    timestamp = Metadata[Timestamp].from_file(str(folder / "timestamp.json")).signed
    snapshot = Metadata[Snapshot].from_file(str(folder / "snapshot.json")).signed
    targets = Metadata[Targets].from_file(str(folder / "targets.json")).signed
    issued_at = datetime.fromisoformat(str(timestamp.unrecognized_fields.get("issued_at", "")))
    if issued_at.tzinfo is None or not timedelta(0) <= timestamp.expires - issued_at <= timedelta(days=TIMESTAMP_DAYS):
        raise ValueError("issued_at")
    return VerifiedTargets(
        versions={
            "root": root.version,
            "timestamp": timestamp.version,
            "snapshot": snapshot.version,
            "targets": targets.version,
        },
        issued_at=issued_at,
        timestamp_expires=timestamp.expires,
        targets_expires=targets.expires,
        targets=tuple(
            ListedTarget(msgspec.convert(each.custom, TargetNote), each.hashes["sha256"], each.length)
            for each in targets.targets.values()
            if each.custom is not None and "sha256" in each.hashes
        ),
    )


def _make_durable(folder: Path) -> None:
    # python-tuf renames without a sync: after a power cut an empty file would count as none.
    for path in (*folder.glob("*.json"), *folder.glob("root_history/*.json"), folder / ANCHOR):
        descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cause(problem: DownloadError) -> LinkProblem:
    return problem.__cause__ if isinstance(problem.__cause__, LinkProblem) else LinkProblem(LinkFault.RELEASE_REFUSED)


_AGAIN = Bilingual(
    "案件资料都在，已装好的规则和资料照常使用。请联网同步，或向总部要一个新做的优盘。",
    "All case data are safe and what is installed stays in use. Sync by link, or ask headquarters for a newly made stick.",
)


def _stale() -> EnvironmentProblem:
    cause = Bilingual("收到的规则和资料已过期，没有采用。", "The releases received are out of date and were not taken.")
    return EnvironmentProblem("release_stale", cause, _AGAIN, retryable=True)


def _rollback() -> EnvironmentProblem:
    cause = Bilingual(
        "收到的规则或数据比已安装的旧，没有采用。",
        "The release received is older than the one installed and was not taken.",
    )
    return EnvironmentProblem("release_rollback", cause, _AGAIN, retryable=True)


def _forged() -> EnvironmentProblem:
    cause = Bilingual(
        "收到的规则或数据不是总部签发的，没有采用。",
        "The release received was not signed by headquarters and was not taken.",
    )
    return EnvironmentProblem("release_forged", cause, _AGAIN, retryable=True)


def _disk(problem: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        "release_disk",
        Bilingual(f"无法保存下载的文件：{problem.strerror}。", f"The download can't be saved: {problem.strerror}."),
        Bilingual("请腾出磁盘空间后再同步。", "Make room on the disk, then sync again."),
        retryable=False,
    )
