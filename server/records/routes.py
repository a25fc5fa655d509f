"""HTTP doors of the minutes: printed files, news, revisions, the kit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from aiohttp import web

from server.errors import Forbidden, Invalid, Refused
from server.http import Visitor, attachment, read_json, reply, visitor
from server.records.live import May
from server.records.manuscript import LARGEST_UPDATE
from server.records.service import Minutes
from server.records.store import Revision
from server.records.wishes import Restore, Update
from server.streams import Answer

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CHUNK = 1 << 18
LARGEST_BODY = LARGEST_UPDATE * 4 // 3 + 256


class Access(msgspec.Struct, frozen=True):
    """Who may do what; the hall fills these in."""

    may_read: May
    may_write: May
    may_print_kit: May
    name_of: Callable[[str], Awaitable[str]]
    """The name of a person id, for the list of revisions."""


class RestoreWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST …/minutes/restore`. `id` makes a repeated request harmless."""

    revision: int
    id: str


class LargeUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST …/minutes/updates`: an edit too large for the live line, as base64; `id` as of a command."""

    update: str
    id: str


class NamedRevision(msgspec.Struct, frozen=True):
    """A line of the list of revisions."""

    version: int
    at: int
    by: str
    name: str
    reason: str
    label: str


def routes(minutes: Minutes, access: Access) -> list[web.RouteDef]:
    """Everything below `/api/meetings/{id}/minutes`, and the kit."""
    doors = _Doors(minutes, access)
    base = "/api/meetings/{id}"
    return [
        web.get(base + "/minutes.docx", doors.docx),
        web.get(base + "/minutes.pdf", doors.pdf),
        web.get(base + "/minutes/news", doors.news),
        web.get(base + "/minutes/missing", doors.missing),
        web.get(base + "/minutes/revisions", doors.revisions),
        web.get(base + r"/minutes/revisions/{version:\d{1,9}}", doors.revision),
        web.post(base + "/minutes/restore", doors.restore),
        web.post(base + "/minutes/updates", doors.update),
        web.get(base + "/kit.zip", doors.kit),
    ]


class _Doors:
    def __init__(self, minutes: Minutes, access: Access) -> None:
        self.minutes = minutes
        self.access = access

    async def docx(self, request: web.Request) -> web.Response:
        asking, meeting = await self._reader(request)
        return printed(
            await self.minutes.docx(meeting, asking.person),
            DOCX,
            "Biên bản",
            await self.minutes.title(meeting),
            ".docx",
        )

    async def pdf(self, request: web.Request) -> web.Response:
        asking, meeting = await self._reader(request)
        return printed(
            await self.minutes.pdf(meeting, asking.person), PDF, "Biên bản", await self.minutes.title(meeting), ".pdf"
        )

    async def news(self, request: web.Request) -> web.Response:
        _, meeting = await self._writer(request)
        return reply({"news": await self.minutes.news(meeting)})

    async def missing(self, request: web.Request) -> web.Response:
        _, meeting = await self._reader(request)
        return reply({"missing": await self.minutes.missing(meeting)})

    async def revisions(self, request: web.Request) -> web.Response:
        _, meeting = await self._reader(request)
        kept = await self.minutes.revisions(meeting)
        names = {person: await self.access.name_of(person) for person in {revision.by for revision in kept}}
        return reply({"revisions": [_named(revision, names[revision.by]) for revision in kept]})

    async def revision(self, request: web.Request) -> web.Response:
        _, meeting = await self._reader(request)
        version = int(request.match_info["version"])
        return reply({"version": version, "content": await self.minutes.revision(meeting, version)})

    async def restore(self, request: web.Request) -> web.Response:
        asking, meeting = await self._writer(request)
        wish = await read_json(request, RestoreWish)
        return _answered(await self.minutes.perform(meeting, asking.person, _named_id(wish.id), Restore(wish.revision)))

    async def update(self, request: web.Request) -> web.Response:
        asking, meeting = await self._writer(request)
        wish = await read_json(request, LargeUpdate, LARGEST_BODY)
        return _answered(await self.minutes.perform(meeting, asking.person, _named_id(wish.id), Update(wish.update)))

    async def kit(self, request: web.Request) -> web.StreamResponse:
        asking, meeting = visitor(request), request.match_info["id"]
        if not await self.access.may_print_kit(asking, meeting):
            raise Forbidden("kit.not_yours")
        async with self.minutes.kit(meeting) as package:
            return await _sent(request, package, _headers("Bộ dự phòng", await self.minutes.title(meeting), ".zip"))

    async def _reader(self, request: web.Request) -> tuple[Visitor, str]:
        asking, meeting = visitor(request), request.match_info["id"]
        if not await self.access.may_read(asking, meeting):
            raise Forbidden("minutes.not_yours_to_read")
        return asking, meeting

    async def _writer(self, request: web.Request) -> tuple[Visitor, str]:
        asking, meeting = visitor(request), request.match_info["id"]
        if not await self.access.may_write(asking, meeting):
            raise Forbidden("minutes.not_yours_to_write")
        return asking, meeting


def _named_id(name: str) -> str:
    if not 8 <= len(name) <= 64:
        raise Invalid("body.malformed", reason="id")
    return name


def _answered(answer: Answer) -> web.Response:
    """A command's answer over HTTP; a refusal keeps its code and its details."""
    return reply(answer, status=200 if answer.ok else Refused.status)


def _named(revision: Revision, name: str) -> NamedRevision:
    return NamedRevision(revision.version, revision.at, revision.by, name, revision.reason, revision.label)


def _headers(*name: str) -> dict[str, str]:
    return {"Content-Disposition": attachment(*name), "Cache-Control": "no-store"}


def printed(content: bytes, kind: str, *name: str) -> web.Response:
    """A file to take away under this name (see `attachment`), never kept by the browser."""
    return web.Response(body=content, content_type=kind, headers=_headers(*name))


async def _sent(request: web.Request, package: Path, headers: dict[str, str]) -> web.StreamResponse:
    """The file in pieces, before its folder is removed; it may be larger than memory."""
    response = web.StreamResponse(headers=headers)
    response.content_type = "application/zip"
    response.content_length = (await asyncio.to_thread(package.stat)).st_size
    await response.prepare(request)
    with package.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            await response.write(piece)
    await response.write_eof()
    return response
