"""Addresses of neighbours as people type and read them: ``192.168.1.20:47115``, ``[fe80::1%eth0]:47115``."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address

from claims.errors import Bilingual, InputError

DEFAULT_PORT = 47115


def parsed_address(text: str) -> tuple[str, int]:
    """Read ``host``, ``host:port``, ``[IPv6]:port`` or a plain IPv6 address, each with its interface (``%eth0``) where it is link-local.

    Raises:
        InputError: ``neighbour_address``.
    """
    given = text.strip()
    host, port = given, ""
    if given.startswith("["):
        host, _, rest = given[1:].partition("]")
        port = rest.removeprefix(":")
        known = _is_ipv6(host) and (not rest or rest.startswith(":"))
    elif given.count(":") == 1:
        host, _, port = given.partition(":")
        known = bool(host) and "%" not in host
    else:
        known = _is_ipv6(host) if ":" in host else bool(host) and "%" not in host
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else (0 if port else DEFAULT_PORT)
    if not known or any(each.isspace() or each in "/@[]" for each in host) or not 0 < number < 1 << 16:
        raise InputError(
            "neighbour_address",
            Bilingual(f"“{text[:60]}”不是一个地址。", f'"{text[:60]}" is no address.'),
            Bilingual(
                "请照对方屏幕上的样子填写，例如 192.168.1.20:47115，或 [fe80::1%eth0]:47115。",
                "Enter it as the other screen shows it, such as 192.168.1.20:47115 or [fe80::1%eth0]:47115.",
            ),
        )
    return host, number


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def address_text(address: tuple[str, int]) -> str:
    """Return an address as people read it."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def own_address(text: str) -> InputError:
    """Return the error for this laptop's own address."""
    return InputError(
        "neighbour_own_address",
        Bilingual(f"{text[:60]} 就是本机。", f"{text[:60]} is this very laptop."),
        Bilingual(
            "请填写同事电脑或站点主机的地址。", "Enter the address of a colleague's laptop or of the station's hub."
        ),
    )
