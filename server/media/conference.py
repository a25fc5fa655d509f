"""What a conference should be, and who is therefore in which slot of whom. Pure: states in, seats out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

AUDIO_SLOTS = 3
"""Slot 0 goes with the stage, slots 1 and 2 are the loudest others."""


BESIDE = "~"
RECORDER = "recorder!"
"""The recorder among a conference's endpoints: a name that no person and no site can have."""
EDGE = "edge!"
"""Begins the name of an edge at its home, and of the home at its edge: links between processes, nobody's sessions."""


def beside(who: str, part: str) -> str:
    """Another screen of the same principal: `<who>~wall`. It only receives, and may be there while its owner may."""
    return f"{who}{BESIDE}{part}"


def owner(endpoint: str) -> str:
    """Whose endpoint it is."""
    return endpoint.partition(BESIDE)[0]


def is_link(endpoint: str) -> bool:
    """Whether it is another media process, not somebody of the conference."""
    return endpoint.startswith(EDGE)


class Grants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an endpoint may send, and whether it may receive; enforced on every packet."""

    audio: bool = False
    video: bool = False
    screen: bool = False
    receive: bool = True


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device, or a site's camera. Those of one `site` share a room: they never hear one another."""

    id: str
    grants: Grants = Grants()
    site: str = ""


class Desired(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="desired"):
    """The whole desired state of one conference; sent again as often as one likes.

    Of two states the one with the larger (epoch, number) holds: `number` counts within an `epoch`, a new epoch
    begins when the counting does. `stage` fills video and audio slot 0; without it `floor`, who has the word, does.
    `order` is the precedence in which other sites fill the video slots (default: as listed). `views` gives single
    receivers their own slots: the pages of a wall; an empty entry is filled as usual, a named one by nobody else.
    Without endpoints it is over.
    """

    conference: str
    epoch: int
    number: int
    endpoints: tuple[Endpoint, ...] = ()
    stage: str | None = None
    floor: str | None = None
    order: tuple[str, ...] = ()
    views: dict[str, tuple[str, ...]] = {}

    def newer_than(self, other: Desired | None) -> bool:
        """Whether this state replaces the other."""
        return other is None or (self.epoch, self.number) > (other.epoch, other.number)

    def grants(self) -> dict[str, Grants]:
        """Everybody's grants."""
        return {one.id: one.grants for one in self.endpoints}


class Sending(msgspec.Struct, frozen=True):
    """Who sends what now, and may: screens newest last, the loudest first seated first."""

    video: frozenset[str] = frozenset()
    audio: frozenset[str] = frozenset()
    screens: tuple[str, ...] = ()
    loudest: tuple[str, ...] = ()


class Seats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which endpoint is in which slot of one receiver; None is an empty slot."""

    video: tuple[str | None, ...] = ()
    audio: tuple[str | None, ...] = ()
    screen: str | None = None


class Scene:
    """Who may be seen and heard at one moment: what is the same for all receivers, of whom there may be hundreds."""

    def __init__(self, desired: Desired, sending: Sending) -> None:
        self.desired, self.sending = desired, sending
        order = desired.order or tuple(one.id for one in desired.endpoints)
        self.order = [one for one in order if one in sending.video]
        self.rooms = {one.id: one.site for one in desired.endpoints if one.site}

    def seat(self, receiver: str, before: Seats, slots: int) -> Seats:
        """The seats of one receiver; whoever keeps a seat keeps the same one."""
        desired = self.desired
        video = self._video(receiver, before, slots)
        lead = (video[0] if video else None) or desired.stage or desired.floor
        audio = self._audio(receiver, lead, before)
        screens = [one for one in self.sending.screens if one != receiver]
        shown = desired.stage if desired.stage in screens else None
        return Seats(video, audio, shown or (screens[-1] if screens else None))

    def _video(self, receiver: str, before: Seats, slots: int) -> tuple[str | None, ...]:
        if not slots:
            return ()
        available = self.sending.video - {receiver}
        view = self.desired.views.get(receiver, ())[:slots]
        seats: list[str | None] = [one if one in available else None for one in view] + [None] * (slots - len(view))
        candidates = self._candidates(receiver, available)
        lead = seats[0] or (candidates[0] if candidates else None)
        # Whoever leads is seen once, and large; the place in the view stays theirs.
        seats = [lead, *(None if one == lead else one for one in seats[1:])]
        free = [index for index in range(1, slots) if index >= len(view) or not view[index]]
        places: list[str | None] = [None for _ in free]
        before_there = [before.video[index] if index < len(before.video) else None for index in free]
        _fill(places, [one for one in candidates if one not in seats], before_there)
        for index, one in zip(free, places, strict=True):
            seats[index] = one
        return tuple(seats)

    def _candidates(self, receiver: str, available: Collection[str]) -> list[str]:
        """Everybody who may be seen, most important first."""
        first, loudest = (self.desired.stage, self.desired.floor), self.sending.loudest
        wanted = [*first, *loudest, *self.order] if any(first) else [*self.order, *loudest]
        if receiver in first:
            # Whoever speaks sees the meeting, precedence first, not the last one who coughed.
            wanted = [*self.order, *loudest]
        return list(dict.fromkeys(one for one in wanted if one is not None and one in available))

    def _audio(self, receiver: str, lead: str | None, before: Seats) -> tuple[str | None, ...]:
        rooms, own = self.rooms, self.rooms.get(receiver, "")

        def heard(one: str | None) -> bool:
            return one in self.sending.audio and one != receiver and (not own or rooms.get(one or "") != own)

        seats: list[str | None] = [lead if heard(lead) else None] + [None] * (AUDIO_SLOTS - 1)
        wanted = dict.fromkeys((self.desired.floor, *self.sending.loudest))
        free = seats[1:]
        _fill(free, [one for one in wanted if one is not None and one != lead and heard(one)], before.audio[1:])
        return (seats[0], *free)


def seat(desired: Desired, sending: Sending, receiver: str, before: Seats, slots: int) -> Seats:
    """The seats of one receiver alone."""
    return Scene(desired, sending).seat(receiver, before, slots)


def _fill(seats: list[str | None], waiting: list[str], before: Sequence[str | None]) -> None:
    """Put the most important into the free seats; those who had one of them stay where they were."""
    free = [index for index, one in enumerate(seats) if one is None]
    taken = waiting[: len(free)]
    for index in list(free):
        kept = before[index] if index < len(before) else None
        if kept in taken:
            seats[index] = kept
            taken.remove(kept)
            free.remove(index)
    for index, one in zip(free, taken, strict=False):
        seats[index] = one
