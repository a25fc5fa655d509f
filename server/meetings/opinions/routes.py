"""The book's HTTP door: what one may see of it, and the same commands as over the socket."""

from __future__ import annotations

from aiohttp import web

from server.http import read_json, reply, visitor
from server.meetings.opinions.book import read_command
from server.meetings.opinions.service import Opinions
from server.meetings.routes import Sent, asker_of


def routes(opinions: Opinions) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def snapshot(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        version, book = await opinions.seen_by(meeting_id, asker_of(visitor(request), meeting_id))
        return reply({"version": version, "state": book})

    async def command(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        sent = await read_json(request, Sent)
        await opinions.meetings.seen_by(meeting_id, asker)
        answer = await opinions.perform(meeting_id, asker, sent.id, read_command(bytes(sent.command)))
        return reply(answer, status=200 if answer.ok else 409)

    return [
        web.get("/api/meetings/{meeting}/opinions", snapshot),
        web.post("/api/meetings/{meeting}/opinions", command),
    ]
