"""The command line of headquarters: ``outpost-hq init|serve|enrol|grant|decide|revoke|publish|recover|sample|exposure|replay|status``.

Promise: every command is one call of the function that does the same in process; money is typed and printed in yuan.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.lifecycle import FinalDecision
from claims.trusted_time import beijing_text
from headquarters import (
    commands_allowances,
    commands_bundles,
    commands_console,
    commands_distribution,
    commands_overpayments,
    commands_payments,
    commands_platform,
    commands_reviews,
)
from headquarters.audit import replay_all
from headquarters.command_line import Command
from headquarters.command_line import add_command as _add
from headquarters.command_line import day as _day
from headquarters.command_line import fen as _fen
from headquarters.command_line import opened as _open
from headquarters.decisions import DECIDED_BY, NewDecision, decide_claim
from headquarters.devices import revoke
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import grant_allowance, grant_authority, grant_float, grant_numbers
from headquarters.installation import Headquarters, Settings
from headquarters.logs import write_lines
from headquarters.number_blocks import KIND_LETTERS
from headquarters.processing import retry_stuck
from headquarters.recovery import write_recovery
from headquarters.releases import ReleaseKind, publish
from headquarters.sample import publish_sample
from headquarters.serving import LOOPBACK, Service
from headquarters.standing import read_standing
from headquarters.system_clock import system_now
from rules.engine import load_pack


def run(arguments: Sequence[str]) -> int:
    """Parse and carry out one command line; return the exit code. Raises ``OutpostError`` for what can't be done."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    return command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="outpost-hq", description="总部服务 · The headquarters of Outpost.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = _add(commands, "init", _init, "make keys, certificates and an empty database in a new folder")
    init.add_argument("--company", default=Settings().company, help="name printed on papers")
    init.add_argument("--hotline", default=Settings().hotline, help="telephone number printed on papers")
    init.add_argument("--database-url", help="SQLAlchemy URL of another database than SQLite in the folder")
    init.add_argument("--files-url", help="s3://bucket/prefix?endpoint=URL: keep attachments there, not in the folder")

    serve = _add(commands, "serve", _serve, "run the service until SIGTERM")
    serve.add_argument("--host", default=LOOPBACK, help="address to listen on (default: loopback only)")
    serve.add_argument("--port", type=int, default=8443, help="port, 0 for any free one (default: 8443)")
    serve.add_argument("--port-file", type=Path, help="write the port number here once clients can connect")

    enrol = _add(commands, "enrol", _enrol, "print a one-time code for a new laptop")
    for option, meaning in (
        ("--station", "station code, such as QX07"),
        ("--station-name", "station name as printed"),
        ("--adjuster", "the adjuster's staff number"),
        ("--adjuster-name", "the adjuster's name"),
        ("--device", "device name, such as D3"),
    ):
        enrol.add_argument(option, required=True, help=meaning)
    enrol.add_argument("--days", type=int, default=7, help="the code is good for so many days (default: 7)")
    enrol.add_argument(
        "--numbers", type=int, default=FirstGrants().numbers, help="numbers of each kind to grant at once"
    )
    enrol.add_argument("--float", type=_fen, default=0, metavar="YUAN", help="emergency float to grant at once")
    enrol.add_argument("--authority", type=_fen, default=0, metavar="YUAN", help="authority ceiling to grant at once")
    enrol.add_argument(
        "--grant-days", type=int, default=FirstGrants().days, help="float and authority last so many days"
    )

    grant = _add(commands, "grant", _grant, "grant an allowance, a float, an authority or numbers to a device")
    grant.add_argument("--device", required=True, help="device name")
    what = grant.add_mutually_exclusive_group(required=True)
    what.add_argument("--pool", help="pool id: grant an allowance of --limit on it")
    what.add_argument("--float", type=_fen, metavar="YUAN", help="grant an emergency float")
    what.add_argument("--authority", type=_fen, metavar="YUAN", help="grant an authority up to this sum a case")
    what.add_argument("--numbers", type=int, metavar="N", help="grant the next N numbers of every kind")
    grant.add_argument("--limit", type=_fen, metavar="YUAN", help="limit of the allowance")
    grant.add_argument(
        "--pool-limit", type=_fen, metavar="YUAN", help="limit of the pool itself, where it is not known yet"
    )
    grant.add_argument("--claim-type", default="*", help="claim type of the authority (default: all)")
    grant.add_argument("--catastrophe", help="the authority holds for this catastrophe only")
    grant.add_argument("--days", type=int, default=30, help="good for so many days (default: 30)")

    _add_decide(commands)

    stop = _add(commands, "revoke", _revoke, "stop a device")
    stop.add_argument("--device", required=True, help="device name")
    stop.add_argument("--write-off", action="store_true", help="the device is lost: its remainders count as spent")
    stop.add_argument("--reason", help="why, as told to the station")

    release = _add(commands, "publish", _publish, "publish a pack, catastrophes or an extract")
    release.add_argument("--kind", required=True, choices=[each.value for each in ReleaseKind], help="what the file is")
    release.add_argument("--file", required=True, type=Path, help="the file")
    release.add_argument("--version", required=True, type=int, help="its version, above every one before")
    release.add_argument("--warn-days", type=int, default=30, help="laptops warn from then on (default: 30)")
    release.add_argument("--expire-days", type=int, default=90, help="no pre-approval from then on (default: 90)")

    sample = _add(commands, "sample", _sample, "publish invented people, policies and a catastrophe with a rule pack")
    sample.add_argument("--pack", required=True, type=Path, help="the built rule pack")
    sample.add_argument("--others", type=int, default=200, help="how many people stand around those of the story")

    recover = _add(commands, "recover", _recover, "write what mends a laptop's lost key file (outpost recover)")
    recover.add_argument("--device", required=True, help="device name")
    recover.add_argument(
        "--out", required=True, type=Path, help="new file; keep it from everybody but the station lead"
    )

    for topic in (
        commands_allowances,
        commands_bundles,
        commands_payments,
        commands_overpayments,
        commands_reviews,
        commands_console,
        commands_distribution,
        commands_platform,
    ):
        topic.add(commands)
    _add(commands, "replay", _replay, "process what is pending or stuck, and replay every determination again")
    _add(commands, "status", _status, "print devices, log positions, verdicts, holds and releases")
    return parser


def _add_decide(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    decide = _add(commands, "decide", _decide, "send a final decision on a claim to the laptop that holds the case")
    decide.add_argument("case", metavar="CASE", help="case number")
    decide.add_argument(
        "--decision", required=True, choices=[each.value for each in FinalDecision], help="what was decided"
    )
    decide.add_argument("--facts", required=True, help="what was found, as it will stand on the notice")
    decide.add_argument("--clause", required=True, help="number and wording of the clause it rests on")
    decide.add_argument("--grounds", required=True, help="why the clause applies")
    decide.add_argument("--policy", help="decide on this policy only (default: every policy of the case)")
    decide.add_argument("--amount", type=_fen, default=0, metavar="YUAN", help="sum to pay")
    decide.add_argument("--refund", type=_fen, default=0, metavar="YUAN", help="premium or cash value that goes back")
    decide.add_argument("--by", default=DECIDED_BY, help=f"who decided (default: {DECIDED_BY})")
    decide.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="day of the decision (default: today)")


def _init(options: argparse.Namespace) -> int:
    settings = Settings(
        company=options.company,
        hotline=options.hotline,
        database_url=options.database_url,
        files_url=options.files_url,
    )
    hq = Headquarters.create(options.dir, system_now, settings)
    print(f"总部已建立 headquarters made: {options.dir}")
    print(f"根证书指纹 root fingerprint (SHA-256): {hq.fingerprint()}")
    hq.close()
    return 0


def _serve(options: argparse.Namespace) -> int:
    write_lines(sys.stderr)
    with _open(options) as hq:
        service = Service(hq, options.host, options.port)

        def ready() -> None:
            print(f"总部服务地址 serving at {service.address}", flush=True)
            if options.port_file is not None:
                draft = options.port_file.with_name(options.port_file.name + ".new")
                draft.write_text(f"{service.port}\n")
                draft.replace(options.port_file)

        service.run(ready)
    print("已停止 stopped", flush=True)
    return 0


def _enrol(options: argparse.Namespace) -> int:
    first = FirstGrants(
        numbers=options.numbers, float_fen=options.float, authority_fen=options.authority, days=options.grant_days
    )
    with _open(options) as hq:
        code = make_enrolment_code(
            hq,
            station=options.station,
            station_name=options.station_name,
            adjuster=options.adjuster,
            adjuster_name=options.adjuster_name,
            device=options.device,
            code_days=options.days,
            first_grants=first,
        )
        until = beijing_text((hq.now() + timedelta(days=options.days)).astimezone(UTC))
    print(f"设备 device: {options.station}-{options.device} · {options.adjuster} {options.adjuster_name}")
    print(f"登记码 enrolment code: {code}")
    print(f"一次有效，{until} 前使用 good once, until {until} (Beijing)")
    return 0


def _grant(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        if options.pool is not None:
            if options.limit is None:
                raise InputError(
                    "limit_missing",
                    Bilingual("没有填写额度。", "No limit was given."),
                    Bilingual("请加上 --limit。", "Add --limit."),
                )
            granted = grant_allowance(
                hq, options.device, options.pool, options.limit, options.days, pool_limit_fen=options.pool_limit
            )
            print(f"额度 allowance {granted}: {yuan(options.limit)} 元，限额池 pool {options.pool}")
        elif options.float is not None:
            granted = grant_float(hq, options.device, options.float, options.days)
            print(f"应急额度 float {granted}: {yuan(options.float)} 元")
        elif options.authority is not None:
            granted = grant_authority(
                hq,
                options.device,
                options.authority,
                options.days,
                claim_type=options.claim_type,
                catastrophe_id=options.catastrophe,
            )
            print(f"权限 authority {granted}: {yuan(options.authority)} 元")
        else:
            grant_numbers(hq, options.device, options.numbers)
            print(f"号段 numbers: {options.numbers} × {', '.join(KIND_LETTERS)}")
    return 0


def _decide(options: argparse.Namespace) -> int:
    new = NewDecision(
        case_no=options.case,
        decision=FinalDecision(options.decision),
        facts=options.facts,
        clause=options.clause,
        grounds=options.grounds,
        policy_no=options.policy,
        amount_fen=options.amount,
        refund_fen=options.refund,
        decided_by=options.by,
        decided_on=options.on,
    )
    with _open(options) as hq:
        said = decide_claim(hq, new)
    print(
        f"决定 decision {said.decision}: 案件 case {said.case_no}, 保单 policy {said.policy_no or '*'}, "
        f"给付 paid {yuan(said.amount_fen)} 元, 退还 refunded {yuan(said.refund_fen)} 元"
    )
    print(f"下次同步时送达设备 reaches device {said.device} ({said.epoch}) at its next sync")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    reason = None if options.reason is None else Bilingual(options.reason, options.reason)
    with _open(options) as hq:
        device = revoke(hq, options.device, reason, write_off=options.write_off)
    print(f"设备 device {device.device} ({device.epoch}): {device.state}")
    return 0


def _publish(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        record = publish(
            hq,
            ReleaseKind(options.kind),
            options.file,
            options.version,
            warn_days=options.warn_days,
            expire_days=options.expire_days,
        )
    print(f"已发布 published: {record.kind} {record.version}, {record.size_bytes} bytes, SHA-256 {record.sha256}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        publish_sample(hq, options.pack, load_pack(options.pack.read_bytes()).version, others=options.others)
        releases = read_standing(hq).releases
    print("已发布 published: " + ", ".join(f"{kind} {version}" for kind, version in sorted(releases.items())))
    return 0


def _recover(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        write_recovery(hq, options.device, options.out)
    print(f"恢复资料已写入 recovery written: {options.out}")
    return 0


def _replay(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        processed = retry_stuck(hq)
        outcome = replay_all(hq)
    print(f"已处理 processed: {processed}")
    for verdict, count in sorted(outcome.verdicts.items()):
        print(f"  {verdict:12} {count}")
    for line in outcome.changed:
        print(f"  变化 changed: {line}")
    return 0 if not outcome.changed else 1


def _status(options: argparse.Namespace) -> int:
    with _open(options) as hq:
        standing = read_standing(hq)
    for device in standing.devices:
        print(
            f"设备 device {device.station}-{device.device} ({device.epoch}) {device.adjuster_name}: {device.state}, "
            f"记录 log to {device.watermark_seq}, 下行 feed {device.feed_length}"
        )
        if device.reason:
            print(f"    {device.reason.zh} {device.reason.en}")
    print(f"记录 events: {', '.join(f'{state} {count}' for state, count in sorted(standing.events.items())) or 0}")
    print(
        f"重算 replays: {', '.join(f'{verdict} {count}' for verdict, count in sorted(standing.replays.items())) or 0}"
    )
    print(
        f"凭证 vouchers: {', '.join(f'{verdict} {count}' for verdict, count in sorted(standing.vouchers.items())) or 0}"
    )
    print(f"已结算 settled: {yuan(standing.settled_fen)} 元 · 附件 attachments {standing.attachments}")
    print(
        f"发布 releases: {', '.join(f'{kind} {version}' for kind, version in sorted(standing.releases.items())) or 0}"
    )
    for hold in standing.holds:
        print(f"待人工 hold {hold.voucher_no} {yuan(hold.amount_fen)} 元: {hold.reason.zh} {hold.reason.en}")
    for stuck in standing.stuck:
        print(f"处理失败 stuck {stuck}")
    return 0
