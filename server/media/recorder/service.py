"""The web side of recording: says what is to be recorded, again after every reconnect, and hears how it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec

from server.errors import Unavailable
from server.listeners import tell_all
from server.media.link import Caller
from server.media.recorder.words import Observation, Space, Wanted, WantFilm, decode_from_recorder


class Recordings(Caller[Observation]):
    """All recordings, as the web process sees them.

    `observe` is called with every observation, in order, on the event loop; it must not block. `connected` is called
    after each (re)connection, when everything that is wanted has been said again.
    """

    def __init__(
        self, control_socket: Path, observe: Callable[[Observation], None], connected: Callable[[], None] | None = None
    ) -> None:
        super().__init__(control_socket, "recorder", decode_from_recorder)
        self.observe = observe
        self.connected = connected
        self.states: dict[str, Wanted] = {}
        self.space: Space | None = None

    def readiness(self) -> str:
        """Whether a recording could begin now: "ready", "absent" (no recorder) or "full" (no room)."""
        if self.writer is None or self.space is None:
            return "absent"
        return "ready" if self.space.enough else "full"

    def want(self, state: Wanted) -> None:
        """Say whether a conference is to be recorded; older states than the one said before are ignored."""
        if not state.newer_than(self.states.get(state.conference)):
            return
        self.states[state.conference] = state
        self.say(state)
        if state.over:
            # Said once; a recorder that comes later records nothing anyway.
            del self.states[state.conference]

    def want_film(self, conference: str, wanted: bool) -> None:
        """Ask for a film, or no longer. `Unavailable("recording.no_recorder")` when nobody is there to make it."""
        if self.writer is None:
            raise Unavailable("recording.no_recorder")
        self.say(WantFilm(conference, wanted))

    def said_again(self) -> Iterable[msgspec.Struct]:
        """Everything that is to be recorded."""
        return self.states.values()

    def met(self) -> None:
        """The recorder is there again."""
        if self.connected is not None:
            self.connected()

    def heed(self, word: Observation) -> None:
        """How it goes."""
        if isinstance(word, Space):
            self.space = word
        tell_all((partial(self.observe, word),), "what the recorder observed")

    def parted(self) -> None:
        """Nobody knows how much room there is."""
        self.space = None
