"""The doors of devices: giving and taking back their secrets, and the permits that these are at a conference's door."""

from __future__ import annotations

from functools import partial

import msgspec
from aiohttp import web

from server.http import bearer, read_json, reply
from server.joints.devices.desk import DeviceDesk, Wanted
from server.media.routes import Authorize, Permit
from server.meetings.routes import asked

DIRECTIONS = {"sender": "up", "viewer": "down"}


def routes(desk: DeviceDesk, public_url: str) -> list[web.RouteDef]:
    """The handlers, to be added to the application. Addresses are those of the public name where one is set."""

    async def listed(request: web.Request) -> web.Response:
        return reply({"devices": await desk.listed(*asked(request))})

    async def give(request: web.Request) -> web.Response:
        meeting_id, asker = asked(request)
        given = await desk.give(meeting_id, asker, await read_json(request, Wanted))
        direction = DIRECTIONS.get(given.kind)
        house = public_url.rstrip("/") or f"https://{request.host}"
        address = f"{house}/api/media/{meeting_id}/{direction}" if direction else ""
        return reply({**msgspec.structs.asdict(given), "address": address}, status=201)

    async def revoke(request: web.Request) -> web.Response:
        await desk.revoke(*asked(request), request.match_info["device"])
        return reply({})

    return [
        web.get("/api/meetings/{meeting}/devices", listed),
        web.post("/api/meetings/{meeting}/devices", give),
        web.delete("/api/meetings/{meeting}/devices/{device}", revoke),
    ]


class DevicePermits:
    """Permits of those who show a bearer token; everybody else is asked as usual."""

    def __init__(self, desk: DeviceDesk, plain: Authorize) -> None:
        self.desk = desk
        self.plain = plain

    async def authorize(self, request: web.Request, conference: str) -> Permit:
        """The endpoint of the device and its grants of this moment."""
        token = bearer(request)
        if not token:
            return await self.plain(request, conference)
        found = await self.desk.admit(token, conference, request.match_info.get("direction", ""))
        return Permit(found.endpoint, found.grants, partial(self.desk.heed, found.device, found.endpoint))
