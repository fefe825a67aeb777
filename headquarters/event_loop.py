"""The event loop of the service: asyncio's own, which says good-bye shortly and answers in one piece.

Promise: a client that hangs up without a TLS good-bye (most do) does not keep a stopping service waiting: asyncio's default is 30 s and
uvicorn offers no setting for it. The bytes of an answer are uvicorn's; only where they are cut into packets differs: head and body leave
together and at once. Kept back until the head is acknowledged (Nagle; asyncio lifts that only from sockets it has made itself, and the
service binds its own), each body would cost a round trip more, and alone in its packet it is one more that a bad line may lose.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.base_events import Server
from collections.abc import Callable
from typing import Any

_TLS_GOODBYE_S = 0.5


class PromptLoop(asyncio.SelectorEventLoop):
    """Closes TLS connections promptly and sends answers in one piece."""

    async def create_server(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *arguments: Any, **options: Any
    ) -> Server:
        """Listen as the base class does, waiting ``_TLS_GOODBYE_S`` seconds at most for the end of a TLS connection."""
        context = options.get("ssl")
        if context is not None:
            options.setdefault("ssl_shutdown_timeout", _TLS_GOODBYE_S)
        if isinstance(context, ssl.SSLContext):
            # Laptops keep their connections and resume none: the two tickets would be a packet each time, for nothing.
            context.num_tickets = 0
        listening = options.get("sock")
        if isinstance(listening, socket.socket) and listening.family in (socket.AF_INET, socket.AF_INET6):
            # What a listening socket is set to, the accepted ones inherit.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def one_piece() -> asyncio.BaseProtocol:
            protocol = protocol_factory()
            return _OnePieceProtocol(protocol, self) if isinstance(protocol, asyncio.Protocol) else protocol

        server: Server = await super().create_server(one_piece, *arguments, **options)
        return server


class _OnePieceProtocol(asyncio.Protocol):
    """Passes everything on, and gives the protocol inside a transport that gathers what is written in one turn of the loop."""

    def __init__(self, inside: asyncio.Protocol, loop: asyncio.AbstractEventLoop) -> None:
        self._inside, self._loop = inside, loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inside.connection_made(_Gathering(transport, self._loop))

    def connection_lost(self, exc: Exception | None) -> None:
        self._inside.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inside.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inside.eof_received()

    def pause_writing(self) -> None:
        self._inside.pause_writing()

    def resume_writing(self) -> None:
        self._inside.resume_writing()


class _Gathering(asyncio.Transport):
    """The transport below, with the writes of one turn of the loop made one."""

    def __init__(self, below: Any, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._below, self._loop = below, loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        self._flush()
        self._below.close()

    def abort(self) -> None:
        self._pieces.clear()
        self._below.abort()

    def write_eof(self) -> None:
        self._flush()
        self._below.write_eof()

    def can_write_eof(self) -> bool:
        return bool(self._below.can_write_eof())

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._below.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return bool(self._below.is_closing())

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._below.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._below.get_protocol()  # type: ignore[no-any-return]  # whatever transport is below

    def is_reading(self) -> bool:
        return bool(self._below.is_reading())

    def pause_reading(self) -> None:
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._below.resume_reading()

    def get_write_buffer_size(self) -> int:
        return int(self._below.get_write_buffer_size()) + sum(map(len, self._pieces))

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._below.get_write_buffer_limits()  # type: ignore[no-any-return]  # whatever transport is below

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._below.set_write_buffer_limits(high, low)

    def _flush(self) -> None:
        if self._pieces:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            self._below.write(whole)
