"""The tables of the console: who may sign in, who is signed in, who guesses, and what each did there.

Promise: a password is kept as an Argon2id hash, a session as the hash of its token; what somebody did is only ever added to. Guesses are
kept by what was typed as a number, so that they look the same whether there is such an account or not.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class Staff(Base):
    """Somebody at headquarters. ``stopped_at``: may not sign in any more."""

    __tablename__ = "staff"

    staff_no: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    added_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class StaffSession(Base):
    """A browser that is signed in."""

    __tablename__ = "staff_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    staff_no: Mapped[str] = mapped_column(index=True)
    form_key: Mapped[str]
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInGuess(Base):
    """Passwords that were tried for one number and were not right, in a row; each is counted before it is compared."""

    __tablename__ = "sign_in_guesses"

    number_sha256: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class StaffDeed(Base):
    """What somebody did: signed in, opened a case, decided."""

    __tablename__ = "staff_deeds"

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    staff_no: Mapped[str] = mapped_column(index=True)
    deed: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime]
