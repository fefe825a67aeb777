"""The commands of money above what is due: ``overpayments``, ``decide-overpayment``.

Promise: each is one call of the function that does the same in process.
"""

from __future__ import annotations

import argparse

from claims.amounts import yuan
from claims.trusted_time import beijing_text
from headquarters.command_line import Commands, add_command, opened
from headquarters.commands_payments import who
from headquarters.models_money_risks import Overpayment, OverpaymentDecision
from headquarters.overpayments import decide_overpayment, overpayments

_MEANINGS = {
    OverpaymentDecision.RECOVERED: "the money is back",
    OverpaymentDecision.WAIVED: "it stays with the payee",
    OverpaymentDecision.NOT_OVERPAID: "it was due: the newest word is wrong",
}


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    listed = add_command(commands, "overpayments", _overpayments, "list what was paid above what is due")
    listed.add_argument("--all", action="store_true", help="decided ones as well")
    decide = add_command(commands, "decide-overpayment", _decide, "decide what becomes of money paid above what is due")
    decide.add_argument("overpayment", metavar="ID", help="as `overpayments` prints it")
    choice = decide.add_mutually_exclusive_group(required=True)
    for value, meaning in _MEANINGS.items():
        choice.add_argument(
            f"--{value.value.replace('_', '-')}", dest="choice", action="store_const", const=value, help=meaning
        )
    who(decide)


def _overpayments(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        found = overpayments(hq, open_only=not options.all)
    for each in found:
        _print(each)
    print(f"多付 overpayments: {len(found)}, 合计 sum {yuan(sum(each.over_fen for each in found))} 元")
    return 0


def _decide(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        _print(decide_overpayment(hq, options.overpayment, options.choice, by=options.by, reason=options.reason))
    return 0


def _print(each: Overpayment) -> None:
    state = "待定 open" if each.decision is None else f"{each.decision}, {each.decided_by}: {each.reason}"
    print(
        f"{each.overpayment_id} {each.cause} {each.subject} {beijing_text(each.opened_at)}: 已付 paid {yuan(each.paid_fen)}, "
        f"应付 due {yuan(each.due_fen)}, 多付 above {yuan(each.over_fen)} 元, {state}"
    )
