"""The simulated courier and production's driver play the same script; what is durable afterwards is the same.

``tests/fleet/courier.py`` repeats the duties of ``sync.cycle``, whose threads can't be stepped. Here both are given the same laptop, the same
work and the same faults of the line, by the number of the question; after each cycle watermark, feed, files, book and answers are compared.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus

import msgspec
import pytest

from sync.cycle import sync_once
from sync.http_faults import fault_of_status
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.messages import request_bytes
from tests.fleet.carriers import LaptopStore
from tests.fleet.house import House, Reply, Request, at, house_in, pack
from tests.fleet.laptop import Laptop
from tests.fleet.library import make_library
from tests.fleet.link import Arrived
from tests.fleet.repeatable import certificates_read_once, repeatable
from tests.fleet.store_view import DiskFiles
from tests.fleet.test_sim import fair
from tests.fleet.world import World

Script = dict[tuple[str, int], str]
SCRIPTS: dict[str, Script] = {
    "a good line": {},
    "the first receipt is lost": {("/v1/log", 1): "answer_lost"},
    "the log is lost, then cut short": {("/v1/log", 1): "lost", ("/v1/log", 2): "cut_answer"},
    "a login page, then busy": {("/v1/hello", 1): "portal", ("/v1/hello", 2): "busy"},
    "the feed is lost twice": {("/v1/down", 1): "answer_lost", ("/v1/down", 2): "lost"},
    "files are asked about in vain": {("/v1/have", 1): "answer_lost"},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with certificates_read_once(), house_in(tmp_path_factory.mktemp("duties"), make_library(4, 4, families=1)) as built:
        yield built


class Faulty:
    """Answers questions by the house, with the script's faults by path and number."""

    def __init__(self, world: World, script: Script) -> None:
        self._world, self._script = world, script
        self._asked: Counter[str] = Counter()

    def ask(self, request: Request) -> Reply | LinkFault:
        path = request.path if not request.path.startswith("/v1/chunk") else "/v1/chunk"
        self._asked[path] += 1
        fault = self._script.get((path, self._asked[path]), "")
        if fault == "lost":
            return LinkFault.TIMEOUT
        if fault == "portal":
            return Reply(200, b"<html>hotel</html>")
        if fault == "busy":
            return Reply(503, b"")
        reply = self._world.house.answer(request)
        if fault == "answer_lost":
            return LinkFault.TIMEOUT
        return Reply(reply.status, reply.body[: len(reply.body) // 2]) if fault == "cut_answer" else reply


class ScriptedLink:
    """In the place of ``tests.fleet.link.Link``."""

    black_hole_until_s = 0.0

    def __init__(self, world: World, faulty: Faulty) -> None:
        self._world, self._faulty = world, faulty

    def send(self, laptop: Laptop, request: Request, arrived: Arrived) -> None:
        del laptop
        self._world.clockwork.after(0.1, request.path, lambda: arrived(self._faulty.ask(request)))


class ScriptedCarrier:
    """In the place of ``sync.carrier_http``."""

    def __init__(self, laptop: Laptop, faulty: Faulty) -> None:
        self._disk, self._faulty = laptop.disk, faulty
        self._lock = threading.Lock()

    def ask(self, path: str, body: bytes) -> bytes:
        return self._send("POST", f"/v1{path}", pack(body), "zstd")

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        self._send("PUT", f"/v1/chunk/{sha256}/{index}", content, "identity")

    def _send(self, method: str, path: str, content: bytes, packed: str) -> bytes:
        identity = self._disk.identity
        signature = self._disk.key.sign(request_bytes(method, path, identity.device, identity.epoch, content))
        request = Request(method, path, identity.device, identity.epoch, content, signature, packed)
        with self._lock:
            reply = self._faulty.ask(request)
        if isinstance(reply, LinkFault):
            raise LinkProblem(reply)
        if reply.status != HTTPStatus.OK:
            raise LinkProblem(fault_of_status(reply.status))
        return reply.body

    def wire_bytes(self) -> int:
        return 0

    def close(self) -> None: ...


class StandingClock:
    """The world's time, for the driver."""

    def __init__(self, world: World) -> None:
        self._world = world

    def utc_now(self) -> datetime:
        return at(self._world.clockwork.now_s)

    def monotonic_s(self) -> float:
        return self._world.clockwork.now_s


def durable(laptop: Laptop) -> dict[str, object]:
    disk = laptop.disk
    kinds = Counter(type(each).__name__ for each in disk.inbox)
    return {
        "log": [each.hash for each in disk.commits],
        "watermark": disk.watermark,
        "feed": disk.feed_count,
        "inbox": kinds,
        "files": sorted(disk.held),
        "answers": dict(disk.answers),
        "book": msgspec.to_builtins(disk.book),
        "incarnation": disk.incarnation,
        "drained": laptop.drained(),
    }


def played(house: House, script: Script, *, by_driver: bool) -> list[dict[str, object]]:
    """Three days of work with a sync after each; what was durable after each."""
    found = []
    with repeatable(random.Random("duties")):
        world = World(5, house, fair(5, laptops=1, files=True))
        house.reset(lambda: at(world.clockwork.now_s))
        laptop = world._enrol("QX01", "D1")
        world._first_grants()
        world._first_contact(laptop)
        faulty = Faulty(world, script)
        if not by_driver:
            world.link = ScriptedLink(world, faulty)  # type: ignore[assignment]  # it sends as the line does
        losses = [each[0] for each in world.losses]
        for day in range(3):
            world.clockwork.now_s = 86_400.0 * (day + 1)
            laptop.world.clockwork.dice = random.Random(day)
            laptop.take_in(losses[day])
            if by_driver:
                sync_once(
                    carrier=ScriptedCarrier(laptop, faulty),
                    store=LaptopStore(laptop),  # type: ignore[arg-type]  # a disk of the fast tier
                    outbox=laptop.disk,
                    attachments=DiskFiles(laptop.disk),
                    roots=laptop.disk.roots,
                    clock=StandingClock(world),
                    wait=lambda _: None,
                    seed=lambda: "00",
                )
            else:
                laptop.sync()
                # No clock of headquarters moves while the other one is played: both end within these seconds.
                world.clockwork.run_until(world.clockwork.now_s + 3600.0)
            world.house.process()
            found.append(durable(laptop))
    return found


@pytest.mark.parametrize("name", list(SCRIPTS))
def test_courier_and_driver_leave_the_same_behind(house: House, name: str) -> None:
    mine, theirs = (played(house, SCRIPTS[name], by_driver=each) for each in (False, True))
    assert mine[-1]["drained"]
    for day, (courier, driver) in enumerate(zip(mine, theirs, strict=True)):
        for what in courier:
            assert courier[what] == driver[what], f"day {day}: {what}"
