"""What the Paper screen asks of the desk, as jobs for the store lane. They touch no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from claims.day_end import DayEnd
from claims.desk import Desk
from claims.document_contents.day_end_count import DAY
from claims.document_types import PaperForm
from claims.form_fields import FactValue
from claims.number_blocks import BlockStanding
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperRecord
from claims.trusted_time import beijing_date
from views.case_words import paper_name
from views.preferences import Preferences

LEAFLET_DRAFT = "document:leaflet"
"""The draft of the text that is being typed."""


@dataclass(frozen=True)
class Loaded:
    """Everything the screen shows. ``printer`` is offered first, ``size`` is what is in it."""

    today: date
    blocks: tuple[BlockStanding, ...]
    open: Sequence[PaperRecord]
    day: DayEnd
    leaflet: PaperForm
    leaflet_draft: Mapping[str, str] | None
    printer: str
    size: PaperSize


def load(desk: Desk, preferences: Preferences, day: date | None) -> Loaded:
    """Return what the screen shows; ``day`` None is today."""
    chosen = preferences.load()
    today = beijing_date(desk.time().at)
    papers = desk.open_papers()
    for each in papers:
        # Reads the definition now, so that the list need not while it is painted.
        paper_name(each)
    return Loaded(
        today=today,
        blocks=desk.number_blocks(),
        open=papers,
        day=desk.day_end(today if day is None else min(day, today)),
        leaflet=desk.station_form(PaperId.SERVICE_LEAFLET),
        leaflet_draft=_draft_of(desk.draft(LEAFLET_DRAFT)),
        printer=chosen.printer,
        size=PaperSize(chosen.paper),
    )


def encode_draft(texts: Mapping[str, str]) -> bytes:
    """Return the bytes of a leaflet that is being typed."""
    return msgspec.json.encode(texts)


def issue_leaflet(desk: Desk, entered: Mapping[str, FactValue]) -> str:
    """Issue the leaflet with this text; return its number. What was being typed is no draft any more. Raises as ``Desk.station_paper``."""
    number = desk.station_paper(PaperId.SERVICE_LEAFLET, entered).number
    desk.drop_draft(LEAFLET_DRAFT)
    return number


def _draft_of(raw: bytes | None) -> Mapping[str, str] | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=dict[str, str])
    except msgspec.DecodeError:
        # Of another release, perhaps: the text that was printed last is proposed instead.
        return None


def day_sheet(desk: Desk, day: date) -> str:
    """Issue the sheet of a day that was counted; return its number. Raises as ``Desk.station_paper``."""
    return desk.station_paper(PaperId.DAY_END_COUNT, {DAY: day.isoformat()}).number
