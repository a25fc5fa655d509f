"""Asking for pages by their words. What is looked for stands in no address, so that no log on the way keeps it."""

from __future__ import annotations

from aiohttp import web

from server.http import read_json, reply, visitor
from server.joints.search.desk import SearchDesk, Wanted

LIMIT = 4096


def routes(desk: SearchDesk) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def search(request: web.Request) -> web.Response:
        asking = visitor(request)
        return reply(await desk.find(asking, await read_json(request, Wanted, LIMIT)))

    return [web.post("/api/search", search)]
