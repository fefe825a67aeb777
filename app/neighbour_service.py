"""Taking part in the local network: the server that neighbours ask, the search for them, and the rounds that run meanwhile.

Promise: switched on and off as often as a person likes; off means that nobody is served and no thread is left. Custody and releases have a
thread each: fetching a large extract from a hub never delays the push after a promise. A round that fails is one round: the next one comes.

Source: docs/adr/0147, docs/adr/0168.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from app.neighbour_addresses import DEFAULT_PORT
from claims.errors import OutpostError
from sync.lan_channel import OwnIdentity
from sync.lan_discovery import Discovery, Found, OpenDiscovery, open_multicast
from sync.lan_hub import LanHub
from sync.lan_server import LanServer
from sync.wire.backoff import share_of
from sync.wire.hub_messages import NeighbourRole

PUSH_EVERY_S = 120.0
"""With the nudge after each promise this keeps the log in custody well within five minutes."""
UPDATE_EVERY_S = 600.0
"""A hub is asked so often whether it has newer rules, policies or stopped devices; an unchanged answer is two small files."""
MOST_UPDATE_WAIT_S = 3600.0


@dataclass(frozen=True)
class Rounds:
    """What is done while sharing is on, each on a thread of its own.

    ``push``: give custody and carry on what is held. ``update``: take in what hubs hand out; False: there was nobody to ask, or no answer.
    """

    push: Callable[[], object]
    update: Callable[[], bool]
    push_every_s: float = PUSH_EVERY_S
    update_every_s: float = UPDATE_EVERY_S


@dataclass
class NeighbourService:
    """One program's part. ``make_hub`` is called at every switching on; ``twin`` when somebody proves to hold this device's key.

    ``found`` returns whether an announcement is news.
    """

    own: OwnIdentity
    role: NeighbourRole
    make_hub: Callable[[], LanHub]
    rounds: Rounds
    twin: Callable[[], None]
    found: Callable[[Found], bool]
    gone: Callable[[str], None]
    port: int = 0
    host: str = ""
    discover: OpenDiscovery = open_multicast
    hub: LanHub | None = None
    own_tls: frozenset[str] = frozenset()
    """Hashes of all certificates that this program ever showed: how it knows itself on the network."""
    _server: LanServer | None = None
    _discovery: Discovery | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _push_now: threading.Event = field(default_factory=threading.Event)
    _update_now: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def serving(self) -> tuple[int, bool] | None:
        """The port, and whether others find this program by themselves; None while sharing is off."""
        with self._lock:
            return None if self._server is None else (self._server.port, self._discovery is not None)

    @property
    def stopping(self) -> bool:
        """Whether it is being switched off just now."""
        return self._stop.is_set()

    def nudge(self) -> None:
        """Push soon, and ask hubs soon. Returns at once."""
        self._push_now.set()

    def start(self) -> None:
        """Serve, and begin to search. Switching on twice is harmless. Raises ``EnvironmentProblem``."""
        if self._server is not None:
            return
        hub = self.make_hub()
        server = LanServer(hub, self.own, port=self.port or DEFAULT_PORT, host=self.host, twin=self.twin)
        server.start()
        with self._lock:
            self.hub, self._server = hub, server
            self.own_tls |= {server.tls_sha256}
        # Finding is slow to start on some networks; serving need not wait for it.
        self._threads = [
            threading.Thread(target=self._push_rounds, args=(server.port,), name="lan-neighbours", daemon=True),
            threading.Thread(target=self._update_rounds, name="lan-releases", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, break_off: Callable[[], None]) -> None:
        """Serve no more; ``break_off`` ends the conversations that rounds are in. Switching off twice is harmless."""
        self._stop.set()
        self._push_now.set()
        self._update_now.set()
        break_off()
        for thread in self._threads:
            thread.join()
        self._threads = []
        with self._lock:
            server, self._server, self.hub = self._server, None, None
            discovery, self._discovery = self._discovery, None
        if discovery is not None:
            discovery.close()
        if server is not None:
            server.stop()
        self._stop.clear()

    def _push_rounds(self, port: int) -> None:
        own = self.own.certificate
        discovery = self.discover(own.device, own.station, self.role, port, self._found, self.gone)
        with self._lock:
            self._discovery = discovery
        while not self._stop.is_set():
            self._push_now.clear()
            # A full disk or no link: said where a person asks; tried again with the next turn.
            with suppress(OutpostError):
                self.rounds.push()
            if not self._stop.is_set():
                self._push_now.wait(self.rounds.push_every_s)

    def _update_rounds(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._update_now.clear()
            try:
                self.rounds.update()
                failures = 0
            except OutpostError:
                # Said where a person asks for it; a hub that is out of order is left alone for longer and longer.
                failures += 1
            if not self._stop.is_set():
                self._update_now.wait(self._update_wait_s(failures))

    def _update_wait_s(self, failures: int) -> float:
        longest = min(MOST_UPDATE_WAIT_S, self.rounds.update_every_s * float(2 ** min(failures, 8)))
        return longest * (0.75 + 0.25 * share_of(self.own.certificate.device, "releases", failures))

    def _found(self, found: Found) -> None:
        if self.found(found):
            self._push_now.set()
            if found.role is NeighbourRole.HUB:
                self._update_now.set()
