"""The description of the service, checked against the service by a tool that did not read our code."""

from __future__ import annotations

import warnings

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from headquarters.__main__ import main
from headquarters.http_app import create_app
from headquarters.openapi import OPERATIONS, describe
from sync.wire.messages import request_bytes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own dependencies' advice to it
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 10


def test_every_path_under_v1_is_described_and_no_other(hq):
    routed = {
        (method, _plain(route.path))
        for route in _flat(create_app(hq).routes)
        if isinstance(route, Route) and route.path.startswith("/v1/")
        for method in route.methods - {"HEAD"}
    }
    described = {(each.method, each.path) for each in OPERATIONS}
    assert routed - {("GET", "/v1/openapi.json")} == described


def _flat(routes):
    for each in routes:
        included = getattr(each, "original_router", None)
        yield from [each] if included is None else _flat(included.routes)


def _plain(path: str) -> str:
    return path.replace(":path}", "}")


def test_it_is_served_to_anybody_and_written_by_a_command(hq, client, tmp_path, capsys):
    served = client.get("/v1/openapi.json").json()
    assert served == msgspec.json.decode(msgspec.json.encode(describe(hq)))
    main(["openapi", str(hq.home), "--out", str(tmp_path / "openapi.json")])
    assert msgspec.json.decode((tmp_path / "openapi.json").read_bytes()) == served
    main(["openapi", str(hq.home)])
    assert msgspec.json.decode(capsys.readouterr().out) == served


def test_an_unknown_path_and_a_wrong_method_are_refused_in_words(client):
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/v1/hello", 405)):
        response = client.request(method, path)
        assert (response.status_code, response.json()["code"]) == (status, "request_unknown")


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.path != "/v1/root"], ids=lambda each: each.path.split("/")[2]
)
def test_the_service_answers_as_described_whatever_it_is_sent(hq, make_laptop, operation):
    laptop = make_laptop(float_fen=1_000)
    laptop.commit(laptop.open_case())
    app = create_app(hq)
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
    described = schema[operation.path][operation.method]
    either = st.one_of(*(described.as_strategy(generation_mode=mode) for mode in GenerationMode))
    auth = _Sign(laptop) if operation.signed_by_device else None

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=either)
    def answers(case) -> None:
        for signed in (auth, None):
            case.validate_response(case.call(auth=signed), checks=CHECKS)

    answers()


class _Sign:
    def __init__(self, laptop) -> None:
        self.laptop = laptop

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        path = request.path_url.partition("?")[0]
        identity = self.laptop.identity
        signature = self.laptop.key.sign(request_bytes(request.method, path, identity.device, identity.epoch, body))
        request.headers["Outpost-Device"] = identity.device
        request.headers["Outpost-Epoch"] = str(identity.epoch)
        request.headers["Outpost-Signature"] = signature.hex()
        return request
