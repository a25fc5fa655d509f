"""The web side of the conference: says what should be and where, again after every reconnect, and hears what is."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from server.errors import NotFound, Problem, Unavailable
from server.listeners import tell_all
from server.media import placing
from server.media.caller import MediaProcess
from server.media.conference import RECORDER, Desired, Grants
from server.media.control import (
    Answer,
    Close,
    Direction,
    Gone,
    Joined,
    Load,
    Observation,
    Open,
    Patch,
    Peer,
    Placed,
    Quiet,
    Source,
    View,
    process_of,
)
from server.media.placing import FULL, Standing
from server.media.relieving import Relieving

GRACE_S = 1.0
"""A process whose line breaks may come back within this time; then its conferences go elsewhere."""
BEGIN_S = 1.0
"""So long nothing is placed after the start, unless all processes are there: one that is late may carry it already."""


class Conferences:
    """All conferences, as the web process sees them, on one or more media processes. One alone carries everything:
    then nothing is placed.

    `observe` is called with every observation, in order, on the event loop; it must not block. Whoever was with a
    process that died is observed to be gone. `connected` is called after each (re)connection of a process, when all
    that concerns it has been said again. A process with more to do than `full` (per mille of a core) takes no more
    receivers while another one has room; when it stays so, some of those who only watch are moved there.
    """

    def __init__(
        self,
        control_sockets: Sequence[Path],
        observe: Callable[[Observation], None],
        connected: Callable[[], None] | None = None,
        full: int = FULL,
    ) -> None:
        self.processes = [MediaProcess(path, self) for path in control_sockets]
        self.observe = observe
        self.connected = connected
        self.full = full
        self.states: dict[str, Desired] = {}
        self.quieted: dict[str, tuple[str, ...]] = {}
        self.placed: dict[str, Placed] = {}
        self.up = asyncio.Event()
        """Set while any process is there."""
        self.alone = len(self.processes) == 1
        self.settled = False
        self.relieving = Relieving(self.processes, self.reconnect, full)
        self._endings: set[asyncio.Task[None]] = set()

    async def run(self, relieves: bool = True) -> None:
        """Stay connected until cancelled; processes may come, go and come again. Only web `relieves` busy ones."""
        relieving = (self.relieving.run(self._standings),) if relieves else ()
        await asyncio.gather(self._begin(), *relieving, *(one.run() for one in self.processes))

    async def _begin(self) -> None:
        await asyncio.sleep(BEGIN_S)
        self._settle()

    # What should be -----------------------------------------------------------------------------------------------

    def desire(self, state: Desired) -> None:
        """Say how a conference should be; older states than the one said before are ignored."""
        if not state.newer_than(self.states.get(state.conference)):
            return
        self.states[state.conference] = state
        if state.endpoints:
            self._place(state.conference)
            self._say(state)
            return
        # Over: said once; a media process that comes later knows nothing of it anyway.
        for process in self.processes:
            process.say(state)
        for kept in (self.states, self.quieted, self.placed):
            kept.pop(state.conference, None)

    def quiet(self, conference: str, principals: tuple[str, ...]) -> None:
        """Whose sessions carry sound only from now on, of those of a conference; said again after every reconnect."""
        if conference not in self.states or self.quieted.get(conference, ()) == principals:
            return
        self.quieted[conference] = principals
        self._say(Quiet(conference, principals))

    def view(self, conference: str, endpoint: str, slots: tuple[str, ...]) -> None:
        """A receiver's own slots from now on; said once, so that whoever joins anew says it again."""
        self._say(View(conference, endpoint, slots))

    def _say(self, word: Desired | Quiet | View) -> None:
        for process in self._members(word.conference):
            process.say(word)

    # Sessions -----------------------------------------------------------------------------------------------------

    async def open(
        self, conference: str, endpoint: str, kind: tuple[Direction, Source], grants: Grants, sdp: str
    ) -> Answer:
        """Pass an offer on. Raises Problems: `media.offer_unreadable`, `media.unavailable` …"""
        direction, source = kind
        process = self._for(conference, direction == "down" and endpoint != RECORDER)
        return await process.ask(lambda number: Open(number, conference, endpoint, direction, source, grants, sdp))

    async def patch(self, session: str, endpoint: str, fragment: str, match: str = "") -> Answer:
        """Pass a trickle or restart fragment on."""
        return await self._of(session).ask(lambda number: Patch(number, session, endpoint, fragment, match))

    async def close(self, session: str, endpoint: str) -> None:
        """End a session."""
        await self._of(session).ask(lambda number: Close(number, session, endpoint))

    async def reconnect(self, session: str, endpoint: str) -> None:
        """End a session as if its line were lost: its client opens another one."""
        await self._of(session).ask(lambda number: Close(number, session, endpoint, "lost"))

    def _of(self, session: str) -> MediaProcess:
        for process in self.processes:
            name = process.peer.name if process.peer is not None else ""
            if self.alone or name.endswith(process_of(session)):
                return process
        raise NotFound("media.unknown_session") if self.up.is_set() else Unavailable("media.unavailable")

    def _for(self, conference: str, receives: bool) -> MediaProcess:
        """Where a new session belongs; a receiver may make the conference grow."""
        if self.alone:
            return self.processes[0]
        placed = self.placed.get(conference)
        name: str | None
        if placed is None:
            # Nobody's meeting (a line is tried), or nobody knows yet where it is.
            name = None if conference in self.states else placing.by_name(conference, self._known())
        elif receives:
            standings = self.relieving.relief.shut(self._standings())
            grown, name = placing.for_receiver(placed, standings, self.full)
            self._agree(grown)
        else:
            name = placed.home.name
        process = self._known().get(name or "")
        if process is None:
            raise Unavailable("media.unavailable")
        return process

    # Where it is --------------------------------------------------------------------------------------------------

    def loads(self) -> dict[str, Load | None]:
        """Process → what it said last; None while it is away."""
        return {one.name: one.load for one in self.processes}

    def there(self) -> dict[str, bool]:
        """Process → whether it answers."""
        return {one.name: one.is_here or (self.alone and one.writer is not None) for one in self.processes}

    def _known(self) -> dict[str, MediaProcess]:
        return {one.peer.name: one for one in self.processes if one.peer is not None}

    def _standings(self) -> list[Standing]:
        homes = Counter(one.home.name for one in self.placed.values())
        known = ((one, one.peer) for one in self.processes if one.peer is not None)
        return [Standing(peer, one.busy, homes[peer.name], one.burden.each) for one, peer in known]

    def _members(self, conference: str) -> Iterable[MediaProcess]:
        if self.alone:
            return self.processes
        placed, known = self.placed.get(conference), self._known()
        return [known[name] for name in placed.members if name in known] if placed is not None else ()

    def _settle(self) -> None:
        """All that should be has a place, as far as somebody is there to give it one."""
        self.settled = not self.alone
        for conference in self.states:
            self._place(conference)

    def _place(self, conference: str) -> None:
        if self.settled:
            placed, standings = self.placed.get(conference), self._standings()
            found = placing.mended(placed, standings) if placed else placing.first(conference, standings)
            if found is not None:
                self._agree(found)

    def _agree(self, said: Placed) -> None:
        """Hold to the newest placement, and tell everybody whom it concerns."""
        before = self.placed.get(said.conference)
        held = placing.newest(before, said)
        if held == before:
            return
        self.placed[said.conference] = held
        members = before.members if before is not None else ()
        for name, process in self._known().items():
            process.say(held)
            if name in held.members and name not in members:
                self._tell_states(process, held.conference)

    def _tell_states(self, process: MediaProcess, conference: str) -> None:
        if conference in self.states:
            process.say(self.states[conference])
        if conference in self.quieted:
            process.say(Quiet(conference, self.quieted[conference]))

    # What processes say -------------------------------------------------------------------------------------------

    def met(self, process: MediaProcess) -> None:
        """There is a connection: one process alone is told everything, whoever it is."""
        if self.alone:
            self._lose(process)
            for conference in self.states:
                self._tell_states(process, conference)
            self._ready()

    def _ready(self) -> None:
        self.up.set()
        if self.connected is not None:
            self.connected()

    def came(self, process: MediaProcess, peer: Peer) -> None:
        """A process is there, for the first time or again: it hears everything that concerns it."""
        process.peer = peer
        if self.alone:
            return
        for one in self.processes:
            if one is process or one.peer is None:
                self._lose(one)
        for placed in tuple(self.placed.values()):
            if peer.name in placed.members:
                process.say(placed)
                self._tell_states(process, placed.conference)
        if self.settled or all(one.peer is not None for one in self.processes):
            self._settle()
        self._ready()

    def went(self, process: MediaProcess) -> None:
        """Its line is broken: if it does not come back, it is dead."""
        if self.alone:
            self.up.clear()
        elif process.peer is not None:
            asyncio.get_running_loop().call_later(GRACE_S, self._give_up, process, process.peer)

    def _give_up(self, process: MediaProcess, peer: Peer) -> None:
        if process.peer != peer or process.is_here:
            return
        process.peer = None
        if not self._known():
            # Nobody could take them: they hear of it when somebody is there.
            self.up.clear()
            return
        self._settle()
        self._lose(process)

    def _lose(self, process: MediaProcess) -> None:
        for gone in process.lost():
            self.observed(gone)

    def carries(self, process: MediaProcess, placed: Placed) -> None:
        """A process carries a conference: what another web process said, or this one before it was started anew."""
        if self.alone:
            return
        self._agree(placed)
        held = self.placed[placed.conference]
        if held != placed:
            process.say(held)
        if self.settled and placed.conference in self.states:
            self._place(placed.conference)

    def joined(self, process: MediaProcess, joined: Joined) -> None:
        """Somebody who came elsewhere anew is with the process before no longer, although it may not know it yet."""
        for other in self.processes:
            for gone in other.outdone(joined) if other is not process else ():
                self.observed(gone)
                ending = asyncio.ensure_future(self._end(other, gone))
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)

    async def _end(self, process: MediaProcess, gone: Gone) -> None:
        with contextlib.suppress(Problem):  # another web process may have been quicker
            await process.ask(lambda number: Close(number, gone.session, gone.endpoint))

    def observed(self, observation: Observation) -> None:
        """Something was observed."""
        tell_all((partial(self.observe, observation),), "what media observed")
