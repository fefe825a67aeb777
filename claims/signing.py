"""Use case: a person signs, or refuses to sign, exactly these bytes.

Promise: what was signed is a hash; a later change of the decision makes the old signature worthless by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import PaperSigned
from claims.policies_together import check_beside_others
from claims.ports import Reads, UnitOfWork
from claims.records import DeterminationRecord

Ink = tuple[tuple[tuple[int, int], ...], ...]


class Role(StrEnum):
    """In which capacity somebody signs."""

    CLAIMANT = "claimant"
    ADJUSTER = "adjuster"
    WITNESS = "witness"
    CONSENT = "consent"
    """The claimant, under the privacy consent: a signature of its own."""
    AGENT = "agent"
    INVESTIGATOR = "investigator"
    SECOND_INVESTIGATOR = "second_investigator"
    INTERVIEWEE = "interviewee"
    REVIEWER = "reviewer"


def sign_determination(
    ports: DeskPorts,
    case_no: str,
    policy_no: str,
    *,
    role: Role,
    name: str,
    ink: Ink = (),
    refused: bool = False,
    note: str = "",
) -> None:
    """Record a signature (vector strokes) under the newest determination of a policy, or its refusal.

    Args:
        note: why it was refused or why there is no ink, and what was consented to.

    Raises:
        InputError: ``nothing_to_sign`` when no determination was made yet, ``no_name`` for an empty name, ``policies_changed`` when
            another policy of the case was decided since; a refusal may always be recorded.
    """
    if not name.strip():
        raise InputError(
            "no_name",
            Bilingual("没有填写签字人姓名。", "The name of the person who signs is missing."),
            Bilingual("请填写姓名后再签。", "Enter the name, then sign."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        record = newest_determination(uow, case_no, policy_no)
        if not refused:
            _check_current(ports, uow, record)
        uow.append(
            PaperSigned(
                at=at.at,
                case_no=case_no,
                subject=f"determination:{policy_no}",
                content_sha256=hashlib.sha256(record.decision).hexdigest(),
                role=role.value,
                name=name.strip(),
                refused=refused,
                strokes=ink,
                note=note.strip(),
            )
        )


def _check_current(ports: DeskPorts, uow: UnitOfWork, record: DeterminationRecord) -> None:
    installed = ports.rulebook.installed_pack()
    # By other rules nothing can be compared; the promise asks for a new calculation then (``rules_changed``).
    if installed is not None and installed.pack.hash == record.pack_hash:
        check_beside_others(uow, installed.pack, uow.case(record.case_no), record, ports.extract.policy)


def newest_determination(reads: Reads, case_no: str, policy_no: str) -> DeterminationRecord:
    """Return the newest determination of a policy. Raises ``InputError`` (``nothing_to_sign``)."""
    for record in reads.determinations(case_no):
        if record.policy_no == policy_no:
            return record
    raise InputError(
        "nothing_to_sign",
        Bilingual(
            f"案件 {case_no} 的保单 {policy_no} 还没有理算。",
            f"Policy {policy_no} of case {case_no} was not calculated yet.",
        ),
        Bilingual("请先完成“给付”一步。", "Finish the Benefit step first."),
    )


def signature_of(
    signatures: Sequence[PaperSigned], record: DeterminationRecord, role: Role, name: str | None = None
) -> PaperSigned | None:
    """Return the signature that this role gave to this very determination, None when it did not (or refused).

    Args:
        name: whose signature is wanted where several signed in one role (each beneficiary); where one person signed for
            everybody (a guardian), theirs; nobody's ink ever stands for another who signed.
    """
    ours = [each for each in signatures if each.role == role.value and each.content_sha256 == record.decision_sha256]
    if not ours or ours[-1].refused:
        return None
    own = [each for each in ours if each.name == name and not each.refused]
    if own:
        return own[-1]
    return None if name is not None and len({each.name for each in ours}) > 1 else ours[-1]
