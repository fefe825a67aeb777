"""Who is asking: the device's signature over the request, checked against its certificate.

Promise: nothing of a request is believed before its signature was checked over the body exactly as sent.
Source: sync/wire/messages.py ``request_bytes``.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from claims.errors import Bilingual
from headquarters.devices import require_going
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.refusals import NotAuthenticated
from sync.wire.messages import request_bytes
from trust.certificates import read_device_certificate
from trust.errors import ForgedError
from trust.keys import verify_signature

MAX_EPOCH_DIGITS = 10


@dataclass(frozen=True)
class Caller:
    """The device that signed the request."""

    device: str
    epoch: int


def authenticate(hq: Headquarters, request: Request, body: bytes, *, stopped_too: bool = False) -> Caller:
    """Return who signed this request.

    Raises:
        NotAuthenticated: no such device, or not its signature.
        DeviceStopped: the device may not go on, unless ``stopped_too``.
    """
    name = request.headers.get("outpost-device", "")
    epoch_text = request.headers.get("outpost-epoch", "")
    signature_hex = request.headers.get("outpost-signature", "")
    if not (epoch_text.isascii() and epoch_text.isdigit() and len(epoch_text) <= MAX_EPOCH_DIGITS):
        raise _unknown(name)
    epoch = int(epoch_text)
    with hq.database.read() as session:
        device = session.get(Device, (name, epoch))
    if device is None:
        raise _unknown(name)
    try:
        signature = bytes.fromhex(signature_hex)
        path = request.scope["raw_path"].decode("ascii")
        signed = request_bytes(request.method, path, name, epoch, body)
        verify_signature(read_device_certificate(device.certificate).public_key, signature, signed)
    except (ForgedError, ValueError) as problem:
        raise NotAuthenticated(
            "signature_wrong",
            Bilingual("请求的签名不对。", "The request's signature is wrong."),
            Bilingual("请联系总部核对设备登记。", "Ask headquarters to check the enrolment of this device."),
        ) from problem
    if not stopped_too:
        require_going(device)
    return Caller(name, epoch)


def _unknown(name: str) -> NotAuthenticated:
    return NotAuthenticated(
        "device_unknown",
        Bilingual(f"总部没有登记过设备 {name[:32]}。", f"Headquarters does not know the device {name[:32]}."),
        Bilingual("请用登记码重新登记。", "Enrol it with a new code."),
    )
