"""Facts for the core system: written with what they tell about, delivered over HTTPS until the receiver has taken them.

Promise: a fact exists exactly when the thing happened, because it commits with it; it is sent at least once, the oldest first, and never lost by a
receiver that is down, slow or wrong. The receiver knows a repeated one by ``Idempotency-Key`` and ours by an HMAC-SHA256 over instant and body.
TLS is verified, redirects are not followed, only 2xx within the time counts.

    DIR/secrets/webhook.json   {"url", "secret", "ca_file"}     mode 0600; no file: nothing is noted

Source: the issue "webhooks for the core system"; docs/adr/0157.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets as random_secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import requests
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from headquarters.installation import Headquarters
from headquarters.models_payments import WebhookFact
from headquarters.secrets_folder import write_new

CONNECT_S, ANSWER_S = 5, 15
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
LOOK_AGAIN_S = 5.0
"""How long the courier rests when nothing is due."""
_MOST_AT_ONCE = 100
_LEAVE_S = 3.0
"""A stop does not wait for a receiver that hangs: its fact stays in the outbox and goes again."""
_log = logging.getLogger(__name__)


class FactKind(StrEnum):
    """What the core system is told."""

    CASE_OPENED = "case_opened"
    CASES_LINKED = "cases_linked"
    CASE_WITHDRAWN = "case_withdrawn"
    VOUCHER_SETTLED = "voucher_settled"
    VOUCHER_HELD = "voucher_held"
    VOUCHER_VOIDED = "voucher_voided"
    HOLD_DECIDED = "hold_decided"
    PREPAYMENT_MADE = "prepayment_made"
    PAYMENT_REPORTED = "payment_reported"
    OVERPAYMENT_OPENED = "overpayment_opened"
    OVERPAYMENT_DECIDED = "overpayment_decided"
    REVIEW_OPENED = "review_opened"
    FIELD_DECIDED = "field_decided"
    DEVICE_STOPPED = "device_stopped"
    TRIAL = "trial"


class WebhookTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told. ``ca_file``: PEM of the company's own certificate authority, None: those of the system."""

    url: str
    secret: str
    ca_file: str | None = None


@dataclass(frozen=True)
class Post:
    """One delivery: the exact bytes and headers."""

    url: str
    body: bytes
    headers: dict[str, str]
    ca_file: str | None


Send = Callable[[Post], str | None]
"""Sends one delivery; returns None when it was taken, else the trouble in words. Never raises for the network."""


@dataclass(frozen=True)
class Delivered:
    """What one round did. ``trouble`` ended it early: the receiver is down, and the rest waits with it."""

    sent: int
    trouble: str | None


@dataclass(frozen=True)
class FactRow:
    """One fact as it is listed."""

    fact_id: str
    kind: str
    noted_at: datetime
    attempts: int
    due_at: datetime
    delivered_at: datetime | None
    trouble: str


def set_target(hq: Headquarters, url: str, *, ca_file: Path | None = None) -> WebhookTarget:
    """Name the receiver and make a new secret for it; what is waiting goes to the new one.

    Raises:
        InputError: ``webhook_url``: not https (plain http is for loopback only), or without a host.
    """
    parts = urlsplit(url)
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.hostname or parts.scheme not in ({"https", "http"} if loopback else {"https"}):
        raise InputError(
            "webhook_url",
            Bilingual(f"地址 {url[:200]} 不能用。", f"The address {url[:200]} can't be used."),
            Bilingual("请填写 https:// 开头的完整地址。", "Give the full address, beginning with https://."),
        )
    target = WebhookTarget(
        url=url, secret=random_secrets.token_hex(32), ca_file=None if ca_file is None else str(ca_file.resolve())
    )
    path = _target_file(hq)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    write_new(draft, msgspec.json.format(msgspec.json.encode(target)), 0o600)
    os.replace(draft, path)
    return target


def drop_target(hq: Headquarters) -> None:
    """Tell nobody any more; what is waiting stays."""
    _target_file(hq).unlink(missing_ok=True)


def webhook_target(hq: Headquarters) -> WebhookTarget | None:
    """Return who is told, None where nobody is."""
    try:
        raw = _target_file(hq).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(raw, type=WebhookTarget)


def note_fact(hq: Headquarters, session: Session, kind: FactKind, at: datetime, **told: object) -> None:
    """Write a fact into the outbox, within the transaction of what it tells about; nothing where nobody is told."""
    if not _target_file(hq).exists():
        return
    body = msgspec.json.encode({"kind": kind.value, "at": at, **told})
    # The id follows from the content, so that a database put back from a backup never names another fact the same.
    fact_id = hashlib.sha256(body).hexdigest()[:32]
    if session.scalars(select(WebhookFact).where(WebhookFact.fact_id == fact_id)).first() is not None:
        return
    session.add(
        WebhookFact(
            fact_id=fact_id,
            kind=kind.value,
            body=body,
            noted_at=at,
            due_at=at,
            attempts=0,
            delivered_at=None,
            trouble="",
        )
    )


def signature(secret: str, instant: str, body: bytes) -> str:
    """Return what a receiver compares: HMAC-SHA256 in hex over ``instant``, a point, and the body."""
    return hmac.new(secret.encode(), instant.encode() + b"." + body, hashlib.sha256).hexdigest()


def deliver_due(hq: Headquarters, send: Send, chance: Callable[[], float]) -> Delivered:
    """Deliver what is due, the oldest first; stop at the first trouble, since the next would meet the same.

    Args:
        chance: returns a number from 0 to 1, for the jitter of the wait that is written down.
    """
    sent = 0
    while sent < _MOST_AT_ONCE:
        target, now = webhook_target(hq), hq.now()
        if target is None:
            return Delivered(sent, None)
        with hq.database.read() as session:
            fact = session.scalars(
                select(WebhookFact).where(WebhookFact.delivered_at.is_(None)).order_by(WebhookFact.position).limit(1)
            ).first()
            if fact is None or fact.due_at > now:
                return Delivered(sent, None)
            position, attempts = fact.position, fact.attempts + 1
            post = _post(target, fact, now)
        trouble = send(post)
        _note_attempt(hq, position, attempts, trouble, chance)
        if trouble is not None:
            return Delivered(sent, trouble)
        sent += 1
    return Delivered(sent, None)


def wait_after(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures: doubling up to an hour, half of it by chance."""
    full_s = min(LONGEST_WAIT.total_seconds(), FIRST_WAIT.total_seconds() * float(1 << min(attempts - 1, 20)))
    return timedelta(seconds=full_s * (0.5 + chance / 2))


def facts(hq: Headquarters, *, waiting_only: bool = True, most: int = 200) -> tuple[FactRow, ...]:
    """Return facts, the oldest first: those that wait, or all."""
    query = select(WebhookFact).order_by(WebhookFact.position).limit(most)
    if waiting_only:
        query = query.where(WebhookFact.delivered_at.is_(None))
    with hq.database.read() as session:
        return tuple(
            FactRow(each.fact_id, each.kind, each.noted_at, each.attempts, each.due_at, each.delivered_at, each.trouble)
            for each in session.scalars(query)
        )


def count_waiting(hq: Headquarters) -> int:
    """Return how many facts wait."""
    with hq.database.read() as session:
        query = select(func.count()).select_from(WebhookFact).where(WebhookFact.delivered_at.is_(None))
        return int(session.scalar(query) or 0)


def retry_now(hq: Headquarters) -> int:
    """Make everything that waits due at once; return how many."""
    at = hq.now()

    def work(session: Session) -> int:
        waiting = session.scalars(select(WebhookFact.position).where(WebhookFact.delivered_at.is_(None))).all()
        session.execute(update(WebhookFact).where(WebhookFact.delivered_at.is_(None)).values(due_at=at))
        return len(waiting)

    return hq.database.run(work)


def note_trial(hq: Headquarters) -> None:
    """Put a fact without meaning into the outbox, to try the way."""
    at = hq.now()
    hq.database.run(lambda session: note_fact(hq, session, FactKind.TRIAL, at))


def send_by_http(post: Post) -> str | None:
    """POST one delivery; None when the receiver said 2xx in time."""
    try:
        answer = requests.post(
            post.url,
            data=post.body,
            headers=post.headers,
            timeout=(CONNECT_S, ANSWER_S),
            allow_redirects=False,
            verify=post.ca_file or True,
        )
    except (requests.RequestException, OSError) as problem:
        return f"{type(problem).__name__}: {problem}"[:300]
    return None if answer.ok and answer.status_code < 300 else f"HTTP {answer.status_code}"


class Courier:
    """Delivers in a thread of its own for as long as it is entered: ``with Courier(hq): ...``."""

    def __init__(self, hq: Headquarters, send: Send = send_by_http, chance: Callable[[], float] | None = None) -> None:
        self._hq, self._send, self._chance = hq, send, chance or _by_chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def __enter__(self) -> Courier:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_LEAVE_S)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                done = deliver_due(self._hq, self._send, self._chance)
                if done.trouble is not None:
                    _log.warning("webhook not delivered: %s", done.trouble)
            except Exception:  # a full disk must not end the courier; the fact stays in the outbox and is tried again
                _log.exception("the webhook outbox could not be worked off")
            self._stop.wait(LOOK_AGAIN_S)


def _by_chance() -> float:
    return random_secrets.randbelow(1_000_001) / 1_000_000


def _post(target: WebhookTarget, fact: WebhookFact, now: datetime) -> Post:
    instant = str(int(now.timestamp()))
    return Post(
        url=target.url,
        body=fact.body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": fact.fact_id,
            "Outpost-Fact": fact.kind,
            "Outpost-Timestamp": instant,
            "Outpost-Signature": f"sha256={signature(target.secret, instant, fact.body)}",
        },
        ca_file=target.ca_file,
    )


def _note_attempt(
    hq: Headquarters, position: int, attempts: int, trouble: str | None, chance: Callable[[], float]
) -> None:
    at = hq.now()
    wait = wait_after(attempts, chance())

    def work(session: Session) -> None:
        fact = session.get_one(WebhookFact, position)
        if fact.delivered_at is not None:
            return
        fact.attempts = attempts
        if trouble is None:
            fact.delivered_at, fact.trouble = at, ""
        else:
            fact.due_at, fact.trouble = at + wait, trouble

    hq.database.run(work, alone=False)


def _target_file(hq: Headquarters) -> Path:
    return hq.home / "secrets" / "webhook.json"
