"""A "down" connection: fixed slots, filled as the conference decides, each with the layer its receiver can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.clock import Millis
from server.media import layers
from server.media.camera import Camera, Cameras, layer_of
from server.media.coding import Dark, alone
from server.media.conference import AUDIO_SLOTS, Seats
from server.media.connection import Connection
from server.media.estimate import QUEUE_LIMIT_MS
from server.media.receiver import Receiver
from server.media.sdp import Section, SlotNames
from server.media.slot import Slot
from server.media.soundonly import SoundOnly


class Asked(NamedTuple):
    """A slot, the largest layer that its size deserves, and what it should show."""

    slot: Slot
    cap: str
    camera: Camera


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
        self.dark: tuple[int, ...] = ()
        self.unreadable = Dark()
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
        self.caps = [layers.size_cap(index, len(self.video)) for index in range(len(self.video))]
        self.slots = {one.names.ssrc: one for one in slots}
        self.takes_alone = alone(one.formats for one in slots if not one.audio)

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

    def arrange(self, seats: Seats, cameras: Cameras) -> bool:
        """Fill the slots; true when what the receiver should be told has changed."""
        before = (self.seats, self.off, self.dark)
        self.seats = seats
        for slot, endpoint in zip(self.audio, (*seats.audio, *[None] * len(self.audio)), strict=False):
            streams = cameras.find(endpoint, "audio").playable(slot.formats).streams
            slot.want(streams[0] if streams else None)
        self.off = self._pictures(cameras)
        self.dark = self._darkened(cameras)
        return before != (self.seats, self.off, self.dark)

    def _darkened(self, cameras: Cameras) -> tuple[int, ...]:
        """The slots, the shared screen after the last, whose picture comes in no coding that is taken here."""
        if self.takes_alone is None:
            return ()
        shown = [cameras.find(one, "video") for one in self.seats.video]
        if self.screen is not None:
            shown.append(cameras.find(self.seats.screen, "screen"))
        foreign = (
            slot
            for slot, camera in enumerate(shown)
            if camera.streams and not camera.playable((self.takes_alone,)).streams
        )
        return self.unreadable.look(foreign, cameras.now)

    def _pictures(self, cameras: Cameras) -> tuple[int, ...]:
        """Stage first, then the shared screen, then the others; the slots that had to be switched off."""
        # Whoever may not receive any more has no seats at all: their slots are emptied, not left as they were.
        seats = (*self.seats.video, *[None] * len(self.video))
        asked = [
            Asked(slot, cap, cameras.find(endpoint, "video").playable(slot.formats))
            for slot, cap, endpoint in zip(self.video, self.caps, seats, strict=False)
        ]
        if self.screen is not None:
            shared = cameras.find(self.seats.screen, "screen").playable(self.screen.formats)
            asked.insert(1, Asked(self.screen, "h", shared))
        chosen = self._allocate(asked, cameras.now)
        off: list[int] = []
        for (slot, _, camera), layer in zip(asked, chosen, strict=True):
            if slot.source is not None and slot.source not in camera.streams:
                self._hold_until_switch(slot, camera, layer)
            slot.want(camera.layer(layer))
            if camera.streams and layer is None and slot is not self.screen:
                off.append(self.video.index(slot))
        return tuple(off)

    def _allocate(self, asked: Sequence[Asked], now: Millis) -> list[str | None]:
        """The layer of each slot, of those that come: a sender stops what its own line does not take.

        What rests because nobody received it is hoped for where there is room, so that its sender is told.
        """
        # What comes along with each packet of sound takes about half as much again.
        voices = sum(slot.source is not None for slot in self.audio) * (2 + self.redundancy.depth) // 2
        budget = 0 if self.is_sound_only else self.estimator.budget
        chosen = layers.allocate(budget, [_wish(one, one.camera.coming) for one in asked], now, voices)
        if any(one.camera.rests <= layers.rank(one.cap) for one in asked):
            hoped = layers.allocate(budget, [_wish(one, one.camera.rates) for one in asked], now, voices)
            for one, present, layer in zip(asked, chosen, hoped, strict=True):
                # Those between, too: the sender's line may not take the largest.
                for stream in one.camera.above(present, layer):
                    stream.hoped_at = now
        return chosen

    def _hold_until_switch(self, slot: Slot, camera: Camera, layer: str | None) -> None:
        """Whoever left or was silenced disappears at once; another site's picture stays until the key frame."""
        source = slot.source
        gone = source is not None and not source.permitted
        if gone or not camera.streams or layer is None:
            slot.drop(source)


def _wish(asked: Asked, rates: tuple[tuple[str, int], ...]) -> layers.Wish:
    slot, cap, camera = asked
    present = layer_of(slot.source) if slot.source is not None and slot.source in camera.streams else None
    return layers.Wish(rates, cap, present, slot.since)
