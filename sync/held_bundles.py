"""Carrying for colleagues: handing sealed bundles of others to headquarters when there is a link.

Promise: a bundle counts as handed over only by headquarters' signed word; a cut goes on where it stopped, because headquarters says which
parts lack. Nothing of it is readable here, and none of it ever goes before this laptop's own money.

Source: docs/adr/0145.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import msgspec

from claims.bundles import HeldBundle
from claims.errors import OutpostError
from claims.ports import StepProbe, no_probe
from sync.carrier import Carrier
from sync.problems import LinkProblem
from sync.wire.bundles import PART_BYTES, BundleAnswered, BundlePart
from sync.wire.faults import LinkFault
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.statements import open_statement

PATH = "/bundle"
_PARALLEL = 8
_MAX_ROUNDS = 4
_KIND = str(BundleAnswered.__struct_config__.tag)


class HeldShelf(Protocol):
    """Where the bundles lie."""

    def waiting(self) -> Sequence[HeldBundle]:
        """Return those that headquarters has not taken yet, the oldest first."""

    def open(self, bundle_id: str) -> BinaryIO:
        """Open one to read. Raises ``EnvironmentProblem``."""

    def handed_over(self, held: HeldBundle, answer: bytes | None) -> None:
        """Note that headquarters has it, and keep the sealed answer for its writer. Raises ``EnvironmentProblem``."""


@dataclass(frozen=True)
class HandedOver:
    """How handing over went: how many bundles headquarters took, how many answers came, the bytes of bundles that were sent.

    ``problem`` is what ended it early; the rest goes on next time.
    """

    bundles: int = 0
    answers: int = 0
    sent_bytes: int = 0
    problem: OutpostError | None = None


def hand_over(
    carrier: Carrier,
    shelf: HeldShelf,
    roots: TrustStore,
    *,
    device: str,
    epoch: int,
    budget_bytes: int | None = None,
    probe: StepProbe = no_probe,
    nonce: Callable[[], str] = lambda: secrets.token_hex(16),
) -> HandedOver:
    """Hand over what waits, oldest first. Never raises for the link.

    Args:
        carrier: the way to headquarters.
        shelf: the bundles.
        roots: headquarters' root.
        device: this laptop, which carries.
        epoch: its life.
        budget_bytes: bytes of bundles that may be sent this time; None: no limit.
        probe: called at each durable step (``bundle.handed_over``).
        nonce: fresh text a question.

    Raises:
        EnvironmentProblem: the shelf can't be read or written.
    """
    job = _HandingOver(carrier, roots, device, epoch, nonce)
    bundles = answers = sent = 0
    for held in shelf.waiting():
        if budget_bytes is not None and sent + held.size_bytes > budget_bytes:
            continue
        try:
            answer = job.one(shelf, held)
        except LinkProblem as problem:
            return HandedOver(bundles, answers, job.sent_bytes, problem)
        sent += held.size_bytes
        if answer is None:
            continue
        shelf.handed_over(held, answer.answer)
        probe("bundle.handed_over")
        bundles += 1
        answers += answer.answer is not None
    return HandedOver(bundles, answers, job.sent_bytes)


@dataclass
class _HandingOver:
    carrier: Carrier
    roots: TrustStore
    device: str
    epoch: int
    nonce: Callable[[], str]
    sent_bytes: int = 0

    def one(self, shelf: HeldShelf, held: HeldBundle) -> BundleAnswered | None:
        """Return headquarters' word that it took the bundle; None when it is to be offered again another time: headquarters can't read it yet,
        or still lacks parts after all went out several times.
        """
        answer = self._ask(held, None, b"")
        for _ in range(_MAX_ROUNDS):
            if answer.taken or answer.later:
                break
            answer = self._send(shelf, held, answer.lacking)
        return answer if answer.taken else None

    def _send(self, shelf: HeldShelf, held: HeldBundle, lacking: Sequence[int]) -> BundleAnswered:
        *ahead, last = lacking
        with shelf.open(held.bundle_id) as file, ThreadPoolExecutor(_PARALLEL, thread_name_prefix="carry") as pool:
            for start in range(0, len(ahead), _PARALLEL):
                page = [(index, _part(file, index)) for index in ahead[start : start + _PARALLEL]]
                for result in [pool.submit(self._ask, held, index, content) for index, content in page]:
                    result.result()
            return self._ask(held, last, _part(file, last))

    def _ask(self, held: HeldBundle, index: int | None, content: bytes) -> BundleAnswered:
        nonce = self.nonce()
        message = BundlePart(
            device=self.device,
            epoch=self.epoch,
            nonce=nonce,
            sha256=held.sha256,
            size_bytes=held.size_bytes,
            index=index,
            content=content,
            can_wait=True,
        )
        raw = self.carrier.ask(PATH, msgspec.json.encode(message))
        self.sent_bytes += len(content)
        return self._opened(raw, nonce, held)

    def _opened(self, raw: bytes, nonce: str, held: HeldBundle) -> BundleAnswered:
        try:
            kind, body = open_statement(raw, self.roots)
            answer = msgspec.json.decode(body, type=BundleAnswered) if kind == _KIND else None
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise LinkProblem(LinkFault.CAPTIVE_PORTAL) from problem
        wanted = (self.device, self.epoch, nonce, held.sha256)
        if answer is None or (answer.device, answer.epoch, answer.nonce, answer.sha256) != wanted:
            raise LinkProblem(LinkFault.NOT_HEADQUARTERS)
        if not answer.taken and not answer.lacking and not answer.later:
            raise LinkProblem(LinkFault.NO_PROGRESS)
        return answer


def _part(file: BinaryIO, index: int) -> bytes:
    file.seek(index * PART_BYTES)
    return file.read(PART_BYTES)
