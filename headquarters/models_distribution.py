"""The tables of distribution: signed TUF metadata, its targets, the keys of extracts.

Promise: a version of metadata is written once; what a target says is replaced as a whole, in the transaction that signs it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class TufMetadata(Base):
    """One signed file of the roles timestamp, snapshot and targets, verbatim. Roots lie beside their keys (``headquarters.tuf_keys``)."""

    __tablename__ = "tuf_metadata"

    role: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raw: Mapped[bytes]
    signed_at: Mapped[datetime]


class TufTarget(Base):
    """What the next targets metadata lists under a path; ``custom`` is the JSON that laptops read (``sync.tuf_targets``)."""

    __tablename__ = "tuf_targets"

    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    custom: Mapped[bytes]


class ExtractScope(Base):
    """One extract that is cut into shards: the whole, a region, a catastrophe, a visit list. ``manifest`` is the newest one's hash."""

    __tablename__ = "extract_scopes"

    scope: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    manifest: Mapped[str]
    published_at: Mapped[datetime]


class ExtractKey(Base):
    """The key that shards of one scope are sealed with; the newest seals, the older ones still open what did not change since."""

    __tablename__ = "extract_keys"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    key: Mapped[bytes]
    made_at: Mapped[datetime]


class ShardName(Base):
    """A sealed shard that was published: only those may be fetched by their hash."""

    __tablename__ = "shards"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    size_bytes: Mapped[int]
