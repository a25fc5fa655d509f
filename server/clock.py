"""Time, ids and randomness, passed in so that tests can hold them still."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Protocol

Millis = int
"""Milliseconds since 1970-01-01T00:00:00Z. Whole numbers only: they read the same in Python and JavaScript."""


class Clock(Protocol):
    """Where the time and fresh ids come from."""

    def now(self) -> Millis:
        """The wall clock, in milliseconds since the epoch."""
        ...

    def fresh_id(self) -> str:
        """A new id: 26 characters of a UUIDv7 in base32, so that ids sort by the time they were made."""
        ...

    def secret(self, octets: int = 32) -> str:
        """An unguessable URL-safe token of that many random octets."""
        ...


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def encode_id(value: int) -> str:
    """128 bits as 26 characters of Crockford's base32, lower case, order kept."""
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def uuid7(now: Millis, random_bits: int) -> int:
    """A UUIDv7 (RFC 9562 §5.7) as an integer: 48 bits of time, 74 random bits."""
    rand_a, rand_b = random_bits >> 62 & 0xFFF, random_bits & (1 << 62) - 1
    return now << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b


class SystemClock:
    """The machine's clock and the operating system's randomness."""

    def now(self) -> Millis:
        return time.time_ns() // 1_000_000

    def fresh_id(self) -> str:
        return encode_id(uuid7(self.now(), secrets.randbits(74)))

    def secret(self, octets: int = 32) -> str:
        return secrets.token_urlsafe(octets)


class HeldClock:
    """A clock that moves only when told to, with ids that count up: for tests and benches."""

    def __init__(self, now: Millis = 1_760_486_400_000) -> None:
        self.time = now
        self.count = 0

    def now(self) -> Millis:
        return self.time

    def advance(self, milliseconds: int) -> None:
        """Let that much time pass."""
        self.time += milliseconds

    def fresh_id(self) -> str:
        self.count += 1
        return encode_id(uuid7(self.time, self.count))

    def secret(self, octets: int = 32) -> str:
        return uuid.UUID(int=self.count).hex[: octets * 4 // 3].ljust(octets, "0")
