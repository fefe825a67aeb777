"""Headquarters as a function of requests, whatever carried them: HTTP, a hub on the LAN, a sealed bundle on a stick.

Promise: a caller was authenticated before (``headquarters.callers``); the body is unpacked; what counts in the answer is a
statement signed by the service key. Requests are idempotent: the same one again, older or in another order, changes nothing.
``after`` is work that need not be waited for (replay and settlement of what a log brought); ``down`` catches up on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import msgspec

from claims.errors import Bilingual
from headquarters.answers import answer_down, answer_have, answer_hello, commits_due
from headquarters.attachments import receive_chunk
from headquarters.blobs import is_sha256
from headquarters.callers import Caller
from headquarters.installation import Headquarters
from headquarters.log_intake import receive_log
from headquarters.processing import process_pending
from headquarters.refusals import BodyRefused, ChunkRefused, NotAuthenticated, NotPublished
from headquarters.relearning import RELEARN, answer_relearn
from headquarters.relearning_by_stick import relearn_by_stick
from headquarters.statements_out import signed_answer
from sync.wire.messages import RAW_TYPE, STATEMENT_TYPE, Down, Have, Hello, LogBatch, Relearn, WireMessage
from trust.commits import peek_commit

HELLO, LOG, HAVE, DOWN = "/v1/hello", "/v1/log", "/v1/have", "/v1/down"
CHUNK = "/v1/chunk/"
ANSWERED_WHEN_STOPPED = frozenset({HELLO, DOWN, RELEARN})
"""A stopped device still learns that it is stopped: the statement that stops it is in its feed."""

_MAX_INDEX_DIGITS = 6
_Message = TypeVar("_Message", bound=WireMessage)


@dataclass(frozen=True)
class Answered:
    """What goes back: the HTTP status that fits, the body's type, the body, and what may be done behind the answer.

    ``note`` are figures for the service's own log: a range of the device's log, never what is in it.
    """

    status: int
    media_type: str
    body: bytes
    after: Callable[[], object] | None = None
    note: Mapping[str, int] = field(default_factory=dict)


def answer_request(
    hq: Headquarters, caller: Caller, method: str, path: str, body: bytes, *, live: bool = True
) -> Answered:
    """Answer one request of an authenticated device. ``path`` is whole (``/v1/log``), ``body`` unpacked.

    Args:
        live: the device itself is at the other end now. A stick may bring what it said long ago: that does not tell a restored
            headquarters what the device holds today.

    Raises:
        RequestRefused: with the words for the person at the laptop; nothing was changed.
        OperationalError, OSError: the database or the disk can't take it now; the same request may come again.
    """
    match method, path:
        case "POST", "/v1/hello":
            return _statement(signed_answer(hq, answer_hello(hq, _read(body, Hello, caller), live=live)))
        case "POST", "/v1/log":
            batch = _read(body, LogBatch, caller)
            receipt = receive_log(hq, batch.device, batch.epoch, commits_due(hq, batch))
            answered = _statement(signed_answer(hq, receipt), partial(process_pending, hq, caller.device, caller.epoch))
            return replace(answered, note=_range(batch.commits) | {"watermark_seq": receipt.watermark_seq})
        case "POST", "/v1/relearn":
            take = answer_relearn if live else relearn_by_stick
            return _statement(signed_answer(hq, take(hq, _read(body, Relearn, caller))))
        case "POST", "/v1/have":
            return _statement(signed_answer(hq, answer_have(hq, _read(body, Have, caller))))
        case "POST", "/v1/down":
            return _statement(signed_answer(hq, answer_down(hq, _read(body, Down, caller))))
        case "PUT", _ if path.startswith(CHUNK):
            sha256, _slash, index = path.removeprefix(CHUNK).partition("/")
            if not is_sha256(sha256) or not (index.isascii() and index.isdigit() and len(index) <= _MAX_INDEX_DIGITS):
                raise _no_chunk_address()
            receive_chunk(hq, caller.device, caller.epoch, sha256=sha256, index=int(index), content=body)
            return Answered(HTTPStatus.NO_CONTENT, RAW_TYPE, b"")
        case _:
            raise _no_such_request(method, path)


def read_message(body: bytes, wanted: type[_Message]) -> _Message:
    """Read one unpacked message. Raises ``BodyRefused``."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BodyRefused(
            "message_unreadable",
            Bilingual("总部看不懂这个请求。", f"This is no {wanted.__name__}: {problem}."),
            Bilingual("请重试；若仍失败，请联系总部。", "Try again; if it fails still, call headquarters."),
        ) from problem


def require_same_device(caller: Caller, device: str, epoch: int) -> None:
    """Raise ``NotAuthenticated`` where a message speaks for another device than the one that signed it."""
    if (device, epoch) != (caller.device, caller.epoch):
        raise NotAuthenticated(
            "device_mismatch",
            Bilingual(
                f"请求属于设备 {device[:32]}，签名属于 {caller.device}。",
                f"The message is of {device[:32]}, the signature of {caller.device}.",
            ),
            Bilingual("请联系总部。", "Call headquarters."),
        )


def _range(commits: Sequence[bytes]) -> dict[str, int]:
    """The sequence numbers of commits that were just taken or recognised."""
    if not commits:
        return {}
    return {"first_seq": peek_commit(commits[0])[2], "last_seq": peek_commit(commits[-1])[3]}


def _read(body: bytes, wanted: type[_Message], caller: Caller) -> _Message:
    message = read_message(body, wanted)
    require_same_device(caller, message.device, message.epoch)  # type: ignore[attr-defined]  # every device's message has both
    return message


def _statement(signed: bytes, after: Callable[[], object] | None = None) -> Answered:
    return Answered(HTTPStatus.OK, STATEMENT_TYPE, signed, after)


def _no_chunk_address() -> ChunkRefused:
    return ChunkRefused(
        "chunk_path",
        Bilingual("附件块的地址不对。", "This is no address of a chunk."),
        Bilingual("请联系总部。", "Call headquarters."),
    )


def _no_such_request(method: str, path: str) -> NotPublished:
    return NotPublished(
        "request_unknown",
        Bilingual(f"总部不认识请求 {method[:8]} {path[:64]}。", f"Headquarters knows no {method[:8]} {path[:64]}."),
        Bilingual("请更新程序。", "Update the program."),
    )
