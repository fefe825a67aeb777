"""Bodies on the wire: read within limits, unpack within limits, answer packed when the client can unpack.

Promise: no request makes headquarters hold more than the limit of its path, packed or unpacked.
"""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TypeVar

import msgspec
import zstandard
from fastapi import Request, Response

from claims.errors import Bilingual
from headquarters.refusals import BodyRefused, BodyTooLarge, PackingRefused
from sync.wire.compact import COMPACT_TYPE, CompactError, DictionaryUnknownError, unpack_log
from sync.wire.dictionary import dictionaries
from sync.wire.messages import CHUNK_BYTES, RAW_TYPE, STATEMENT_TYPE, WireMessage

MAX_MESSAGE_BYTES = 12 * 1024 * 1024
MAX_UNPACKED_BYTES = 16 * 1024 * 1024
MAX_CHUNK_BYTES = CHUNK_BYTES
_SMALLEST_WORTH_PACKING = 512
_TEXT_NEXT = Bilingual("请重试；若仍失败，请联系总部。", "Try again; if it fails still, call headquarters.")
_Message = TypeVar("_Message", bound=WireMessage)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body as sent. Raises ``BodyTooLarge`` as soon as it is."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def unpack(request: Request, body: bytes, limit: int) -> bytes:
    """Return the message's JSON, whatever it was packed as. Raises ``BodyTooLarge``, ``BodyRefused`` or ``PackingRefused``."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == COMPACT_TYPE:
        return _plain_log(body, limit)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "zstd":
        raise BodyRefused(
            "encoding_unknown", Bilingual(f"不支持 {encoding} 压缩。", f"{encoding} is not supported."), _TEXT_NEXT
        )
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**24).stream_reader(io.BytesIO(body)) as stream:
            content = stream.read(limit + 1)
    except zstandard.ZstdError as problem:
        raise BodyRefused(
            "body_unreadable", Bilingual("数据在路上损坏。", "The data were damaged on the way."), _TEXT_NEXT
        ) from problem
    if len(content) > limit:
        raise _too_large(limit)
    return content


def _plain_log(body: bytes, limit: int) -> bytes:
    """Return the JSON of a log batch in the compact form (``sync.wire.compact``)."""
    try:
        return msgspec.json.encode(unpack_log(body, dictionaries(), limit=limit // 2))
    except DictionaryUnknownError as problem:
        raise PackingRefused(
            "dictionary_unknown",
            Bilingual(
                f"总部没有名为 {str(problem)[:32]} 的压缩字典。", f"Headquarters has no dictionary {str(problem)[:32]}."
            ),
            Bilingual("程序会自动改用普通格式重发。", "The laptop sends the same again in the plain form by itself."),
        ) from problem
    except CompactError as problem:
        raise BodyRefused(
            "body_unreadable", Bilingual("数据在路上损坏。", "The data were damaged on the way."), _TEXT_NEXT
        ) from problem


def read_message(request: Request, body: bytes, wanted: type[_Message]) -> _Message:
    """Unpack and read one message. Raises ``BodyRefused``."""
    try:
        return msgspec.json.decode(unpack(request, body, MAX_UNPACKED_BYTES), type=wanted)
    except msgspec.DecodeError as problem:
        raise BodyRefused(
            "message_unreadable",
            Bilingual("总部看不懂这个请求。", f"This is no {wanted.__name__}: {problem}."),
            _TEXT_NEXT,
        ) from problem


def statement_response(request: Request, signed: bytes) -> Response:
    """Answer with a signed statement."""
    return _packed(request, signed, STATEMENT_TYPE)


def raw_response(request: Request, content: bytes) -> Response:
    """Answer with bytes that are signed in themselves or need no signature."""
    return _packed(request, content, RAW_TYPE)


def _packed(request: Request, content: bytes, media_type: str) -> Response:
    accepted = {each.split(";")[0].strip() for each in request.headers.get("accept-encoding", "").lower().split(",")}
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if "zstd" in accepted and len(content) >= _SMALLEST_WORTH_PACKING:
        content = zstandard.ZstdCompressor().compress(content)
        headers["Content-Encoding"] = "zstd"
    return Response(content, HTTPStatus.OK, headers, media_type)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        "body_too_large",
        Bilingual(f"请求超过 {limit} 字节。", f"The request is above {limit} bytes."),
        Bilingual("请联系总部。", "Call headquarters."),
    )
