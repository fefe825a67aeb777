"""A bad line for benchmarks, made in user space because many kernels have no ``sch_netem``: two network namespaces, joined by two TUN
devices through this process, which gives them a rate, a delay, losses and blackouts.

Promise: seeded; packets that are dropped are counted as sent, for that is what a metered line charges. Ends at ``--for`` seconds or on
SIGTERM and takes its namespaces along. Needs root and ``/dev/net/tun``.

    python -m bench.link_emulator --names a b --rate 2e6 --delay 0.15 --loss 0.05 --stats s.json [--black 30:60] [--congestion cubic]
"""

from __future__ import annotations

import argparse
import fcntl
import heapq
import json
import os
import random
import select
import signal
import struct
import subprocess
from pathlib import Path
from time import monotonic

CLIENT_IP, SERVER_IP = "10.77.0.1", "10.77.0.2"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x1, 0x1000
_DUMP_S = 0.25


def _open_tun(name: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)  # noqa: S603, S607 - fixed words; ip is where the system has it


class Link:
    """The line between namespaces ``client`` and ``server``."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.client, self.server = options.names
        self._up, self._down = _open_tun(f"{self.client}0"), _open_tun(f"{self.server}0")
        for space, own, peer in ((self.client, CLIENT_IP, SERVER_IP), (self.server, SERVER_IP, CLIENT_IP)):
            device = f"{space}0"
            _ip("netns", "add", space)
            _ip("link", "set", device, "netns", space)
            _ip("-n", space, "addr", "add", own, "peer", peer, "dev", device)
            _ip("-n", space, "link", "set", device, "up", "mtu", "1500")
            _ip("-n", space, "link", "set", "lo", "up")
            if options.congestion:
                # The sysctl is refused inside a namespace; a route may name its algorithm.
                _ip("-n", space, "route", "replace", peer, "dev", device, "congctl", options.congestion)
        self._chance = random.Random(options.seed)
        names = ("offered_packets", "offered_bytes", "lost", "tail_dropped", "delivered_packets", "delivered_bytes")
        self.stats = {way: dict.fromkeys(names, 0) for way in ("up", "down")}
        self._free = {"up": 0.0, "down": 0.0}
        self._queue: list[tuple[float, int, str, bytes]] = []
        self._count = 0
        self._stopped = False

    def run(self) -> None:
        """Pass packets until the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        began = dumped = monotonic()
        print("ready", flush=True)
        while not self._stopped and monotonic() - began < self._options.seconds:
            now = monotonic()
            rest = 0.2 if not self._queue else max(0.0, min(0.2, self._queue[0][0] - now))
            ready, _, _ = select.select([self._up, self._down], [], [], rest)
            for descriptor in ready:
                self._take(descriptor, "up" if descriptor == self._up else "down", monotonic() - began)
            self._pass_on()
            if monotonic() - dumped > _DUMP_S:
                self._dump(monotonic() - began)
                dumped = monotonic()
        self._dump(monotonic() - began)

    def close(self) -> None:
        """Take the namespaces away."""
        for descriptor in (self._up, self._down):
            os.close(descriptor)
        for space in (self.client, self.server):
            _ip("netns", "del", space)

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopped = True

    def _take(self, descriptor: int, way: str, at: float) -> None:
        stats, options = self.stats[way], self._options
        for _ in range(64):
            try:
                packet = os.read(descriptor, 4096)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue  # IPv6 neighbours chatting
            stats["offered_packets"] += 1
            stats["offered_bytes"] += len(packet)
            if options.black and at % options.black[1] >= options.black[1] - options.black[0]:
                stats["lost"] += 1
                continue
            now = monotonic()
            if max(0.0, self._free[way] - now) * options.rate / 8 + len(packet) > options.queue:
                stats["tail_dropped"] += 1
                continue
            # The loss comes behind the bottleneck: a lost packet has used its share of the rate.
            self._free[way] = max(now, self._free[way]) + len(packet) * 8 / options.rate
            if self._chance.random() < options.loss:
                stats["lost"] += 1
                continue
            self._count += 1
            heapq.heappush(self._queue, (self._free[way] + options.delay, self._count, way, packet))

    def _pass_on(self) -> None:
        while self._queue and self._queue[0][0] <= monotonic():
            _, _, way, packet = heapq.heappop(self._queue)
            try:
                os.write(self._down if way == "up" else self._up, packet)
            except OSError:
                continue
            self.stats[way]["delivered_packets"] += 1
            self.stats[way]["delivered_bytes"] += len(packet)

    def _dump(self, seconds: float) -> None:
        path = Path(self._options.stats)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"seconds": seconds, **self.stats}))
        fresh.replace(path)


def main() -> None:
    """Run a line."""
    parser = argparse.ArgumentParser(prog="python -m bench.link_emulator")
    parser.add_argument("--names", nargs=2, required=True, help="names of the two namespaces, at most 14 characters")
    parser.add_argument("--rate", type=float, default=2e6, help="bit/s each way")
    parser.add_argument("--delay", type=float, default=0.15, help="seconds one way")
    parser.add_argument("--loss", type=float, default=0.05, help="share of packets lost, each way")
    parser.add_argument("--queue", type=int, default=150_000, help="bytes that wait before the bottleneck")
    parser.add_argument(
        "--black", type=lambda text: tuple(map(float, text.split(":"))), help="30:60 is the last 30 s of each 60 s"
    )
    parser.add_argument("--congestion", default="", help="cubic, bbr, ... (default: the kernel's)")
    parser.add_argument("--seconds", "--for", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stats", required=True)
    link = Link(parser.parse_args())
    try:
        link.run()
    finally:
        link.close()


if __name__ == "__main__":
    main()
