"""The event loop of the service: asyncio's own, with a short wait for a client's TLS good-bye.

Promise: a client that hangs up without one (most do) does not keep a stopping service waiting. asyncio's default is 30 s and
uvicorn offers no setting for it.
"""

from __future__ import annotations

import asyncio
from asyncio.base_events import Server
from typing import Any

_TLS_GOODBYE_S = 0.5


class PromptLoop(asyncio.SelectorEventLoop):
    """Closes TLS connections promptly."""

    async def create_server(self, *arguments: Any, **options: Any) -> Server:
        """Listen as the base class does, waiting ``_TLS_GOODBYE_S`` seconds at most for the end of a TLS connection."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_shutdown_timeout", _TLS_GOODBYE_S)
        server: Server = await super().create_server(*arguments, **options)
        return server
