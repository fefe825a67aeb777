"""Use case: the promises of a lost laptop, from its voucher PDFs or photos of its vouchers, handed to headquarters as recovered events.

Promise: nothing is taken that the lost device did not sign. The code on the paper is verified by the root certificate alone; what a PDF holds inside
counts only as far as its hashes and its seal fit that code, so that a changed file can't change a promise. The same voucher is recorded once,
however many papers show it. One bad file never blocks the others; each gets its own sentence.

Source: design.md "Vouchers", notes/peers.md §2 complaint 1; docs/adr/0138.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import msgspec

from claims.amounts import yuan
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual, InputError
from claims.events import ABSENT, VoucherIssued, VoucherRecovered
from claims.overviews import CodesFound
from claims.ports import Reads
from claims.promise_record import VOUCHER_FILE, FoundInside, is_complete, read_voucher_files
from trust.certificates import TrustStore
from trust.errors import StructureError
from trust.vouchers import QR_PREFIX, OpenedVoucher, voucher_from_qr_text, voucher_qr_text

_COMMIT_BYTES = 512 * 1024
"""A commit of recovered vouchers stays below this, so that it travels over a weak line."""


class Recovered(StrEnum):
    """What became of one voucher, or of a file without one."""

    NEW = "new"
    COMPLETED = "completed"
    """Known from a photo; now its calculation is here as well."""
    KNOWN = "known"
    OWN = "own"
    REFUSED = "refused"


@dataclass(frozen=True)
class RecoveredPaper:
    """One finding. ``complete``: facts, decision and promise are there, so that headquarters can settle without a person.

    ``code``: why it was refused (``claims.errors``), None otherwise.
    """

    source: str
    outcome: Recovered
    sentence: Bilingual
    voucher_no: str | None = None
    payee: str | None = None
    amount_fen: int | None = None
    station: str | None = None
    device: str | None = None
    complete: bool = False
    code: str | None = None


@dataclass(frozen=True)
class RecoveryReport:
    """What was recovered, what was here already, what was refused; in the order of the files."""

    papers: tuple[RecoveredPaper, ...]

    def count(self, *outcomes: Recovered) -> int:
        """Return how many have one of these outcomes."""
        return sum(each.outcome in outcomes for each in self.papers)

    @property
    def new_fen(self) -> int:
        """Return what the newly recovered vouchers promise together."""
        return sum(each.amount_fen or 0 for each in self.papers if each.outcome is Recovered.NEW)


@dataclass
class _Candidate:
    """A genuine voucher with the best that any of the files held about it."""

    source: str
    source_sha256: str
    cose: bytes
    voucher: OpenedVoucher
    inside: FoundInside
    also: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.inside.decision is not None and self.inside.promise is not None


def recover_vouchers(ports: DeskPorts, files: Sequence[tuple[str, bytes]]) -> RecoveryReport:
    """Read vouchers from files (name and content) and record those that are new here.

    Raises:
        EnvironmentProblem: the store could not commit; what the report of an earlier call named is safe, and calling again adds nothing twice.
    """
    refused: list[RecoveredPaper] = []
    found: dict[bytes, _Candidate] = {}
    for filename, content in files:
        for each in _read(ports, filename, content):
            if isinstance(each, RecoveredPaper):
                refused.append(each)
            elif (before := found.setdefault(each.cose, each)) is not each:
                found[each.cose] = _better(before, each)
    papers = _recorded(ports, list(found.values()))
    order = {name: place for place, (name, _) in enumerate(files)}
    return RecoveryReport(tuple(sorted((*papers, *refused), key=lambda each: order[each.source])))


def _read(ports: DeskPorts, filename: str, content: bytes) -> Iterator[_Candidate | RecoveredPaper]:
    """Yield the genuine vouchers of a file, and what is wrong with the others."""
    inside = ports.codes.inside(content)
    raw = inside.get(VOUCHER_FILE)
    try:
        codes = ports.codes.in_file(filename, content)
    except InputError as problem:
        if raw is None:
            yield _refused(filename, problem)
            return
        # Pages that can't be looked at, such as a hundred of them; what the file holds inside is signed like what they show.
        codes = CodesFound(texts=())
    texts = [text for text in codes.texts if text.startswith(QR_PREFIX)]
    if raw is not None:
        try:
            texts.append(voucher_qr_text(raw))
        except StructureError:
            texts.append(QR_PREFIX)  # refused below, in the words of an unreadable code
    if not texts:
        yield _refused(filename, _no_code(filename, seen=codes.seen, other=bool(codes.texts)))
        return
    roots = TrustStore(ports.identity.root_certificate)
    done: set[bytes] = set()
    for text in texts:
        try:
            voucher = ports.codes.voucher(text, ports.identity.root_certificate)
            cose = voucher_from_qr_text(text)
        except InputError as problem:
            yield _refused(filename, problem)
            continue
        if cose not in done:
            done.add(cose)
            yield _Candidate(
                source=filename,
                source_sha256=hashlib.sha256(content).hexdigest(),
                cose=cose,
                voucher=voucher,
                inside=read_voucher_files(inside, voucher, roots) if inside else FoundInside(),
            )


def _better(one: _Candidate, other: _Candidate) -> _Candidate:
    """Return the one of two papers of a voucher that holds more; it remembers the other's name."""
    chosen, left = (other, one) if other.complete and not one.complete else (one, other)
    chosen.also += [left.source, *left.also]
    return chosen


def _recorded(ports: DeskPorts, candidates: list[_Candidate]) -> list[RecoveredPaper]:
    at = ports.time()
    papers: list[RecoveredPaper] = []
    with ports.store.read() as reads:
        known = _known(reads)
        judged = [(each, _outcome(ports, reads, known, each)) for each in candidates]
    waiting: list[VoucherRecovered] = []
    size = 0
    for candidate, outcome in judged:
        papers.append(_told(candidate, outcome))
        papers += (_same(candidate, source) for source in candidate.also)
        if outcome not in {Recovered.NEW, Recovered.COMPLETED}:
            continue
        event = _event(candidate, at.at)
        length = len(msgspec.json.encode(event))
        if waiting and size + length > _COMMIT_BYTES:
            _append(ports, waiting)
            waiting, size = [], 0
        waiting.append(event)
        size += length
    if waiting:
        _append(ports, waiting)
    return papers


def _append(ports: DeskPorts, events: Sequence[VoucherRecovered]) -> None:
    with ports.store.write() as uow:
        uow.append(*events)
    ports.probe("after_recovered")


def _known(reads: Reads) -> dict[bytes, bool]:
    """Return the vouchers recovered here before, and whether their calculation came with them."""
    known: dict[bytes, bool] = {}
    for event in reads.recovered():
        known[event.cose] = known.get(event.cose, False) or is_complete(event)
    return known


def _outcome(ports: DeskPorts, reads: Reads, known: dict[bytes, bool], candidate: _Candidate) -> Recovered:
    certificate = candidate.voucher.certificate
    if (certificate.device, certificate.epoch) == (ports.identity.device, ports.identity.epoch) and (
        issued := _own(reads, candidate.voucher.claims.voucher_no)
    ):
        # A restored disk may have given the number to another promise: then the paper is news all the same.
        return Recovered.OWN if issued.cose == candidate.cose else Recovered.NEW
    if candidate.cose not in known:
        return Recovered.NEW
    return Recovered.COMPLETED if candidate.complete and not known[candidate.cose] else Recovered.KNOWN


def _own(reads: Reads, number: str) -> VoucherIssued | None:
    try:
        return reads.voucher_issued(number)
    except InputError:
        return None


def _event(candidate: _Candidate, at: datetime) -> VoucherRecovered:
    inside = candidate.inside
    return VoucherRecovered(
        at=at,
        cose=candidate.cose,
        # A stick's file names may hold bytes that are no text; the record is text.
        source=candidate.source.encode("utf-8", "replace").decode(),
        source_sha256=candidate.source_sha256,
        facts=_raw(inside.facts),
        decision=_raw(inside.decision),
        promise=_raw(inside.promise),
        seal=inside.seal,
    )


def _raw(content: bytes | None) -> msgspec.Raw:
    return ABSENT if content is None else msgspec.Raw(content)


def _told(candidate: _Candidate, outcome: Recovered) -> RecoveredPaper:
    claims, certificate = candidate.voucher.claims, candidate.voucher.certificate
    return RecoveredPaper(
        source=candidate.source,
        outcome=outcome,
        sentence=_sentence(candidate, outcome),
        voucher_no=claims.voucher_no,
        payee=claims.payee,
        amount_fen=claims.amount_fen,
        station=claims.station,
        device=certificate.device,
        complete=candidate.complete,
    )


def _same(candidate: _Candidate, source: str) -> RecoveredPaper:
    claims = candidate.voucher.claims
    return replace(
        _told(candidate, Recovered.KNOWN),
        source=source,
        sentence=Bilingual(
            f"与 {candidate.source} 是同一张凭证 {claims.voucher_no}，只登记一次。",
            f"The same voucher {claims.voucher_no} as in {candidate.source}; recorded once.",
        ),
    )


def _sentence(candidate: _Candidate, outcome: Recovered) -> Bilingual:
    claims = candidate.voucher.claims
    zh = f"凭证 {claims.voucher_no}，{claims.payee}，{yuan(claims.amount_fen)} 元："
    en = f"Voucher {claims.voucher_no}, {claims.payee}, {yuan(claims.amount_fen)} yuan: "
    match outcome:
        case Recovered.OWN:
            return Bilingual(
                zh + "是本机自己签发的，记录完好，无需恢复。",
                en + "this laptop issued it and has its record; nothing to recover.",
            )
        case Recovered.KNOWN:
            return Bilingual(zh + "以前已在本机恢复，没有重复登记。", en + "recovered here before; not recorded twice.")
        case Recovered.COMPLETED:
            return Bilingual(
                zh + "以前只有二维码，现在补上了理算依据，下次同步交总部。",
                en
                + "known by its code only so far; its calculation is recorded now and goes to headquarters with the next sync.",
            )
        case _:
            pass
    if candidate.complete:
        return Bilingual(
            zh + "已恢复，理算依据齐全，下次同步交总部结算。",
            en + "recovered with its whole calculation; headquarters settles it after the next sync.",
        )
    changed = any(each != "nothing_inside" for each in candidate.inside.doubts)
    if changed:
        return Bilingual(
            zh + "二维码真实，已恢复；文件内所附数据与签名不符，未采用，由总部人工核定。",
            en
            + "the code is genuine and was recovered; the data inside the file do not fit the signature and were left out. A person at headquarters decides.",
        )
    return Bilingual(
        zh + "已恢复；只有二维码，没有理算依据，由总部人工核定。找到 PDF 原件时请再恢复一次。",
        en
        + "recovered from its code alone, without the calculation; a person at headquarters decides. When the PDF turns up, recover it as well.",
    )


def _refused(filename: str, problem: InputError) -> RecoveredPaper:
    return RecoveredPaper(
        source=filename,
        outcome=Recovered.REFUSED,
        sentence=Bilingual(problem.sentence("zh"), problem.sentence("en")),
        code=problem.code,
    )


def _no_code(filename: str, *, seen: bool, other: bool) -> InputError:
    if seen:
        return InputError(
            "code_not_sharp",
            Bilingual(
                f"{filename} 里有二维码，但看不清。", f"There is a code in {filename}, but it is not sharp enough."
            ),
            Bilingual(
                "请抚平纸面、放稳手机、避开阴影，重拍整个二维码。",
                "Flatten the paper, hold the phone still, avoid shadows and photograph the whole code again.",
            ),
        )
    if other:
        return InputError(
            "no_voucher_code",
            Bilingual(
                f"{filename} 里的二维码不是给付凭证的。", f"The code in {filename} is not that of a payment voucher."
            ),
            Bilingual("请选凭证的 PDF 或照片。", "Choose the voucher's PDF or a photo of it."),
        )
    return InputError(
        "no_voucher_code",
        Bilingual(f"{filename} 里没有凭证二维码。", f"There is no voucher code in {filename}."),
        Bilingual(
            "请选凭证的 PDF 或拍到整个二维码的照片；作废的凭证不带二维码。",
            "Choose the voucher's PDF, or a photo that shows the whole code. A voided voucher carries none.",
        ),
    )
