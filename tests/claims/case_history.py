"""A case's life told in one line a step, for tests of what is folded from it. Everything is invented."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import msgspec

from claims.case_progress import CaseProgress, after, answered, opened
from claims.events import (
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    Event,
    FactsRecorded,
    Outcome,
    PaperAsked,
    PaperHandedOver,
    PaperKind,
    PaperPrinted,
    PaperRendered,
    PaperSigned,
    PayeeFact,
    PersonFact,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
)
from claims.materials import ClaimType, Material
from claims.statements import SettlementAnswered
from rules.engine.model import Bilingual

MORNING = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
PACK, OTHER_PACK = "ab" * 32, "cd" * 32
POLICY, SECOND = "P-1", "P-2"
NEEDED = (
    Material.APPLICATION,
    Material.INSURED_ID,
    Material.MEDICAL_RECORD,
    Material.OUTPATIENT_BILL,
    Material.BANK_ACCOUNT,
)
"""What an illness claim of an adult needs."""


def sha_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class History:
    """Folds as it goes: every step takes one seq and one minute."""

    def __init__(
        self,
        *policy_nos: str,
        channel: str = "phone",
        birth_date: date | None = date(1980, 5, 1),
        claim_type: ClaimType = ClaimType.ILLNESS_MEDICAL,
    ) -> None:
        self.seq = 1
        self.at = MORNING
        person = PersonFact(name="覃建国", birth_date=birth_date)
        event = CaseOpened(
            at=self.at,
            case_no="C-1",
            channel=channel,
            claim_type=claim_type.value,
            insured=person,
            reporter=person,
            policy_nos=policy_nos,
            loss_date=date(2026, 11, 20),
            loss_place="清溪县",
            loss_region="990101",
            catastrophe_id=None,
            description="",
        )
        self.progress: CaseProgress = opened(event, self.seq)

    def wait(self, **time: int) -> History:
        self.at += timedelta(**time)
        return self

    def papers(self, *materials: Material) -> History:
        for material in materials:
            self._do(
                DocumentAdded(
                    at=self.at,
                    case_no="C-1",
                    document_id=f"{self.seq:03d}",
                    material=material.value,
                    sha256=sha_of(f"{self.seq}"),
                    size_bytes=1,
                    media_type="image/jpeg",
                    filename="x.jpg",
                    thumbnail_sha256=None,
                    pages=1,
                )
            )
        return self

    def facts(self, **facts: object) -> History:
        raw = msgspec.Raw(msgspec.json.encode(facts))
        return self._do(FactsRecorded(at=self.at, case_no="C-1", policy_no=POLICY, pack_hash=PACK, facts=raw))

    def decide(
        self,
        policy_no: str = POLICY,
        outcome: Outcome = Outcome.PRE_APPROVED,
        pack_hash: str = PACK,
        decision: str = "one",
    ) -> History:
        return self._do(
            DeterminationMade(
                at=self.at,
                case_no="C-1",
                policy_no=policy_no,
                pack_hash=pack_hash,
                facts=msgspec.Raw(b"{}"),
                decision=msgspec.Raw(b"{}"),
                decision_sha256=sha_of(decision),
                outcome=outcome,
                outcome_reasons=(),
            )
        )

    def supplement_notice(self, number: str) -> History:
        return self._do(
            PaperAsked(at=self.at, number=number, paper="supplement_notice", case_no="C-1", content=msgspec.Raw(b"{}"))
        )

    def sign(self, *roles: str, decision: str = "one", refused: bool = False) -> History:
        for role in roles or ("claimant", "adjuster"):
            self._do(
                PaperSigned(
                    at=self.at,
                    case_no="C-1",
                    subject=f"determination:{POLICY}",
                    content_sha256=sha_of(decision),
                    role=role,
                    name="x",
                    refused=refused,
                    strokes=(),
                )
            )
        return self

    def voucher(self, number: str = "V-1", policy_no: str = POLICY, decision: str = "one") -> History:
        return self._do(
            VoucherIssued(
                at=self.at,
                case_no="C-1",
                policy_no=policy_no,
                voucher_no=number,
                payee=PayeeFact(name="x", id_number=None, relation="self", bank="x", account="1"),
                amount_fen=1,
                keys=(),
                debits=(),
                pack_hash=PACK,
                decision_sha256=sha_of(decision),
                authority_id="A",
                cose=b"",
            )
        )

    def slip(self, number: str = "S-1", outcome: Outcome = Outcome.RECEIPT_ONLY) -> History:
        return self._do(SlipIssued(at=self.at, case_no="C-1", slip_no=number, outcome=outcome, reasons=()))

    def draw(self, number: str = "V-1", copy_no: int = 1) -> History:
        return self._do(
            PaperRendered(
                at=self.at, number=number, kind=_kind(number), pdf_sha256=sha_of(number), size_bytes=1, copy_no=copy_no
            )
        )

    def print(self, number: str = "V-1", copy_no: int = 1) -> History:
        return self._do(
            PaperPrinted(at=self.at, number=number, kind=_kind(number), copy_no=copy_no, destination="printer")
        )

    def give(self, number: str = "V-1") -> History:
        return self._do(PaperHandedOver(at=self.at, number=number, kind=_kind(number), receiver="x"))

    def out(self, number: str = "V-1") -> History:
        """Draw, print and hand over."""
        return self.draw(number).print(number).give(number)

    def void(self, number: str = "V-1") -> History:
        return self._do(VoucherVoided(at=self.at, voucher_no=number, reason="打印模糊"))

    def answer(self, settlement: str | None, number: str | None = "V-1", replay: str = "identical") -> History:
        self.at += timedelta(minutes=1)
        self.progress = answered(
            self.progress,
            SettlementAnswered(
                statement_id="s",
                device="D",
                epoch=1,
                issued_at=self.at,
                case_no="C-1",
                voucher_no=number,
                replay=replay,
                settlement=settlement,
                amount_fen=1,
                reason=Bilingual("", ""),
            ),
        )
        return self

    def _do(self, event: Event) -> History:
        self.seq += 1
        self.progress = after(self.progress, event, self.seq)
        self.at += timedelta(minutes=1)
        return self


def _kind(number: str) -> PaperKind:
    return PaperKind.VOUCHER if number.startswith("V") else PaperKind.SLIP
