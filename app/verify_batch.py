"""``outpost verify --batch``: verdicts by the thousand, one line in, one line out.

Promise: every line that is not blank has its verdict in the answer, in order, also one that is no JSON or asks for something impossible. A
certificate that comes again is read once.

    in   {"id": ..., "text": "HC1:...", "certificate": base64 of DER or PEM, "at": "2026-11-22T08:00:00Z"}
    out  {"id": ..., "verified": true, "reason": ...}
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from claims.verification_words import failed_part
from trust.errors import StructureError, TrustError
from trust.verifier import Anchor, verify_signed_text
from trust.verifier_certificates import MAX_FOREIGN_CERTIFICATE_BYTES

MAX_LINE_BYTES = 1_000_000
_KEPT_ANCHORS = 10_000
_MARK = b"\xef\xbb\xbf"
_ARMOUR = re.compile(r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
"""PEM, also with its line ends lost in a JSON text."""


class BatchVerdict(msgspec.Struct, frozen=True):
    """One line of the answer. ``id`` is what the question carried, None where it could not be read."""

    id: Any
    verified: bool
    reason: str


class VerifyBatch:
    """Answers lines; ``now`` stands in where a line names no time."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._anchors: dict[str, Anchor | TrustError] = {}
        self._encoder = msgspec.json.Encoder()

    def answers(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield one line of JSON, with its end, for each line that is not blank."""
        for number, raw in enumerate(lines):
            line = (raw.removeprefix(_MARK) if number == 0 else raw).strip()
            if line:
                yield self._encoder.encode(self.answer(line)) + b"\n"

    def answer(self, line: bytes) -> BatchVerdict:
        """Return the verdict on one line."""
        if len(line) > MAX_LINE_BYTES:
            return BatchVerdict(None, False, f"line_too_long: {len(line)} bytes")
        try:
            question = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return BatchVerdict(None, False, f"line_unreadable: {problem}")
        if not isinstance(question, dict):
            return BatchVerdict(None, False, "line_unreadable: not a JSON object")
        verified, reason = self._verdict(question)
        return BatchVerdict(question.get("id"), verified, reason)

    def _verdict(self, question: dict[str, Any]) -> tuple[bool, str]:
        text, certificate = question.get("text"), question.get("certificate")
        if not isinstance(text, str) or not isinstance(certificate, str):
            return False, "question_incomplete: text and certificate must be given as texts"
        try:
            at = self._at(question.get("at"))
            verified = verify_signed_text(text, self._anchor(certificate), at)
        except ValueError as problem:
            return False, f"time_unreadable: {problem}"
        except TrustError as error:
            return False, f"{error.code}: {failed_part(error).en}"
        return True, f"verified: {verified.algorithm.name}, key {verified.kid.hex()}"

    def _at(self, at: object) -> datetime:
        if at is None:
            return self._now
        if not isinstance(at, str):
            raise ValueError("at must be an ISO 8601 text")
        return read_instant(at)

    def _anchor(self, certificate: str) -> Anchor:
        known = self._anchors.get(certificate)
        if known is None:
            try:
                known = Anchor.of(_certificate_bytes(certificate))
            except TrustError as error:
                known = error
            if len(self._anchors) < _KEPT_ANCHORS:
                self._anchors[certificate] = known
        if isinstance(known, TrustError):
            raise known
        return known


def read_instant(text: str) -> datetime:
    """Read an ISO 8601 instant; one without a zone is UTC. Raises ``ValueError``."""
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _certificate_bytes(text: str) -> bytes:
    if len(text) > 2 * MAX_FOREIGN_CERTIFICATE_BYTES:
        raise StructureError("certificate_too_long", length=len(text), limit=2 * MAX_FOREIGN_CERTIFICATE_BYTES)
    armoured = _ARMOUR.search(text)
    body = armoured[1] if armoured else text
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise StructureError("certificate_unreadable", length=len(text)) from problem
