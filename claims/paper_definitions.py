"""What a paper is made of, as data: its parts in order, the fields each of them shows, and the words that are always the same.

Promise: a paper is a file under ``resources/papers`` and nothing else says what stands on it; a field that a screen asks and a paper prints is
one ``FieldSpec`` (label, kind, unit, rule, help), found by its key in ``claims.field_catalogue``. Only the layout belongs to ``forms``.

Words may hold ``{key}``: the value of that field, written as its kind is written. What the head of every paper says is there under
``head.*`` (``claims.field_catalogue.HEAD_FIELDS``) and need not be filled in. Source: notes/domain.md §7; docs/adr/0130.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import msgspec

import resources
from claims.errors import Bilingual
from claims.form_fields import FieldSpec


class PaperId(StrEnum):
    """Every paper there is. The value names the file of its definition and is what the log carries."""

    VOUCHER = "voucher"
    SLIP = "slip"
    APPLICATION = "application"
    POWER_OF_ATTORNEY = "power_of_attorney"
    SUPPLEMENT_NOTICE = "supplement_notice"
    DECISION_NOTICE = "decision_notice"
    REFUSAL_NOTICE = "refusal_notice"
    PREPAYMENT_AGREEMENT = "prepayment_agreement"
    INTERVIEW_RECORD = "interview_record"
    SPLIT_STATEMENT = "split_statement"
    DAY_END_COUNT = "day_end_count"
    SERVICE_LEAFLET = "service_leaflet"


class Side(StrEnum):
    """Where a table column's words stand. Money and numbers stand right."""

    LEFT = "left"
    RIGHT = "right"


class _Part(msgspec.Struct, frozen=True, kw_only=True, tag_field="part"):
    """``only_with``: keys of values or tables; the part is left out unless one of them says something. ``keep``: never broken over two pages.

    ``with_next``: stays on the page where the next part begins, as every heading does.
    """

    only_with: tuple[str, ...] = ()
    keep: bool = False
    with_next: bool = False


class Heading(_Part, frozen=True, kw_only=True, tag="heading"):
    """A heading inside the paper."""

    text: Bilingual


class Facts(_Part, frozen=True, kw_only=True, tag="facts"):
    """Fields with their labels, filled row by row over ``columns`` (one on a receipt roll). An empty field prints a line to write on."""

    fields: tuple[str, ...]
    columns: int = 2


class Words(_Part, frozen=True, kw_only=True, tag="words"):
    """Paragraphs. ``boxed``: in a frame. ``small``: small print. A value with line breaks prints as so many paragraphs.

    ``headline``: a line in bold above them. ``warning``: in an amber frame with a sign that can't be overlooked. What is framed is what nobody
    may miss: the Chinese paper carries its English too, in small print.
    """

    paragraphs: tuple[Bilingual, ...]
    boxed: bool = False
    small: bool = False
    headline: Bilingual | None = None
    warning: bool = False


class PrintedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table: the field behind its cells, and its share of the width."""

    key: str
    share: float
    side: Side = Side.LEFT


class Table(_Part, frozen=True, kw_only=True, tag="table"):
    """Rows under a head that is repeated on every page. ``rows`` names the rows in ``FilledPaper.tables``.

    ``numbered``: a first column counts from 1. ``blank_rows``: so many empty rows at least, to write in. ``total``: field of the sum beneath it.
    """

    rows: str
    columns: tuple[PrintedColumn, ...]
    numbered: bool = False
    blank_rows: int = 0
    total: str | None = None
    when_empty: Bilingual | None = None


class Amount(_Part, frozen=True, kw_only=True, tag="amount"):
    """The sum in capitals and figures, framed. ``besides``: sums beneath it in the same frame, in figures; one that is missing is left out."""

    field: str
    besides: tuple[str, ...] = ()


class Code(_Part, frozen=True, kw_only=True, tag="code"):
    """The signed QR code with words beside it: a headline, paragraphs, and a last line (``small``). A voided paper carries no code and other words."""

    beside: tuple[Bilingual, ...]
    small: tuple[Bilingual, ...] = ()
    headline: Bilingual | None = None
    voided: tuple[Bilingual, ...] = ()
    headline_voided: Bilingual | None = None


class Ticks(_Part, frozen=True, kw_only=True, tag="ticks"):
    """Every choice of a field as a box, the chosen ones ticked; all empty on a blank form."""

    field: str


class SignatureLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody signs: in which role (``claims.signing.Role``), under which words, with the field of the printed name beneath, with a date or not."""

    role: str
    label: Bilingual
    name: str | None = None
    dated: bool = False
    note: Bilingual | None = None


class Signatures(_Part, frozen=True, kw_only=True, tag="signatures"):
    """Lines to sign on, side by side (under each other on a roll), with the pen strokes of those who signed on the screen.

    ``stamp``: what is stamped here (理赔专用章); an empty area of 40 mm is kept for it.
    """

    lines: tuple[SignatureLine, ...]
    stamp: Bilingual | None = None


class NewPage(_Part, frozen=True, kw_only=True, tag="new_page"):
    """What follows starts on a page of its own (not on a roll)."""


AnyPart = Heading | Facts | Words | Table | Amount | Code | Ticks | Signatures | NewPage


class PaperSize(StrEnum):
    """What it is printed on."""

    A4 = "a4"
    ROLL_80 = "roll_80"


class PaperDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One paper.

    ``number_label`` stands over its number; ``copies`` names the sheets (第一联 客户留存), printed one after another as pages of one PDF where there are
    several; ``foot`` is the remark at the foot of every page; ``fields`` are those that no other form or paper knows; ``watermarks`` by mark
    (``FilledPaper.marks``), or ``always`` for one that stands without any. ``initials``: every page is signed at its foot (the interview record).
    ``subject``: what the file says that it is about.
    """

    paper: PaperId
    title: Bilingual
    number_label: Bilingual
    parts: tuple[AnyPart, ...]
    foot: Bilingual
    fields: tuple[FieldSpec, ...] = ()
    sizes: tuple[PaperSize, ...] = (PaperSize.A4,)
    copies: tuple[Bilingual, ...] = ()
    watermarks: dict[str, Bilingual] = {}
    initials: bool = False
    subject: Bilingual | None = None

    def field(self, key: str) -> FieldSpec | None:
        """Return one of the paper's own fields."""
        return next((one for one in self.fields if one.key == key), None)


_decoder = msgspec.json.Decoder(PaperDefinition, strict=True)


@cache
def paper_definition(paper: PaperId) -> PaperDefinition:
    """Return a paper's definition. Raises ``msgspec.ValidationError`` for a file that is not one, which no release contains."""
    return _decoder.decode(resources.path("papers", f"{paper.value}.json").read_bytes())
