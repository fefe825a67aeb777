"""The line between a laptop and headquarters: slow, lossy, doubling, cut short, answered by strangers, or gone.

Promise: it moves bytes and may do anything to them that a network does; it never makes a signature. After ``heal`` it is a good line.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sync.wire.faults import LinkFault
from tests.fleet.house import Reply, Request

if TYPE_CHECKING:
    from tests.fleet.laptop import Laptop
    from tests.fleet.world import World

_LOGIN_PAGE = Reply(200, b"<html><body>Welcome to the station hotel</body></html>")
Arrived = Callable[[Reply | LinkFault], None]


class Link:
    """The lines of all laptops."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.healed = False
        self.black_hole_until_s = 0.0
        self._answers: dict[tuple[str, str], Reply] = {}
        self.sent = 0

    def send(self, laptop: Laptop, request: Request, arrived: Arrived) -> None:
        """Send a request; ``arrived`` may be called with an answer, with a fault, or never."""
        world = self._world
        weather, clockwork = world.weather, world.clockwork
        self.sent += 1
        if self.healed:
            clockwork.after(0.1, f"at headquarters {request.path}", lambda: self._deliver(laptop, request, arrived))
            return
        if not laptop.online:
            clockwork.after(0.5, "no route", lambda: arrived(LinkFault.NO_ROUTE))
            return
        if clockwork.now_s < self.black_hole_until_s or clockwork.chance(weather.loss):
            return
        if clockwork.chance(weather.portal):
            clockwork.after(0.5, "login page", lambda: arrived(_LOGIN_PAGE))
            return
        if clockwork.chance(weather.busy):
            clockwork.after(0.5, "busy", lambda: arrived(Reply(503, b"")))
            return
        if clockwork.chance(weather.truncated):
            if clockwork.chance(0.5):
                # TLS notices a connection that ends early; the request never was one.
                clockwork.after(1.0, "connection cut", lambda: arrived(LinkFault.CUT))
                return
            request = replace(request, body=request.body[: clockwork.dice.randrange(len(request.body) + 1)])
        for _ in range(2 if clockwork.chance(weather.doubled) else 1):
            clockwork.after(
                clockwork.wait_s(weather.slow_s),
                f"at headquarters {request.path}",
                lambda: self._deliver(laptop, request, arrived),
            )

    def _deliver(self, laptop: Laptop, request: Request, arrived: Arrived) -> None:
        world = self._world
        weather, clockwork = world.weather, world.clockwork
        reply = world.ask_headquarters(request, laptop)
        world.note(
            f"{request.device}/{request.epoch} {request.path[:24]} -> {reply.status} {zlib.crc32(reply.body):08x}"
        )
        if self.healed:
            clockwork.after(0.1, f"answer to {laptop.name}", lambda: arrived(reply))
            return
        if clockwork.chance(weather.answer_lost):
            return
        line = (laptop.name, request.path)
        stale = self._answers.get(line)
        self._answers[line] = reply
        if stale is not None and clockwork.chance(weather.stale_answers):
            reply = stale
        if clockwork.chance(weather.truncated):
            reply = Reply(reply.status, reply.body[: clockwork.dice.randrange(len(reply.body) + 1)])
        for _ in range(2 if clockwork.chance(weather.doubled) else 1):
            clockwork.after(clockwork.wait_s(weather.slow_s), f"answer to {laptop.name}", lambda: arrived(reply))
