"""One media process, as a web process sees it: requests and their answers, who is there, and how busy it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Protocol

import msgspec

from server.errors import Detail, Problem, Unavailable
from server.media.control import (
    Answer,
    Close,
    Failed,
    FromMedia,
    Gone,
    Here,
    Joined,
    Load,
    Observation,
    Open,
    Patch,
    Peer,
    Placed,
    decode_from_media,
)
from server.media.link import Caller
from server.media.placing import Burden

ANSWER_LIMIT_S = 5.0
WAITING_LIMIT = 500


class Refusal(Problem):
    """A refusal of the media process, with the status it chose."""

    def __init__(self, status: int, code: str, **details: Detail) -> None:
        super().__init__(code, **details)
        self.status = status  # type: ignore[misc]


class Owner(Protocol):
    """Who keeps the processes."""

    def met(self, process: MediaProcess) -> None:
        """There is a connection."""
        ...

    def came(self, process: MediaProcess, peer: Peer) -> None:
        """It said who it is, once for each connection."""
        ...

    def went(self, process: MediaProcess) -> None:
        """The connection is broken."""
        ...

    def carries(self, process: MediaProcess, placed: Placed) -> None:
        """It carries this conference, and so do the others that are named."""
        ...

    def observed(self, observation: Observation) -> None:
        """It observed something."""
        ...


class MediaProcess(Caller[FromMedia]):
    """One media process. `peer` is who it is, until it is given up; `name` is what operators call it."""

    def __init__(self, path: Path, owner: Owner) -> None:
        super().__init__(path, "media", decode_from_media)
        self.name = path.stem
        self.owner = owner
        self.peer: Peer | None = None
        self.load: Load | None = None
        self.burden = Burden()
        self.joined: dict[str, Joined] = {}
        self.receivers: set[str] = set()
        """Sessions that receive, or soon will."""
        self.waiting: dict[int, asyncio.Future[Answer]] = {}
        self.numbers = count(1)

    @property
    def busy(self) -> int:
        """Per mille of a core, with those who came since it last said so."""
        return self.burden.expected(len(self.receivers))

    async def ask(self, word: Callable[[int], Open | Patch | Close]) -> Answer:
        """Its answer to a request. Raises Problems: `media.unavailable`, and those it answers with."""
        if self.writer is None or len(self.waiting) >= WAITING_LIMIT:
            raise Unavailable("media.unavailable")
        number = next(self.numbers)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        request = word(number)
        self.say(request)
        try:
            answer = await asyncio.wait_for(future, ANSWER_LIMIT_S)
        except TimeoutError as error:
            raise Unavailable("media.unavailable") from error
        finally:
            self.waiting.pop(number, None)
        if isinstance(request, Open) and request.direction == "down":
            self.receivers.add(answer.session)
        return answer

    def lost(self) -> list[Gone]:
        """All who were there, as gone; who is there all the same will be said again."""
        gone = [
            Gone(one.conference, one.endpoint, one.session, one.direction, one.source, "lost")
            for one in self.joined.values()
        ]
        self.joined.clear()
        self.receivers.clear()
        return gone

    def said_again(self) -> Iterable[msgspec.Struct]:
        """Nothing: what it is told depends on who it is."""
        return ()

    def met(self) -> None:
        """There is a connection."""
        self.owner.met(self)

    def parted(self) -> None:
        """Whoever waits for an answer waits in vain."""
        self.load, self.burden = None, Burden()
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(Unavailable("media.unavailable"))
        self.waiting.clear()
        self.owner.went(self)

    def heed(self, word: FromMedia) -> None:
        """Who it is, an answer, or something it observed."""
        match word:
            case Here():
                self.owner.came(self, word.peer)
            case Load():
                self.load = word
                self.burden.weigh(word, time.monotonic_ns() // 1_000_000)
            case Placed():
                self.owner.carries(self, word)
            case Answer() | Failed():
                self._answered(word)
            case _:
                self._keep(word)
                self.owner.observed(word)

    def _keep(self, word: Observation) -> None:
        if isinstance(word, Joined):
            self.joined[word.session] = word
            if word.direction == "down":
                self.receivers.add(word.session)
        elif isinstance(word, Gone):
            self.joined.pop(word.session, None)
            self.receivers.discard(word.session)

    def _answered(self, word: Answer | Failed) -> None:
        future = self.waiting.pop(word.request, None)
        if future is None or future.done():
            return
        if isinstance(word, Answer):
            future.set_result(word)
        else:
            future.set_exception(Refusal(word.status, word.code, **word.details))
