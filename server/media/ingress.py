"""Arriving packets: one socket per local address, read by polling while packets come, by readiness when idle.

Wake-ups are the cost of receiving: on readiness the loop finds one to nine packets at a time, a poll every 2 ms finds
a whole burst for a third of the CPU. So a busy port is polled, until five polls find nothing. On a quiet one
readiness only starts a timer: a millisecond later the burst is complete and is read at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import ifaddr

from server.errors import Unavailable
from server.media.connection import Connection
from server.media.dtls import Scratch
from server.media.egress import Egress

POLL_S = 0.002
GATHER_S = 0.001
EMPTY_POLLS = 5
BUSY = 500
"""Packets a second, smoothed, from which on polling costs less than waking up."""
MEMORY_S = 0.2
DRAIN_LIMIT = 512
"""Packets taken from one socket before the others and the timers have their turn."""
BUFFER_OCTETS = 4 * 1024 * 1024

Received = Callable[["Port", int, tuple[str, int]], None]


class Port:
    """The process's UDP port on one local address."""

    def __init__(self, sock: socket.socket, scratch: Scratch, received: Received, drained: Callable[[], None]) -> None:
        self.socket = sock
        self.scratch = scratch
        self.received = received
        self.drained = drained
        self.egress = Egress(sock)
        self.owners: dict[tuple[str, int], Connection] = {}
        self.loop = asyncio.get_running_loop()
        self.empty = 0
        self.pace = 0.0
        self.polled_at = self.loop.time()
        self.timer: asyncio.TimerHandle | None = None
        self.closed = False
        self.loop.add_reader(sock, self._ready)

    @property
    def address(self) -> tuple[str, int]:
        """Where this port listens."""
        host, port = self.socket.getsockname()[:2]
        return str(host), int(port)

    def close(self) -> None:
        """Stop listening."""
        self.closed = True
        self.loop.remove_reader(self.socket)
        if self.timer is not None:
            self.timer.cancel()
        self.socket.close()

    def _ready(self) -> None:
        self.loop.remove_reader(self.socket)
        self.empty = 0
        self.timer = self.loop.call_later(GATHER_S, self._poll)

    def _poll(self) -> None:
        self.timer = None
        if self.closed:
            return
        count = 1
        try:
            count = self._drain()
        finally:
            # Whatever one packet may have done, the next ones are read.
            self._again(count)

    def _again(self, count: int) -> None:
        self.empty = 0 if count else self.empty + 1
        if self._busy(count) and self.empty < EMPTY_POLLS:
            self.timer = self.loop.call_later(0 if count == DRAIN_LIMIT else POLL_S, self._poll)
        else:
            self.loop.add_reader(self.socket, self._ready)

    def _busy(self, count: int) -> bool:
        now = self.loop.time()
        elapsed, self.polled_at = now - self.polled_at, now
        share = min(1.0, elapsed / MEMORY_S)
        self.pace += (count / max(elapsed, POLL_S) - self.pace) * share
        return count == DRAIN_LIMIT or self.pace > BUSY

    def _drain(self) -> int:
        receive, view, received = self.socket.recvfrom_into, self.scratch.view, self.received
        count = 0
        while count < DRAIN_LIMIT:
            try:
                size, address = receive(view)
            except BlockingIOError:
                break
            except OSError:
                # A queued ICMP error of some destination: not about us.
                count += 1
                continue
            count += 1
            if size:
                received(self, size, address[:2])
        if count:
            self.drained()
        return count


def local_addresses(host: str) -> list[str]:
    """The addresses to bind: answers must leave from the address that was asked."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            if isinstance(one.ip, str):
                found.append(one.ip)
            elif host == "::" and not one.ip[0].startswith("fe80"):
                found.append(one.ip[0])
    return found


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """One non-blocking UDP socket per local address, all on one port; port 0 takes the first that is free.

    Raises Unavailable `media.port_taken` when nothing can be bound.
    """
    sockets: list[socket.socket] = []
    for address in local_addresses(host):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_OCTETS)
            sock.setblocking(False)
            sock.bind((address, port))
        except OSError:
            sock.close()
            continue
        port = port or int(sock.getsockname()[1])
        sockets.append(sock)
    if not sockets:
        raise Unavailable("media.port_taken", port=port)
    return sockets
