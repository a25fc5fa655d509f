"""The doors of calls: whether they are possible, how they stand, to call a codec and to give it up."""

from __future__ import annotations

from aiohttp import web

from server.http import reply, require_office
from server.joints.sip.desk import SipDesk
from server.meetings.routes import asked
from server.people.registry.sites import READERS


def routes(desk: SipDesk) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def standing(request: web.Request) -> web.Response:
        require_office(request, *READERS)
        return reply(desk.standing)

    async def listed(request: web.Request) -> web.Response:
        return reply({"standing": desk.standing, "calls": await desk.listed(*asked(request))})

    async def call(request: web.Request) -> web.Response:
        await desk.call(*asked(request), request.match_info["site"])
        return reply({}, status=202)

    async def hang_up(request: web.Request) -> web.Response:
        await desk.hang_up(*asked(request), request.match_info["site"])
        return reply({})

    return [
        web.get("/api/sip", standing),
        web.get("/api/meetings/{meeting}/calls", listed),
        web.post("/api/meetings/{meeting}/calls/{site}", call),
        web.delete("/api/meetings/{meeting}/calls/{site}", hang_up),
    ]
