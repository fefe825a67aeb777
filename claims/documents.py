"""Use cases of a case's documents: which can be issued, what is asked for one, T1 of it, its reading copy.

Promise: a document's number and everything that will stand on it become durable in one transaction; nothing is drawn before. What is typed
is checked by the rules of the fields that are printed. The same paper asked twice is the same paper: a second number only for other content,
after the first was voided, or on purpose. Source: notes/domain.md §7; docs/adr/0133.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from claims.desk_ports import DeskPorts
from claims.document_contents import (
    application,
    decision_notice,
    interview_record,
    power_of_attorney,
    prepayment_agreement,
    refusal_notice,
    split_statement,
    supplement_notice,
)
from claims.document_contents.content import Asked, Content, Written
from claims.document_contents.dossier import Dossier, read_dossier
from claims.document_contents.issued import filled_of
from claims.document_entries import check_entries, in_typed_places
from claims.document_types import (
    Entered,
    EntriesRefusedError,
    PaperForm,
    PossiblePaper,
    Row,
    RowsForm,
    ShownField,
    ShownTable,
    Signer,
)
from claims.errors import Bilingual, InputError
from claims.events import PaperAsked, PaperKind
from claims.field_catalogue import field_of
from claims.form_fields import FactValue, FieldKind, FieldSpec
from claims.numbering import next_number
from claims.paper_content import paper_head
from claims.paper_definitions import PaperId, Table, paper_definition
from claims.paper_filling import filled_paper
from claims.papers import FilledPaper, Language, Printed
from claims.records import PaperRecord, PaperState

__all__ = [
    "CASE_DOCUMENTS",
    "EntriesRefusedError",
    "PaperForm",
    "PossiblePaper",
    "RowsForm",
    "ShownField",
    "ShownTable",
    "Signer",
    "ask_paper",
    "paper_form",
    "papers_possible",
    "reading_copy",
]

CASE_DOCUMENTS: dict[PaperId, Content] = {
    PaperId.APPLICATION: application,
    PaperId.POWER_OF_ATTORNEY: power_of_attorney,
    PaperId.SUPPLEMENT_NOTICE: supplement_notice,
    PaperId.INTERVIEW_RECORD: interview_record,
    PaperId.PREPAYMENT_AGREEMENT: prepayment_agreement,
    PaperId.DECISION_NOTICE: decision_notice,
    PaperId.REFUSAL_NOTICE: refusal_notice,
    PaperId.SPLIT_STATEMENT: split_statement,
}
"""The documents of a case, in the order in which a case comes to them."""
_OF_THE_MOMENT = frozenset({"notice.date", "split.earlier"})
"""What differs whenever a paper is asked again, and makes no other paper."""


def papers_possible(ports: DeskPorts, case_no: str) -> tuple[PossiblePaper, ...]:
    """Return every document that a case may need, whether it can be issued now, and which were."""
    at = ports.time()
    with ports.store.read() as reads:
        dossier = read_dossier(ports, reads, case_no, at)
    found = []
    for paper, content in CASE_DOCUMENTS.items():
        why_not = content.why_not(dossier)
        issued = tuple(each for each in dossier.papers if each.paper == paper.value)
        found.append(PossiblePaper(paper, paper_definition(paper).title, why_not is None, why_not, issued))
    return tuple(found)


def paper_form(ports: DeskPorts, case_no: str, paper: PaperId) -> PaperForm:
    """Return what is typed for a document, prefilled from the case, and what else will be printed.

    Where the newest of its kind was voided, what was typed for that one is proposed again: it is there to be put right.

    Raises:
        InputError: ``not_a_case_document``, ``paper_not_ready`` with why.
    """
    at = ports.time()
    content = _content(paper)
    with ports.store.read() as reads:
        dossier = read_dossier(ports, reads, case_no, at)
    _require_ready(paper, content, dossier)
    asked = _carried(dossier, paper, content.asked(dossier))
    rows = {each.key: each.rows for each in asked.rows}
    return form_of(paper, asked, content.written(dossier, Entered(asked.values, rows)))


def ask_paper(
    ports: DeskPorts,
    case_no: str,
    paper: PaperId,
    entered: Mapping[str, FactValue],
    rows: Mapping[str, Sequence[Row]] | None = None,
    *,
    another: bool = False,
) -> PaperRecord:
    """Issue a document (T1): take a number and record everything that will stand on it.

    Args:
        entered: texts as typed, or checked values, by field.
        rows: typed tables; rows in which nothing was typed are left out.
        another: issue one more though one with the same content stands.

    Raises:
        EntriesRefusedError: with a sentence for every field that is wrong.
        InputError: ``not_a_case_document``, ``paper_not_ready``.
        EnvironmentProblem: ``numbers_exhausted``; the store could not commit; nothing was issued.
    """
    at = ports.time()
    content = _content(paper)
    with ports.store.write() as uow:
        dossier = read_dossier(ports, uow, case_no, at)
        _require_ready(paper, content, dossier)
        checked = check_entries(content.asked(dossier), entered, rows or {}, dossier.today)
        written = content.written(dossier, checked)
        same = None if another else _same(dossier, paper, written)
        if same is not None:
            return same
        problems = content.problems(dossier, checked)
        if problems:
            raise EntriesRefusedError(in_typed_places(problems, checked))
        number = next_number(uow.number_blocks(PaperKind.DOCUMENT.value), PaperKind.DOCUMENT.value).text
        head = paper_head(
            ports.identity, dossier.case, number, copy_no=1, printed_at=at.at, catastrophe=dossier.catastrophe
        )
        filled = FilledPaper(
            paper=paper,
            head=head,
            values=written.values,
            tables=written.tables,
            marks=written.marks,
            attached=written.attached,
        )
        uow.append(
            PaperAsked(
                at=at.at,
                number=number,
                paper=paper.value,
                case_no=case_no,
                content=msgspec.Raw(msgspec.json.encode(filled)),
            )
        )
    ports.probe("after_document")
    with ports.store.read() as reads:
        return reads.paper(number)


def form_of(paper: PaperId, asked: Asked, written: Written) -> PaperForm:
    """Return a paper's form: what is typed, and what is printed besides."""
    definition = paper_definition(paper)
    typed = {each.key for each in asked.fields}
    tables = {each.rows: each for each in definition.parts if isinstance(each, Table)}
    return PaperForm(
        paper=paper,
        name=definition.title,
        fields=asked.fields,
        values=asked.values,
        relations=asked.relations,
        rows=asked.rows,
        shown=tuple(
            ShownField(field_of(definition, key), value) for key, value in written.values.items() if key not in typed
        ),
        tables=tuple(
            ShownTable(key, tuple(field_of(definition, column.key) for column in tables[key].columns), rows)
            for key, rows in written.tables.items()
            if rows and key in tables and all(each.key != key for each in asked.rows)
        ),
    )


def reading_copy(ports: DeskPorts, number: str) -> bytes:
    """Return the English reading copy of any numbered paper as a PDF. Nothing is recorded: it is no print of the paper.

    Raises:
        InputError: ``number_unknown``.
    """
    at = ports.time()
    with ports.store.read() as reads:
        paper = reads.paper(number)
        filled = filled_paper(ports, reads, paper, copy_no=max(1, paper.copies), at=at)
    return ports.drawing.paper(filled, language=Language.EN)


def _content(paper: PaperId) -> Content:
    content = CASE_DOCUMENTS.get(paper)
    if content is None:
        title = paper_definition(paper).title
        raise InputError(
            "not_a_case_document",
            Bilingual(
                f"“{title.zh}”不在案件文书里出具。", f'"{title.en}" is not issued among the documents of a case.'
            ),
            Bilingual("请在对应的步骤或“单证”页面出具。", "Issue it in its own step, or on the Paper screen."),
        )
    return content


def _require_ready(paper: PaperId, content: Content, dossier: Dossier) -> None:
    why_not = content.why_not(dossier)
    if why_not is not None:
        title = paper_definition(paper).title
        raise InputError(
            "paper_not_ready",
            Bilingual(
                f"案件 {dossier.case.case_no} 现在不能出具“{title.zh}”：",
                f'"{title.en}" can\'t be issued for case {dossier.case.case_no} now:',
            ),
            why_not,
        )


def _carried(dossier: Dossier, paper: PaperId, asked: Asked) -> Asked:
    """Return the form with what was typed for the newest document of its kind, if that one was voided."""
    own = [each for each in dossier.papers if each.paper == paper.value]
    filled = filled_of(own[-1]) if own and own[-1].state is PaperState.VOIDED else None
    if filled is None:
        return asked
    typed = {each.key: filled.values.get(each.key) for each in asked.fields}
    kept = {each.key: _typed(each, typed[each.key]) for each in asked.fields}
    return replace(
        asked,
        values={**asked.values, **{key: value for key, value in kept.items() if value is not None}},
        rows=tuple(replace(each, rows=_rows_typed(each, filled) or each.rows) for each in asked.rows),
    )


def _rows_typed(form: RowsForm, filled: FilledPaper) -> tuple[Row, ...]:
    """Return the rows of a voided document as they were typed; none where it prints them in another way (an account in part)."""
    rows = filled.tables.get(form.key, ())
    if any(field.required and field.key not in row for row in rows for field in form.fields):
        return ()
    found = ({field.key: _typed(field, row.get(field.key)) for field in form.fields} for row in rows)
    return tuple({key: value for key, value in row.items() if value is not None} for row in found)


def _typed(field: FieldSpec, value: Printed | None) -> FactValue | None:
    """Return a printed value as it was typed; None for a choice that there is no more."""
    plain = value.zh if isinstance(value, Bilingual) else value
    gone = field.kind is FieldKind.CHOICE and plain not in {each.value for each in field.choices}
    return None if gone else plain


def _same(dossier: Dossier, paper: PaperId, written: Written) -> PaperRecord | None:
    """Return the newest standing document of this kind that says the very same, None where there is none."""
    wanted = _compared(written.values), written.tables, written.marks, written.attached
    for record in reversed(dossier.papers):
        if record.paper != paper.value or record.state is PaperState.VOIDED:
            continue
        filled = filled_of(record)
        if filled is not None and (_compared(filled.values), filled.tables, filled.marks, filled.attached) == wanted:
            return record
    return None


def _compared(values: Mapping[str, Printed]) -> dict[str, Printed]:
    return {key: value for key, value in values.items() if key not in _OF_THE_MOMENT}
