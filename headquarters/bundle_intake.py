"""Takes in a sealed bundle: opens it, checks each request's signature as over HTTP, and carries the requests out in order.

Promise: one bad request never blocks the others; the same bundle again, an older one, or two with a gap between change nothing that the
receipts don't say. A bundle that was cut or changed on its way counts up to there: each request inside is signed by itself. What headquarters
itself can't do now (disk, database) stops the intake with that error, and the same bundle may come again. No bundle costs more than a bounded
amount of work, whatever is inside: what came before the bound counts, and the writer's next bundle begins behind it.

Source: docs/adr/0144, docs/adr/0166.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import zstandard

from claims.errors import Bilingual
from headquarters.answer_bundles import answer_bundle, note_asked
from headquarters.callers import Caller, SignedRequest, verify_caller
from headquarters.core import ANSWERED_WHEN_STOPPED, CHUNK, HAVE, HELLO, answer_request
from headquarters.installation import Headquarters
from headquarters.models_bundles import BundleTaken
from headquarters.refusals import BodyRefused, BodyTooLarge, DeviceStopped, RequestRefused
from sync.wire.bundles import Refused, Request, UpBegun, read_up_record
from sync.wire.messages import Have, HaveAnswered, Hello
from trust.bundles import Opened, Purpose, Readable, of_device, open_segments
from trust.certificate_issue import DEVICE_NAME, MAX_EPOCH
from trust.errors import TrustError
from trust.statements import open_statement

MAX_UNPACKED_BYTES = 16 * 1024 * 1024
_MOST_HAVES = 5000
GIVEN_UP = "bundle_given_up"
_MAX_INDEX_DIGITS = 6
_MAX_SEQ = 2**53 - 1
WORK = 20_000_000
"""What one bundle may cost, in points of some 10 to 50 microseconds: minutes at the most, where no bound would be hours."""
_PASSED_OVER, _CHUNK, _QUESTION, _STRANGE = 1, 100, 1_000, 100_000
"""A chunk that is here already; one to take in (4 GiB of them are 6.6 million points); hello, log and have, a transaction of their own each (an
honest bundle holds one for every 256 KiB of log or 500 files); a record that can't be read or that its writer has not signed. What the line or
the stick spoils never becomes such a record, because each segment is sealed: only somebody who means harm writes them, or, some few, a version
of the program to come."""
_log = logging.getLogger(__name__)
_NEXT = Bilingual(
    "电脑上的资料都在，请重新写一份封存包。", "Everything is still on the laptop: write the bundle once more."
)


@dataclass
class Taken:
    """What a bundle brought. ``answer`` is sealed to its writer; None where headquarters knows no key of it yet.

    ``whole``: read to its end and signed by its writer. Otherwise ``problem`` says what was found, and what came before it was carried out.
    ``given_up``: reading stopped there, because what is inside had cost all the ``work`` that a bundle may.
    """

    bundle_id: str
    device: str
    epoch: int
    through_seq: int
    sha256: str = ""
    requests: int = 0
    refused: int = 0
    first_refusal: RequestRefused | None = None
    whole: bool = False
    problem: str = ""
    answer: bytes | None = None
    times: int = 1
    work: int = 0
    given_up: bool = False
    _asked: Hello | None = None
    _haves: list[Have] = field(default_factory=list)
    _lacking: dict[str, frozenset[int]] = field(default_factory=dict)


def take_bundle(hq: Headquarters, stream: Readable, *, carrier: str = "") -> Taken:
    """Take in one bundle from a stream, in bounded memory, and return what to answer.

    Raises:
        BodyRefused: ``bundle_unreadable``, ``bundle_not_for_us``: nothing inside could be read.
        OperationalError, OSError: headquarters can't take it now; what was carried out so far stays.
    """
    counted = _Counted(stream)
    bundle, records = _begun(hq, counted)
    begun = _first(records)
    taken = Taken(bundle.header.bundle_id, begun.device, begun.epoch, begun.through_seq)
    caller = Caller(begun.device, begun.epoch)
    try:
        for raw in records:
            if taken.work >= WORK:
                _give_up(taken)
                break
            _carry_out(hq, caller, raw, taken)
        else:
            signed = bundle.signed
            taken.whole = signed is not None and (signed.device, signed.epoch) == (begun.device, begun.epoch)
            taken.problem = "" if taken.whole else "bundle_signer"
    except TrustError as problem:
        taken.problem = problem.code
        _log.warning("bundle %s: %s", taken.bundle_id, problem)
    taken.sha256 = counted.sha256()
    if taken._asked is not None:
        # Only a device that signed a hello inside is answered: anybody can seal a bundle with somebody's name on it.
        _remember(hq, taken, carrier)
        position = _bounded(taken._asked.feed_position)
        note_asked(hq, caller, position, taken.bundle_id)
        taken.answer = answer_bundle(
            hq,
            caller,
            feed_position=position,
            to_bundle=taken.bundle_id,
            haves=_merged(caller, taken),
            refused=_refusals(taken),
        )
    return taken


def _begun(hq: Headquarters, stream: Readable) -> tuple[Opened, Iterator[bytes]]:
    try:
        bundle = open_segments(stream, hq.secrets.recovery_private, of_device(hq.trust_store()), purpose=Purpose.UP)
    except TrustError as problem:
        if problem.code == "bundle_not_for_us":
            raise BodyRefused(
                "bundle_not_for_us",
                Bilingual("这份封存包不是封给本总部的。", "This bundle is not sealed to this headquarters."),
                Bilingual("请交给它所属的总部。", "Take it to the headquarters it belongs to."),
            ) from problem
        raise _unreadable(str(problem)) from problem
    return bundle, iter(bundle)


def _first(records: Iterator[bytes]) -> UpBegun:
    try:
        first = read_up_record(next(records))
    except (TrustError, msgspec.DecodeError, UnicodeDecodeError, StopIteration) as problem:
        raise _unreadable(str(problem)) from problem
    if not isinstance(first, UpBegun):
        raise _unreadable(type(first).__name__)
    # Nobody has signed this yet: what can't be asked of a database ends here.
    if not DEVICE_NAME.fullmatch(first.device) or not 0 <= first.epoch <= MAX_EPOCH:
        raise _unreadable(f"{first.device[:32]!r}, {first.epoch}")
    return msgspec.structs.replace(first, through_seq=_bounded(first.through_seq))


def _bounded(number: int) -> int:
    return min(max(0, number), _MAX_SEQ)


def _carry_out(hq: Headquarters, caller: Caller, raw: bytes, taken: Taken) -> None:
    taken.requests += 1
    cost = _STRANGE  # until it turned out to be its writer's
    try:
        request = read_up_record(raw)
        if not isinstance(request, Request):
            raise _unreadable(type(request).__name__)
        if "\0" in request.path or "\0" in request.method:
            raise _unreadable("path")
        if _is_here(request.path, taken):
            cost = _PASSED_OVER
            return
        signed = SignedRequest(request.method, request.path, request.body, request.signature)
        verify_caller(hq, caller, signed, stopped_too=request.path in ANSWERED_WHEN_STOPPED)
        cost = _CHUNK if request.path.startswith(CHUNK) else _QUESTION
        body = _unpacked(request.body) if request.packed else request.body
        _note_question(request.path, body, taken)
        answered = answer_request(hq, caller, request.method, request.path, body, live=False)
        if request.path == HAVE:
            _note_lacking(hq, answered.body, taken)
    except (RequestRefused, msgspec.DecodeError, UnicodeDecodeError) as problem:
        taken.refused += 1
        if isinstance(problem, DeviceStopped):
            cost = _CHUNK  # its signature was good
        if taken.first_refusal is None:
            taken.first_refusal = problem if isinstance(problem, RequestRefused) else _unreadable(str(problem))
    finally:
        taken.work += cost


def _give_up(taken: Taken) -> None:
    taken.given_up, taken.problem = True, GIVEN_UP
    _log.warning("bundle %s: %s", taken.bundle_id, GIVEN_UP)
    taken.first_refusal = BodyRefused(
        GIVEN_UP,
        Bilingual(
            f"封存包里不能接收的内容太多，总部读到第 {taken.requests:,} 项为止；在此之前能接收的都已接收。",
            f"Too much of the bundle can't be taken; headquarters stopped after item {taken.requests:,}. What could be taken before that, was.",
        ),
        _NEXT,
    )


def _note_question(path: str, body: bytes, taken: Taken) -> None:
    if path == HELLO:
        taken._asked = msgspec.json.decode(body, type=Hello)
    elif path == HAVE and len(taken._haves) < _MOST_HAVES:
        taken._haves.append(msgspec.json.decode(body, type=Have))


def _note_lacking(hq: Headquarters, answer: bytes, taken: Taken) -> None:
    """Remember which chunks are wanted: those that came before need not be checked and stored once more."""
    word = msgspec.json.decode(open_statement(answer, hq.trust_store())[1], type=HaveAnswered)
    taken._lacking = dict.fromkeys(word.held, frozenset()) | {
        each.sha256: frozenset(each.indices) for each in word.missing
    }


def _is_here(path: str, taken: Taken) -> bool:
    if not path.startswith(CHUNK):
        return False
    sha256, _, index = path.removeprefix(CHUNK).partition("/")
    lacking = taken._lacking.get(sha256)
    countable = index.isascii() and index.isdecimal() and len(index) <= _MAX_INDEX_DIGITS
    return lacking is not None and countable and int(index) not in lacking


def _merged(caller: Caller, taken: Taken) -> tuple[Have, ...]:
    """Ask for word on all files of the bundle once more, now that their chunks are here, in a few questions."""
    items = [item for have in taken._haves for item in have.items]
    pages = (items[at : at + 500] for at in range(0, len(items), 500))
    return tuple(
        Have(device=caller.device, epoch=caller.epoch, items=tuple(page), nonce=taken.bundle_id) for page in pages
    )


def _refusals(taken: Taken) -> Refused | None:
    problem = taken.first_refusal
    if problem is None:
        return None
    return Refused(count=taken.refused, code=problem.code, zh=problem.sentence("zh"), en=problem.sentence("en"))


def _remember(hq: Headquarters, taken: Taken, carrier: str) -> None:
    with hq.database.write() as session:
        row = session.get(BundleTaken, taken.bundle_id)
        if row is not None:
            row.times += 1
            row.sealed_by_writer = row.sealed_by_writer or taken.whole
            taken.times = row.times
            if taken.whole:
                row.sha256 = taken.sha256
            return
        session.add(
            BundleTaken(
                bundle_id=taken.bundle_id,
                sha256=taken.sha256,
                device=taken.device,
                epoch=taken.epoch,
                through_seq=taken.through_seq,
                requests=taken.requests,
                refused=taken.refused,
                sealed_by_writer=taken.whole,
                carrier=carrier,
                taken_at=hq.now(),
                times=1,
            )
        )


def _unpacked(body: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**24).stream_reader(io.BytesIO(body)) as stream:
            content = stream.read(MAX_UNPACKED_BYTES + 1)
    except zstandard.ZstdError as problem:
        raise _unreadable(str(problem)) from problem
    if len(content) > MAX_UNPACKED_BYTES:
        raise BodyTooLarge(
            "body_too_large",
            Bilingual(f"请求超过 {MAX_UNPACKED_BYTES} 字节。", f"The request is above {MAX_UNPACKED_BYTES} bytes."),
            _NEXT,
        )
    return content


def _unreadable(detail: str) -> BodyRefused:
    return BodyRefused(
        "bundle_unreadable",
        Bilingual(f"封存包读不出来（{detail[:120]}）。", f"The bundle can't be read ({detail[:120]})."),
        _NEXT,
    )


class _Counted:
    """A stream that hashes what is read through it."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size) or b""
        self._digest.update(piece)
        return piece

    def sha256(self) -> str:
        """Return the hash of everything read, the rest of the stream included."""
        while self.read(1024 * 1024):
            pass
        return self._digest.hexdigest()
