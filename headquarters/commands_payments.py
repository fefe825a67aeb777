"""The commands of money: ``holds``, ``decide-hold``, ``prepay``, ``payments-out``, ``payments-in``, ``pay-to``, ``webhooks``.

Promise: each is one call of the function that does the same in process; what a person must know before deciding is printed, both sides of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import PayeeFact
from claims.trusted_time import beijing_text
from headquarters.command_line import Commands, add_command, fen, opened
from headquarters.hold_decisions import NewHoldDecision, decide_hold
from headquarters.hold_evidence import EvidenceSet
from headquarters.holds import Hold, HoldChoice, open_holds
from headquarters.payment_accounts import give_account
from headquarters.payment_batches import NewBatch, make_batch, read_batch
from headquarters.payment_files import PaymentFormat, read_results, write_batch
from headquarters.payment_results import take_results
from headquarters.prepayments import NewPrepayment, prepay
from headquarters.sent_before_restore import decide_sent_batches
from headquarters.webhooks import count_waiting, drop_target, facts, note_trial, retry_now, set_target, webhook_target


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    add_command(commands, "holds", _holds, "list the promises that wait for a person, with both sides' evidence")
    decide = add_command(commands, "decide-hold", _decide_hold, "decide a promise that waits for a person")
    decide.add_argument("voucher", metavar="VOUCHER", help="voucher number (or its hold id, as `holds` prints it)")
    choice = decide.add_mutually_exclusive_group(required=True)
    for value in HoldChoice:
        choice.add_argument(
            f"--{value.value.replace('_', '-')}",
            dest="choice",
            action="store_const",
            const=value,
            help=_MEANINGS[value],
        )
    decide.add_argument("--amount", type=fen, metavar="YUAN", help="settle this part of it only")
    decide.add_argument("--beyond-limit", action="store_true", help="pay also what passes a limit; needs --second")
    decide.add_argument("--second", metavar="NAME", help="the second person who decides with you")
    who(decide)

    ahead = add_command(commands, "prepay", _prepay, "pay ahead on a loss that was calculated but is not final")
    ahead.add_argument("case", metavar="CASE", help="case number")
    for option, meaning in (
        ("--policy", "policy number"),
        ("--liability", "liability id, as the determination names it"),
        ("--payee", "payee's name"),
        ("--bank", "payee's bank"),
        ("--account", "payee's account"),
    ):
        ahead.add_argument(option, required=True, help=meaning)
    ahead.add_argument("--payee-id", help="payee's id number, where known")
    ahead.add_argument("--relation", default="self", help="payee's relation to the insured (default: self)")
    ahead.add_argument("--amount", type=fen, required=True, metavar="YUAN", help="sum to pay ahead")
    ahead.add_argument(
        "--reference", required=True, metavar="NUMBER", help="the order's own number: the same order twice pays once"
    )
    ahead.add_argument(
        "--confirmed-by", metavar="NAME", help="the second person, where headquarters does not bear the calculation out"
    )
    who(ahead)

    out = add_command(commands, "payments-out", _payments_out, "write the instructions for the bank to a file")
    out.add_argument("file", type=Path, metavar="FILE", help="new file")
    out.add_argument("--format", choices=[each.value for each in PaymentFormat], default="csv", help="default: csv")
    out.add_argument("--batch", type=int, metavar="N", help="write batch N again instead of making a new one")
    left = out.add_mutually_exclusive_group()
    left.add_argument(
        "--sent-batches", type=Path, metavar="FOLDER", help="after a restore: payments-sent of the former place"
    )
    left.add_argument(
        "--nothing-left-since-backup",
        action="store_true",
        help="after a restore: no batch left after the backup, for certain",
    )
    out.add_argument("--by", default="", metavar="NAME", help="with these two: who says so")
    out.add_argument("--reason", default="", help="with these two: how it is known")

    back = add_command(commands, "payments-in", _payments_in, "take the bank's results from a file")
    back.add_argument("file", type=Path, metavar="FILE", help="CSV or JSON")

    account = add_command(
        commands, "pay-to", _pay_to, "give another account for a payment that is missing one or came back"
    )
    account.add_argument("subject", metavar="VOUCHER", help="voucher or prepayment number")
    account.add_argument("--bank", required=True, help="payee's bank")
    account.add_argument("--account", required=True, help="payee's account")
    who(account)

    hooks = add_command(
        commands, "webhooks", _webhooks, "list what the core system has not been told yet; name it; try again"
    )
    what = hooks.add_mutually_exclusive_group()
    what.add_argument("--set-url", metavar="URL", help="name the receiver and print a new secret for it")
    what.add_argument("--off", action="store_true", help="tell nobody any more")
    what.add_argument("--retry", action="store_true", help="make everything that waits due at once")
    what.add_argument("--trial", action="store_true", help="put a trial fact into the outbox")
    what.add_argument("--all", action="store_true", help="list delivered facts as well")
    hooks.add_argument("--ca", type=Path, metavar="FILE", help="PEM of your own certificate authority, with --set-url")


def _holds(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        holds = open_holds(hq)
    for hold in holds:
        print_hold(hold)
    print(f"待人工 waiting for a person: {len(holds)}")
    return 0


def print_hold(hold: Hold) -> None:
    """Print a hold with all its evidence."""
    print(f"● {hold.voucher_no} [{hold.hold_id}]  {yuan(hold.amount_fen)} 元  {beijing_text(hold.since)}")
    print(f"  {hold.reason.zh}\n  {hold.reason.en}")
    _print_side("本凭证 this voucher", hold.own)
    for each in hold.others:
        _print_side("另一凭证 the other voucher", each)


def _print_side(title: str, side: EvidenceSet) -> None:
    print(
        f"  {title} {side.voucher_no}: {side.verdict}, {yuan(side.amount_fen)} 元, 付款 payment {side.payment or '—'}"
    )
    print(
        f"    设备 device {side.station}-{side.device} {side.adjuster_name}; 案件 case {side.case_no}; 保单 policy {side.policy_no}"
    )
    if side.payee is not None:
        print(f"    收款人 payee {side.payee.name} ({side.payee.relation}) {side.payee.bank} {side.payee.account}")
    if side.case is not None:
        case = side.case
        print(
            f"    出险人 insured {case.insured.name}, {case.loss_date} {case.loss_place}, {case.claim_type}, {case.catastrophe_id or '—'}"
        )
    print(
        f"    重算 replay {side.replay}{f' ({side.difference})' if side.difference else ''}; 结论 outcome {side.outcome or '—'}"
    )
    for key in side.keys:
        print(f"    {yuan(key.amount_fen)} 元 {key.settlement_key}  ←  {', '.join(key.pools) or '*'}")
    if side.facts:
        print("    事实 facts " + ", ".join(f"{name}={value}" for name, value in sorted(side.facts.items())))
    for document in side.documents:
        print(
            f"    材料 document {document.document_id} {document.material} {document.filename} {'√' if document.held else '未到 not here'} {document.sha256[:12]}"
        )


def _decide_hold(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        decided = decide_hold(
            hq,
            NewHoldDecision(
                voucher=options.voucher,
                choice=options.choice,
                by=options.by,
                reason=options.reason,
                amount_fen=options.amount,
                beyond_limit=options.beyond_limit,
                second=options.second,
            ),
        )
    again = "（此前已决定 decided before）" if decided.again else ""
    print(
        f"{decided.voucher_no}: {decided.choice}{again}, 结算 settled {yuan(decided.settled_fen)} 元, "
        f"超限 beyond limits {yuan(decided.beyond_fen)} 元"
    )
    for each in decided.passed:
        print(f"  {each.zh}\n  {each.en}")
    return 0


def _prepay(options: argparse.Namespace) -> int:
    payee = PayeeFact(
        name=options.payee,
        id_number=options.payee_id,
        relation=options.relation,
        bank=options.bank,
        account=options.account,
    )
    new = NewPrepayment(
        case_no=options.case,
        policy_no=options.policy,
        liability=options.liability,
        amount_fen=options.amount,
        payee=payee,
        by=options.by,
        reason=options.reason,
        reference=options.reference,
        confirmed_by=options.confirmed_by,
    )
    with opened(options) as hq:
        made = prepay(hq, new)
    print(
        f"预付 prepayment {made.prepayment_no} ({options.reference}): {yuan(made.amount_fen)} 元, 第 {made.instalment} 次 instalment {made.instalment}"
    )
    return 0


def _payments_out(options: argparse.Namespace) -> int:
    if options.file.exists():
        raise InputError(
            "file_exists",
            Bilingual(f"文件 {options.file} 已存在。", f"The file {options.file} exists."),
            Bilingual("请换一个文件名，不覆盖已有的文件。", "Choose another name; nothing is overwritten."),
        )
    with opened(options) as hq:
        if options.sent_batches is not None or options.nothing_left_since_backup:
            said = decide_sent_batches(hq, by=options.by, reason=options.reason, folder=options.sent_batches)
            print(f"已记录 noted: {said.decision}, 找回的批次 batches learnt {said.learnt}")
        made = make_batch(hq) if options.batch is None else NewBatch(read_batch(hq, options.batch), ())
    batch = made.batch
    for each in made.left_out:
        print(f"未列入 left out: {each.zh} {each.en}")
    if batch is None:
        print("没有待付款项，未写文件 nothing to pay, no file written")
        return 0
    draft = options.file.with_name(options.file.name + ".new")
    draft.write_bytes(write_batch(batch, PaymentFormat(options.format)))
    draft.chmod(0o600)
    draft.replace(options.file)
    print(
        f"第 {batch.batch_no} 批 batch {batch.batch_no}: {batch.count} 条 instructions, 付款 paid {yuan(batch.paid_fen)} 元, "
        f"撤回 recalled {yuan(batch.recalled_fen)} 元 → {options.file}"
    )
    return 0


def _payments_in(options: argparse.Namespace) -> int:
    read = read_results(_read(options.file))
    with opened(options) as hq:
        taken = take_results(hq, read.lines)
    problems = sorted((*read.problems, *taken.problems), key=lambda each: each.line)
    print(f"新结果 new: {taken.new}, 已知 known: {taken.known}, 问题 problems: {len(problems)}")
    for each in problems:
        print(f"  {each.text.zh}\n  {each.text.en}")
    if not read.complete:
        print("文件没有汇总行，或条数不符：可能不完整 no trailer, or its count differs: the file may be incomplete")
    return 1 if problems else 0


def _pay_to(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        give_account(
            hq, options.subject, bank=options.bank, account=options.account, by=options.by, reason=options.reason
        )
    print(f"{options.subject}: 下一批付往 goes with the next batch to {options.bank} {options.account}")
    return 0


def _webhooks(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        if options.set_url is not None:
            target = set_target(hq, options.set_url, ca_file=options.ca)
            print(f"接收方 receiver: {target.url}\n密钥（只显示一次） secret, shown once: {target.secret}")
            return 0
        if options.off:
            drop_target(hq)
        if options.retry:
            print(f"立即重试 due at once: {retry_now(hq)}")
        if options.trial:
            note_trial(hq)
        current = webhook_target(hq)
        for each in facts(hq, waiting_only=not options.all):
            state = (
                "√" if each.delivered_at else f"第 {each.attempts} 次 attempts, 下次 next {beijing_text(each.due_at)}"
            )
            print(f"{each.fact_id} {each.kind:18} {beijing_text(each.noted_at)} {state} {each.trouble}")
        print(f"接收方 receiver: {current.url if current else '—'}; 待送 waiting: {count_waiting(hq)}")
    return 0


def who(parser: argparse.ArgumentParser) -> None:
    """Every decision bears a name and a reason."""
    parser.add_argument("--by", required=True, metavar="NAME", help="who decides")
    parser.add_argument("--reason", required=True, help="why, as it will be read later")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError(
            "file_unreadable",
            Bilingual(
                f"读不到文件 {path}（{problem.strerror}）。", f"The file {path} can't be read ({problem.strerror})."
            ),
            Bilingual("请核对文件名。", "Check the name."),
        ) from problem


_MEANINGS = {
    HoldChoice.SETTLE: "pay it, within the limits (or a part: --amount)",
    HoldChoice.REFUSE_DUPLICATE: "another voucher that is settled pays the same loss",
    HoldChoice.VOID: "it is no promise: printed by mistake, taken back",
}
