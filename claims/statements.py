"""What headquarters says to a laptop. Each is signed (trust.statements), kept verbatim in the inbox and applied once.

Promise: nothing here counts before its signature was checked; the tag of the struct is the kind of the statement.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from rules.bilingual import Bilingual


class Statement(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Common part: who it is for and HQ's time when it was signed (raises the laptop's time floor)."""

    statement_id: str
    device: str
    epoch: int
    issued_at: datetime


class AllowanceGranted(Statement, frozen=True, kw_only=True, tag="allowance_granted@1"):
    """The right of one (device, epoch) to promise up to ``limit_fen`` from ``pool`` until ``expires_at``.

    ``pool`` is ``*`` for the device's emergency float: it covers any pool, and overlaps are possible up to its limit.
    A grant id never refills; the same id with other content is refused. ``catastrophe_id``: what it was granted ahead of.
    """

    grant_id: str
    pool: str
    limit_fen: int
    expires_at: datetime
    catastrophe_id: str | None = None


class NumberBlockGranted(Statement, frozen=True, kw_only=True, tag="number_block_granted@1"):
    """Numbers ``first``..``last`` of one kind (``voucher``, ``slip``, ``case``) under ``prefix`` (``QX07-D3``), for this device only."""

    kind: str
    prefix: str
    first: int
    last: int


class AuthorityGranted(Statement, frozen=True, kw_only=True, tag="authority_granted@1"):
    """The adjuster's limit: (level, claim type, ceiling, catastrophe, dates, grantor). ``claim_type`` ``*`` means all."""

    authority_id: str
    adjuster: str
    level: str
    claim_type: str
    ceiling_fen: int
    catastrophe_id: str | None
    valid_from: datetime
    valid_to: datetime
    granted_by: str


class LogReceipted(Statement, frozen=True, kw_only=True, tag="log_receipted@1"):
    """HQ holds this device's log durably up to ``watermark_seq``; ``digest`` is the chain hash (hex) there."""

    watermark_seq: int
    digest: str
    rejected_seqs: tuple[int, ...] = ()


class AttachmentsHeld(Statement, frozen=True, kw_only=True, tag="attachments_held@1"):
    """HQ holds these attachments, whole and with matching hashes."""

    sha256: tuple[str, ...]


class SettlementAnswered(Statement, frozen=True, kw_only=True, tag="settlement_answered@1"):
    """HQ's two verdicts on a promise or a referred case: ``replay`` (``identical``, ``different``, ``impossible``) and ``settlement``
    (``settled``, ``hold``, or None where nothing was promised). A hold is opened for a person; the paper is never silently void."""

    case_no: str
    voucher_no: str | None
    replay: str
    settlement: str | None
    amount_fen: int
    reason: Bilingual


class ClaimDecided(Statement, frozen=True, kw_only=True, tag="claim_decided@1"):
    """Headquarters' final decision on a claim (``claims.lifecycle.FinalDecision``); the field prints the notice where the claimant is.

    ``facts``, ``clause`` (number and wording) and ``grounds`` stand on the notice as they are; ``refund_fen`` is premium or cash value that goes
    back; ``decided_on`` the day of the decision, from which art. 24's three days count.
    """

    case_no: str
    policy_no: str | None
    decision: str
    decided_on: date
    decided_by: str
    facts: str
    clause: str
    grounds: str
    amount_fen: int = 0
    refund_fen: int = 0


class DeviceRevoked(Statement, frozen=True, kw_only=True, tag="device_revoked@1"):
    """The device may no longer promise or sync new work."""

    reason: Bilingual


class OtherDeviceRevoked(Statement, frozen=True, kw_only=True, tag="other_device_revoked@1"):
    """Another laptop was stopped: from now on its vouchers are not taken for good without asking headquarters."""

    revoked_device: str
    revoked_epoch: int
    reason: Bilingual


OWNER_HEADQUARTERS = "hq"
"""Owner of a task that headquarters sees to itself: the station only knows of it."""


class TaskAssigned(Statement, frozen=True, kw_only=True, tag="task_assigned@1"):
    """Something a person at the station must do (a refused item, a missing paper). ``owner`` is a staff number or a role, empty: the laptop's adjuster."""

    case_no: str | None
    text: Bilingual
    owner: str = ""


class AttachmentsSafe(Statement, frozen=True, kw_only=True, tag="attachments_safe@1"):
    """These attachments are whole in every backup that headquarters could ever restore: the laptop may delete its originals."""

    sha256: tuple[str, ...]


class ResendAsked(Statement, frozen=True, kw_only=True, tag="resend_asked@1"):
    """Headquarters lost these attachments (it was restored from an older backup): what was held before is offered again."""

    sha256: tuple[str, ...]
    reason: Bilingual


class PaymentReported(Statement, frozen=True, kw_only=True, tag="payment_reported@1"):
    """What the bank said of a settled voucher. ``status``: ``paid``, ``returned`` or ``refused``."""

    case_no: str
    voucher_no: str
    instruction_id: str
    status: str
    amount_fen: int
    on: date
    reason: Bilingual


class PrepaymentMade(Statement, frozen=True, kw_only=True, tag="prepayment_made@1"):
    """Headquarters paid ahead on a loss (预付, Insurance Law art. 25): the final promise is the instalment after it and comes to the rest.

    ``pools`` are those that it took its sum from; ``loss_key`` is without case, as settlement keys compare it. ``days`` are what it took from pools
    that count days; ``reference`` is headquarters' own name of the order.
    """

    case_no: str
    policy_no: str
    prepayment_no: str
    liability: str
    loss_key: str
    amount_fen: int
    pools: tuple[str, ...]
    payee_name: str
    days: dict[str, int] = {}
    reference: str = ""


class CasesLinked(Statement, frozen=True, kw_only=True, tag="cases_linked@1"):
    """Two cases are about one loss. They stay two cases; ``other_station`` has the other one."""

    case_no: str
    other_case_no: str
    other_station: str
    reason: Bilingual


class ReviewOpened(Statement, frozen=True, kw_only=True, tag="review_opened@1"):
    """One field was changed in two places: both values are kept until headquarters decides (``CaseFieldDecided``)."""

    review_id: str
    case_no: str
    field: str
    values: tuple[str, ...]


class CaseFieldDecided(Statement, frozen=True, kw_only=True, tag="case_field_decided@1"):
    """Headquarters' value of a field: the end of a review (``review_id``), or a field that is headquarters' own."""

    case_no: str
    field: str
    value: str
    review_id: str = ""


class CaseWithdrawn(Statement, frozen=True, kw_only=True, tag="case_withdrawn@1"):
    """Headquarters closed a case for good (opened twice, withdrawn): nothing new is recorded in it. Nothing of it is deleted."""

    case_no: str
    reason: Bilingual


AnyStatement = (
    AllowanceGranted
    | NumberBlockGranted
    | AuthorityGranted
    | LogReceipted
    | AttachmentsHeld
    | SettlementAnswered
    | ClaimDecided
    | DeviceRevoked
    | OtherDeviceRevoked
    | TaskAssigned
    | AttachmentsSafe
    | ResendAsked
    | PaymentReported
    | PrepaymentMade
    | CasesLinked
    | ReviewOpened
    | CaseFieldDecided
    | CaseWithdrawn
)

_decoder: msgspec.json.Decoder[AnyStatement] = msgspec.json.Decoder(AnyStatement)


def encode_statement(statement: AnyStatement) -> bytes:
    """Return the body that HQ signs."""
    return msgspec.json.encode(statement)


def decode_statement(body: bytes) -> AnyStatement:
    """Read a verified body. Raises ``msgspec.ValidationError`` for an unknown kind (kept in the inbox, shown as a task)."""
    return _decoder.decode(body)
