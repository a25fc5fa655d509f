"""Where the other side of a connection is, as its description says (RFC 8839). Pure."""

from __future__ import annotations

import re

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Its ICE credentials, its certificate's fingerprints and its addresses, the nearest first."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    addresses: tuple[tuple[str, int], ...]


def read_place(text: str) -> Place:
    """Read it from a description whose lines are all in one bundle. Raises ValueError when something is missing."""
    fingerprints = tuple(dict.fromkeys(re.findall(r"(?m)^a=fingerprint:(\S+) (\S+)", text)))
    if not fingerprints:
        raise ValueError("no fingerprint")
    return Place(
        _one(r"(?m)^a=ice-ufrag:(\S+)", text), _one(r"(?m)^a=ice-pwd:(\S+)", text), fingerprints, _addresses(text)
    )


def _addresses(text: str) -> tuple[tuple[str, int], ...]:
    found = re.findall(r"(?mi)^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", text)
    addresses = list(dict.fromkeys((host, int(port)) for host, port in found))
    if not addresses:
        raise ValueError("no address")
    # The same machine is the usual case, and the shortest way.
    addresses.sort(key=lambda one: not one[0].startswith("127."))
    return tuple(addresses)


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"no {pattern}")
    return found.group(1)
