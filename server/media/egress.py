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
from struct import Struct
from typing import Any

from pylibsrtp._binding import ffi

ARENA = 1 << 21
MESSAGES = 1024
SEGMENTS_LIMIT = 48
MESSAGE_LIMIT = 60_000
SOL_UDP = 17
UDP_SEGMENT = 103
MMSGHDR = Struct("@QIxxxxQQQQixxxxIxxxx")
PARTS = Struct("@QQQiiHxxxxxx")
"""An iovec and the control message UDP_SEGMENT that belong to one message."""
CONTROL_LENGTH = 18
CONTROL_SPACE = 24


class Destination:
    """Where a peer is, in the kernel's form."""

    __slots__ = ("address", "memory", "name", "size")

    def __init__(self, address: tuple[str, int], family: int) -> None:
        self.address = address
        if family == socket.AF_INET6:
            packed = Struct("=H").pack(family) + address[1].to_bytes(2) + bytes(4)
            packed += socket.inet_pton(family, address[0].partition("%")[0]) + bytes(4)
        else:
            packed = Struct("=H").pack(family) + address[1].to_bytes(2) + socket.inet_aton(address[0]) + bytes(8)
        self.memory = ctypes.create_string_buffer(packed, len(packed))
        self.name = ctypes.addressof(self.memory)
        self.size = len(packed)


class Run:
    """Consecutive packets of one size to one destination; only the last may be shorter."""

    __slots__ = ("count", "destination", "size", "start", "stop")

    def __init__(self, destination: Destination, start: int, size: int) -> None:
        self.destination = destination
        self.start = start
        self.stop = start + size
        self.size = size
        self.count = 1


class Egress:
    """The leaving side of one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.arena = bytearray(ARENA)
        self.pointer: Any = ffi.from_buffer("char[]", self.arena)
        self.position = 0
        self.urgent: list[Run] = []
        self.bulk: list[Run] = []
        self.dropped = 0
        self.sent = 0
        self.sender = _system_sender(sock)

    def room(self, size: int) -> int:
        """Where a packet of at most that size may be written; makes room first when the arena is full."""
        if self.position + size > ARENA:
            self.flush()
        return self.position

    def put(self, destination: Destination, start: int, sizes: list[int], urgent: bool) -> None:
        """Packets of these sizes, written one behind the other from `start` on, are ready to leave."""
        runs = self.urgent if urgent else self.bulk
        run: Run | None = None
        for size in sizes:
            if run is not None and _extends(run, size):
                run.stop += size
                run.count += 1
            else:
                run = Run(destination, start, size)
                runs.append(run)
            start += size
        self.position = start

    def flush(self) -> None:
        """Send everything, sound first; what the socket refuses is dropped."""
        runs = self.urgent + self.bulk
        for start in range(0, len(runs), MESSAGES):
            self.dropped += self.sender.send(self, runs[start : start + MESSAGES])
        self.sent += sum(run.count for run in runs)
        self.urgent.clear()
        self.bulk.clear()
        self.position = 0

    def send(self, destination: Destination, data: bytes) -> None:
        """One datagram at once, outside the batches."""
        try:
            self.socket.sendto(data, destination.address)
        except OSError:
            self.dropped += 1


def _extends(run: Run, size: int) -> bool:
    return (
        size <= run.size
        and run.stop - run.start == run.size * run.count
        and run.count < SEGMENTS_LIMIT
        and run.stop - run.start + size < MESSAGE_LIMIT
    )


def _system_sender(sock: socket.socket) -> _Batched | _Plain:
    if sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8:
        return _Batched(sock)
    return _Plain()


class _Plain:
    """One system call a packet, everywhere."""

    def send(self, egress: Egress, runs: list[Run]) -> int:
        dropped = 0
        for run in runs:
            for start in range(run.start, run.stop, run.size):
                data = egress.arena[start : min(start + run.size, run.stop)]
                try:
                    egress.socket.sendto(data, run.destination.address)
                except OSError:
                    dropped += 1
        return dropped


class _Batched:
    """`sendmmsg`, and UDP_SEGMENT for runs of more than one packet."""

    def __init__(self, sock: socket.socket) -> None:
        self.headers = ctypes.create_string_buffer(MMSGHDR.size * MESSAGES)
        self.parts = ctypes.create_string_buffer(PARTS.size * MESSAGES)
        self.headers_at = ctypes.addressof(self.headers)
        self.parts_at = ctypes.addressof(self.parts)
        library = ctypes.CDLL(None, use_errno=True)
        self.call = library.sendmmsg
        self.call.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
        self.descriptor = sock.fileno()

    def send(self, egress: Egress, runs: list[Run]) -> int:
        base = int(ffi.cast("uintptr_t", egress.pointer))
        self._describe(runs, base)
        dropped = done = 0
        while done < len(runs):
            count = self.call(self.descriptor, self.headers_at + done * MMSGHDR.size, len(runs) - done, 0)
            if count > 0:
                done += count
            elif ctypes.get_errno() in (errno.EAGAIN, errno.ENOBUFS):
                return dropped + sum(run.count for run in runs[done:])
            else:
                # Refused by one destination (ICMP, no route): the others must not suffer.
                dropped += runs[done].count
                done += 1
        return dropped

    def _describe(self, runs: list[Run], base: int) -> None:
        header_size, part_size, parts_at = MMSGHDR.size, PARTS.size, self.parts_at
        header, part = MMSGHDR.pack_into, PARTS.pack_into
        for index, run in enumerate(runs):
            where, destination = parts_at + index * part_size, run.destination
            control, length = (where + 16, CONTROL_SPACE) if run.count > 1 else (0, 0)
            start, size = base + run.start, run.stop - run.start
            part(self.parts, index * part_size, start, size, CONTROL_LENGTH, SOL_UDP, UDP_SEGMENT, run.size)
            header(
                self.headers, index * header_size, destination.name, destination.size, where, 1, control, length, 0, 0
            )
