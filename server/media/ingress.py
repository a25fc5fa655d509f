"""Arriving packets: one port on each local address, and how seldom the process may wake up for them.

Wake-ups are the cost of receiving: one costs as much as ten packets, and on readiness alone the loop finds one to nine
packets at a time. So the first packet of a burst only begins a short nap, in which the rest arrives; and between two
looks some milliseconds pass. What receivers report (RTCP) wakes nobody at all: the kernel puts it aside on a socket of
its own, which is read together with the next packets of a sender, or at the next beat.
"""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
import time
from collections.abc import Callable

import ifaddr

from server.errors import Unavailable
from server.media.connection import Connection
from server.media.dtls import Scratch
from server.media.egress import Egress

NAP_S = 0.0006
"""A burst is complete after this time."""
APART_S = 0.003
"""Between two looks; the delay that it adds is half of it when packets come all the time, none when they are few."""
DRAIN_LIMIT = 512
"""Packets taken from one socket before the others and the timers have their turn."""
BUFFER_OCTETS = 4 * 1024 * 1024
SO_ATTACH_REUSEPORT_CBPF = 51
SO_REUSEPORT = 15
ASIDE = ((0x30, 0, 0, 0), (0x35, 0, 5, 128), (0x25, 4, 0, 191), (0x30, 0, 0, 1), (0x35, 0, 2, 192), (0x25, 1, 0, 223),
         (0x06, 0, 0, 1), (0x06, 0, 0, 0))  # fmt: skip
"""A filter of the kernel (classic BPF: code, jump if so, jump if not, value) that chooses the socket by the first two
octets: 1 for RTCP (128–191, then 192–223: RFC 5761, RFC 7983), 0 for all else."""

Received = Callable[["Port", int, tuple[str, int]], None]


class Port:
    """The process's UDP port on one local address."""

    def __init__(self, sock: socket.socket, scratch: Scratch, received: Received) -> None:
        self.socket = sock
        self.aside = _set_aside(sock)
        self.scratch = scratch
        self.received = received
        self.egress = Egress(sock)
        self.owners: dict[tuple[str, int], Connection] = {}

    @property
    def address(self) -> tuple[str, int]:
        """Where this port listens."""
        host, port = self.socket.getsockname()[:2]
        return str(host), int(port)

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()
        if self.aside is not None:
            self.aside.close()

    def drain(self) -> int:
        """Read what has arrived, a limit at most; how much it was."""
        return self._drain(self.socket) + (self._drain(self.aside) if self.aside is not None else 0)

    def _drain(self, sock: socket.socket) -> int:
        receive, view, received = sock.recvfrom_into, self.scratch.view, self.received
        for count in range(DRAIN_LIMIT):
            try:
                size, address = receive(view)
            except BlockingIOError:
                return count
            except OSError:
                # A queued ICMP error of some destination: not about us.
                continue
            if size:
                received(self, size, address if len(address) == 2 else address[:2])
        return DRAIN_LIMIT


class Intake:
    """Reads all ports when something has arrived at one of them."""

    def __init__(self, ports: list[Port], begin: Callable[[], None], end: Callable[[], None]) -> None:
        self.ports = ports
        self.begin = begin
        self.end = end
        self.looked_at = 0.0
        self.loop = asyncio.get_running_loop()
        for port in ports:
            self.loop.add_reader(port.socket, self._ready)

    def close(self) -> None:
        """Stop listening."""
        for port in self.ports:
            self.loop.remove_reader(port.socket)
            port.close()

    def _ready(self) -> None:
        # A timer of the loop would cost a second wake-up with all that belongs to it: three times this nap.
        since = time.monotonic() - self.looked_at
        time.sleep(max(NAP_S, APART_S - since))
        self.look()
        self.looked_at = time.monotonic()

    def look(self) -> None:
        """Read everything that has arrived and let the answers leave."""
        self.begin()
        try:
            for port in self.ports:
                port.drain()
        finally:
            # Whatever one packet may have done, the others go on.
            self.end()


def _set_aside(sock: socket.socket) -> socket.socket | None:
    """A second socket on the same port, for RTCP only; None where the kernel knows no such thing."""
    if sys.platform != "linux":
        return None
    aside = socket.socket(sock.family, socket.SOCK_DGRAM)
    try:
        # Only from here on may another socket share the port: when it was taken, binding it has failed already.
        sock.setsockopt(socket.SOL_SOCKET, SO_REUSEPORT, 1)
        aside.setsockopt(socket.SOL_SOCKET, SO_REUSEPORT, 1)
        aside.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
        aside.setblocking(False)
        program = ctypes.create_string_buffer(b"".join(struct.pack("@HBBI", *one) for one in ASIDE))
        described = struct.pack("@HxxxxxxQ", len(ASIDE), ctypes.addressof(program))
        aside.bind(sock.getsockname())
        aside.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, described)
    except OSError:
        aside.close()
        return None
    return aside


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
