"""A conference as it runs: its desired state, its connections, and who is therefore seated where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec

from server.clock import Millis
from server.errors import Forbidden
from server.media import control, layers
from server.media.camera import Cameras
from server.media.coding import Coding
from server.media.conference import RECORDER, Desired, Endpoint, Grants, Scene, Seats, Sending, owner
from server.media.connection import Connection
from server.media.control import Observation, Source
from server.media.inflow import Inflow
from server.media.publisher import Publisher
from server.media.rtp import Codec
from server.media.speaker import Speakers
from server.media.stream import Stream
from server.media.subscriber import Subscriber
from server.media.trunk import Trunk

ACKNOWLEDGE_BEATS, SECOND_BEATS = 3, 33
"""What each session is told comes once in so many beats of 30 ms."""
Tell = Callable[[Observation], None]
IDLE_MS = 3_600_000
"""A conference that is over and without connections is forgotten after an hour."""
VIEWS_LIMIT = 64
LAYER_OFF_MS = 5_000
"""A layer nobody receives is switched off after this long, so that a glance does not cost a key frame."""
RELIEVED = 12
"""So many are looked at out of turn at one beat: where our own line is full, everything waits for everybody."""


class Running:
    """One conference."""

    def __init__(self, name: str, now: Millis, tell: Tell) -> None:
        self.desired = Desired(name, 0, 0)
        self.guests: dict[str, Endpoint] = {}
        self.views: dict[str, tuple[str, ...]] = {}
        self.hushed: frozenset[str] = frozenset()
        self.tell = tell
        self.speakers = Speakers()
        self.publishers: dict[tuple[str, Source], Publisher] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.is_edge = False
        self.trunks: dict[str, Trunk] = {}
        """At home: the links to the edges."""
        self.inflow: Inflow | None = None
        """At an edge: the link to the home."""
        self.used_at = now
        self.sent: Sending | None = None
        self.changed = False
        self.newcomers: set[str] = set()
        """Receivers that came since the last beat."""
        self.told_layers: dict[str, dict[str, bool]] = {}
        self.needed_at: dict[tuple[str, str], Millis] = {}
        self.coding = Coding()
        self.told_coding: dict[str, str] = {}

    @property
    def grants(self) -> dict[str, Grants]:
        """What everybody may do now; guests came before the state that lists them."""
        known = {**{one.id: one.grants for one in self.guests.values()}, **self.desired.grants()}
        for one in self.hushed.intersection(known):
            known[one] = msgspec.structs.replace(known[one], video=False, screen=False)
        return known

    def adopt(self, desired: Desired) -> bool:
        """Take a newer desired state; false when it is not newer."""
        if not desired.newer_than(self.desired):
            return False
        self.desired = desired
        listed = desired.grants()
        # Other screens of those who are listed are never listed themselves.
        self.guests = {one: known for one, known in self.guests.items() if one != owner(one) and owner(one) in listed}
        self.permit()
        return True

    def welcome(self, endpoint: str, grants: Grants) -> None:
        """An authorised endpoint that the desired state does not list yet.

        Nobody vouches for the recorder, who comes by itself: `Forbidden("conference.not_now")` unless it is listed.
        """
        if endpoint not in self.desired.grants():
            if endpoint == RECORDER:
                raise Forbidden("conference.not_now")
            room = next((one.site for one in self.desired.endpoints if one.id == owner(endpoint)), "")
            self.guests[endpoint] = Endpoint(endpoint, grants, room)

    def view(self, endpoint: str, slots: tuple[str, ...]) -> None:
        """This receiver sees these, each in its own slot."""
        self.views.pop(endpoint, None)
        self.views[endpoint] = slots
        while len(self.views) > VIEWS_LIMIT:
            del self.views[next(iter(self.views))]
        self.changed = True

    def quiet(self, principals: tuple[str, ...]) -> None:
        """These, and nobody else, send and receive sound only, whatever their devices do."""
        self.hushed = frozenset(principals)
        self.permit()
        self.changed = True

    def permit(self) -> None:
        """Hand the grants to those who send."""
        grants = self.grants
        for (endpoint, _), publisher in self.publishers.items():
            publisher.permit(grants.get(endpoint, Grants()))
        if self.inflow is not None:
            self.inflow.permit()

    def heard(self, endpoint: str, level: int, now: Millis) -> None:
        """One audio packet's level."""
        self.speakers.heard(endpoint, level, now)

    def find(self, endpoint: str, kind: str) -> Sequence[Stream]:
        """The streams of an endpoint that may be forwarded."""
        source: Source = "screen" if kind == "screen" else "camera"
        if self.inflow is not None:
            return self.inflow.find(endpoint, source, kind == "audio")
        publisher = self.publishers.get((endpoint, source))
        return publisher.of_kind(kind == "audio") if publisher is not None else ()

    def sending(self, now: Millis) -> Sending:
        """Who sends what, and may; an edge hears from home who is loudest."""
        if self.inflow is not None:
            return self.inflow.sending
        camera = [name for name, source in self.publishers if source == "camera"]
        video = frozenset(name for name in camera if self._fresh(name, "video", now))
        audio = frozenset(name for name in camera if self.find(name, "audio"))
        screens = tuple(name for name, source in self.publishers if source == "screen" and self.find(name, "screen"))
        # Senders without levels compete only while they hold the floor: they have no voice here.
        eligible = audio - {self.desired.stage, self.desired.floor}
        return Sending(video, audio, screens, self.speakers.choose(now, eligible))

    def _fresh(self, endpoint: str, kind: str, now: Millis) -> bool:
        return any(one.alive(now) for one in self.find(endpoint, kind))

    def arrange(self, now: Millis) -> None:
        """Seat everybody anew, and say what changed."""
        self.changed = False
        before, self.sent = self.sent, self.sending(now)
        if not self.is_edge and (before is None or before.loudest != self.sent.loudest):
            self.tell(control.Loudest(self.desired.conference, self.sent.loudest))
        self._seat(self.subscribers, now)
        for publisher in self.publishers.values():
            publisher.changed = False
        if self.inflow is not None:
            self.inflow.changed = False
        self.offer(now)

    def _seat(self, whom: Iterable[str], now: Millis) -> None:
        """Seat these receivers by what was sent when everybody was seated last."""
        scene, grants, cameras = Scene(self._state(), self.sent or Sending()), self.grants, Cameras(self.find, now)
        for endpoint in whom:
            subscriber, seats = self.subscribers[endpoint], Seats()
            subscriber.is_ordered_quiet = owner(endpoint) in self.hushed
            if grants.get(endpoint, Grants(receive=False)).receive:
                seats = scene.seat(endpoint, subscriber.seats, len(subscriber.video))
            self._fill(endpoint, subscriber, seats, cameras)
        self.newcomers.clear()

    def offer(self, now: Millis) -> None:
        """Tell the edges what they may have."""
        for trunk in self.trunks.values():
            trunk.offer(self.publishers, self.sent.loudest if self.sent is not None else (), now)

    def refresh(self, now: Millis, thorough: bool) -> None:
        """Look again: who sends and who is loudest may have changed; that takes a thorough look."""
        changed = self.changed or any(one.changed for one in self.publishers.values())
        changed = changed or (self.inflow is not None and self.inflow.changed)
        if changed or (thorough and self.sending(now) != self.sent):
            self.arrange(now)
        elif self.newcomers:
            # Whoever only receives changes nothing for the others.
            self._seat([one for one in self.newcomers if one in self.subscribers], now)
        if thorough:
            self._relieve(now)

    def _relieve(self, now: Millis) -> None:
        """Look at once at those for whom everything waits: their sound waits too."""
        alarmed = (one for one in self.subscribers.items() if one[1].estimator.alarmed)
        self._weigh(islice(alarmed, RELIEVED), now)

    def adjust(self, now: Millis, part: int, parts: int) -> None:
        """The seats stay; the layers follow what each receiver can take. A part of them at a time: packets wait."""
        self._weigh(islice(self.subscribers.items(), part, None, parts), now)

    def _weigh(self, whom: Iterable[tuple[str, Subscriber]], now: Millis) -> None:
        cameras = Cameras(self.find, now)
        for endpoint, subscriber in whom:
            subscriber.assess(now)
            self._fill(endpoint, subscriber, subscriber.seats, cameras)

    def _fill(self, endpoint: str, subscriber: Subscriber, seats: Seats, cameras: Cameras) -> None:
        if subscriber.arrange(seats, cameras):
            self.tell(self.slots(endpoint, subscriber))

    def slots(self, endpoint: str, subscriber: Subscriber) -> control.Slots:
        """Who is where on that screen, and what is dark there."""
        return control.Slots(self.desired.conference, endpoint, subscriber.seats, subscriber.off, subscriber.dark)

    def reports(self, beat: int, now: Millis) -> Iterator[tuple[Connection, bytes]]:
        """What is to be said to whom at this beat: to a few each time, because packets wait meanwhile."""
        senders, receivers = self.publishers.values(), self.subscribers.values()
        for sender in senders:
            yield from ((sender.connection, message) for message in sender.feedback(now))
        for sender in islice(senders, beat % ACKNOWLEDGE_BEATS, None, ACKNOWLEDGE_BEATS):
            yield from ((sender.connection, message) for message in sender.acknowledge())
        other = (beat + 1) % SECOND_BEATS  # Not when arrivals are told to the same.
        for sender in islice(senders, other, None, SECOND_BEATS):
            yield sender.connection, sender.report(now)
        for receiver in islice(receivers, other, None, SECOND_BEATS):
            yield from ((receiver.connection, message) for message in receiver.reports(now))

    def _state(self) -> Desired:
        if not self.guests and not self.views:
            return self.desired
        mine = self.desired
        return Desired(
            mine.conference, mine.epoch, mine.number, (*mine.endpoints, *self.guests.values()),
            mine.stage, mine.floor, mine.order, {**mine.views, **self.views},
        )  # fmt: skip

    def tell_layers(self, now: Millis) -> None:
        """Say which layers of each camera nobody receives: switched on at once, off after a while."""
        for publisher in self.publishers.values():
            for stream in publisher.of_kind(False):
                if stream.needed(now):
                    self.needed_at[stream.endpoint, stream.rid] = now
        for (endpoint, source), publisher in self.publishers.items():
            present = [one.rid for one in publisher.of_kind(False) if one.rid]
            received = [
                rid for rid in present if now - self.needed_at.get((endpoint, rid), -LAYER_OFF_MS) < LAYER_OFF_MS
            ]
            active = layers.wanted_layers(received, present)
            session = publisher.connection.session
            if source == "camera" and active and self.told_layers.get(session) != active:
                self.told_layers[session] = active
                self.tell(control.Layers(self.desired.conference, endpoint, session, active))

    def tell_coding(self, now: Millis) -> None:
        """Say what pictures should be coded in, where that is another thing than before; an edge tells its home."""
        grants = self.grants
        needs = {one.takes_alone for who, one in self.subscribers.items() if grants.get(who, Grants()).receive}
        codecs = {one for one in needs if one is not None}
        if self.inflow is not None:
            self.inflow.needs = codecs
        codec = self.coding.weigh(codecs.union(*(one.needs for one in self.trunks.values())), now)
        told, self.told_coding = self.told_coding, {}
        for (endpoint, source), publisher in self.publishers.items():
            publisher.align(now)
            session = publisher.connection.session
            self.told_coding[session] = codec.name
            if told.get(session, Codec.VP8.name) != codec.name:
                name: Literal["VP8", "H264"] = "H264" if codec is Codec.H264 else "VP8"
                self.tell(control.Coding(self.desired.conference, endpoint, session, source, name))

    def tell_anew(self) -> None:
        """Whoever listens now knows nothing yet."""
        self.told_layers.clear()
        self.told_coding = dict.fromkeys(self.told_coding, "")

    def tell_quality(self, now: Millis) -> None:
        """Say how every session fares."""
        for subscriber in self.subscribers.values():
            link, way = subscriber.connection, subscriber.estimator
            word = control.Quality(
                link.conference, link.endpoint, link.session, "down", "camera",
                round(way.loss * 1000), round(way.queue_ms), way.received_bps, subscriber.rtt_ms,
            )  # fmt: skip
            self.tell(word)
        for publisher in self.publishers.values():
            link = publisher.connection
            rate = sum(one.bits_per_second for one in publisher.streams if one.alive(now))
            loss = max((one.counters.recent_loss for one in publisher.streams), default=0)
            voice = self.speakers.voices.get(link.endpoint) if publisher.level else None
            word = control.Quality(
                link.conference, link.endpoint, link.session, "up", link.source, loss, 0, rate,
                level=round(voice.at(now)) if voice is not None else -1,
                layers=tuple(one.rid or "h" for one in publisher.of_kind(False) if one.alive(now)),
            )  # fmt: skip
            self.tell(word)

    def idle(self, now: Millis) -> bool:
        """Whether this conference may be forgotten: web says its orders once, so not before it is over."""
        if self.publishers or self.subscribers or self.desired.endpoints:
            self.used_at = now
        return now - self.used_at > IDLE_MS
