"""Deleting local originals, and saying where one is afterwards.

Promise: an original goes only when headquarters said that every backup it could ever restore holds that very hash, and every case that names
it is finished. The record, its hash and its thumbnail stay; whoever opens it later is told where it is. Deleting may stop anywhere: what was
deleted was allowed, what was not is there.

Source: docs/adr/0145.
"""

from __future__ import annotations

from dataclasses import dataclass

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem, InputError


@dataclass(frozen=True)
class OriginalsDeletable:
    """How many originals may go now, and the bytes of them."""

    files: int
    bytes: int


@dataclass(frozen=True)
class OriginalsDeleted:
    """What went: files and the bytes that came free on the disk; ``files_left`` may still go."""

    files: int
    bytes: int
    files_left: int


def originals_deletable(ports: DeskPorts) -> OriginalsDeletable:
    """Return what may be deleted and is still on this disk."""
    here = _here(ports)
    return OriginalsDeletable(len(here), sum(size for _, size in here))


def delete_originals(ports: DeskPorts, limit_bytes: int | None = None) -> OriginalsDeleted:
    """Delete originals, the oldest first, until about ``limit_bytes`` came free; None: all that may go.

    Raises:
        InputError: ``limit_negative``.
        EnvironmentProblem: the disk refuses; what was deleted so far was allowed.
    """
    if limit_bytes is not None and limit_bytes < 0:
        raise InputError(
            "limit_negative",
            Bilingual(f"要腾出的空间 {limit_bytes} 不能是负数。", f"{limit_bytes} bytes can't come free."),
            Bilingual("请填一个正数。", "Enter a positive number."),
        )
    here = _here(ports)
    files = freed = 0
    for sha256, _ in here:
        if limit_bytes is not None and freed >= limit_bytes:
            break
        freed += ports.attachments.remove(sha256)
        files += 1
        ports.probe("original_deleted")
    return OriginalsDeleted(files, freed, len(here) - files)


def attachment(ports: DeskPorts, sha256: str) -> bytes:
    """Return a stored file.

    Raises:
        EnvironmentProblem: ``original_at_hq`` where it was deleted here on headquarters' word; missing or damaged otherwise.
    """
    if sha256 not in ports.attachments:
        with ports.store.read() as reads:
            let_go = reads.original_let_go(sha256)
        if let_go:
            raise EnvironmentProblem(
                "original_at_hq",
                Bilingual(
                    f"原件 {sha256[:12]}… 已从本机删除以腾出空间，总部及其备份都有完整的一份。",
                    f"The original {sha256[:12]}… was deleted here to make room; headquarters and its backups hold it whole.",
                ),
                Bilingual(
                    f"缩略图和记录都还在。需要原件时，请凭编号 {sha256[:12]} 向总部调取。",
                    f"Its thumbnail and record are still here. Ask headquarters for {sha256[:12]} when you need the original.",
                ),
            )
    return ports.attachments.get(sha256)


def _here(ports: DeskPorts) -> list[tuple[str, int]]:
    with ports.store.read() as reads:
        allowed = reads.originals_deletable()
    return [(each.sha256, each.size_bytes) for each in allowed if each.sha256 in ports.attachments]
