"""Commands about the machine underneath: ``outpost-hq backup|backups|restore|recovery|openapi``.

Promise: every command is one call of the function that does the same in process; what a command risks is printed before it is done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.trusted_time import beijing_text
from headquarters.backups import forget, kept_backups, make_backup
from headquarters.command_line import Commands, add_command, opened
from headquarters.installation import Settings
from headquarters.openapi import describe
from headquarters.restores import Recovery, end_recovery, read_recovery
from headquarters.restoring import restore_backup
from headquarters.system_clock import system_now


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    backup = add_command(commands, "backup", _backup, "back up the database and the files while the service runs")
    backup.add_argument("folder", type=Path, metavar="FOLDER", help="where backups go; files are shared among them")
    backup.add_argument("--list-files", action="store_true", help="list the files only: their store keeps them (S3)")
    backup.add_argument("--with-secrets", action="store_true", help="also the private keys: guard it like the service")
    backup.add_argument("--keep", type=int, metavar="N", help="remove backups in FOLDER beyond the newest N")

    backups = add_command(commands, "backups", _backups, "list the backups that could be restored, or forget one")
    backups.add_argument("--forget", metavar="ID", help="this one is kept no longer")
    backups.add_argument("--remove", action="store_true", help="with --forget: also delete its folder")

    restore = add_command(
        commands, "restore", _restore, "set headquarters back to a backup, in its folder or a new one"
    )
    restore.add_argument("backup", type=Path, metavar="BACKUP", help="the backup's own folder (with backup.json)")
    restore.add_argument("--database-url", help="for a new folder: another database than SQLite")
    restore.add_argument("--files-url", help="for a new folder: s3://bucket/prefix?endpoint=URL")

    recovery = add_command(commands, "recovery", _recovery, "tell which devices a restored headquarters waits for")
    recovery.add_argument("--end", action="store_true", help="wait no longer")
    recovery.add_argument(
        "--accept-risk", action="store_true", help="with --end: the printed sums may be promised twice"
    )
    recovery.add_argument("--by", default="", help="with --end: who decided")

    described = add_command(commands, "openapi", _openapi, "write the service's description (OpenAPI 3.1)")
    described.add_argument("--out", type=Path, help="file to write (default: print it)")


def _backup(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        made = make_backup(
            hq,
            options.folder,
            copy_files=not options.list_files,
            with_secrets=options.with_secrets,
            keep=options.keep,
        )
    print(f"备份 backup {made.backup_id}: {made.rows} 行 rows, {made.files} 个文件 files")
    for sha256 in made.missing:
        print(f"  文件缺失或损坏 missing or damaged: {sha256}", file=sys.stderr)
    return 1 if made.missing else 0


def _backups(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        if options.forget is not None:
            forget(hq, options.forget, remove=options.remove)
        for each in kept_backups(hq.home):
            made = each.backup
            print(
                f"{made.backup_id} {beijing_text(made.at)} {made.rows} 行 rows, {made.files} 个文件 files, "
                f"第 {made.incarnation} 世 incarnation {made.incarnation}: {each.folder}"
            )
    return 0


def _restore(options: argparse.Namespace) -> int:
    settings = None
    if options.database_url is not None or options.files_url is not None:
        settings = Settings(database_url=options.database_url, files_url=options.files_url)
    done = restore_backup(options.dir, options.backup, system_now, settings=settings)
    print(f"已恢复 restored: {done.backup.backup_id}, 第 {done.incarnation} 世 incarnation {done.incarnation}")
    if done.before is not None:
        print(f"原数据库保留在 the former database is kept: {done.before}")
    print(f"等待设备 devices to be heard: {done.devices}; 向设备索要的文件 files asked for again: {done.lost_files}")
    if done.sent_unknown:
        print(
            "此处没有完整的 payments-sent：备份以后发往银行的付款不得而知，出批前须先决定（payments-out --help）。"
            "There is no whole payments-sent here: which payments left since the backup is unknown; payments-out asks for a decision first."
        )
    at = beijing_text(done.backup.at)
    print(f"{at} 之后登记的设备总部已不认识，请让它们同步。Devices enrolled after {at} are forgotten: let them sync.")
    return 0


def _recovery(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        found = read_recovery(hq)
        if found is None:
            print("没有处于恢复状态 not recovering")
            return 0
        _print_recovery(found)
        if not options.end:
            return 0
        if not options.accept_risk or not options.by:
            raise InputError(
                "risk_not_accepted",
                Bilingual("结束等待意味着承担上面的风险。", "To wait no longer means to accept the risk above."),
                Bilingual("请加上 --accept-risk 和 --by 姓名。", "Add --accept-risk and --by NAME."),
            )
        end_recovery(hq, options.by)
    print(f"恢复已由 {options.by} 结束 ended")
    return 0


def _print_recovery(found: Recovery) -> None:
    print(
        f"第 {found.incarnation} 世 incarnation {found.incarnation}: {beijing_text(found.restored_at)} "
        f"从备份恢复 restored from {found.backup_id} ({beijing_text(found.backup_at)})"
    )
    for each in found.unheard:
        seen = "-" if each.seen_at is None else beijing_text(each.seen_at)
        print(
            f"  等待 waiting for {each.station}-{each.device} ({each.epoch}) {each.adjuster_name}, 最后联系 last seen {seen}"
        )
    print(
        f"若现在结束，最多可能重复承诺 ending now risks promising twice up to {yuan(found.free_fen)} 元"
        f" + 应急额度 floats {yuan(found.float_fen)} 元"
    )


def _openapi(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        text = msgspec.json.format(msgspec.json.encode(describe(hq)), indent=2)
    if options.out is None:
        print(text.decode())
    else:
        options.out.write_bytes(text + b"\n")
    return 0
