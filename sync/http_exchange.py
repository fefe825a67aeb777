"""One request and its answer over a pinned session, with every cap and time-out in one place.

Promise: an answer's body is read as sent (no library unpacks behind our back), counted, capped before and after zstd, and
checked for length; whatever goes wrong leaves as ``LinkProblem``. With ``sync.carrier_http`` the only user of ``requests``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests
import zstandard
from urllib3.exceptions import HTTPError

from sync.http_faults import fault_of, fault_of_status
from sync.http_pacing import Gate, PacedBody
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.messages import RAW_TYPE, STATEMENT_TYPE

ANSWER_CAP_BYTES = 8 * 1024 * 1024
_WINDOW_CAP_BYTES = 8 * 1024 * 1024
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``connect_s`` bounds each step of connecting, TLS included; ``read_s`` is the longest an answer is awaited.

    The system repeats the first packet after 1, 3, 7 and 15 s: a new attempt after 8 finds a line that came back sooner.
    """

    connect_s: float = 8.0
    read_s: float = 60.0


class Answer:
    """An answer whose head has arrived. Methods raise ``LinkProblem`` for anything but what they are named for."""

    def __init__(self, response: requests.Response, count: Callable[[int], None]) -> None:
        """Wrap a streamed response; ``count`` is told of every body byte."""
        self._response = response
        self._count = count
        self.status = response.status_code

    def statement(self) -> bytes:
        """Return a signed statement, unverified."""
        self._expect(200, STATEMENT_TYPE)
        return self._body(ANSWER_CAP_BYTES)

    def raw(self, cap_bytes: int) -> bytes:
        """Return an unsigned body of at most ``cap_bytes``."""
        self._expect(200, RAW_TYPE)
        return self._body(cap_bytes)

    def expect_empty(self) -> None:
        """Accept 204 and nothing else: a login page's 200 is no success."""
        if self.status != 204:
            raise self._refusal()
        # Read to its end, empty as it is: only then does the connection go back to be used again.
        self._body(_PIECE)

    def pieces(self, skip: int) -> Iterator[bytes]:
        """Yield a blob from offset ``skip`` on, whether or not the server took the range."""
        if self.status == 206:
            wanted = f"bytes {skip}-"
            if not self._response.headers.get("Content-Range", "").startswith(wanted):
                raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
            skip = 0
        else:
            self._expect(200, RAW_TYPE)
        for piece in self._stream():
            dropped = min(skip, len(piece))
            skip -= dropped
            if len(piece) > dropped:
                yield piece[dropped:]

    def _expect(self, status: int, media_type: str) -> None:
        if self.status != status:
            raise self._refusal()
        found = self._response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if found != media_type:
            raise LinkProblem(LinkFault.CAPTIVE_PORTAL)

    def _refusal(self) -> LinkProblem:
        wait = self._response.headers.get("Retry-After", "").strip()
        # The other form, a date, would need a clock that is believed; HQ sends seconds.
        seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 10 else 0.0
        return LinkProblem(fault_of_status(self.status), retry_after_s=seconds)

    def _body(self, cap_bytes: int) -> bytes:
        packed = bytearray()
        for piece in self._stream():
            packed += piece
            if len(packed) > cap_bytes:
                raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
        encoding = self._response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding == "identity":
            return bytes(packed)
        if encoding != "zstd":
            raise LinkProblem(LinkFault.CAPTIVE_PORTAL)
        return unpacked(bytes(packed), cap_bytes)

    def _stream(self) -> Iterator[bytes]:
        while True:
            try:
                piece = self._response.raw.read(_PIECE, decode_content=False)
            except (HTTPError, OSError) as problem:
                raise LinkProblem(fault_of(problem)) from problem
            if not piece:
                return
            self._count(len(piece))
            yield piece


def unpacked(packed: bytes, cap_bytes: int) -> bytes:
    """Undo zstd up to a cap: a small body can't become a large one. Raises ``LinkProblem``."""
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_CAP_BYTES).stream_reader(io.BytesIO(packed))
    try:
        plain = reader.read(cap_bytes + 1)
    except zstandard.ZstdError as problem:
        raise LinkProblem(LinkFault.NOT_HEADQUARTERS) from problem
    if len(plain) > cap_bytes:
        raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
    return plain


@contextmanager
def exchange(
    session: requests.Session,
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeouts: Timeouts,
    count: Callable[[int], None],
    gate: Gate | None = None,
) -> Iterator[Answer]:
    """Send one request and give its answer, head read, body not yet. Raises ``LinkProblem``.

    With a ``gate`` the body goes out in pieces that stand back while the gate is closed, and is counted as it goes.
    """
    if not body:
        gate = None
    data: object = (body or None) if gate is None else PacedBody(body, gate, count)
    request = requests.Request(method, url, data=data, headers={"Accept-Encoding": "zstd", **headers})
    prepared = session.prepare_request(request)
    head = _head_bytes(f"{method} {prepared.path_url} HTTP/1.1", prepared.headers)
    count(head if gate is not None else head + len(body))
    try:
        response = session.send(
            prepared,
            stream=True,
            timeout=(timeouts.connect_s, timeouts.read_s),
            allow_redirects=False,
            verify=session.verify,
        )
    except (requests.RequestException, HTTPError, OSError) as problem:
        raise LinkProblem(fault_of(problem)) from problem
    with response:
        count(_head_bytes(f"HTTP/1.1 {response.status_code} {response.reason}", response.headers))
        yield Answer(response, count)


def _head_bytes(first_line: str, headers: Mapping[str, str]) -> int:
    return len(first_line) + 4 + sum(len(name) + len(value) + 4 for name, value in headers.items())
