"""Equipment of the stories: a real headquarters on loopback, laptops enrolled by one-time codes, a link that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

import resources
from app.enrolment import enrol_laptop
from app.main import build
from app.settings import Settings
from claims.desk import Desk
from claims.ports import Clock, StepProbe, no_probe
from headquarters.enrolment import FirstGrants, make_enrolment_code
from headquarters.grants import grant_allowance
from headquarters.installation import Headquarters
from headquarters.sample import publish_sample
from headquarters.serving import ServiceThread
from headquarters.system_clock import system_now
from local_db.key_slots import PassphraseUnlock
from local_db.passphrase import generate_passphrase


def no_wait(seconds: float, /) -> None:
    """Try again at once."""


@dataclass(frozen=True)
class StoppedClock:
    """A wall clock that stands still; the monotonic side runs."""

    wall: datetime

    def utc_now(self) -> datetime:
        return self.wall

    def monotonic_s(self) -> float:
        return time.monotonic()


class Office:
    """One headquarters with published sample data; ``serving`` runs it for a while."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hq = Headquarters.create(folder / "hq", system_now)
        publish_sample(self.hq, resources.path("packs", "sample.json"), 1, others=3)

    def close(self) -> None:
        self.hq.close()

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        with ServiceThread(self.hq) as service:
            yield service.address

    def code(self, device: str, *, float_fen: int = 0) -> str:
        return make_enrolment_code(
            self.hq,
            station="QX07",
            station_name="清溪一中安置点服务站",
            adjuster="0417",
            adjuster_name="林晓禾",
            device=device,
            first_grants=FirstGrants(float_fen=float_fen, authority_fen=30_000_000),
        )

    def enrol(self, device: str, url: str, *, float_fen: int = 0) -> Laptop:
        code = self.code(device, float_fen=float_fen)
        laptop = Laptop(Settings(home=self.folder / device, hq_url=url, adjuster="0417"))
        enrol_laptop(laptop.settings, code, laptop.unlock)
        return laptop

    def allow(self, device: str, pool: str, limit_fen: int, pool_limit_fen: int) -> None:
        grant_allowance(self.hq, device, pool, limit_fen, 30, pool_limit_fen=pool_limit_fen)


class Laptop:
    """One enrolled laptop; ``desk`` opens it, again after a restart."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.unlock = PassphraseUnlock("0417", generate_passphrase())

    def at(self, url: str) -> Laptop:
        """Return the same laptop reaching headquarters at another address (a loopback port changes at every start)."""
        other = Laptop(msgspec.structs.replace(self.settings, hq_url=url))
        other.unlock = replace(self.unlock)
        return other

    @contextlib.contextmanager
    def desk(self, probe: StepProbe = no_probe, clock: Clock | None = None) -> Iterator[Desk]:
        desk = build(self.settings, self.unlock, clock=clock, probe=probe, wait=no_wait)
        try:
            yield desk
        finally:
            desk.close()


class CuttingLink:
    """A TCP relay on loopback that closes both ends once it has carried ``budget`` bytes up; None carries on for ever."""

    def __init__(self, target_url: str) -> None:
        host, port = target_url.removeprefix("https://").rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self.budget: int | None = None
        self.carried_up = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            self._sockets += [near, far]
            for source, sink, up in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._relay, args=(source, sink, up))
                thread.start()
                self._threads.append(thread)

    def _relay(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        while True:
            try:
                data = source.recv(16384)
                if not data or (up and not self._may_carry(len(data))):
                    break
                sink.sendall(data)
            except OSError:
                break
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _may_carry(self, size: int) -> bool:
        with self._lock:
            self.carried_up += size
            return self.budget is None or self.carried_up <= self.budget
