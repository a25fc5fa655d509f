"""How a command and a sync are carried out and answered. Whatever happens, the asker hears an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec

from server import words
from server.callers import Caller, Limits
from server.deadlines import deadline
from server.errors import Problem
from server.following import Following
from server.gathering import Gathering
from server.statuses import Statuses
from server.streams import Answer, StreamId, Streams
from server.words import Command, Sync

log = logging.getLogger("hopso.live")

NOWHERE = StreamId("")
"""The stream of statuses that belong to the connection, and of the sync that only asks "are you there"."""


NO_MORE = -1
"""The `since` of a sync that ends following."""


class Answering:
    """Serves the two words that are always answered."""

    def __init__(self, gathering: Gathering, statuses: Statuses, streams: Streams, limits: Limits) -> None:
        self.gathering = gathering
        self.statuses = statuses
        self.streams = streams
        self.clock = streams.clock
        self.limits = limits

    def refuse(self, caller: Caller, ack: int | None, code: str) -> None:
        """Answer with a no."""
        caller.answer(ack, words.answered(self._no(code)))

    def here(self, caller: Caller, ack: int | None) -> None:
        """Answer "are you there"."""
        caller.answer(ack, words.answered(Answer(ok=True, now=self.clock.now())))

    async def command(self, caller: Caller, ask: Command, ack: int | None) -> None:
        """Have the room carry out a command, and answer after its commit."""
        answer = await self._answer(lambda: self._perform(caller, ask))
        caller.answer(ack, words.answered(answer))

    async def sync(self, caller: Caller, ask: Sync, ack: int | None) -> None:
        """Bring the caller up to date and let them follow; or say why not."""
        stream = StreamId(ask.stream)
        if ask.since == NO_MORE:
            self.gathering.unfollow(caller, stream)
            self.here(caller, ack)
            return
        answer = await self._answer(lambda: self._follow(caller, ask, ack))
        if not answer.ok:
            self.gathering.unfollow(caller, stream)
            caller.answer(ack, words.answered(answer))

    async def _perform(self, caller: Caller, ask: Command) -> Answer:
        stream = StreamId(ask.stream)
        if ask.before and self.clock.now() > ask.before:
            return self._no("live.too_late")
        with deadline(ask.before):
            return await self.gathering.door(stream).perform(caller.visitor, stream, ask.id, bytes(ask.command))

    async def _follow(self, caller: Caller, ask: Sync, ack: int | None) -> Answer:
        # Subscribe first, then read: what is committed in between is sent after the answer, by `place`.
        stream = StreamId(ask.stream)
        await self.gathering.door(stream).admit(caller.visitor, stream)
        if not caller.line.open:
            return self._no("live.gone")
        following = await self.gathering.follow(caller, stream)
        version, key, content = await self._behind(caller, following, ask.since)
        if caller not in following.followers:
            return self._no("live.gone")
        caller.answer(ack, *words.synced(self.clock.now(), version, key, content))
        await following.place(caller, version)
        for status in self.statuses.of(stream):
            self.gathering.tell_one(caller, status)
        return Answer(ok=True, now=self.clock.now(), version=version)

    async def _behind(self, caller: Caller, following: Following, since: int) -> tuple[int, str, bytes]:
        stream, few = following.stream, self.limits.events_before_snapshot
        if 0 < since <= following.delivered <= since + few:
            # A thousand who come back at once are not a thousand readers of the database.
            entries = following.remembered(since)
            if entries is None:
                await following.recall()
                entries = following.remembered(since)
            if entries is None:  # they are older than what is kept in memory
                entries = following.heard_of(await self.streams.read(stream, since, few + 1))
            if len(entries) <= few:
                version = entries[-1].version if entries else since
                return version, "events", following.views(since, entries).listed(caller.person)
        version, snapshot = await self.gathering.door(stream).snapshot(caller.visitor, stream)
        return version, "snapshot", snapshot

    async def _answer(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await work()
        except Problem as error:
            return Answer(ok=False, now=self.clock.now(), code=error.code, details=dict(error.details))
        except msgspec.DecodeError as error:
            return self._no("live.command_malformed", reason=str(error))
        except Exception:
            incident = self.clock.fresh_id()
            log.exception("incident %s at the live door", incident)
            return self._no("bug", incident=incident)

    def _no(self, code: str, **details: str) -> Answer:
        return Answer(ok=False, now=self.clock.now(), code=code, details=dict(details))
