"""The administrators' doors."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from server.clock import Millis
from server.http import attachment, read_body, read_json, reply, visitor
from server.people.administration.changes import PersonForm, UnitForm
from server.people.administration.importing import Importing
from server.people.administration.importing_units import ImportingUnits
from server.people.administration.service import Administration
from server.people.administration.sheets import MOST_BYTES
from server.people.routes import knock_of

SMALL = 16 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAR: Millis = 1 << 53


class UsernameForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The username of an account to be opened."""

    username: Annotated[str, msgspec.Meta(max_length=64)]


def routes(administration: Administration, people: Importing, units: ImportingUnits) -> list[web.RouteDef]:
    """The handlers, to be added to the application. `people`, `units`: what brings lists of them in."""

    async def found(request: web.Request) -> web.Response:
        asked = request.query
        skip = _number(asked.get("skip", ""), 0)
        return reply(await administration.found(visitor(request), asked.get("search", ""), asked.get("unit", ""), skip))

    async def entry(request: web.Request) -> web.Response:
        return reply(await administration.entry(visitor(request), request.match_info["person"]))

    async def change(request: web.Request) -> web.Response:
        asking, form = visitor(request), await read_json(request, PersonForm, SMALL)
        return reply(await administration.change(asking, request.match_info["person"], form, knock_of(request)))

    async def open_account(request: web.Request) -> web.Response:
        asking, form = visitor(request), await read_json(request, UsernameForm, SMALL)
        person = request.match_info["person"]
        password = await administration.open_account(asking, person, form.username, knock_of(request))
        return reply({"password": password}, status=201)

    async def end_sessions(request: web.Request) -> web.Response:
        await administration.end_sessions(visitor(request), request.match_info["person"], knock_of(request))
        return reply({"ok": True})

    async def keep_unit(request: web.Request) -> web.Response:
        asking, form = visitor(request), await read_json(request, UnitForm, SMALL)
        identifier = request.match_info.get("unit", "")
        kept = await administration.keep_unit(asking, identifier, form, knock_of(request))
        return reply(kept, status=200 if identifier else 201)

    async def record(request: web.Request) -> web.Response:
        before = _number(request.query.get("before", ""), FAR)
        return reply({"lines": await administration.record(visitor(request), request.query.get("person", ""), before)})

    return [
        web.get("/api/administration/people", found),
        web.get("/api/administration/people/{person}", entry),
        web.put("/api/administration/people/{person}", change),
        web.post("/api/administration/people/{person}/account", open_account),
        web.delete("/api/administration/people/{person}/sessions", end_sessions),
        web.post("/api/administration/units", keep_unit),
        web.put("/api/administration/units/{unit}", keep_unit),
        web.get("/api/administration/record", record),
        *_of_rosters(people),
        *_of_unit_lists(units),
    ]


def _of_rosters(importing: Importing) -> list[web.RouteDef]:
    """Lists of people from a file: the template, what a file would change, and keeping what was looked at."""

    async def template(request: web.Request) -> web.Response:
        return _workbook("Mẫu danh sách người dùng.xlsx", await importing.template(visitor(request)))

    async def preview(request: web.Request) -> web.Response:
        asking = visitor(request)
        return reply(await importing.preview(asking, await read_body(request, MOST_BYTES), _opening(request)))

    async def keep(request: web.Request) -> web.Response:
        asking, content = visitor(request), await read_body(request, MOST_BYTES)
        digest = request.match_info["digest"]
        kept = await importing.keep(asking, content, digest, knock_of(request), _opening(request))
        return reply(kept, status=201)

    return [
        web.get("/api/administration/roster.xlsx", template),
        web.post("/api/administration/roster", preview),
        web.post("/api/administration/roster/{digest:[0-9a-f]{64}}", keep),
    ]


def _of_unit_lists(importing: ImportingUnits) -> list[web.RouteDef]:
    """The same for lists of units."""

    async def template(request: web.Request) -> web.Response:
        return _workbook("Danh sách đơn vị.xlsx", await importing.template(visitor(request)))

    async def preview(request: web.Request) -> web.Response:
        asking = visitor(request)
        return reply(await importing.preview(asking, await read_body(request, MOST_BYTES)))

    async def keep(request: web.Request) -> web.Response:
        asking, content = visitor(request), await read_body(request, MOST_BYTES)
        return reply(await importing.keep(asking, content, request.match_info["digest"], knock_of(request)), status=201)

    return [
        web.get("/api/administration/unit-list.xlsx", template),
        web.post("/api/administration/unit-list", preview),
        web.post("/api/administration/unit-list/{digest:[0-9a-f]{64}}", keep),
    ]


def _workbook(name: str, content: bytes) -> web.Response:
    headers = {"Cache-Control": "no-store", "Content-Disposition": attachment(name)}
    return web.Response(body=content, content_type=XLSX, headers=headers)


def _opening(request: web.Request) -> bool:
    """Whether everybody of a list gets an account."""
    return request.query.get("accounts") == "all"


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else usual
