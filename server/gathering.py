"""Who is connected to this process, and which streams they follow."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from server import words
from server.bus import Bus
from server.callers import Caller
from server.doors import OnPresence, StreamDoor
from server.errors import NotFound
from server.following import Following, Heard
from server.line import Line, text_frame
from server.listeners import tell_all
from server.statuses import Status
from server.streams import Entry, StreamId, Streams
from server.words import Told

log = logging.getLogger("hopso.live")

FINISH_WITHIN_S = 5.0
NOBODY: frozenset[str] = frozenset()


def kind_of(stream: StreamId) -> str:
    """The part of a stream's name that says which room's it is."""
    return stream.partition(":")[0]


class Gathering:
    """The signed-in sockets, and the streams that at least one of them follows."""

    def __init__(self, doors: Mapping[str, StreamDoor], streams: Streams, bus: Bus, look_again_s: float) -> None:
        self.doors = doors
        self.streams = streams
        self.bus = bus
        self.look_again_s = look_again_s
        self.callers: dict[Line, Caller] = {}
        self.followings: dict[StreamId, Following] = {}
        self.on_presence: list[OnPresence] = []
        self.on_opening: list[Callable[[StreamId], Awaitable[None]]] = []
        """Called when a stream begins to be followed in this process: by what is older than its head now nobody may
        judge who sees its events."""
        self.on_delivery: list[Heard] = []
        """Called with the events of a followed stream as they are delivered, whichever process committed them."""
        self._sessions: dict[str, dict[Caller, None]] = {}
        self._present: Counter[tuple[StreamId, str, str]] = Counter()
        self._slow: set[Caller] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def door(self, stream: StreamId) -> StreamDoor:
        """The room's door for this stream; `NotFound("stream.unknown")` when there is none."""
        door = self.doors.get(kind_of(stream))
        if door is None:
            raise NotFound("stream.unknown")
        return door

    async def follow(self, caller: Caller, stream: StreamId) -> Following:
        """Count the caller among the followers. They hear nothing until they are placed."""
        following = self.followings.get(stream)
        if following is None:
            audience = self._audience(stream)
            following = self.followings[stream] = Following(stream, audience, self.streams.read, self._delivered)
        is_new = caller not in following.followers
        following.pause(caller)
        if is_new:
            caller.streams.add(stream)
            self._count(caller, stream, 1)
        await following.ready(lambda: self._head(stream))
        return following

    def unfollow(self, caller: Caller, stream: StreamId) -> None:
        """The caller hears no more of this stream."""
        following = self.followings.get(stream)
        if following is None or not following.drop(caller):
            return
        caller.streams.discard(stream)
        self._count(caller, stream, -1)
        if not following.followers:
            del self.followings[stream]
            self.background(self._end(following))

    def pause(self, caller: Caller, stream: StreamId) -> None:
        """The caller hears no events of this stream until they sync again."""
        following = self.followings.get(stream)
        if following is not None and caller in following.followers:
            following.pause(caller)

    def enter(self, caller: Caller) -> bool:
        """The caller is here; False when their session has as many sockets open as it may."""
        beside = self._sessions.setdefault(caller.visitor.session, {})
        if len(beside) >= caller.limits.sockets:
            return False
        beside[caller] = None
        self.callers[caller.line] = caller
        return True

    def leave(self, caller: Caller) -> None:
        """The caller is gone. What they asked for before is still done."""
        self.callers.pop(caller.line, None)
        beside = self._sessions.get(caller.visitor.session, {})
        beside.pop(caller, None)
        if not beside:
            self._sessions.pop(caller.visitor.session, None)
        self._slow.discard(caller)
        for stream in tuple(caller.streams):
            self.unfollow(caller, stream)

    def sessions(self) -> set[str]:
        """The sessions that have a socket open here."""
        return set(self._sessions)

    def of(self, person: str) -> list[Caller]:
        """The sockets of this person."""
        return [caller for caller in self.callers.values() if caller.person == person]

    def of_session(self, session: str) -> list[Caller]:
        """The sockets of this session."""
        return list(self._sessions.get(session, ()))

    def offer(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        """News of a stream, to be delivered to whoever follows it."""
        following = self.followings.get(stream)
        if following is not None:
            following.offer(entries)

    def tell(self, status: Status, among: Sequence[Caller] | None = None) -> None:
        """Send a status to the followers it is for, or to those of them among these; the slow ones a little later."""
        following = self.followings.get(status.stream)
        if following is not None:
            topic = f"{status.stream} {status.topic}"
            self._later(following.tell(status_frame(status), topic, status.is_for, among))

    def tell_one(self, caller: Caller, status: Status) -> None:
        """Send a status to one caller, if it is for them."""
        if status.is_for(caller.person):
            topic = f"{status.stream} {status.topic}"
            if not caller.line.write_latest(topic, status_frame(status)):
                self._later([caller])

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside, and keep hold of it until it is done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def close(self) -> None:
        """Let all that is at work come to its end."""
        for following in list(self.followings.values()):
            await following.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_WITHIN_S)

    def _delivered(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        tell_all((partial(listener, stream, entries) for listener in self.on_delivery), stream)

    async def _head(self, stream: StreamId) -> int:
        await self.bus.join(stream)
        head = await self.streams.head(stream)
        for listener in self.on_opening:
            await listener(stream)
        return head

    async def _end(self, following: Following) -> None:
        await following.close()
        if following.stream not in self.followings:
            await self.bus.leave(following.stream)

    def _audience(self, stream: StreamId) -> Callable[[Entry], Container[str] | None]:
        door = self.door(stream)

        def audience(entry: Entry) -> Container[str] | None:
            try:
                return door.audience(entry)
            except Exception:
                # Called while a commit is being told: one room's mistake must not silence the others.
                log.exception("nobody is shown event %d of %s", entry.version, stream)
                return NOBODY

        return audience

    def _count(self, caller: Caller, stream: StreamId, step: int) -> None:
        key = (stream, caller.person, caller.endpoint)
        before = self._present[key]
        self._present[key] += step
        if not self._present[key]:
            del self._present[key]
        if before and before + step:
            return
        for listener in self.on_presence:
            try:
                listener(stream, caller.visitor, caller.endpoint, step > 0)
            except Exception:
                log.exception("presence in %s was not taken in", stream)

    def _later(self, callers: Sequence[Caller]) -> None:
        if callers and not self._slow:
            asyncio.get_running_loop().call_later(self.look_again_s, self._look_again)
        self._slow.update(callers)

    def _look_again(self) -> None:
        self._slow = {caller for caller in self._slow if not caller.line.drained()}
        if self._slow:
            asyncio.get_running_loop().call_later(self.look_again_s, self._look_again)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("work beside the streams failed", exc_info=task.exception())


def status_frame(status: Status) -> bytes:
    """The frame that carries a status."""
    return text_frame(words.status(Told(status.stream, status.topic, status.seq, status.value)))
