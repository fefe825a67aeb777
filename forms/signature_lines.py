"""Lines to sign on: label, pen strokes, printed name, date; side by side on a sheet, under each other on a roll; with room for a stamp.

Promise: everybody who signed, or refused to, is on the paper, also where more signed in a role than the definition has lines; nobody's ink
stands on another's line. A reading copy has no signatures and says where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.platypus import Flowable, Spacer

from claims.errors import Bilingual
from claims.paper_definitions import SignatureLine, Signatures
from claims.papers import Language, Signed
from forms.figures import BEIJING
from forms.grid import TIGHT, Grid
from forms.setting import Setting
from forms.shapes import PenStrokes, StampArea
from forms.text_block import Align, Paragraph, TextBlock
from forms.typography import Ink

_GAP = 24.0
_INK_HEIGHT = 27.0
_REFUSED = Bilingual("拒绝签字", "refused to sign")
_DATE = Bilingual("日期", "Date")
_NO_DATE = Bilingual("　　　　年　　月　　日", "(year, month, day)")
_SIGNED_THERE = Bilingual("签在中文原件上", "signs on the Chinese paper")
_PLACE_OF = Bilingual("（盖章处）", " (stamp here)")


@dataclass(frozen=True, slots=True)
class _Place:
    """One line to sign on, and who signed on it."""

    line: SignatureLine
    name: str
    signed: Signed | None


def signature_flowables(setting: Setting, part: Signatures) -> list[Flowable]:
    """Return the lines to sign on and the area of the stamp."""
    places = _places(setting, part)
    if setting.language is Language.EN:
        return _reading_copy(setting, part, places)
    width = setting.sheet.content_width
    if part.stamp is None:
        return [Spacer(1, 9), *_bands(setting, places, width, 1 if setting.sheet.narrow else 3), Spacer(1, 4)]
    name = Paragraph(
        setting.words(part.stamp) + setting.words(_PLACE_OF), setting.sheet.scale.small, align=Align.CENTRE
    )
    stamp = StampArea(setting.setter, name)
    if setting.sheet.narrow:
        return [Spacer(1, 9), *_bands(setting, places, width, 1), Spacer(1, 6), stamp, Spacer(1, 4)]
    room = width - StampArea.SIDE - _GAP
    grid = Grid(
        [[_bands(setting, places, room, 2), "", stamp]],
        colWidths=[room, _GAP, StampArea.SIDE],
        style=[*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    return [Spacer(1, 9), grid, Spacer(1, 4)]


def _places(setting: Setting, part: Signatures) -> list[_Place]:
    """Return the lines with those who signed on them; who signed in a role of this part beyond its lines gets a line of the same kind."""
    waiting = list(setting.content.signed)
    places: list[_Place] = []
    for line, name in [(each, name) for each in part.lines for name in _names(setting, each)]:
        ours = [one for one in waiting if one.role == line.role]
        signed = next((one for one in ours if one.name == name), None)
        # Where several are named each signs on the own line only; a single line may carry who signed for the one named.
        alone = len(_names(setting, line)) == 1
        if signed is None and alone and (not name or len(ours) == 1):
            signed = next(iter(ours), None)
        if signed is not None:
            waiting.remove(signed)
        places.append(_Place(line, name, signed))
    for one in waiting:
        places += [_Place(each, one.name, one) for each in part.lines if each.role == one.role][:1]
    return places


def _names(setting: Setting, line: SignatureLine) -> list[str]:
    """Return the printed names of a line: where several persons sign in a role (each beneficiary) there is a line for each."""
    value = setting.values.get(line.name) if line.name else None
    if isinstance(value, list) and value:
        return [str(each) for each in value]
    return [setting.value(line.name) if line.name else ""]


def _bands(setting: Setting, places: list[_Place], width: float, across: int) -> list[Flowable]:
    """Return the lines, so many side by side."""
    across = max(1, min(across, len(places)))
    each = (width - _GAP * (across - 1)) / across
    bands: list[Flowable] = []
    for start in range(0, len(places), across):
        row = places[start : start + across]
        if bands:
            bands.append(Spacer(1, 8))
        bands.append(_band(setting, row, each, across))
    return bands


def _band(setting: Setting, places: list[_Place], width: float, across: int) -> Flowable:
    scale, setter = setting.sheet.scale, setting.setter
    labels: list[object] = []
    inks: list[object] = []
    below: list[object] = []
    styles: list[tuple[object, ...]] = [
        *TIGHT,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ]
    for index in range(across):
        if index:
            labels.append("")
            inks.append("")
            below.append("")
        if index >= len(places):
            labels.append("")
            inks.append("")
            below.append("")
            continue
        place = places[index]
        labels.append(TextBlock(setter, (setting.label(place.line.label, scale.second),)))
        inks.append(_ink(setting, place))
        below.append(TextBlock(setter, _caption(setting, place)))
        styles.append(("LINEBELOW", (2 * index, 1), (2 * index, 1), 0.75, Ink.TEXT.value))
    widths = [width]
    for _ in range(across - 1):
        widths += [_GAP, width]
    styles.append(("TOPPADDING", (0, 2), (-1, 2), 2))
    return Grid([labels, inks, below], colWidths=widths, style=styles)


def _ink(setting: Setting, place: _Place) -> Flowable:
    if place.signed is not None and place.signed.refused:
        style = setting.sheet.scale.bold
        words = Paragraph(setting.words(_REFUSED), style, above=0)
        return TextBlock(setting.setter, (words, Paragraph("", setting.sheet.scale.second)))
    strokes = () if place.signed is None else place.signed.ink
    return PenStrokes(setting.setter, strokes, _INK_HEIGHT)


def _caption(setting: Setting, place: _Place) -> list[Paragraph]:
    """Return what stands under a line: the printed name, the date, a note."""
    style = setting.sheet.scale.second
    name = place.name or ("" if place.signed is None else place.signed.name)
    other = (
        ""
        if place.signed is None or place.signed.name in ("", name) or place.signed.name in name
        else place.signed.name
    )
    lines = [Paragraph(f"{name}（{other}）" if other else name, style)] if name else []
    if place.line.dated:
        date = setting.words(_NO_DATE)
        if place.signed is not None:
            at = place.signed.at.astimezone(BEIJING)
            date = f"{at.year} 年 {at.month} 月 {at.day} 日"
        lines.append(Paragraph(f"{setting.words(_DATE)}：{date}", style))
    if place.line.note is not None:
        lines += [Paragraph(text, setting.sheet.scale.small) for text in setting.filled(place.line.note)]
    return lines or [Paragraph("", style)]


def _reading_copy(setting: Setting, part: Signatures, places: list[_Place]) -> list[Flowable]:
    """Return who signs the Chinese paper, as a list."""
    style = setting.sheet.scale.second
    lines: list[Paragraph] = []
    for place in places:
        name = place.name or ("" if place.signed is None else place.signed.name)
        refused = place.signed is not None and place.signed.refused
        what = setting.words(_REFUSED if refused else _SIGNED_THERE)
        said = setting.words(place.line.label)
        lines.append(Paragraph(f"{said[:1].upper()}{said[1:]}: {f'{name}, ' if name else ''}{what}", style))
    if part.stamp is not None:
        lines.append(Paragraph(f"Stamp on the Chinese paper: {setting.words(part.stamp)}", style))
    return [Spacer(1, 9), TextBlock(setting.setter, lines), Spacer(1, 4)]
