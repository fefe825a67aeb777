"""What lies inside a voucher's PDF for machines: everything that headquarters needs to keep the promise when the laptop is lost.

Promise: facts and decision are the very bytes of the log, so that their hashes are those in the signed voucher; the rest (payee with account,
settlement keys, debits, the insured and the loss) is sealed by the device, so that nobody can give the money another way by editing a file.

    determination.json  {"format", "facts", "decision", "promise"}
    promise.cose        the device's seal on the bytes of "promise" (``trust.record_seals``)
    voucher.cose        the signed voucher, as the QR code carries it

Source: notes/peers.md §2 complaint 1; docs/adr/0138.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from claims.events import ABSENT, GrantDebit, KeyedAmount, PayeeFact, PersonFact, VoucherIssued, VoucherRecovered
from claims.records import CaseRecord, DeterminationRecord
from rules.engine import read_decision
from rules.engine.model import Determination
from trust.certificates import TrustStore
from trust.errors import ForgedError
from trust.keys import Signer
from trust.record_seals import check_record_seal, seal_record
from trust.vouchers import OpenedVoucher

DETERMINATION_FILE = "determination.json"
SEAL_FILE = "promise.cose"
VOUCHER_FILE = "voucher.cose"
_FORMAT = "outpost-determination-1"
_READABLE_BYTES = 4 * 1024 * 1024
# msgspec answers brackets within brackets within brackets with the last of these.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class PromisedCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case behind the promise, as far as pools, keys and waivers depend on it. The phone number stays out."""

    case_no: str
    claim_type: str
    insured: PersonFact
    loss_date: date
    loss_place: str
    loss_region: str | None
    catastrophe_id: str | None


class PromiseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A voucher as it was issued (``claims.events.VoucherIssued``), with its case and its rules."""

    at: datetime
    voucher_no: str
    case: PromisedCase
    policy_no: str
    payee: PayeeFact
    amount_fen: int
    keys: tuple[KeyedAmount, ...]
    debits: tuple[GrantDebit, ...]
    pack_id: str
    pack_version: int
    pack_hash: str
    decision_sha256: str
    authority_id: str

    def issued(self, cose: bytes) -> VoucherIssued:
        """Return the event as the lost log has it."""
        return VoucherIssued(
            at=self.at,
            case_no=self.case.case_no,
            policy_no=self.policy_no,
            voucher_no=self.voucher_no,
            payee=self.payee,
            amount_fen=self.amount_fen,
            keys=self.keys,
            debits=self.debits,
            pack_hash=self.pack_hash,
            decision_sha256=self.decision_sha256,
            authority_id=self.authority_id,
            cose=cose,
        )


class _DeterminationFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file; its parts keep their bytes."""

    format: str
    facts: msgspec.Raw
    decision: msgspec.Raw
    promise: msgspec.Raw


class FoundInside(msgspec.Struct, frozen=True, kw_only=True):
    """What a file held inside, as far as it is what the device said: ``ground`` by the voucher's own hashes, ``promise`` by its seal.

    ``doubts``: codes of what did not fit and was left out.
    """

    facts: bytes | None = None
    decision: bytes | None = None
    promise: bytes | None = None
    seal: bytes | None = None
    doubts: tuple[str, ...] = ()


def voucher_files(
    signer: Signer,
    device_certificate: bytes,
    issued: VoucherIssued,
    case: CaseRecord,
    determination: DeterminationRecord,
) -> dict[str, bytes]:
    """Return the files to attach to a voucher's PDF, by name. The same voucher gives the same bytes.

    A determination other than the promised one (decided again since) is left out: it would prove nothing.
    """
    files = {VOUCHER_FILE: issued.cose}
    if hashlib.sha256(determination.decision).hexdigest() != issued.decision_sha256:
        return files
    decision = read_decision(determination.decision)
    record = PromiseRecord(
        at=issued.at,
        voucher_no=issued.voucher_no,
        case=PromisedCase(
            case_no=case.case_no,
            claim_type=case.claim_type,
            insured=msgspec.structs.replace(case.insured, phone=None),
            loss_date=case.loss_date,
            loss_place=case.loss_place,
            loss_region=case.loss_region,
            catastrophe_id=case.catastrophe_id,
        ),
        policy_no=issued.policy_no,
        payee=issued.payee,
        amount_fen=issued.amount_fen,
        keys=issued.keys,
        debits=issued.debits,
        pack_id=decision.pack_id,
        pack_version=decision.pack_version,
        pack_hash=issued.pack_hash,
        decision_sha256=issued.decision_sha256,
        authority_id=issued.authority_id,
    )
    promise = msgspec.json.encode(record)
    whole = _DeterminationFile(
        format=_FORMAT,
        facts=msgspec.Raw(determination.facts),
        decision=msgspec.Raw(determination.decision),
        promise=msgspec.Raw(promise),
    )
    files[DETERMINATION_FILE] = msgspec.json.encode(whole)
    files[SEAL_FILE] = seal_record(signer, device_certificate, promise)
    return files


def read_voucher_files(files: Mapping[str, bytes], voucher: OpenedVoucher, roots: TrustStore) -> FoundInside:
    """Return what of a PDF's files belongs to a verified voucher. Never raises for what a file says: what does not fit is left out."""
    content = files.get(DETERMINATION_FILE)
    if content is None:
        return FoundInside(doubts=("nothing_inside",))
    try:
        if len(content) > _READABLE_BYTES:
            raise msgspec.DecodeError(f"{len(content)} bytes")
        whole = msgspec.json.decode(content, type=_DeterminationFile)
    except _UNREADABLE:
        return FoundInside(doubts=("inside_unreadable",))
    facts, decision, promise = bytes(whole.facts), bytes(whole.decision), bytes(whole.promise)
    doubts: list[str] = []
    if not rests_on(facts, decision, voucher):
        doubts.append("decision_changed")
        facts = decision = b""
    seal = files.get(SEAL_FILE, b"")
    if sealed_promise(promise, seal, voucher, roots) is None:
        doubts.append("promise_changed")
        promise = seal = b""
    return FoundInside(
        facts=facts or None,
        decision=decision or None,
        promise=promise or None,
        seal=seal or None,
        doubts=tuple(doubts),
    )


def is_complete(event: VoucherRecovered) -> bool:
    """Tell whether calculation and promise came with a recovered voucher."""
    return bytes(event.decision) != bytes(ABSENT) and bytes(event.promise) != bytes(ABSENT)


def rests_on(facts: bytes, decision: bytes, voucher: OpenedVoucher) -> bool:
    """Tell whether a voucher was signed over this decision, and the decision made from these facts."""
    if hashlib.sha256(decision).hexdigest() != voucher.claims.decision_sha256:
        return False
    try:
        made = read_decision(decision)
    except _UNREADABLE:
        return False
    return isinstance(made, Determination) and hashlib.sha256(facts).hexdigest() == made.inputs_hash


def sealed_promise(promise: bytes, seal: bytes, voucher: OpenedVoucher, roots: TrustStore) -> PromiseRecord | None:
    """Return the record that the voucher's own device sealed for this voucher, None for any other."""
    try:
        device = check_record_seal(seal, promise, roots)
        record = msgspec.json.decode(promise, type=PromiseRecord)
    except (ForgedError, *_UNREADABLE):
        return None
    claims = voucher.claims
    said = (
        record.voucher_no,
        record.case.case_no,
        record.policy_no,
        record.payee.name,
        record.amount_fen,
        record.pack_hash,
        record.decision_sha256,
        int(record.at.timestamp()),
    )
    signed = (
        claims.voucher_no,
        claims.case_no,
        claims.policy_no,
        claims.payee,
        claims.amount_fen,
        claims.pack_hash,
        claims.decision_sha256,
        claims.issued_at,
    )
    return record if device.der == voucher.certificate.der and said == signed else None
