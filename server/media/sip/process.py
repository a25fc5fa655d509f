"""The switchboard: hears from web which codecs may call and which are to be called, and carries the calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog

from server.clock import Clock, SystemClock
from server.config import MediaSettings, SipSettings
from server.errors import Unavailable
from server.media.control import Gone
from server.media.control import Observation as Observed
from server.media.link import LINE_LIMIT, Listener
from server.media.service import Conferences
from server.media.sip.call import Call
from server.media.sip.door import Door, fresh_user
from server.media.sip.janus import Janus
from server.media.sip.sipwords import place_of
from server.media.sip.words import FromWeb, Line, Observation, Readiness, Standing, Wanted, Why, decode_from_web
from server.privacy import private_socket

REDIAL_S = 10.0
RESTART_S = 2.0
FINAL: frozenset[Why] = frozenset({"hung_up", "refused", "nothing_in_common"})
"""Ends after which nobody is called again without being asked to."""
Key = tuple[str, str]

log = structlog.get_logger("sip")


class Switchboard(Listener[FromWeb]):
    """All calls of this process, and the web processes that are connected."""

    def __init__(self, settings: SipSettings, media: MediaSettings, clock: Clock) -> None:
        super().__init__("sip", decode_from_web)
        self.settings = settings
        self.clock = clock
        self.media = Conferences(media.sockets(), self._observed)
        self.janus = Janus(settings)
        proxy = place_of(f"sip:{settings.proxy}") if settings.proxy else None
        self.door = Door(clock, (settings.host, settings.port), proxy, self._dialled)
        self.readiness: Readiness = "starting"
        self.lines: dict[Key, Line] = {}
        self.calls: dict[Key, Call] = {}
        self.tasks: dict[Key, asyncio.Task[None]] = {}
        self.given_up: dict[Key, str] = {}

    # What web says -------------------------------------------------------------------------------------------------

    def standing(self) -> Iterable[Observation]:
        """Whether calls are possible, and how those stand that there are."""
        return (self._standing(), *(call.state for call in self.calls.values()))

    def _standing(self) -> Standing:
        host, port = self.door.own
        return Standing(self.readiness, f"{host}:{port}")

    def heed(self, word: FromWeb, writer: asyncio.StreamWriter) -> None:  # noqa: ARG002 - nothing is answered
        """How a conference should be."""
        self._adopt(word)

    def _adopt(self, word: Wanted) -> None:
        wanted = {(word.conference, line.site): line for line in word.lines}
        for key in [key for key in self.lines if key[0] == word.conference and key not in wanted]:
            del self.lines[key]
            self.given_up.pop(key, None)
            self._hang_up(key)
        for key, line in wanted.items():
            self.lines[key] = line
            if self.given_up.get(key) != line.call:
                self.given_up.pop(key, None)
            call = self.calls.get(key)
            if call is not None and not self._may_go_on(call, line):
                self._hang_up(key)
            self._call(key)

    @staticmethod
    def _may_go_on(call: Call, line: Line) -> bool:
        return call.number in line.numbers if call.incoming else call.line.call == line.call

    def _hang_up(self, key: Key) -> None:
        if key in self.tasks:
            self.tasks[key].cancel()

    # Calls ---------------------------------------------------------------------------------------------------------

    def _call(self, key: Key) -> None:
        line = self.lines.get(key)
        if line is None or not line.call or key in self.tasks or key in self.given_up or self.readiness != "ready":
            return
        user = fresh_user(self.clock)
        self._begin(key, Call(self, key[0], line, user, incoming=False))

    def _dialled(self, number: str, caller: str, user: str) -> bool:
        """A codec calls in. One that calls while we call it takes the place of our own call."""
        key = next((key for key, line in self.lines.items() if number in line.numbers), None)
        if key is None or self.readiness != "ready":
            return False
        running = self.calls.get(key)
        if running is not None and running.state.stage == "connected":
            return False
        call = Call(self, key[0], self.lines[key], user, incoming=True)
        call.number = number
        call.state = msgspec.structs.replace(call.state, address=caller)
        self._hang_up(key)
        self._begin(key, call)
        return True

    def _begin(self, key: Key, call: Call) -> None:
        before = self.tasks.get(key)
        self.calls[key] = call
        task = self.tasks[key] = asyncio.ensure_future(self._carry(key, call, before))
        task.add_done_callback(lambda done: self._over(key, done))

    async def _carry(self, key: Key, call: Call, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        why = await call.run()
        if call.incoming or why in FINAL:
            if not call.incoming:
                self.given_up[key] = call.line.call
            return
        await asyncio.sleep(REDIAL_S)

    def _over(self, key: Key, done: asyncio.Task[None]) -> None:
        if self.tasks.get(key) is not done:
            return
        del self.tasks[key]
        self.calls.pop(key, None)
        if not done.cancelled() and done.exception() is not None:
            log.error("sip.call_failed", exc_info=done.exception())
        self._call(key)

    def _observed(self, observation: Observed) -> None:
        """A process that carried a codec's site is gone: that is known here sooner than its gateway could notice."""
        if isinstance(observation, Gone) and observation.reason == "lost":
            call = self.calls.get((observation.conference, observation.endpoint))
            if call is not None:
                call.left(observation.session)

    # Janus ---------------------------------------------------------------------------------------------------------

    def _is(self, readiness: Readiness) -> None:
        if readiness != self.readiness:
            self.readiness = readiness
            self.tell(self._standing())
            log.info("sip.standing", readiness=readiness)
            for key in list(self.lines):
                self._call(key)

    async def keep_janus(self) -> None:
        """Keep Janus running; look from time to time whether it has been installed."""
        while True:
            if not self.janus.installed:
                self._is("no_janus")
            else:
                with contextlib.suppress(Unavailable, OSError):
                    await self.janus.run(lambda: self._is("ready"))
                self._is("starting")
            await asyncio.sleep(RESTART_S)

    async def open_door(self) -> None:
        """Listen for SIP; where the port is taken, try again."""
        while True:
            try:
                await self.door.open()
            except OSError as error:
                log.error("sip.port_taken", reason=str(error))
                self._is("port_taken")
                await asyncio.sleep(RESTART_S)
            else:
                return

    async def close(self) -> None:
        """Hang up everywhere."""
        self.lines.clear()
        tasks = list(self.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.door.close()


async def run(
    settings: SipSettings, media: MediaSettings, clock: Clock | None = None, ready: asyncio.Event | None = None
) -> None:
    """Serve until cancelled. `ready` is set once the control socket accepts connections."""
    board = Switchboard(settings, media, clock or SystemClock())
    with private_socket(settings.control_socket):
        server = await asyncio.start_unix_server(board.serve, settings.control_socket, limit=LINE_LIMIT)
    if ready is not None:
        ready.set()
    talking = asyncio.ensure_future(board.media.run(relieves=False))
    janus: asyncio.Future[Any] | None = None
    try:
        await board.open_door()
        janus = asyncio.ensure_future(board.keep_janus())
        await asyncio.gather(talking, janus)
    finally:
        server.close()
        await board.close()
        for task in (talking, janus):
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in (talking, janus) if task is not None), return_exceptions=True)
        board.hang_up()
        settings.control_socket.unlink(missing_ok=True)
