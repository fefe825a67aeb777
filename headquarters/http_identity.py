"""Who is asking over HTTP: the three headers a device signs with, handed to ``headquarters.callers``.

Promise: nothing of a request is believed before its signature was checked over the body exactly as sent.
"""

from __future__ import annotations

from fastapi import Request

from headquarters.callers import Caller, SignedRequest, device_unknown, signature_wrong, verify_caller
from headquarters.installation import Headquarters

__all__ = ["MAX_EPOCH_DIGITS", "Caller", "authenticate"]

NOTE = "outpost_note"
"""Name, in a request's state, of what is to stand in the log about it."""

MAX_EPOCH_DIGITS = 10


def authenticate(hq: Headquarters, request: Request, body: bytes, *, stopped_too: bool = False) -> Caller:
    """Return who signed this request.

    Raises:
        NotAuthenticated: no such device, or not its signature.
        DeviceStopped: the device may not go on, unless ``stopped_too``.
    """
    caller, signed = claimed(request, body)
    verified = verify_caller(hq, caller, signed, stopped_too=stopped_too)
    note_for_log(request, device=verified.device, epoch=verified.epoch)
    return verified


def note_for_log(request: Request, **figures: str | int) -> None:
    """Add to what the service's own log says of this request (``headquarters.observing``)."""
    request.scope.setdefault("state", {}).setdefault(NOTE, {}).update(figures)


def claimed(request: Request, body: bytes) -> tuple[Caller, SignedRequest]:
    """Return who the request says it is from, and what was signed; nothing of it is believed yet. Raises ``NotAuthenticated``."""
    name = request.headers.get("outpost-device", "")
    epoch_text = request.headers.get("outpost-epoch", "")
    if not (epoch_text.isascii() and epoch_text.isdigit() and len(epoch_text) <= MAX_EPOCH_DIGITS):
        raise device_unknown(name)
    try:
        signature = bytes.fromhex(request.headers.get("outpost-signature", ""))
        path = request.scope["raw_path"].decode("ascii")
    except ValueError as problem:
        raise signature_wrong() from problem
    return Caller(name, int(epoch_text)), SignedRequest(request.method, path, body, signature)
