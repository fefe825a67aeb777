"""Use cases of a paper's life after T1: drawn (T2), printed, handed over, voided, drawn again as a reprint.

Promise: the drawing is on disk before its event commits, and the event before anything is printed; a voucher's signed bytes
never change, and a voided number is never used again. What was cut short can always be finished: ``unfinished`` lists it.

Source: design.md "Vouchers"; notes/peers.md §2 complaints 1-5.
"""

from __future__ import annotations

from dataclasses import dataclass

from claims.case_papers import loss_link, papers_of, traits_so_far
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, BugError, InputError
from claims.events import PaperHandedOver, PaperKind, PaperPrinted, PaperRendered, VoucherVoided
from claims.materials import MATERIAL_NAMES
from claims.paper_content import PackAge, paper_head, slip_content, voucher_content
from claims.papers import SlipContent, VoucherContent
from claims.ports import Reads
from claims.records import CaseRecord, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.signing import Role, ink_of, newest_determination
from claims.trusted_time import TrustedTime
from claims.waivers import find_catastrophe
from rules.engine import Decision, read_decision
from trust.certificates import TrustStore
from trust.releases import Freshness, freshness
from trust.vouchers import open_voucher


@dataclass(frozen=True)
class DrawnPaper:
    """A drawn paper: its number, which print it is, and the PDF."""

    number: str
    copy_no: int
    pdf_sha256: str
    pdf: bytes


def draw(ports: DeskPorts, number: str) -> DrawnPaper:
    """Draw a paper and store the drawing (T2). The second and later drawings of a paper are marked as reprints.

    Raises:
        InputError: ``number_unknown``; ``voided`` for a reprint of a voided voucher.
        EnvironmentProblem: the drawing could not be stored; the paper's record is unharmed and can be drawn later.
    """
    at = ports.time()
    with ports.store.read() as reads:
        paper = reads.paper(number)
        if paper.state is PaperState.VOIDED:
            raise _voided(number)
        copy_no = paper.copies + 1
        content = _content(ports, reads, paper, copy_no, at)
    pdf = ports.drawing.voucher(content) if isinstance(content, VoucherContent) else ports.drawing.slip(content)
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


def hand_over(ports: DeskPorts, number: str, receiver: str) -> None:
    """Record that the paper is in the claimant's hands. Raises ``InputError`` (``not_printed``, ``voided``)."""
    at = ports.time()
    with ports.store.write() as uow:
        paper = uow.paper(number)
        if paper.state is PaperState.VOIDED:
            raise _voided(number)
        if paper.state not in (PaperState.PRINTED, PaperState.HANDED_OVER):
            raise InputError(
                "not_printed",
                Bilingual(f"{number} 还没有打印。", f"{number} was not printed yet."),
                Bilingual("请先打印或另存，再登记交付。", "Print or save it first, then record the hand-over."),
            )
        uow.append(PaperHandedOver(at=at.at, number=number, kind=paper.kind, receiver=receiver))


def void(ports: DeskPorts, number: str, reason: str) -> None:
    """Void a voucher. Number and debits stay used. Raises ``InputError`` (``no_reason``, ``voided``, ``not_a_voucher``)."""
    if not reason.strip():
        raise InputError(
            "no_reason",
            Bilingual("作废必须写明原因。", "Voiding needs a reason."),
            Bilingual("请填写原因后再作废。", "Enter the reason, then void."),
        )
    at = ports.time()
    with ports.store.write() as uow:
        paper = uow.paper(number)
        if paper.kind is not PaperKind.VOUCHER:
            raise InputError(
                "not_a_voucher",
                Bilingual(f"{number} 不是给付凭证，不需要作废。", f"{number} is no voucher and needs no voiding."),
                Bilingual("请核对号码。", "Check the number."),
            )
        if paper.state is PaperState.VOIDED:
            raise _voided(number)
        uow.append(VoucherVoided(at=at.at, voucher_no=number, reason=reason.strip()))


def unfinished(ports: DeskPorts) -> tuple[PaperRecord, ...]:
    """Return the papers whose T1 is durable and whose drawing is missing: what a crash between T1 and T2 leaves."""
    with ports.store.read() as reads:
        return tuple(reads.papers_without_drawing())


def _content(
    ports: DeskPorts, reads: Reads, paper: PaperRecord, copy_no: int, at: TrustedTime
) -> VoucherContent | SlipContent:
    case = reads.case(paper.case_no)
    catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
    head = paper_head(ports.identity, case, paper.number, copy_no=copy_no, printed_at=at.at, catastrophe=catastrophe)
    if paper.kind is PaperKind.SLIP:
        return slip_content(
            head, case, reads.documents(case.case_no), paper.reasons, _missing(reads, case, catastrophe, at)
        )
    if paper.policy_no is None:
        raise ValueError(f"voucher {paper.number} has no policy")
    _check_signed(ports, paper)
    record = newest_determination(reads, case.case_no, paper.policy_no)
    signatures = reads.signatures(case.case_no)
    return voucher_content(
        head,
        paper,
        record,
        age=_pack_age(ports, paper, read_decision(record.decision), record.pack_hash),
        authority_id=paper.authority_id or "",
        ink_claimant=ink_of(signatures, record, Role.CLAIMANT, None if paper.payee is None else paper.payee.name) or (),
        ink_adjuster=ink_of(signatures, record, Role.ADJUSTER) or (),
        catastrophe=catastrophe,
    )


def _check_signed(ports: DeskPorts, paper: PaperRecord) -> None:
    """The figures on the page come from the record, the QR from the signed bytes: they must be the same promise."""
    claims = open_voucher(paper.cose or b"", TrustStore(ports.identity.root_certificate)).claims
    printed = (paper.number, paper.case_no, paper.amount_fen, paper.policy_no)
    if (claims.voucher_no, claims.case_no, claims.amount_fen, claims.policy_no) != printed:
        raise BugError(
            "voucher_differs",
            Bilingual(
                f"凭证 {paper.number} 的记录与签名内容不一致，没有生成票面。",
                f"The record of voucher {paper.number} differs from what was signed; no page was drawn.",
            ),
            Bilingual(
                "请勿交付，把诊断文件交给总部。", "Hand nothing over and send the diagnostics file to headquarters."
            ),
        )


def _pack_age(ports: DeskPorts, paper: PaperRecord, decision: Decision, pack_hash: str) -> PackAge:
    version = f"{decision.pack_id} {decision.pack_version}"
    release = ports.rulebook.release_of(pack_hash)
    if release is None:
        return PackAge(version=version, days=0, warning=True)
    return PackAge(
        version=version,
        days=max(0, (paper.issued_at - release.issued_at).days),
        warning=freshness(release, paper.issued_at) is not Freshness.FRESH,
    )


def _missing(reads: Reads, case: CaseRecord, catastrophe: Catastrophe | None, at: TrustedTime) -> tuple[str, ...]:
    papers = papers_of(reads, case, catastrophe, traits_so_far(reads.progress(case.case_no), at))
    return tuple("和".join(MATERIAL_NAMES[one].zh for one in each.alternatives[0]) for each in papers.missing)


def _voided(number: str) -> InputError:
    return InputError(
        "voided",
        Bilingual(f"{number} 已作废。", f"{number} is voided."),
        Bilingual("作废的号码不再使用，请另出一张。", "A voided number is not used again; issue another paper."),
    )
