"""``POST /v1/bundle``: any enrolled device brings a sealed bundle, its own or a colleague's, in parts or whole.

Promise: the carrier learns from a signed answer what still lacks, and that a bundle was taken in; what is inside stays between its writer and
headquarters. The same parts and bundles again are harmless.

Source: sync/wire/bundles.py; docs/adr/0144.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from headquarters.answer_bundles import answer_bundle
from headquarters.bundle_intake import take_bundle
from headquarters.bundle_spool import BundleSpool, check_announced
from headquarters.callers import Caller
from headquarters.core import read_message, require_same_device
from headquarters.http_bodies import MAX_MESSAGE_BYTES, MAX_UNPACKED_BYTES, read_body, statement_response, unpack
from headquarters.http_identity import authenticate
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.models_bundles import AnswerWaiting, BundleTaken
from headquarters.processing import process_pending
from headquarters.refusals import BodyRefused
from headquarters.statements_out import signed_answer
from sync.wire.bundles import BundleAnswered, BundlePart
from trust.bundles import MAGIC

FOLDER = "bundles"


def routes(hq: Headquarters) -> APIRouter:
    """Return the route over an open headquarters."""
    router = APIRouter()
    desk = BundleDesk(hq, BundleSpool(hq.home / FOLDER))

    @router.post("/v1/bundle", response_class=Response)
    async def bundle(request: Request) -> Response:
        body = await read_body(request, MAX_MESSAGE_BYTES)

        def work() -> bytes:
            caller = authenticate(hq, request, body)
            if body.startswith(MAGIC):
                return desk.take_whole(caller, body)
            return desk.take_part(caller, read_message(unpack(request, body, MAX_UNPACKED_BYTES), BundlePart))

        response = statement_response(request, await run_in_threadpool(work))
        # The answer holds what could be settled in time; the rest is worked off behind it, for the next one.
        response.background = BackgroundTask(process_pending, hq)
        return response

    return router


@dataclass(frozen=True)
class BundleDesk:
    """Answers carriers."""

    hq: Headquarters
    spool: BundleSpool

    def take_whole(self, carrier: Caller, raw: bytes) -> bytes:
        """Take in a bundle that came in one piece; return the signed answer. Raises ``BodyRefused`` where it can't be read."""
        taken = take_bundle(self.hq, io.BytesIO(raw), carrier=carrier.device)
        return self._answered(carrier, "", taken.sha256, taken=True, answer=taken.answer, problem=taken.problem)

    def take_part(self, carrier: Caller, message: BundlePart) -> bytes:
        """Keep a part, and take the bundle in when it is whole; return the signed answer. Raises ``RequestRefused``, ``OSError``."""
        require_same_device(carrier, message.device, message.epoch)
        check_announced(message.sha256, message.size_bytes)
        sha256, size = message.sha256, message.size_bytes
        known = self._known(sha256)
        if known is not None:
            return self._answered(carrier, message.nonce, sha256, taken=True, answer=self._answer_again(known))
        if message.index is not None:
            self.spool.put(sha256, size, message.index, message.content)
        lacking = self.spool.lacking(sha256, size)
        if lacking:
            return self._answered(carrier, message.nonce, sha256, taken=False, lacking=lacking)
        with self.spool.whole(sha256, size) as file:
            if file is None:
                return self._answered(
                    carrier, message.nonce, sha256, taken=False, lacking=self.spool.lacking(sha256, size)
                )
            try:
                taken = take_bundle(self.hq, file, carrier=carrier.device)
            except BodyRefused as problem:
                answer, why = None, problem.code
            else:
                answer, why = taken.answer, taken.problem
                if message.can_wait and self._forgotten(taken.device, taken.epoch):
                    return self._answered(
                        carrier, message.nonce, sha256, taken=False, problem="device_forgotten", later=True
                    )
        self.spool.forget(sha256, size)
        return self._answered(carrier, message.nonce, sha256, taken=True, answer=answer, problem=why)

    def _forgotten(self, device: str, epoch: int) -> bool:
        """Tell whether this may be a device that was enrolled after the backup headquarters was set back to; it comes back by a line of its own."""
        if self.hq.incarnation.number == 0:
            return False
        with self.hq.database.read() as session:
            return session.get(Device, (device, epoch)) is None

    def _known(self, sha256: str) -> BundleTaken | None:
        with self.hq.database.read() as session:
            return session.scalars(
                select(BundleTaken).where(BundleTaken.sha256 == sha256, BundleTaken.sealed_by_writer.is_(True)).limit(1)
            ).first()

    def _answer_again(self, known: BundleTaken) -> bytes | None:
        """The answer to a bundle whose first answer was lost on the way to the carrier."""
        with self.hq.database.read() as session:
            asked = session.get(AnswerWaiting, (known.device, known.epoch))
        if asked is None:
            return None
        return answer_bundle(
            self.hq,
            Caller(known.device, known.epoch),
            feed_position=asked.feed_position,
            to_bundle=known.bundle_id,
        )

    def _answered(
        self,
        carrier: Caller,
        nonce: str,
        sha256: str,
        *,
        taken: bool,
        lacking: tuple[int, ...] = (),
        answer: bytes | None = None,
        problem: str = "",
        later: bool = False,
    ) -> bytes:
        return signed_answer(
            self.hq,
            BundleAnswered(
                device=carrier.device,
                epoch=carrier.epoch,
                nonce=nonce,
                hq_time=self.hq.now(),
                sha256=sha256,
                taken=taken,
                lacking=lacking,
                answer=answer,
                problem=problem,
                later=later,
            ),
        )
