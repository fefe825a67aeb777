"""Use cases of a paper's life after T1: drawn (T2), printed, handed over, voided, drawn again as a reprint. One way for every kind.

Promise: the drawing is on disk before its event commits, and the event before anything is printed; what was promised, asked or listed
never changes from print to print, and a voided number is never used again. What was cut short can always be finished: ``unfinished``
lists it.

Source: design.md "Vouchers"; notes/peers.md §2 complaints 1-5.
"""

from __future__ import annotations

from dataclasses import dataclass

from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import NumberSpoiled, PaperHandedOver, PaperKind, PaperPrinted, PaperRendered, VoucherVoided
from claims.paper_definitions import PaperId, PaperSize, paper_definition
from claims.paper_filling import filled_paper
from claims.ports import Reads
from claims.records import PaperRecord, PaperState

_PRINTED = (PaperState.PRINTED, PaperState.HANDED_OVER)


@dataclass(frozen=True)
class DrawnPaper:
    """A drawn paper: its number, which print it is, and the PDF."""

    number: str
    copy_no: int
    pdf_sha256: str
    pdf: bytes


def draw(ports: DeskPorts, number: str, size: PaperSize = PaperSize.A4, *, instead: bool = False) -> DrawnPaper:
    """Draw a paper and store the drawing (T2). The second and later drawings of a paper are marked as reprints.

    Args:
        instead: take the place of the newest drawing, where that one never left: another size, a signature that came later. It is the same
            copy then.

    Raises:
        InputError: ``number_unknown``; ``voided`` for a reprint of a voided paper; ``filled_by_hand`` for a form that was entered: the one
            that counts is the one on paper; ``size_unknown`` for a paper that is not made in this size.
        BugError: ``voucher_differs`` when the record is not what was signed.
        EnvironmentProblem: the drawing could not be stored; the paper's record is unharmed and can be drawn later.
    """
    at = ports.time()
    with ports.store.read() as reads:
        paper = reads.paper(number)
        _require_standing(paper)
        _require_size(paper, size)
        if paper.blank and paper.case_no:
            raise InputError(
                "filled_by_hand",
                Bilingual(
                    f"{number} 是手工填写的单证，已补录，不能再打印空白件。",
                    f"{number} was filled in by hand and entered; it is not printed empty again.",
                ),
                Bilingual("需要时请复印纸质原件。", "Copy the paper itself where one is needed."),
            )
        copy_no = _next_copy(reads, paper, instead=instead)
        content = filled_paper(ports, reads, paper, copy_no=copy_no, at=at)
    pdf = ports.drawing.paper(content, size=size)
    pdf_sha256 = ports.attachments.put(pdf)
    ports.probe("after_drawing")
    with ports.store.write() as uow:
        uow.append(
            PaperRendered(
                at=at.at,
                number=number,
                kind=paper.kind,
                pdf_sha256=pdf_sha256,
                size_bytes=len(pdf),
                copy_no=copy_no,
            )
        )
    ports.probe("after_t2")
    return DrawnPaper(number=number, copy_no=copy_no, pdf_sha256=pdf_sha256, pdf=pdf)


def preview(ports: DeskPorts, number: str, size: PaperSize = PaperSize.A4) -> bytes:
    """Return a paper as ``draw`` would draw it now, ``instead`` of one that never left. Only to be looked at: nothing is stored or recorded, so it is no copy of the paper.

    Raises:
        InputError: ``number_unknown``.
        BugError: ``voucher_differs`` as ``draw``.
    """
    at = ports.time()
    with ports.store.read() as reads:
        paper = reads.paper(number)
        content = filled_paper(ports, reads, paper, copy_no=_next_copy(reads, paper, instead=True), at=at)
    return ports.drawing.paper(content, size=size)


def _next_copy(reads: Reads, paper: PaperRecord, *, instead: bool) -> int:
    out = max(
        (each.copy_no for each in reads.paper_moments(paper.number) if each.what == PaperState.PRINTED), default=0
    )
    return paper.copies if instead and paper.copies > out else paper.copies + 1


def stored_drawing(ports: DeskPorts, number: str) -> bytes:
    """Return the newest drawing of a paper. Raises ``InputError`` (``not_drawn``) when there is none yet."""
    with ports.store.read() as reads:
        paper = reads.paper(number)
    if paper.pdf_sha256 is None:
        raise InputError(
            "not_drawn",
            Bilingual(f"{number} 已登记，但还没有生成票面。", f"{number} is on record but was not drawn yet."),
            Bilingual("请点“生成票面”，号码不会变。", "Draw it now; its number stays."),
        )
    return ports.attachments.get(paper.pdf_sha256)


def mark_printed(ports: DeskPorts, number: str, destination: str) -> None:
    """Record that the printer took the page, or that it was saved as a file. Raises ``InputError`` (``not_drawn``)."""
    at = ports.time()
    stored_drawing(ports, number)
    with ports.store.write() as uow:
        paper = uow.paper(number)
        uow.append(
            PaperPrinted(
                at=at.at, number=number, kind=paper.kind, copy_no=max(1, paper.copies), destination=destination
            )
        )
    ports.probe("after_printed")


def hand_over(ports: DeskPorts, number: str, receiver: str) -> None:
    """Record that the paper is in the claimant's hands. Raises ``InputError`` (``not_printed``, ``voided``, ``redeemed``, ``no_receiver``, ``blank_form``)."""
    if not receiver.strip():
        raise InputError(
            "no_receiver",
            Bilingual("没有填写接收人。", "Nobody is named as the receiver."),
            Bilingual("请填写拿到这张单证的人的姓名。", "Enter the name of the person who got the paper."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        paper = uow.paper(number)
        _require_standing(paper)
        if paper.blank and not paper.case_no:
            raise blank_form(number)
        if paper.state is PaperState.REDEEMED:
            raise InputError(
                "redeemed",
                Bilingual(
                    f"{number} 已在本机兑付，出示人已有记录，不必再登记交付。",
                    f"{number} was presented here and who did is on record; its hand-over needs no recording any more.",
                ),
                Bilingual("无需处理。", "Nothing is left to do."),
            )
        if paper.state not in _PRINTED:
            raise InputError(
                "not_printed",
                Bilingual(f"{number} 还没有打印。", f"{number} was not printed yet."),
                Bilingual("请先打印或另存，再登记交付。", "Print or save it first, then record the hand-over."),
            )
        uow.append(PaperHandedOver(at=at.at, number=number, kind=paper.kind, receiver=receiver.strip()))
    ports.probe("after_hand_over")


def void(ports: DeskPorts, number: str, reason: str) -> None:
    """Void a paper of any kind: its number stays used and is never given again; a voucher's debits stay used as well.

    Raises:
        InputError: ``no_reason``, ``voided``, ``redeemed``, ``number_unknown``.
    """
    given = require_reason(reason)
    at = ports.time()
    with ports.store.write() as uow:
        paper = uow.paper(number)
        _require_standing(paper)
        if paper.state is PaperState.REDEEMED:
            raise InputError(
                "redeemed",
                Bilingual(f"{number} 已经兑付，不能作废。", f"{number} has been paid and can't be voided."),
                Bilingual("款项有误请联系总部处理。", "If the payment was wrong call headquarters."),
            )
        uow.append(
            VoucherVoided(at=at.at, voucher_no=number, reason=given)
            if paper.kind is PaperKind.VOUCHER
            else NumberSpoiled(at=at.at, kind=paper.kind, number=number, reason=given)
        )
    ports.probe("after_void")


def require_reason(reason: str) -> str:
    """Return why a number is given up. Raises ``InputError`` (``no_reason``)."""
    given = reason.strip()
    if not given:
        raise InputError(
            "no_reason",
            Bilingual("作废必须写明原因。", "Voiding needs a reason."),
            Bilingual("请填写原因后再作废。", "Enter the reason, then void."),
        )
    return given


def unfinished(ports: DeskPorts) -> tuple[PaperRecord, ...]:
    """Return the papers whose T1 is durable and whose drawing is missing: what a crash between T1 and T2 leaves."""
    with ports.store.read() as reads:
        return tuple(reads.papers_without_drawing())


def blank_form(number: str) -> InputError:
    """A blank form is not handed over: what was written on it is entered."""
    return InputError(
        "blank_form",
        Bilingual(f"{number} 是空白单证，还没有补录。", f"{number} is a blank form that was not entered yet."),
        Bilingual(
            "请在“单证”里补录：选案件，写上填写日期和接收人。",
            "Enter it under Papers: its case, the day on it, and who got it.",
        ),
    )


def _require_standing(paper: PaperRecord) -> None:
    if paper.state is PaperState.VOIDED:
        raise _voided(paper.number)


def _require_size(paper: PaperRecord, size: PaperSize) -> None:
    definition = paper_definition(PaperId(paper.paper))
    if size not in definition.sizes:
        raise InputError(
            "size_unknown",
            Bilingual(
                f"{definition.title.zh}不能打在 80 毫米小票纸上。",
                f"The {definition.title.en} is not made for an 80 mm roll.",
            ),
            Bilingual("请选择 A4。", "Choose A4."),
        )


def _voided(number: str) -> InputError:
    return InputError(
        "voided",
        Bilingual(f"{number} 已作废。", f"{number} is voided."),
        Bilingual("作废的号码不再使用，请另出一张。", "A voided number is not used again; issue another paper."),
    )
