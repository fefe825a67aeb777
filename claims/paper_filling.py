"""From a numbered paper's record to everything that stands on it: one way for every paper, first print and reprint alike.

Promise: what is printed is what was promised or asked: a voucher's figures are those of its signed bytes, a document's those of its event;
only the print's own facts are new (which copy, when, who has signed, what became of the number).

Source: notes/domain.md §7; design.md "Vouchers".
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from claims.case_papers import loss_link, papers_of, traits_so_far
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, BugError
from claims.events import PaperKind, PaperSigned
from claims.materials import MATERIAL_NAMES
from claims.paper_content import PackAge, paper_head, slip_content, voucher_content
from claims.paper_definitions import PaperId
from claims.papers import FilledPaper, Mark, PaperHead, Printed, Signed
from claims.ports import Reads
from claims.promise_record import voucher_files
from claims.records import CaseRecord, PaperRecord, PaperState
from claims.reference import Catastrophe
from claims.signing import Role, signature_of
from claims.trusted_time import TrustedTime
from claims.waivers import find_catastrophe
from rules.engine import Decision, read_decision
from trust.certificates import TrustStore
from trust.releases import Freshness, freshness
from trust.vouchers import open_voucher

_BLANK = Bilingual("手工填写后交服务站补录", "filled in by hand, to be entered at the station afterwards")


def filled_paper(ports: DeskPorts, reads: Reads, paper: PaperRecord, *, copy_no: int, at: TrustedTime) -> FilledPaper:
    """Return what stands on a paper when it is drawn now.

    Raises:
        BugError: ``voucher_differs`` when the record is not what was signed.
    """
    if paper.content is not None:
        return _document(reads, paper, copy_no=copy_no, at=at)
    if paper.blank:
        head = paper_head(ports.identity, None, paper.number, copy_no=copy_no, printed_at=at.at, catastrophe=None)
        # Whoever has the form when the laptop is dead fills it in.
        head = msgspec.structs.replace(head, adjuster="")
        return blank_paper(PaperId(paper.paper), head=head, voided=paper.state is PaperState.VOIDED)
    if paper.kind is PaperKind.SLIP:
        slip = filled_slip(ports, reads, paper.case_no, paper.number, paper.reasons, at=at, copy_no=copy_no)
        signed = signed_on(reads.paper_signatures(paper.number))
        return msgspec.structs.replace(slip, signed=signed, marks=_voided(paper))
    case = reads.case(paper.case_no)
    catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
    head = paper_head(ports.identity, case, paper.number, copy_no=copy_no, printed_at=at.at, catastrophe=catastrophe)
    return _voucher(ports, reads, paper, case, head=head, catastrophe=catastrophe)


def filled_slip(
    ports: DeskPorts,
    reads: Reads,
    case_no: str,
    number: str,
    reasons: tuple[Bilingual, ...],
    *,
    at: TrustedTime,
    copy_no: int = 1,
) -> FilledPaper:
    """Return what stands on an acceptance slip that is given now: what was handed in until now, and what is missing."""
    case = reads.case(case_no)
    catastrophe = find_catastrophe(ports.rulebook.catastrophes(), loss_link(case))
    head = paper_head(ports.identity, case, number, copy_no=copy_no, printed_at=at.at, catastrophe=catastrophe)
    missing = _missing(reads, case, catastrophe, at)
    return slip_content(head, case, reads.documents(case_no), reasons, missing)


def blank_paper(paper: PaperId, *, head: PaperHead, voided: bool = False) -> FilledPaper:
    """Return a form to be filled in by hand: its number and nothing else."""
    marks = ((Mark.VOIDED,) if voided else ()) + (Mark.BLANK,)
    values: dict[str, Printed] = (
        {"voucher.standing": _BLANK, "voucher.outlook": _BLANK} if paper is PaperId.VOUCHER else {}
    )
    return FilledPaper(paper=paper, head=head, values=values, marks=marks)


def signed_on(events: Iterable[PaperSigned]) -> tuple[Signed, ...]:
    """Return who signed a paper, in order of first signing; the newest word of a person in a role counts."""
    newest: dict[tuple[str, str], Signed] = {}
    for event in events:
        newest[event.role, event.name] = Signed(
            role=event.role, name=event.name, at=event.at, ink=event.strokes, refused=event.refused
        )
    return tuple(newest.values())


def _document(reads: Reads, paper: PaperRecord, *, copy_no: int, at: TrustedTime) -> FilledPaper:
    asked = msgspec.json.decode(paper.content or b"", type=FilledPaper)
    head = msgspec.structs.replace(asked.head, number=paper.number, copy_no=copy_no, printed_at=at.at)
    return msgspec.structs.replace(
        asked,
        head=head,
        signed=(*asked.signed, *signed_on(reads.paper_signatures(paper.number))),
        marks=(*_voided(paper), *(mark for mark in asked.marks if mark is not Mark.VOIDED)),
    )


def _voided(paper: PaperRecord) -> tuple[Mark, ...]:
    return (Mark.VOIDED,) if paper.state is PaperState.VOIDED else ()


def _voucher(
    ports: DeskPorts,
    reads: Reads,
    paper: PaperRecord,
    case: CaseRecord,
    *,
    head: PaperHead,
    catastrophe: Catastrophe | None,
) -> FilledPaper:
    if paper.policy_no is None or paper.payee is None:
        raise ValueError(f"voucher {paper.number} has no policy or no payee")
    _check_signed(ports, paper)
    record = reads.promised_determination(paper.number)
    signatures = reads.signatures(case.case_no)
    by_role = (
        signature_of(signatures, record, Role.CLAIMANT, paper.payee.name),
        signature_of(signatures, record, Role.ADJUSTER),
    )
    return voucher_content(
        head,
        paper,
        record,
        age=_pack_age(ports, paper, read_decision(record.decision), record.pack_hash),
        signed=signed_on(each for each in by_role if each is not None),
        catastrophe=catastrophe,
        attached=voucher_files(
            ports.signer, ports.identity.device_certificate, reads.voucher_issued(paper.number), case, record
        ),
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


def _missing(reads: Reads, case: CaseRecord, catastrophe: Catastrophe | None, at: TrustedTime) -> tuple[Bilingual, ...]:
    papers = papers_of(reads, case, catastrophe, traits_so_far(reads.progress(case.case_no), at))
    chosen = [[MATERIAL_NAMES[one] for one in each.alternatives[0]] for each in papers.missing]
    return tuple(
        Bilingual("和".join(name.zh for name in names), " and ".join(name.en for name in names)) for names in chosen
    )
