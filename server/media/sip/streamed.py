"""SIP over TCP: messages one after the other on a connection, each as long as it says (RFC 3261 §18.3, §20.14)."""

from __future__ import annotations

import asyncio
import re
from typing import Protocol

from server.media.sip.sipwords import LIMIT

LENGTH = re.compile(rb"(?:^|\r\n)(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*(?=\r\n|$)", re.IGNORECASE)
QUIET_S = 120.0
"""Whoever says nothing for so long, and has no call, is not kept waiting for."""

Place = tuple[str, int]


class House(Protocol):
    """Who takes what is said over connections."""

    def opened(self, line: SipLine) -> bool:
        """Whether this one may stay."""
        ...

    def said(self, data: bytes, place: Place) -> None:
        """A whole message."""
        ...

    def needs(self, place: Place) -> bool:
        """Whether a call goes over the connection to there."""
        ...

    def closed(self, line: SipLine) -> None:
        """A connection has ended."""
        ...


class SipLine(asyncio.Protocol):
    """One connection of a codec."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.place: Place = ("", 0)
        self.transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._quiet: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.place = transport.get_extra_info("peername")[:2]
        if self.house.opened(self):
            self._wait()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Some octets; what cannot be SIP ends the connection."""
        self._wait()
        self._waiting += data
        try:
            messages = cut(self._waiting)
        except ValueError:
            self.close()
            return
        for message in messages:
            self.house.said(message, self.place)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        """It is over."""
        if self._quiet is not None:
            self._quiet.cancel()
        self.house.closed(self)

    def write(self, data: bytes) -> None:
        """Say a message; nobody is waited for who does not take it."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > 4 * LIMIT:
            self.close()
        else:
            self.transport.write(data)

    def close(self) -> None:
        """End it."""
        if self.transport is not None:
            self.transport.abort()

    def _wait(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._been_quiet)

    def _been_quiet(self) -> None:
        if self.house.needs(self.place):
            self._wait()
        else:
            self.close()


def cut(waiting: bytearray) -> list[bytes]:
    """Take the whole messages out of what has come; signs of life between them (RFC 5626 §4.4.1) are forgotten.

    Raises ValueError for what is too long, or does not say how long it is.
    """
    found: list[bytes] = []
    while True:
        while waiting[:2] == b"\r\n":
            del waiting[:2]
        end = waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(waiting) > LIMIT:
                raise ValueError("no end of the headers")
            return found
        length = LENGTH.search(bytes(waiting[:end]))
        if length is None:
            raise ValueError("no length")
        size = end + 4 + int(length.group(1))
        if size > LIMIT:
            raise ValueError("too long")
        if len(waiting) < size:
            return found
        found.append(bytes(waiting[:size]))
        del waiting[:size]
