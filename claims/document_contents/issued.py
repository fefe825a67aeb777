"""What stands on the documents that a case already has, for those that follow: an earlier agreement counts, an earlier statement is named."""

from __future__ import annotations

import msgspec

from claims.document_contents.dossier import Dossier
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper
from claims.records import PaperRecord, PaperState

_decoder = msgspec.json.Decoder(FilledPaper)


def filled_of(paper: PaperRecord) -> FilledPaper | None:
    """Return what was asked to stand on a document, None for one without content (a blank form, a voucher, a slip)."""
    return None if paper.content is None else _decoder.decode(paper.content)


def standing(dossier: Dossier, paper: PaperId) -> tuple[PaperRecord, ...]:
    """Return the case's documents of a kind that are not voided, oldest first."""
    return tuple(
        each
        for each in dossier.papers
        if each.paper == paper.value and each.state is not PaperState.VOIDED and each.content is not None
    )


def issued_contents(dossier: Dossier, paper: PaperId) -> tuple[FilledPaper, ...]:
    """Return the contents of the case's standing documents of a kind."""
    return tuple(found for each in standing(dossier, paper) if (found := filled_of(each)) is not None)
