"""Who follows a stream, and up to where each of them has heard it.

A stream is delivered contiguously or not at all: whatever the doorbell says, an event goes out only after the one
before it, and a hole is filled from the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Container, Sequence

from server import words
from server.callers import Caller
from server.line import Line, text_frame, write_to_all
from server.streams import Entry, StreamId

log = logging.getLogger("hopso.live")

UNPLACED = -1
"""The position of a follower whose sync is not answered yet: they hear nothing before."""
LEVEL = -2
"""The position of a follower who has been sent all that was delivered: nothing need be noted for each event."""
RECENT = 256
SHARE = 20
"""Followers who are told a head at once."""
MOST_HELD = 2000
READ_AGAIN_S = 0.5

Audience = Callable[[Entry], Container[str] | None]
Read = Callable[[StreamId, int], Awaitable[list[Entry]]]
Heard = Callable[[StreamId, Sequence[Entry]], None]
"""Told of events when they are delivered, before anybody is shown them."""


class Views:
    """Some events as different people may see them: a list is encoded once for each distinct view of it."""

    def __init__(self, entries: Sequence[Entry], audience: Audience) -> None:
        self.entries = entries
        self.audiences = [audience(entry) for entry in entries]
        self.is_open = all(allowed is None for allowed in self.audiences)
        self._lists: dict[tuple[bool, ...], bytes] = {}
        self._frames: dict[tuple[bool, ...], bytes] = {}

    def listed(self, person: str) -> bytes:
        """The events as JSON, those hidden from this person replaced by their numbers."""
        return self._listed(self._seen(person))

    def frame(self, person: str) -> bytes:
        """The frame that carries them to this person."""
        seen = self._seen(person)
        if seen not in self._frames:
            self._frames[seen] = text_frame(words.event(self._listed(seen)))
        return self._frames[seen]

    def _seen(self, person: str) -> tuple[bool, ...]:
        if self.is_open:
            return ()
        return tuple(allowed is None or person in allowed for allowed in self.audiences)

    def _listed(self, seen: tuple[bool, ...]) -> bytes:
        if seen not in self._lists:
            visible = seen or (True,) * len(self.entries)
            pairs = zip(self.entries, visible, strict=True)
            self._lists[seen] = words.listed(words.written(e) if sees else words.hidden(e) for e, sees in pairs)
        return self._lists[seen]


class Following:
    """One stream in this process: its followers, and what it has delivered to them."""

    def __init__(self, stream: StreamId, audience: Audience, read: Read, heard: Heard | None = None) -> None:
        self.stream = stream
        self.audience = audience
        self.read = read
        self.heard = heard
        self.followers: dict[Caller, int] = {}
        self._level: dict[Line, None] = {}
        """The lines of those who are `LEVEL`: with a thousand of them, a look at each caller would cost as much again
        as the write."""
        self.delivered = 0
        self._is_open = False
        """It is known where this stream stands; before, all of its log would seem to be missing."""
        self._recent: deque[Entry] = deque(maxlen=RECENT)
        self._views: dict[tuple[int, int], Views] = {}
        self._held: list[Entry] = []
        self._filling: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._recalling: asyncio.Task[None] | None = None
        self._closed = False

    async def ready(self, find_head: Callable[[], Awaitable[int]]) -> None:
        """Wait until it is known where this stream stands; the first to ask has it found out."""
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.create_task(self._open(find_head), name=f"open {self.stream}")
        await asyncio.shield(self._opening)

    async def _open(self, find_head: Callable[[], Awaitable[int]]) -> None:
        self.delivered = await find_head()
        self._is_open = True
        held, self._held = self._held, []
        self._take(held)

    def offer(self, entries: Sequence[Entry]) -> None:
        """News of the stream, from a commit or the bus, in order or not, perhaps known already."""
        if not self._is_open or self._filling is not None:
            if len(self._held) < MOST_HELD:  # what is not held here is found in the database
                self._held.extend(entries)
            return
        self._take(entries)

    def look(self) -> None:
        """Read the database for events nobody told us about."""
        if self._is_open and self._filling is None and not self._closed:
            self._filling = asyncio.create_task(self._fill(), name=f"fill {self.stream}")

    async def place(self, caller: Caller, version: int) -> None:
        """The caller stands at `version`: send what came since, and from here on all that comes."""
        while version < self.delivered:
            missed = self.remembered(version)
            if missed is None:
                missed = self.heard_of(await self.read(self.stream, version))
            if not missed or caller not in self.followers:
                break
            caller.write(Views(missed, self.audience).frame(caller.person))
            version = missed[-1].version
        if caller in self.followers and version == self.delivered:
            self._is_level(caller)
        elif caller in self.followers:
            self.pause(caller)
            self.followers[caller] = version

    def heard_of(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of these that were delivered here: who may see later ones nobody here can judge yet."""
        return [entry for entry in entries if entry.version <= self.delivered]

    async def recall(self) -> None:
        """Read the events before this process followed, once for all who come back after a restart."""
        if self._recalling is None or (self._recalling.done() and self._recalling.exception() is not None):
            self._recalling = asyncio.create_task(self._recall(), name=f"recall {self.stream}")
        await asyncio.shield(self._recalling)

    async def _recall(self) -> None:
        head, older = self.delivered, list[Entry]()
        version = max(0, head - RECENT)
        while version < head and (read := await self.read(self.stream, version)):
            older += self.heard_of(read)
            version = read[-1].version
        known = self._recent[0].version if self._recent else head + 1
        older = [entry for entry in older if entry.version < known]
        self._recent = deque([*older, *self._recent], maxlen=RECENT)

    def remembered(self, since: int) -> list[Entry] | None:
        """What was delivered after this version, or None when only the database knows."""
        missed = [entry for entry in self._recent if entry.version > since]
        return missed if len(missed) == self.delivered - since else None

    def views(self, since: int, entries: Sequence[Entry]) -> Views:
        """The views of what came after this version: made once for all who ask for them in one turn of the loop, and no
        longer, because who may see what can change without an event of this stream."""
        key = since, since + len(entries)
        if not self._views:
            asyncio.get_running_loop().call_soon(self._views.clear)
        if key not in self._views:
            self._views[key] = Views(entries, self.audience)
        return self._views[key]

    def pause(self, caller: Caller) -> None:
        """The caller follows, and hears no events until they are placed."""
        self.followers[caller] = UNPLACED
        self._level.pop(caller.line, None)

    def drop(self, caller: Caller) -> bool:
        """The caller follows no more; False when they did not."""
        self._level.pop(caller.line, None)
        return self.followers.pop(caller, None) is not None

    def shares(self) -> list[tuple[Following, list[Caller]]]:
        """The followers in shares of at most `SHARE`, each with this stream."""
        callers = list(self.followers)
        return [(self, callers[start : start + SHARE]) for start in range(0, len(callers), SHARE)]

    def tell(
        self, frame: bytes, topic: str, is_for: Callable[[str], bool], among: Sequence[Caller] | None = None
    ) -> list[Caller]:
        """Send a status to those it is for, or to those of them among these; the callers too slow to take it now."""
        asked = self.followers if among is None else [caller for caller in among if caller in self.followers]
        told = [caller for caller in asked if is_for(caller.person)]
        return [caller for caller in told if not caller.line.write_latest(topic, frame)]

    async def close(self) -> None:
        """Stop reading, after the read at work: cancelling it would leave its database connection hanging."""
        self._closed = True
        tasks = [task for task in (self._filling, self._opening, self._recalling) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, entries: Sequence[Entry]) -> None:
        fresh: list[Entry] = []
        for entry in entries:
            if entry.version == self.delivered + len(fresh) + 1:
                fresh.append(entry)
            elif entry.version > self.delivered + len(fresh):
                self.look()
                break
        if fresh:
            self._deliver(fresh)

    def _deliver(self, entries: list[Entry]) -> None:
        self.delivered = entries[-1].version
        if self.heard is not None:
            self.heard(self.stream, entries)
        self._recent.extend(entries)
        views = Views(entries, self.audience)
        if views.is_open:
            write_to_all(self._level, views.frame(""))
            if len(self._level) == len(self.followers):
                return
        for caller, position in self.followers.items():
            if position == LEVEL:
                if not views.is_open:
                    caller.write(views.frame(caller.person))
            elif position != UNPLACED:
                self._catch_up(caller, position, entries)

    def _catch_up(self, caller: Caller, position: int, entries: Sequence[Entry]) -> None:
        # They were shown a snapshot newer than what was delivered here.
        if position < entries[0].version - 1 or position > self.delivered:
            return
        rest = [entry for entry in entries if entry.version > position]
        if rest:
            caller.write(Views(rest, self.audience).frame(caller.person))
        self._is_level(caller)

    def _is_level(self, caller: Caller) -> None:
        self.followers[caller] = LEVEL
        self._level[caller.line] = None

    async def _fill(self) -> None:
        try:
            while missed := await self._read_patiently():
                if missed[0].version != self.delivered + 1:
                    log.error("the log of %s has a hole after %d", self.stream, self.delivered)
                    break
                self._deliver(missed)
        finally:
            self._filling = None
        held, self._held = self._held, []
        self._take(held)

    async def _read_patiently(self) -> list[Entry]:
        while not self._closed:
            try:
                return await self.read(self.stream, self.delivered)
            except Exception:
                log.exception("cannot read %s after %d; trying again", self.stream, self.delivered)
                await asyncio.sleep(READ_AGAIN_S)
        return []
