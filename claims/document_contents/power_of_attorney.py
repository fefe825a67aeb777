"""授权委托书: who acts for whom, for what and how long. The payee stays the principal; the paper says so and nothing typed changes it.

Source: notes/domain.md §1.2 (agent filing: power of attorney and both IDs), §7.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from claims.document_contents.content import Asked, Written, fields_of, in_both, said
from claims.document_contents.dossier import Dossier, id_type_of
from claims.document_contents.people_on_paper import identity_problems
from claims.document_types import Entered, problem
from claims.errors import Bilingual
from claims.form_fields import DateOrder, FactValue, FieldProblem
from claims.identity import normalised_id
from claims.paper_definitions import PaperId

PAPER = PaperId.POWER_OF_ATTORNEY
USUAL_PERIOD = timedelta(days=90)
"""Long enough for the thirty days of assessment and a supplement; the principal may choose another end."""
_SCOPE = Bilingual(
    "1. 提交理赔申请和补充材料；\n2. 代为接受询问、说明情况；\n3. 代收理赔文书并签收；\n4. 取回交存的材料原件。",
    "1. Hand in the claim and further papers;\n2. answer questions about it;\n3. receive and sign for notices;\n4. take back original papers.",
)
_KEYS = (
    "principal.name",
    "principal.relation",
    "principal.id_type",
    "principal.id_number",
    "principal.phone",
    "agent.name",
    "agent.relation",
    "agent.id_type",
    "agent.id_number",
    "agent.phone",
    "authority.scope",
    "authority.from",
    "authority.to",
)


def why_not(dossier: Dossier) -> Bilingual | None:  # noqa: ARG001 - the shape of every content
    """Return None: anybody who applies may appoint an agent at any time."""
    return None


def asked(dossier: Dossier) -> Asked:
    """Return both persons, the scope and the period; the reporter is proposed as the agent of who applies."""
    today = dossier.today
    principal = next(iter(dossier.applicants()), None)
    reporter = dossier.case.reporter
    values: dict[str, FactValue] = {
        "authority.scope": _SCOPE.zh,
        "authority.from": today.isoformat(),
        "authority.to": (today + USUAL_PERIOD).isoformat(),
    }
    if principal is not None:
        values |= {
            "principal.name": principal.name,
            "principal.relation": principal.relation,
            "principal.id_type": id_type_of(principal.id_number, today),
            "principal.id_number": principal.id_number,
            "principal.phone": principal.phone,
        }
    if principal is None or reporter.name != principal.name:
        values |= {
            "agent.name": reporter.name,
            "agent.id_type": id_type_of(reporter.id_number or "", today),
            "agent.id_number": reporter.id_number or "",
            "agent.phone": reporter.phone or "",
        }
    return Asked(
        fields=fields_of(PAPER, *_KEYS),
        values={key: value for key, value in values.items() if value},
        relations=(DateOrder("authority.from", "authority.to"),),
    )


def problems(dossier: Dossier, entered: Entered) -> Sequence[FieldProblem]:
    """Return a number that does not fit its document, and a principal who would be the own agent."""
    found: list[FieldProblem] = []
    for who in ("principal", "agent"):
        keys = {key: f"{who}.{key}" for key in ("id_type", "id_number")}
        found.extend(identity_problems(keys, entered.values, dossier.today))
    numbers = [normalised_id(entered.text(f"{who}.id_number")) for who in ("principal", "agent")]
    if numbers[0] and numbers[0] == numbers[1]:
        found.append(
            problem(
                "agent.id_number",
                "own_agent",
                "受托人与委托人的证件号码相同，应为两个人。",
                "Agent and principal have the same ID number; they must be two persons.",
            )
        )
    if dossier.minor and entered.text("principal.relation") == "self":
        found.append(
            problem(
                "principal.relation",
                "minor_applies",
                f"被保险人 {dossier.case.insured.name} 未满 18 周岁，由监护人委托，请填监护人。",
                f"The insured {dossier.case.insured.name} is under 18: the guardian appoints the agent; enter the guardian.",
            )
        )
    return found


def written(dossier: Dossier, entered: Entered) -> Written:
    """Return the power of attorney."""
    scope = in_both(entered.values.get("authority.scope"), _SCOPE)
    return Written(values=said({**entered.values, **_known(dossier), "authority.scope": scope}))


def _known(dossier: Dossier) -> dict[str, FactValue]:
    return {"case.policy_nos": "、".join(dossier.policy_nos)} if dossier.policy_nos else {}
