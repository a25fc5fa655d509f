"""The doors of the register of rooms."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from server.errors import Invalid
from server.floorplan import Shape, drawn
from server.http import read_json, reply, visitor
from server.people.rooms.rooms import Room, must_read
from server.people.rooms.service import Rooms, asking


def routes(rooms: Rooms) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def listed(request: web.Request) -> web.Response:
        return reply({"rooms": await rooms.listed(visitor(request))})

    async def keep(request: web.Request) -> web.Response:
        asking = visitor(request)
        room = await read_json(request, Room, 1 << 18)
        if room.id != request.match_info["room"]:
            raise Invalid("room.id_form")
        return reply(await rooms.keep(asking, room))

    async def shape(request: web.Request) -> web.Response:
        must_read(asking(visitor(request)))
        named = request.match_info["shape"]
        found: Shape | None = next((one for one in get_args(Shape) if one == named), None)
        if found is None:
            raise Invalid("plan.shape_unknown")
        numbers = [_number(request, name, usual) for name, usual in (("seats", 24), ("abreast", 6), ("platform", 0))]
        return reply(drawn(found, *numbers))

    return [
        web.get("/api/rooms", listed),
        web.put("/api/rooms/{room}", keep),
        web.get("/api/room-shapes/{shape}", shape),
    ]


def _number(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, str(usual))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
