"""The listening end: a small threaded server for neighbours' questions, inside the laptop's own program.

Promise: every connection is a proven device of our headquarters before one question is read; caps on connections in all and per address,
a deadline for the opening, for each frame and between frames, so that slow or greedy peers cost a few threads for some seconds and
never the program. One connection's end, however it comes, is nobody else's business.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from claims.errors import EnvironmentProblem
from sync.lan_channel import OwnIdentity, ServerTls, make_server_tls, open_as_server
from sync.lan_frames import FrameStream
from sync.lan_hub import LanHub
from sync.lan_problems import NeighbourFault, NeighbourProblem
from trust.errors import TrustError

ANY_PORT = 0


@dataclass(frozen=True, slots=True)
class ServerCaps:
    """What strangers and neighbours may cost."""

    connections: int = 64
    per_address: int = 8
    frame_s: float = 20.0
    idle_s: float = 60.0


class LanServer:
    """Serves one custodian. ``start`` once, ``stop`` once."""

    def __init__(
        self,
        hub: LanHub,
        own: OwnIdentity,
        *,
        port: int = ANY_PORT,
        host: str = "",
        caps: ServerCaps | None = None,
        twin: Callable[[], None] = lambda: None,
        met: Callable[[str, int, str], None] = lambda *_: None,
    ) -> None:
        """Open nothing yet.

        Args:
            port: the wished one; a taken one is replaced by any free one.
            host: address to listen on; empty: all, IPv6 too where the machine has it.
            twin: called, on a connection's thread, when somebody proved to hold this device's own key.
            met: called with device, epoch and station of every device that proved itself.
        """
        self._hub, self._own, self._wished, self._host = hub, own, port, host
        self._caps, self._twin, self._met = caps or ServerCaps(), twin, met
        self._tls: ServerTls = make_server_tls()
        self._lock = threading.Lock()
        self._open: dict[int, tuple[socket.socket, str]] = {}
        self._links = 0
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    @property
    def tls_sha256(self) -> str:
        """The hash of the certificate that this server shows: how a program knows itself on the network."""
        return self._tls.sha256

    @property
    def port(self) -> int:
        """The port it listens on, 0 before ``start``."""
        return 0 if self._listener is None else int(self._listener.getsockname()[1])

    def start(self) -> int:
        """Listen; return the port. Raises ``NeighbourProblem`` (``NO_ROUTE``) where the machine lets nobody listen."""
        self._listener = _listening(self._host, self._wished)
        thread = threading.Thread(target=self._accept, args=(self._listener,), name="lan-server", daemon=True)
        thread.start()
        self._threads.append(thread)
        return self.port

    def stop(self) -> None:
        """Close every connection and wait for the threads. Stopping twice is harmless."""
        self._stopping.set()
        if self._listener is not None:
            _shut(self._listener)
        with self._lock:
            left = [sock for sock, _ in self._open.values()]
        for sock in left:
            _shut(sock)
        for thread in list(self._threads):
            thread.join()
        self._threads.clear()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                sock, address = listener.accept()
            except OSError:
                if self._stopping.is_set():
                    return
                # Out of handles, or the peer was gone before it was taken: others still come.
                self._stopping.wait(0.1)
                continue
            link = self._admit(sock, str(address[0]))
            if link is None:
                sock.close()
                continue
            thread = threading.Thread(target=self._converse, args=(link, sock), name=f"lan-{link}", daemon=True)
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]
            thread.start()

    def _admit(self, sock: socket.socket, address: str) -> int | None:
        with self._lock:
            same = sum(1 for _, each in self._open.values() if each == address)
            if len(self._open) >= self._caps.connections or same >= self._caps.per_address or self._stopping.is_set():
                return None
            self._links += 1
            self._open[self._links] = (sock, address)
            return self._links

    def _converse(self, link: int, sock: socket.socket) -> None:
        stream: FrameStream | None = None
        try:
            stream, proven = open_as_server(sock, self._tls, self._own, self._hub.role)
            with self._lock:
                self._open[link] = (stream.socket, self._open[link][1])
            self._met(proven.device.device, proven.device.epoch, proven.device.station)
            while not self._stopping.is_set():
                frame = stream.receive(within_s=self._caps.frame_s, first_within_s=self._caps.idle_s)
                if frame is None or self._own.stopped(proven.device.device, proven.device.epoch):
                    return
                answer, payload = self._hub.answer(link, proven.device, frame.message, frame.payload)
                stream.send(answer, payload, within_s=self._caps.frame_s)
        except NeighbourProblem as problem:
            if problem.fault is NeighbourFault.TWIN:
                self._twin()
        except (msgspec.DecodeError, UnicodeDecodeError, EnvironmentProblem, OSError, TrustError):
            # A question in no language of ours (also a nonce too long to be signed), or a disk that takes nothing more: hang up; the
            # other end keeps what it has.
            return
        finally:
            with self._lock:
                self._open.pop(link, None)
            self._hub.close_link(link)
            if stream is not None:
                stream.close()
            sock.close()


def _listening(host: str, port: int) -> socket.socket:
    for wished in dict.fromkeys((port, ANY_PORT)):
        for family in (socket.AF_INET6, socket.AF_INET):
            if family is socket.AF_INET6 and (":" not in host and host):
                continue
            both = family is socket.AF_INET6 and not host and socket.has_dualstack_ipv6()
            if family is socket.AF_INET6 and not host and not both:
                continue
            try:
                return socket.create_server((host, wished), family=family, dualstack_ipv6=both)
            except (OSError, ValueError):
                # IPv6 switched off, or the port taken: the next way.
                continue
    raise NeighbourProblem(NeighbourFault.NO_ROUTE)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
