"""Finding neighbours by multicast DNS (``_outpost._tcp.local.``), where the network lets it through.

Promise: what is announced is a device name, its station, its role and a port, and nothing else: no person, no company, no version. What is
found is a hint where to knock; who is there is proven in the channel. A machine without multicast loses only the finding: an address can
be typed. The library is loaded when sharing is switched on, not before.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sync.wire.hub_messages import NeighbourRole

if TYPE_CHECKING:
    from zeroconf import ServiceStateChange, Zeroconf

SERVICE = "_outpost._tcp.local."
_ASK_WITHIN_MS = 3000
_MAX_TEXT = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A neighbour that announced itself. ``instance`` is its name on the network for as long as it runs."""

    instance: str
    device: str
    station: str
    role: NeighbourRole
    host: str
    port: int


class Discovery(Protocol):
    """A way to find neighbours."""

    def close(self) -> None:
        """Stop announcing and searching."""


OpenDiscovery = Callable[
    [str, str, NeighbourRole, int, Callable[[Found], None], Callable[[str], None]], Discovery | None
]
"""``open_multicast`` or a stand-in: device, station, role, port, found, gone -> a discovery, None where there is no multicast."""


def open_multicast(  # noqa: PLR0917 - what is announced, in the order it is read; then the two calls
    device: str,
    station: str,
    role: NeighbourRole,
    port: int,
    found: Callable[[Found], None],
    gone: Callable[[str], None],
) -> Discovery | None:
    """Announce this device and search for others; None where the machine or its network has no multicast.

    Args:
        port: where this device's server listens.
        found: called on the library's thread for each neighbour that appears or changes; never for this announcement itself.
        gone: called with the instance of one that said goodbye.
    """
    try:
        from zeroconf import (  # noqa: PLC0415 - only when sharing is on, and the program runs without it
            Error,
            IPVersion,
            NonUniqueNameException,
            Zeroconf,
        )
    except ImportError:
        return None
    try:
        zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
    except (OSError, Error):
        return None
    try:
        return _Multicast(zeroconf, (device, station, role, port), found, gone)
    except (OSError, Error, NonUniqueNameException):
        zeroconf.close()
        return None


class _Multicast:
    """An open announcement and search."""

    def __init__(
        self,
        zeroconf: Zeroconf,
        own: tuple[str, str, NeighbourRole, int],
        found: Callable[[Found], None],
        gone: Callable[[str], None],
    ) -> None:
        from zeroconf import ServiceBrowser, ServiceInfo  # noqa: PLC0415 - as above

        device, station, role, port = own
        # Two laptops may bear one name (a copied disk): their announcements must not.
        instance = f"{device}-{secrets.token_hex(4)}"
        self._zeroconf, self._found, self._gone = zeroconf, found, gone
        self._own = f"{instance}.{SERVICE}"
        addresses = own_addresses()
        info = ServiceInfo(
            SERVICE,
            self._own,
            port=port,
            addresses=[socket.inet_aton(each) for each in addresses],
            properties={"device": device, "station": station, "role": role.value},
            server=f"outpost-{instance}.local.",
        )
        zeroconf.register_service(info)
        self._browser = ServiceBrowser(zeroconf, SERVICE, handlers=[self._changed])

    def close(self) -> None:
        """Say goodbye and stop."""
        self._browser.cancel()
        self._zeroconf.unregister_all_services()
        self._zeroconf.close()

    def _changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        """Take what the library says, on its own thread."""
        if name == self._own:
            return
        if state_change.name == "Removed":
            self._gone(name)
            return
        info = zeroconf.get_service_info(service_type, name, timeout=_ASK_WITHIN_MS)
        if info is None or not info.port:
            return
        found = found_of(name, info.properties, info.parsed_addresses(), info.port)
        if found is not None:
            self._found(found)


def found_of(instance: str, properties: dict[bytes, bytes | None], addresses: list[str], port: int) -> Found | None:
    """Return what an announcement says, None where it says nothing usable: anybody may announce anything."""
    texts: dict[str, str] = {}
    for key in ("device", "station", "role"):
        raw = properties.get(key.encode()) or b""
        try:
            texts[key] = raw.decode()
        except UnicodeDecodeError:
            return None
        if len(texts[key]) > _MAX_TEXT or not texts[key].isprintable():
            return None
    usable = [each for each in addresses if ":" not in each]
    if not texts["device"] or not usable or not 0 < port < 1 << 16 or texts["role"] not in set(NeighbourRole):
        return None
    return Found(instance, texts["device"], texts["station"], NeighbourRole(texts["role"]), usable[0], port)


def own_addresses() -> tuple[str, ...]:
    """Return this machine's IPv4 addresses on its networks, without loopback where there is another."""
    import ifaddr  # noqa: PLC0415 - comes with the library

    found = [
        address.ip
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
        if isinstance(address.ip, str) and not address.ip.startswith("169.254.")
    ]
    outside = [each for each in found if not each.startswith("127.")]
    return tuple(outside or found)
