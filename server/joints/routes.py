"""Doors that belong to no single room: ways into a meeting for sites and guests."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Collection
from typing import Literal
from urllib.parse import quote

import msgspec
from aiohttp import web

from server.errors import Forbidden, Refused
from server.http import read_json, reply, visitor
from server.joints.conference import granted_to
from server.joints.outbox import OutboxKeys
from server.media.routes import Permit
from server.meetings.meeting import Meeting, Member
from server.meetings.roles import DESK, PREPARERS, Role
from server.meetings.routes import asker_of
from server.meetings.service import Meetings, roles
from server.people.doors import Doors, Invited
from server.people.invitations import Invitation
from server.people.secondfactor import qr_svg

AFTER_THE_END_MS = 12 * 3600 * 1000
"""A site that comes back late in the evening still finds its way."""

INVITERS = {"site": PREPARERS | DESK | {Role.TECHNICIAN}, "guest": PREPARERS | DESK}
"""Who may make a way in for whom."""


SigningIn = Callable[[Collection[str]], Awaitable[frozenset[str]]]
"""Those of these people who sign in with an account, and need no code."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom a way in is asked: a site, or a guest, of this meeting."""

    kind: Literal["site", "guest"]
    who: str


def routes(meetings: Meetings, doors: Doors, keys: OutboxKeys, signing_in: SigningIn) -> list[web.RouteDef]:
    """Invitations (a code, a link and its QR code, shown once) and their end, the key of one's own outbox, and the code
    at the door of the hall."""

    async def check_in(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        await meetings.seen_by(meeting_id, asker_of(visitor(request), meeting_id))
        link = doors.address(f"/diem-danh/{quote(meeting_id)}")
        shown = _reachable(Invited("", "", link, qr_svg(link)), request)
        return reply({"link": shown.link, "qr": shown.qr})

    async def guests(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        _, meeting = await meetings.seen_by(meeting_id, asker)
        if not roles(meeting, asker) & INVITERS["guest"]:
            raise Forbidden("role.not_allowed")
        named = [person for person in meeting.members if Role.GUEST in meeting.roles_of(person)]
        return reply({"accounts": sorted(await signing_in(named))})

    async def invite(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        _, meeting = await meetings.seen_by(meeting_id, asker)
        wanted = await read_json(request, Wanted)
        if not roles(meeting, asker) & INVITERS[wanted.kind]:
            raise Forbidden("role.not_allowed")
        invited = meeting.site(wanted.who) if wanted.kind == "site" else _guest(meeting, wanted.who)
        name, unit = invited.name, invited.unit
        expires = max(meeting.ends_at, meetings.clock.now()) + AFTER_THE_END_MS
        invitation = Invitation("", meeting_id, wanted.kind, wanted.who, name, unit, 0, expires)
        return reply(_reachable(await doors.invite(invitation), request), status=201)

    async def revoke(request: web.Request) -> web.Response:
        meeting_id, who = request.match_info["meeting"], request.match_info["who"]
        asker = asker_of(visitor(request), meeting_id)
        _, meeting = await meetings.seen_by(meeting_id, asker)
        kind: Literal["site", "guest"] = "site" if who in meeting.sites else "guest"
        if not roles(meeting, asker) & INVITERS[kind]:
            raise Forbidden("role.not_allowed")
        return reply({"revoked": await doors.revoke(meeting_id, who)})

    async def outbox_key(request: web.Request) -> web.Response:
        asking = visitor(request)
        # Whoever came in by an invitation never gets the key of an account, nor that of another meeting.
        owner = f"{asking.only_meeting}/{asking.person}" if asking.only_meeting else asking.person
        return reply({"key": base64.b64encode(keys.of(owner)).decode()})

    return [
        web.get("/api/meetings/{meeting}/invitations", guests),
        web.post("/api/meetings/{meeting}/invitations", invite),
        web.delete("/api/meetings/{meeting}/invitations/{who}", revoke),
        web.post("/api/outbox-key", outbox_key),
        web.get("/api/meetings/{meeting}/check-in", check_in),
    ]


def _guest(meeting: Meeting, person: str) -> Member:
    """The member, provided they are a guest here and nothing more: a code must not open the seat of somebody else."""
    member = meeting.member(person)
    if meeting.roles_of(person) != {Role.GUEST} or member.mandate:
        raise Refused("invitation.not_a_guest")
    return member


def _reachable(invited: Invited, request: web.Request) -> Invited:
    """The invitation with an address another device can open: where no public one is set, the one asked for."""
    if not invited.link.startswith("/"):
        return invited
    link = f"https://{request.host}{invited.link}"
    return msgspec.structs.replace(invited, link=link, qr=qr_svg(link))


class MediaPermits:
    """Who may open a connection to the conference, as what."""

    def __init__(self, meetings: Meetings) -> None:
        self.meetings = meetings

    async def authorize(self, request: web.Request, conference: str) -> Permit:
        """The visitor's own principal with its grants of this moment; `Forbidden` for whoever does not belong."""
        asking = visitor(request)
        asker = asker_of(asking, conference)
        _, meeting = await self.meetings.seen_by(conference, asker)
        if asking.person not in meeting.members and asking.person not in meeting.sites:
            raise Forbidden("conference.not_yours")
        return Permit(asking.person, granted_to(meeting, asking.person, self.meetings.clock.now()))
