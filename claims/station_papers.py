"""Use cases of the station's own papers, which belong to no case: the service-commitment leaflet and the day-end count.

Promise: number and content are durable before anything is drawn, as with every document. The leaflet's text is the station's: what was
printed last is proposed again, and printed as typed. Source: notes/domain.md §8 "Commitments"; docs/adr/0133.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from claims.day_end import day_end
from claims.desk_ports import DeskPorts
from claims.document_contents import day_end_count, service_leaflet
from claims.document_contents.content import Asked, Written, fields_of
from claims.document_contents.issued import filled_of
from claims.document_entries import check_entries
from claims.document_types import Entered, PaperForm
from claims.documents import form_of
from claims.errors import Bilingual, InputError
from claims.events import PaperAsked, PaperKind
from claims.form_fields import FactValue
from claims.numbering import next_number
from claims.paper_content import paper_head
from claims.paper_definitions import PaperId, paper_definition
from claims.papers import FilledPaper
from claims.ports import Reads
from claims.records import PaperRecord, PaperState
from claims.trusted_time import beijing_date

STATION_PAPERS = (PaperId.SERVICE_LEAFLET, PaperId.DAY_END_COUNT)


def station_form(ports: DeskPorts, paper: PaperId) -> PaperForm:
    """Return what is typed for a paper of the station. Raises ``InputError`` (``not_a_station_paper``)."""
    _require_station_paper(paper)
    return form_of(paper, _asked(ports, paper), Written())


def station_paper(ports: DeskPorts, paper: PaperId, entered: Mapping[str, FactValue]) -> PaperRecord:
    """Issue a paper of the station (T1).

    The same text again is the same leaflet, and one count of a day has one sheet: drawn as often as they are needed.

    Raises:
        EntriesRefusedError: with a sentence for every field that is wrong.
        InputError: ``not_a_station_paper``; ``not_counted`` for the sheet of a day that nobody has counted.
        EnvironmentProblem: ``numbers_exhausted``; the store could not commit.
    """
    _require_station_paper(paper)
    at = ports.time()
    checked = check_entries(_asked(ports, paper), entered, {}, beijing_date(at.at))
    written = service_leaflet.written(checked) if paper is PaperId.SERVICE_LEAFLET else _day_sheet(ports, checked)
    with ports.store.write() as uow:
        same = _same(uow, paper, written)
        if same is not None:
            return same
        number = next_number(uow.number_blocks(PaperKind.DOCUMENT.value), PaperKind.DOCUMENT.value).text
        head = paper_head(ports.identity, None, number, copy_no=1, printed_at=at.at, catastrophe=None)
        content = FilledPaper(paper=paper, head=head, values=written.values, tables=written.tables)
        raw = msgspec.Raw(msgspec.json.encode(content))
        uow.append(PaperAsked(at=at.at, number=number, paper=paper.value, case_no=None, content=raw))
    ports.probe("after_document")
    with ports.store.read() as reads:
        return reads.paper(number)


def _asked(ports: DeskPorts, paper: PaperId) -> Asked:
    if paper is PaperId.DAY_END_COUNT:
        today = beijing_date(ports.time().at)
        return Asked(fields=fields_of(paper, day_end_count.DAY), values={day_end_count.DAY: today.isoformat()})
    with ports.store.read() as reads:
        return service_leaflet.asked(_last(reads, paper))


def _day_sheet(ports: DeskPorts, checked: Entered) -> Written:
    found = day_end(ports, date.fromisoformat(checked.text(day_end_count.DAY)))
    if found.counted_at is None:
        raise InputError(
            "not_counted",
            Bilingual(f"{found.day} 的单证还没有清点。", f"The papers of {found.day} were not counted yet."),
            Bilingual("请先清点并登记，再出日结单。", "Count them and record it, then issue the sheet."),
        )
    return day_end_count.written(found)


def _require_station_paper(paper: PaperId) -> None:
    if paper not in STATION_PAPERS:
        title = paper_definition(paper).title
        raise InputError(
            "not_a_station_paper",
            Bilingual(f"“{title.zh}”不在这里出具。", f'"{title.en}" is not issued here.'),
            Bilingual("案件的单证请在案件页出具。", "Papers of a case are issued on its page."),
        )


def _same(reads: Reads, paper: PaperId, written: Written) -> PaperRecord | None:
    """Return the standing paper that says this already. A sheet is known by its count: its own number changes what is unused."""
    last = _last(reads, paper)
    filled = None if last is None else filled_of(last)
    keys = written.values if paper is PaperId.SERVICE_LEAFLET else (day_end_count.DAY, day_end_count.COUNTED_AT)
    if filled is None or any(filled.values.get(key) != written.values.get(key) for key in keys):
        return None
    return last


def _last(reads: Reads, paper: PaperId) -> PaperRecord | None:
    """Return the newest standing paper of the station of a kind."""
    found = [each for each in reads.papers("") if each.paper == paper.value and each.state is not PaperState.VOIDED]
    return found[-1] if found else None
