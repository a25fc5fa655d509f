"""The web side of SIP: says which codecs may call and which are to be called, and hears how their calls stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec

from server.listeners import tell_all
from server.media.link import Caller
from server.media.sip.words import Call, Observation, Standing, Wanted, decode_from_switchboard


class Calls(Caller[Observation]):
    """All calls, as the web process sees them.

    `observe` is called with every observation, in order, on the event loop; it must not block.
    """

    def __init__(self, control_socket: Path, observe: Callable[[Observation], None]) -> None:
        super().__init__(control_socket, "sip", decode_from_switchboard)
        self.observe = observe
        self.states: dict[str, Wanted] = {}
        self.calls: dict[tuple[str, str], Call] = {}
        self.standing = Standing("absent")

    def want(self, state: Wanted) -> None:
        """Say how a conference should be."""
        if self.states.get(state.conference, Wanted(state.conference)) == state:
            return
        self.states[state.conference] = state
        self.say(state)
        if not state.lines:
            del self.states[state.conference]

    def said_again(self) -> Iterable[msgspec.Struct]:
        """How all conferences should be."""
        return self.states.values()

    def heed(self, word: Observation) -> None:
        """How something stands."""
        if isinstance(word, Standing):
            self.standing = word
        elif word.stage == "ended":
            self.calls.pop((word.conference, word.site), None)
        else:
            self.calls[word.conference, word.site] = word
        tell_all((partial(self.observe, word),), "what the switchboard observed")

    def parted(self) -> None:
        """The switchboard is gone, and its calls with it."""
        self.standing = Standing("absent")
        self.calls.clear()
        tell_all((partial(self.observe, self.standing),), "what the switchboard observed")
