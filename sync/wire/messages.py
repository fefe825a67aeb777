"""The message types both sides of the wire share. Bodies are JSON by msgspec, compressed with zstd.

Every answer that counts is a statement signed by HQ (``trust.statements``): its kind is the struct's tag, its body the
struct's JSON. A bare 200 means nothing. Paths (all under ``/v1``)::

    POST /enrol            EnrolRequest  -> EnrolAnswered    (not signed by the device: it has no certificate yet)
    POST /hello            Hello         -> HelloAnswered
    POST /log              LogBatch      -> claims.statements.LogReceipted
    POST /have             Have          -> HaveAnswered
    PUT  /chunk/{sha256}/{index}  raw bytes (<= CHUNK_BYTES) -> 204; not acknowledged until HaveAnswered.held names the file
    POST /down             Down          -> DownAnswered
    POST /relearn          Relearn       -> RelearnAnswered  (only after HelloAnswered.relearn_from asked for it)
    GET  /release/{kind}                 -> raw signed release record (trust.releases), 404 when there is none
    GET  /blob/{sha256}    Range allowed -> the release's bytes
    GET  /root                           -> the root certificate, DER; unsigned, checked against the enrolment code (``sync.wire.enrolment``)

Requests after enrolment carry ``Outpost-Device``, ``Outpost-Epoch`` and ``Outpost-Signature`` (hex Ed25519 over
``request_bytes``; its ``path`` is the whole path as requested, ``/v1`` included). Requests are idempotent, so a replayed one
changes nothing. JSON bodies are sent with ``Content-Encoding: zstd``; chunks as they are. Statements come as
``STATEMENT_TYPE``, everything else as ``RAW_TYPE``; either may be zstd when the request's ``Accept-Encoding`` names it.

A log batch may also come as ``sync.wire.compact.COMPACT_TYPE`` once HQ's hello named that form in ``accepts``; the other requests hold no bytes
that JSON would swell and always go as JSON. 415 says that HQ can't read this packing (a dictionary it has never heard of): the laptop sends
the same again as JSON and stays with it.

A laptop that remembers ``EARLY_LOG`` from an earlier hello may send its first batch beside this cycle's hello (``LogBatch.early``) and uses the
receipt only after hello's answer was verified; to HQ it is a batch like any other.

An empty ``LogBatch`` asks for the receipt again (the last one was lost on the way). When an attachment has become whole HQ
appends ``claims.statements.AttachmentsHeld`` to the feed: that is what the store keeps; ``HaveAnswered`` only steers the
sending. ``LogReceipted`` is an answer and never part of the feed.

Refusals carry no statement, so they end a cycle but change nothing on the laptop: 401 device unknown or signature wrong ·
403 revoked · 409 frozen (same seq with another hash) · 413 body too large · 426 protocol too old · 429 and 503 busy, with
``Retry-After`` in seconds · other 5xx HQ is in trouble. Enrolment: 403 code unknown, used or expired. A stopped device is
still answered on ``hello`` and ``down``: the statement that stops it is in its feed, and the store acts on nothing less.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

CHUNK_BYTES = 64 * 1024
LOG_BATCH_BYTES = 64 * 1024
PROTOCOL = 1
EARLY_LOG = "early-log-1"
"""In ``HelloAnswered.accepts``: a log batch may come with ``early``."""
STATEMENT_TYPE = "application/cose"
RAW_TYPE = "application/octet-stream"


class WireMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Common part of every message."""


class EnrolRequest(WireMessage, frozen=True, kw_only=True, tag="enrol@1"):
    """A new device presents its one-time code and its freshly made Ed25519 public key (32 bytes)."""

    protocol: int
    code: str
    public_key: bytes


class EnrolAnswered(WireMessage, frozen=True, kw_only=True, tag="enrol_answered@1"):
    """Who the device is now. Certificates are DER. ``root_certificate`` must match the fingerprint printed beside the code.

    ``statements`` are the first inbox items (number blocks, allowances, authority), raw signed bytes in feed order.
    """

    device: str
    epoch: int
    station: str
    station_name: str
    adjuster: str
    adjuster_name: str
    company: str
    hotline: str
    root_certificate: bytes
    service_certificate: bytes
    device_certificate: bytes
    recovery_public_key: bytes
    hq_time: datetime
    statements: tuple[bytes, ...]


class Hello(WireMessage, frozen=True, kw_only=True, tag="hello@1"):
    """Opens a cycle. ``nonce`` comes back in the answer, so that an old answer can't be replayed."""

    protocol: int
    device: str
    epoch: int
    next_seq: int
    head: str
    watermark_seq: int
    feed_position: int
    nonce: str


class HelloAnswered(WireMessage, frozen=True, kw_only=True, tag="hello_answered@1"):
    """HQ's view of this device: how far it holds the log, how long the feed is, which releases are current (kind -> version).

    ``incarnation`` counts how often HQ was restored from a backup and ``incarnation_id`` names this life of it: an answer of an earlier
    incarnation than one seen before comes from a headquarters that was given up. ``relearn_from`` is set while a restored HQ lacks
    statements of its own that this device may hold: those from that feed position on are wanted (``Relearn``), before the log.
    """

    device: str
    epoch: int
    nonce: str
    hq_time: datetime
    watermark_seq: int
    digest: str
    feed_length: int
    releases: dict[str, int]
    revoked: bool
    accepts: tuple[str, ...] = ()
    """Ways of packing a request that this headquarters can read besides zstd JSON (``sync.wire.compact``); none in answers of before."""
    incarnation: int = 0
    incarnation_id: str = ""
    relearn_from: int | None = None


class LogBatch(WireMessage, frozen=True, kw_only=True, tag="log@1", omit_defaults=True):
    """Whole signed commits in order.

    ``early``: sent beside hello, before its answer, to a headquarters that named ``EARLY_LOG``. Such a one takes nothing of it while it lacks
    statements of its own (``relearn_from``), or when the device has seen a later ``incarnation`` of it: the receipt is then as it stands.
    """

    device: str
    epoch: int
    commits: tuple[bytes, ...]
    early: bool = False
    incarnation: int = 0


class HaveItem(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment the device offers."""

    sha256: str
    size_bytes: int


class Have(WireMessage, frozen=True, kw_only=True, tag="have@1"):
    """Which of these does HQ lack?"""

    device: str
    epoch: int
    items: tuple[HaveItem, ...]
    nonce: str


class MissingChunks(msgspec.Struct, frozen=True, kw_only=True):
    """Chunk indices HQ lacks of one attachment."""

    sha256: str
    indices: tuple[int, ...]


class HaveAnswered(WireMessage, frozen=True, kw_only=True, tag="have_answered@1"):
    """``held`` are whole, hash-verified and durable at HQ; ``missing`` lists what to send."""

    device: str
    epoch: int
    nonce: str
    hq_time: datetime
    held: tuple[str, ...]
    missing: tuple[MissingChunks, ...]


class Relearn(WireMessage, frozen=True, kw_only=True, tag="relearn@1"):
    """HQ's own statements that a restored HQ forgot, raw, in feed order from ``first_position`` on. ``feed_position``: how many the device holds.

    ``certificate`` and the names let HQ take back a device that it forgot whole (enrolled after the backup): the certificate is HQ's own.
    """

    device: str
    epoch: int
    first_position: int
    feed_position: int
    statements: tuple[bytes, ...]
    certificate: bytes
    station_name: str
    adjuster: str
    adjuster_name: str
    nonce: str
    incarnation_id: str = ""
    """In a bundle: for which life of HQ it was written (``DownAnswered.incarnation_id``); for any other it tells nothing. Over a line: empty."""


class RelearnAnswered(WireMessage, frozen=True, kw_only=True, tag="relearn_answered@1"):
    """How long the feed is now. ``relearned``: nothing is missing any more; otherwise statements from ``feed_length`` on are wanted."""

    device: str
    epoch: int
    nonce: str
    hq_time: datetime
    feed_length: int
    relearned: bool


class Down(WireMessage, frozen=True, kw_only=True, tag="down@1"):
    """Send the feed from this position on (0 = from the start).

    ``quick``: as it stands; HQ need not first finish what this device's log brought. A cycle asks once more at its end.
    """

    device: str
    epoch: int
    feed_position: int
    nonce: str
    quick: bool = False


class DownAnswered(WireMessage, frozen=True, kw_only=True, tag="down_answered@1", omit_defaults=True):
    """A slice of the feed. ``statements`` are raw signed bytes; ``feed_length`` tells whether more wait.

    ``incarnation``, ``incarnation_id``, ``relearn_from``: as in ``HelloAnswered``, for a laptop that a stick reaches and no line does.
    """

    device: str
    epoch: int
    nonce: str
    hq_time: datetime
    feed_position: int
    feed_length: int
    statements: tuple[bytes, ...]
    incarnation: int = 0
    incarnation_id: str = ""
    relearn_from: int | None = None


def request_bytes(method: str, path: str, device: str, epoch: int, body: bytes) -> bytes:
    """Return what a device signs for one request: method, path, identity and the hash of the body as sent."""
    digest = hashlib.sha256(body).hexdigest()
    return f"outpost-request-1\n{method}\n{path}\n{device}\n{epoch}\n{digest}".encode()
