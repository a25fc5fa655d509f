"""Which devices belong to a meeting's sites, and what they may do there: never more than the site itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from server.db import Database
from server.errors import Forbidden, Problem
from server.joints.conference import granted_to
from server.media.conference import Grants, beside
from server.meetings.meeting import Meeting
from server.meetings.roles import DESK, PREPARERS, Role
from server.meetings.seats import Site
from server.meetings.service import Asker, Meetings, roles
from server.people.devices import Device, Devices, Given
from server.people.invitations import Invitation

GIVERS = PREPARERS | DESK | {Role.TECHNICIAN}
"""Who lets sites in, lets their devices in."""
AFTER_THE_END_MS = 2 * 3600 * 1000
"""A meeting may last longer than was planned; the next one gets secrets of its own."""
LOOK_EVERY_S = 2.0
"""How soon a device is cut off whose secret was taken back in another web process, or has expired."""

Kind = Literal["sender", "viewer", "codec"]
Close = Callable[[str, str], Awaitable[None]]
"""Ends a media session of an endpoint."""

log = logging.getLogger("hopso.devices")


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which site a device is asked, and what it is to do."""

    kind: Kind
    site: str


class Admitted(msgspec.Struct, frozen=True):
    """A device at the door of a conference: which endpoint it is there, with which grants."""

    device: str
    endpoint: str
    grants: Grants


class DeviceDesk:
    """Devices of meetings. `close` is `Conferences.close`."""

    def __init__(self, meetings: Meetings, db: Database, close: Close) -> None:
        self.meetings = meetings
        self.devices = Devices(db, meetings.clock)
        self.close = close
        self.opened: dict[str, list[tuple[str, str]]] = {}
        self.on_change: list[Callable[[str], None]] = []
        """Told the meeting whose devices changed."""

    async def run(self) -> None:
        """Cut off what may not stay."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Exception:  # the database may be away for a while
                log.exception("devices could not be looked after; trying again")

    async def look(self) -> None:
        """End what was opened by devices whose secret is not good any more."""
        for device in list(self.opened):
            if not await self.devices.is_open(device):
                await self._cut_off(device)

    async def listed(self, meeting_id: str, asker: Asker) -> list[Device]:
        """The devices of a meeting."""
        await self.allowed(meeting_id, asker)
        return await self.devices.listed(meeting_id)

    async def give(self, meeting_id: str, asker: Asker, wanted: Wanted) -> Given:
        """A secret for a device. Raises `Forbidden("role.not_allowed")`, `Refused("site.unknown")`."""
        meeting = await self.allowed(meeting_id, asker)
        return await self.keep(meeting, meeting.site(wanted.site), wanted.kind)

    async def keep(self, meeting: Meeting, site: Site, kind: str) -> Given:
        """Write down a device of a site, for as long as the meeting may last."""
        now = self.meetings.clock.now()
        expires = max(meeting.ends_at, now) + AFTER_THE_END_MS
        asked = Invitation("", meeting.id, kind, site.id, site.name, site.unit, now, expires)
        given = await self.devices.give(asked)
        self._changed(meeting.id)
        return given

    async def revoke(self, meeting_id: str, asker: Asker, device: str) -> None:
        """Take a device's secret back, and cut it off."""
        await self.allowed(meeting_id, asker)
        await self.devices.revoke(meeting_id, device)
        await self._cut_off(device)
        self._changed(meeting_id)

    async def admit(self, token: str, conference: str, direction: str) -> Admitted:
        """Who shows this token at this conference's door; `direction` is up, down or (a session's own door) empty.

        Raises `Unauthorized("device.refused")`, `Forbidden`: "device.other_meeting", "device.sends_only",
        "device.watches_only", "conference.not_now", "conference.not_yours".
        """
        known = await self.devices.who(token)
        if known.meeting != conference:
            raise Forbidden("device.other_meeting")
        if known.kind not in ("sender", "viewer") or (known.kind == "viewer" and direction == "up"):
            raise Forbidden("device.watches_only")
        if known.kind == "sender" and direction == "down":
            raise Forbidden("device.sends_only")
        _, meeting = await self.meetings.standing(conference)
        if known.person not in meeting.sites:
            raise Forbidden("conference.not_yours")
        granted = granted_to(meeting, known.person, self.meetings.clock.now())
        if known.kind == "sender":
            return Admitted(known.id, known.person, granted)
        return Admitted(known.id, beside(known.person, known.id), Grants(receive=granted.receive))

    def heed(self, device: str, endpoint: str, session: str) -> None:
        """A device has opened this session."""
        self.opened.setdefault(device, []).append((session, endpoint))

    async def _cut_off(self, device: str) -> None:
        for session, endpoint in self.opened.pop(device, []):
            with contextlib.suppress(Problem):  # it has ended by itself
                await self.close(session, endpoint)

    async def allowed(self, meeting_id: str, asker: Asker) -> Meeting:
        """The meeting, provided the asker lets sites in. `Forbidden("role.not_allowed")`."""
        _, meeting = await self.meetings.seen_by(meeting_id, asker)
        if not roles(meeting, asker) & GIVERS:
            raise Forbidden("role.not_allowed")
        return meeting

    def _changed(self, meeting_id: str) -> None:
        for callback in self.on_change:
            callback(meeting_id)
