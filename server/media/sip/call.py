"""One call, from the first ring to the last word: Janus' handle, the gateway's process, the lines to the forwarder."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

import msgspec
import structlog

from server.clock import Clock
from server.config import SipSettings
from server.confine import environment
from server.errors import Problem, Unavailable
from server.media.link import LINE_LIMIT, encode
from server.media.service import Conferences
from server.media.sip import words
from server.media.sip.door import Door
from server.media.sip.janus import Janus
from server.media.sip.words import (
    Agreed,
    Begin,
    Fresh,
    FromGateway,
    Line,
    Lost,
    Said,
    Through,
    ToGateway,
    Told,
    Unable,
    Why,
)

UNHEARD = 100
"""Events of a call that wait to be dealt with."""
RINGS_S = 60.0
"""So long a codec may ring, and a codec that calls may need to send its description."""
RETRY_S = 0.5
UPDATE = (
    '<?xml version="1.0"?><media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive>'
    "</media_control>"
)
"""For codecs that know no PLI (RFC 5168)."""
BUSY, NO_ANSWER, NOTHING_IN_COMMON = {486, 600}, {408, 480, 487, 504}, {415, 488, 606}
UNREACHABLE = {404, 410, 478, 500, 502, 503}

log = structlog.get_logger("sip")


class House(Protocol):
    """What a call uses of the switchboard."""

    clock: Clock
    settings: SipSettings
    janus: Janus
    door: Door
    media: Conferences

    def tell(self, word: msgspec.Struct) -> None:
        """Say it to all web processes."""
        ...


class Ended(Exception):
    """The call is over."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class Call:
    """A call of a site. `user` is the name under which Janus registers for it; `address` whom we call, or who calls."""

    def __init__(self, house: House, conference: str, line: Line, user: str, incoming: bool) -> None:
        self.house = house
        self.conference = conference
        self.line = line
        self.user = user
        self.incoming = incoming
        self.number = ""
        self.state = words.Call(conference, line.site, "calling", incoming, line.call, house.clock.now())
        self.happened: asyncio.Queue[tuple[Mapping[str, Any], str] | FromGateway] = asyncio.Queue(UNHEARD)
        self.child: asyncio.subprocess.Process | None = None
        self.handle = 0
        self.sessions: dict[str, str] = {}
        self.opening: dict[str, asyncio.Task[None]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    async def run(self) -> Why:
        """Until it is over; why. Cancelling hangs up."""
        why: Why = "broken"
        try:
            self._tell("calling")
            await self._start()
            await self._follow()
        except Ended as ended:
            why = ended.why
        except (Unavailable, OSError) as error:
            log.warning("sip.call_broken", site=self.line.site, reason=str(error))
        finally:
            await asyncio.shield(self._end(why))
        return why

    async def _start(self) -> None:
        janus, host = self.house.janus, self.house.settings.host
        await self._start_gateway()
        self.handle = await janus.attach(self._signalled)
        self.house.door.expect(self.user)
        door = f"sip:{self.house.door.own[0]}:{self.house.door.own[1]}"
        account = {"username": f"sip:{self.user}@{host}", "secret": self.user}
        way = {"proxy": door, "outbound_proxy": door, "force_udp": True}
        await janus.message(self.handle, {"request": "register", **account, **way})
        if not self.incoming:
            self._to_gateway(self._begin(""))

    def _begin(self, offer: str) -> Begin:
        settings = self.house.settings
        return Begin(settings.host, offer, settings.height, settings.kbps)

    async def _start_gateway(self) -> None:
        command = [sys.executable, "-sP", "-m", "server.media.sip.gateway"]
        self.child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(self.house.settings.folder.resolve()),
            limit=LINE_LIMIT,
        )
        self._do(self._read_gateway(self.child))

    def _signalled(self, result: Mapping[str, Any], sdp: str) -> None:
        try:
            self.happened.put_nowait((result, sdp))
        except asyncio.QueueFull:  # no call has that much to say
            log.error("sip.call_overrun", site=self.line.site)

    async def _read_gateway(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        with contextlib.suppress(ValueError, msgspec.DecodeError):
            while line := await child.stdout.readline():
                await self.happened.put(words.decode_from_gateway(line))
        await self.happened.put(Unable("broken"))

    def _to_gateway(self, word: ToGateway) -> None:
        assert self.child is not None and self.child.stdin is not None
        self.child.stdin.write(encode(word))

    async def _follow(self) -> None:
        self.registered, self.offer = asyncio.Event(), ""
        while True:
            patience = RINGS_S if self.state.stage != "connected" else None
            try:
                found = await asyncio.wait_for(self.happened.get(), patience)
            except TimeoutError:
                raise Ended("no_answer") from None
            if isinstance(found, tuple):
                await self._janus_says(*found)
            else:
                await self._gateway_says(found)

    # What Janus says -----------------------------------------------------------------------------------------------

    async def _janus_says(self, result: Mapping[str, Any], sdp: str) -> None:
        event = result.get("event")
        if event == "registered":
            self.registered.set()
            await self._call_out()
        elif event in ("registration_failed", "error", "gone"):
            raise Ended("broken")
        elif event == "incomingcall":
            if not sdp:
                # An invitation without a description: codecs of old bridges; we would have to guess theirs.
                await self.house.janus.message(self.handle, {"request": "decline", "code": 488})
                raise Ended("nothing_in_common")
            self.state = msgspec.structs.replace(self.state, address=str(result.get("username", "")))
            self._to_gateway(self._begin(sdp))
        elif event == "ringing":
            self._tell("ringing")
        elif event in ("progress", "accepted") and sdp and not self.incoming:
            self._to_gateway(Told("room", sdp))
        elif event == "info":
            self._to_gateway(Fresh())
        elif event == "hangup":
            raise Ended(self._why(int(result.get("code", 0) or 0)))

    def _why(self, code: int) -> Why:
        if self.state.stage == "connected":
            return "hung_up"
        if code in BUSY:
            return "busy"
        if code in NO_ANSWER or self.incoming:
            return "no_answer"
        if code in NOTHING_IN_COMMON:
            return "nothing_in_common"
        return "unreachable" if code in UNREACHABLE or not code else "refused"

    async def _call_out(self) -> None:
        if not self.incoming and self.offer and self.registered.is_set():
            offer, self.offer = self.offer, ""
            await self.house.janus.message(self.handle, {"request": "call", "uri": self.line.call}, ("offer", offer))

    # What the gateway says -----------------------------------------------------------------------------------------

    async def _gateway_says(self, word: FromGateway) -> None:
        if isinstance(word, Said) and word.leg == "room":
            if self.incoming:
                await self.house.janus.message(self.handle, {"request": "accept"}, ("answer", word.sdp))
            else:
                self.offer = word.sdp
                await self._call_out()
        elif isinstance(word, Said):
            self._open(word)
        elif isinstance(word, Agreed):
            self.state = msgspec.structs.replace(self.state, audio=word.audio, video=word.video)
        elif isinstance(word, Through):
            self._tell("connected")
        elif isinstance(word, Fresh):
            await self._ask_codec()
        elif isinstance(word, Unable):
            raise Ended(word.why or "broken")

    async def _ask_codec(self) -> None:
        update = {"request": "info", "type": "application/media_control+xml", "content": UPDATE}
        await self.house.janus.message(self.handle, update)

    def _open(self, word: Said) -> None:
        before = self.opening.pop(word.leg, None)
        if before is not None:
            before.cancel()
        self.opening[word.leg] = self._do(self._join(word))

    async def _join(self, word: Said) -> None:
        """Join the conference; again and again, where media is away for a while."""
        direction = word.leg
        assert direction != "room"
        while True:
            with contextlib.suppress(Problem):
                kind: Any = (direction, "camera")
                found = await self.house.media.open(self.conference, self.line.site, kind, self.line.grants, word.sdp)
                self.sessions[direction] = found.session
                self._to_gateway(Told(direction, found.body))
                return
            await asyncio.sleep(RETRY_S)

    def left(self, session: str) -> None:
        """The forwarder says that a session of ours has ended without our doing."""
        if session in self.sessions.values():
            self.sessions.clear()
            self._to_gateway(Lost())

    # The end -------------------------------------------------------------------------------------------------------

    async def _end(self, why: Why) -> None:
        if self.handle:
            with contextlib.suppress(Problem):
                await self.house.janus.message(self.handle, {"request": "hangup"})
            await self.house.janus.detach(self.handle)
        self.house.door.forget(self.user)
        for task in list(self.tasks):
            task.cancel()
        for session in self.sessions.values():
            with contextlib.suppress(Problem):
                await self.house.media.close(session, self.line.site)
        if self.child is not None and self.child.returncode is None:
            self.child.kill()
            await self.child.wait()
        self.state = msgspec.structs.replace(self.state, why=why)
        self._tell("ended")

    def _tell(self, stage: words.Stage) -> None:
        if stage != self.state.stage:
            self.state = msgspec.structs.replace(self.state, stage=stage, since=self.house.clock.now())
        self.house.tell(self.state)

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task
