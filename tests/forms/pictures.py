"""Makes the gallery under docs/papers: ``python -m tests.forms.pictures`` (or ``make papers``) writes it, pictures and list.

The tests only compare; they never write a tracked file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypdfium2
from PIL import Image

from claims.errors import Bilingual
from claims.paper_definitions import PaperId, PaperSize, paper_definition
from claims.papers import FilledPaper, Language
from forms.drawing import PdfDrawing
from forms.typography import MM
from tests.forms import sample_papers, samples
from tests.forms.geometry import drawn_on
from tests.forms.reading import raster_in_colour

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "papers"
LIST = FOLDER / "README.md"
DPI = 150
# A page is black, greys, one tint; with amber and red a few more.
_COLOURS = 32


@dataclass(frozen=True)
class Sheet:
    """A paper that is shown: what stands on it, in which language and size, and what the list says of it."""

    content: Callable[[], FilledPaper]
    said: Bilingual
    language: Language = Language.ZH
    size: PaperSize = PaperSize.A4


def _sheets() -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {}
    for paper in PaperId:
        title = paper_definition(paper).title
        sheets[f"{paper.value}-zh"] = Sheet(lambda paper=paper: sample_papers.filled(paper), title)  # type: ignore[misc]
        reading = Bilingual(f"{title.zh}，英文参阅件", f"{title.en}, reading copy")
        sheets[f"{paper.value}-en"] = Sheet(lambda paper=paper: sample_papers.filled(paper), reading, Language.EN)  # type: ignore[misc]
        if PaperSize.ROLL_80 in paper_definition(paper).sizes:
            roll = Bilingual(f"{title.zh}，80 毫米小票", f"{title.en}, 80 mm roll")
            sheets[f"{paper.value}-roll"] = Sheet(
                lambda paper=paper: sample_papers.filled(paper),  # type: ignore[misc]
                roll,
                size=PaperSize.ROLL_80,
            )
    again = Bilingual(
        "补打的凭证：直付、旧规则包、生僻字", "A voucher printed again: direct settlement, old rules, rare characters"
    )
    sheets["voucher-reprint"] = Sheet(samples.reprint, again)
    sheets["voucher-voided"] = Sheet(lambda: samples.voucher(voided=True), Bilingual("作废的凭证", "A voided voucher"))
    sheets["application-blank"] = Sheet(
        lambda: sample_papers.blank(PaperId.APPLICATION), Bilingual("空白理赔申请书", "A blank application")
    )
    return sheets


SHEETS = _sheets()


@cache
def pdf_of(name: str) -> bytes:
    """Return the PDF of a sheet."""
    sheet = SHEETS[name]
    return PdfDrawing().paper(sheet.content(), language=sheet.language, size=sheet.size)


@cache
def pages_of(name: str) -> int:
    """Return how many pages the first copy of a sheet has."""
    sheet = SHEETS[name]
    copies = len(paper_definition(sheet.content().paper).copies) if sheet.language is Language.ZH else 1
    with pypdfium2.PdfDocument(pdf_of(name)) as document:
        return len(document) // max(1, copies)


def file_of(name: str, page: int) -> Path:
    """Return where the picture of a page lies."""
    return FOLDER / (f"{name}.png" if pages_of(name) == 1 else f"{name}-{page + 1}.png")


def picture(name: str, page: int) -> Image.Image:
    """Return the picture of a page."""
    return raster_in_colour(pdf_of(name), DPI, page).quantize(_COLOURS, dither=Image.Dither.NONE)


def code_area(name: str, page: int) -> tuple[int, int, int, int] | None:
    """Return where a picture shows a QR code, in its pixels: it changes with every release of the certificates."""
    with pypdfium2.PdfDocument(pdf_of(name)) as document:
        height = document[page].get_height()
        for item in drawn_on(document[page]):
            width = item.right - item.left
            if item.text is None and width > 45 * MM and abs(width - (item.top - item.bottom)) < 1:
                edges = (item.left, height - item.top, item.right, height - item.bottom)
                left, top, right, bottom = (round(edge * DPI / 72) for edge in edges)
                return left, top, right, bottom
    return None


def listed() -> str:
    """Return the text of the list."""
    lines = [
        "# The papers 单证样张",
        "",
        "Every paper that the program prints, drawn by the layout engine (`forms/`) from its definition (`resources/papers`) and filled in for the",
        "invented people of `tests/forms/samples.py` and `tests/forms/sample_papers.py`. `make papers` writes pictures and this list; the tests compare",
        "and never write. Of papers in two copies (第一联, 第二联) the first is shown.",
        "",
        "| 单证 | Paper | Pictures |",
        "|---|---|---|",
    ]
    for name, sheet in SHEETS.items():
        links = " ".join(f"[{page + 1}]({file_of(name, page).name})" for page in range(pages_of(name)))
        lines.append(f"| {sheet.said.zh} | {sheet.said.en} | {links} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all pictures and the list; pictures of sheets that are no more are removed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = set()
    for name in SHEETS:
        for page in range(pages_of(name)):
            picture(name, page).save(file_of(name, page), optimize=True)
            written.add(file_of(name, page))
    for old in set(FOLDER.glob("*.png")) - written:
        old.unlink()
    LIST.write_text(listed(), encoding="utf-8")


if __name__ == "__main__":
    main()
