"""Chooses how papers become files: drawn, or drawn and signed as the settings say.

Promise: a laptop that is set to sign never hands out an unsigned file; where it can't sign it says so in words. Source: docs/adr/0139.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from app.settings import Settings
from claims.errors import Bilingual, EnvironmentProblem
from claims.ports import Drawing
from claims.station import StationIdentity
from forms.document_signing import Sign, SignedDrawing, sign_by_device, sign_by_pkcs12
from forms.drawing import PdfDrawing
from trust.keys import Signer

BY_DEVICE = "device"
PASSPHRASE_VARIABLE = "OUTPOST_PKCS12_PASSPHRASE"  # noqa: S105 - the name of a variable, not what it holds


def chosen_drawing(settings: Settings, signer: Signer, identity: StationIdentity) -> Drawing:
    """Return the drawing port.

    Raises:
        EnvironmentProblem: ``signing_key_missing``, the key file that the settings name can't be read.
    """
    drawing = PdfDrawing()
    if not settings.sign_documents:
        return drawing
    return SignedDrawing(drawing, _sign(settings, signer, identity))


def _sign(settings: Settings, signer: Signer, identity: StationIdentity) -> Sign:
    if settings.sign_documents == BY_DEVICE:
        return partial(sign_by_device, signer=signer, certificate=identity.device_certificate)
    try:
        pkcs12 = Path(settings.sign_documents).read_bytes()
    except OSError as problem:
        raise EnvironmentProblem(
            "signing_key_missing",
            Bilingual(
                f"设定的签名密钥文件 {settings.sign_documents} 读不出来（{problem.strerror}）。",
                f"The signing key file {settings.sign_documents} that is set can't be read ({problem.strerror}).",
            ),
            Bilingual(
                "请放回该文件，或在 settings.json 中改为 device 或去掉 sign_documents。",
                "Put the file back, or write device for sign_documents in settings.json or take it out.",
            ),
        ) from problem
    return partial(sign_by_pkcs12, pkcs12=pkcs12, passphrase=os.environ.get(PASSPHRASE_VARIABLE, ""))
