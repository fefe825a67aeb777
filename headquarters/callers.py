"""Who is asking: a device's signature over a request, checked against its certificate, whatever carried the request here.

Promise: nothing of a request is believed before its signature was checked over the body exactly as the device wrote it.
Source: sync/wire/messages.py ``request_bytes``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import bindparam, select

from claims.errors import Bilingual
from headquarters.devices import STOPPED, require_going
from headquarters.installation import Headquarters
from headquarters.models import Device
from headquarters.refusals import NotAuthenticated
from sync.wire.messages import request_bytes
from trust.certificates import read_device_certificate
from trust.errors import ForgedError
from trust.keys import verify_signature


@dataclass(frozen=True)
class Caller:
    """The device that signed the request."""

    device: str
    epoch: int


@dataclass(frozen=True)
class SignedRequest:
    """A request as its device signed it: ``path`` is whole (``/v1/log``), ``body`` is still packed, ``signature`` 64 bytes."""

    method: str
    path: str
    body: bytes
    signature: bytes


def verify_caller(hq: Headquarters, claimed: Caller, request: SignedRequest, *, stopped_too: bool = False) -> Caller:
    """Return who signed this request.

    Raises:
        NotAuthenticated: no such device, or not its signature.
        DeviceStopped: the device may not go on, unless ``stopped_too``.
    """
    with hq.database.look() as connection:
        device = connection.execute(_DEVICE, {"device": claimed.device, "epoch": claimed.epoch}).first()
    if device is None:
        raise device_unknown(claimed.device)
    try:
        signed = request_bytes(request.method, request.path, claimed.device, claimed.epoch, request.body)
        verify_signature(_key_of(device.certificate), request.signature, signed)
    except (ForgedError, ValueError) as problem:
        raise signature_wrong() from problem
    if not stopped_too and device.state in STOPPED:
        with hq.database.read() as session:
            require_going(session.get_one(Device, (claimed.device, claimed.epoch)))
    return claimed


_DEVICE = select(Device.__table__.c.certificate, Device.__table__.c.state).where(
    Device.__table__.c.device == bindparam("device"), Device.__table__.c.epoch == bindparam("epoch")
)


@lru_cache(maxsize=4096)
def _key_of(certificate: bytes) -> bytes:
    """Return the key that a device's certificate names; those headquarters made itself, so there are as many as devices."""
    return read_device_certificate(certificate).public_key


def device_unknown(name: str) -> NotAuthenticated:
    """Return the refusal for a device that headquarters never enrolled."""
    return NotAuthenticated(
        "device_unknown",
        Bilingual(f"总部没有登记过设备 {name[:32]}。", f"Headquarters does not know the device {name[:32]}."),
        Bilingual("请用登记码重新登记。", "Enrol it with a new code."),
    )


def signature_wrong() -> NotAuthenticated:
    """Return the refusal for a signature that is not the device's."""
    return NotAuthenticated(
        "signature_wrong",
        Bilingual("请求的签名不对。", "The request's signature is wrong."),
        Bilingual("请联系总部核对设备登记。", "Ask headquarters to check the enrolment of this device."),
    )
