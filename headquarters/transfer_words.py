"""What is said of transfers that two logs tell differently: the sentence that holds a voucher and becomes a task at both stations."""

from __future__ import annotations

from claims.allowance_transfers import AllowanceTransfer
from claims.errors import Bilingual
from headquarters.models import Grant


def says_otherwise(transfer_id: str) -> Bilingual:
    """The log and the signed record differ."""
    return Bilingual(
        f"日志所记的调拨 {transfer_id} 与签发的记录不一致。",
        f"What the log says of transfer {transfer_id} is not what was signed.",
    )


def two_versions(transfer_id: str) -> Bilingual:
    """Two records bear one id."""
    return Bilingual(
        f"调拨 {transfer_id} 有两个不同版本，对方硬盘可能被复制或还原过。",
        f"Transfer {transfer_id} exists in two versions: a disk was probably cloned or restored.",
    )


def not_in_log(transfer_id: str) -> Bilingual:
    """The donor's complete log lacks it."""
    return Bilingual(
        f"调拨 {transfer_id} 不在调出电脑的日志里，其硬盘可能被还原过。",
        f"Transfer {transfer_id} is not in its donor's log: that disk was probably put back.",
    )


def out_of_line(told: AllowanceTransfer, grant: Grant | None) -> Bilingual:
    """The donor's log skipped or repeated a debit."""
    due = 0 if grant is None else grant.debits + 1
    return Bilingual(
        f"调拨 {told.transfer_id} 次序不对，额度 {told.grant_id} 应为第 {due} 次使用。",
        f"Transfer {told.transfer_id} is out of order; debit {due} of allowance {told.grant_id} was due.",
    )
