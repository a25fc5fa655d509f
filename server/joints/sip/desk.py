"""Which codecs a meeting wants: those whose number was given out, and those that a technician has called.

Both are rows beside the invitations, so that every web process says the same to the switchboard, and a meeting that is
over, a site that is struck off, or a secret that is taken back ends the call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from server.config import SipSettings
from server.errors import Refused, Unavailable
from server.joints.conference import granted_to, watchers
from server.joints.devices.desk import DeviceDesk
from server.joints.presence import Tell
from server.joints.recording.desk import Begin
from server.media.sip.service import Calls
from server.media.sip.sipwords import address_of
from server.media.sip.words import Call, Line, Observation, Standing, Wanted
from server.meetings.acts import AROUND
from server.meetings.meeting import Meeting
from server.meetings.service import Asker, Meetings, stream_of

SAY_EVERY_S = 5.0
"""So late at most a call ends that was given up in another web process, or whose time is over."""
GIVEN_UP = {"hung_up", "refused", "nothing_in_common"}
"""Ends after which nobody is called again: the order is over."""

CodecOf = Callable[[str], Awaitable[str]]
"""What the registry says of a site's codec."""

log = logging.getLogger("hopso.sip")


class SipDesk:
    """Calls of meetings. `tell` is `Live.status_here`; `begin` looks after background work."""

    def __init__(self, devices: DeviceDesk, codec_of: CodecOf, settings: SipSettings, tell: Tell, begin: Begin) -> None:
        self.meetings: Meetings = devices.meetings
        self.desk, self.devices = devices, devices.devices
        self.codec_of = codec_of
        self.settings = settings
        self.tell, self.begin = tell, begin
        self.calls = Calls(settings.control_socket, self.heed)
        self._saying = asyncio.Lock()
        devices.on_change.append(lambda meeting: begin(self.say(meeting)))
        self.meetings.on_change.append(lambda _before, after: begin(self.say(after.id)))

    async def run(self) -> None:
        """Stay in touch with the switchboard, where there is one."""
        if not self.settings.enabled:
            return
        self.begin(self.calls.run())
        while True:
            try:
                for listing in await self.meetings.running():
                    await self.say(listing.id)
            except Exception:  # the database may be away for a while
                log.exception("the switchboard was not told what is wanted; trying again")
            await asyncio.sleep(SAY_EVERY_S)

    async def say(self, meeting_id: str) -> None:
        """Tell the switchboard what a meeting wants now. One after the other: what was read first is said first."""
        if not self.settings.enabled:
            return
        async with self._saying:
            _, meeting = await self.meetings.standing(meeting_id)
            self.calls.want(await self._wanted(meeting))

    async def _wanted(self, meeting: Meeting) -> Wanted:
        if meeting.phase not in AROUND:
            return Wanted(meeting.id)
        numbers = await self.devices.codes(meeting.id, "codec")
        called = set((await self.devices.codes(meeting.id, "call")).values())
        lines: list[Line] = []
        for site in meeting.sites:
            own = tuple(sorted(number for number, who in numbers.items() if who == site))
            if own or site in called:
                grants = granted_to(meeting, site, self.meetings.clock.now())
                address = address_of(await self.codec_of(site)) if site in called else ""
                lines.append(Line(site, grants, address, own))
        return Wanted(meeting.id, tuple(lines))

    def heed(self, word: Observation) -> None:
        """The switchboard says how it goes."""
        if isinstance(word, Standing):
            return
        known = self.meetings.at_hand(word.conference)
        audience = watchers(known[1]) if known else frozenset[str]()
        self.tell(stream_of(word.conference), f"sip:{word.site}", msgspec.to_builtins(word), audience)
        if word.stage == "ended" and not word.incoming and word.why in GIVEN_UP:
            self.begin(self._forget(word))

    async def _forget(self, word: Call) -> None:
        await self.devices.revoke_all(word.conference, word.site, "call")
        await self.say(word.conference)

    # What technicians do -------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """Whether calls are possible, and where codecs call in."""
        return self.calls.standing

    async def listed(self, meeting_id: str, asker: Asker) -> list[Call]:
        """How the calls of a meeting stand."""
        await self.desk.allowed(meeting_id, asker)
        return [call for (conference, _), call in self.calls.calls.items() if conference == meeting_id]

    async def call(self, meeting_id: str, asker: Asker, site_id: str) -> None:
        """Have a site's codec called, again and again until it answers or somebody gives up.

        Raises `Refused("sip.no_address")`, `Refused("sip.not_now")`, `Unavailable("sip.no_janus")`.
        """
        meeting = await self.desk.allowed(meeting_id, asker)
        site = meeting.site(site_id)
        if meeting.phase not in AROUND:
            raise Refused("sip.not_now")
        if self.standing.readiness != "ready":
            raise Unavailable("sip.no_janus")
        if not address_of(await self.codec_of(site_id)):
            raise Refused("sip.no_address", name=site.name)
        await self.devices.revoke_all(meeting_id, site_id, "call")
        await self.desk.keep(meeting, site, "call")

    async def hang_up(self, meeting_id: str, asker: Asker, site_id: str) -> None:
        """End the call of a site that was called. One that called in ends when its number is taken back."""
        meeting = await self.desk.allowed(meeting_id, asker)
        meeting.site(site_id)
        await self.devices.revoke_all(meeting_id, site_id, "call")
        await self.say(meeting_id)
