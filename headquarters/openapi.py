"""The service's description of itself as OpenAPI 3.1.

Promise: it lists every path under ``/v1`` and nothing else (a test compares it with the routes), the headers a device signs with, every status
that a path may answer with, and the JSON below a signature as ``x-signed-body``; ``schemathesis`` checks it against the service. It says
nothing that a stranger may not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from claims.statements import AnyStatement, LogReceipted
from headquarters.blobs import MAX_FILE_BYTES
from headquarters.http_identity import MAX_EPOCH_DIGITS
from headquarters.installation import Headquarters
from headquarters.releases import ReleaseKind
from sync.wire.bundles import BundleAnswered, BundlePart
from sync.wire.compact import COMPACT_TYPE
from sync.wire.messages import (
    CHUNK_BYTES,
    PROTOCOL,
    RAW_TYPE,
    STATEMENT_TYPE,
    Down,
    DownAnswered,
    EnrolAnswered,
    EnrolRequest,
    Have,
    HaveAnswered,
    Hello,
    HelloAnswered,
    LogBatch,
    Relearn,
    RelearnAnswered,
    WireMessage,
)

Json = dict[str, Any]
_REF = "#/components/schemas/"
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


class Refusal(msgspec.Struct, frozen=True):
    """Why a request was not carried out, for the person at the laptop. It carries no signature and counts for nothing."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Operation:
    """One request: what it takes, what it answers, and with which statuses it may be refused (besides those of every request)."""

    method: str
    path: str
    summary: str
    takes: type[WireMessage] | None = None
    answers: type[msgspec.Struct] | None = None
    refused: tuple[int, ...] = ()
    success: int = 200
    signed_by_device: bool = True
    raw_body_bytes: int | None = None
    ranges: bool = False
    other_bodies: tuple[str, ...] = ()
    parameters: Mapping[str, Json] | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/v1/root", "The root certificate (DER), checked against the enrolment code", signed_by_device=False
    ),
    Operation(
        "POST",
        "/v1/enrol",
        "Become a device with a one-time code",
        EnrolRequest,
        EnrolAnswered,
        (400, 403, 413, 415, 426),
        signed_by_device=False,
    ),
    Operation("POST", "/v1/hello", "How far headquarters is", Hello, HelloAnswered, (400, 413, 415, 426)),
    Operation(
        "POST",
        "/v1/log",
        "Hand in signed commits and get a receipt",
        LogBatch,
        LogReceipted,
        (400, 403, 409, 413, 415, 422),
        other_bodies=(COMPACT_TYPE,),
    ),
    Operation(
        "POST",
        "/v1/relearn",
        "Tell a restored headquarters what it had said",
        Relearn,
        RelearnAnswered,
        (400, 413, 415),
    ),
    Operation("POST", "/v1/have", "Which files are missing", Have, HaveAnswered, (400, 403, 409, 413, 415)),
    Operation(
        "PUT",
        "/v1/chunk/{sha256}/{index}",
        f"One chunk of a file (at most {MAX_FILE_BYTES} bytes) that was offered; held only once `have` says so",
        refused=(403, 409, 413, 422),
        success=204,
        raw_body_bytes=CHUNK_BYTES,
        parameters={"sha256": _SHA256, "index": {"type": "integer", "minimum": 0, "maximum": 999_999}},
    ),
    Operation(
        "POST", "/v1/down", "Headquarters' statements from a place in the feed on", Down, DownAnswered, (400, 413, 415)
    ),
    Operation(
        "POST",
        "/v1/bundle",
        "A part of a sealed bundle, or a whole one as it is",
        BundlePart,
        BundleAnswered,
        (400, 403, 404, 409, 413, 415, 422),
        other_bodies=(RAW_TYPE,),
    ),
    Operation(
        "GET",
        "/v1/release/{kind}",
        "The newest signed release record of a kind",
        refused=(403, 404, 409),
        parameters={"kind": {"type": "string", "enum": [each.value for each in ReleaseKind]}},
    ),
    Operation(
        "GET",
        "/v1/blob/{sha256}",
        "The bytes of a release",
        refused=(403, 404, 409),
        ranges=True,
        parameters={"sha256": _SHA256},
    ),
    Operation(
        "GET",
        "/v1/tuf/{path}",
        "A file of the TUF repository: metadata, a target, a shard of an extract",
        refused=(403, 404, 409),
        ranges=True,
        parameters={"path": {"type": "string", "minLength": 1}},
    ),
)
_DEVICE_HEADERS: tuple[tuple[str, str, Json], ...] = (
    ("Outpost-Device", "name of the device", {"type": "string"}),
    (
        "Outpost-Epoch",
        "which enrolment of it",
        {"type": "string", "pattern": f"^[0-9]{{1,{MAX_EPOCH_DIGITS}}}$"},
    ),
    (
        "Outpost-Signature",
        "hex Ed25519 over outpost-request-1, method, path, device, epoch and the SHA-256 of the body as sent, joined by line feeds",
        {"type": "string", "pattern": "^[0-9a-f]{128}$"},
    ),
)


def describe(hq: Headquarters) -> Json:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Outpost headquarters",
            "version": f"{PROTOCOL}",
            "description": (
                "What counts is signed by headquarters: a COSE_Sign1 whose content type names the statement and whose payload is the JSON "
                "described as x-signed-body. A status alone means nothing. Bodies may be zstd; answers are when Accept-Encoding names it. "
                f"Every request is idempotent. Root certificate (SHA-256): {hq.fingerprint()}"
            ),
        },
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _paths() -> Json:
    paths: Json = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return paths


def _operation(each: Operation) -> Json:
    refused = sorted({*each.refused, 503, *((401,) if each.signed_by_device else ())})
    described: Json = {
        "summary": each.summary,
        "operationId": each.path.removeprefix("/v1/").partition("/")[0],
        "parameters": [*_path_parameters(each), *(_device_headers() if each.signed_by_device else ())],
        "responses": {
            str(each.success): _success(each),
            **({"206": _bytes("the bytes asked for"), "416": {"description": "no such range"}} if each.ranges else {}),
            **{str(status): _refusal() for status in refused},
        },
    }
    body = _body(each)
    if body:
        described["requestBody"] = {"required": True, "content": body}
    return described


def _body(each: Operation) -> Json:
    content: Json = {}
    if each.takes is not None:
        content["application/json"] = {"schema": {"$ref": _REF + each.takes.__name__}}
    if each.raw_body_bytes is not None:
        content[RAW_TYPE] = {"schema": {"type": "string", "format": "binary", "maxLength": each.raw_body_bytes}}
    for media_type in each.other_bodies:
        content[media_type] = {"schema": {"type": "string", "format": "binary"}}
    return content


def _success(each: Operation) -> Json:
    if each.success == 204:
        return {"description": "taken; no acknowledgement"}
    if each.answers is None:
        return _bytes(each.summary)
    return {
        "description": f"a signed {each.answers.__name__}",
        "content": {
            STATEMENT_TYPE: {
                "schema": {"type": "string", "format": "binary"},
                "x-signed-body": {"$ref": _REF + each.answers.__name__},
            }
        },
    }


def _bytes(description: str) -> Json:
    return {"description": description, "content": {RAW_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


def _refusal() -> Json:
    return {
        "description": "refused; nothing was changed",
        "content": {"application/json": {"schema": {"$ref": _REF + "Refusal"}}},
    }


def _path_parameters(each: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in (each.parameters or {}).items()
    ]


def _device_headers() -> list[Json]:
    return [
        {"name": name, "in": "header", "required": True, "description": meaning, "schema": schema}
        for name, meaning, schema in _DEVICE_HEADERS
    ]


def _schemas() -> Json:
    spoken: Sequence[type[msgspec.Struct]] = (
        Refusal,
        *(each.takes for each in OPERATIONS if each.takes is not None),
        *(each.answers for each in OPERATIONS if each.answers is not None),
        *get_args(AnyStatement),
    )
    _, components = msgspec.json.schema_components(dict.fromkeys(spoken), ref_template=_REF + "{name}")
    return dict(components)
