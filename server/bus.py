"""The doorbell between web processes: "stream 7 has these new events". It may lose what it carries.

What must not be lost lies in the database; whoever hears of event 9 after event 7 reads event 8 there. One
process alone needs no doorbell (`LocalBus`); several share a Redis (`RedisBus`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

from server.streams import Entry, StreamId
from server.words import Passed

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

log = logging.getLogger("hopso.bus")


class NewEntries(msgspec.Struct, frozen=True, tag="entries"):
    """These events were committed."""

    stream: StreamId
    entries: list[Entry]


class NewStatus(msgspec.Struct, frozen=True, tag="status"):
    """This is so now."""

    stream: StreamId
    topic: str
    seq: int
    value: Any
    audience: list[str] | None


class NewHints(msgspec.Struct, frozen=True, tag="hints"):
    """These hints may be shown."""

    stream: StreamId
    hints: list[Passed]


class Expelled(msgspec.Struct, frozen=True, tag="expelled"):
    """The sockets of this session are to be closed."""

    session: str
    reason: str


class Recap(msgspec.Struct, frozen=True, tag="recap"):
    """A process has just come: tell it the statuses that hold."""


class Aside(msgspec.Struct, frozen=True, tag="aside"):
    """What a part of the hall tells its like in the other processes; the live door only carries it."""

    topic: str
    value: Any


Note = NewEntries | NewStatus | NewHints | Expelled | Recap | Aside
Heard = Callable[[Note], None]


class Bus(Protocol):
    """Tells the other web processes, and hears from them. Never raises for want of a connection."""

    is_shared: ClassVar[bool]
    """Whether there may be other processes."""

    async def start(self, heard: Heard, connected: Callable[[], None]) -> None:
        """Begin to listen; `connected` is called after each (re)connection, when news may have been missed."""
        ...

    async def close(self) -> None: ...

    async def join(self, stream: StreamId) -> None:
        """From the return of this call on, news of the stream is heard."""
        ...

    async def leave(self, stream: StreamId) -> None: ...

    def publish(self, note: Note) -> None:
        """Tell the others, soon."""
        ...


class LocalBus:
    """One process alone: nobody to tell."""

    is_shared: ClassVar[bool] = False

    async def start(self, heard: Heard, connected: Callable[[], None]) -> None:
        """Nothing will be heard."""

    async def close(self) -> None:
        """Nothing is open."""

    async def join(self, stream: StreamId) -> None:
        """Nobody else writes to the stream."""

    async def leave(self, stream: StreamId) -> None:
        """Nobody else writes to the stream."""

    def publish(self, note: Note) -> None:
        """Nobody is there to be told."""


PREFIX = "hopso:"
EVERYONE = PREFIX + "all"
MOST_UNSENT = 10_000
JOIN_PATIENCE_S = 2.0
SLOWEST_RETRY_S = 2.0


class RedisBus:
    """Redis publish/subscribe: a channel for each followed stream, and one for everybody."""

    is_shared: ClassVar[bool] = True

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis

        self.redis: Redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self.name = f"{id(self):x}".encode()
        self._unsent: deque[tuple[str, bytes]] = deque(maxlen=MOST_UNSENT)
        self._bell = asyncio.Event()
        self._channels: dict[str, asyncio.Event] = {EVERYONE: asyncio.Event()}
        self._pubsub: PubSub | None = None
        self._subscribing = asyncio.Lock()
        self._closed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Note)

    async def start(self, heard: Heard, connected: Callable[[], None]) -> None:
        """Connect in the background and keep connected. A Redis that is away is waited for."""
        import uuid

        self.name = uuid.uuid4().hex.encode()
        self._tasks = [
            asyncio.create_task(self._listen_forever(heard, connected), name="bus ear"),
            asyncio.create_task(self._speak_forever(), name="bus mouth"),
        ]

    async def close(self) -> None:
        """Stop listening; what is unsent is lost."""
        self._closed = True  # the client library may take a cancellation for a time-out of its own
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.redis.aclose()

    async def join(self, stream: StreamId) -> None:
        """Subscribe, and wait until Redis says so. Without Redis the streams are polled, so that is no error."""
        heard = self._channels.setdefault(PREFIX + stream, asyncio.Event())
        try:
            async with asyncio.timeout(JOIN_PATIENCE_S):
                if not heard.is_set():
                    await self._subscribe(PREFIX + stream)
                await heard.wait()
        except (OSError, TimeoutError, _redis_error()) as error:
            log.warning("not subscribed to %s yet: %s", stream, error or "no answer")

    async def leave(self, stream: StreamId) -> None:
        """Unsubscribe."""
        self._channels.pop(PREFIX + stream, None)
        async with self._subscribing:
            if self._pubsub is not None and PREFIX + stream not in self._channels:
                try:
                    await self._pubsub.unsubscribe(PREFIX + stream)
                except (OSError, _redis_error()) as error:
                    log.warning("not unsubscribed from %s: %s", stream, error)

    def publish(self, note: Note) -> None:
        """Queue a note; when Redis is away the oldest of too many are forgotten."""
        channel = PREFIX + note.stream if isinstance(note, NewEntries | NewHints) else EVERYONE
        self._unsent.append((channel, self.name + b" " + self._encoder.encode(note)))
        self._bell.set()

    async def _subscribe(self, channel: str) -> None:
        # One at a time: two that find no connection would open two. Before there is one, nothing need be said,
        # because a new connection begins with all channels.
        async with self._subscribing:
            if self._pubsub is not None:
                await self._pubsub.subscribe(channel)

    async def _speak_forever(self) -> None:
        while not self._closed:
            await self._bell.wait()
            self._bell.clear()
            while self._unsent and not self._closed:
                channel, message = self._unsent[0]
                try:
                    await self.redis.publish(channel, message)
                except (OSError, _redis_error()) as error:
                    log.warning("Redis does not take notes: %s", error)
                    await asyncio.sleep(SLOWEST_RETRY_S)
                    continue
                if self._unsent and self._unsent[0] == (channel, message):
                    self._unsent.popleft()

    async def _listen_forever(self, heard: Heard, connected: Callable[[], None]) -> None:
        pause = 0.1
        while not self._closed:
            try:
                async with self.redis.pubsub() as pubsub:
                    await self._subscribe_all(pubsub)
                    pause = 0.1
                    await self._listen(pubsub, heard, connected)
            except (OSError, _redis_error()) as error:
                log.warning("Redis does not speak: %s", error)
            self._pubsub = None
            for subscribed in self._channels.values():
                subscribed.clear()
            await asyncio.sleep(pause)
            pause = min(SLOWEST_RETRY_S, pause * 2)

    async def _subscribe_all(self, pubsub: PubSub) -> None:
        async with self._subscribing:
            await pubsub.subscribe(*self._channels)
            self._pubsub = pubsub

    async def _listen(self, pubsub: PubSub, heard: Heard, connected: Callable[[], None]) -> None:
        while not self._closed:
            message = await pubsub.get_message(timeout=1.0)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._subscribed(message["channel"].decode(), connected)
            elif message["type"] == "message":
                self._hear(message["data"], heard)

    def _subscribed(self, channel: str, connected: Callable[[], None]) -> None:
        if channel in self._channels:
            self._channels[channel].set()
        if channel == EVERYONE:
            connected()  # the library reconnects quietly by itself; this is how we learn of it

    def _hear(self, message: bytes, heard: Heard) -> None:
        name, _, content = message.partition(b" ")
        if name == self.name:
            return
        try:
            heard(self._decoder.decode(content))
        except msgspec.DecodeError:
            log.warning("a note of another version of the server was ignored")
        except Exception:
            log.exception("a note could not be carried out")


def _redis_error() -> type[Exception]:
    from redis.exceptions import RedisError

    return RedisError
