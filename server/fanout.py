"""The private seams of python-socketio 5.18, python-engineio 4.15 and aiohttp 3.14, all in this one file.

The libraries keep what they do well: handshake, pings, time-outs, parsing of frames. What they do slowly or
loosely is done here: one WebSocket frame is built once and written to each transport (their way costs a task
per client and a `wait_for` per message, ten times as much), outgoing octets are bounded, and incoming text is
checked before they parse it. `tests/live/test_seams.py` fails first when an upgrade moves a seam.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Protocol

import socketio
from aiohttp import WSMsgType, web
from socketio.exceptions import ConnectionRefusedError as Turned

from server.pipes import HANDED_ON, allow_many_sockets, pipe_of
from server.words import LARGEST_MESSAGE

quiet = logging.getLogger("hopso.sockets")
quiet.setLevel(logging.ERROR)  # At lower levels the libraries print payloads: ballots.

PING_EVERY_S = 5
PING_DEADLINE_S = 10

BUSY = 16 * 1024
"""Octets waiting in a socket beyond which hints are dropped and statuses wait for their newest value."""
MOST_WAITING = 4 * 1024 * 1024
MOST_MESSAGES = 500
"""A socket with more waiting than this is dropped: a sync is cheaper than the queue."""
LAST_WORDS_S = 2.0
"""How long a closed socket may take to read our goodbye."""

CLOSE_FRAME = b"\x88\x02\x03\xe8"


def text_frame(packet: bytes) -> bytes:
    """One whole WebSocket text frame (RFC 6455 §5.2), unmasked, holding an Engine.IO message."""
    return _header(len(packet) + 1) + b"4" + packet


def _header(size: int) -> bytes:
    if size < 126:
        return bytes((0x81, size))
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


class Line:
    """One open WebSocket, as seen by whoever writes to it. All that the libraries say after the handshake, too."""

    __slots__ = ("_send", "allowance", "is_idle", "later", "messages", "open", "pipe", "transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.pipe = pipe_of(transport)
        self._send = self.pipe.send
        self.is_idle = False
        """Nothing waits, and there is a short way."""
        self.open = True
        self.messages = 0
        self.allowance = MOST_WAITING
        self.later: dict[str, bytes] = {}
        """Statuses that wait for the socket to drain, the newest of each topic."""

    def write(self, frame: bytes) -> None:
        """Send a frame; a reader who lets too much pile up is dropped."""
        if not self.is_idle:
            self._write_waiting(frame)
            return
        send = self._send  # a call straight through a slot is looked up anew each time
        try:
            sent = send(frame)  # type: ignore[misc]  # idle only where there is one
        except OSError:  # the kernel's queue is full; if the connection is gone, the transport finds out
            sent = 0
        if sent != len(frame):
            self.is_idle = False
            if sent != HANDED_ON:
                self._queue(frame[sent:])

    def write_whole(self, frame: bytes) -> None:
        """Send an answer that was asked for, however large; it does not count against its reader."""
        self.write(frame)
        self.allowance = max(self.allowance, MOST_WAITING + len(frame))

    def write_latest(self, topic: str, frame: bytes) -> bool:
        """Send a frame that supersedes earlier ones of its topic; False when it waits for the socket to drain."""
        if self.later or self.waiting() > BUSY:
            self.later[topic] = frame
            return False
        self.write(frame)
        return True

    def write_if_idle(self, frame: bytes) -> None:
        """Send a frame, or forget it when earlier ones still wait."""
        if self.waiting() <= BUSY:
            self.write(frame)

    def waiting(self) -> int:
        """Octets that the kernel has not taken yet."""
        return 0 if self.is_idle else self.pipe.waiting()

    def drained(self) -> bool:
        """Send what waited for the socket to drain; True when nothing waits any more."""
        if self.open and self.later and self.waiting() <= BUSY:
            waited, self.later = self.later, {}
            for frame in waited.values():
                self.write(frame)
        return not self.open or not self.later

    def close(self, last: bytes = b"") -> None:
        """Send last words and close; whoever does not read them is cut off after two seconds."""
        if not self.open:
            return
        self._shut()
        if not self.transport.is_closing():
            self.transport.write(last + CLOSE_FRAME)
            self.transport.close()
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self.transport.abort)

    def abort(self) -> None:
        """Cut the line at once."""
        self._shut()
        self.transport.abort()

    def _write_waiting(self, frame: bytes) -> None:
        if not self.open:
            return
        waiting = self.pipe.waiting()
        if not waiting:
            self.messages, self.allowance = 0, MOST_WAITING
            self.is_idle = self._send is not None
            if self.is_idle:
                self.write(frame)
                return
        elif waiting > BUSY:
            self.messages += 1
            if self.messages > MOST_MESSAGES or waiting > self.allowance:
                self.abort()
                return
        self._queue(frame)

    def _queue(self, frame: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # uvloop's word for a connection that is gone: we hear of it soon
            self.transport.write(frame)

    def _shut(self) -> None:
        self.open = self.is_idle = False
        self.pipe.close()


class Inner(Protocol):
    """What the live door does with sockets."""

    def may_enter(self, origin: str, host: str) -> bool: ...
    def opened(self, line: Line) -> None:
        """A line is open; nobody knows yet whose it is."""
        ...

    async def connected(self, line: Line, packet: str) -> str:
        """Who is it? An empty string lets them in, a code turns them away."""
        ...

    def heard(self, line: Line, packet: str) -> None:
        """A Socket.IO EVENT packet came from somebody who was let in."""
        ...

    def gone(self, line: Line) -> None:
        """The line is closed. May be called more than once."""
        ...


class OurWebSocket:
    """Stands in for `engineio.async_drivers.aiohttp.WebSocket`: no deflate, strict text, and its line is known."""

    def __init__(self, handler: Callable[[Any], Any], inner: Inner) -> None:
        self.handler = handler
        self.inner = inner
        self._line: Line
        self._sock: web.WebSocketResponse = web.WebSocketResponse(
            compress=False, autoping=False, max_msg_size=LARGEST_MESSAGE, timeout=LAST_WORDS_S
        )

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        await self._sock.prepare(request)
        if request.transport is None:
            return self._sock
        self._line = environ["hopso.line"] = Line(request.transport)
        self.inner.opened(self._line)
        try:
            await self.handler(self)
        finally:
            self.inner.gone(self._line)
        return self._sock

    async def close(self) -> None:
        with contextlib.suppress(OSError):
            await self._sock.close()

    async def send(self, message: str) -> None:
        octets = message.encode()
        self._line.write(_header(len(octets)) + octets)

    async def wait(self) -> str:
        """The next text; `OSError`, which ends the connection, for anything that is not Engine.IO text of ours."""
        message = await self._sock.receive()
        while message.type in (WSMsgType.PING, WSMsgType.PONG):  # no browser says so, but it is allowed
            if message.type is WSMsgType.PING:
                self._line.write(bytes((0x8A, len(message.data))) + message.data)
            message = await self._sock.receive()
        if message.type is not WSMsgType.TEXT or not _plausible(message.data):
            self.inner.gone(self._line)
            raise OSError("the line ended or was misused")
        return str(message.data)


def _plausible(text: str) -> bool:
    # PONG, CLOSE, or a MESSAGE holding a CONNECT, DISCONNECT or EVENT packet. The libraries would raise on some
    # others outside their own `try`, or hold binary attachments without limit.
    return text in {"3", "1"} or text[:2] in {"40", "41", "42"}


class Sockets(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """python-socketio's server with our WebSocket and our way of hearing and answering."""

    def __init__(self, inner: Inner) -> None:
        super().__init__(
            async_mode="aiohttp",
            transports=["websocket"],
            async_handlers=False,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_DEADLINE_S,
            max_http_buffer_size=LARGEST_MESSAGE,
            cors_allowed_origins=[],  # the origin is checked in `enter`
            logger=quiet,
            engineio_logger=quiet,
        )
        self.inner = inner
        self.eio._async = {**self.eio._async, "websocket": lambda handler, _eio: OurWebSocket(handler, inner)}
        self.on("connect", self._connected)
        self.on("disconnect", self._disconnected)

    def attach_to(self, app: web.Application, path: str) -> None:
        """Open the door at this path, and close it with the application."""
        allow_many_sockets()
        app.router.add_get(path, self.enter)
        app.on_shutdown.append(self._shut)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """One request to open a WebSocket."""
        origin = request.headers.get("Origin")
        if origin is not None and not self.inner.may_enter(origin, request.host):
            return web.json_response({"ok": False, "code": "origin.foreign"}, status=403)
        response: web.StreamResponse = await self.eio.handle_request(request)
        return response

    def line_of(self, eio_sid: str) -> Line | None:
        """The line of an Engine.IO session."""
        line: Line | None = self.environ.get(eio_sid, {}).get("hopso.line")
        return line

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        # Overridden: events go to us before python-socketio would decode them, so that acks can wait for a commit
        # without holding up this client's pings. It keeps CONNECT.
        line = self.line_of(eio_sid)
        if line is None or not line.open:
            return
        environ = self.environ[eio_sid]
        if data[0] == "2" and "hopso.connect" in environ:
            self.inner.heard(line, data)
        elif data[0] == "0" and "hopso.connect" not in environ:
            environ["hopso.connect"] = data
            await super()._handle_eio_message(eio_sid, "0")  # what they show is read by us, strictly
        else:
            line.close()

    async def _connected(self, _sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        code = await self.inner.connected(environ["hopso.line"], environ["hopso.connect"])
        if code:
            raise Turned(code)

    async def _disconnected(self, sid: str, _reason: str) -> None:
        line = self.line_of(self.manager.eio_sid_from_sid(sid, "/"))
        if line is not None:
            self.inner.gone(line)

    async def _shut(self, _app: web.Application) -> None:
        await self.shutdown()
