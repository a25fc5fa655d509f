"""The composition root: builds the rooms, hands them callables, and subscribes them to each other's events.

This is the one file that knows every room. Read `House` from top to bottom to see how it hangs together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from server.background import Background
from server.blobs import LocalBlobs, Sha256
from server.bus import Bus, LocalBus, RedisBus
from server.callers import Limits
from server.catalogue import meeting_kinds
from server.clock import Clock, SystemClock
from server.config import Settings
from server.db import Database
from server.documents.ink import Ink
from server.documents.live import InkDoor
from server.documents.papers import Paper
from server.documents.service import Papers
from server.doors import Entrance, StreamDoor
from server.errors import Unauthorized
from server.http import Visitor
from server.joints.closing import Closing
from server.joints.course import course_of
from server.joints.devices.desk import DeviceDesk
from server.joints.due import Due
from server.joints.kit import kit_of
from server.joints.line.desk import LineDesk, Saying
from server.joints.mediation import Mediation
from server.joints.minutes import MinutesRights
from server.joints.opinions.desk import OpinionDesk
from server.joints.papers import PaperRights, admitted_anew, hearers_of, news_of, of_meetings, tell_meeting
from server.joints.presence import Presence
from server.joints.readership import Readership
from server.joints.recording.desk import RecordingDesk
from server.joints.search.desk import SearchDesk
from server.joints.seating import plans
from server.joints.sessions import watch_sessions
from server.joints.sip.desk import SipDesk
from server.joints.sketch import Sketch
from server.joints.stopping import doors_of
from server.joints.tablets.desk import TabletDesk
from server.joints.turnout import Turnout, counting
from server.live import Live
from server.media.line.service import LineBoard
from server.media.turn import IceServer, relays
from server.meetings.acts import Card, read_event
from server.meetings.ledger import Safeguards
from server.meetings.live import MeetingDoor
from server.meetings.meeting import Meeting
from server.meetings.members import MemberRemoved
from server.meetings.opinions.live import OpinionsDoor
from server.meetings.papers import PaperAttached
from server.meetings.preparing import SiteRemoved
from server.meetings.revoking import InvitationRevoked
from server.meetings.service import Around, Meetings, stream_of
from server.meetings.sitting import MeetingClosed
from server.people.administration.service import Administration
from server.people.doors import Doors
from server.people.passwords import Passwords
from server.people.registry.service import SiteRegistry
from server.people.rooms.service import Rooms
from server.people.secondfactor import SecondFactor
from server.people.service import People
from server.people.signin import SignIn
from server.people.tablets.pins import Pins
from server.people.tablets.service import Tablets
from server.records.course import Course
from server.records.kit import Kit
from server.records.live import MinutesDoor
from server.records.service import Minutes, Sources
from server.streams import Entry, StreamId, Streams

log = logging.getLogger("hopso")

ISSUER = "Họp Số"
HOUSEKEEPING_S = 60.0
ALLOWED = frozenset({"https"})


class House:
    """All rooms of the web process, built and connected."""

    def __init__(self, settings: Settings, clock: Clock | None = None, limits: Limits | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.db = Database(settings.database.url, settings.database.busy_timeout_ms)
        self.blobs = LocalBlobs(settings.blobs.folder)
        self.streams = Streams(self.db, self.clock)
        self.background = Background()
        self._begin = self.background.begin

        self._build_people()
        self._build_meetings()
        self._build_media()
        entrance = Entrance(self._redeem, self.allows_origin)
        self.live = Live(self._stream_doors(), entrance, self.streams, self._bus(), limits)
        self._subscribe()

    def _build_people(self) -> None:
        keys = self.settings.people
        self.doors = Doors(self.db, self.clock, keys, self.settings.web.public_url)
        passwords = Passwords(keys.argon2_memory_kib, keys.argon2_passes)
        self.people = People(self.doors, passwords)
        self.administration = Administration(self.people, self.doors)
        self.registry = SiteRegistry(self.db)
        self.rooms = Rooms(self.db)
        pins = Pins(self.doors, passwords, (keys.lockout_attempts, keys.lockout_minutes))
        self.tablets = Tablets(self.doors, self.rooms, pins, self.settings.web.public_url)
        self.sign_in = SignIn(self.doors, passwords, SecondFactor(keys.keys_folder, ISSUER), keys)

    def _build_meetings(self) -> None:
        """The meetings, their papers and their minutes."""
        settings = self.settings
        self.presence = Presence(self.clock.fresh_id(), self._tell_here, self._aside, self._standing, self.clock)
        safe = Safeguards(settings.people.keys_folder / "ballots", self.sign_in.proved_at)
        known, rooms = self.presence, plans(self.rooms)
        around = Around(self._cards, known.is_connected, meeting_kinds(), safe, known.is_at_shared, rooms)
        self.meetings = Meetings(self.db, self.streams, self.clock, around)
        self.tablet_desk = TabletDesk(self.meetings, self.tablets, self._begin)
        self.papers = Papers(self.db, self.blobs, self.clock, settings.documents, of_meetings(self._paper_changed))
        self.paper_rights = PaperRights(self.meetings, self.papers)
        self.search = SearchDesk(self.meetings, self.papers)
        self.ink = Ink(self.db, self.streams, self.papers, self.name_of)
        sources = Sources(self._course_of, self._kit_of, lambda blob: self.blobs.path(Sha256(blob)))
        self.minutes = Minutes(self.db, self.streams, self.clock, settings.records, sources)
        self.minutes_rights = MinutesRights(self.meetings)
        self.opinion_desk = OpinionDesk(self.meetings, self.papers, self.ink, settings.records, self._begin)
        self.turnout = Turnout(counting(self.meetings), self._tell)
        self.due = Due(self.meetings, self._begin)
        self.readership = Readership(self.meetings, self._tell, self._begin)

    def _build_media(self) -> None:
        settings = self.settings
        self.mediation = Mediation(self.meetings, settings.media, self._tell_here, self._aside, self._begin)
        self.conferences = self.mediation.conferences
        saying = Saying(self._tell_here, self._tell, self._aside)
        self.line_desk = LineDesk(self.meetings, LineBoard(self.db, self.clock), self.conferences, saying)
        self.mediation.on_observed.append(self.line_desk.heed)
        self.sketch = Sketch(self.meetings, lambda: self.live)
        self.closing = Closing(self.meetings, self.minutes, self.line_desk)
        self.devices = DeviceDesk(self.meetings, self.db, self.conferences.close)
        self.sip = SipDesk(self.devices, self.registry.codec_of, settings.sip, self._tell_here, self._begin)
        self.recording = RecordingDesk(self.meetings, self.papers, settings.recording, self._tell_here, self._begin)

    def _stream_doors(self) -> dict[str, StreamDoor]:
        """What may be followed live."""
        rights = self.paper_rights
        beside: tuple[StreamDoor, ...] = (
            OpinionsDoor(self.opinion_desk.opinions),
            self.sketch,
            InkDoor(self.ink, rights.layer_rights, rights.desk_of, rights.may_point),
            MinutesDoor(self.minutes, self.minutes_rights.may_read, self.minutes_rights.may_write),
        )
        return doors_of(MeetingDoor(self.meetings), beside, rights.meetings_of)

    def _subscribe(self) -> None:
        """Who hears of what."""
        self.streams.listeners.insert(0, self.meetings.follow)
        self.live.gathering.on_opening.append(self.meetings.catch_up)
        self.live.gathering.on_delivery.append(self.meetings.follow)
        self.streams.listeners.append(self._happened)
        self.live.on_presence.append(self.presence.heard)
        self.live.on_hint.extend((self.presence.follows, self.readership.heard))
        self.live.on_aside.extend((self.presence.overheard, self.line_desk.overheard, self.mediation.overheard))
        self.meetings.on_vote.append(self.turnout.heard(self._begin))
        desks = (self.mediation.changed, self.line_desk.changed, self.sketch.changed, self.opinion_desk.changed)
        self.meetings.on_change.extend((*desks, self.due.changed, self.readership.changed, self._changed))
        self.doors.on_ended.append(self._sessions_ended)

    async def start(self) -> None:
        """Begin what goes on in the background."""
        await self.papers.start()
        parts = (self.conferences, self.recording, self.presence, self.line_desk, self.devices, self.sip)
        for part in (*parts, self.search):
            self.background.keep(part.run())
        self.background.keep(self._keep_house())
        self.background.keep(watch_sessions(self.doors, self.live, self._sessions_ended, self.paper_rights.look))
        self._begin(self.closing.catch_up())
        self._begin(self.due.look())
        for listing in await self.meetings.running():
            log.info("meeting %s goes on", listing.id)

    async def _keep_house(self) -> None:
        """What must be done from time to time: end what is over, keep what is in use, forget what nobody asks for."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            try:
                await self.doors.touch(self.live.sessions())
                await self.doors.sweep()
                await self.streams.forget_receipts()
                await self.tablet_desk.tidy()
                await self.meetings.ledger.forget()
            except Exception:  # the database may be away for a while
                log.exception("the house could not be tidied; trying again")
            self.meetings.forget(self.paper_rights.meetings_of(list(self.live.gathering.followings)))
            self.live.statuses.forget(self.live.gathering.followings)

    async def close(self) -> None:
        """End it again, in the opposite order."""
        await self.readership.close()
        await self.background.close()
        await self.papers.close()
        await self.streams.close()
        await self.db.close()

    # -- who may --------------------------------------------------------------------------------------------------

    def allows_origin(self, origin: str, host: str) -> bool:
        """Only our own pages: the origin must be the host that was asked for, over TLS, or the public address."""
        scheme, _, authority = origin.partition("://")
        return (scheme in ALLOWED and authority == host) or origin == self.settings.web.public_url.rstrip("/")

    async def _redeem(self, ticket: str) -> Visitor | None:
        try:
            return await self.doors.redeem(ticket)
        except Unauthorized:
            return None

    def relays(self, endpoint: str) -> Sequence[IceServer]:
        """The relays an endpoint may use, with credentials of its own."""
        return relays(self.settings.media, endpoint, self.clock.now())

    # -- what rooms ask of each other -----------------------------------------------------------------------------

    async def _cards(self, people: Iterable[str]) -> Mapping[str, Card]:
        units = {unit.id: unit for unit in await self.people.units()}
        found = await self.people.cards(people)
        return {
            card.id: Card(card.id, card.name, card.title, units[card.unit].name, card.unit_name, card.precedence)
            for card in found
        }

    async def name_of(self, person: str) -> str:
        """What to call somebody; their id when nobody knows them."""
        cards = await self.people.cards([person])
        return cards[0].name if cards else person

    async def _course_of(self, meeting_id: str) -> Course:
        _, meeting = await self.meetings.standing(meeting_id)
        course = course_of(await self.meetings.history(meeting_id), meeting, self.settings.records)
        return await self.opinion_desk.told(course, meeting)

    async def _kit_of(self, meeting_id: str) -> Kit:
        _, meeting = await self.meetings.standing(meeting_id)
        return await kit_of(meeting, self.papers, self.settings.records, self.clock.now())

    def _standing(self, meeting_id: str) -> Meeting | None:
        known = self.meetings.at_hand(meeting_id)
        return known[1] if known else None

    # -- what rooms hear of each other ----------------------------------------------------------------------------

    def _happened(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        room, _, meeting = stream.partition(":")
        for entry in entries if room == MeetingDoor.kind else ():
            match read_event(entry.type, entry.data):
                case PaperAttached(paper=paper):
                    self._begin(tell_meeting(self.meetings, self.papers, paper.id))
                case MemberRemoved(person=who) | InvitationRevoked(person=who) | SiteRemoved(site=who):
                    self._begin(self.doors.revoke(meeting, who))
                case MeetingClosed():
                    self._begin(self.tablet_desk.closed(meeting))
                    self._begin(self.closing.closed(meeting, entry.by))

    def _changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently: whose rights changed are admitted anew."""
        self.presence.changed(after.id)
        followed = ((caller.person, s) for caller in self.live.gathering.callers.values() for s in caller.streams)
        for stream, person in admitted_anew(before, after, followed):
            self.live.resync(stream, person)

    def _paper_changed(self, paper: Paper) -> None:
        audience = hearers_of(self._standing(paper.shelf), paper.id)
        self.live.status(stream_of(paper.shelf), f"paper:{paper.id}", news_of(paper), audience)
        self._begin(tell_meeting(self.meetings, self.papers, paper.id))
        self.search.heard(paper)

    async def _sessions_ended(self, sessions: frozenset[str], person: str, why: str) -> None:
        for session in sessions:
            self.live.expel(session, "revoked" if why == "revoked" else "signed_out")
        await self.mediation.close_of(sessions, person)

    def _tell(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> None:
        self.live.status(stream, topic, value, audience)

    def _tell_here(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> None:
        self.live.status_here(stream, topic, value, audience)

    def _aside(self, topic: str, value: Any) -> None:
        self.live.aside(topic, value)

    def _bus(self) -> Bus:
        url = self.settings.bus.redis_url
        return RedisBus(url) if url else LocalBus()
