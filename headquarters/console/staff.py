"""Who may use the console: accounts, signing in, and the record of what was done.

Promise: a wrong password and an unknown number are told apart by nobody, neither by words nor by time nor by a lock; of passwords that are
tried for one number, one after the other or at once, five are compared and then none for a while; a session ends by itself, by signing out, or
with the account. Whatever is decided in the console bears the name of who is signed in.

Source: docs/adr/0162, docs/adr/0166.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.trusted_time import beijing_text
from headquarters.installation import Headquarters
from headquarters.models_staff import SignInGuess, Staff, StaffDeed, StaffSession

SESSION = timedelta(hours=10)
"""A working day."""
LOCK = timedelta(minutes=15)
MOST_FAILURES = 5
LEAST_PASSWORD = 10
_MAX_TEXT = 64
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Checked where there is no such account, so that the time it takes tells nothing."""
_comparing = threading.Lock()
"""One comparison at a time: each takes 64 MiB for a moment, and who asks by the hundred waits in line."""


class StaffRole(StrEnum):
    """What somebody may do: look; decide holds and reviews; stop devices and put a second name to what passes a limit."""

    VIEWER = "viewer"
    EXAMINER = "examiner"
    SUPERVISOR = "supervisor"

    @property
    def decides(self) -> bool:
        """Whether holds and reviews are theirs to decide."""
        return self is not StaffRole.VIEWER


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in. ``form_key`` must come back with every form."""

    staff_no: str
    name: str
    role: StaffRole
    form_key: str = ""


def add_staff(hq: Headquarters, staff_no: str, name: str, role: StaffRole, password: str) -> None:
    """Open an account. Raises ``InputError``: ``staff_known``, ``words_missing``, ``password_short``."""
    staff_no, name = staff_no.strip(), " ".join(name.split())
    if not staff_no or not name or len(staff_no) > _MAX_TEXT or len(name) > _MAX_TEXT:
        raise InputError(
            "words_missing",
            Bilingual("工号或姓名没有填写，或太长。", "The staff number or the name is missing or too long."),
            Bilingual("请填写后重试。", "Enter both and try again."),
        )
    _check_password(password)
    hashed, at = _hasher.hash(password), hq.now()

    def work(session: Session) -> None:
        if session.get(Staff, staff_no) is not None:
            raise InputError(
                "staff_known",
                Bilingual(f"工号 {staff_no} 已有账户。", f"There is an account {staff_no} already."),
                Bilingual(
                    "要换密码请用 staff-password。",
                    "To change its password use staff-password.",
                ),
            )
        session.add(
            Staff(
                staff_no=staff_no,
                name=name,
                role=role,
                password_hash=hashed,
                added_at=at,
                stopped_at=None,
            )
        )

    hq.database.run(work)


def set_password(hq: Headquarters, staff_no: str, password: str) -> None:
    """Change a password and end all sessions. Raises ``InputError``: ``staff_unknown``, ``password_short``."""
    _check_password(password)
    hashed = _hasher.hash(password)

    def work(session: Session) -> None:
        staff = _existing(session, staff_no)
        staff.password_hash = hashed
        session.execute(delete(SignInGuess).where(SignInGuess.number_sha256 == _sha256(staff.staff_no)))
        _end_sessions(session, staff.staff_no)

    hq.database.run(work)


def stop_staff(hq: Headquarters, staff_no: str) -> None:
    """Close an account and end its sessions; what it did stays on record. Raises ``InputError``: ``staff_unknown``."""
    at = hq.now()

    def work(session: Session) -> None:
        staff = _existing(session, staff_no)
        staff.stopped_at = staff.stopped_at or at
        _end_sessions(session, staff.staff_no)

    hq.database.run(work)


def sign_in(hq: Headquarters, staff_no: str, password: str) -> str:
    """Return the token of a new session. Raises ``InputError``: ``sign_in_refused``, ``sign_in_locked``."""
    member = check_password(hq, staff_no, password)
    token, form_key, at = secrets.token_urlsafe(32), secrets.token_urlsafe(24), hq.now()

    def work(session: Session) -> None:
        session.execute(delete(StaffSession).where(StaffSession.expires_at <= at))
        session.add(
            StaffSession(
                token_sha256=_sha256(token),
                staff_no=member.staff_no,
                form_key=form_key,
                begun_at=at,
                expires_at=at + SESSION,
            )
        )
        session.add(StaffDeed(staff_no=member.staff_no, deed="signed_in", subject="", at=at))

    hq.database.run(work)
    return token


def check_password(hq: Headquarters, staff_no: str, password: str) -> Member:
    """Return who this is, without a session: for a second name under a decision. Raises as ``sign_in``."""
    at = hq.now()
    staff_no = staff_no.strip()
    with hq.database.read() as session:
        staff = session.get(Staff, staff_no)
        going = staff is not None and staff.stopped_at is None
        hashed = staff.password_hash if staff is not None and going else _NOBODY
        member = Member(staff.staff_no, staff.name, StaffRole(staff.role)) if staff is not None and going else None
    counted = hq.database.run(lambda session: _count_guess(session, staff_no, at))
    if counted.locked_until is not None:
        until = beijing_text(counted.locked_until)
        raise InputError(
            "sign_in_locked",
            Bilingual(
                f"密码连续输错，此工号锁到 {until}。", f"Too many wrong passwords: this number is locked until {until}."
            ),
            Bilingual("请稍后再试，或请管理员重设密码。", "Try again later, or have the password set anew."),
        )
    if not _is_right(hashed, password) or member is None:
        raise InputError(
            "sign_in_refused",
            Bilingual("工号或密码不对。", "The staff number or the password is wrong."),
            Bilingual("请核对后重试。", "Check both and try again."),
        )
    hq.database.run(lambda session: _forget_guesses(session, staff_no, at, own_lock=counted.locks))
    return member


def signed_in(hq: Headquarters, token: str | None) -> Member | None:
    """Return who a token belongs to, None where it is none, or over."""
    if not token:
        return None
    at = hq.now()
    with hq.database.read() as session:
        found = session.get(StaffSession, _sha256(token))
        if found is None or found.expires_at <= at:
            return None
        staff = session.get_one(Staff, found.staff_no)
        if staff.stopped_at is not None:
            return None
        return Member(staff.staff_no, staff.name, StaffRole(staff.role), found.form_key)


def sign_out(hq: Headquarters, token: str) -> None:
    """End a session; one that is over already is no error."""
    digest = _sha256(token)
    hq.database.run(lambda session: session.execute(delete(StaffSession).where(StaffSession.token_sha256 == digest)))


def note_deed(hq: Headquarters, member: Member, deed: str, subject: str) -> None:
    """Put on record what somebody did or looked at."""
    at = hq.now()
    hq.database.run(
        lambda session: session.add(StaffDeed(staff_no=member.staff_no, deed=deed, subject=subject, at=at)),
        alone=False,
    )


def staff_list(hq: Headquarters) -> tuple[Staff, ...]:
    """Return all accounts by number."""
    with hq.database.read() as session:
        found = tuple(session.scalars(select(Staff).order_by(Staff.staff_no)))
        session.expunge_all()
        return found


def _check_password(password: str) -> None:
    if len(password) < LEAST_PASSWORD:
        raise InputError(
            "password_short",
            Bilingual(f"密码至少 {LEAST_PASSWORD} 个字符。", f"A password has at least {LEAST_PASSWORD} characters."),
            Bilingual("请换一个长些的密码。", "Choose a longer one."),
        )


def _existing(session: Session, staff_no: str) -> Staff:
    staff = session.get(Staff, staff_no.strip())
    if staff is None:
        raise InputError(
            "staff_unknown",
            Bilingual(f"没有工号为 {staff_no} 的账户。", f"There is no account {staff_no}."),
            Bilingual("请核对工号。", "Check the staff number."),
        )
    return staff


@dataclass(frozen=True)
class _Counted:
    """``locked_until``: not to be compared before then. ``locks``: to be compared, and the last one that is."""

    locked_until: datetime | None = None
    locks: bool = False


def _count_guess(session: Session, staff_no: str, at: datetime) -> _Counted:
    """Count a password before it is compared: however many come at once, each has its place in the row."""
    session.execute(delete(SignInGuess).where(SignInGuess.last_at <= at - LOCK))
    digest = _sha256(staff_no)
    guess = session.get(SignInGuess, digest)
    if guess is None:
        guess = SignInGuess(number_sha256=digest, failures=0, last_at=at, locked_until=None)
        session.add(guess)
    if guess.locked_until is not None:
        return _Counted(locked_until=guess.locked_until)
    guess.failures, guess.last_at = guess.failures + 1, at
    if guess.failures >= MOST_FAILURES:
        guess.locked_until = at + LOCK
        return _Counted(locks=True)
    return _Counted()


def _forget_guesses(session: Session, staff_no: str, at: datetime, *, own_lock: bool) -> None:
    """Begin to count anew after the right password; a lock that others brought about meanwhile stays."""
    guess = session.get(SignInGuess, _sha256(staff_no))
    if guess is not None and (own_lock or guess.locked_until is None or guess.locked_until <= at):
        session.delete(guess)


def _end_sessions(session: Session, staff_no: str) -> None:
    session.execute(delete(StaffSession).where(StaffSession.staff_no == staff_no))


def _is_right(hashed: str, password: str) -> bool:
    try:
        with _comparing:
            return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
