"""The tables of headquarters.

Promise: the log is stored verbatim and never updated, except for the marker that tells how far an event was processed.
Money is integer fen, instants are UTC, hashes are lower-case hex, signed bytes are kept exactly as they were sent.
The migrations under ``headquarters.migrations`` build exactly these tables; a test compares the two.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from headquarters.columns import UtcInstant


class DeviceState(StrEnum):
    """What a device may still do. Only ``active`` gets new grants; ``active`` and ``superseded`` may hand in their log."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    FROZEN = "frozen"
    REVOKED = "revoked"
    WRITTEN_OFF = "written_off"


class EventState(StrEnum):
    """How far headquarters got with an event. ``stuck``: our own fault, kept for a person and for ``replay``."""

    PENDING = "pending"
    PROCESSED = "processed"
    REJECTED = "rejected"
    STUCK = "stuck"


class GrantState(StrEnum):
    """A grant never opens again, and its id never refills."""

    OPEN = "open"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"


class Verdict(StrEnum):
    """Headquarters' word on a promise. ``voided``: the station took the voucher back before it was settled, or a person decided so;
    ``refused``: a person found that another voucher pays the same loss."""

    SETTLED = "settled"
    HOLD = "hold"
    VOIDED = "voided"
    REFUSED = "refused"


class Base(DeclarativeBase):
    """Root of the tables; the names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        int: BigInteger(),
        str: Text(),
        bytes: LargeBinary(),
        datetime: UtcInstant(),
    }


class EnrolmentCode(Base):
    """A one-time code, kept as a hash. It binds to the first public key that presents it."""

    __tablename__ = "enrolment_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str]
    station_name: Mapped[str]
    adjuster: Mapped[str]
    adjuster_name: Mapped[str]
    device: Mapped[str]
    first_grants: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_key: Mapped[bytes | None]
    epoch: Mapped[int | None]


class Device(Base):
    """One life of a laptop: ``epoch`` counts its enrolments. ``digest`` is the chain hash at ``watermark_seq``."""

    __tablename__ = "devices"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    station: Mapped[str]
    station_name: Mapped[str]
    adjuster: Mapped[str]
    adjuster_name: Mapped[str]
    certificate: Mapped[bytes]
    enrolled_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    state: Mapped[str]
    state_reason_zh: Mapped[str | None]
    state_reason_en: Mapped[str | None]
    watermark_seq: Mapped[int]
    digest: Mapped[bytes]
    feed_length: Mapped[int]


class LogCommit(Base):
    """A signed commit, verbatim."""

    __tablename__ = "log_commits"
    __table_args__ = (ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),)

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_seq: Mapped[int]
    hash: Mapped[bytes]
    raw: Mapped[bytes]
    received_at: Mapped[datetime]


class LogEvent(Base):
    """One event of the log. (device, epoch, seq) is unique; ``subject`` is the voucher, grant or document it is about."""

    __tablename__ = "log_events"
    __table_args__ = (
        ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),
        Index("ix_log_events_state", "state", "device", "epoch", "seq"),
        Index("ix_log_events_type_subject", "type", "subject"),
    )

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[bytes]
    state: Mapped[str]
    reason_zh: Mapped[str | None]
    reason_en: Mapped[str | None]
    processed_at: Mapped[datetime | None]


class LogFork(Base):
    """Evidence of a cloned or restored disk: another commit under numbers that headquarters already holds."""

    __tablename__ = "log_forks"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    raw: Mapped[bytes]
    received_at: Mapped[datetime]


class FeedItem(Base):
    """A signed statement for one device, numbered from 0 without a gap."""

    __tablename__ = "feed_items"
    __table_args__ = (ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),)

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    raw: Mapped[bytes]


class Grant(Base):
    """An allowance. ``spent_fen`` is what vouchers in the log debited, ``settled_fen`` the settled part of it,
    ``returned_fen`` what the device's closing statement gave back, ``debits`` how many debits came so far.

    ``transferred_fen`` went to other devices; each part is a grant of its own with this one as ``parent_id`` (``headquarters.transfers``).
    ``concern``: why vouchers from it are held for a person.
    """

    __tablename__ = "grants"
    __table_args__ = (ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),)

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    epoch: Mapped[int]
    pool: Mapped[str] = mapped_column(index=True)
    limit_fen: Mapped[int]
    spent_fen: Mapped[int]
    settled_fen: Mapped[int]
    returned_fen: Mapped[int]
    debits: Mapped[int]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str]
    transferred_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    parent_id: Mapped[str | None] = mapped_column(index=True)
    catastrophe_id: Mapped[str | None] = mapped_column(index=True)
    concern_zh: Mapped[str | None]
    concern_en: Mapped[str | None]


class NumberGrant(Base):
    """A block of numbers. Blocks of one (prefix, kind) follow one another, across epochs as well."""

    __tablename__ = "number_grants"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    device: Mapped[str]
    epoch: Mapped[int]


class AuthorityRecord(Base):
    """An authority that was granted, for the check of a voucher that names it."""

    __tablename__ = "authorities"

    authority_id: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    epoch: Mapped[int]
    adjuster: Mapped[str]
    claim_type: Mapped[str]
    ceiling_fen: Mapped[int]
    catastrophe_id: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]


class Pool(Base):
    """Headquarters' running sum of one pool, in its own unit (fen or days). ``limit`` NULL: not known, or counts only.

    ``used`` also takes in what a settled determination says was used before it (payments older than this database), so
    ``settled`` <= ``used`` <= ``limit`` always holds. ``limit`` may shrink to the lowest figure seen, never grow.
    """

    __tablename__ = "pools"

    pool_id: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    limit: Mapped[int | None]
    used: Mapped[int]
    settled: Mapped[int]


class PoolUse(Base):
    """What one settled loss took from one pool, over all its payees: the draw is counted once however it is split."""

    __tablename__ = "pool_uses"

    pool_id: Mapped[str] = mapped_column(primary_key=True)
    loss: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]


class Replay(Base):
    """The replay verdict on one determination; ``difference`` names the first field that differs. ``answered``: the station
    has been told, by an answer of its own or by that on a voucher."""

    __tablename__ = "replays"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_no: Mapped[str] = mapped_column(index=True)
    policy_no: Mapped[str]
    decision_sha256: Mapped[str] = mapped_column(index=True)
    verdict: Mapped[str]
    difference: Mapped[str | None]
    replayed_at: Mapped[datetime]
    answered: Mapped[bool]


class Voucher(Base):
    """A promise as headquarters received it, with its verdict. A hold stays open until a person decides."""

    __tablename__ = "vouchers"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voucher_no: Mapped[str] = mapped_column(index=True)
    case_no: Mapped[str]
    policy_no: Mapped[str]
    amount_fen: Mapped[int]
    replay: Mapped[str]
    verdict: Mapped[str]
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str | None]


class Settlement(Base):
    """A settlement key is settled once: the primary key is the promise. ``loss`` is the key without its payee."""

    __tablename__ = "settlements"

    settlement_key: Mapped[str] = mapped_column(primary_key=True)
    loss: Mapped[str] = mapped_column(index=True)
    voucher_no: Mapped[str]
    amount_fen: Mapped[int]
    settled_at: Mapped[datetime]


class Debit(Base):
    """A debit of a grant as the log tells it. The first one under a counter stands; a second is evidence for a hold.

    ``voucher_no`` is the voucher, or the id of the transfer, that took it.
    """

    __tablename__ = "debits"

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    counter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voucher_no: Mapped[str] = mapped_column(index=True)
    amount_fen: Mapped[int]


class Attachment(Base):
    """An attachment that is whole, hash-verified and durable."""

    __tablename__ = "attachments"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    held_at: Mapped[datetime]


class AttachmentOffer(Base):
    """A device said that it has this file of this size: chunks are taken in under that pair only. ``told``: the feed
    says that headquarters holds it."""

    __tablename__ = "attachment_offers"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    told: Mapped[bool]


class Release(Base):
    """A published release: the signed record and the hash of its bytes in the blob store. All versions are kept."""

    __tablename__ = "releases"

    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(index=True)
    record: Mapped[bytes]
    published_at: Mapped[datetime]


class PolicyRow(Base):
    """Headquarters' own policy data: the record as JSON, read when a promise is settled."""

    __tablename__ = "policies"

    policy_no: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str]
    effective: Mapped[date]
    extract_version: Mapped[int] = mapped_column(Integer)
    record: Mapped[bytes]
