"""Messages over a stream: two lengths, a message, the bytes that go with it.

Promise: nothing longer than its cap is ever allocated; a whole frame has one deadline, so that a peer that sends a byte a minute holds a
thread for seconds only; a stream that ends inside a frame is a cut, never a short message.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass

from sync.lan_problems import NeighbourFault, NeighbourProblem

_HEAD = struct.Struct(">II")
_READ = 64 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """A message and its bytes."""

    message: bytes
    payload: bytes = b""


class FrameStream:
    """Frames over one connected socket (plain or TLS). One thread at a time."""

    def __init__(self, sock: socket.socket, *, message_cap: int, payload_cap: int) -> None:
        """Read no message and no payload above these caps."""
        self._socket = sock
        self._message_cap, self._payload_cap = message_cap, payload_cap
        self.wire_bytes = 0

    def send(self, message: bytes, payload: bytes = b"", *, within_s: float) -> None:
        """Send one frame. Raises ``NeighbourProblem`` (``CUT``, ``TIMEOUT``)."""
        raw = _HEAD.pack(len(message), len(payload)) + message + payload
        try:
            self._socket.settimeout(within_s)
            self._socket.sendall(raw)
        except TimeoutError as problem:
            raise NeighbourProblem(NeighbourFault.TIMEOUT) from problem
        except OSError as problem:
            raise NeighbourProblem(NeighbourFault.CUT) from problem
        self.wire_bytes += len(raw)

    def receive(self, *, within_s: float, first_within_s: float | None = None) -> Frame | None:
        """Return the next frame; None when the other end closed before one began.

        Args:
            within_s: for the whole frame once it began.
            first_within_s: how long to wait for its first byte; None: as ``within_s``.

        Raises:
            NeighbourProblem: ``CUT``, ``TIMEOUT``, ``UNREADABLE`` (longer than the caps).
        """
        first = self._read(1, time.monotonic() + (within_s if first_within_s is None else first_within_s), may_end=True)
        if not first:
            return None
        deadline = time.monotonic() + within_s
        head = first + self._read(_HEAD.size - 1, deadline)
        message_bytes, payload_bytes = _HEAD.unpack(head)
        if message_bytes > self._message_cap or payload_bytes > self._payload_cap:
            raise NeighbourProblem(NeighbourFault.UNREADABLE)
        message = self._read(message_bytes, deadline)
        return Frame(message, self._read(payload_bytes, deadline))

    @property
    def socket(self) -> socket.socket:
        """The socket under it, for who must break the conversation off from another thread."""
        return self._socket

    def close(self) -> None:
        """Close the socket under it. Closing twice is harmless."""
        self._socket.close()

    def _read(self, size: int, deadline: float, *, may_end: bool = False) -> bytes:
        read = bytearray()
        while len(read) < size:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise NeighbourProblem(NeighbourFault.TIMEOUT)
            try:
                self._socket.settimeout(left_s)
                part = self._socket.recv(min(_READ, size - len(read)))
            except TimeoutError as problem:
                raise NeighbourProblem(NeighbourFault.TIMEOUT) from problem
            except OSError as problem:
                raise NeighbourProblem(NeighbourFault.CUT) from problem
            if not part:
                if may_end and not read:
                    return b""
                raise NeighbourProblem(NeighbourFault.CUT)
            read += part
        self.wire_bytes += size
        return bytes(read)
