"""Commands about allowances: ``outpost-hq grants|grant-ahead|write-off|exposure``.

Promise: every command is one call of the function that does the same in process; money is printed in yuan.
"""

from __future__ import annotations

import argparse

from claims.allowances import Exposure
from claims.amounts import yuan
from claims.errors import Bilingual
from claims.trusted_time import beijing_text
from headquarters.command_line import Commands, add_command, opened
from headquarters.exposure import ExposureGroup, exposure_by, exposure_by_device, total_exposure
from headquarters.forgotten_grants import GRACE, ForgottenDecision, release
from headquarters.grant_list import GrantRow, list_grants
from headquarters.models_money_risks import ForgottenGrants
from headquarters.prepositioning import grant_ahead
from headquarters.write_offs import LOST, write_off


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    listed = add_command(commands, "grants", _grants, "list allowances with what became of them and what moved on")
    listed.add_argument("--device", help="of this device only")
    listed.add_argument("--pool", help="on this pool only (* for emergency floats)")
    listed.add_argument("--catastrophe", metavar="ID", help="granted ahead of this catastrophe only")

    ahead = add_command(
        commands, "grant-ahead", _grant_ahead, "grant a station its part of every limit in a catastrophe's regions"
    )
    ahead.add_argument("--catastrophe", required=True, metavar="ID", help="a published catastrophe")
    ahead.add_argument("--to", required=True, metavar="STATION|DEVICE", help="the likely station, or one laptop of it")
    ahead.add_argument(
        "--share", required=True, type=int, metavar="PERCENT", help="part of each limit, 1 to 100; deaths need 100"
    )
    ahead.add_argument("--days", type=int, default=30, help="good for so many days (default: 30)")

    lost = add_command(commands, "write-off", _write_off, "give a lost laptop up: what it had left counts as spent")
    lost.add_argument("--device", required=True, help="device name")
    lost.add_argument("--epoch", type=int, help="an earlier life of it (default: the newest)")
    lost.add_argument("--reason", help="why, as told to the stations")
    unheard = lost.add_mutually_exclusive_group()
    unheard.add_argument(
        "--keep-aside",
        dest="forgotten",
        action="store_const",
        const=ForgottenGrants.KEEP_ASIDE,
        help="not heard since a restore: keep what is free in all pools aside for what it may hold",
    )
    unheard.add_argument(
        "--accept-risk",
        dest="forgotten",
        action="store_const",
        const=ForgottenGrants.ACCEPT_RISK,
        help="not heard since a restore: keep nothing aside; what it may hold counts as exposure",
    )
    unheard.add_argument(
        "--release", action="store_true", help="it was written off so; free what is kept aside, or end the risk"
    )
    lost.add_argument("--by", default="", metavar="NAME", help="with these three: who decides")

    exposure = add_command(commands, "exposure", _exposure, "print what could be promised beyond limits")
    exposure.add_argument(
        "--by",
        choices=[each.value for each in ExposureGroup],
        default=ExposureGroup.DEVICE.value,
        help="sum it by station, catastrophe or device (default: device)",
    )


def _grants(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        rows = list_grants(hq, device=options.device, pool=options.pool, catastrophe_id=options.catastrophe)
    for row in rows:
        _print_grant(row)
    print(f"共 {len(rows)} 份 grants, 授予 granted {yuan(sum(row.limit_fen for row in rows if not row.hands))} 元")
    return 0


def _print_grant(row: GrantRow) -> None:
    left_fen = row.limit_fen - row.spent_fen - row.transferred_fen - row.returned_fen
    print(
        f"{'  ' * row.hands}{row.grant_id} → {row.device} ({row.epoch}) {row.state}, {row.pool}: "
        f"额度 limit {yuan(row.limit_fen)}, 已用 spent {yuan(row.spent_fen)}, 已结算 settled {yuan(row.settled_fen)}, "
        f"调出 moved {yuan(row.transferred_fen)}, 收回 returned {yuan(row.returned_fen)}, 未用 left {yuan(left_fen)}, "
        f"至 until {beijing_text(row.expires_at)}"
        + (f", 突发事件 catastrophe {row.catastrophe_id}" if row.catastrophe_id else "")
    )
    if row.concern is not None:
        print(f"{'  ' * row.hands}    {row.concern.zh} {row.concern.en}")


def _grant_ahead(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        done = grant_ahead(hq, options.catastrophe, options.to, options.share, options.days)
    print(
        f"预置 granted ahead of {done.catastrophe_id}: 站点 station {done.station}, 设备 device {done.device} ({done.epoch}), "
        f"保单数据 extract {done.extract_version}"
    )
    print(
        f"保单 policies {done.policies}, 限额池 pools {done.pools}, 新授 new grants {done.granted}, "
        f"合计 sum {yuan(done.granted_fen)} 元"
    )
    print(
        f"余额不足 too little left {done.full}, 无金额上限(走应急额度) without a limit in money (float) {done.without_limit}"
    )
    print(f"敞口 exposure: {yuan(done.before.total_fen)} → {yuan(done.after.total_fen)} 元")
    return 0


def _write_off(options: argparse.Namespace) -> int:
    reason = None if options.reason is None else Bilingual(options.reason, options.reason)
    said = options.reason or ""
    with opened(options) as hq:
        if options.release:
            fen = release(hq, options.device, by=options.by, reason=said, epoch=options.epoch)
            print(f"{options.device}: 不再留存 no longer kept aside {yuan(fen)} 元")
            return 0
        decision = None
        if options.forgotten is not None:
            decision = ForgottenDecision(options.forgotten, options.by, said or LOST.zh)
        done = write_off(hq, options.device, reason, options.epoch, forgotten=decision)
    print(f"已核销 written off: {done.device} ({done.epoch}), {done.grants} 份 grants")
    print(
        f"视为已用 counts as spent: 自有 own {yuan(done.own_fen)} 元, 调入 received {yuan(done.received_fen)} 元; "
        f"已调出 handed on {yuan(done.handed_on_fen)} 元, 仍归接收方 stays with its receivers"
    )
    if done.unknown is not None:
        what = (
            "已留存 kept aside" if done.unknown.choice is ForgottenGrants.KEEP_ASIDE else "计入敞口 counts as exposure"
        )
        print(
            f"恢复后未联系上，可能持有总部已不记得的额度 not heard since the restore, may hold forgotten allowances: "
            f"{done.unknown.pools} 个限额池 pools, {yuan(done.unknown.fen)} 元 {what}, 至 until {beijing_text(done.unknown.until + GRACE)}"
        )
    return 0


def _exposure(options: argparse.Namespace) -> int:
    group = ExposureGroup(options.by)
    with opened(options) as hq:
        total = total_exposure(hq)
        if group is ExposureGroup.DEVICE:
            rows = [(f"{each.device} ({each.epoch})", each.state, each.exposure) for each in exposure_by_device(hq)]
        else:
            rows = [(each.key or "—", each.name or str(each.devices), each.exposure) for each in exposure_by(hq, group)]
    first, second = _HEADS[group]
    print(
        f"{first:22} {second:12} {'应急额度 float':>16} {'还原可重复 re-spendable':>24} {'已不记得 forgotten':>18} {'合计 total':>16}"
    )
    for name, detail, exposure in rows:
        _print_exposure(name, detail, exposure)
    _print_exposure("合计 total", "", total)
    return 0


_HEADS = {
    ExposureGroup.DEVICE: ("设备 device", "状态 state"),
    ExposureGroup.STATION: ("站点 station", "名称 name"),
    ExposureGroup.CATASTROPHE: ("突发事件 catastrophe", "设备数 devices"),
}


def _print_exposure(name: str, detail: str, exposure: Exposure) -> None:
    print(
        f"{name:24} {detail:14} {yuan(exposure.float_fen):>18} {yuan(exposure.respendable_fen):>25} "
        f"{yuan(exposure.forgotten_fen):>18} "
        f"{yuan(exposure.total_fen):>18}"
    )
