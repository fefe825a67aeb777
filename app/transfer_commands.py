"""``outpost transfer`` and ``outpost receive``: handing a part of an allowance to a colleague's laptop, without any network.

Promise: the debit is on this disk before a file or a code leaves, and both can be had again at any time without another debit; the very same
hand-over a second time is taken for a mistake until a person says otherwise; what was taken in before changes nothing.

Source: docs/adr/0142, docs/adr/0168.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.desk_commands import open_desk
from claims.allowance_proof import transfer_text
from claims.allowance_standing import PoolStanding
from claims.amounts import parse_amount, yuan
from claims.desk import Desk
from claims.errors import Bilingual, InputError
from claims.events import AllowanceTransferred
from claims.pool_words import pool_words
from claims.trusted_time import beijing_text
from views.durable_file import write_durably

_MOST_BYTES = 1024 * 1024
"""Far more than a chain of four hands takes."""
_CODE = "OPT1:"


def transfer(options: argparse.Namespace) -> int:
    """Show what can be handed on, hand a part on, or save an earlier transfer again."""
    desk = open_desk(options)
    try:
        return run_transfer(desk, options)
    finally:
        desk.close()


def receive(options: argparse.Namespace) -> int:
    """Take in what a colleague handed on."""
    handed = _handed(options.what)
    desk = open_desk(options)
    try:
        return run_receive(desk, handed)
    finally:
        desk.close()


def run_transfer(desk: Desk, options: argparse.Namespace) -> int:
    """Carry out ``transfer`` on an open desk. Raises ``InputError``, ``EnvironmentProblem``."""
    if options.again:
        _hand_out(_earlier(desk, options.again), options.out)
        return 0
    if options.pool is None:
        _list(desk)
        return 0
    if options.amount is None or options.to is None:
        raise InputError(
            "transfer_arguments",
            Bilingual("还要写明金额和对方电脑。", "The sum and the other laptop are missing."),
            Bilingual(
                "例如：outpost transfer 限额 500 D4/1 --out 文件", "Such as: outpost transfer LIMIT 500 D4/1 --out FILE"
            ),
        )
    amount_fen = parse_amount(options.amount)
    pool = _pool(desk, options.pool)
    device, epoch = _receiver(options.to)
    if options.out is not None:
        # Before the debit: afterwards it would only be one more thing to mend.
        _require_new(options.out)
    if not options.another:
        _require_first(desk, pool.pool, amount_fen, device, epoch)
    desk.transfer_allowance(pool.pool, amount_fen, device, epoch)
    _hand_out(desk.transfers_out()[-1], options.out)
    return 0


def run_receive(desk: Desk, handed: bytes) -> int:
    """Carry out ``receive`` on an open desk. Raises ``InputError``, ``EnvironmentProblem``."""
    before = {each.pool: each.moved_in_fen for each in desk.allowances().pools}
    got = desk.receive_allowance(handed)
    after = {each.pool: each for each in desk.allowances().pools}
    if {name: each.moved_in_fen for name, each in after.items()} == before:
        print(f"这份调拨早已收下，没有变动。 This transfer was taken in before; nothing changed.  {got.transfer_id}")
    else:
        print(f"已收下 taken in: {yuan(got.amount_fen)} 元 yuan  {got.transfer_id}")
    print(_pool_line(next(each for name, each in after.items() if name == got.pool)))
    return 0


def _list(desk: Desk) -> None:
    standing = desk.allowances()
    for each in standing.pools:
        print(_pool_line(each))
    if not standing.pools:
        print("没有离线额度。 There is no allowance.")
    for moved in desk.transfers_out():
        print(_moved_line(moved))


def _pool_line(each: PoolStanding) -> str:
    words = pool_words(each.pool)
    return (
        f"{each.pool}\n  {words.zh}  {words.en}\n"
        f"  可用 left {yuan(each.left_fen)}  至 until {beijing_text(each.expires_at)}  调出 handed on {yuan(each.moved_out_fen)}"
    )


def _moved_line(moved: AllowanceTransferred) -> str:
    return (
        f"已调出 handed on: {yuan(moved.amount_fen)} 元 yuan → {moved.to_device}/{moved.to_epoch}  {moved.transfer_id}"
    )


def _hand_out(moved: AllowanceTransferred, out: Path | None) -> None:
    print(_moved_line(moved))
    text = transfer_text(moved.transfer)
    if out is None:
        print(text)
        return
    try:
        write_durably(out, text.encode() + b"\n")
    except BaseException:
        # Debited all the same: how to come by the file is said before why it is not there.
        print(
            f"额度已经调出，凭据没有存成；请另选位置再存：outpost transfer --again {moved.transfer_id} --out 文件\n"
            f"It was handed on but not saved. Save it elsewhere: outpost transfer --again {moved.transfer_id} --out FILE",
            file=sys.stderr,
        )
        raise
    print(f"凭据 transfer: {out}")


def _pool(desk: Desk, text: str) -> PoolStanding:
    pools = desk.allowances().pools
    found = [each for each in pools if each.pool == text] or [each for each in pools if text and text in each.pool]
    if len(found) == 1:
        return found[0]
    which = "、".join(each.pool for each in (found or pools)) or "—"
    if found:
        cause = Bilingual(f"“{text[:60]}”对得上 {len(found)} 个限额。", f'"{text[:60]}" fits {len(found)} limits.')
    else:
        cause = Bilingual(
            f"没有限额叫“{text[:60]}”的离线额度。", f'There is no allowance on a limit like "{text[:60]}".'
        )
    raise InputError("transfer_pool", cause, Bilingual(f"请写明其中一个：{which}", f"Name one of these: {which}"))


def _receiver(text: str) -> tuple[str, int]:
    device, slash, epoch = text.strip().upper().partition("/")
    if slash and not (epoch.isascii() and epoch.isdigit() and len(epoch) < 10):
        raise InputError(
            "transfer_receiver",
            Bilingual(f"“{text[:40]}”不是设备名和登记期次。", f'"{text[:40]}" is no device with its epoch.'),
            Bilingual("请照对方电脑上的写，例如 D4/1。", "Enter it as the other laptop shows it, such as D4/1."),
        )
    return device, int(epoch) if slash else 1


def _require_new(out: Path) -> None:
    if out.exists() or not out.absolute().parent.is_dir():
        raise InputError(
            "transfer_file",
            Bilingual(
                f"{out} 已经存在，或者没有这个文件夹；额度没有变动。",
                f"{out} exists already, or its folder does not. No allowance was changed.",
            ),
            Bilingual("请另写一个文件名。", "Name another file."),
        )


def _require_first(desk: Desk, pool: str, amount_fen: int, device: str, epoch: int) -> None:
    wanted = (pool, amount_fen, device, epoch)
    for each in desk.transfers_out():
        if (each.pool, each.amount_fen, each.to_device, each.to_epoch) == wanted:
            raise InputError(
                "transfer_again",
                Bilingual(
                    f"同样的 {yuan(amount_fen)} 元早已调给 {device}/{epoch}（{each.transfer_id}），没有再扣。",
                    f"The same {yuan(amount_fen)} yuan were handed to {device}/{epoch} before ({each.transfer_id}); nothing more was debited.",
                ),
                Bilingual(
                    f"再存一次凭据用 --again {each.transfer_id}；确实要再调一份，请加 --another。",
                    f"Save it again with --again {each.transfer_id}; for a further sum add --another.",
                ),
            )


def _earlier(desk: Desk, transfer_id: str) -> AllowanceTransferred:
    for each in desk.transfers_out():
        if each.transfer_id == transfer_id:
            return each
    raise InputError(
        "transfer_unknown",
        Bilingual(f"本机没有调出过 {transfer_id[:60]}。", f"This laptop handed on no {transfer_id[:60]}."),
        Bilingual("不带参数运行 outpost transfer 可看到全部。", "Run outpost transfer by itself to see all."),
    )


def _handed(what: str) -> bytes:
    """Return the bytes of a code, of a file, or of what comes on standard input for ``-``."""
    if what.lstrip().startswith(_CODE):
        return what.encode()
    if what == "-":
        return sys.stdin.buffer.read(_MOST_BYTES)
    try:
        with Path(what).open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as problem:
        raise InputError(
            "transfer_missing",
            Bilingual(f"读不到 {what[:120]}：{problem.strerror}。", f"{what[:120]} can't be read: {problem.strerror}."),
            Bilingual(
                f"请写明同事给的文件，或以 {_CODE} 开头的一行文字。",
                f"Name the file that the colleague gave you, or the line that begins with {_CODE}",
            ),
        ) from problem
