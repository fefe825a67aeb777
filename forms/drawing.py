"""The drawing port: papers as PDF."""

from __future__ import annotations

from claims.paper_definitions import PaperSize
from claims.papers import FilledPaper, Language, Mark
from forms.archive import archived
from forms.paper_document import draw_paper, paper_title


class PdfDrawing:
    """Implements ``claims.ports.Drawing``. Pure, and safe to call from any thread."""

    def paper(self, content: FilledPaper, *, language: Language = Language.ZH, size: PaperSize = PaperSize.A4) -> bytes:
        """Return a paper's PDF; an English one is a reading copy without code and signatures."""
        pdf = draw_paper(content, language=language, size=size)
        head = content.head
        return archived(
            pdf,
            title=paper_title(content, language),
            language=language,
            # A reading copy and a voided paper are no promise, so they carry none inside either.
            attached=content.attached if language is Language.ZH and Mark.VOIDED not in content.marks else {},
            made_at=head.printed_at,
            author=head.company,
        )
