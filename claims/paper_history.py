"""The life of one numbered paper, moment by moment: asked, drawn, each print with its copy, handed over, voided, redeemed.

Promise: every moment is an event of the log, or headquarters' signed verdict; nothing is inferred.
"""

from __future__ import annotations

from claims.case_progress import SETTLED
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual
from claims.events import PaperKind
from claims.overviews import PaperMoment
from claims.records import PaperState


def paper_history(ports: DeskPorts, number: str) -> tuple[PaperMoment, ...]:
    """Return what happened to a paper, in order. ``redeemed`` stands when it was presented, and when headquarters settled it after its hand-over.

    Raises:
        InputError: ``number_unknown``.
    """
    with ports.store.read() as reads:
        paper = reads.paper(number)
        moments = [_told(each) for each in reads.paper_moments(number)]
        if paper.kind is PaperKind.VOUCHER and paper.state is PaperState.REDEEMED:
            answers = (each for each in reads.answers(paper.case_no) if each.voucher_no == number)
            settled = next((each for each in answers if each.settlement == SETTLED), None)
            if settled is not None:
                handed = [each.at for each in moments if each.what == PaperState.HANDED_OVER.value and each.at]
                at = max(settled.issued_at, *handed)
                moments.append(PaperMoment(what=PaperState.REDEEMED.value, at=at, detail=settled.reason))
    return tuple(moments)


def _told(moment: PaperMoment) -> PaperMoment:
    match PaperState(moment.what):
        case PaperState.ASKED:
            detail = Bilingual("号码已登记", "number on record")
        case PaperState.RENDERED:
            detail = Bilingual("已落盘", "on disk") if moment.copy_no <= 1 else _copy(moment.copy_no)
        case PaperState.PRINTED:
            copy = _copy(moment.copy_no)
            where = moment.detail.zh
            detail = Bilingual(f"{copy.zh}，{where}", f"{copy.en}, {where}") if where else copy
        case _:
            return moment
    return PaperMoment(what=moment.what, at=moment.at, detail=detail, copy_no=moment.copy_no)


def _copy(copy_no: int) -> Bilingual:
    return Bilingual(f"第 {copy_no} 次", f"copy {copy_no}")
