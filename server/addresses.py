"""Addresses as the operator writes them into settings: where media is reached, and where its relays are. Pure.

Each reader raises ValueError with the reason.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, NamedTuple

HOST_AND_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]/?\s]+))(?::(?P<port>\d{1,5}))?")
RELAY = re.compile(r"(?P<scheme>turns?):(?P<place>[^?/]+)(?:\?transport=(?P<transport>udp|tcp))?")


class Relay(NamedTuple):
    """A TURN URL (RFC 7065) taken apart."""

    host: str
    port: int
    way: Literal["udp", "tcp", "tls"]


def announced(text: str) -> tuple[str, int]:
    """The address and port of one `media.announce`: "203.0.113.5", "203.0.113.5:9444", "[2001:db8::5]:9444".

    Port 0 where none is named: the media port itself.
    """
    try:
        return _usable(text), 0
    except ipaddress.AddressValueError:
        host, port = _host_and_port(text)
        return _usable(host), port


def ported(text: str, further: int) -> str:
    """One `media.announce` of a process whose port is so many further: a port that is named moves along."""
    host, port = announced(text)
    named = f"[{host}]" if ":" in host else host
    return f"{named}:{port + further}" if port else text


def relay(url: str) -> Relay:
    """A TURN URL: "turn:host:3478?transport=udp", "turn:host?transport=tcp", "turns:host:443?transport=tcp"."""
    found = RELAY.fullmatch(url)
    if found is None:
        raise ValueError(f"{url}: not a TURN URL")
    host, port = _host_and_port(found["place"])
    if found["scheme"] == "turns":
        if found["transport"] == "udp":
            raise ValueError(f"{url}: turns needs transport=tcp")
        return Relay(host, port or 5349, "tls")
    return Relay(host, port or 3478, "tcp" if found["transport"] == "tcp" else "udp")


def _host_and_port(text: str) -> tuple[str, int]:
    found = HOST_AND_PORT.fullmatch(text)
    port = int(found["port"] or 0) if found else 0
    if found is None or port > 65_535 or found["port"] == "0":
        raise ValueError(f"{text}: not an address and port")
    return found["six"] or found["host"], port


def _usable(text: str) -> str:
    """An address that others can send to."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise ipaddress.AddressValueError(f"{text}: not an IP address") from error
    if address.is_unspecified or address.is_multicast:
        raise ValueError(f"{text}: nobody can be reached there")
    return str(address)
