"""Runs the service: TLS with a leaf of headquarters' own root, loopback unless told otherwise, a clean stop.

Promise: the leaf is made anew at every start, so a stolen one ages; SIGTERM lets running requests finish and exits with 0;
events that a crash left behind are processed before the first request is; no client holds a connection by saying nothing
(``headquarters.quiet_clients``).
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from types import FrameType, TracebackType

import uvicorn
from fastapi import FastAPI

from claims.errors import Bilingual, EnvironmentProblem
from headquarters.http_app import create_app
from headquarters.installation import Headquarters
from headquarters.processing import process_pending
from headquarters.quiet_clients import WatchedProtocol, probe_dead_clients
from headquarters.secrets_folder import write_new
from headquarters.tuf_upkeep import Upkeep
from headquarters.webhooks import Courier
from trust.certificates import issue_tls

LOOPBACK = "127.0.0.1"
TLS_DAYS = 90
_BACKDATED = timedelta(hours=1)
_GRACE_S = 10
_KEEP_ALIVE_S = 75
"""A laptop's connection for questions rests while photos travel; a new one costs three round trips of a bad line."""


class Service:
    """The service of one headquarters, bound to its port from the start."""

    def __init__(
        self, hq: Headquarters, host: str = LOOPBACK, port: int = 0, *, app: FastAPI | None = None, leaf: str = "tls"
    ) -> None:
        """Bind. Raises ``EnvironmentProblem`` when the port is taken.

        Args:
            app: what is served instead of the devices' service (the console).
            leaf: name of the files of the TLS certificate; two services of one headquarters have one each.
        """
        self._hq = hq
        self._tells = app is None  # of two services of one headquarters one tells the core system
        try:
            self._socket = socket.create_server((host, port), family=_family(host))
        except OSError as problem:
            raise EnvironmentProblem(
                "port_taken",
                Bilingual(
                    f"{host}:{port} 无法监听（{problem.strerror}）。",
                    f"{host}:{port} can't be bound ({problem.strerror}).",
                ),
                Bilingual("请换一个端口。", "Choose another port."),
            ) from problem
        probe_dead_clients(self._socket)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        certificate, key = _tls_files(hq, host, leaf)
        config = uvicorn.Config(
            create_app(hq) if app is None else app,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            log_level="warning",
            access_log=False,
            loop="headquarters.event_loop:PromptLoop",
            http=WatchedProtocol,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
        self._server = uvicorn.Server(config)

    @property
    def address(self) -> str:
        """Where clients connect."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve in this thread until SIGTERM, SIGINT or ``stop``. ``ready`` is called once clients can connect."""
        process_pending(self._hq)
        before = {each: signal.signal(each, _finish) for each in _signals()}
        try:
            ready()
            with Upkeep(self._hq), Courier(self._hq) if self._tells else nullcontext():
                self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            for each, handler in before.items():
                signal.signal(each, handler)

    def stop(self) -> None:
        """Ask the service to finish; may be called from another thread."""
        self._server.should_exit = True


class ServiceThread:
    """The service in a thread of this process, for tests and the demo: ``with ServiceThread(hq) as service: service.address``."""

    def __init__(
        self, hq: Headquarters, host: str = LOOPBACK, port: int = 0, *, app: FastAPI | None = None, leaf: str = "tls"
    ) -> None:
        self._service = Service(hq, host, port, app=app, leaf=leaf)
        self._thread = threading.Thread(target=self._service.run, name="headquarters")

    @property
    def address(self) -> str:
        """Where clients connect."""
        return self._service.address

    def __enter__(self) -> ServiceThread:
        # The port is bound and listens already: a client that connects now waits in its queue.
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._service.stop()
        self._thread.join()


def _signals() -> tuple[signal.Signals, ...]:
    # Only the main thread may set handlers. Uvicorn raises the signal again after its clean stop; ours swallows it.
    return (signal.SIGTERM, signal.SIGINT) if threading.current_thread() is threading.main_thread() else ()


def _finish(_number: int, _frame: FrameType | None) -> None:
    """The clean stop is done: nothing is left to do."""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _tls_files(hq: Headquarters, host: str, leaf: str) -> tuple[Path, Path]:
    at = hq.now()
    hosts = list(dict.fromkeys((host, LOOPBACK, "localhost")))
    certificate_pem, key_pem = issue_tls(
        hq.root_der, hq.secrets.root, hosts, at - _BACKDATED, at + timedelta(days=TLS_DAYS)
    )
    certificate, key = hq.home / "secrets" / f"{leaf}.pem", hq.home / "secrets" / f"{leaf}.key"
    for path, content in ((certificate, certificate_pem), (key, key_pem)):
        path.unlink(missing_ok=True)
        write_new(path, content, 0o600)
    return certificate, key
