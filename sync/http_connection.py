"""Connections that send a request's head and the beginning of its body in one piece.

Promise: the bytes of a request are the same as the library's; only where they are cut into packets differs. A question of two hundred
bytes is then one packet instead of two, and on a line that loses one in twenty the second one is what a person waits for: nothing comes
after it by which its loss would show before the time-out.

A connection whose other end has said nothing for ``SILENCE_S`` while something is due is given up by the system. A line that was gone for
half a minute would otherwise stay unused for as long again: TCP doubles its waits, and its next attempt may come when the line has left.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from sync.http_pacing import prompt_options

SILENCE_S = 15
"""Seconds without an acknowledgement. Well above the seconds that a queue of this laptop's own making delays one on a thin line."""
_ASK_AFTER_S = 5
"""Seconds of rest after which the other end is asked whether it is there, and between two such questions (40 bytes each)."""
_SEND_S = 60.0
"""The most one piece of a body may take to leave; a dead line shows by ``SILENCE_S`` long before, a slow one may take its time."""
_NEW_S = 20.0
"""How long a connection that has not been asked anything counts as standing."""
_GIVE_UP = {"linux": (18, 1000), "darwin": (0x80, 1), "win32": (5, 1)}
"""``TCP_USER_TIMEOUT``, ``TCP_RXT_CONNDROPTIME``, ``TCP_MAXRT`` and what a second is in each; Python names the first alone."""


class OnePieceConnection(HTTPSConnection):
    """Keeps the head back until the body's first piece, or until an answer is asked for."""

    _holding = False
    _head = b""
    _new_until = 0.0

    def connect(self) -> None:
        """Connect within the time-out for that, then leave sending the time a thin line takes."""
        super().connect()
        self.sock.settimeout(_SEND_S)
        self._new_until = monotonic() + _NEW_S

    @property
    def is_connected(self) -> bool:
        """Tell whether it can be used. What a new one has to read are tickets of TLS, not its end, which the library takes it for."""
        return monotonic() < self._new_until or bool(super().is_connected)

    def hang_up(self) -> None:
        """End what another thread does on this connection: it meets a cut line."""
        connected = self.sock
        if isinstance(connected, socket.socket):
            with suppress(OSError):
                # The plain socket's: TLS would first say good-bye, in the middle of the other thread's record.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def endheaders(self, *arguments: Any, **options: Any) -> None:
        """Hold what is sent next: the head."""
        self._holding, self._head = True, b""
        try:
            super().endheaders(*arguments, **options)
        finally:
            self._holding = False

    def send(self, data: Any) -> None:
        """Send, or hold."""
        if self._holding and isinstance(data, bytes):
            self._head += data
            return
        if self._head and isinstance(data, bytes):
            data, self._head = self._head + data, b""
        super().send(data)

    def getresponse(self) -> Any:
        """Send a head without a body, then wait for the answer."""
        self._new_until = 0.0
        if self._head:
            head, self._head = self._head, b""
            super().send(head)
        answer: BaseHTTPResponse = super().getresponse()
        return answer


def watchful_options() -> list[tuple[int, int, int]]:
    """Return socket options for a connection that notices a line that is gone, with questions under way and without."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    asking = (("TCP_KEEPIDLE", _ASK_AFTER_S), ("TCP_KEEPALIVE", _ASK_AFTER_S), ("TCP_KEEPINTVL", _ASK_AFTER_S))
    for name, value in (*asking, ("TCP_KEEPCNT", SILENCE_S // _ASK_AFTER_S - 1)):
        number = getattr(socket, name, None)
        if number is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    if sys.platform in _GIVE_UP:
        number, second = _GIVE_UP[sys.platform]
        options.append((socket.IPPROTO_TCP, number, SILENCE_S * second))
    return options


def congestion_of(connection: Any) -> str | None:
    """Return the name of the system's congestion control on a connected socket, None where the system does not tell (all but Linux)."""
    option = getattr(socket, "TCP_CONGESTION", None)
    if option is None or connection is None:
        return None
    try:
        name: bytes = connection.getsockopt(socket.IPPROTO_TCP, option, 16)
    except OSError:
        return None
    return name.rstrip(b"\0").decode(errors="replace")


class _OnePiecePool(HTTPSConnectionPool):
    ConnectionCls = OnePieceConnection
    newest: OnePieceConnection | None = None

    def _new_conn(self) -> Any:
        made: Any = super()._new_conn()
        self.newest = made
        return made

    def connect_one(self, timeout_s: float) -> str | None:
        """Connect, and keep the connection for the first request. Returns ``congestion_of`` it."""
        connection = self._get_conn()
        try:
            connection.timeout = timeout_s
            self._validate_conn(connection)
            return congestion_of(getattr(connection, "sock", None))
        except BaseException:
            connection.close()
            raise
        finally:
            self._put_conn(connection)


class PromptAdapter(HTTPAdapter):
    """``requests``' adapter over such connections, which also keep little unsent (``sync.http_pacing``) and notice a dead line."""

    _pool: _OnePiecePool | None = None

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools. Called by the base class."""
        wanted = [*prompt_options(), *watchful_options()]
        super().init_poolmanager(connections, maxsize, block, socket_options=wanted, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _OnePiecePool}

    def connect(self, session: requests.Session, url: str, timeout_s: float) -> str | None:
        """Make the session's connection before there is anything to ask; return ``congestion_of`` it. Raises what the libraries raise."""
        request = session.prepare_request(requests.Request("GET", url))
        pool = self.get_connection_with_tls_context(request, session.verify)
        self.cert_verify(pool, url, session.verify, None)  # type: ignore[no-untyped-call]  # the stubs leave it out
        if not isinstance(pool, _OnePiecePool):
            raise TypeError(type(pool).__name__)
        self._pool = pool
        return pool.connect_one(timeout_s)

    def hang_up(self) -> None:
        """End what another thread does on this adapter's one connection."""
        newest = None if self._pool is None else self._pool.newest
        if newest is not None:
            newest.hang_up()
