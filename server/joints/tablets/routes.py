"""The doors of a shared tablet."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from server.http import SESSION_COOKIE, keep_cookie, read_json, reply
from server.joints.tablets.desk import TabletDesk
from server.people.routes import knock_of
from server.people.tablets.bound import Tablet
from server.people.tablets.routes import TABLET_COOKIE

Text = Annotated[str, msgspec.Meta(max_length=64)]


class SitDown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tôi là …"""

    meeting: Text
    person: Text
    pin: Text


def routes(desk: TabletDesk) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def tablet_of(request: web.Request) -> Tablet:
        return await desk.tablets.identify(request.cookies.get(TABLET_COOKIE, ""))

    async def offers(request: web.Request) -> web.Response:
        tablet = await tablet_of(request)
        room = await desk.tablets.rooms.room(tablet.room)
        offered = await desk.offers(tablet)
        return reply({"room": room.name, "seat": tablet.seat, "meetings": offered, "now": desk.meetings.clock.now()})

    async def sit_down(request: web.Request) -> web.Response:
        tablet, form = await tablet_of(request), await read_json(request, SitDown, 4096)
        entered = await desk.sit_down(tablet, (form.meeting, form.person), form.pin, knock_of(request))
        return keep_cookie(reply({"ok": True}), SESSION_COOKIE, entered.token, desk.tablets.doors.longest_life_s)

    return [web.get("/api/tablet", offers), web.post("/api/tablet/session", sit_down)]
