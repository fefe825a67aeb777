"""Tells a restored headquarters what it had said itself: the signed statements of its feed that this laptop keeps.

Promise: nothing here changes the laptop; what is sent was signed by headquarters, which checks it. Told before the log goes, so that what
comes in is judged by a headquarters that knows again what it granted. An answer of an earlier life of headquarters than one seen before is
not believed: it was given up for a restored one.

Source: sync/wire/messages.py ``Relearn``; docs/adr/0154.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

from sync.carrier import Carrier
from sync.wire.faults import LinkFault
from sync.wire.messages import Hello, HelloAnswered, Relearn
from sync.wire.verify import UnknownAnswerError, open_relearned
from trust.certificates import TrustStore

INCARNATION = "hq_incarnation"
"""Name of the floor that holds the highest incarnation of headquarters seen."""
_PAGE_BYTES = 256 * 1024
_PAGES_MAX = 10_000


class FeedHolder(Protocol):
    """Who keeps the feed: the certificate that headquarters gave (DER), and the names that stand in no certificate."""

    @property
    def device_certificate(self) -> bytes: ...
    @property
    def station_name(self) -> str: ...
    @property
    def adjuster(self) -> str: ...
    @property
    def adjuster_name(self) -> str: ...


@runtime_checkable
class KeepsFeed(Protocol):
    """An outbox whose store can give headquarters' statements back."""

    def feed_statements(self, position: int, max_bytes: int) -> Sequence[bytes]:
        """Return raw statements of the feed from a position on: at least one if any, then up to ``max_bytes``."""

    @property
    def identity(self) -> FeedHolder:
        """Who keeps it."""


def require_newest(answer: HelloAnswered, seen: int) -> None:
    """Raise ``UnknownAnswerError`` when a headquarters answers that was restored since, and so was given up."""
    if answer.incarnation < seen:
        raise UnknownAnswerError(
            LinkFault.GIVEN_UP, f"incarnation {answer.incarnation}, and {seen} has answered this laptop before"
        )


def tell_again(carrier: Carrier, keeper: KeepsFeed, roots: TrustStore, hello: Hello, start: int) -> None:
    """Send the feed's statements from ``start`` on until headquarters says that it lacks none.

    Raises:
        LinkProblem, UnknownAnswerError: not all was told; the next cycle is asked again.
    """
    holder = keeper.identity
    for page in range(_PAGES_MAX):
        statements = tuple(keeper.feed_statements(start, _PAGE_BYTES))
        relearn = Relearn(
            device=hello.device,
            epoch=hello.epoch,
            first_position=start,
            feed_position=hello.feed_position,
            statements=statements,
            certificate=holder.device_certificate,
            station_name=holder.station_name,
            adjuster=holder.adjuster,
            adjuster_name=holder.adjuster_name,
            nonce=f"{hello.nonce}.{page}",
        )
        raw = carrier.ask("/relearn", msgspec.json.encode(relearn))
        answer = open_relearned(raw, roots, device=hello.device, epoch=hello.epoch, nonce=relearn.nonce)
        if answer.relearned:
            return
        if answer.feed_length <= start and page > 0:
            raise UnknownAnswerError(LinkFault.NO_PROGRESS, f"the feed stays at {answer.feed_length}")
        start = answer.feed_length
    raise UnknownAnswerError(LinkFault.NO_PROGRESS, "headquarters asks without end")
