"""Use case T1: the promise. Number, allowance debits and the signed voucher bytes become durable in one transaction.

Promise: nothing is promised that was not decided by the installed pack, signed by claimant and adjuster, and covered, all
checked again here inside the transaction; only after it may paper leave the printer. One voucher per payee.

Source: design.md "One claim, one direction" (4, 5), "Vouchers"; notes/domain.md §7.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

import msgspec

from claims.adjudication import find_policy, no_pack, prepaid_times, promised_amounts, weigh_decision
from claims.allowances import Spend
from claims.case_papers import loss_link
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, EnvironmentProblem, InputError
from claims.events import GrantDebit, Outcome, PayeeFact, SlipIssued, VoucherIssued
from claims.number_blocks import take_number
from claims.numbering import NextNumber
from claims.paper_filling import filled_slip
from claims.policies_together import check_beside_others
from claims.ports import UnitOfWork
from claims.records import DeterminationRecord, PaperRecord
from claims.settlement import PayeeAmounts
from claims.signing import Role, newest_determination, signature_of
from claims.trusted_time import TrustedTime
from claims.waivers import find_catastrophe
from rules.engine import decode_facts, read_decision
from rules.engine.model import Determination
from trust.vouchers import VoucherClaims, seal_voucher

_LONGEST_NAME = 120
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Control characters, direction marks, halves of characters, and what every font shows differently."""


def promise(ports: DeskPorts, case_no: str, policy_no: str, payees: Sequence[PayeeFact]) -> tuple[PaperRecord, ...]:
    """Issue one voucher a payee for the newest determination of a policy (T1).

    Raises:
        NotPreApprovedError: ``not_pre_approved`` with every reason.
        InputError: ``unsigned``, ``rules_changed``, ``policies_changed``, ``nothing_to_sign``, ``payees_mismatch``,
            ``payee_name``.
        NoVoucherNumberError: ``numbers_exhausted``; nothing was promised.
        EnvironmentProblem: the store could not commit; nothing was promised.
    """
    at = ports.time()
    installed = ports.rulebook.installed_pack()
    if installed is None:
        raise no_pack()
    policy = find_policy(ports, policy_no)
    issued: list[str] = []
    with ports.store.write() as uow:
        case = uow.case(case_no)
        record = newest_determination(uow, case_no, policy_no)
        if record.pack_hash != installed.pack.hash:
            raise _rules_changed(case_no)
        waits = check_beside_others(uow, installed.pack, case, record, ports.extract.policy)
        decision = read_decision(record.decision)
        catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
        prepaid = prepaid_times(uow, policy_no)
        promises = (
            promised_amounts(decision, case, policy, payees, prepaid) if isinstance(decision, Determination) else ()
        )
        verdict = weigh_decision(
            ports,
            uow,
            case,
            decision,
            facts=decode_facts(installed.pack, record.facts),
            installed=installed,
            policy=policy,
            catastrophe=catastrophe,
            at=at,
            promises=promises,
            waits=waits,
        )
        if verdict.weighing.outcome is not Outcome.PRE_APPROVED or not isinstance(verdict.coverage, Spend):
            raise _not_pre_approved(case_no, verdict.weighing.reasons)
        _require_signatures(uow, record)
        _check_names(promises)
        authority = verdict.authority.authority
        authority_id = "" if authority is None else authority.authority_id
        for payee in promises:
            keys = {key.settlement_key for key in payee.keys}
            debits = tuple(debit for debit in verdict.coverage.debits if debit.settlement_key in keys)
            issued.append(_issue(ports, uow, record, payee, debits=debits, authority_id=authority_id, at=at))
    ports.probe("after_t1")
    with ports.store.read() as reads:
        return tuple(reads.paper(number) for number in issued)


class NotPreApprovedError(InputError):
    """A promise that may not be made now. ``reasons`` are the sentences one by one, for the slip that is given instead."""

    def __init__(self, cause: Bilingual, next_step: Bilingual, reasons: Sequence[Bilingual]) -> None:
        super().__init__("not_pre_approved", cause, next_step)
        self.reasons = tuple(reasons)


class NoVoucherNumberError(EnvironmentProblem):
    """There is no voucher number left (``numbers_exhausted``). ``reason`` is the sentence for the slip that is given instead."""

    def __init__(self, problem: EnvironmentProblem) -> None:
        super().__init__(problem.code, problem.cause, problem.next_step, retryable=problem.retryable)
        self.reason = Bilingual(
            "已预核通过；本机凭证编号已用完，领到新号段后补发给付凭证。",
            "Pre-approved; this laptop has no voucher number left and issues the voucher once it has received a new block.",
        )


def give_slip(ports: DeskPorts, case_no: str, because: Sequence[Bilingual] = ()) -> PaperRecord:
    """Give a case its acceptance slip (T1): what was handed in until now is listed, nothing is promised.

    Args:
        because: why a voucher could not be issued just now; printed beside the reasons of the determinations.

    Raises:
        EnvironmentProblem: ``numbers_exhausted``.
    """
    at = ports.time()
    with ports.store.write() as uow:
        uow.case(case_no)
        records = uow.determinations(case_no)
        referred = any(each.outcome is Outcome.REFERRED for each in records)
        recorded = (reason for each in records for reason in each.outcome_reasons)
        reasons = tuple(dict.fromkeys((*recorded, *because)))
        number = take_number(uow, "slip", at.at).text
        uow.append(
            SlipIssued(
                at=at.at,
                case_no=case_no,
                slip_no=number,
                outcome=Outcome.REFERRED if referred else Outcome.RECEIPT_ONLY,
                reasons=reasons,
                content=msgspec.Raw(msgspec.json.encode(filled_slip(ports, uow, case_no, number, reasons, at=at))),
            )
        )
    ports.probe("after_slip")
    with ports.store.read() as reads:
        return reads.paper(number)


def _issue(
    ports: DeskPorts,
    uow: UnitOfWork,
    record: DeterminationRecord,
    promised: PayeeAmounts,
    *,
    debits: tuple[GrantDebit, ...],
    authority_id: str,
    at: TrustedTime,
) -> str:
    number = _voucher_number(uow, at)
    claims = VoucherClaims(
        voucher_no=number.text,
        case_no=record.case_no,
        policy_no=record.policy_no,
        payee=promised.payee.name,
        amount_fen=promised.amount_fen,
        issued_at=int(at.at.timestamp()),
        station=ports.identity.station,
        adjuster=ports.identity.adjuster,
        pack_hash=record.pack_hash,
        decision_sha256=record.decision_sha256,
        grants=tuple(dict.fromkeys(debit.grant_id for debit in debits)),
        counter=number.serial,
    )
    uow.append(
        VoucherIssued(
            at=at.at,
            case_no=record.case_no,
            policy_no=record.policy_no,
            voucher_no=number.text,
            payee=promised.payee,
            amount_fen=promised.amount_fen,
            keys=promised.keys,
            debits=debits,
            pack_hash=record.pack_hash,
            decision_sha256=record.decision_sha256,
            authority_id=authority_id,
            cose=seal_voucher(ports.signer, ports.identity.device_certificate, claims),
        )
    )
    return number.text


def _check_names(promises: Sequence[PayeeAmounts]) -> None:
    """Refuse a name that can't be signed, or that shows otherwise than it reads."""
    for each in promises:
        name = each.payee.name
        if not name.strip() or len(name) > _LONGEST_NAME or any(category(one) in _UNSEEN for one in name):
            seen = "".join(one for one in name if category(one) not in _UNSEEN)[:30]
            raise InputError(
                "payee_name",
                Bilingual(
                    f"领款人姓名“{seen}”不能上凭证：不能为空，最多 {_LONGEST_NAME} 个字，不能含看不见的字符。",
                    f"The payee's name \"{seen}\" can't stand on a voucher: not empty, {_LONGEST_NAME} characters at most, none of them invisible.",
                ),
                Bilingual("请照证件重新录入领款人姓名。", "Enter the payee's name again from the identity document."),
            )


def _voucher_number(uow: UnitOfWork, at: TrustedTime) -> NextNumber:
    try:
        return take_number(uow, "voucher", at.at)
    except EnvironmentProblem as problem:
        if problem.code != "numbers_exhausted":
            raise
        raise NoVoucherNumberError(problem) from problem


def _require_signatures(uow: UnitOfWork, record: DeterminationRecord) -> None:
    signatures = uow.signatures(record.case_no)
    for role, zh, en in (
        (Role.CLAIMANT, "申请人", "the claimant"),
        (Role.ADJUSTER, "经办人", "the adjuster"),
    ):
        if signature_of(signatures, record, role) is None:
            raise InputError(
                "unsigned",
                Bilingual(
                    f"{zh}还没有在这份理算结果上签字（或已拒签）。",
                    f"This result was not signed by {en} (or signing was refused).",
                ),
                Bilingual(
                    "请在“签字”一步签好；拒签时改出资料签收单。",
                    "Sign in the Sign step; when signing is refused give an acceptance slip instead.",
                ),
            )


def _not_pre_approved(case_no: str, reasons: Sequence[Bilingual]) -> NotPreApprovedError:
    return NotPreApprovedError(
        Bilingual(
            f"案件 {case_no} 不能预核：{''.join(reason.zh for reason in reasons)}",
            f"Case {case_no} cannot be pre-approved: {' '.join(reason.en for reason in reasons)}",
        ),
        Bilingual(
            "请出具资料签收单，案件同步后由总部核定。",
            "Give an acceptance slip; headquarters decides after the next sync.",
        ),
        reasons,
    )


def _rules_changed(case_no: str) -> InputError:
    return InputError(
        "rules_changed",
        Bilingual(
            f"案件 {case_no} 理算之后，规则包已更新。",
            f"The rule pack was updated after case {case_no} was calculated.",
        ),
        Bilingual(
            "请按新规则重新理算并重新签字，已录入的内容都在。",
            "Calculate and sign again by the new rules; everything entered is kept.",
        ),
    )
