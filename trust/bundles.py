"""Sealed bundles: a stream of records that only its recipients can read and that shows every change, for sticks and carriers.

Promise: outside its seal a bundle shows a magic word, a version, its id, which keys open it, and its length; nothing else. A reader gets
each record only as it was written and in its place; truncation, reordering, appending, splicing and flipped bits end the reading with
``ForgedError`` at that segment. ``Opened.signed`` is set only when the writer's signature over the whole was checked: until then the
records are in order and untouched, but anybody could have sealed them. Writer and reader hold one segment and one record in memory.

    file    = header, segment 0, segment 1, ... segment n
    header  = "OUTPSEAL" 01, bundle id (16), number of recipients (1), then for each: key id (8), the content key in a box (80)
    segment = ChaCha20-Poly1305 of 1 MiB plaintext (the last one: less, or empty at no time), 16 bytes longer
              key: 32 random bytes of this bundle; nonce: number of the segment (11 bytes), 01 for the last, else 00 (the STREAM
              construction); associated data: SHA-256 of the header
    plain   = records: length (4), kind (1), content; kind 0 is the caller's, kind 1 the trailer, once, at the end
    trailer = a statement of the writer over {"bundle_id", "purpose", "records", "sha256"}; the hash is over the header and every record

The box's ``aad`` is the purpose with the bundle id, so a bundle can't be opened as another kind of bundle. Source: docs/adr/0144.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trust.boxes import BOX_KEY_BYTES, BOX_OVERHEAD_BYTES, open_box, seal_box
from trust.certificates import TrustStore
from trust.device_statements import open_device_statement, sign_device_statement
from trust.errors import ForgedError, StructureError, TrustError
from trust.keys import Signer
from trust.statements import open_statement, sign_statement

SEGMENT_BYTES = 1024 * 1024
BUNDLE_ID_BYTES = 16
KEY_ID_BYTES = 8
MAX_RECIPIENTS = 64
MAX_RECORD_BYTES = 13 * 1024 * 1024
"""A little above the largest message that headquarters takes."""
MAGIC = b"OUTPSEAL"
TRAILER_KIND = "bundle_sealed@1"
_VERSION = 1
_TAG_BYTES = 16
_WRAPPED_BYTES = BOX_KEY_BYTES + BOX_OVERHEAD_BYTES
_FIXED_BYTES = len(MAGIC) + 1 + BUNDLE_ID_BYTES + 1
_RECORD_HEAD = 5
_CONTENT, _TRAILER = 0, 1
_MAX_TRAILER_BYTES = 16 * 1024


class Readable(Protocol):
    """A stream to read from: a file, a pipe, a request's body."""

    def read(self, size: int, /) -> bytes | None: ...


class Writable(Protocol):
    """A stream to write to."""

    def write(self, content: bytes, /) -> object: ...


class Purpose(Enum):
    """What a bundle is for; bound into its seal and its signature."""

    UP = b"outpost bundle up 1"
    """A laptop's requests, for headquarters' recovery key."""
    ANSWERS = b"outpost bundle answers 1"
    """Headquarters' answers, for a laptop's box key."""
    PEER = b"outpost bundle peer 1"
    """Between laptops and hubs."""
    RELEASES = b"outpost bundle releases 1"
    """Reference data, for the box keys of the laptops that may have it."""


class Trailer(msgspec.Struct, frozen=True, kw_only=True):
    """What the writer signs."""

    bundle_id: str
    purpose: str
    records: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What anybody sees of a bundle. ``key_ids`` tell whose it is, ``raw`` are the header's own bytes."""

    bundle_id: str
    key_ids: tuple[bytes, ...]
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedBy:
    """Who signed a whole bundle: a device with its epoch, or headquarters (``device`` empty)."""

    device: str = ""
    epoch: int = 0


Sign = Callable[[bytes], bytes]
"""Signs a trailer's body; see ``by_device`` and ``by_service``."""
Verify = Callable[[bytes], tuple[bytes, SealedBy]]
"""Checks a signed trailer and returns its body and signer; raises ``TrustError``. See ``of_device`` and ``of_service``."""


def key_id(public_key: bytes) -> bytes:
    """Return the eight bytes by which a bundle names a recipient's key."""
    return hashlib.sha256(b"outpost-box-key-id-1\0" + public_key).digest()[:KEY_ID_BYTES]


def public_of(private: bytes) -> bytes:
    """Return the public half of a box key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def by_device(signer: Signer, device_certificate_der: bytes) -> Sign:
    """Return how a device signs its bundles."""
    return lambda body: sign_device_statement(signer, device_certificate_der, TRAILER_KIND, body)


def by_service(signer: Signer, service_certificate_der: bytes) -> Sign:
    """Return how headquarters signs its bundles."""
    return lambda body: sign_statement(signer, service_certificate_der, TRAILER_KIND, body)


def of_device(roots: TrustStore) -> Verify:
    """Return how the trailer of a device below the root is checked."""

    def verify(raw: bytes) -> tuple[bytes, SealedBy]:
        said = open_device_statement(raw, roots)
        if said.kind != TRAILER_KIND:
            raise ForgedError("bundle_trailer_kind", kind=said.kind)
        return said.body, SealedBy(said.signed_by.device, said.signed_by.epoch)

    return verify


def of_service(roots: TrustStore) -> Verify:
    """Return how headquarters' trailer is checked."""

    def verify(raw: bytes) -> tuple[bytes, SealedBy]:
        kind, body = open_statement(raw, roots)
        if kind != TRAILER_KIND:
            raise ForgedError("bundle_trailer_kind", kind=kind)
        return body, SealedBy()

    return verify


class BundleSealer:
    """Writes one bundle. ``add`` the records, then ``finish`` once; ``sha256`` and ``size_bytes`` are of the sealed bytes so far."""

    def __init__(
        self, target: Writable, recipients: Sequence[bytes], sign: Sign, *, purpose: Purpose, bundle_id: str
    ) -> None:
        """Write the header.

        Args:
            target: takes the sealed bytes; only ``write`` is used.
            recipients: public box keys (X25519), one at least.
            sign: who writes (``by_device``, ``by_service``).
            purpose: what it is for.
            bundle_id: 32 hex digits, never used before.

        Raises:
            TrustError: no or too many recipients, a key that is none, or an id that is none. What ``target`` raises comes through.
        """
        self._target, self._sign, self._purpose = target, sign, purpose
        self.bundle_id = bundle_id
        self.size_bytes = 0
        self._outside = hashlib.sha256()
        content_key = os.urandom(BOX_KEY_BYTES)
        header = _write_header(content_key, recipients, purpose, _id_bytes(bundle_id))
        self._aad = hashlib.sha256(header).digest()
        self._inside = hashlib.sha256(header)
        self._cipher = ChaCha20Poly1305(content_key)
        self._segment = 0
        self._records = 0
        self._plain = bytearray()
        self._put(header)

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of all sealed bytes so far."""
        return self._outside.hexdigest()

    def add(self, content: bytes) -> None:
        """Append one record. Raises ``TrustError`` (``bundle_record_too_long``)."""
        if len(content) > MAX_RECORD_BYTES:
            raise TrustError("bundle_record_too_long", length=len(content), limit=MAX_RECORD_BYTES)
        record = _record_head(content, _CONTENT)
        self._inside.update(record)
        self._inside.update(content)
        self._records += 1
        self._append(record, content)

    def finish(self) -> None:
        """Sign and write what is left. The bundle is whole only after this."""
        said = Trailer(
            bundle_id=self.bundle_id,
            purpose=self._purpose.value.decode(),
            records=self._records,
            sha256=self._inside.hexdigest(),
        )
        raw = self._sign(msgspec.json.encode(said))
        self._append(_record_head(raw, _TRAILER), raw)
        self._seal(bytes(self._plain), last=True)
        self._plain.clear()

    def _append(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._plain += piece
        # The last segment may be full, but never empty: one byte at least waits for ``finish``.
        while len(self._plain) > SEGMENT_BYTES:
            self._seal(bytes(self._plain[:SEGMENT_BYTES]), last=False)
            del self._plain[:SEGMENT_BYTES]

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._segment, last=last), plain, self._aad))
        self._segment += 1

    def _put(self, sealed: bytes) -> None:
        self._target.write(sealed)
        self._outside.update(sealed)
        self.size_bytes += len(sealed)


def seal_segments(
    target: Writable, recipients: Sequence[bytes], sign: Sign, *, purpose: Purpose, bundle_id: str
) -> BundleSealer:
    """Begin a bundle; see ``BundleSealer``."""
    return BundleSealer(target, recipients, sign, purpose=purpose, bundle_id=bundle_id)


class Opened:
    """Reads one bundle; iterate it once. ``signed`` tells the writer after the last record, None before."""

    def __init__(self, stream: Readable, private: bytes, verify: Verify, *, purpose: Purpose) -> None:
        """Read the header and unwrap the content key.

        Raises:
            StructureError: no bundle (``bundle_magic``, ``bundle_header``).
            ForgedError: ``bundle_not_for_us``: no recipient is this key; ``box_closed``: the header was changed, or another purpose.
        """
        self._stream, self._verify, self._purpose = stream, verify, purpose
        self.header = read_header(stream)
        self.signed: SealedBy | None = None
        mine = key_id(public_of(private))
        if mine not in self.header.key_ids:
            raise ForgedError("bundle_not_for_us", bundle_id=self.header.bundle_id)
        place = _FIXED_BYTES + self.header.key_ids.index(mine) * (KEY_ID_BYTES + _WRAPPED_BYTES) + KEY_ID_BYTES
        wrapped = self.header.raw[place : place + _WRAPPED_BYTES]
        content_key = open_box(private, wrapped, _box_aad(purpose, bytes.fromhex(self.header.bundle_id)))
        self._cipher = ChaCha20Poly1305(content_key)
        self._aad = hashlib.sha256(self.header.raw).digest()
        self._inside = hashlib.sha256(self.header.raw)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the records.

        Raises:
            ForgedError: ``bundle_segment`` (changed, moved, cut or appended to), ``bundle_record``, or the trailer's own; what was
                yielded before is as it was written, but not signed as a whole.
        """
        plain = bytearray()
        records = 0
        segments = self._segments()
        for piece in segments:
            plain += piece
            while (record := _take_record(plain)) is not None:
                kind, content = record
                if kind == _TRAILER:
                    if plain or next(segments, None) is not None:
                        raise ForgedError("bundle_record", after="trailer")
                    self._check(content, records)
                    return
                self._inside.update(_record_head(content, kind))
                self._inside.update(content)
                records += 1
                yield content
        raise ForgedError("bundle_record", left=len(plain))

    def _check(self, raw: bytes, records: int) -> None:
        body, signed_by = self._verify(raw)
        try:
            said = msgspec.json.decode(body, type=Trailer)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise StructureError("bundle_trailer") from problem
        found = Trailer(
            bundle_id=self.header.bundle_id,
            purpose=self._purpose.value.decode(),
            records=records,
            sha256=self._inside.hexdigest(),
        )
        if said != found:
            raise ForgedError("bundle_trailer_differs", bundle_id=self.header.bundle_id)
        self.signed = signed_by

    def _segments(self) -> Iterator[bytes]:
        number = 0
        ahead = _read_full(self._stream, SEGMENT_BYTES + _TAG_BYTES)
        while ahead:
            sealed, ahead = ahead, _read_full(self._stream, SEGMENT_BYTES + _TAG_BYTES)
            try:
                yield self._cipher.decrypt(_nonce(number, last=not ahead), sealed, self._aad)
            except (InvalidTag, ValueError) as problem:
                raise ForgedError("bundle_segment", number=number) from problem
            number += 1


def open_segments(stream: Readable, private: bytes, verify: Verify, *, purpose: Purpose) -> Opened:
    """Begin to read a bundle; see ``Opened``."""
    return Opened(stream, private, verify, purpose=purpose)


def read_header(stream: Readable) -> BundleHeader:
    """Return what anybody sees of a bundle; the stream stands at the first segment then. Raises ``StructureError``."""
    fixed = _read_full(stream, _FIXED_BYTES)
    if len(fixed) < _FIXED_BYTES or not fixed.startswith(MAGIC):
        raise StructureError("bundle_magic", start=fixed[: len(MAGIC)].hex())
    version, count = fixed[len(MAGIC)], fixed[-1]
    if version != _VERSION:
        raise StructureError("bundle_version", version=version)
    if not 1 <= count <= MAX_RECIPIENTS:
        raise StructureError("bundle_header", recipients=count)
    each = KEY_ID_BYTES + _WRAPPED_BYTES
    keys = _read_full(stream, count * each)
    if len(keys) < count * each:
        raise StructureError("bundle_header", length=len(keys))
    bundle_id = fixed[len(MAGIC) + 1 : -1].hex()
    return BundleHeader(
        bundle_id, tuple(keys[at : at + KEY_ID_BYTES] for at in range(0, len(keys), each)), fixed + keys
    )


def _write_header(content_key: bytes, recipients: Sequence[bytes], purpose: Purpose, bundle_id: bytes) -> bytes:
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise TrustError("bundle_recipients", count=len(recipients))
    aad = _box_aad(purpose, bundle_id)
    parts = [MAGIC, bytes([_VERSION]), bundle_id, bytes([len(recipients)])]
    for recipient in recipients:
        parts += [key_id(recipient), seal_box(recipient, content_key, aad)]
    return b"".join(parts)


def _box_aad(purpose: Purpose, bundle_id: bytes) -> bytes:
    return purpose.value + b"\0" + bundle_id


def _id_bytes(bundle_id: str) -> bytes:
    try:
        raw = bytes.fromhex(bundle_id)
    except ValueError as problem:
        raise TrustError("bundle_id", bundle_id=bundle_id) from problem
    if len(raw) != BUNDLE_ID_BYTES or raw.hex() != bundle_id:
        raise TrustError("bundle_id", bundle_id=bundle_id)
    return raw


def _record_head(content: bytes, kind: int) -> bytes:
    return len(content).to_bytes(4, "big") + bytes([kind])


def _take_record(plain: bytearray) -> tuple[int, bytes] | None:
    """Cut the first whole record off; None while it is not all there. Raises ``ForgedError`` for one that can't be."""
    if len(plain) < _RECORD_HEAD:
        return None
    length, kind = int.from_bytes(plain[:4], "big"), plain[4]
    if kind not in (_CONTENT, _TRAILER) or length > (MAX_RECORD_BYTES if kind == _CONTENT else _MAX_TRAILER_BYTES):
        raise ForgedError("bundle_record", kind=kind, length=length)
    if len(plain) < _RECORD_HEAD + length:
        return None
    content = bytes(plain[_RECORD_HEAD : _RECORD_HEAD + length])
    del plain[: _RECORD_HEAD + length]
    return kind, content


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _read_full(stream: Readable, size: int) -> bytes:
    """Read exactly ``size`` bytes, fewer only at the end: a raw stream may give less than it was asked for."""
    parts: list[bytes] = []
    while size > 0:
        piece = stream.read(size)
        if not piece:
            break
        parts.append(piece)
        size -= len(piece)
    return b"".join(parts)
