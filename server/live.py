"""The live door: five words over Socket.IO, between the streams and a thousand tablets.

`command` and `sync` are always answered, `event` goes out in order and without holes, `status` is the latest or
nothing, `hint` may be lost. Rooms give a *door* for each kind of stream and know nothing of sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from server import words
from server.answering import NOWHERE, Answering
from server.bus import Aside, Bus, Expelled, NewEntries, NewHints, NewStatus, Note, Recap
from server.callers import Caller, Limits
from server.doors import Entrance, OnHint, OnPresence, StreamDoor
from server.errors import Problem
from server.fanout import Sockets
from server.gathering import FINISH_WITHIN_S, Gathering, status_frame
from server.heads import Heads
from server.hints import Gathered, HintTray, spread
from server.line import Line
from server.statuses import Status, Statuses
from server.streams import Entry, StreamId, Streams
from server.words import Command, Hint, Malformed, Passed, Sync

log = logging.getLogger("hopso.live")

PATH = "/live/"


class Live:
    """Everybody's line to the meeting. Built once, attached to the web application, told of what happens."""

    def __init__(
        self,
        doors: Mapping[str, StreamDoor],
        entrance: Entrance,
        streams: Streams,
        bus: Bus,
        limits: Limits | None = None,
    ) -> None:
        self.entrance = entrance
        self.streams = streams
        self.bus = bus
        self.limits = limits or Limits()
        self.statuses = Statuses(streams.clock)
        self.gathering = Gathering(doors, streams, bus, self.limits.look_again_s)
        self.on_presence: list[OnPresence] = self.gathering.on_presence
        self.on_hint: list[OnHint] = []
        self.on_aside: list[Callable[[str, Any], None]] = []
        self._answering = Answering(self.gathering, self.statuses, streams, self.limits)
        self._tray = HintTray(self.limits.hints_every_s, self._spread)
        self._sockets = Sockets(self)
        self._expulsions = 0
        self._showing: set[Line] = set()
        self._heads: asyncio.Task[None] | None = None
        streams.listeners.append(self._committed)

    def attach(self, app: web.Application) -> None:
        """Open the door at `/live/`; it starts and ends with the application."""
        self._sockets.attach_to(app, PATH)
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._say_goodbye)
        app.on_cleanup.append(self._close)

    # -- what rooms and the hall say -------------------------------------------------------------------------------

    def status(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> None:
        """This is so now, for everyone admitted or for these persons; None ends the topic."""
        status = self.status_here(stream, topic, value, audience)
        persons = None if audience is None else sorted(audience)
        self.bus.publish(NewStatus(stream, topic, status.seq, value, persons))

    def status_here(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> Status:
        """As `status`, for what every process finds out by itself: it is told to the sockets of this process."""
        status = Status(stream, topic, self.statuses.next_seq(), value, audience)
        self.statuses.keep(status)
        self.gathering.tell(status)
        return status

    def aside(self, topic: str, value: Any) -> None:
        """Tell the hall of the other processes something; they hear it by `on_aside`, unless it is lost on the way."""
        self.bus.publish(Aside(topic, value))

    def expel(self, session: str, reason: str) -> None:
        """Close the sockets of one session at once, here and in the other processes."""
        self._expel(session, reason)
        self.bus.publish(Expelled(session, reason))

    def resync(self, stream: StreamId, person: str) -> None:
        """What this person may see has changed: on the sockets of this process they are admitted again or not, and
        begin from a snapshot. The other processes find the change out by themselves."""
        self.gathering.background(self._resync(stream, person))

    def sessions(self) -> set[str]:
        """The sessions that have a socket open here."""
        return self.gathering.sessions()

    def followers(self, stream: StreamId) -> list[Caller]:
        """The sockets of this process that follow the stream."""
        following = self.gathering.followings.get(stream)
        return [] if following is None else list(following.followers)

    # -- what the sockets say (`fanout.Inner`) ---------------------------------------------------------------------

    def may_enter(self, origin: str, host: str) -> bool:
        """Whether pages of this origin may open a socket."""
        return self.entrance.allowed(origin, host)

    def opened(self, line: Line) -> None:
        """A line is open; whoever shows no ticket in time is sent away."""
        asyncio.get_running_loop().call_later(self.limits.show_ticket_within_s, self._close_stranger, line)

    async def connected(self, line: Line, packet: str) -> str:
        """Redeem the ticket; an empty string lets them in, a code turns them away."""
        expulsions = self._expulsions
        self._showing.add(line)
        try:
            auth = words.read_auth(packet)
            visitor = await self.entrance.redeem(auth.ticket)
        except Malformed:
            return "live.malformed"
        except Exception:
            log.exception("a ticket could not be looked at")
            return "bug"
        finally:
            self._showing.discard(line)
        # Somebody was expelled meanwhile, perhaps they: a fresh ticket will tell.
        if visitor is None or expulsions != self._expulsions:
            return "live.ticket_spent"
        if line.open and not self.gathering.enter(Caller(line, visitor, auth.endpoint, self.limits)):
            return "live.too_many"
        return ""

    def heard(self, line: Line, packet: str) -> None:
        """A word was said; the first malformed one ends the connection."""
        caller = self.gathering.callers.get(line)
        if caller is None:
            return
        try:
            asked = words.read_event(packet)
        except Malformed:
            self._dismiss(caller, "malformed")
            return
        if isinstance(asked.word, Hint):
            self._pass_on(caller, asked.word)
        else:
            self._queue(caller, asked.word, asked.ack)

    def gone(self, line: Line) -> None:
        """The line is closed. What was asked for before is still done."""
        line.close()
        caller = self.gathering.callers.get(line)
        if caller is not None:
            self.gathering.leave(caller)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _queue(self, caller: Caller, word: Command | Sync, ack: int | None) -> None:
        if isinstance(word, Sync) and word.stream == NOWHERE:
            self._answering.here(caller, ack)
            return
        if isinstance(word, Sync):
            taken = caller.may_ask("sync") and caller.syncs.put(lambda: self._answering.sync(caller, word, ack))
        else:
            taken = caller.may_ask("command") and caller.commands.put(
                lambda: self._answering.command(caller, word, ack)
            )
        if not taken:
            self._answering.refuse(caller, ack, "live.too_fast")

    def _pass_on(self, caller: Caller, hint: Hint) -> None:
        stream = StreamId(hint.stream)
        if stream not in caller.streams or not caller.may_ask("hint"):
            return
        try:
            door = self.gathering.door(stream)
            if not door.may_hint(caller.visitor, stream, hint.type):
                return
            if hint.type not in door.for_the_house:
                self._tray.put(Gathered(Passed(stream, hint.type, caller.person, hint.data), caller))
            for listener in self.on_hint:
                listener(stream, caller.visitor, caller.endpoint, hint.type, hint.data)
        except Exception:
            log.exception("a hint of type %s was not taken in", hint.type)

    def _spread(self, stream: StreamId, hints: list[Gathered]) -> int:
        followers = self.followers(stream)
        spread(hints, followers)
        if ours := [hint.passed for hint in hints if not hint.is_from_bus]:
            self.bus.publish(NewHints(stream, ours))
        return len(followers)

    def _committed(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        self.gathering.offer(stream, entries)
        self.bus.publish(NewEntries(stream, list(entries)))

    def _hear(self, note: Note) -> None:
        match note:
            case NewEntries():
                self.gathering.offer(note.stream, note.entries)
            case NewHints():
                for passed in note.hints:
                    self._tray.put(Gathered(passed, is_from_bus=True))
            case NewStatus():
                self._keep_up(note)
            case Expelled():
                self._expel(note.session, note.reason)
            case Recap():
                self._recap()
            case Aside():
                self._overhear(note)

    def _keep_up(self, note: NewStatus) -> None:
        audience = None if note.audience is None else frozenset(note.audience)
        status = Status(note.stream, note.topic, note.seq, note.value, audience)
        if self.statuses.keep(status):
            self.gathering.tell(status)

    def _overhear(self, note: Aside) -> None:
        for listener in self.on_aside:
            listener(note.topic, note.value)

    def _recap(self) -> None:
        for known in self.statuses.all():
            persons = None if known.audience is None else sorted(known.audience)
            self.bus.publish(NewStatus(known.stream, known.topic, known.seq, known.value, persons))

    def _bus_connected(self) -> None:
        self.bus.publish(Recap())
        for following in self.gathering.followings.values():
            following.look()

    def _expel(self, session: str, reason: str) -> None:
        self._expulsions += 1
        for caller in self.gathering.of_session(session):
            self._dismiss(caller, reason)

    def _dismiss(self, caller: Caller, reason: str) -> None:
        goodbye = Status(NOWHERE, "goodbye", self.statuses.next_seq(), {"reason": reason})
        caller.commands.clear()
        caller.syncs.clear()
        caller.line.close(status_frame(goodbye))
        self.gathering.leave(caller)

    def _close_stranger(self, line: Line) -> None:
        if line in self._showing:  # they wait for us, perhaps with a thousand others; sent away, all would come again
            self.opened(line)
        elif line not in self.gathering.callers:
            line.close()

    async def _resync(self, stream: StreamId, person: str) -> None:
        for caller in self.gathering.of(person):
            if stream not in caller.streams:
                continue
            self.gathering.pause(caller, stream)  # until it is known whether they still may
            try:
                await self.gathering.door(stream).admit(caller.visitor, stream)
            except Problem:
                self.gathering.unfollow(caller, stream)
            seq = self.statuses.next_seq()
            self.gathering.tell_one(caller, Status(stream, "resync", seq, {"since": 0}))

    async def _start(self, _app: web.Application) -> None:
        await self.bus.start(self._hear, self._bus_connected)
        self._heads = asyncio.create_task(
            Heads(self.gathering, self.statuses, self.limits.heads_every_s).run(), name="heads"
        )

    async def _say_goodbye(self, _app: web.Application) -> None:
        callers = list(self.gathering.callers.values())
        for caller in callers:
            self._dismiss(caller, "restart")
        lanes = [lane.finish() for caller in callers for lane in (caller.commands, caller.syncs)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*lanes), FINISH_WITHIN_S)

    async def _close(self, _app: web.Application) -> None:
        if self._heads is not None:
            self._heads.cancel()
        await self.bus.close()
        await self.gathering.close()
