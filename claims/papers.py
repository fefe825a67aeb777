"""What stands on a paper, before it is drawn: plain facts and finished amounts, no layout.

Promise: the drawing adds nothing and leaves nothing out; the voucher's QR carries exactly ``cose``.
Source: notes/domain.md §7.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from claims.form_fields import FactValue
from claims.paper_definitions import PaperId
from rules.bilingual import Bilingual

Ink = tuple[tuple[tuple[int, int], ...], ...]
"""Pen strokes in the signature pad's units."""
Printed = FactValue | Bilingual
"""What a paper shows in a field: a checked value, or words in both languages."""


class PaperHead(msgspec.Struct, frozen=True, kw_only=True):
    """Top of every paper. ``printed_at`` is UTC and printed as Beijing time; ``copy_no`` above 1 is a reprint.

    A paper of the station, and a blank form, has no case: its number, insured and loss date are empty then.
    """

    company: str
    station: str
    hotline: str
    number: str
    copy_no: int
    printed_at: datetime
    case_no: str
    insured_name: str
    insured_sex: str | None
    insured_id_masked: str
    loss_date: date | None
    catastrophe: str | None
    adjuster: str
    device: str


class Language(StrEnum):
    """In which language a paper is drawn. The Chinese one is the paper; an English one is a reading copy and says so."""

    ZH = "zh"
    EN = "en"


class Mark(StrEnum):
    """What a paper must not pass for, or is: each has a watermark or a stamp."""

    PRE_APPROVED = "pre_approved"
    VOIDED = "voided"
    BLANK = "blank"


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in a role, when (UTC), with which strokes. ``refused``: the line says so instead of showing ink."""

    role: str
    name: str
    at: datetime
    ink: Ink = ()
    refused: bool = False


class FilledPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A paper with everything that stands on it, by the keys of its definition (``claims.paper_definitions``). JSON of this is what the log keeps.

    ``values`` that are missing print as lines to write on. ``code`` is the text of the QR code. ``attached``: machine-readable files inside
    the PDF, by name.
    """

    paper: PaperId
    head: PaperHead
    values: dict[str, Printed] = {}
    tables: dict[str, tuple[dict[str, Printed], ...]] = {}
    signed: tuple[Signed, ...] = ()
    marks: tuple[Mark, ...] = ()
    code: str | None = None
    attached: dict[str, bytes] = {}
