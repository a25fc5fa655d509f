"""The doors of tablets and PINs that ask for no meeting."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from server.http import keep_cookie, read_json, reply, visitor
from server.people.routes import knock_of
from server.people.tablets.bound import Tablet
from server.people.tablets.service import Tablets

TABLET_COOKIE = "__Host-hopso-tablet"
TWO_YEARS_S = 2 * 365 * 24 * 3600
SMALL = 4096

Text = Annotated[str, msgspec.Meta(max_length=128)]


class ChosenPin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A PIN of one's own choice, and the password that says it is oneself."""

    password: Text
    pin: Text


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A technician's code; with a seat, the seat this device is for."""

    code: Text
    seat: Text = ""


def told(tablet: Tablet) -> dict[str, object]:
    """What is known of a tablet, without what it holds."""
    return {name: value for name, value in msgspec.structs.asdict(tablet).items() if name != "holds"}


def routes(tablets: Tablets) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def has_pin(request: web.Request) -> web.Response:
        return reply({"set_at": await tablets.pins.set_at(visitor(request).person)})

    async def choose_pin(request: web.Request) -> web.Response:
        form = await read_json(request, ChosenPin, SMALL)
        await tablets.pins.choose(visitor(request), form.password, form.pin, knock_of(request))
        return reply({"ok": True})

    async def give_pin(request: web.Request) -> web.Response:
        pin = await tablets.pins.give(visitor(request), request.match_info["person"], knock_of(request))
        return reply({"pin": pin})

    async def code(request: web.Request) -> web.Response:
        made = await tablets.code(visitor(request), request.match_info["room"], f"https://{request.host}")
        return reply(made, status=201)

    async def listed(request: web.Request) -> web.Response:
        found = await tablets.listed(visitor(request), request.match_info["room"])
        return reply({"tablets": [told(tablet) for tablet in found]})

    async def unbind(request: web.Request) -> web.Response:
        await tablets.unbind(visitor(request), request.match_info["tablet"])
        return reply({"ok": True})

    async def bind(request: web.Request) -> web.Response:
        form = await read_json(request, Binding, SMALL)
        if not form.seat:
            room, bound = await tablets.opened(form.code, knock_of(request))
            return reply({"room": room.name, "place": room.place, "plan": room.plan, "bound": sorted(bound)})
        token, tablet = await tablets.bind(form.code, form.seat, knock_of(request))
        return keep_cookie(reply({"seat": tablet.seat}, status=201), TABLET_COOKIE, token, TWO_YEARS_S)

    return [
        web.get("/api/pin", has_pin),
        web.put("/api/pin", choose_pin),
        web.post("/api/people/{person}/pin", give_pin),
        web.post("/api/rooms/{room}/tablet-code", code),
        web.get("/api/rooms/{room}/tablets", listed),
        web.delete("/api/tablets/{tablet}", unbind),
        web.post("/api/tablet", bind),
    ]
