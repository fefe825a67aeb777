"""An answer leaves in one piece and at once: what a bad line would otherwise make a second packet and a round trip of."""

from __future__ import annotations

import asyncio
import socket
import ssl

from headquarters.event_loop import PromptLoop


class Below(asyncio.Transport):
    """The transport under the service's: keeps what was written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []

    def write(self, data):
        self.told.append(bytes(data))

    def close(self):
        self.told.append("closed")


class Talking(asyncio.Protocol):
    """Answers whatever comes with a head and a body, as uvicorn does."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(b"head of " + data)
        self.transport.write(b" and body")
        if data == b"the last":
            self.transport.close()


def test_head_and_body_leave_as_one_write_at_once_and_before_the_end(monkeypatch):
    loop = PromptLoop()
    factories = []

    async def keep(_self, factory, *_arguments, **_options):
        factories.append(factory)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "create_server", keep)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    below = Below()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        loop.run_until_complete(loop.create_server(Talking, sock=listening, ssl=context))
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert context.num_tickets == 0
    protocol = factories[0]()
    protocol.connection_made(below)
    for question in (b"the first", b"the last"):
        protocol.data_received(question)
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert below.told == [b"head of the first and body", b"head of the last and body", "closed"]
