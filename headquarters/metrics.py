"""Figures for those who watch over the service, in Prometheus' text form.

Promise: counts and times of requests since the start, and headquarters' present standing, read when asked; to this machine only, or to
whoever has the token of the settings. Nothing in it is about a person.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from starlette.concurrency import run_in_threadpool

from claims.errors import Bilingual
from headquarters.exposure import total_exposure
from headquarters.installation import Headquarters
from headquarters.models import Attachment, Device, DeviceState, EventState, LogEvent, Settlement, Voucher
from headquarters.refusals import NotAuthenticated
from headquarters.restores import read_recovery

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What one running service counts, and what it reads of its headquarters."""

    def __init__(self, hq: Headquarters) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "outpost_requests", "Requests by path and status", ["path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "outpost_request_seconds", "How long requests took", ["path"], buckets=_SECONDS, registry=self._registry
        )
        self._events = Counter(
            "outpost_events_handed_in", "Events that were handed in, repeats as well", registry=self._registry
        )
        self._receipts = Counter("outpost_receipts", "Signed receipts given", registry=self._registry)
        self._chunk_bytes = Counter("outpost_chunk_bytes", "Bytes of files taken in", registry=self._registry)
        self._registry.register(_Standing(hq))

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request; ``path`` is the route's, with its parameters' names."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def receipt(self, events: int) -> None:
        """Count a receipt."""
        self._receipts.inc()
        self._events.inc(max(0, events))

    def chunk(self, size_bytes: int) -> None:
        """Count a chunk."""
        self._chunk_bytes.inc(size_bytes)

    def text(self) -> bytes:
        """Return all figures."""
        return generate_latest(self._registry)


def routes(hq: Headquarters, metrics: Metrics) -> APIRouter:
    """Return the route over an open headquarters."""
    router = APIRouter()

    @router.get("/metrics", response_class=Response)
    async def figures(request: Request) -> Response:
        _require_watcher(hq, request)
        return Response(await run_in_threadpool(metrics.text), media_type=CONTENT_TYPE_LATEST)

    return router


class _Standing(Collector):
    def __init__(self, hq: Headquarters) -> None:
        self._hq = hq

    def collect(self) -> Iterator[Metric]:
        """Read the present."""
        hq, at = self._hq, self._hq.now()
        with hq.database.read() as session:
            yield _by_label("outpost_events", "Events by state", "state", _count(session, LogEvent.state), EventState)
            yield _by_label("outpost_vouchers", "Vouchers by verdict", "verdict", _count(session, Voucher.verdict))
            yield _by_label("outpost_devices", "Devices by state", "state", _count(session, Device.state), DeviceState)
            settled = session.execute(select(func.count(), func.coalesce(func.sum(Settlement.amount_fen), 0))).one()
            yield GaugeMetricFamily("outpost_settlements", "Settlement keys settled", value=settled[0])
            yield GaugeMetricFamily("outpost_settled_fen", "Sum settled", value=int(settled[1]))
            files = session.scalar(select(func.count()).select_from(Attachment)) or 0
            yield GaugeMetricFamily("outpost_attachments", "Attachments held", value=files)
            contact = GaugeMetricFamily(
                "outpost_device_last_contact_seconds", "Since a working device was heard", labels=["station", "device"]
            )
            for each in session.scalars(select(Device).where(Device.state == DeviceState.ACTIVE)):
                if each.seen_at is not None:
                    contact.add_metric([each.station, each.device], max(0.0, (at - each.seen_at).total_seconds()))
            yield contact
        exposed = total_exposure(hq)
        exposure = GaugeMetricFamily("outpost_exposure_fen", "Could be promised beyond limits", labels=["cause"])
        exposure.add_metric(["float"], exposed.float_fen)
        exposure.add_metric(["respendable"], exposed.respendable_fen)
        yield exposure
        yield GaugeMetricFamily("outpost_incarnation", "How often restored from a backup", value=hq.incarnation.number)
        recovery = read_recovery(hq)
        unheard = 0 if recovery is None else len(recovery.unheard)
        yield GaugeMetricFamily("outpost_recovery_unheard_devices", "A restored headquarters waits for", value=unheard)


def _count(session: Session, column: InstrumentedAttribute[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(select(column, func.count()).group_by(column))}


def _by_label(
    name: str, meaning: str, label: str, counts: dict[str, int], all_of: Iterator[str] | type | None = None
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    zero = {} if all_of is None else {str(each): 0 for each in all_of}  # type: ignore[union-attr]
    for value, number in sorted((zero | counts).items()):
        family.add_metric([value], number)
    return family


def _require_watcher(hq: Headquarters, request: Request) -> None:
    wanted = hq.settings.metrics_token
    if wanted is None:
        allowed = request.client is not None and request.client.host in _LOOPBACK
    else:
        allowed = secrets.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {wanted}".encode())
    if not allowed:
        raise NotAuthenticated(
            "not_for_you",
            Bilingual("运行指标只对本机或持有令牌者开放。", "Metrics are for this machine or holders of the token."),
            Bilingual(
                "请在总部服务器上查看，或设置 metrics_token。", "Look on the server itself, or set metrics_token."
            ),
        )
