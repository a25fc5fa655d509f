"""The media process: all UDP of the house, and the Unix socket on which web says what should be."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable

import structlog

from server.clock import Clock, SystemClock
from server.config import MediaSettings
from server.errors import Problem
from server.media.conference import Desired
from server.media.control import (
    Close,
    Failed,
    FromMedia,
    FromWeb,
    Here,
    Open,
    Patch,
    Placed,
    Quiet,
    View,
    decode_from_web,
)
from server.media.forwarder import Forwarder
from server.media.link import LINE_LIMIT, Listener, encode
from server.privacy import private_socket

LOAD_S = 5.0

log = structlog.get_logger("media")


class Desk(Listener[FromWeb]):
    """Answers the web processes that are connected."""

    def __init__(self, settings: MediaSettings, clock: Clock) -> None:
        super().__init__("media", decode_from_web)
        self.settings = settings
        self.forwarder = Forwarder(clock, settings.announce, self.tell)

    def standing(self) -> Iterable[FromMedia]:
        """Who this process is, how much it does, what it carries, and who is there."""
        links = self.forwarder.links
        return (
            Here(links.here(self.settings.announce)),
            self.forwarder.load(),
            *links.held(),
            *self.forwarder.present(),
        )

    async def weigh(self) -> None:
        """Say every few seconds how much this process does."""
        while True:
            await asyncio.sleep(LOAD_S)
            self.tell(self.forwarder.load())

    def heed(self, word: FromWeb, writer: asyncio.StreamWriter) -> None:
        """What should be, or a request, which is answered."""
        if isinstance(word, Desired):
            self.forwarder.adopt(word)
            return
        if isinstance(word, Placed):
            self._place(word)
            return
        if isinstance(word, View):
            self.forwarder.view(word)
            return
        if isinstance(word, Quiet):
            self.forwarder.quiet(word)
            return
        try:
            self.write(writer, encode(self._answer(word)))
        except Problem as problem:
            self.write(writer, encode(Failed(word.request, problem.status, problem.code, problem.details)))

    def _place(self, word: Placed) -> None:
        """All web processes hear what holds now, also the one that said something older."""
        if self.forwarder.links.adopt(word):
            for held in self.forwarder.links.held(word.conference):
                self.tell(held)

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
    desk = Desk(settings, clock or SystemClock())
    desk.forwarder.start(settings.host, settings.port)
    path = settings.control_socket
    with private_socket(path):
        server = await asyncio.start_unix_server(desk.serve, path, limit=LINE_LIMIT)
    log.info("media.listening", candidates=[port.address for port in desk.forwarder.hub.ports])
    if ready is not None:
        ready.set()
    try:
        await desk.weigh()
    finally:
        server.close()
        desk.hang_up()
        await desk.forwarder.close()
        path.unlink(missing_ok=True)
