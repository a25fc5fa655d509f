"""Leaving packets: protected in one arena, many in one system call, several datagrams in one message.

`sendmmsg` with UDP_SEGMENT (Linux) costs a third of `sendto` per packet. The kernel's structures are packed by hand
into memory allocated once; on other systems the same batch leaves by `sendto`. Nothing waits: what the socket does not
take at once is dropped, sound goes first.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, Protocol

from pylibsrtp._binding import ffi

ARENA = 1 << 21
MESSAGES = 1024
SEGMENTS_LIMIT = 48
MESSAGE_LIMIT = 60_000
SOL_UDP = 17
UDP_SEGMENT = 103
MMSGHDR = Struct("@QIxxxxQQQQixxxxIxxxx")
"""Name and its length, iovec and their count, control message and its length, flags, octets sent."""
NAME = Struct("@QI")
CONTROL = Struct("@QQ")
"""What of it changes from time to time: the name and its length; at this place the control message and its length."""
CONTROL_AT = 32
PARTS = Struct("@QiiHxxxxxxQQ")
"""The control message UDP_SEGMENT and the iovec that belong to one message."""
BURST = Struct("@HxxxxxxQQ")
"""What changes with every message, at this place within its parts: the size of a segment, where it begins, its size."""
BURST_AT = 16
IOVEC_AT = 24
CONTROL_LENGTH = 18
CONTROL_SPACE = 24


class Destination:
    """Where a peer is, in the kernel's form; `key` is the part of it that tells peers apart."""

    __slots__ = ("address", "key", "memory", "name", "size")

    def __init__(self, address: tuple[str, int], family: int) -> None:
        self.address = address
        self.key = address_key(address, family)
        packed = self.key + bytes(4 if family == socket.AF_INET6 else 8)
        self.memory = ctypes.create_string_buffer(packed, len(packed))
        self.name = ctypes.addressof(self.memory)
        self.size = len(packed)


def address_key(address: tuple[str, int], family: int) -> bytes:
    """An address as the kernel writes it, without what follows: family, port, address."""
    head = Struct("=H").pack(family) + address[1].to_bytes(2)
    if family == socket.AF_INET6:
        return head + bytes(4) + socket.inet_pton(family, address[0].partition("%")[0])
    return head + socket.inet_aton(address[0])


def key_address(key: bytes) -> tuple[str, int]:
    """The address that a key stands for."""
    family = socket.AF_INET6 if len(key) > 8 else socket.AF_INET
    return socket.inet_ntop(family, key[8:] if family == socket.AF_INET6 else key[4:]), int.from_bytes(key[2:4])


def system_call(name: str, signature: str) -> Callable[..., int]:
    """A function of the C library, called by cffi: from a cold start a third quicker than by ctypes.

    Pointers are passed as `uintptr_t`; what went wrong stands in `ffi.errno`.
    """
    address = ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value
    called: Callable[..., int] = ffi.cast(signature, address)
    return called


class Batch(Protocol):
    """Messages that leave together, each one or more datagrams to one destination."""

    def add(self, destination: Destination, start: int, size: int, segment: int) -> None:
        """The `size` octets from `start` on are datagrams of `segment` octets; only the last may be shorter."""
        ...

    def extend(self, destinations: list[Destination], start: int, stride: int, run: tuple[int, int]) -> None:
        """The same for many: theirs lie `stride` octets apart; the run is (its size, the size of a segment)."""
        ...

    def send(self) -> int:
        """Let everything leave; how many datagrams were dropped."""
        ...


class Egress:
    """The leaving side of one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.arena = bytearray(ARENA)
        self.pointer: Any = ffi.from_buffer("char[]", self.arena)
        self.position = 0
        self.urgent, self.bulk = _batch(self), _batch(self)
        self.dropped = 0

    def room(self, size: int) -> int:
        """Where a packet of at most that size may be written; makes room first when the arena is full."""
        if self.position + size > ARENA:
            self.flush()
        return self.position

    def put(self, destination: Destination, start: int, sizes: Sequence[int], urgent: bool) -> None:
        """Packets of these sizes, written one behind the other from `start` on, are ready to leave."""
        batch = self.urgent if urgent else self.bulk
        for offset, size, segment in runs(sizes):
            batch.add(destination, start + offset, size, segment)
        self.position = start + sum(sizes)

    def flush(self) -> None:
        """Send everything, sound first; what the socket refuses is dropped."""
        self.dropped += self.urgent.send() + self.bulk.send()
        self.position = 0

    def send(self, destination: Destination, data: bytes) -> None:
        """One datagram at once, outside the batches."""
        try:
            self.socket.sendto(data, destination.address)
        except OSError:
            self.dropped += 1


def runs(sizes: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Packets that lie one behind the other as messages: (where it begins, its size, the size of its segments)."""
    found: list[tuple[int, int, int]] = []
    start = position = segment = count = 0
    for size in sizes:
        length = position - start
        whole = length == segment * count and size <= segment
        if not whole or count == SEGMENTS_LIMIT or length + size > MESSAGE_LIMIT:
            if count:
                found.append((start, length, segment))
            start, segment, count = position, size, 0
        count += 1
        position += size
    return (*found, (start, position - start, segment)) if count else ()


def _batch(egress: Egress) -> Batch:
    if sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8:
        return _Batched(egress)
    return Plain(egress)


class Plain:
    """One system call a packet, everywhere."""

    def __init__(self, egress: Egress) -> None:
        self.egress = egress
        self.waiting: list[tuple[Destination, int, int, int]] = []

    def add(self, destination: Destination, start: int, size: int, segment: int) -> None:
        self.waiting.append((destination, start, size, segment))

    def extend(self, destinations: list[Destination], start: int, stride: int, run: tuple[int, int]) -> None:
        for index, destination in enumerate(destinations):
            self.add(destination, start + index * stride, *run)

    def send(self) -> int:
        dropped = 0
        for destination, begin, size, segment in self.waiting:
            for start in range(begin, begin + size, segment):
                data = self.egress.arena[start : min(start + segment, begin + size)]
                try:
                    self.egress.socket.sendto(data, destination.address)
                except OSError:
                    dropped += 1
        self.waiting.clear()
        return dropped


class _Batched:
    """`sendmmsg`, and UDP_SEGMENT for messages of more than one packet.

    The receivers of a conference follow one another in the same order in every batch: what stands in a header from the
    last time is written again only when it differs.
    """

    def __init__(self, egress: Egress) -> None:
        self.descriptor = egress.socket.fileno()
        self.base = int(ffi.cast("uintptr_t", egress.pointer))
        self.headers = ctypes.create_string_buffer(MMSGHDR.size * MESSAGES)
        self.parts = ctypes.create_string_buffer(PARTS.size * MESSAGES)
        self.headers_at, self.parts_at = ctypes.addressof(self.headers), ctypes.addressof(self.parts)
        self.names: list[Destination | None] = [None] * MESSAGES
        self.segmented = [False] * MESSAGES
        self.count = 0
        self.refused = 0
        for index in range(MESSAGES):
            PARTS.pack_into(self.parts, index * PARTS.size, CONTROL_LENGTH, SOL_UDP, UDP_SEGMENT, 0, 0, 0)
            part = self.parts_at + index * PARTS.size + IOVEC_AT
            MMSGHDR.pack_into(self.headers, index * MMSGHDR.size, 0, 0, part, 1, 0, 0, 0, 0)
        self.call = system_call("sendmmsg", "int(*)(int, uintptr_t, unsigned int, int)")

    def add(self, destination: Destination, start: int, size: int, segment: int) -> None:
        self.extend([destination], start, 0, (size, segment))

    def extend(self, destinations: list[Destination], start: int, stride: int, run: tuple[int, int]) -> None:
        if self.count + len(destinations) > MESSAGES:
            self.refused += self.send()
        first, last = self.count, self.count + len(destinations)
        size, segment = run
        segmented = size > segment
        if self.names[first:last] != destinations or self.segmented[first:last].count(not segmented):
            self._address(destinations, segmented)
        put, parts, at = BURST.pack_into, self.parts, self.base + start
        for where in range(first * PARTS.size + BURST_AT, last * PARTS.size, PARTS.size):
            put(parts, where, segment, at, size)
            at += stride
        self.count = last

    def _address(self, destinations: list[Destination], segmented: bool) -> None:
        """The next messages go there: of each header what differs is written."""
        names, forms, headers = self.names, self.segmented, self.headers
        for index, destination in enumerate(destinations, self.count):
            if names[index] is not destination:
                names[index] = destination
                NAME.pack_into(headers, index * MMSGHDR.size, destination.name, destination.size)
            if forms[index] is not segmented:
                forms[index] = segmented
                control = (self.parts_at + index * PARTS.size, CONTROL_SPACE) if segmented else (0, 0)
                CONTROL.pack_into(headers, index * MMSGHDR.size + CONTROL_AT, *control)

    def send(self) -> int:
        dropped, self.refused = self.refused, 0
        done, count, self.count = 0, self.count, 0
        while done < count:
            sent = self.call(self.descriptor, self.headers_at + done * MMSGHDR.size, count - done, 0)
            if sent > 0:
                done += sent
            elif ffi.errno in (errno.EAGAIN, errno.ENOBUFS):
                return dropped + sum(self._datagrams(index) for index in range(done, count))
            else:
                # Refused by one destination (ICMP, no route): the others must not suffer.
                dropped += self._datagrams(done)
                done += 1
        return dropped

    def _datagrams(self, index: int) -> int:
        segment, _, size = BURST.unpack_from(self.parts, index * PARTS.size + BURST_AT)
        return -(-int(size) // max(int(segment), 1))
