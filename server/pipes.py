"""The short way into a socket: straight into the kernel while nothing waits before it, else through its transport.

A transport does much for each write that a frame to a thousand tablets does not need. As long as the transport has
nothing to send, a frame may pass it by: order cannot be lost. What the kernel does not take at once goes through the
transport, as does everything where the short way is not known. The insides of uvloop 0.23 that this leans on are
tried by `tests/live/test_pipes.py`, which fails first when an upgrade moves them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import socket as sockets
import ssl
from typing import Any, NamedTuple

NOT_SENT = 128 * 1024
"""Octets the kernel takes ahead of the network; more would hide from us that a reader is slow."""
ONE_RECORD = 16 * 1024
"""Octets that TLS seals at once (RFC 8446 §5.1)."""


class Pipe:
    """Writes to one transport, without a short way."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.waiting = transport.get_write_buffer_size
        """How many octets wait to be sent."""

    def put(self, frame: bytes) -> None:
        """Send a frame. `waiting()` must have said that nothing waits."""
        self.queue(frame)

    def queue(self, frame: bytes) -> None:
        """Send a frame behind what waits."""
        with contextlib.suppress(RuntimeError):  # uvloop's word for a connection that is gone: we hear of it soon
            self.transport.write(frame)

    def close(self) -> None:
        """Nothing more is put."""


class PlainPipe(Pipe):
    """Writes to a TCP connection."""

    def __init__(self, transport: asyncio.Transport, socket: sockets.socket) -> None:
        super().__init__(transport)
        self.socket = socket
        self._send = socket.send

    def put(self, frame: bytes) -> None:
        """Send a frame; what the kernel does not take is the transport's."""
        try:
            sent = self._send(frame)
        except OSError:  # its queue is full; if the connection is gone, the transport finds out
            sent = 0
        if sent != len(frame):
            self.queue(frame[sent:])

    def close(self) -> None:
        """Let go of the socket; the connection stays as long as its transport."""
        self.socket.close()


class SealedPipe(Pipe):
    """Writes to a TLS connection: sealed, taken out and sent in three calls."""

    def __init__(self, transport: asyncio.Transport, socket: sockets.socket, sealing: Sealing) -> None:
        super().__init__(transport)
        self.socket = socket
        self.waiting = self._waiting
        self._send = socket.send
        self._seal = sealing.sealer.write
        self._sealed = sealing.outgoing.read
        self._unsealed_size = transport.get_write_buffer_size
        self._sealed_size = sealing.below.get_write_buffer_size
        self._below = sealing.below.write

    def put(self, frame: bytes) -> None:
        """Send a frame; what the kernel does not take is the lower transport's."""
        if len(frame) > ONE_RECORD:
            self.queue(frame)
            return
        try:
            self._seal(frame)
        except ssl.SSLError:  # it is being closed, or must be heard first: the transport knows what to do
            self.queue(frame)
            return
        record = self._sealed()
        try:
            sent = self._send(record)
        except OSError:
            sent = 0
        if sent != len(record):
            with contextlib.suppress(RuntimeError):
                self._below(record[sent:])

    def close(self) -> None:
        """Let go of the socket; the connection stays as long as its transport."""
        self.socket.close()

    def _waiting(self) -> int:
        # The upper transport does not count what it has handed to the lower one.
        return self._unsealed_size() + self._sealed_size()


class Sealing(NamedTuple):
    """What lies between a TLS transport and its socket."""

    sealer: ssl.SSLObject
    outgoing: ssl.MemoryBIO
    below: asyncio.Transport


def pipe_of(transport: asyncio.Transport) -> Pipe:
    """The shortest way into this transport that is known."""
    inner = transport.get_extra_info("socket")
    if inner is None:
        return Pipe(transport)
    _bound_kernel_queue(inner)
    sealer = transport.get_extra_info("ssl_object")
    sealing = None if sealer is None else sealing_of(transport, sealer)
    if sealer is not None and sealing is None:
        return Pipe(transport)
    socket = _second_handle(inner)
    if socket is None:
        return Pipe(transport)
    return PlainPipe(transport, socket) if sealing is None else SealedPipe(transport, socket, sealing)


def sealing_of(transport: asyncio.Transport, sealer: ssl.SSLObject) -> Sealing | None:
    """The insides of uvloop's TLS transport, which it shows only to the garbage collector; None for other kinds."""
    protocols = [held for held in gc.get_referents(transport) if _is_uvloops(held, "SSLProtocol")]
    held: list[Any] = gc.get_referents(*protocols)
    belows = [each for each in held if _is_uvloops(each, "TCPTransport")]
    queues = [each for each in held if isinstance(each, ssl.MemoryBIO)]
    if len(belows) != 1 or len(queues) != 2 or sealer not in held:
        return None
    return Sealing(sealer, queues[1], belows[0])  # in the order of declaration: incoming, outgoing


def allow_many_sockets() -> None:
    """Raise the soft limit of open files to the hard one: each tablet takes two."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _is_uvloops(thing: Any, name: str) -> bool:
    return type(thing).__module__ == "uvloop.loop" and type(thing).__name__ == name


def _second_handle(inner: Any) -> sockets.socket | None:
    # A descriptor of our own: should the transport close its own, its number may soon be somebody else's.
    try:
        socket = sockets.socket(fileno=os.dup(inner.fileno()))
    except OSError:
        return None
    socket.setblocking(False)
    return socket


def _bound_kernel_queue(inner: Any) -> None:
    if hasattr(sockets, "TCP_NOTSENT_LOWAT"):
        with contextlib.suppress(OSError):  # not every kind of socket knows it
            inner.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NOTSENT_LOWAT, NOT_SENT)
