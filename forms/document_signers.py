"""The two kinds of keys that sign files, as pyhanko wants them. Import only where pyhanko is known to be installed.

Promise: the device's private key never leaves its holder (``trust.keys.Signer``); pyhanko sees signatures only.
"""

from __future__ import annotations

from asn1crypto import algos, x509
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from forms.document_signing import unreadable_pkcs12
from trust.keys import SIGNATURE_BYTES, Signer


class _DeviceSigner(CmsSigner):
    def __init__(self, signer: Signer, certificate: x509.Certificate) -> None:
        super().__init__(
            signing_cert=certificate,
            # Whoever checks holds the root already; without it the file is smaller.
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]  # pyhanko leaves it untyped
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "ed25519"}),
        )
        self._signer = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002 - pyhanko's signature
        """Sign, or return as many bytes."""
        return bytes(SIGNATURE_BYTES) if dry_run else self._signer.sign(data)


def device_signer(signer: Signer, certificate: bytes) -> CmsSigner:
    """Return a signer by the device's key."""
    return _DeviceSigner(signer, x509.Certificate.load(certificate))


def pkcs12_signer(content: bytes, passphrase: str) -> CmsSigner:
    """Return a signer by the key of a PKCS#12 file. Raises ``InputError`` (``pkcs12_unreadable``)."""
    try:
        signer: SimpleSigner | None = SimpleSigner.load_pkcs12_data(
            content, other_certs=[], passphrase=passphrase.encode() or None
        )
    except (ValueError, TypeError) as problem:
        raise unreadable_pkcs12(problem) from problem
    if signer is None:
        raise unreadable_pkcs12(ValueError("no key"))
    return signer
