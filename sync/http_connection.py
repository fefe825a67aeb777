"""Connections that send a request's head and the beginning of its body in one piece.

Promise: the bytes of a request are the same as the library's; only where they are cut into packets differs. A question of two hundred
bytes is then one packet instead of two, and on a line that loses one in twenty the second one is what a person waits for: nothing comes
after it by which its loss would show before the time-out.
"""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from sync.http_pacing import prompt_options


class OnePieceConnection(HTTPSConnection):
    """Keeps the head back until the body's first piece, or until an answer is asked for."""

    _holding = False
    _head = b""

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
        if self._head:
            head, self._head = self._head, b""
            super().send(head)
        answer: BaseHTTPResponse = super().getresponse()
        return answer


class _OnePiecePool(HTTPSConnectionPool):
    ConnectionCls = OnePieceConnection


class PromptAdapter(HTTPAdapter):
    """``requests``' adapter over such connections, which also keep little unsent (``sync.http_pacing``)."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools. Called by the base class."""
        super().init_poolmanager(connections, maxsize, block, socket_options=prompt_options(), **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _OnePiecePool}
