"""Why headquarters does not carry out a request, with the HTTP status that tells a client's software the kind of fault.

Promise: the sentence is for the person at the laptop; a refusal changes nothing unless its docstring says otherwise.
"""

from __future__ import annotations

from http import HTTPStatus

from claims.errors import Bilingual, OutpostError


class RequestRefused(OutpostError):  # noqa: N818 - a refusal is an answer of the service, not a programming error
    """An answer other than the one that was asked for."""

    status = HTTPStatus.BAD_REQUEST


class BodyRefused(RequestRefused):
    """The body can't be read: not zstd, not the message, another protocol."""


class BodyTooLarge(BodyRefused):
    """The body, as sent or unpacked, is above the limit of its path."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class PackingRefused(BodyRefused):
    """The body is packed in a way that this headquarters has never heard of; the plain form is always taken."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class NotAuthenticated(RequestRefused):
    """No such device, or the signature is not the device's."""

    status = HTTPStatus.UNAUTHORIZED


class ProtocolTooOld(BodyRefused):
    """The program on the laptop speaks a protocol that headquarters no longer takes."""

    status = HTTPStatus.UPGRADE_REQUIRED


class DeviceStopped(RequestRefused):
    """The device is revoked or written off. ``hello`` tells it so in a signed answer."""

    status = HTTPStatus.FORBIDDEN


class DeviceFrozen(DeviceStopped):
    """The same sequence number came with another hash: a cloned or restored disk."""

    status = HTTPStatus.CONFLICT


class EnrolmentRefused(RequestRefused):
    """The one-time code is unknown, used or expired."""

    status = HTTPStatus.FORBIDDEN


class CommitRefused(RequestRefused):
    """A commit is not signed by the device or does not follow what headquarters holds of its log."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ChunkRefused(RequestRefused):
    """A chunk of a file that was not offered, or of the wrong length, or with an index outside the file."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotPublished(RequestRefused):
    """There is no such release."""

    status = HTTPStatus.NOT_FOUND


def device_stopped(device: str, reason: Bilingual, *, frozen: bool = False) -> DeviceStopped:
    """Return the refusal for a device that may not go on."""
    kind = DeviceFrozen if frozen else DeviceStopped
    return kind(
        "device_frozen" if frozen else "device_stopped",
        Bilingual(f"设备 {device} 已被总部停用：{reason.zh}", f"Headquarters stopped device {device}: {reason.en}"),
        Bilingual(
            "已打印的凭证仍由总部核对。请联系总部，不要再签发。",
            "Printed vouchers are still looked into. Call headquarters and issue nothing more.",
        ),
    )
