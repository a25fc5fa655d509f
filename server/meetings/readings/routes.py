"""Asking who has opened the papers: for the chair and the secretary."""

from __future__ import annotations

from aiohttp import web

from server.errors import Forbidden
from server.http import reply, visitor
from server.meetings.meeting import Meeting
from server.meetings.readings import store
from server.meetings.readings.readers import WATCHERS, opened, readers
from server.meetings.routes import asker_of
from server.meetings.service import Meetings, roles


def routes(meetings: Meetings) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def watched(request: web.Request) -> Meeting:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        _, meeting = await meetings.seen_by(meeting_id, asker)
        if not roles(meeting, asker) & WATCHERS:
            raise Forbidden("role.not_allowed")
        return meeting

    async def papers(request: web.Request) -> web.Response:
        meeting = await watched(request)
        async with meetings.db.reading() as connection:
            kept = await store.of_meeting(connection, meeting.id)
        return reply({"opened": opened(meeting, kept)})

    async def paper(request: web.Request) -> web.Response:
        meeting = await watched(request)
        wanted = meeting.paper(request.match_info["paper"])
        async with meetings.db.reading() as connection:
            kept = await store.of_meeting(connection, meeting.id, wanted.id)
        return reply({"readers": readers(meeting, wanted, kept)})

    return [
        web.get("/api/meetings/{meeting}/readings", papers),
        web.get("/api/meetings/{meeting}/readings/{paper}", paper),
    ]
