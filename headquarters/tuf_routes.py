"""What is distributed as HTTP: ``GET /v1/tuf/...``, for enrolled devices that are not stopped.

Promise: nothing here is believed for having come this way; metadata, targets and shards carry their own proof (``sync.tuf_targets``).
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from claims.errors import Bilingual
from headquarters.extract_shards import read_keys, read_shard
from headquarters.http_bodies import raw_response
from headquarters.http_identity import authenticate
from headquarters.installation import Headquarters
from headquarters.refusals import NotPublished
from headquarters.tuf_repository import read_file
from sync.tuf_targets import WHOLE_AT_MOST
from sync.wire.messages import RAW_TYPE

PREFIX = "/v1/tuf/"
_RANGE = re.compile(r"bytes=([0-9]{1,15})-")


def read_distributed(hq: Headquarters, path: str) -> bytes | None:
    """Return a file of the repository by its path below ``/v1/tuf/``, whatever carries it; None where there is none."""
    if path.startswith("shards/"):
        return read_shard(hq, path.removeprefix("shards/"))
    if path.startswith("keys/"):
        return read_keys(hq, path.removeprefix("keys/"))
    return read_file(hq, path)


def routes(hq: Headquarters) -> APIRouter:
    """Return the routes over an open headquarters."""
    router = APIRouter()

    async def distributed(request: Request) -> Response:
        path = request.path_params["path"]

        def work() -> bytes | None:
            authenticate(hq, request, b"")
            return read_distributed(hq, path)

        content = await run_in_threadpool(work)
        if content is None:
            raise NotPublished(
                "not_published",
                Bilingual(f"总部没有发布 {path[:64]}。", f"Headquarters has not published {path[:64]}."),
                Bilingual("请稍后再试。", "Try again later."),
            )
        asked = _RANGE.fullmatch(request.headers.get("range", ""))
        if asked is not None and int(asked[1]) < len(content):
            start = int(asked[1])
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}", "Cache-Control": "no-store"}
            return Response(content[start:], 206, headers, RAW_TYPE)
        if path.startswith("shards/") or len(content) > WHOLE_AT_MOST:
            # Ciphertext does not pack, and what may be resumed travels as it is.
            return Response(content, 200, {"Cache-Control": "no-store"}, RAW_TYPE)
        return raw_response(request, content)

    router.add_api_route(PREFIX + "{path:path}", distributed, methods=["GET"], response_class=Response)
    return router
