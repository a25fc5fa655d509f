"""The private seams of python-socketio 5.18, python-engineio 4.15 and aiohttp 3.14, all in this one file.

The libraries keep what they do well: handshake, sessions, parsing of frames. What they do slowly or loosely is done
here: frames are written to each transport (`server.line`; their way costs a task per client and a `wait_for` per
message, ten times as much), one heartbeat asks all sockets (`server.heartbeat`; theirs costs three tasks per client
and as much again for each message), and incoming text is checked before they parse it. `tests/live/test_seams.py`
fails first when an upgrade moves a seam.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Protocol

import socketio
from aiohttp import WSMsgType, web
from engineio.async_socket import AsyncSocket
from engineio.packet import Packet
from socketio.exceptions import ConnectionRefusedError as Turned

from server.crowds import Crowd
from server.heartbeat import PING_DEADLINE_MS, PING_EVERY_MS, Heartbeat
from server.line import LAST_WORDS_S, Line, header
from server.pipes import allow_many_sockets, collect_less_often
from server.words import LARGEST_MESSAGE

quiet = logging.getLogger("hopso.sockets")
quiet.setLevel(logging.ERROR)  # At lower levels the libraries print payloads: ballots.

PONG = "3"
SESSION = web.RequestKey("session", str)
"""The Engine.IO session that a request has opened."""


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
    """Stands in for `engineio.async_drivers.aiohttp.WebSocket`: no deflate, strict text, and its line is known.

    It stands in for `AsyncSocket._websocket_handler` too, which keeps two tasks and a timer for each socket.
    """

    def __init__(self, engine: AsyncSocket, inner: Inner, heartbeat: Heartbeat) -> None:
        self.engine = engine
        self.inner = inner
        self.heartbeat = heartbeat
        self._line: Line
        self._sock: web.WebSocketResponse = web.WebSocketResponse(
            compress=False, autoping=False, max_msg_size=LARGEST_MESSAGE, timeout=LAST_WORDS_S
        )

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        with contextlib.suppress(ConnectionResetError):  # they have given up already, perhaps with many others
            await self._sock.prepare(request)
        if request.transport is None or request.transport.is_closing():
            return self._sock
        self._line = environ["hopso.line"] = Line(request.transport)
        self.heartbeat.join(self._line)
        self.inner.opened(self._line)
        try:
            await self._converse()
        finally:
            self.heartbeat.leave(self._line)
            self.inner.gone(self._line)
            self.engine.__dict__.pop("send", None)  # or they would hold each other until the collector comes
        return self._sock

    async def _converse(self) -> None:
        engine = self.engine
        engine.connected = engine.upgraded = True
        greeting = engine.queue.get_nowait()  # put there before there was a line
        engine.send = self._send
        await self._send(greeting)
        with contextlib.suppress(OSError):
            while not engine.closed:
                await engine.receive(Packet(encoded_packet=await self._next()))

    async def _send(self, packet: Packet) -> None:
        octets = packet.encode().encode()
        self._line.write(header(len(octets)) + octets)

    async def _next(self) -> str:
        """The next text; `OSError`, which ends the connection, for anything that is not Engine.IO text of ours."""
        while True:
            message = await self._sock.receive()
            self.heartbeat.heard(self._line)
            if message.type is WSMsgType.PING:  # no browser says so, but it is allowed
                self._line.write(bytes((0x8A, len(message.data))) + message.data)
            elif message.type is not WSMsgType.PONG and message.data != PONG:
                break
        if message.type is not WSMsgType.TEXT or not _plausible(message.data):
            raise OSError("the line ended or was misused")
        return str(message.data)


def _plausible(text: str) -> bool:
    # CLOSE, or a MESSAGE holding a CONNECT, DISCONNECT or EVENT packet. The libraries would raise on some
    # others outside their own `try`, or hold binary attachments without limit.
    return text == "1" or text[:2] in {"40", "41", "42"}


class Present(socketio.AsyncManager):  # type: ignore[misc]  # the library has no types
    """Who is connected. Nobody has a room of their own: at each goodbye, the library looks through all rooms."""

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        if room is None:
            super().basic_enter_room(sid, namespace, room, eio_sid)


class Sockets(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """python-socketio's server with our WebSocket, our heartbeat and our way of hearing and answering."""

    def __init__(self, inner: Inner) -> None:
        super().__init__(
            client_manager=Present(),
            async_mode="aiohttp",
            transports=["websocket"],
            async_handlers=False,
            ping_interval=PING_EVERY_MS // 1000,  # they tell the client; to act on it is ours
            ping_timeout=PING_DEADLINE_MS // 1000,
            monitor_clients=False,
            max_http_buffer_size=LARGEST_MESSAGE,
            cors_allowed_origins=[],  # the origin is checked in `enter`
            logger=quiet,
            engineio_logger=quiet,
        )
        self.inner = inner
        self.heartbeat = Heartbeat()
        self.crowd = Crowd()
        self._beating: asyncio.Task[None] | None = None
        self.eio._async = {**self.eio._async, "websocket": self._websocket}
        self.on("connect", self._connected)
        self.on("disconnect", self._disconnected)

    def attach_to(self, app: web.Application, path: str) -> None:
        """Open the door at this path, and close it with the application."""
        allow_many_sockets()
        collect_less_often()
        app.router.add_get(path, self.enter)
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._shut)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """One request to open a WebSocket."""
        origin = request.headers.get("Origin")
        if origin is not None and not self.inner.may_enter(origin, request.host):
            return web.json_response({"ok": False, "code": "origin.foreign"}, status=403)
        try:
            response: web.StreamResponse = await self.eio.handle_request(request)
            return response
        finally:
            await self._forget(request.get(SESSION, ""))

    def line_of(self, eio_sid: str) -> Line | None:
        """The line of an Engine.IO session."""
        line: Line | None = self.environ.get(eio_sid, {}).get("hopso.line")
        return line

    def _websocket(self, handler: Any, _engine: Any) -> OurWebSocket:
        self.crowd.comes()
        return OurWebSocket(handler.__self__, self.inner, self.heartbeat)

    async def _forget(self, eio_sid: str) -> None:
        # The engine does so for connections that ended well, and looks for the others every few seconds.
        engine = self.eio.sockets.pop(eio_sid, None)
        if engine is not None:
            await engine.close(wait=False, abort=True, reason=self.eio.reason.TRANSPORT_CLOSE)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # Overridden: an engine whose last ping is None believes that one is on its way, and begins none of its own.
        await super()._handle_eio_connect(eio_sid, environ)
        environ["aiohttp.request"][SESSION] = eio_sid
        self.eio.sockets[eio_sid].last_ping = None

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

    async def _start(self, _app: web.Application) -> None:
        self._beating = asyncio.create_task(self.heartbeat.run(), name="heartbeat")

    async def _shut(self, _app: web.Application) -> None:
        if self._beating is not None:
            self._beating.cancel()
        await self.shutdown()
