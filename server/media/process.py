"""The media process: all UDP of the house, and the Unix socket on which web says what should be."""

from __future__ import annotations

import asyncio
import gc

import msgspec
import structlog

from server.clock import Clock, SystemClock
from server.config import MediaSettings
from server.errors import Problem
from server.media.conference import Desired
from server.media.control import (
    LINE_LIMIT,
    Close,
    Failed,
    FromMedia,
    FromWeb,
    Open,
    Patch,
    Quiet,
    View,
    decode_from_web,
    encode,
)
from server.media.forwarder import Forwarder
from server.privacy import private_socket

LOAD_S = 5.0
OWED_LIMIT = 4 * 1024 * 1024
"""A web process that does not read this many octets is cut off; it will connect anew and hear everything."""

log = structlog.get_logger("media")


class Listener:
    """Answers the web processes that are connected."""

    def __init__(self, settings: MediaSettings, clock: Clock) -> None:
        self.settings = settings
        self.forwarder = Forwarder(clock, settings.announce, self.tell)
        self.writers: set[asyncio.StreamWriter] = set()

    def tell(self, word: FromMedia) -> None:
        """Say it to everybody who listens."""
        line = encode(word)
        for writer in tuple(self.writers):
            self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > OWED_LIMIT:
            self.writers.discard(writer)
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(line)

    async def weigh(self) -> None:
        """Say every few seconds how much this process does."""
        while True:
            await asyncio.sleep(LOAD_S)
            self.tell(self.forwarder.load())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One web process, from its first line to its last."""
        self.writers.add(writer)
        try:
            self._write(writer, encode(self.forwarder.load()))
            for word in self.forwarder.present():
                self._write(writer, encode(word))
            while line := await reader.readline():
                self._heed(decode_from_web(line), writer)
                await writer.drain()
        except (ConnectionError, ValueError, msgspec.DecodeError) as error:
            # Grants stay as they are: web will be back.
            log.warning("media.control_lost", reason=str(error))
        finally:
            self.writers.discard(writer)
            writer.close()

    def _heed(self, word: FromWeb, writer: asyncio.StreamWriter) -> None:
        if isinstance(word, Desired):
            self.forwarder.adopt(word)
            return
        if isinstance(word, View):
            self.forwarder.view(word)
            return
        if isinstance(word, Quiet):
            self.forwarder.quiet(word)
            return
        try:
            self._write(writer, encode(self._answer(word)))
        except Problem as problem:
            self._write(writer, encode(Failed(word.request, problem.status, problem.code, problem.details)))

    def _answer(self, word: Open | Patch | Close) -> FromMedia:
        if isinstance(word, Open):
            return self.forwarder.open(word)
        if isinstance(word, Patch):
            return self.forwarder.patch(word)
        return self.forwarder.close_session(word)


async def run(settings: MediaSettings, clock: Clock | None = None, ready: asyncio.Event | None = None) -> None:
    """Serve until cancelled. Raises Unavailable when the UDP port is taken.

    `ready` is set once the control socket accepts connections.
    """
    # Packets hold no cycles: looking for some at every few hundred of them costs more than it finds.
    gc.set_threshold(50_000, 20, 50)
    listener = Listener(settings, clock or SystemClock())
    listener.forwarder.start(settings.host, settings.port)
    path = settings.control_socket
    with private_socket(path):
        server = await asyncio.start_unix_server(listener.serve, path, limit=LINE_LIMIT)
    log.info("media.listening", candidates=[port.address for port in listener.forwarder.hub.ports])
    if ready is not None:
        ready.set()
    try:
        await listener.weigh()
    finally:
        server.close()
        for writer in tuple(listener.writers):
            writer.close()
        await listener.forwarder.close()
        path.unlink(missing_ok=True)
