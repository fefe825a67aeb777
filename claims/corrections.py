"""Use case: a field of a case is corrected, and what headquarters said of corrections, links and payments.

Promise: a correction is a new event that names the value it replaces, so that headquarters can tell a change after another from a change beside it;
what was entered first stays in the log. Policy data, the insured's identity and the day of loss are not corrected here.

Source: design.md "Conflicts"; docs/adr/0158.
"""

from __future__ import annotations

from collections.abc import Sequence

from claims.correctable_fields import FIELD_NAMES, CaseField, trouble_with
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import CaseCorrected
from claims.records import CaseRecord, FieldChangeRecord, FieldReviewRecord
from claims.statements import CasesLinked, PaymentReported


def correct_case(ports: DeskPorts, case_no: str, field: str, value: str, reason: str) -> CaseRecord:
    """Change a field of a case; return the case as it reads now.

    Args:
        field: a ``CaseField``; the others are headquarters' or belong to what was decided.

    Raises:
        InputError: ``field_not_correctable``, ``value_refused``, ``reason_missing``, ``nothing_changed``, ``field_in_review``,
            ``case_withdrawn``, ``number_unknown``.
        EnvironmentProblem: the store could not commit; nothing was changed.
    """
    known = _field(field)
    value = value.strip()
    trouble = trouble_with(known, value)
    if trouble is not None:
        raise InputError("value_refused", trouble, _NEXT)
    if not reason.strip():
        raise InputError(
            "reason_missing",
            Bilingual("没有写明更正的理由。", "Why it is corrected is missing."),
            Bilingual("请写一句理由，总部核对时会看到。", "Write one sentence: headquarters will read it."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        base = current_value(uow.case(case_no), known)
        if value == base:
            raise InputError(
                "nothing_changed",
                Bilingual(
                    f"{FIELD_NAMES[known].zh}已经是“{value[:60]}”。",
                    f'The {FIELD_NAMES[known].en} is "{value[:60]}" already.',
                ),
                _NEXT,
            )
        if any(each.field == known and each.value is None for each in uow.reviews(case_no)):
            raise InputError(
                "field_in_review",
                Bilingual(
                    f"{FIELD_NAMES[known].zh}正由总部复核，几个值都已保留。",
                    f"The {FIELD_NAMES[known].en} is under review at headquarters; every value is kept.",
                ),
                Bilingual(
                    "请把正确的值告诉总部，等复核结果。", "Tell headquarters which is right and wait for its word."
                ),
            )
        uow.append(
            CaseCorrected(at=at.at, case_no=case_no, field=known.value, base=base, value=value, reason=reason.strip())
        )
        return uow.case(case_no)


def current_value(case: CaseRecord, field: CaseField) -> str:
    """Return a field's value as the case reads now; nothing entered is empty."""
    match field:
        case CaseField.INSURED_PHONE:
            return case.insured.phone or ""
        case CaseField.REPORTER_NAME:
            return case.reporter.name
        case CaseField.REPORTER_PHONE:
            return case.reporter.phone or ""
        case CaseField.LOSS_PLACE:
            return case.loss_place
        case CaseField.DESCRIPTION:
            return case.description


def corrections(ports: DeskPorts, case_no: str) -> Sequence[FieldChangeRecord]:
    """Return every change of a case's fields, in order."""
    with ports.store.read() as reads:
        reads.case(case_no)
        return reads.corrections(case_no)


def reviews(ports: DeskPorts, case_no: str) -> Sequence[FieldReviewRecord]:
    """Return the fields that were changed in two places."""
    with ports.store.read() as reads:
        reads.case(case_no)
        return reads.reviews(case_no)


def links(ports: DeskPorts, case_no: str) -> Sequence[CasesLinked]:
    """Return the cases elsewhere that are about the same loss."""
    with ports.store.read() as reads:
        reads.case(case_no)
        return reads.links(case_no)


def payments(ports: DeskPorts, case_no: str) -> Sequence[PaymentReported]:
    """Return what the bank said of a case's vouchers and prepayments."""
    with ports.store.read() as reads:
        reads.case(case_no)
        return reads.payments(case_no)


def withdrawn(ports: DeskPorts, case_no: str) -> Bilingual | None:
    """Return why headquarters closed the case for good."""
    with ports.store.read() as reads:
        reads.case(case_no)
        return reads.withdrawn(case_no)


def _field(field: str) -> CaseField:
    try:
        return CaseField(field)
    except ValueError:
        named = "、".join(each.zh for each in FIELD_NAMES.values())
        named_en = ", ".join(each.en for each in FIELD_NAMES.values())
        raise InputError(
            "field_not_correctable",
            Bilingual(
                f"“{field[:40]}”不能在这里更正；可以更正：{named}。",
                f'"{field[:40]}" can\'t be corrected here; these can: {named_en}.',
            ),
            Bilingual(
                "保单资料由总部更正；出险人或日期有误请另立新案。",
                "Policy data are headquarters'; for another person or day open another case.",
            ),
        ) from None


_NEXT = Bilingual("请改正后重试。", "Change it and try again.")
