"""Commands of distribution: ``publish-extract|publish-duplicates|unpublish|write-stick|tuf-keys|tuf-sign``.

Promise: every command is one call of the function that does the same in process.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from claims.errors import Bilingual, InputError
from claims.trusted_time import beijing_text
from headquarters.duplicates import publish_duplicates
from headquarters.extract_selection import of_catastrophe, of_region, of_visit, publish_selection
from headquarters.installation import Headquarters
from headquarters.sticks import write_stick
from headquarters.system_clock import system_now
from headquarters.tuf_keys import ROOT_KEYS, Role, change_keys, folder_of, move_root_keys, root_versions
from headquarters.tuf_repository import targets_now, unpublish, upkeep

_MIB = 1024 * 1024


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands with argparse."""
    extract = _add(commands, "publish-extract", _publish_extract, "publish a selection of the newest whole extract")
    what = extract.add_mutually_exclusive_group(required=True)
    what.add_argument("--region", metavar="CODE", help="two to six digits of a region code, such as 9901")
    what.add_argument("--catastrophe", metavar="ID", help="the regions of a published catastrophe")
    what.add_argument("--visit", type=Path, metavar="FILE", help="a list: ID number, policy number or person id a line")
    extract.add_argument("--station", action="append", default=[], help="for this station only (may be repeated)")
    extract.add_argument("--warn-days", type=int, default=30, help="laptops warn from then on (default: 30)")
    extract.add_argument("--expire-days", type=int, default=90, help="not relied on from then on (default: 90)")

    duplicates = _add(
        commands, "publish-duplicates", _publish_duplicates, "publish the index of bills known from all cases"
    )
    duplicates.add_argument("--warn-days", type=int, default=30, help="laptops warn from then on (default: 30)")
    duplicates.add_argument("--expire-days", type=int, default=90, help="not relied on from then on (default: 90)")

    drop = _add(commands, "unpublish", _unpublish, "take a selection out of distribution; laptops drop what they hold")
    drop.add_argument("path", metavar="TARGET", help="as `tuf-sign` lists it, such as extract/catastrophe-CAT-2026-11")

    stick = _add(
        commands, "write-stick", _write_stick, "write what is distributed to a stick, verified by reading back"
    )
    stick.add_argument("folder", type=Path, metavar="FOLDER", help="the stick")
    stick.add_argument("--station", action="append", default=[], help="for this station only (may be repeated)")

    keys = _add(commands, "tuf-keys", _tuf_keys, "list the keys of distribution, change them, or take the root's away")
    keys.add_argument("--change", action="append", default=[], choices=[*ROOT_KEYS, *map(str, Role)], help="a new key")
    keys.add_argument("--root-keys", type=Path, metavar="FOLDER", help="where the root's keys are, once moved away")
    keys.add_argument(
        "--move-root-to", type=Path, metavar="FOLDER", help="move the root's keys there, off this machine"
    )

    sign = _add(commands, "tuf-sign", _tuf_sign, "sign anew what is due and list what is distributed")
    sign.add_argument("--all", action="store_true", help="sign everything, due or not")


def _publish_extract(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        if options.region is not None:
            selection = of_region(options.region)
        elif options.catastrophe is not None:
            selection = of_catastrophe(hq, options.catastrophe)
        else:
            selection = of_visit(options.visit)
        manifest = publish_selection(
            hq,
            selection,
            stations=tuple(options.station),
            warn_days=options.warn_days,
            expire_days=options.expire_days,
        )
    size = sum(each.size_bytes for each in (*manifest.base, *manifest.delta))
    print(
        f"已发布 published: extract/{manifest.scope} {manifest.version}, {manifest.persons} 人 persons, "
        f"{manifest.policies} 份保单 policies, {len(manifest.base)}+{len(manifest.delta)} 片 shards, {size / _MIB:.1f} MiB"
    )
    return 0


def _publish_duplicates(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        version, entries = publish_duplicates(hq, warn_days=options.warn_days, expire_days=options.expire_days)
    print(f"已发布 published: duplicates {version}, {entries} 条 entries")
    return 0


def _unpublish(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        unpublish(hq, options.path)
    print(f"已撤下 taken out: {options.path}")
    return 0


def _write_stick(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        written = write_stick(hq, options.folder, stations=options.station)
    print(
        f"已写入并回读核对 written and read back: {written.files} 个文件 files, {written.size_bytes / _MIB:.1f} MiB: "
        + ", ".join(written.targets)
    )
    print(f"可读设备 devices that can read the extracts: {', '.join(written.readers) or 0}")
    if written.without_key:
        print(f"尚无钥匙 not yet (they must sync once first): {', '.join(written.without_key)}")
    return 0


def _tuf_keys(options: argparse.Namespace) -> int:
    if options.change and options.move_root_to is not None:
        raise InputError(
            "tuf_keys_one_thing",
            Bilingual("一次只能换钥匙或移走钥匙。", "Change keys or move them, not both at once."),
            Bilingual("请分两次运行。", "Run the command twice."),
        )
    with _open(options) as hq:
        if options.change:
            version = change_keys(
                hq.home, hq.secrets, hq.service_der, hq.now(), options.change, root_keys=options.root_keys
            )
            upkeep(hq, force=True)
            print(f"已更换 changed: {', '.join(options.change)}; 根版本 root version {version}")
        if options.move_root_to is not None:
            for path in move_root_keys(hq.home, options.move_root_to):
                print(f"已移走 moved: {path}")
        folder = folder_of(hq.home)
        for name in (*ROOT_KEYS, *Role):
            print(f"{name:10} {'在本机 here' if (folder / f'{name}.key').exists() else '不在本机 not here'}")
        print(f"根版本 root version {root_versions(hq.home)[-1]}")
    return 0


def _tuf_sign(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        version = upkeep(hq, force=options.all)
        listed = targets_now(hq)
    print(f"时间戳 timestamp {version}")
    for path, (row, note) in listed.items():
        print(
            f"{path:40} {note.version:>12} {row.size_bytes:>12} bytes  {beijing_text(note.issued_at)}  "
            f"{', '.join(note.stations) or '全部 all'}"
        )
    return 0


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    meaning: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("dir", type=Path, metavar="DIR", help="folder of this headquarters")
    parser.set_defaults(command=command)
    return parser


@contextmanager
def _open(options: argparse.Namespace) -> Iterator[Headquarters]:
    hq = Headquarters.open(options.dir, system_now)
    try:
        yield hq
    finally:
        hq.close()
