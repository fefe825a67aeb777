"""Watches requests go by: counts each, and writes its line.

Promise: what is watched is not changed; a device is named only when its signature was good.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headquarters.http_identity import NOTE
from headquarters.logs import FIELDS, REQUESTS
from headquarters.metrics import Metrics

_logger = logging.getLogger(REQUESTS)


class Observed:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tick: Callable[[], float] = time.perf_counter) -> None:
        self._app, self._metrics, self._tick = app, metrics, tick

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, sent, taken = self._tick(), 500, 0, 0
        scope.setdefault("state", {})[NOTE] = {}
        answered: float | None = None

        async def counted_send(message: Message) -> None:
            nonlocal status, sent, answered
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                if not message.get("more_body", False):
                    answered = self._tick() - began  # what is done behind the answer keeps nobody waiting
            await send(message)

        async def counted_receive() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            return message

        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            seconds = answered if answered is not None else self._tick() - began
            self._note(scope, status, seconds, taken, sent)

    def _note(self, scope: Scope, status: int, seconds: float, taken: int, sent: int) -> None:
        path = getattr(scope.get("route"), "path", "other")
        note = scope["state"][NOTE]
        self._metrics.request(path, status, seconds)
        if "watermark_seq" in note:
            self._metrics.receipt(note["watermark_seq"] - note.get("first_seq", note["watermark_seq"] + 1) + 1)
        if path.startswith("/v1/chunk/") and status < 300:
            self._metrics.chunk(taken)
        if _logger.isEnabledFor(logging.INFO):
            line = {"method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1000, 2)}
            _logger.info("request", extra={FIELDS: {**line, "bytes_in": taken, "bytes_out": sent, **note}})
