"""拒付通知书: headquarters' refusal, printed where the claimant is. Its facts, clause and grounds stand as headquarters signed them.

Promise: exists only where a signed decision of headquarters refuses; the field types nothing but how it is delivered.
Source: Insurance Law arts 24, 26; notes/domain.md §2, §7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from claims.document_contents.content import Asked, Written, fields_of, in_capitals, said
from claims.document_contents.delivery import DELIVERY_KEYS, delivery_values, undeliverable
from claims.document_contents.dossier import REFUSING, Dossier
from claims.document_types import Entered
from claims.errors import Bilingual
from claims.form_fields import FieldProblem
from claims.lifecycle import FinalDecision
from claims.paper_definitions import PaperId
from claims.papers import Printed
from claims.statements import ClaimDecided

PAPER = PaperId.REFUSAL_NOTICE
SENT_WITHIN = timedelta(days=3)
"""Insurance Law art. 24, calendar days from the assessment."""
_NO_REFUSAL = Bilingual(
    "总部没有作出拒付决定。拒付只能由总部决定，现场不能拒付。",
    "Headquarters has refused nothing. Only headquarters can refuse; the field never declines.",
)
_KINDS = {
    FinalDecision.DECLINE.value: Bilingual("不予给付", "not paid"),
    FinalDecision.RESCIND.value: Bilingual("解除合同，不予给付", "contract rescinded, not paid"),
}


def why_not(dossier: Dossier) -> Bilingual | None:
    """Return why there is no refusal to deliver."""
    return None if _refused(dossier) else _NO_REFUSAL


def asked(dossier: Dossier) -> Asked:
    """Return who receives it and how."""
    return Asked(
        fields=fields_of(PAPER, "notice.addressee", *DELIVERY_KEYS),
        values={"notice.addressee": dossier.addressee(), "delivery.method": "in_person"},
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:  # noqa: ARG001 - the shape of every content
    """Return a delivery to nowhere."""
    return tuple(undeliverable(entered))


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the notice. Several refused policies stand on one, each part under its policy's number."""
    refused = _refused(dossier)
    decided = list(dict.fromkeys(refused.values()))
    first = min((each.decided_on for each in decided), default=dossier.today)
    values: dict[str, Printed | None] = {
        **entered.values,
        **delivery_values(dossier),
        "case.policy_nos": "、".join(dossier.policy_nos),
        "refusal.policies": "、".join(filter(None, refused)) or "、".join(dossier.policy_nos),
        "refusal.kind": _kinds(decided),
        "refusal.on": "、".join(dict.fromkeys(each.decided_on.isoformat() for each in decided)),
        "refusal.until": (first + SENT_WITHIN).isoformat(),
        "refusal.by": "、".join(dict.fromkeys(each.decided_by for each in decided)),
        "refusal.facts": _each(refused, lambda one: one.facts),
        "refusal.clause": _each(refused, lambda one: one.clause),
        "refusal.grounds": _each(refused, lambda one: one.grounds),
    }
    refunds = tuple(
        said(
            {
                "policy.number": _numbers(refused, each) or "、".join(dossier.policy_nos),
                "refund.amount": each.refund_fen,
                "refund.capitals": in_capitals(each.refund_fen),
            }
        )
        for each in decided
        if each.refund_fen
    )
    return Written(values=said(values), tables={"refunds": refunds})


def _refused(dossier: Dossier) -> dict[str, ClaimDecided]:
    return {policy_no: each for policy_no, each in dossier.finals.items() if each.decision in REFUSING}


def _kinds(decided: Sequence[ClaimDecided]) -> Bilingual:
    kinds = [_KINDS[each] for each in dict.fromkeys(one.decision for one in decided)]
    return Bilingual("；".join(each.zh for each in kinds), "; ".join(each.en for each in kinds))


def _numbers(refused: dict[str, ClaimDecided], decided: ClaimDecided) -> str:
    return "、".join(policy_no for policy_no, each in refused.items() if each is decided and policy_no)


def _each(refused: dict[str, ClaimDecided], text: Callable[[ClaimDecided], str]) -> str:
    """Return one text of every refusal, under its policies' numbers where there are several."""
    decided = list({id(each): each for each in refused.values()}.values())
    if len(decided) == 1:
        return text(decided[0])
    return "\n".join(f"保单 {_numbers(refused, each)}：{text(each)}" for each in decided)
