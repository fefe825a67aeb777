"""The service as HTTP: one short route a path of ``sync.wire.messages``, and no decision of its own.

Promise: whatever counts leaves as a statement signed by the service key; a refusal is a status and a sentence in both
languages, and counts for nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from claims.errors import Bilingual
from headquarters.answers import answer_down, answer_have, answer_hello
from headquarters.attachments import receive_chunk
from headquarters.blobs import is_sha256
from headquarters.enrolment import enrol
from headquarters.http_bodies import (
    MAX_CHUNK_BYTES,
    MAX_MESSAGE_BYTES,
    raw_response,
    read_body,
    read_message,
    statement_response,
)
from headquarters.http_identity import Caller, authenticate
from headquarters.installation import Headquarters
from headquarters.log_intake import receive_log
from headquarters.processing import process_pending
from headquarters.refusals import ChunkRefused, NotAuthenticated, NotPublished, RequestRefused
from headquarters.releases import is_release, newest_record
from headquarters.statements_out import signed_answer
from sync.wire.messages import RAW_TYPE, Down, EnrolRequest, Have, Hello, LogBatch

_MAX_ENROL_BYTES = 16 * 1024
_RETRY_AFTER_S = 30
_logger = logging.getLogger(__name__)


def create_app(hq: Headquarters) -> FastAPI:
    """Return the service over an open headquarters; who calls closes it."""
    app = FastAPI(title="Outpost headquarters", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RequestRefused, _refuse)
    for trouble in (OperationalError, OSError):
        app.add_exception_handler(trouble, _busy)
    routes: tuple[tuple[str, str, Callable[[Headquarters, Request], Awaitable[Response]]], ...] = (
        ("GET", "/v1/root", _root),
        ("POST", "/v1/enrol", _enrol),
        ("POST", "/v1/hello", _hello),
        ("POST", "/v1/log", _log),
        ("POST", "/v1/have", _have),
        ("PUT", "/v1/chunk/{sha256}/{index}", _chunk),
        ("POST", "/v1/down", _down),
        ("GET", "/v1/release/{kind}", _release),
        ("GET", "/v1/blob/{sha256}", _blob),
    )
    for method, path, work in routes:
        app.add_api_route(path, _bound(hq, work), methods=[method], response_class=Response)
    return app


def _bound(
    hq: Headquarters, work: Callable[[Headquarters, Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        return await work(hq, request)

    route.__name__ = work.__name__
    return route


async def _refuse(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, RequestRefused):
        raise problem
    sentence = {"code": problem.code, "zh": problem.sentence("zh"), "en": problem.sentence("en")}
    return JSONResponse(sentence, int(problem.status), {"Cache-Control": "no-store"})


async def _busy(_request: Request, problem: Exception) -> Response:
    """The disk is full or the database is locked: nothing was stored, and the client comes again later."""
    _logger.error("not served: %s", problem)
    sentence = {
        "code": "hq_busy",
        "zh": "总部暂时无法处理，数据仍在本机，稍后会自动重试。",
        "en": "Headquarters can't take this now; the data are still on the laptop, which tries again by itself.",
    }
    return JSONResponse(sentence, 503, {"Cache-Control": "no-store", "Retry-After": str(_RETRY_AFTER_S)})


async def _root(hq: Headquarters, request: Request) -> Response:
    return raw_response(request, hq.root_der)


async def _enrol(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, _MAX_ENROL_BYTES)
    asked = read_message(request, body, EnrolRequest)
    answered = await run_in_threadpool(enrol, hq, asked)
    return statement_response(request, signed_answer(hq, answered))


async def _hello(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_MESSAGE_BYTES)

    def work() -> bytes:
        caller = authenticate(hq, request, body, stopped_too=True)
        hello = read_message(request, body, Hello)
        _same(caller, hello.device, hello.epoch)
        return signed_answer(hq, answer_hello(hq, hello))

    return statement_response(request, await run_in_threadpool(work))


async def _log(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_MESSAGE_BYTES)

    def work() -> tuple[Caller, bytes]:
        caller = authenticate(hq, request, body)
        batch = read_message(request, body, LogBatch)
        _same(caller, batch.device, batch.epoch)
        return caller, signed_answer(hq, receive_log(hq, batch.device, batch.epoch, batch.commits))

    caller, signed = await run_in_threadpool(work)
    response = statement_response(request, signed)
    # The receipt does not wait for replay and settlement; `down` finishes them before it answers.
    response.background = BackgroundTask(process_pending, hq, caller.device, caller.epoch)
    return response


async def _have(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_MESSAGE_BYTES)

    def work() -> bytes:
        caller = authenticate(hq, request, body)
        have = read_message(request, body, Have)
        _same(caller, have.device, have.epoch)
        return signed_answer(hq, answer_have(hq, have))

    return statement_response(request, await run_in_threadpool(work))


async def _chunk(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_CHUNK_BYTES)

    def work() -> None:
        caller = authenticate(hq, request, body)
        sha256, index = request.path_params["sha256"], request.path_params["index"]
        if not is_sha256(sha256) or not (index.isascii() and index.isdigit() and len(index) <= 6):
            raise ChunkRefused(
                "chunk_path",
                Bilingual("附件块的地址不对。", "This is no address of a chunk."),
                Bilingual("请联系总部。", "Call headquarters."),
            )
        receive_chunk(hq, caller.device, caller.epoch, sha256=sha256, index=int(index), content=body)

    await run_in_threadpool(work)
    return Response(status_code=204)


async def _down(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_MESSAGE_BYTES)

    def work() -> bytes:
        caller = authenticate(hq, request, body, stopped_too=True)
        down = read_message(request, body, Down)
        _same(caller, down.device, down.epoch)
        return signed_answer(hq, answer_down(hq, down))

    return statement_response(request, await run_in_threadpool(work))


async def _release(hq: Headquarters, request: Request) -> Response:
    def work() -> bytes | None:
        authenticate(hq, request, b"")
        return newest_record(hq, request.path_params["kind"])

    record = await run_in_threadpool(work)
    if record is None:
        raise _not_published(request.path_params["kind"])
    return raw_response(request, record)


async def _blob(hq: Headquarters, request: Request) -> Response:
    sha256 = request.path_params["sha256"]

    def work() -> bool:
        authenticate(hq, request, b"")
        return is_sha256(sha256) and is_release(hq, sha256)

    if not await run_in_threadpool(work):
        raise _not_published(sha256)
    return FileResponse(hq.blobs.path(sha256), media_type=RAW_TYPE)


def _same(caller: Caller, device: str, epoch: int) -> None:
    if (device, epoch) != (caller.device, caller.epoch):
        raise NotAuthenticated(
            "device_mismatch",
            Bilingual(
                f"请求属于设备 {device[:32]}，签名属于 {caller.device}。",
                f"The message is of {device[:32]}, the signature of {caller.device}.",
            ),
            Bilingual("请联系总部。", "Call headquarters."),
        )


def _not_published(what: str) -> NotPublished:
    return NotPublished(
        "not_published",
        Bilingual(f"总部没有发布 {what[:64]}。", f"Headquarters has not published {what[:64]}."),
        Bilingual("请稍后再试。", "Try again later."),
    )
