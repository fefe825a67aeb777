"""Reference data that headquarters publishes: persons and policies of the extract, and catastrophes.

Promise: reference data never carries a promise; it is replaced whole and kept apart from the case store.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from rules.bilingual import Bilingual


class ExtractHeader(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="h"):
    """First record of an extract stream."""

    schema: int
    version: int
    made_at: datetime
    persons: int
    policies: int


class ExtractPerson(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="p"):
    """A person. ``pinyin`` holds every reading of the name in full, ``initials`` the first letters, both lower case and made by HQ."""

    person_id: str
    name: str
    pinyin: tuple[str, ...]
    initials: tuple[str, ...]
    id_number: str
    birth_date: date
    sex: str
    phone: str


class Beneficiary(msgspec.Struct, frozen=True, kw_only=True):
    """A beneficiary of a policy: order from 1, share in per ten thousand."""

    person_id: str
    order: int
    share_bp: int


class PriorPayment(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid on this policy before the extract was made. ``used`` are sums per pool id."""

    liability: str
    amount_fen: int
    paid_on: date
    loss_key: str


class ExtractPolicy(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="y"):
    """A policy. ``terms`` are pack elements that come from the contract (sum insured, premium, ...), as JSON values."""

    policy_no: str
    plan: str
    product_name: Bilingual
    effective: date
    expiry: date | None
    policyholder_id: str
    insured_id: str
    beneficiaries: tuple[Beneficiary, ...]
    terms: dict[str, bool | int | str]
    prior_payments: tuple[PriorPayment, ...] = ()


AnyExtractRecord = ExtractHeader | ExtractPerson | ExtractPolicy


class PersonHit(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a search: the person and which policies connect them, in which roles."""

    person: ExtractPerson
    roles: tuple[str, ...]
    policy_nos: tuple[str, ...]


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A simplification of one catastrophe (notes/domain.md §1.3). ``code`` is NO_HOSPITAL_LIST and the like; ``number`` is printed (W-02)."""

    code: str
    number: str
    text: Bilingual


class Catastrophe(msgspec.Struct, frozen=True, kw_only=True):
    """A declared catastrophe: what is waived, where, from when to when. Published as a signed release of kind ``catastrophe``."""

    catastrophe_id: str
    name: Bilingual
    peril: str
    loss_from: date
    loss_to: date
    regions: tuple[str, ...]
    major_natural_disaster: bool
    waivers: tuple[Waiver, ...]
