"""What a cycle needs of a way to headquarters: HTTP now; the LAN and a stick are later carriers of the same bodies.

Promise: a carrier moves bytes and judges none of them. What it returns is unverified; what it can't bring raises ``LinkProblem``
with the fault by name, and means "outcome unknown".
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class Carrier(Protocol):
    """A way to HQ for an enrolled device. All methods may be called from several threads at once."""

    def ask(self, path: str, body: bytes) -> bytes:
        """Send a message's JSON to a path under ``/v1`` (``/hello``) and return the raw answer. Raises ``LinkProblem``."""

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        """Send one chunk as it is. Returning is no acknowledgement. Raises ``LinkProblem``."""

    def wire_bytes(self) -> int:
        """Return the bytes of all requests and answers so far, heads included, before TLS."""

    def close(self) -> None:
        """Give the connections back."""


@runtime_checkable
class PackingCarrier(Carrier, Protocol):
    """A carrier that can also bring a body in another form than zstd JSON. Others are given JSON."""

    def ask_packed(self, path: str, packed: bytes, media_type: str, plain: bytes) -> bytes:
        """Send ``packed`` as it is; where HQ can't read that packing, send ``plain`` (JSON) instead. Raises ``LinkProblem``."""


@runtime_checkable
class WarmingCarrier(Carrier, Protocol):
    """A carrier whose connections take long to make and can be made beforehand."""

    def prepare(self, count: int) -> None:
        """Begin making so many connections, those that stand included, and return at once."""

    def most_chunks(self) -> int:
        """Return how many chunks beside each other are of use at most, by what is known of the connections made so far."""


@runtime_checkable
class DroppingCarrier(Carrier, Protocol):
    """A carrier that can leave off sending a chunk which has got through another way."""

    def drop_chunk(self, sha256: str, index: int) -> None:
        """End every ``send_chunk`` of this chunk that is under way; each raises ``LinkProblem``."""


class FirstContact(Protocol):
    """A way to HQ for a laptop that knows nothing but HQ's address and its one-time code."""

    def fetch_root(self) -> bytes:
        """Return what claims to be HQ's root certificate (DER): nobody vouches for it yet. Raises ``LinkProblem``."""

    def ask_pinned(self, root_der: bytes, path: str, body: bytes) -> bytes:
        """Ask over TLS that accepts only servers below ``root_der``. Raises ``LinkProblem``."""
