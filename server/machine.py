"""What this machine is called on its own network, and at which addresses it is reached."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import ifaddr
import msgspec

DNS_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")


class Names(msgspec.Struct, frozen=True):
    """Host names and IP addresses of one machine, its own name first, addresses for others before loopback."""

    hosts: tuple[str, ...]
    addresses: tuple[str, ...]


def names(public_url: str = "") -> Names:
    """The names people may type to reach this machine, with that of `public_url` if it has one."""
    given = urlsplit(public_url).hostname or ""
    return arrange(socket.gethostname(), lan_addresses(), given)


def arrange(hostname: str, addresses: Iterable[str], public: str = "") -> Names:
    """Host name, its `.local` name (RFC 6762), loopback and LAN addresses, without repetition."""
    own = hostname.lower().rstrip(".")
    short = own.split(".")[0]
    asked = [public.lower()] if not _is_address(public) else []
    hosts = [host for host in (*asked, own, f"{short}.local", "localhost") if DNS_NAME.fullmatch(host)]
    extra = [public] if _is_address(public) else []
    return Names(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys((*extra, *addresses, "127.0.0.1", "::1"))))


def lan_addresses() -> list[str]:
    """The addresses of the interfaces that are up, IPv4 first, the one that leads outside at the very front.

    Without loopback and without IPv6 link-local addresses, which a browser cannot open.
    """
    found = [str(ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip) for card in ifaddr.get_adapters() for ip in card.ips]
    usable = [address for address in found if _reachable(ipaddress.ip_address(address))]
    first = outgoing_address()
    return sorted(dict.fromkeys(usable), key=lambda address: (address != first, ":" in address))


def outgoing_address() -> str:
    """The address from which this machine would talk to others; empty without a network. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): only asks the routing table
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _reachable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (address.is_loopback or (address.version == 6 and address.is_link_local))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
