"""Sessions: how long one lives, and how many tries a door gives."""

from __future__ import annotations

import hashlib
import ipaddress

import msgspec

from server.clock import Millis
from server.errors import TooMany

MINUTE: Millis = 60_000
HOUR: Millis = 60 * MINUTE
SEEN_EVERY: Millis = MINUTE
"""How exactly "last seen" is kept: not every request is worth a write."""


class Session(msgspec.Struct, frozen=True):
    """One signed-in device. The cookie's token is not here: only its SHA-256 is stored."""

    id: str
    person: str
    created: Millis
    seen: Millis
    agent: str
    address: str
    second_factor_at: Millis = 0
    """When a second factor was last shown; 0 for never."""
    invitation: str = ""
    """The invitation by which a guest or a site came in; empty for people of the organisation."""


class Lifetimes(msgspec.Struct, frozen=True):
    """How long a session may be idle, and how long it may live at all."""

    idle: Millis
    most: Millis

    def is_over(self, session: Session, now: Millis) -> bool:
        """Whether the session has been idle or alive for too long; one from far in the future is of a wrong clock."""
        return abs(now - session.seen) > self.idle or abs(now - session.created) > self.most


class TryLimit(msgspec.Struct, frozen=True):
    """At most `most` tries in `window` for one key; then the key rests until the window is over."""

    key: str
    most: int
    window: Millis

    def check(self, tries: int, since: Millis, now: Millis) -> None:
        """Raises `TooMany("signin.too_often")` with the minutes to wait when this try is one too many."""
        if tries > self.most:
            minutes = max(1, -(-(since + self.window - now) // MINUTE))
            raise TooMany("signin.too_often", minutes=minutes)


PER_ACCOUNT = 10
PER_ADDRESS = 40


def limits_of(name: str, address: str, most: int, window: Millis) -> list[TryLimit]:
    """The limits a try to sign in counts against.

    The first is for one name from one address: it locks a guesser out, not the person guessed at, who sits
    elsewhere. The others are wide (a whole hall may sit behind one address) and stop those who spread out.
    Names that do not exist are counted like those that do.
    """
    place = network_of(address)
    return [
        TryLimit(token_hash(f"pair {name} {place}"), most, window),
        TryLimit(token_hash(f"name {name}"), most * PER_ACCOUNT, window),
        TryLimit(token_hash(f"from {place}"), most * PER_ADDRESS, window),
    ]


def network_of(address: str) -> str:
    """The address, or for IPv6 its /64, which one household has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else str(parsed)


def token_hash(token: str) -> str:
    """What is stored of a token: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()
