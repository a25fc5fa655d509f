"""What is looked at in the main room before a meeting: each thing once, with who says so and when. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from server.clock import Millis
from server.media.line.linetest import Words

Item = Literal["camera", "microphone", "loudspeaker", "screens", "recording", "relay", "sites"]
"""Own picture, own level, sound in the room, screens of the hall, room to record, ways in, tests of the sites."""


class Ticked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found: good, bad (and what is wrong), or open: it is to be looked at again."""

    state: Literal["good", "bad", "open"]
    note: Words = ""


class Check(msgspec.Struct, frozen=True):
    """One line of the list as somebody has left it; `by` is the principal, `name` as it was then."""

    item: Item
    state: Literal["good", "bad"]
    note: str
    by: str
    name: str
    at: Millis


def checked(item: Item, ticked: Ticked, by: tuple[str, str], now: Millis) -> Check | None:
    """The line after it was ticked by this principal of this name; None: open again."""
    if ticked.state == "open":
        return None
    return Check(item, ticked.state, " ".join(ticked.note.split()), *by, now)
