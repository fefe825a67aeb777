"""The commands of cases that change: ``reviews``, ``decide-review``, ``correct-case``, ``withdraw-case``, ``links``.

Promise: each is one call of the function that does the same in process.
"""

from __future__ import annotations

import argparse

from claims.correctable_fields import CaseField, field_name
from claims.trusted_time import beijing_text
from headquarters.case_links import links
from headquarters.command_line import Commands, add_command, opened
from headquarters.commands_payments import who
from headquarters.reviews import correct_case, decide_review, reviews, withdraw_case


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    listed = add_command(commands, "reviews", _reviews, "list fields of cases that were changed in two places")
    listed.add_argument("--all", action="store_true", help="decided ones as well")
    decide = add_command(commands, "decide-review", _decide_review, "decide which value of a field holds")
    decide.add_argument("review", metavar="REVIEW", help="review id, as `reviews` prints it")
    decide.add_argument("--value", required=True, help="one of its values, or another one")
    who(decide)
    correct = add_command(commands, "correct-case", _correct_case, "change a field of a case and tell the station")
    correct.add_argument("case", metavar="CASE", help="case number")
    correct.add_argument("--field", required=True, choices=[each.value for each in CaseField], help="which field")
    correct.add_argument("--value", required=True, help="its new value")
    correct.add_argument("--base", help="the value you saw; refused if it has changed since")
    who(correct)
    withdraw = add_command(commands, "withdraw-case", _withdraw_case, "close a case for good; nothing is deleted")
    withdraw.add_argument("case", metavar="CASE", help="case number")
    who(withdraw)
    linked = add_command(commands, "links", _links, "list cases that are about one loss")
    linked.add_argument("--case", help="of this case only")


def _reviews(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        found = reviews(hq, open_only=not options.all)
    for each in found:
        state = "待定 open" if each.value is None else f"{each.decided_by}: {each.value}"
        print(f"{each.review_id} {field_name(each.field).zh} {each.field} {beijing_text(each.opened_at)} {state}")
        for value in each.values:
            print(f"  「{value}」")
    print(f"复核 reviews: {len(found)}")
    return 0


def _decide_review(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        decided = decide_review(hq, options.review, options.value, by=options.by, reason=options.reason)
    print(f"{decided.review_id}: {field_name(decided.field).zh} {decided.field} = {decided.value}")
    return 0


def _correct_case(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        correct_case(
            hq, options.case, options.field, options.value, by=options.by, reason=options.reason, base=options.base
        )
    print(f"{options.case}: {field_name(options.field).zh} {options.field} = {options.value}")
    return 0


def _withdraw_case(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        withdraw_case(hq, options.case, by=options.by, reason=options.reason)
    print(f"{options.case}: 已销案 withdrawn")
    return 0


def _links(options: argparse.Namespace) -> int:
    with opened(options) as hq:
        found = links(hq, options.case)
    for each in found:
        print(f"{each.case_no} ↔ {each.other_case_no} ({each.other_station}) {each.reason.zh} {each.reason.en}")
    print(f"关联 links: {len(found) // 2 if options.case is None else len(found)}")
    return 0
