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
from collections.abc import Callable
from typing import Any, NamedTuple

NOT_SENT = 128 * 1024
"""Octets the kernel takes ahead of the network; more would hide from us that a reader is slow."""
ONE_RECORD = 16 * 1024
"""Octets that TLS seals at once (RFC 8446 §5.1)."""
BACKLOG = 4096
"""Connections that may wait to be taken in: each tablet of a hall opens two, and who finds no room knocks again only
after one and then three seconds (RFC 6298 §5)."""
HANDED_ON = -1
"""All of a frame is on its way, and a part of it waits."""


class Pipe:
    """One transport, and the short way into it if one is known."""

    __slots__ = ("sealer", "send", "socket", "waiting")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.send: Callable[[bytes], int] | None = None
        """The short way, to be taken only while `waiting()` is 0. It returns how many octets of the frame are on
        their way: the rest is the transport's, all of it after an `OSError`; `HANDED_ON` when the rest waits already.
        """
        self.waiting: Callable[[], int] = transport.get_write_buffer_size
        """How many octets wait to be sent."""
        self.socket: sockets.socket | None = None
        self.sealer: Sealer | None = None
        """What seals on the short way; None where nothing is sealed, or where it is not known how."""

    def close(self) -> None:
        """Let go of the socket; the connection stays as long as its transport."""
        if self.socket is not None:
            self.socket.close()


class Sealer:
    """The short way into a TLS connection: sealed, taken out and sent in three calls."""

    # Slots, few of them: with a thousand tablets, most of the time goes by waiting for memory.
    __slots__ = ("_below", "_sealed_size", "_unsealed_size", "pass_on", "seal", "take")

    def __init__(self, transport: asyncio.Transport, socket: sockets.socket, sealing: Sealing) -> None:
        self.seal: Callable[[bytes], int] = sealing.sealer._sslobj.write  # type: ignore[attr-defined]  # no call between
        self.take = sealing.outgoing.read
        """Takes out what has been sealed, which is then to be passed on before anything else."""
        self.pass_on = socket.send
        self._below = sealing.below
        self._sealed_size = sealing.below.get_write_buffer_size
        self._unsealed_size = transport.get_write_buffer_size

    def send(self, frame: bytes) -> int:
        """Send a frame; a record that is sealed already is handed to the lower transport if the kernel is full."""
        if len(frame) > ONE_RECORD:
            return self._send_in_records(frame)
        seal, take, pass_on = self.seal, self.take, self.pass_on  # calls through slots are looked up anew each time
        try:
            seal(frame)
        except ssl.SSLError:  # it is being closed, or must be heard first: the transport knows what to do
            return 0
        record = take()
        try:
            sent = pass_on(record)
        except OSError:
            sent = 0
        if sent == len(record):
            return len(frame)
        self.hand_on(record[sent:])
        return HANDED_ON

    def _send_in_records(self, frame: bytes) -> int:
        """Record by record: what holds sealed octets grows to the largest write and never shrinks, and the meeting as a
        thousand newcomers are shown it would stay in memory a thousand times."""
        is_waiting = False
        for start in range(0, len(frame), ONE_RECORD):
            try:
                self.seal(frame[start : start + ONE_RECORD])
            except ssl.SSLError:
                return start
            record, sent = self.take(), 0
            if not is_waiting:
                with contextlib.suppress(OSError):
                    sent = self.pass_on(record)
            if sent != len(record):
                is_waiting = True
                self.hand_on(record[sent:])
        return HANDED_ON if is_waiting else len(frame)

    def hand_on(self, rest: bytes) -> None:
        """Give the lower transport what is sealed already and the kernel has not taken."""
        with contextlib.suppress(RuntimeError):  # uvloop's word for a connection that is gone
            self._below.write(rest)

    def waiting(self) -> int:
        """How many octets wait; the upper transport does not count what it has handed to the lower one."""
        return self._unsealed_size() + self._sealed_size()


class Sealing(NamedTuple):
    """What lies between a TLS transport and its socket."""

    sealer: ssl.SSLObject
    outgoing: ssl.MemoryBIO
    below: asyncio.Transport


def pipe_of(transport: asyncio.Transport) -> Pipe:
    """The shortest way into this transport that is known."""
    pipe, inner = Pipe(transport), transport.get_extra_info("socket")
    if inner is None:
        return pipe
    _bound_kernel_queue(inner)
    secret = transport.get_extra_info("ssl_object")
    sealing = None if secret is None else sealing_of(transport, secret)
    if secret is not None and sealing is None:
        return pipe
    pipe.socket = socket = _second_handle(inner)
    if socket is None:
        return pipe
    pipe.send = socket.send
    if sealing is not None:
        pipe.sealer = sealer = Sealer(transport, socket, sealing)
        pipe.send, pipe.waiting = sealer.send, sealer.waiting
    return pipe


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


def collect_less_often() -> None:
    """A thousand who join make so many lasting objects that Python would look through all of the process again and
    again, for a tenth of a second each time, while a page is being turned."""
    gc.set_threshold(10_000, 5, 20)


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
