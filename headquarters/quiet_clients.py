"""Clients that are gone or say nothing: their connections end, and what broke off is counted without a word of alarm.

Promise: a connection on which headquarters waits for its client (for a request, the rest of one, or room to write) and hears nothing for
``SILENCE_S`` is given up; work that headquarters does itself is never cut. The system's own probes find out that the other side is gone
while nobody waits. An upload that broke off is one request with status 499, on the bad lines this is built for an everyday event.

Source: docs/adr/0166.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from fastapi import Request, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

SILENCE_S = 120.0
"""A blackout of the line lasts half a minute and laptops try again after it; who says nothing for two minutes is gone."""
BROKEN_OFF = 499
"""The client hung up before it was answered: no status of the protocol's, the one that web servers' logs use. Nobody ever receives it."""
_LOOKS = 4
_FIRST_PROBE_S, _PROBE_S, _PROBES = 60, 15, 4


async def note_broken_off(_request: Request, _problem: Exception) -> Response:
    """Answer nobody: the client hung up in the middle of what it sent, and nothing of it was carried out."""
    return Response(status_code=BROKEN_OFF)


def probe_dead_clients(listening: socket.socket) -> None:
    """Let the system ask, on every connection that comes in here, whether the other side still lives."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _FIRST_PROBE_S),
        ("TCP_KEEPINTVL", _PROBE_S),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", int(SILENCE_S * 1000)),
    ):
        option = getattr(socket, name, None)  # not every system has each of them
        if option is not None:
            listening.setsockopt(socket.IPPROTO_TCP, option, value)


class WatchedProtocol(H11Protocol):
    """One connection, given up when its client says nothing for too long. Uvicorn itself only bounds the rest between two requests."""

    _watch: asyncio.TimerHandle | None = None
    _heard = 0.0
    _unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the class below declares it
        """Begin to watch."""
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note that the client lives."""
        self._heard = self.loop.time()
        super().data_received(data)

    def resume_writing(self) -> None:
        """Note that the client took what waited for it."""
        self._heard = self.loop.time()
        super().resume_writing()

    def _look_later(self) -> None:
        self._watch = self.loop.call_later(SILENCE_S / _LOOKS, self._look)

    def _look(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if not self._waits_for_client(unsent) or unsent < self._unsent:
            self._heard = self.loop.time()
        self._unsent = unsent
        if self.loop.time() - self._heard >= SILENCE_S:
            self.transport.abort()
            return
        self._look_later()

    def _waits_for_client(self, unsent: int) -> bool:
        cycle: Any = self.cycle
        return unsent > 0 or cycle is None or cycle.response_complete or cycle.more_body
