"""Arriving packets: one port on each local address, and how seldom the process may wake up for them.

Wake-ups are the cost of receiving: one costs as much as ten packets, and on readiness alone the loop finds one to nine
packets at a time. So the first packet of a burst only begins a short nap, in which the rest arrives; and between two
looks some milliseconds pass. What receivers report (RTCP) wakes nobody at all: the kernel puts it aside on a socket of
its own, which is read at every beat, many at a time.
"""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Protocol

import ifaddr
from pylibsrtp._binding import ffi

from server.errors import Unavailable
from server.media.connection import Connection
from server.media.dtls import Scratch
from server.media.egress import MMSGHDR, Egress, address_key, system_call

NAP_S = 0.0006
"""A burst is complete after this time."""
APART_S = 0.006
"""From one look to the next; the delay that it adds is half of it when packets come all the time, none when they are
few, and little where the looks themselves take long."""
DRAIN_LIMIT = 512
"""Packets taken from one socket before the others and the timers have their turn."""
IOVEC = Struct("@QQ")
BUFFER_OCTETS = 4 * 1024 * 1024
SO_ATTACH_REUSEPORT_CBPF = 51
SO_REUSEPORT = 15
ASIDE = ((0x30, 0, 0, 0), (0x35, 0, 10, 128), (0x25, 9, 0, 191),
         (0x30, 0, 0, 1), (0x35, 0, 7, 192), (0x25, 6, 0, 223), (0x15, 1, 0, 205), (0x15, 0, 3, 206),
         (0x30, 0, 0, 0), (0x54, 0, 0, 31), (0x15, 0, 1, 15), (0x06, 0, 0, 1), (0x06, 0, 0, 0))  # fmt: skip
"""A filter of the kernel (classic BPF: code, jump if so, jump if not, value) that chooses the socket by the first two
octets: 1 for RTCP (128–191, then 192–223: RFC 5761, RFC 7983), 0 for all else and for what somebody waits for:
feedback (205, 206) of another kind than 15, that is requests to repeat or to begin anew."""

SLOTS = 64
"""Packets taken by one system call."""
SLOT_OCTETS = 2048
NAME_OCTETS = 32
LENGTH_AT, WORDS = 14, 16
"""Where the kernel writes a packet's size in its `mmsghdr`, and how long that is, in words of four octets."""
KEY_OCTETS: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 24}
"""Family, port and address, as in `egress.address_key`."""

Arrived = Sequence[tuple[Scratch, int, bytes]]
"""Packets where they lie, with their sizes and the keys of the addresses from which they came."""
Received = Callable[["Port", Scratch, int, bytes], None]


class Inbox(Protocol):
    """Takes what has arrived out of a socket."""

    def take(self, sock: socket.socket) -> Arrived:
        """The oldest packets, `SLOTS` at most; they lie there until the next call."""
        ...


def _inbox(family: int) -> Inbox:
    if sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8:
        return _Many(family)
    return Single(family)


def _slots() -> tuple[bytearray, list[Scratch]]:
    memory = bytearray(SLOTS * SLOT_OCTETS)
    return memory, [Scratch(memory, at, SLOT_OCTETS) for at in range(0, len(memory), SLOT_OCTETS)]


class Single:
    """One system call a packet, everywhere."""

    def __init__(self, family: int) -> None:
        self.family = family
        _, self.slots = _slots()

    def take(self, sock: socket.socket) -> Arrived:
        found: list[tuple[Scratch, int, bytes]] = []
        for scratch in self.slots:
            try:
                size, address = sock.recvfrom_into(scratch.memory)
            except BlockingIOError:
                break
            except OSError:
                # A queued ICMP error of some destination: not about us.
                continue
            found.append((scratch, size, address_key(address[:2], self.family)))
        return found


class _Many:
    """`recvmmsg`: a cold call costs as much as ten warm ones, and so does an exception that says there is no more."""

    def __init__(self, family: int) -> None:
        memory, self.slots = _slots()
        self.names = bytearray(SLOTS * NAME_OCTETS)
        self.headers = bytearray(SLOTS * MMSGHDR.size)
        parts = bytearray(SLOTS * IOVEC.size)
        self.pinned = [ffi.from_buffer(one) for one in (memory, self.names, self.headers, parts)]
        at, names_at, self.headers_at, parts_at = (int(ffi.cast("uintptr_t", one)) for one in self.pinned)
        for index in range(SLOTS):
            part = parts_at + index * IOVEC.size
            IOVEC.pack_into(parts, index * IOVEC.size, at + index * SLOT_OCTETS, SLOT_OCTETS)
            name = names_at + index * NAME_OCTETS
            MMSGHDR.pack_into(self.headers, index * MMSGHDR.size, name, NAME_OCTETS, part, 1, 0, 0, 0, 0)
        self.words = memoryview(self.headers).cast("I")
        self.keys = [(at, at + KEY_OCTETS[family]) for at in range(0, len(self.names), NAME_OCTETS)]
        self.call = system_call("recvmmsg", "int(*)(int, uintptr_t, unsigned int, int, uintptr_t)")

    def take(self, sock: socket.socket) -> Arrived:
        count = self.call(sock.fileno(), self.headers_at, SLOTS, socket.MSG_DONTWAIT, 0)
        if count <= 0:
            return ()
        names, sizes = bytes(self.names), self.words[LENGTH_AT : count * WORDS : WORDS].tolist()
        return [
            (scratch, size, names[start:stop])
            for scratch, size, (start, stop) in zip(self.slots, sizes, self.keys, strict=False)
        ]


class Port:
    """The process's UDP port on one local address."""

    def __init__(self, sock: socket.socket, received: Received) -> None:
        self.socket = sock
        self.aside = _set_aside(sock)
        self.received = received
        self.inbox = _inbox(sock.family)
        self.egress = Egress(sock)
        self.owners: dict[bytes, Connection] = {}

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

    def drain(self) -> None:
        """Read what has arrived, a limit at most."""
        self._drain(self.socket)

    def drain_aside(self) -> None:
        """Read the reports that have arrived."""
        if self.aside is not None:
            self._drain(self.aside)

    def _drain(self, sock: socket.socket) -> None:
        take, received = self.inbox.take, self.received
        for _ in range(DRAIN_LIMIT // SLOTS):
            arrived = take(sock)
            for scratch, size, key in arrived:
                if size:
                    received(self, scratch, size, key)
            if len(arrived) < SLOTS:
                return


class Intake:
    """Reads all ports when something has arrived at one of them."""

    def __init__(
        self,
        ports: list[Port],
        begin: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
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
        time.sleep(max(NAP_S, APART_S + self.looked_at - time.monotonic()))
        self.looked_at = time.monotonic()
        self.look()

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
