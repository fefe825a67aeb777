"""The same requests without a socket: real signing and packing, straight into the simulator, with weather in between."""

from __future__ import annotations

import threading
from collections.abc import Callable

import zstandard

from sync.http_exchange import unpacked
from sync.http_faults import fault_of_status
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.messages import RAW_TYPE, STATEMENT_TYPE, request_bytes
from tests.sync.hq_simulator import HqSimulator, Reply
from tests.sync.laptop import Laptop

Weather = Callable[[str, str], None]
"""Called with ("out" | "back", path); raises ``LinkProblem`` to lose the request or its answer."""


def calm(way: str, path: str) -> None:
    """Nothing gets lost."""


class DirectCarrier:
    """``sync.carrier.Carrier`` over a function call."""

    def __init__(self, hq: HqSimulator, laptop: Laptop, weather: Weather = calm) -> None:
        self.hq, self.laptop, self.weather = hq, laptop, weather
        self._lock = threading.Lock()
        self._bytes = 0

    def ask(self, path: str, body: bytes) -> bytes:
        packed = zstandard.ZstdCompressor().compress(body)
        headers = {"Content-Type": "application/json", "Content-Encoding": "zstd"}
        reply = self._exchange("POST", path, packed, headers)
        if reply.status != 200:
            raise self._refusal(reply)
        if reply.headers.get("Content-Type") != STATEMENT_TYPE:
            raise LinkProblem(LinkFault.CAPTIVE_PORTAL)
        if reply.headers.get("Content-Encoding") == "zstd":
            return unpacked(reply.body, 1 << 22)
        return reply.body

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        reply = self._exchange("PUT", f"/chunk/{sha256}/{index}", content, {"Content-Type": RAW_TYPE})
        if reply.status != 204:
            raise self._refusal(reply)

    def wire_bytes(self) -> int:
        with self._lock:
            return self._bytes

    def close(self) -> None:
        pass

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        laptop = self.laptop
        # Chunks have threads of their own; the cycle's must not ask anything while it holds the store.
        assert path.startswith("/chunk") or not laptop.writing, "the network is used inside a transaction"
        signed = request_bytes(method, "/v1" + path, laptop.device, laptop.epoch, body)
        identity = {
            "Outpost-Device": laptop.device,
            "Outpost-Epoch": str(laptop.epoch),
            "Outpost-Signature": laptop.signer.sign(signed).hex(),
        }
        self.weather("out", path)
        reply = self.hq.handle(method, "/v1" + path, {**headers, **identity}, body)
        self.weather("back", path)
        with self._lock:
            self._bytes += len(body) + len(reply.body)
        return reply

    def _refusal(self, reply: Reply) -> LinkProblem:
        return LinkProblem(fault_of_status(reply.status), retry_after_s=float(reply.headers.get("Retry-After", 0)))
