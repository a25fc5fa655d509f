"""The registry's doors."""

from __future__ import annotations

import msgspec
from aiohttp import web

from server.errors import Invalid
from server.http import read_json, reply, visitor
from server.people.registry.service import SiteRegistry
from server.people.registry.sites import RegisteredSite


def routes(registry: SiteRegistry) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def listed(request: web.Request) -> web.Response:
        return reply({"sites": await registry.listed(visitor(request))})

    async def keep(request: web.Request) -> web.Response:
        asking = visitor(request)
        site = await read_json(request, RegisteredSite, 1 << 16)
        if site.id != request.match_info["site"]:
            raise Invalid("site.id_form")
        return reply(msgspec.to_builtins(await registry.keep(asking, site)))

    async def drop(request: web.Request) -> web.Response:
        await registry.drop(visitor(request), request.match_info["site"])
        return reply({})

    return [
        web.get("/api/sites", listed),
        web.put("/api/sites/{site}", keep),
        web.delete("/api/sites/{site}", drop),
    ]
