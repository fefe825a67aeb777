"""Tells a restored headquarters what it had said itself: the signed statements of its feed that this laptop keeps.

Promise: nothing here changes the laptop; what is sent was signed by headquarters, which checks it. Told before the log goes, so that what
comes in is judged by a headquarters that knows again what it granted. An answer of an earlier life of headquarters than one seen before is
not believed: it was given up for a restored one. By stick (``told_by_stick``) it is told once the laptop has read who asks.

Source: sync/wire/messages.py ``Relearn``; docs/adr/0154, docs/adr/0168.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import msgspec

from claims.link_records import LinkRecord
from sync.carrier import Carrier
from sync.wire.faults import LinkFault
from sync.wire.messages import Hello, HelloAnswered, Relearn
from sync.wire.verify import UnknownAnswerError, open_relearned
from trust.certificates import TrustStore

INCARNATION = "hq_incarnation"
"""Name of the floor that holds the highest incarnation of headquarters seen."""
BY_STICK = "stick"
"""Name of the way by stick in what is remembered of ways to headquarters (``claims.link_records``)."""
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


@dataclass(frozen=True, slots=True)
class RelearnWanted:
    """What a restored headquarters asked for by stick: its statements from ``start`` on, for its life ``incarnation_id``."""

    start: int
    incarnation_id: str


def wanted_by_stick(record: LinkRecord) -> RelearnWanted | None:
    """Return what is noted of the way by stick, None where nothing is wanted."""
    return None if record.relearn_from is None else RelearnWanted(record.relearn_from, record.incarnation_id)


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
    for page in range(_PAGES_MAX):
        relearn = _page(keeper, hello, start, page)
        raw = carrier.ask("/relearn", msgspec.json.encode(relearn))
        answer = open_relearned(raw, roots, device=hello.device, epoch=hello.epoch, nonce=relearn.nonce)
        if answer.relearned:
            return
        if answer.feed_length <= start and page > 0:
            raise UnknownAnswerError(LinkFault.NO_PROGRESS, f"the feed stays at {answer.feed_length}")
        start = answer.feed_length
    raise UnknownAnswerError(LinkFault.NO_PROGRESS, "headquarters asks without end")


def told_by_stick(keeper: KeepsFeed, hello: Hello, wanted: RelearnWanted) -> Iterator[Relearn]:
    """Return the pages that a bundle carries for a headquarters that asked by stick: at least one, which also says that there is no more."""
    start, page = min(wanted.start, hello.feed_position), 0
    while True:
        told = _page(keeper, hello, start, page, wanted.incarnation_id)
        yield told
        start, page = start + len(told.statements), page + 1
        if start >= hello.feed_position or not told.statements:
            return


def _page(keeper: KeepsFeed, hello: Hello, start: int, page: int, incarnation_id: str = "") -> Relearn:
    holder = keeper.identity
    return Relearn(
        device=hello.device,
        epoch=hello.epoch,
        first_position=start,
        feed_position=hello.feed_position,
        statements=tuple(keeper.feed_statements(start, _PAGE_BYTES)),
        certificate=holder.device_certificate,
        station_name=holder.station_name,
        adjuster=holder.adjuster,
        adjuster_name=holder.adjuster_name,
        nonce=f"{hello.nonce}.{page}",
        incarnation_id=incarnation_id,
    )
