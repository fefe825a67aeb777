"""What a verified payload says about itself: the times of a CWT, and which use of the certificate it needs.

Promise: a time that is there is a finite number of seconds and holds at the asked instant; a health certificate is of exactly one kind, and a
certificate that names kinds signs only those. Whether the medical content follows its schema is not asked.

Source: RFC 8392 §3.1.4-3.1.6 (exp, nbf, iat; RFC 7519 §2 NumericDate); eHealth Network, Interoperable 2D Code, §3.3-3.4 and appendix A (uses).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from trust.errors import ForgedError, StructureError
from trust.verifier_certificates import SignerCertificate

_EXP, _NBF, _IAT = 4, 5, 6
_HCERT, _CERTIFICATE = -260, 1
# Two arcs are in use: the one that was registered, and the one that the first certificates were issued with.
_ARCS = ("1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1.")
_KIND_USES = {"t": "1", "v": "2", "r": "3"}
_ALL_USES = frozenset(arc + use for arc in _ARCS for use in _KIND_USES.values())


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since 1970 UTC; None where the payload names no such time."""

    expires: float | None = None
    not_before: float | None = None
    issued: float | None = None


def read_times(claims: object) -> Times:
    """Return the times of a CWT. Raises ``StructureError`` (``cwt_shape``, ``cwt_time``)."""
    if not isinstance(claims, dict):
        raise StructureError("cwt_shape")
    return Times(*(_seconds(claims, key) for key in (_EXP, _NBF, _IAT)))


def check_times(times: Times, at: datetime) -> None:
    """Check that a CWT is valid at an instant (aware); one that never expires is refused.

    Raises:
        ForgedError: ``expired``, ``not_yet_valid``, ``issued_later``, ``expiry_missing``.
    """
    now = at.timestamp()
    if times.expires is None:
        raise ForgedError("expiry_missing")
    # The last second counts, as the published test data have it; RFC 7519 §4.1.4 would end one second earlier.
    if now > times.expires:
        raise ForgedError("expired", expires=times.expires)
    if times.not_before is not None and now < times.not_before:
        raise ForgedError("not_yet_valid", not_before=times.not_before)
    if times.issued is not None and now < times.issued:
        raise ForgedError("issued_later", issued=times.issued)


def check_within(times: Times, signer: SignerCertificate) -> None:
    """Check that a CWT lives inside its signer's certificate. Raises ``ForgedError`` (``outside_certificate``)."""
    start, end = (each.timestamp() for each in (signer.parsed.not_valid_before_utc, signer.parsed.not_valid_after_utc))
    if (times.issued is not None and times.issued < start) or (times.expires is not None and times.expires > end):
        raise ForgedError("outside_certificate", issued=times.issued, expires=times.expires)


def check_health(claims: object, signer: SignerCertificate) -> None:
    """Check that there is one health certificate of one kind and that its signer may sign that kind.

    Raises:
        StructureError: ``health_shape``, ``health_kinds``.
        ForgedError: ``key_usage``.
    """
    container = claims.get(_HCERT) if isinstance(claims, dict) else None
    certificate = container.get(_CERTIFICATE) if isinstance(container, dict) else None
    if not isinstance(certificate, dict):
        raise StructureError("health_shape")
    kinds = [kind for kind in _KIND_USES if certificate.get(kind)]
    if len(kinds) != 1 or not isinstance(certificate[kinds[0]], list):
        raise StructureError("health_kinds", kinds=tuple(kinds))
    uses = signer.usages & _ALL_USES
    if uses and not any(arc + _KIND_USES[kinds[0]] in uses for arc in _ARCS):
        raise ForgedError("key_usage", kind=kinds[0])


def _seconds(claims: dict[object, object], key: int) -> float | None:
    value = claims.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StructureError("cwt_time", key=key)
    return value
