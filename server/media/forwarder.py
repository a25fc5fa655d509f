"""The forwarder: opens and ends sessions, keeps the conferences, and gives the clock's beats."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence

import structlog

from server.clock import Clock, Millis
from server.errors import Invalid, NotFound, TooMany
from server.media import control, offer, sdp
from server.media.conference import Desired, Grants, is_link, owner
from server.media.connection import Connection, Stale
from server.media.control import Answer, Close, Gone, Joined, Load, Observation, Open, Patch, Quiet, View
from server.media.hub import Hub
from server.media.links import Links
from server.media.publisher import Publisher
from server.media.rtp import Codec
from server.media.running import ACKNOWLEDGE_BEATS, SECOND_BEATS, Running
from server.media.sdp import Identity, Section
from server.media.subscriber import Subscriber, name_slots
from server.media.tally import Tally

BEAT_MS = 30
IDLE_S = 0.03
FED_S = 0.1
"""While packets arrive, reading them gives the beats: the timer need not wake the process up for each of them."""
MEASURE_BEATS = 15
"""A multiple of the first, as are those of `running.py`; each begins at a beat of its own: packets never wait for two
of them at once."""
SESSIONS_LIMIT = 4096
SESSIONS_OF_ONE_LIMIT = 6
VIDEO_CODECS = (Codec.VP8, Codec.H264)
SSRC_STEP = 0x9E3779B1

log = structlog.get_logger("media")


class Forwarder:
    """All conferences of one media process."""

    def __init__(self, clock: Clock, announce: Sequence[str], tell: Callable[[Observation], None]) -> None:
        self.clock = clock
        self.announce = announce
        self.tell = tell
        self.hub = Hub(clock, self._ended, self._joined)
        self.hub.after_drain = self._drained
        self.conferences: dict[str, Running] = {}
        self.publishers: dict[str, Publisher] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.tally = Tally()
        self.beats = 0
        self.beaten_at: Millis = 0
        self.fed = False
        self.ssrc = zlib.crc32(clock.secret().encode("ascii"))
        self.timer: asyncio.TimerHandle | None = None
        self.links = Links(self.hub, clock, self._conference, self._ended, self._ssrc)

    def start(self, host: str, port: int) -> None:
        """Listen, and begin to beat."""
        self.hub.listen(host, port)
        self._tick()

    async def close(self) -> None:
        """End everything."""
        if self.timer is not None:
            self.timer.cancel()
        await self.hub.close()

    def adopt(self, desired: Desired) -> None:
        """Make a conference so; older states are ignored, whoever is not listed any longer is sent away."""
        conference = self._conference(desired.conference)
        if not conference.adopt(desired):
            return
        listed = desired.grants()
        for connection in list(self.hub.connections.values()):
            theirs = connection.conference == desired.conference and not is_link(connection.endpoint)
            if theirs and owner(connection.endpoint) not in listed:
                self._ended(connection, "revoked")
        if not listed:
            self.links.over(desired.conference)
        conference.arrange(self.clock.now())

    def view(self, word: View) -> None:
        """A receiver chooses what it sees, where there is such a conference."""
        if word.conference in self.conferences:
            self.conferences[word.conference].view(word.endpoint, word.slots)

    def quiet(self, word: Quiet) -> None:
        """Whose sessions carry sound only, where there is such a conference."""
        if word.conference in self.conferences:
            self.conferences[word.conference].quiet(word.principals)

    def load(self) -> Load:
        """How much this process does."""
        links, lost = self.links, (self.hub.dropped, self.hub.moves)
        receivers = [*self.subscribers.values(), *links.trunks.values()]
        return self.tally.load([*self.publishers.values(), *links.inflows.values()], receivers, lost)

    def open(self, word: Open) -> Answer:
        """Answer an offer. Raises a Problem when it cannot be answered."""
        self._make_room(word)
        text = offer.read_offer(word.sdp)
        up = word.direction == "up"
        sections = sdp.agree_up(text, VIDEO_CODECS) if up else sdp.agree_down(text)
        if not any(one.formats for one in sections):
            raise Invalid("media.nothing_in_common")
        session = control.session_of(self.links.me.name, self.clock.fresh_id())
        connection = Connection(session, word.conference, word.endpoint, word.direction, word.source)
        identity = self._admit(connection, text.ufrag, text.waits)
        conference = self._conference(word.conference)
        conference.welcome(word.endpoint, word.grants)
        if up:
            self._publish(connection, conference, sections)
            body = sdp.write_up(sections, identity)
        else:
            names = name_slots(sections, self._ssrc)
            self.subscribers[session] = Subscriber(connection, sections, names, self.clock.now())
            connection.handler = self.subscribers[session]
            body = sdp.write_down(sections, identity, names)
        self.hub.add(connection, text.fingerprints, text.waits)
        return Answer(word.request, session, body, identity.ufrag)

    def patch(self, word: Patch) -> Answer:
        """A trickle fragment needs nothing of us; one with new credentials restarts ICE (RFC 9725 §4.3)."""
        connection = self._session(word)
        current = list(connection.passwords)[-1]
        found = offer.read_fragment(word.fragment)
        if found is None or found[0] == connection.remote_ufrags[-1]:
            if word.match not in ("", "*", current):
                raise Stale("media.stale_session")
            return Answer(word.request, word.session, "", current)
        identity = self._admit(connection, found[0])
        self.hub.learn(connection)
        return Answer(word.request, word.session, sdp.write_fragment(identity), identity.ufrag)

    def close_session(self, word: Close) -> Answer:
        """End one session."""
        self._ended(self._session(word), word.reason)
        return Answer(word.request, word.session)

    def present(self) -> list[Observation]:
        """Everything that somebody who has just come must know."""
        words: list[Observation] = []
        for one in self.hub.connections.values():
            if one.incoming is not None and not is_link(one.endpoint):
                words.append(Joined(one.conference, one.endpoint, one.session, one.direction, one.source))
        for conference in self.conferences.values():
            conference.tell_anew()
            for endpoint, subscriber in conference.subscribers.items():
                words.append(conference.slots(endpoint, subscriber))
        return words

    def _conference(self, name: str) -> Running:
        conference = self.conferences.get(name)
        if conference is None:
            conference = self.conferences[name] = Running(name, self.clock.now(), self.tell)
        return conference

    def _make_room(self, word: Open) -> None:
        """Refuse offers without end; of one endpoint's sessions only those that are not yet connected count."""
        if len(self.hub.connections) >= SESSIONS_LIMIT:
            raise TooMany("media.too_many_sessions")
        unready = [
            one
            for one in self.hub.connections.values()
            if one.endpoint == word.endpoint and one.conference == word.conference and one.incoming is None
        ]
        if len(unready) >= SESSIONS_OF_ONE_LIMIT:
            raise TooMany("media.too_many_sessions")

    def _session(self, word: Patch | Close) -> Connection:
        connection = self.hub.connections.get(word.session)
        if connection is None or connection.endpoint != word.endpoint:
            raise NotFound("media.unknown_session")
        return connection

    def _admit(self, connection: Connection, remote_ufrag: str, begins: bool = False) -> Identity:
        ufrag = self.clock.secret(6).replace("-", "+").replace("_", "/")
        password = self.clock.secret(24).replace("-", "+").replace("_", "/")
        connection.admit(ufrag, password, remote_ufrag)
        return Identity(ufrag, password, self.hub.certificate.fingerprint, self.hub.candidates(self.announce), begins)

    def _publish(self, connection: Connection, conference: Running, sections: Sequence[Section]) -> None:
        publisher = Publisher(connection, sections, conference.heard)
        publisher.permit(conference.grants.get(connection.endpoint, Grants()))
        self.publishers[connection.session] = publisher
        connection.handler = publisher

    def _ssrc(self) -> int:
        """SSRCs that never meet within one process: an odd step visits every number once."""
        self.ssrc = (self.ssrc + SSRC_STEP) & 0xFFFFFFFF
        return self.ssrc if self.ssrc > 15 else self._ssrc()

    def _joined(self, connection: Connection) -> None:
        """Keys are agreed: the new session takes its place, an older one of the same kind ends."""
        if is_link(connection.endpoint):
            self.links.joined(connection)
            return
        conference = self._conference(connection.conference)
        session, key = connection.session, (connection.endpoint, connection.source)
        for old in list(self.hub.connections.values()):
            if old is not connection and old.same_as(connection):
                self._ended(old, "closed")
        if session in self.publishers:
            conference.publishers[key] = self.publishers[session]
            conference.changed = True
        else:
            subscriber = self.subscribers[session]
            subscriber.keys = connection.outgoing
            conference.subscribers[connection.endpoint] = subscriber
            conference.newcomers.add(connection.endpoint)
        conference.permit()
        self.tell(Joined(connection.conference, connection.endpoint, session, connection.direction, connection.source))

    def _ended(self, connection: Connection, reason: str) -> None:
        session = connection.session
        if is_link(connection.endpoint):
            self.hub.remove(connection)
            self.tally.ended(*self.links.ended(connection))
            return
        conference = self._conference(connection.conference)
        publisher, subscriber = self.publishers.pop(session, None), self.subscribers.pop(session, None)
        self.tally.ended(publisher, subscriber)
        if publisher is not None:
            publisher.close()
            if conference.publishers.get((connection.endpoint, connection.source)) is publisher:
                del conference.publishers[connection.endpoint, connection.source]
        if subscriber is not None:
            subscriber.close()
            if conference.subscribers.get(connection.endpoint) is subscriber:
                del conference.subscribers[connection.endpoint]
        conference.told_layers.pop(session, None)
        self.hub.remove(connection)
        self.tell(
            Gone(connection.conference, connection.endpoint, session, connection.direction, connection.source, reason)  # type: ignore[arg-type]
        )
        log.info("media.gone", session=session, endpoint=connection.endpoint, reason=reason)
        conference.changed |= publisher is not None

    def _drained(self) -> None:
        """Everything that has arrived is read: send it on, and do what is due."""
        self.fed = self.fed or bool(self.hub.arrived)
        for connection in self.hub.arrived.values():
            if connection.handler is not None:
                connection.handler.forward()
        late = self.hub.now - self.beaten_at
        if late >= BEAT_MS or late < 0:
            self.hub.flush()  # Sound and pictures do not wait for what else is due.
            # A steady pace, also when the looks at the port do not fall on the beat.
            self.beaten_at = self.hub.now - (late - BEAT_MS if late < 2 * BEAT_MS else 0)
            self._beat(self.hub.now)

    def _tick(self) -> None:
        fed, self.fed = self.fed, False
        self.timer = asyncio.get_running_loop().call_later(FED_S if fed else IDLE_S, self._tick)
        if not fed:
            self.hub.look()

    def _beat(self, now: Millis) -> None:
        self.beats += 1
        self.hub.read_reports()
        for conference in self.conferences.values():
            for connection, message in conference.reports(self.beats, now):
                connection.send_rtcp(message, self.hub.scratch)
            conference.refresh(now, self.beats % ACKNOWLEDGE_BEATS == 0)
            conference.adjust(now, self.beats % MEASURE_BEATS, MEASURE_BEATS)
        self.links.beat(now)
        if self.beats % MEASURE_BEATS == 1:
            self._measure(now)
        if self.beats % SECOND_BEATS == 2:
            self._second(now)

    def _measure(self, now: Millis) -> None:
        for publisher in self.publishers.values():
            for stream in publisher.streams:
                stream.measure(now)
        self.links.measure(now)
        for conference in self.conferences.values():
            conference.offer(now)

    def _second(self, now: Millis) -> None:
        self.hub.watch(now)
        self.links.second(now)
        for name, conference in list(self.conferences.items()):
            conference.tell_layers(now)
            conference.tell_coding(now)
            if self.beats % (2 * SECOND_BEATS) == 2:
                conference.tell_quality(now)
            if conference.idle(now):
                del self.conferences[name]
