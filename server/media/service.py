"""The web side of the conference: says what should be, again after every reconnect, and hears what is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, count
from pathlib import Path

import msgspec

from server.errors import Detail, Problem, Unavailable
from server.listeners import tell_all
from server.media.conference import Desired, Grants
from server.media.control import (
    Answer,
    Close,
    Direction,
    Failed,
    FromMedia,
    Load,
    Observation,
    Open,
    Patch,
    Quiet,
    Source,
    View,
    decode_from_media,
)
from server.media.link import Caller

ANSWER_LIMIT_S = 5.0
WAITING_LIMIT = 500


class Refusal(Problem):
    """A refusal of the media process, with the status it chose."""

    def __init__(self, status: int, code: str, **details: Detail) -> None:
        super().__init__(code, **details)
        self.status = status  # type: ignore[misc]


class Conferences(Caller[FromMedia]):
    """All conferences, as the web process sees them.

    `observe` is called with every observation, in order, on the event loop; it must not block. `connected` is called
    after each (re)connection, when all states have been said again.
    """

    def __init__(
        self, control_socket: Path, observe: Callable[[Observation], None], connected: Callable[[], None] | None = None
    ) -> None:
        super().__init__(control_socket, "media", decode_from_media)
        self.observe = observe
        self.connected = connected
        self.states: dict[str, Desired] = {}
        self.quieted: dict[str, tuple[str, ...]] = {}
        self.load: Load | None = None
        self.waiting: dict[int, asyncio.Future[Answer]] = {}
        self.numbers = count(1)

    def desire(self, state: Desired) -> None:
        """Say how a conference should be; older states than the one said before are ignored."""
        if not state.newer_than(self.states.get(state.conference)):
            return
        self.states[state.conference] = state
        self.say(state)
        if not state.endpoints:
            # Over: said once; a media process that comes later knows nothing of it anyway.
            del self.states[state.conference]
            self.quieted.pop(state.conference, None)

    async def open(
        self, conference: str, endpoint: str, kind: tuple[Direction, Source], grants: Grants, sdp: str
    ) -> Answer:
        """Pass an offer on. Raises Problems: `media.offer_unreadable`, `media.unavailable` …"""
        direction, source = kind
        return await self._ask(lambda number: Open(number, conference, endpoint, direction, source, grants, sdp))

    async def patch(self, session: str, endpoint: str, fragment: str, match: str = "") -> Answer:
        """Pass a trickle or restart fragment on."""
        return await self._ask(lambda number: Patch(number, session, endpoint, fragment, match))

    async def close(self, session: str, endpoint: str) -> None:
        """End a session."""
        await self._ask(lambda number: Close(number, session, endpoint))

    def quiet(self, conference: str, principals: tuple[str, ...]) -> None:
        """Whose sessions carry sound only from now on, of those of a conference; said again after every reconnect."""
        if conference not in self.states or self.quieted.get(conference, ()) == principals:
            return
        self.quieted[conference] = principals
        self.say(Quiet(conference, principals))

    def view(self, conference: str, endpoint: str, slots: tuple[str, ...]) -> None:
        """A receiver's own slots from now on; said once, so that whoever joins anew says it again."""
        self.say(View(conference, endpoint, slots))

    async def reconnect(self, session: str, endpoint: str) -> None:
        """End a session as if its line were lost: its client opens another one."""
        await self._ask(lambda number: Close(number, session, endpoint, "lost"))

    def said_again(self) -> Iterable[msgspec.Struct]:
        """How all conferences should be."""
        return chain(self.states.values(), (Quiet(*one) for one in self.quieted.items()))

    def met(self) -> None:
        """Media is there again."""
        if self.connected is not None:
            self.connected()

    def parted(self) -> None:
        """Whoever waits for an answer waits in vain."""
        self.load = None
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(Unavailable("media.unavailable"))
        self.waiting.clear()

    def heed(self, word: FromMedia) -> None:
        """An answer, or something media observed."""
        if isinstance(word, Load):
            self.load = word
            return
        if not isinstance(word, Answer | Failed):
            tell_all((partial(self.observe, word),), "what media observed")
            return
        future = self.waiting.pop(word.request, None)
        if future is None or future.done():
            return
        if isinstance(word, Answer):
            future.set_result(word)
        else:
            future.set_exception(Refusal(word.status, word.code, **word.details))

    async def _ask(self, word: Callable[[int], Open | Patch | Close]) -> Answer:
        if self.writer is None or len(self.waiting) >= WAITING_LIMIT:
            raise Unavailable("media.unavailable")
        number = next(self.numbers)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        self.say(word(number))
        try:
            return await asyncio.wait_for(future, ANSWER_LIMIT_S)
        except TimeoutError as error:
            raise Unavailable("media.unavailable") from error
        finally:
            self.waiting.pop(number, None)
