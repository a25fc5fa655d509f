"""A "down" connection: fixed slots, filled as the conference decides, each with the layer its receiver can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from server.clock import Millis
from server.media import layers
from server.media.conference import AUDIO_SLOTS, Seats
from server.media.connection import Connection
from server.media.estimate import QUEUE_LIMIT_MS
from server.media.receiver import Receiver
from server.media.sdp import Section, SlotNames
from server.media.slot import Slot
from server.media.soundonly import SoundOnly
from server.media.stream import Stream

GUESSED_BPS = {"l": 150_000, "m": 500_000, "h": 1_700_000}
"""What a layer costs before it was measured."""

Find = Callable[[str, str], Sequence[Stream]]
"""The streams of (endpoint, "audio" | "video" | "screen") that may be forwarded."""


def name_slots(sections: Sequence[Section], ssrc: Callable[[], int]) -> list[SlotNames | None]:
    """Names for the slots in the order of the m-lines: three for sound, then pictures; the last of two or more
    video lines is the shared screen. The first of each kind share the sync group `stage`; lines beyond are None."""
    videos = [index for index, one in enumerate(sections) if one.formats and not one.audio]
    screen = videos[-1] if len(videos) > 1 else None
    names: list[SlotNames | None] = []
    audio = video = 0
    for index, section in enumerate(sections):
        kind, count = ("a", audio) if section.audio else ("v", video)
        if not section.formats or (section.audio and audio == AUDIO_SLOTS):
            names.append(None)
            continue
        track = "screen" if index == screen else f"{kind}{count}"
        group = "stage" if count == 0 and index != screen else track
        names.append(SlotNames(group, track, ssrc(), ssrc()))
        audio, video = audio + section.audio, video + (not section.audio)
    return names


class Subscriber(Receiver):
    """One endpoint's screen and loudspeaker."""

    def __init__(
        self, connection: Connection, sections: Sequence[Section], names: Sequence[SlotNames | None], now: Millis
    ) -> None:
        super().__init__(connection, now)
        self.seats = Seats()
        self.off: tuple[int, ...] = ()
        self.thin = SoundOnly()
        self.is_ordered_quiet = False
        slots = [
            Slot(self, section, name, (name.ssrc & 0x7FFF, name.repeat_ssrc))
            for section, name in zip(sections, names, strict=True)
            if name is not None
        ]
        self.audio = [one for one in slots if one.audio]
        self.screen = next((one for one in slots if one.names.track == "screen"), None)
        self.video = [one for one in slots if not one.audio and one is not self.screen]
        self.slots = {one.names.ssrc: one for one in slots}

    def close(self) -> None:
        super().close()
        self.audio, self.video, self.screen = [], [], None

    @property
    def is_sound_only(self) -> bool:
        """Whether this receiver gets no pictures, by order or because its line is too thin."""
        return self.is_ordered_quiet or self.thin.is_so

    def assess(self, now: Millis) -> None:
        """Weigh what the receiver reported (call about every 500 ms)."""
        packets, octets = self.count()
        congested = self.estimator.assess(now, octets // packets if packets else 0)
        self.thin.weigh(self.estimator.budget, now, self.estimator.given_back)
        # What a full queue drops is not brought back by sending more.
        queues = self.estimator.queue_ms > QUEUE_LIMIT_MS
        if self.redundancy.weigh(0.0 if queues else self.estimator.loss, now):
            self.placed()
        if self.off and not congested and not self.is_ordered_quiet:
            # Sound alone says nothing of whether the line would take more by now.
            self.probe.left(*self.video[0].pad(now))

    def arrange(self, seats: Seats, find: Find, now: Millis) -> bool:
        """Fill the slots; true when what the receiver should be told has changed."""
        before = (self.seats, self.off)
        self.seats = seats
        for slot, endpoint in zip(self.audio, (*seats.audio, *[None] * len(self.audio)), strict=False):
            streams = [one for one in (find(endpoint, "audio") if endpoint else ()) if _playable(slot, one)]
            slot.want(streams[0] if streams else None)
        self.off = self._pictures(find, now)
        return before != (self.seats, self.off)

    def _pictures(self, find: Find, now: Millis) -> tuple[int, ...]:
        """Stage first, then the shared screen, then the others; the slots that had to be switched off."""
        # Whoever may not receive any more has no seats at all: their slots are emptied, not left as they were.
        seats = (*self.seats.video, *[None] * len(self.video))
        asked = list(zip(self.video, seats, ("video",) * len(self.video), strict=False))
        if self.screen is not None:
            asked.insert(1, (self.screen, self.seats.screen, "screen"))
        streams = [
            [one for one in (find(endpoint, kind) if endpoint else ()) if _playable(slot, one)]
            for slot, endpoint, kind in asked
        ]
        chosen = self._allocate([slot for slot, _, _ in asked], streams, now)
        off: list[int] = []
        for (slot, _, _), found, layer in zip(asked, streams, chosen, strict=True):
            if slot.source not in found and slot.source is not None:
                self._hold_until_switch(slot, found, layer)
            slot.want(next((one for one in found if _layer(one) == layer), None))
            if found and layer is None and slot is not self.screen:
                off.append(self.video.index(slot))
        return tuple(off)

    def _allocate(self, slots: Sequence[Slot], streams: Sequence[Sequence[Stream]], now: Millis) -> list[str | None]:
        """The layer of each slot, of those that come: a sender stops what its own line does not take.

        What rests because nobody received it is hoped for where there is room, so that its sender is told.
        """
        # What comes along with each packet of sound takes about half as much again.
        voices = sum(slot.source is not None for slot in self.audio) * (2 + self.redundancy.depth) // 2
        budget = 0 if self.is_sound_only else self.estimator.budget
        wishes = [self._wish(*one) for one in zip(slots, streams, strict=True)]
        coming = [_coming(wish, found, now) for wish, found in zip(wishes, streams, strict=True)]
        chosen = layers.allocate(budget, coming, now, voices)
        if coming != wishes:
            hoped = layers.allocate(budget, wishes, now, voices)
            pairs = [(stream, layer) for found, layer in zip(streams, hoped, strict=True) for stream in found]
            for stream in [one for one, layer in pairs if _layer(one) == layer]:
                stream.hoped_at = now
        return chosen

    def _wish(self, slot: Slot, found: Sequence[Stream]) -> layers.Wish:
        same = slot.source is not None and slot.source in found
        cap = layers.size_cap(self.video.index(slot), len(self.video)) if slot in self.video else "h"
        ranked = sorted(found, key=lambda one: layers.rank(one.rid))
        fitting = [one for one in ranked if layers.rank(one.rid) <= layers.rank(cap)] or ranked[:1]
        rates = tuple((_layer(one), one.bits_per_second or GUESSED_BPS.get(one.rid, 800_000)) for one in fitting)
        return layers.Wish(rates, cap, _layer(slot.source) if same and slot.source is not None else None, slot.since)

    def _hold_until_switch(self, slot: Slot, found: Sequence[Stream], layer: str | None) -> None:
        """Whoever left or was silenced disappears at once; another site's picture stays until the key frame."""
        source = slot.source
        gone = source is not None and not source.permitted
        if gone or not found or layer is None:
            slot.drop(source)


def _coming(wish: layers.Wish, found: Sequence[Stream], now: Millis) -> layers.Wish:
    """The same of the layers that come; of all where none does."""
    alive = {_layer(one) for one in found if one.alive(now)}
    rates = tuple(one for one in wish.rates if one[0] in alive)
    return wish if not rates or rates == wish.rates else msgspec.structs.replace(wish, rates=rates)


def _layer(stream: Stream) -> str:
    return stream.rid or "h"


def _playable(slot: Slot, stream: Stream) -> bool:
    return stream.codec in slot.formats
