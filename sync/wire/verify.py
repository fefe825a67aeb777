"""What an answer is worth: headquarters' signed word, or nothing.

Promise: what these functions return was signed by a service below the laptop's root, is of the kind that was asked for, and is
about this device, this epoch and this question. Everything else raises ``UnknownAnswerError``: a login page, an empty 200, another
signer, an old answer with another nonce. Unknown is the normal case, and never success.

``hq_time`` is signed time: it may raise a laptop's time floor (``newest_hq_time``) and never lowers it; an answer with an
earlier time than a former one still counts, because HQ's clock may have been mended.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from claims.statements import AttachmentsHeld, LogReceipted
from sync.wire.faults import LinkFault
from sync.wire.messages import DownAnswered, EnrolAnswered, HaveAnswered, HelloAnswered, RelearnAnswered
from trust.certificates import TrustStore
from trust.errors import StructureError, TrustError
from trust.statements import open_statement

_Answer = TypeVar("_Answer", HelloAnswered, HaveAnswered, DownAnswered, EnrolAnswered, LogReceipted, RelearnAnswered)
_Asked = TypeVar("_Asked", HelloAnswered, HaveAnswered, DownAnswered, RelearnAnswered)


class UnknownAnswerError(Exception):
    """An answer that is no statement, or not one to this question. ``fault`` tells which; ``reason`` is for the log."""

    def __init__(self, fault: LinkFault, reason: str) -> None:
        super().__init__(f"{fault}: {reason}")
        self.fault = fault
        self.reason = reason


class _Addressed(msgspec.Struct, frozen=True):
    """What every statement of the feed has, whatever its kind: newer kinds are kept by the store and shown as a task."""

    type: str
    statement_id: str
    device: str
    epoch: int


def open_hello(raw: bytes, roots: TrustStore, *, device: str, epoch: int, nonce: str) -> HelloAnswered:
    """Return a verified answer to ``Hello``. Raises ``UnknownAnswerError``."""
    return _to_this_question(_open(raw, roots, HelloAnswered), device, epoch, nonce)


def open_have(raw: bytes, roots: TrustStore, *, device: str, epoch: int, nonce: str) -> HaveAnswered:
    """Return a verified answer to ``Have``. Raises ``UnknownAnswerError``."""
    return _to_this_question(_open(raw, roots, HaveAnswered), device, epoch, nonce)


def open_relearned(raw: bytes, roots: TrustStore, *, device: str, epoch: int, nonce: str) -> RelearnAnswered:
    """Return a verified answer to ``Relearn``. Raises ``UnknownAnswerError``."""
    return _to_this_question(_open(raw, roots, RelearnAnswered), device, epoch, nonce)


def open_down(raw: bytes, roots: TrustStore, *, device: str, epoch: int, nonce: str) -> tuple[DownAnswered, int]:
    """Return a verified answer to ``Down`` and how many of its statements, from the first on, verify too.

    Raises:
        UnknownAnswerError: for the answer itself; a bad statement inside only ends the count.
    """
    answer = _to_this_question(_open(raw, roots, DownAnswered), device, epoch, nonce)
    return answer, good_statements(answer.statements, roots, device=device, epoch=epoch)


def open_receipt(raw: bytes, roots: TrustStore, *, device: str, epoch: int) -> LogReceipted:
    """Return a verified receipt. It carries no nonce: its watermark and digest say which log it is about.

    Raises:
        UnknownAnswerError: as for the other answers.
    """
    receipt = _open(raw, roots, LogReceipted)
    _same_device(receipt.device, receipt.epoch, device, epoch)
    _zoned(receipt.issued_at)
    if receipt.watermark_seq < 0:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"a receipt for seq {receipt.watermark_seq}")
    return receipt


def open_enrolled(raw: bytes, roots: TrustStore, *, public_key: bytes) -> EnrolAnswered:
    """Return a verified answer to ``EnrolRequest``: its certificates lead to ``roots`` and are for this key and device.

    Raises:
        UnknownAnswerError: for anything that does not fit, first statements included: a device that starts, starts clean.
    """
    answer = _open(raw, roots, EnrolAnswered)
    if answer.root_certificate != roots.root_der:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, "another root certificate than the one pinned")
    try:
        certificate = roots.verify_device(answer.device_certificate)
        roots.verify_service(answer.service_certificate)
    except TrustError as problem:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"a certificate in the answer: {problem}") from problem
    if certificate.public_key != public_key:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, "a certificate for another key")
    _same_device(certificate.device, certificate.epoch, answer.device, answer.epoch)
    _zoned(answer.hq_time)
    good = good_statements(answer.statements, roots, device=answer.device, epoch=answer.epoch)
    if good < len(answer.statements):
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"first statement number {good} does not verify")
    return answer


def good_statements(statements: tuple[bytes, ...], roots: TrustStore, *, device: str, epoch: int) -> int:
    """Return how many statements, from the first on, HQ signed for this device; unknown kinds count."""
    for place, raw in enumerate(statements):
        try:
            kind, body = open_statement(raw, roots)
            addressed = msgspec.json.decode(body, type=_Addressed)
        except (TrustError, msgspec.DecodeError, UnicodeDecodeError):
            return place
        if (addressed.type, addressed.device, addressed.epoch) != (kind, device, epoch):
            return place
    return len(statements)


def files_held(statements: tuple[bytes, ...], roots: TrustStore) -> tuple[str, ...]:
    """Return the hashes of files that these statements of a feed (verified before) say to be held at HQ."""
    held: list[str] = []
    for raw in statements:
        kind, body = open_statement(raw, roots)
        if kind == AttachmentsHeld.__struct_config__.tag:
            held += msgspec.json.decode(body, type=AttachmentsHeld).sha256
    return tuple(held)


def newest_hq_time(known: datetime | None, seen: datetime) -> datetime:
    """Return the later of two signed times."""
    return seen if known is None or seen > known else known


def _open(raw: bytes, roots: TrustStore, wanted: type[_Answer]) -> _Answer:
    try:
        kind, body = open_statement(raw, roots)
    except StructureError as problem:
        raise UnknownAnswerError(LinkFault.CAPTIVE_PORTAL, f"no statement: {problem}") from problem
    except TrustError as problem:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"not signed by headquarters: {problem}") from problem
    if kind != wanted.__struct_config__.tag:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"a statement of kind {kind}")
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"{kind} can't be read: {problem}") from problem


def _to_this_question(answer: _Asked, device: str, epoch: int, nonce: str) -> _Asked:
    _same_device(answer.device, answer.epoch, device, epoch)
    if answer.nonce != nonce:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, "an answer to another question")
    _zoned(answer.hq_time)
    return answer


def _same_device(device: str, epoch: int, wanted_device: str, wanted_epoch: int) -> None:
    if (device, epoch) != (wanted_device, wanted_epoch):
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, f"about device {device}, epoch {epoch}")


def _zoned(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise UnknownAnswerError(LinkFault.NOT_HEADQUARTERS, "a time without a zone")
