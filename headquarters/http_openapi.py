"""Serves the description, and gives strangers' paths a refusal of the same shape as every other.

Promise: the description needs no device and tells nothing of any.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from headquarters.installation import Headquarters
from headquarters.openapi import describe


def routes(hq: Headquarters) -> APIRouter:
    """Return the route over an open headquarters."""
    router = APIRouter()
    described = describe(hq)

    @router.get("/v1/openapi.json", response_class=JSONResponse)
    async def openapi() -> JSONResponse:
        return JSONResponse(described)

    return router


async def refuse_unknown(_request: Request, problem: Exception) -> JSONResponse:
    """Answer a path or a method that does not exist."""
    if not isinstance(problem, HTTPException):
        raise problem
    sentence = {
        "code": "request_unknown",
        "zh": "总部不认识这个请求。请更新程序。",
        "en": "Headquarters knows no such request. Update the program.",
    }
    return JSONResponse(sentence, problem.status_code, {"Cache-Control": "no-store", **(problem.headers or {})})
