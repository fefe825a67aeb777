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
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from claims.errors import Bilingual
from headquarters.blobs import is_sha256
from headquarters.bundle_routes import routes as bundle_routes
from headquarters.callers import verify_caller
from headquarters.core import ANSWERED_WHEN_STOPPED, Answered, answer_request
from headquarters.enrolment import enrol
from headquarters.http_bodies import (
    MAX_CHUNK_BYTES,
    MAX_MESSAGE_BYTES,
    MAX_UNPACKED_BYTES,
    raw_response,
    read_body,
    read_message,
    statement_response,
    unpack,
)
from headquarters.http_identity import authenticate, claimed, note_for_log
from headquarters.http_openapi import refuse_unknown
from headquarters.http_openapi import routes as openapi_routes
from headquarters.installation import Headquarters
from headquarters.metrics import Metrics
from headquarters.metrics import routes as metrics_routes
from headquarters.observing import Observed
from headquarters.quiet_clients import note_broken_off
from headquarters.refusals import NotPublished, RequestRefused
from headquarters.relearning import RELEARN, readmit
from headquarters.releases import is_release, newest_record
from headquarters.statements_out import signed_answer
from headquarters.tuf_routes import routes as tuf_routes
from sync.wire.messages import RAW_TYPE, EnrolRequest, Relearn

_MAX_ENROL_BYTES = 16 * 1024
_RETRY_AFTER_S = 30
_logger = logging.getLogger(__name__)


def create_app(hq: Headquarters) -> FastAPI:
    """Return the service over an open headquarters; who calls closes it."""
    app = FastAPI(title="Outpost headquarters", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RequestRefused, _refuse)
    app.add_exception_handler(HTTPException, refuse_unknown)
    app.add_exception_handler(ClientDisconnect, note_broken_off)
    for trouble in (OperationalError, OSError):
        app.add_exception_handler(trouble, _busy)
    routes: tuple[tuple[str, str, Callable[[Headquarters, Request], Awaitable[Response]]], ...] = (
        ("GET", "/v1/root", _root),
        ("POST", "/v1/enrol", _enrol),
        ("POST", "/v1/hello", _message),
        ("POST", "/v1/log", _message),
        ("POST", "/v1/relearn", _relearn),
        ("POST", "/v1/have", _message),
        ("PUT", "/v1/chunk/{sha256}/{index}", _chunk),
        ("POST", "/v1/down", _message),
        ("GET", "/v1/release/{kind}", _release),
        ("GET", "/v1/blob/{sha256}", _blob),
    )
    for method, path, work in routes:
        app.add_api_route(path, _bound(hq, work), methods=[method], response_class=Response)
    app.include_router(tuf_routes(hq))
    app.include_router(bundle_routes(hq))
    app.include_router(openapi_routes(hq))
    metrics = Metrics(hq)
    app.include_router(metrics_routes(hq, metrics))
    app.add_middleware(Observed, metrics=metrics)
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


async def _message(hq: Headquarters, request: Request) -> Response:
    """Hello, log, have and down: what the core answers, packed for this client."""
    body = await read_body(request, MAX_MESSAGE_BYTES)
    path = str(request.scope["path"])

    def work() -> Answered:
        caller = authenticate(hq, request, body, stopped_too=path in ANSWERED_WHEN_STOPPED)
        return answer_request(hq, caller, request.method, path, unpack(request, body, MAX_UNPACKED_BYTES))

    answered = await run_in_threadpool(work)
    note_for_log(request, **answered.note)
    response = statement_response(request, answered.body)
    if answered.after is not None:
        # The receipt does not wait for replay and settlement; `down` finishes them before it answers.
        response.background = BackgroundTask(answered.after)
    return response


async def _relearn(hq: Headquarters, request: Request) -> Response:
    """As any message; but the device may be one that a restored headquarters forgot."""
    body = await read_body(request, MAX_MESSAGE_BYTES)

    def work() -> Answered:
        content = unpack(request, body, MAX_UNPACKED_BYTES)
        caller, signed = claimed(request, body)
        if hq.incarnation.number:
            readmit(hq, read_message(request, body, Relearn), signed)
        return answer_request(hq, verify_caller(hq, caller, signed, stopped_too=True), "POST", RELEARN, content)

    return statement_response(request, (await run_in_threadpool(work)).body)


async def _chunk(hq: Headquarters, request: Request) -> Response:
    body = await read_body(request, MAX_CHUNK_BYTES)

    def work() -> Answered:
        return answer_request(hq, authenticate(hq, request, body), request.method, str(request.scope["path"]), body)

    return Response(status_code=(await run_in_threadpool(work)).status)


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


def _not_published(what: str) -> NotPublished:
    return NotPublished(
        "not_published",
        Bilingual(f"总部没有发布 {what[:64]}。", f"Headquarters has not published {what[:64]}."),
        Bilingual("请稍后再试。", "Try again later."),
    )
