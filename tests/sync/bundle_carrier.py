"""A laptop's way to headquarters for bundles, without a socket: real signatures, the real desk for carriers, a line that may break."""

from __future__ import annotations

import threading

from headquarters.bundle_routes import BundleDesk
from headquarters.bundle_spool import BundleSpool
from headquarters.callers import Caller, SignedRequest, verify_caller
from headquarters.core import read_message
from headquarters.installation import Headquarters
from sync.problems import LinkProblem
from sync.wire.bundles import BundlePart
from sync.wire.faults import LinkFault
from sync.wire.messages import request_bytes
from tests.sync.stick_world import Station


class BundleCarrier:
    """``sync.carrier.Carrier`` for ``/bundle``; the line breaks after ``cut_after`` questions."""

    def __init__(self, hq: Headquarters, station: Station, cut_after: int | None = None) -> None:
        self._hq, self._station, self.cut_after = hq, station, cut_after
        self._desk = BundleDesk(hq, BundleSpool(hq.home / "bundles"))
        self._lock = threading.Lock()
        self.asked = 0

    def ask(self, path: str, body: bytes) -> bytes:
        with self._lock:
            self.asked += 1
            if self.cut_after is not None and self.asked > self.cut_after:
                raise LinkProblem(LinkFault.CUT)
            identity, signer = self._station.store.identity, self._station.store.signer
            signature = signer.sign(request_bytes("POST", "/v1" + path, identity.device, identity.epoch, body))
            caller = verify_caller(
                self._hq, Caller(identity.device, identity.epoch), SignedRequest("POST", "/v1" + path, body, signature)
            )
            return self._desk.take_part(caller, read_message(body, BundlePart))

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:  # noqa: ARG002 - the shape of a carrier
        raise AssertionError("bundles go by their own way")

    def wire_bytes(self) -> int:
        return 0

    def close(self) -> None:
        pass
