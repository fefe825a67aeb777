"""理赔申请书: who applies for what after which loss, with declaration and authority, and the privacy consent signed apart.

Promise: who must apply is asked for by law (every death beneficiary, a minor's guardian, else the insured).
Source: notes/domain.md §1.2, §7; PIPL arts 28-31.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claims.document_contents.content import Asked, Written, fields_of, said
from claims.document_contents.dossier import Dossier, id_type_of
from claims.document_contents.people_on_paper import identity_problems, known_payees, payee_row, person_row, rows_alike
from claims.document_types import Entered, Row, RowsForm, problem, row_key
from claims.errors import Bilingual
from claims.form_fields import FactValue, FieldProblem, NeededWhen
from claims.materials import ACCIDENT_CLAIMS, ClaimType
from claims.paper_definitions import PaperId
from claims.papers import Printed

PAPER = PaperId.APPLICATION
APPLICANTS, ACCOUNTS = "applicants", "accounts"
_ILLNESS_CLAIMS = frozenset({ClaimType.ILLNESS_MEDICAL, ClaimType.ILLNESS_DEATH})
_ALWAYS = (
    "insured.id_type",
    "insured.id_expiry",
    "loss.time",
    "loss.cause",
    "case.description",
    "social_insurance.kind",
    "other_cover.any",
    "other_cover.details",
)
_IDENTITY = {key: f"applicant.{key}" for key in ("id_type", "id_number", "id_expiry")}


def why_not(dossier: Dossier) -> Bilingual | None:  # noqa: ARG001 - the shape of every content
    """Return None: whoever reports a loss may apply at once, before any paper is there."""
    return None


def asked(dossier: Dossier) -> Asked:
    """Return what the report does not say yet."""
    known = _known(dossier)
    open_ones = [
        key
        for key in ("case.policy_nos", "policyholder.name", "insured.phone", "insured.id_number")
        if key not in known
    ]
    values: dict[str, FactValue] = {
        "insured.id_type": id_type_of(dossier.case.insured.id_number or "", dossier.today),
        "loss.cause": _likely_cause(dossier.claim_type),
        "case.description": dossier.case.description,
    }
    people = tuple(person_row(each, dossier.today) for each in dossier.applicants()) or ({},)
    return Asked(
        fields=fields_of(PAPER, *open_ones, *_ALWAYS, required=("case.description",)),
        values={key: value for key, value in values.items() if value},
        relations=(NeededWhen("other_cover.details", "other_cover.any", True),),
        rows=(
            RowsForm(
                key=APPLICANTS,
                label=Bilingual("申请人", "Who applies"),
                fields=fields_of(
                    PAPER,
                    "applicant.name",
                    "applicant.relation",
                    "applicant.on_behalf",
                    "applicant.id_type",
                    "applicant.id_number",
                    "applicant.id_expiry",
                    "applicant.phone",
                ),
                rows=people,
                least=1,
            ),
            RowsForm(
                key=ACCOUNTS,
                label=Bilingual("收款账户", "Accounts"),
                fields=fields_of(
                    PAPER,
                    "payee.name",
                    "payee.bank",
                    "payee.account",
                    required=("payee.name", "payee.bank", "payee.account"),
                ),
                rows=tuple(_account(payee_row(each)) for each in known_payees(dossier)),
            ),
        ),
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return who may not apply, and what contradicts the claim."""
    rows = entered.rows.get(APPLICANTS, ())
    found = list(rows_alike(APPLICANTS, "applicant.name", "applicant.id_number", rows))
    for place, row in enumerate(rows):
        keys = {name: row_key(APPLICANTS, place, key) for name, key in _IDENTITY.items()}
        renamed = {keys[name]: row[key] for name, key in _IDENTITY.items() if key in row}
        found.extend(identity_problems(keys, renamed, dossier.today))
        found.extend(_may_not_apply(dossier, place, row))
    insured = {name: f"insured.{name}" for name in _IDENTITY}
    number = entered.text("insured.id_number") or dossier.case.insured.id_number or ""
    found.extend(identity_problems(insured, {**entered.values, "insured.id_number": number}, dossier.today))
    found.extend(_cause_clash(dossier.claim_type, entered.text("loss.cause")))
    return found


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the application."""
    rows: tuple[dict[str, Printed], ...] = tuple(dict(each) for each in entered.rows.get(APPLICANTS, ()))
    accounts: tuple[dict[str, Printed], ...] = tuple(dict(each) for each in entered.rows.get(ACCOUNTS, ()))
    names: list[bool | int | str] = [str(each["applicant.name"]) for each in rows if each.get("applicant.name")]
    values: dict[str, Printed | None] = {**entered.values, **_known(dossier), "applicant.name": names}
    return Written(values=said(values), tables={APPLICANTS: rows, ACCOUNTS: accounts})


def _known(dossier: Dossier) -> dict[str, FactValue]:
    case, insured = dossier.case, dossier.case.insured
    values: dict[str, FactValue] = {
        "case.policy_nos": "、".join(dossier.policy_nos),
        "policyholder.name": "、".join(dossier.policyholders()),
        "insured.name": insured.name,
        "insured.phone": insured.phone or "",
        "insured.id_number": insured.id_number or "",
        "case.loss_date": case.loss_date.isoformat(),
        "case.loss_place": case.loss_place,
        "claim.type": case.claim_type,
    }
    return {key: value for key, value in values.items() if value}


def _likely_cause(claim_type: ClaimType) -> str:
    if claim_type in ACCIDENT_CLAIMS:
        return "accident"
    return "illness" if claim_type in _ILLNESS_CLAIMS or claim_type is ClaimType.CRITICAL_ILLNESS else ""


def _account(row: Row) -> dict[str, FactValue]:
    return {key: row[key] for key in ("payee.name", "payee.bank", "payee.account") if key in row}


def _may_not_apply(dossier: Dossier, place: int, row: Row) -> Iterator[FieldProblem]:
    name, relation = row.get("applicant.name"), row.get("applicant.relation")
    insured = dossier.case.insured
    itself = name == insured.name and (
        not insured.id_number or row.get("applicant.id_number") in (None, insured.id_number)
    )
    key = row_key(APPLICANTS, place, "applicant.name")
    if dossier.death and (itself or relation == "self"):
        yield problem(
            key,
            "insured_died",
            f"被保险人 {insured.name} 已身故，身故保险金由受益人或法定继承人申请。",
            f"The insured {insured.name} has died: beneficiaries or legal heirs apply for the death benefit.",
        )
    elif dossier.minor and (itself or relation == "self"):
        yield problem(
            key,
            "minor_applies",
            f"被保险人 {insured.name} 未满 18 周岁，由监护人申请并签字，请填监护人。",
            f"The insured {insured.name} is under 18: the guardian applies and signs; enter the guardian.",
        )
    elif relation == "self" and not itself:
        yield problem(
            row_key(APPLICANTS, place, "applicant.relation"),
            "relation_clash",
            f"申请人 {name} 不是被保险人 {insured.name}，与被保险人关系不能是“本人”。",
            f"The applicant {name} is not the insured {insured.name}, so the relation can't be self.",
        )


def _cause_clash(claim_type: ClaimType, cause: str) -> Iterator[FieldProblem]:
    if (claim_type in ACCIDENT_CLAIMS and cause == "illness") or (
        claim_type in _ILLNESS_CLAIMS and cause == "accident"
    ):
        yield problem(
            "loss.cause",
            "cause_clash",
            "出险原因与案件的申请项目不一致，请核对；项目报错的，请先在报案里更正。",
            "The cause contradicts what is claimed: check it; if the claim was reported wrongly put the report right first.",
        )
