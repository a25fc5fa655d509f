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
    Direction,
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
    Source,
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

    def joined(self, process: MediaProcess, joined: Joined) -> None:
        """A session is there: one of the same endpoint that another process has is over."""
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
        self.is_here = False
        """Whether it has said who it is on the present line: a tunnel to a machine that is away is a line too."""
        self.load: Load | None = None
        self.burden = Burden()
        self.joined: dict[str, Joined] = {}
        self.receivers: set[str] = set()
        """Sessions that receive, or soon will."""
        self.over: set[str] = set()
        """Sessions that were said to be gone before it says so itself."""
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
        gone = [Gone(*_purpose(one)[:2], one.session, *_purpose(one)[2:], "lost") for one in self.joined.values()]
        for kept in (self.joined, self.receivers, self.over):
            kept.clear()
        return gone

    def said_again(self) -> Iterable[msgspec.Struct]:
        """Nothing: what it is told depends on who it is."""
        return ()

    def met(self) -> None:
        """There is a connection."""
        self.owner.met(self)

    def parted(self) -> None:
        """Whoever waits for an answer waits in vain."""
        self.load, self.burden, self.is_here = None, Burden(), False
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(Unavailable("media.unavailable"))
        self.waiting.clear()
        self.owner.went(self)

    def heed(self, word: FromMedia) -> None:
        """Who it is, an answer, or something it observed."""
        match word:
            case Here():
                self.is_here = True
                self.owner.came(self, word.peer)
            case Load():
                self.load = word
                self.burden.weigh(word, time.monotonic_ns() // 1_000_000)
            case Placed():
                self.owner.carries(self, word)
            case Answer() | Failed():
                self._answered(word)
            case Joined():
                self.joined[word.session] = word
                if word.direction == "down":
                    self.receivers.add(word.session)
                self.owner.joined(self, word)
                self.owner.observed(word)
            case Gone() if word.session in self.over:
                self.over.discard(word.session)
            case _:
                if isinstance(word, Gone):
                    self._forget(word.session)
                self.owner.observed(word)

    def outdone(self, newer: Joined) -> list[Gone]:
        """The sessions of that endpoint for the same purpose, which the newer one has replaced, as gone."""
        same = [one for one in self.joined.values() if _purpose(one) == _purpose(newer)]
        for one in same:
            self.over.add(one.session)
            self._forget(one.session)
        return [Gone(*_purpose(one)[:2], one.session, *_purpose(one)[2:], "closed") for one in same]

    def _forget(self, session: str) -> None:
        self.joined.pop(session, None)
        self.receivers.discard(session)

    def _answered(self, word: Answer | Failed) -> None:
        future = self.waiting.pop(word.request, None)
        if future is None or future.done():
            return
        if isinstance(word, Answer):
            future.set_result(word)
        else:
            future.set_exception(Refusal(word.status, word.code, **word.details))


def _purpose(joined: Joined) -> tuple[str, str, Direction, Source]:
    return joined.conference, joined.endpoint, joined.direction, joined.source
