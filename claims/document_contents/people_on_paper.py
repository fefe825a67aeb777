"""People as documents name them: what is proposed for each, and what is wrong with what was typed of them.

Promise: an identity number is checked by the document that it is said to be on; nobody stands twice on one paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from claims.contacts import mask_account
from claims.document_contents.dossier import Dossier, Person, id_type_of
from claims.document_types import Row, problem, row_key
from claims.errors import Bilingual, InputError
from claims.events import PayeeFact
from claims.field_catalogue import field_of
from claims.form_fields import Choice, FactValue, FieldProblem, FieldSpec
from claims.identity import IdType, normalised_id, read_id
from claims.paper_definitions import PaperId, paper_definition

LONG_TERM = "长期"


def person_row(person: Person, today: date) -> dict[str, FactValue]:
    """Return what is known of a person who applies, as a row of the applicants' table."""
    row: dict[str, FactValue] = {
        "applicant.name": person.name,
        "applicant.relation": person.relation,
        "applicant.on_behalf": person.on_behalf,
        "applicant.id_type": id_type_of(person.id_number, today),
        "applicant.id_number": person.id_number,
        "applicant.phone": person.phone,
    }
    return {key: value for key, value in row.items() if value}


def identity_problems(key_of: Mapping[str, str], values: Row, today: date) -> Iterator[FieldProblem]:
    """Yield what is wrong with a typed identity document: its number by its kind, its last day by the calendar.

    Args:
        key_of: how ``id_type``, ``id_number`` and ``id_expiry`` are called in the values and in the problems: name to (key).
    """
    kind, number = values.get(key_of["id_type"]), values.get(key_of["id_number"])
    if isinstance(kind, str) and isinstance(number, str) and kind and number:
        try:
            read_id(IdType(kind), number, today)
        except InputError as error:
            yield problem(key_of["id_number"], error.code, error.sentence("zh"), error.sentence("en"))
    expiry = values.get(key_of.get("id_expiry", ""))
    if isinstance(expiry, str) and expiry and expiry != LONG_TERM:
        try:
            date.fromisoformat(expiry)
        except ValueError:
            yield problem(
                key_of["id_expiry"],
                "date_impossible",
                f"证件有效期至：没有 {expiry} 这一天，请对照证件。",
                f"Valid until: there is no {expiry}; look at the document again.",
            )


def rows_alike(table: str, name: str, number: str, rows: Sequence[Row]) -> Iterator[FieldProblem]:
    """Yield a problem for everybody who stands in a table twice."""
    seen: dict[tuple[object, str], int] = {}
    for place, row in enumerate(rows):
        said = row.get(number)
        key = (row.get(name), normalised_id(said) if isinstance(said, str) else "")
        if key in seen:
            yield problem(
                row_key(table, place, name),
                "twice",
                f"第 {place + 1} 行与第 {seen[key] + 1} 行是同一人：{row.get(name)}。请删除一行，同名的请填证件号码。",
                f"Row {place + 1} is the same person as row {seen[key] + 1}: {row.get(name)}. Remove one, or enter the ID numbers of namesakes.",
            )
        seen.setdefault(key, place)


def relation_words(relation: str) -> Bilingual:
    """Return a payee's relation as printed; one that was typed in stays as typed."""
    field = field_of(paper_definition(PaperId.DECISION_NOTICE), "payee.relation")
    return choice_words(field, relation)


def choice_words(field: FieldSpec, value: str) -> Bilingual:
    """Return the label of a choice, the value itself for one that is not among them."""
    found: Choice | None = next((each for each in field.choices if each.value == value), None)
    return Bilingual(value, value) if found is None else found.label


def account_shown(payee: PayeeFact) -> str:
    """Return a payee's account as a notice shows it: four digits at each end."""
    return f"{payee.bank} {mask_account(payee.account)}".strip()


def payee_row(payee: PayeeFact) -> dict[str, FactValue]:
    """Return a payee as typed fields."""
    row: dict[str, FactValue] = {
        "payee.name": payee.name,
        "payee.relation": payee.relation,
        "payee.id_number": payee.id_number or "",
        "payee.bank": payee.bank,
        "payee.account": payee.account,
    }
    return {key: value for key, value in row.items() if value}


def known_payees(dossier: Dossier) -> tuple[PayeeFact, ...]:
    """Return who is paid by the case's standing vouchers, each once, with the account they gave."""
    found: dict[tuple[str, str | None], PayeeFact] = {}
    for policy_no in dossier.policy_nos:
        for each in dossier.vouchers(policy_no):
            if each.payee is not None:
                found.setdefault((each.payee.name, each.payee.id_number), each.payee)
    return tuple(found.values())
