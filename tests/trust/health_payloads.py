"""Makes health-certificate payloads of our own, whole ones and each kind of broken one, for any key; invented people only."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID, ObjectIdentifier

from trust.base45 import encode_base45

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
REGISTERED, FIRST = "1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."
TEST, VACCINATION, RECOVERY = "1", "2", "3"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Ed25519PrivateKey
ALGORITHM = {"ec": -7, "rsa2048": -37, "rsa3072": -37, "ed25519": -8, "p384": -35}


@cache
def key(kind: str, which: int) -> Key:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "ed25519":
        return Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


@cache
def certificate(
    kind: str = "ec",
    uses: tuple[str, ...] = (),
    start: datetime = AT - timedelta(days=30),
    end: datetime = AT + timedelta(days=365),
    *,
    signs: bool | None = True,
    which: int = 0,
) -> bytes:
    """A self-signed signer's certificate, DER. ``signs`` None: without key usage."""
    private = key(kind, which)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented signer")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7 + which)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if signs is not None:
        flags = [
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
        ]
        named = dict.fromkeys([*flags, "encipher_only", "decipher_only"], False) | {"key_encipherment": not signs}
        builder = builder.add_extension(x509.KeyUsage(digital_signature=signs, **named), critical=True)
    if uses:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ObjectIdentifier(each) for each in uses]), critical=False
        )
    hashing = None if isinstance(private, Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(private, hashing).public_bytes(serialization.Encoding.DER)


def kid(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256())[:8]


def person(kind: str = "v", **more: Any) -> dict[str, Any]:
    entry = {"tg": "840539006", "co": "AT", "is": "Invented", "ci": "URN:UVCI:01:AT:INVENTED#0"}
    return {"ver": "1.3.0", "nam": {"fn": "Erfunden", "fnt": "ERFUNDEN"}, "dob": "1990-01-01", kind: [entry]} | more


@dataclass(frozen=True)
class Payload:
    """One payload; each field is a part that a test may change. ``text`` puts them together."""

    kind: str = "ec"
    which: int = 0
    certificate: bytes = b""
    claims: Any = None
    protected: Any = None
    unprotected: Any = None
    tags: tuple[int, ...] = (18,)
    prefix: str = "HC1:"
    external: bytes = b""

    @property
    def der(self) -> bytes:
        return self.certificate or certificate(self.kind, which=self.which)

    def with_claims(self, **changes: Any) -> Payload:
        """Changes by name: exp, nbf, iat, hcert; None takes one away."""
        labels = {"exp": 4, "nbf": 5, "iat": 6, "hcert": -260}
        claims = dict(self.read_claims())
        for name, value in changes.items():
            claims.pop(labels[name], None)
            if value is not None:
                claims[labels[name]] = value
        return replace(self, claims=claims)

    def read_claims(self) -> Any:
        if self.claims is not None:
            return self.claims
        now = int(AT.timestamp())
        return {1: "AT", 4: now + 86_400, 6: now - 86_400, -260: {1: person()}}

    def message(self) -> bytes:
        """The COSE message, signed."""
        headers = {1: ALGORITHM[self.kind], 4: kid(self.der)} if self.protected is None else self.protected
        protected = headers if isinstance(headers, bytes) else cbor2.dumps(headers) if headers else b""
        claims = self.read_claims()
        payload = claims if isinstance(claims, bytes) else cbor2.dumps(claims)
        signature = self.sign(cbor2.dumps(["Signature1", protected, self.external, payload]))
        value: Any = [protected, self.unprotected or {}, payload, signature]
        for tag in reversed(self.tags):
            value = cbor2.CBORTag(tag, value)
        return cbor2.dumps(value)

    def sign(self, message: bytes) -> bytes:
        private = key(self.kind, self.which)
        if isinstance(private, Ed25519PrivateKey):
            return private.sign(message)
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        size = private.curve.key_size // 8
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    @property
    def text(self) -> str:
        return text_of(self.message(), self.prefix)

    def line(self, number: object = 1, at: str | None = None) -> dict[str, Any]:
        """A line of a batch."""
        return {
            "id": number,
            "text": self.text,
            "certificate": base64.b64encode(self.der).decode(),
            "at": at or AT.isoformat(),
        }


def text_of(message: bytes, prefix: str = "HC1:") -> str:
    return prefix + encode_base45(zlib.compress(message, 9))
