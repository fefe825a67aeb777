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
    """Return what happened to a paper, in order. ``redeemed`` stands when it was handed over and headquarters settled it.

    Raises:
        InputError: ``number_unknown``.
    """
    with ports.store.read() as reads:
        paper = reads.paper(number)
        moments = [_told(each) for each in reads.paper_moments(number)]
        if paper.kind is PaperKind.VOUCHER and paper.state is PaperState.REDEEMED:
            settled = next(
                each
                for each in reads.answers(paper.case_no)
                if each.voucher_no == number and each.settlement == SETTLED
            )
            handed = next(each for each in moments if each.what == PaperState.HANDED_OVER.value)
            at = settled.issued_at if handed.at is None else max(settled.issued_at, handed.at)
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
