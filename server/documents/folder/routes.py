"""The HTTP door of one's own folder. Everybody has one and nobody sees another's: no address names a person."""

from __future__ import annotations

import msgspec
from aiohttp import web

from server.documents.folder.service import Folders
from server.documents.papers import PaperId
from server.documents.routes import upload
from server.errors import Forbidden
from server.http import read_json, reply, visitor


class Titled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a paper is to be called."""

    title: str


def routes(folders: Folders) -> list[web.RouteDef]:
    """What is in it, one more, another title, and away; reading goes through the papers' own door."""

    async def shelved(request: web.Request) -> web.Response:
        return reply(await folders.of(_owner(request)))

    async def receive(request: web.Request) -> web.Response:
        person = _owner(request)
        name, chunks = await upload(request)
        return reply(await folders.receive(person, name, chunks), status=201)

    async def rename(request: web.Request) -> web.Response:
        person = _owner(request)
        titled = await read_json(request, Titled)
        return reply(await folders.rename(person, _paper(request), titled.title))

    async def redraw(request: web.Request) -> web.Response:
        return reply(await folders.redraw(_owner(request), _paper(request)), status=202)

    async def remove(request: web.Request) -> web.Response:
        await folders.remove(_owner(request), _paper(request))
        return reply({"removed": True})

    return [
        web.get("/api/folder", shelved),
        web.post("/api/folder", receive),
        web.put("/api/folder/{paper}", rename),
        web.post("/api/folder/{paper}/redraw", redraw),
        web.delete("/api/folder/{paper}", remove),
    ]


def _owner(request: web.Request) -> str:
    """Who is asking, provided they are signed in as themselves.

    Whoever came by a code, or sits at a shared tablet with six digits, is here for one meeting: a device that others
    take into their hands afterwards is no place for what is nobody else's business.
    """
    asking = visitor(request)
    if asking.only_meeting:
        raise Forbidden("folder.account_only")
    return asking.person


def _paper(request: web.Request) -> PaperId:
    return PaperId(request.match_info["paper"])
