"""Whether this disk is the one that this laptop last wrote: a copied disk, or one put back to an older state, must promise nothing.

Promise: once the mark is in the store it stays; only a new enrolment, which is a new epoch with a store of its own, is free of it. What
sets the mark was proven: headquarters' or a neighbour's signed word about this very device's log, or another machine with this device's key.

Source: design.md "Log" (fork), "Allowances"; notes/sync.md §3; docs/adr/0147.
"""

from __future__ import annotations

from enum import IntEnum

from claims.errors import Bilingual, InputError
from claims.ports import Reads, UnitOfWork

OWN_DISK = "own_disk"
"""Name of the floor that holds the mark: a ``DiskFault``, 0 for none. A floor only rises."""


class DiskFault(IntEnum):
    """What is wrong with this disk, the graver the higher."""

    RESTORED = 1
    """Somebody holds more of this laptop's log than this disk: it was set back to an older state."""
    OLDER_LIFE = 2
    """This laptop was enrolled again since: this disk belongs to an epoch that is over."""
    COPIED = 3
    """Somebody holds another history of this laptop, or works with its key: one of two disks is a copy."""


_REASONS = {
    DiskFault.RESTORED: Bilingual(
        "这块硬盘恢复过旧备份：同事电脑或总部的本机记录比硬盘上的还多，再预核会把用过的额度又用一次。",
        "This disk was set back to an older copy: a colleague's laptop or headquarters holds more of this laptop's records than the disk. Another promise could use an allowance twice.",
    ),
    DiskFault.OLDER_LIFE: Bilingual(
        "这台电脑后来重新登记过，这块硬盘是登记以前的，不能再预核。",
        "This laptop was enrolled again later; this disk is from before and makes no more promises.",
    ),
    DiskFault.COPIED: Bilingual(
        "本机的编号和密钥在另一处也在使用，有一块硬盘是拷贝，两边都不能再预核。",
        "This laptop's name and key are in use elsewhere: one of two disks is a copy, and neither may promise.",
    ),
}
_NEXT = Bilingual(
    "案件和材料照常收取，出具签收单；请保留本机，联系总部重新登记。",
    "Take cases and papers in as usual and give acceptance slips; keep this laptop as it is and ask headquarters to enrol it again.",
)


def mark_disk(uow: UnitOfWork, fault: DiskFault) -> None:
    """Remember that this disk must promise nothing more."""
    uow.raise_floor(OWN_DISK, int(fault))


def disk_fault(reads: Reads) -> DiskFault | None:
    """Return what is wrong with this disk, None as far as anybody knows."""
    mark = reads.floor(OWN_DISK)
    return DiskFault(min(mark, max(DiskFault))) if mark else None


def disk_reason(reads: Reads) -> Bilingual | None:
    """Return why this disk must promise nothing, with what to do, None where nothing is known against it."""
    fault = disk_fault(reads)
    if fault is None:
        return None
    reason = _REASONS[fault]
    return Bilingual(f"{reason.zh}{_NEXT.zh}", f"{reason.en} {_NEXT.en}")


def require_own_disk(reads: Reads) -> None:
    """Refuse what only the true disk may do. Raises ``InputError`` (``disk_not_current``)."""
    fault = disk_fault(reads)
    if fault is not None:
        raise InputError("disk_not_current", _REASONS[fault], _NEXT)
