"""Which fault an HTTP status or a broken connection is.

Promise: pure look-ups; a status is only ever a reason to stop or to wait, never a success (that takes a verified statement).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as LibraryTimeout

from sync.wire.faults import LinkFault

_STATUS = {
    400: LinkFault.BAD_REQUEST,
    401: LinkFault.REFUSED,
    403: LinkFault.REVOKED,
    404: LinkFault.BAD_REQUEST,
    407: LinkFault.CAPTIVE_PORTAL,
    408: LinkFault.TIMEOUT,
    409: LinkFault.FROZEN,
    413: LinkFault.TOO_LARGE,
    415: LinkFault.BAD_REQUEST,
    416: LinkFault.BAD_REQUEST,
    422: LinkFault.BAD_REQUEST,
    425: LinkFault.BUSY,
    426: LinkFault.TOO_OLD,
    429: LinkFault.BUSY,
    503: LinkFault.BUSY,
    511: LinkFault.CAPTIVE_PORTAL,
}


def fault_of_status(status: int) -> LinkFault:
    """Return the fault of a status that is not the expected one; the meanings are in ``sync.wire.messages``."""
    if status in _STATUS:
        return _STATUS[status]
    if status >= 500:
        return LinkFault.SERVER_ERROR
    return LinkFault.REFUSED if status >= 400 else LinkFault.CAPTIVE_PORTAL


def fault_of(problem: BaseException) -> LinkFault:
    """Return the fault of an exception by ``requests``, ``urllib3`` or the socket below."""
    causes = tuple(_causes(problem))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _fault_of_tls(cause)
    for cause in causes:
        if isinstance(cause, (NewConnectionError, ConnectionRefusedError)):
            return LinkFault.NO_ROUTE
    for cause in causes:
        if isinstance(cause, (requests.Timeout, LibraryTimeout, TimeoutError)):
            return LinkFault.TIMEOUT
    return LinkFault.CUT


def _fault_of_tls(problem: ssl.SSLError) -> LinkFault:
    if isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)):
        # The line went away inside the handshake or a record: nobody posed as anybody.
        return LinkFault.CUT
    return LinkFault.NOT_HEADQUARTERS


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yield an exception and everything it wraps, by cause, context, ``reason`` or argument."""
    todo: list[BaseException] = [problem]
    seen: set[int] = set()
    while todo:
        each = todo.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        todo += [one for one in inner if isinstance(one, BaseException)]
