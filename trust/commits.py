"""Signed commits: one transaction of a device's log, chained to the one before.

Promise: what ``open_commit`` returns was written by that device, in that place of its log, unchanged. The bytes are stored and
forwarded verbatim. The chain hash before the commit is signed but not sent: a reader computes it from the chain it holds, so
a commit that verifies also proves all before it.

    raw    = CBOR [1, device, epoch, first_seq, [event, ...], signature]      events are byte strings
    signed = "outpost-commit-1" 00, prev_hash, raw without its last 66 bytes (the signature and its head)
    hash   = SHA-256("outpost-chain-1" 00, prev_hash, raw)

Source: docs/adr/0011-commits.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cbor2

from trust.cbor_structure import check_cbor
from trust.certificate_issue import DEVICE_NAME, MAX_EPOCH
from trust.certificates import FIRST_SEQ, HASH_BYTES, TrustStore, genesis_hash
from trust.errors import StructureError, TrustError
from trust.keys import SIGNATURE_BYTES, Signer, verify_signature

__all__ = ["Head", "SignedCommit", "genesis_hash", "open_commit", "peek_commit", "seal"]

MAX_COMMIT_BYTES = 8 * 1024 * 1024
MAX_EVENTS = 65_536
_MAX_SEQ = 2**53 - 1
_VERSION = 1
_DEPTH = 2
_SIGNATURE_TAIL = 2 + SIGNATURE_BYTES
_SIGN_DOMAIN = b"outpost-commit-1\0"
_CHAIN_DOMAIN = b"outpost-chain-1\0"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the next commit goes: its first sequence number (the log starts at 1) and the chain hash it builds on."""

    device: str
    epoch: int
    first_seq: int
    prev_hash: bytes


@dataclass(frozen=True, slots=True)
class SignedCommit:
    """A verified or freshly signed commit. ``hash`` is the chain hash after it; ``raw`` what is stored and sent."""

    device: str
    epoch: int
    first_seq: int
    last_seq: int
    events: tuple[bytes, ...]
    prev_hash: bytes
    hash: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Parts:
    device: str
    epoch: int
    first_seq: int
    events: tuple[bytes, ...]
    signature: bytes

    @property
    def last_seq(self) -> int:
        """The number of the last event."""
        return self.first_seq + len(self.events) - 1


def seal(signer: Signer, head: Head, events: Sequence[bytes]) -> SignedCommit:
    """Sign the events of one transaction as the next commit of a device's log.

    Raises:
        TrustError: no event, too many, too long, or a head that no log can have. Nothing was signed then.
    """
    if len(head.prev_hash) != HASH_BYTES:
        raise TrustError("head_length", length=len(head.prev_hash))
    unsigned = [_VERSION, head.device, head.epoch, head.first_seq, list(events)]
    draft = cbor2.dumps([*unsigned, bytes(SIGNATURE_BYTES)])
    # What a reader would refuse is never signed.
    parts = _take_apart(draft)
    signature = signer.sign(_SIGN_DOMAIN + head.prev_hash + draft[:-_SIGNATURE_TAIL])
    if len(signature) != SIGNATURE_BYTES:
        raise TrustError("signature_length", length=len(signature))
    return _commit(parts, head.prev_hash, draft[:-SIGNATURE_BYTES] + signature)


def open_commit(raw: bytes, roots: TrustStore) -> SignedCommit:
    """Verify a commit against the device's certificate and chain in ``roots``. ``roots`` is not changed.

    Raises:
        StructureError: not a commit.
        ForgedError: unknown device, or not signed by it in this place of its log.
        GapError: what comes before ``first_seq`` is unknown.
    """
    parts = _take_apart(raw)
    certificate = roots.device(parts.device, parts.epoch)
    prev_hash = roots.head_before(parts.device, parts.epoch, parts.first_seq)
    verify_signature(certificate.public_key, parts.signature, _SIGN_DOMAIN + prev_hash + raw[:-_SIGNATURE_TAIL])
    return _commit(parts, prev_hash, raw)


def peek_commit(raw: bytes) -> tuple[str, int, int, int]:
    """Return device, epoch, first and last sequence number as written, **unverified**. Raises ``StructureError``."""
    parts = _take_apart(raw)
    return parts.device, parts.epoch, parts.first_seq, parts.last_seq


def _commit(parts: _Parts, prev_hash: bytes, raw: bytes) -> SignedCommit:
    return SignedCommit(
        device=parts.device,
        epoch=parts.epoch,
        first_seq=parts.first_seq,
        last_seq=parts.last_seq,
        events=parts.events,
        prev_hash=prev_hash,
        hash=hashlib.sha256(_CHAIN_DOMAIN + prev_hash + raw).digest(),
        raw=raw,
    )


def _take_apart(raw: bytes) -> _Parts:
    check_cbor(raw, max_bytes=MAX_COMMIT_BYTES, max_depth=_DEPTH)
    match cbor2.loads(raw):
        case [int(version), str(device), int(epoch), int(first_seq), [*events], bytes(signature)]:
            pass
        case _:
            raise StructureError("commit_shape")
    # A bool is an int to Python; as CBOR it is another thing.
    if any(isinstance(number, bool) for number in (version, epoch, first_seq)) or version != _VERSION:
        raise StructureError("commit_version", version=version)
    if not DEVICE_NAME.fullmatch(device) or not 0 <= epoch <= MAX_EPOCH:
        raise StructureError("commit_device", device=device, epoch=epoch)
    if not 1 <= len(events) <= MAX_EVENTS or not all(isinstance(event, bytes) for event in events):
        raise StructureError("commit_events", count=len(events))
    if not FIRST_SEQ <= first_seq <= _MAX_SEQ - len(events):
        raise StructureError("commit_first_seq", first_seq=first_seq)
    if len(signature) != SIGNATURE_BYTES:
        raise StructureError("commit_signature_length", length=len(signature))
    return _Parts(device, epoch, first_seq, tuple(events), signature)
