"""What stands on a paper, before it is drawn: plain facts and finished amounts, no layout.

Promise: the drawing adds nothing and leaves nothing out; the voucher's QR carries exactly ``cose``.
Source: notes/domain.md §7.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from rules.bilingual import Bilingual


class PaperHead(msgspec.Struct, frozen=True, kw_only=True):
    """Top of every paper. ``printed_at`` is UTC and printed as Beijing time; ``copy_no`` above 1 is a reprint."""

    company: str
    station: str
    hotline: str
    number: str
    copy_no: int
    printed_at: datetime
    case_no: str
    insured_name: str
    insured_sex: str | None
    insured_id_masked: str
    loss_date: date
    catastrophe: str | None
    adjuster: str
    device: str


class PaperStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the calculation: what, on which basis, and its amount or verdict (``amount_fen`` wins over ``verdict``)."""

    name: str
    basis: str
    amount_fen: int | None
    verdict: str | None


class VoucherContent(msgspec.Struct, frozen=True, kw_only=True):
    """A payment voucher. ``cose`` is the signed message the QR carries; ``cash_counter_fen`` is what the patient pays at the counter."""

    head: PaperHead
    policy_no: str
    payee_name: str
    payee_relation: str
    account_masked: str
    steps: tuple[PaperStep, ...]
    amount_fen: int
    patient_pays_fen: int | None
    pack_version: str
    pack_age_days: int
    pack_warning: bool
    authority_id: str
    cose: bytes
    signed_claimant: tuple[tuple[tuple[int, int], ...], ...]
    signed_adjuster: tuple[tuple[tuple[int, int], ...], ...]
    voided: bool = False


class SlipItem(msgspec.Struct, frozen=True, kw_only=True):
    """One document handed in."""

    material: str
    filename: str
    pages: int
    sha256: str


class SlipContent(msgspec.Struct, frozen=True, kw_only=True):
    """An acceptance slip: what was handed in, why no voucher was made, what happens next. It promises nothing."""

    head: PaperHead
    policy_nos: tuple[str, ...]
    items: tuple[SlipItem, ...]
    reasons: tuple[Bilingual, ...]
    missing: tuple[str, ...]
    claimant: str
