"""Finding neighbours by multicast DNS (``_outpost._tcp.local.``), where the network lets it through.

Promise: what is announced is a device name, its station, its role and a port, and nothing else: no person, no company, no version. What is
found is a hint where to knock; who is there is proven in the channel. A machine without multicast loses only the finding: an address can
be typed. The library is loaded when sharing is switched on, not before. IPv4 and IPv6 count alike: two laptops on one cable have link-local
addresses and nothing else, which are told with the interface they were heard on (``fe80::1%eth0``).
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Protocol

from sync.wire.hub_messages import NeighbourRole

if TYPE_CHECKING:
    from zeroconf import ServiceStateChange, Zeroconf

SERVICE = "_outpost._tcp.local."
_ASK_WITHIN_MS = 3000
_MAX_TEXT = 64
_MOST_ADDRESSES = 32


@dataclass(frozen=True, slots=True)
class Found:
    """A neighbour that announced itself. ``instance`` is its name on the network for as long as it runs.

    ``others`` are further addresses of the same neighbour, to be tried where ``host`` leads nowhere.
    """

    instance: str
    device: str
    station: str
    role: NeighbourRole
    host: str
    port: int
    others: tuple[str, ...] = ()


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
    for version in (IPVersion.All, IPVersion.V4Only, IPVersion.V6Only):
        # A machine with one of the two switched off refuses both together.
        try:
            zeroconf = Zeroconf(ip_version=version)
        except (OSError, Error):
            continue
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
            addresses=[packed_address(each) for each in addresses],
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
        found = found_of(name, info.properties, info.parsed_scoped_addresses(), info.port)
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
    usable = usable_addresses(addresses)
    if not texts["device"] or not usable or not 0 < port < 1 << 16 or texts["role"] not in set(NeighbourRole):
        return None
    role = NeighbourRole(texts["role"])
    return Found(instance, texts["device"], texts["station"], role, usable[0], port, usable[1:])


def usable_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return what can be knocked at, in the order in which to try: IPv4, IPv6 of a network, link-local IPv6 with its interface, link-local IPv4."""
    ranked: dict[str, int] = {}
    for each in addresses[:_MOST_ADDRESSES]:
        rank = _rank(each)
        if rank is not None:
            ranked.setdefault(each, rank)
    return tuple(sorted(ranked, key=ranked.__getitem__))


def _rank(address: str) -> int | None:
    try:
        four = IPv4Address(address)
    except AddressValueError:
        pass
    else:
        return None if four.is_unspecified or four.is_multicast else 3 if four.is_link_local else 0
    try:
        six = IPv6Address(address)
    except AddressValueError:
        return None
    if six.is_unspecified or six.is_multicast or six.ipv4_mapped is not None:
        return None
    if six.is_link_local:
        # Without its interface it leads nowhere.
        return 2 if six.scope_id else None
    return 1


def own_addresses() -> tuple[str, ...]:
    """Return this machine's addresses on its networks, IPv4 and IPv6, without loopback where there is another.

    Link-local ones bear the interface where the system names it by number (``fe80::1%4``).
    """
    import ifaddr  # noqa: PLC0415 - comes with the library

    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            if isinstance(address.ip, str):
                found.append(address.ip)
            else:
                host, _flow, scope = address.ip
                found.append(f"{host}%{scope}" if scope else host)
    usable = usable_addresses(found)
    outside = tuple(each for each in usable if not (each.startswith("127.") or each == "::1"))
    return outside or usable


def packed_address(address: str) -> bytes:
    """Return an address as it stands in an announcement: its interface is for each machine to know."""
    host = address.partition("%")[0]
    return socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
