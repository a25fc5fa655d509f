"""The papers' HTTP door. Who may read and write what is the hall's business: it gives callables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import unquote

import msgspec
from aiohttp import BodyPartReader, web

from server.documents.ink import Ink
from server.documents.marks import LayerRights
from server.documents.papers import Handling, PaperId, VersionId
from server.documents.service import Download, Papers
from server.errors import Forbidden, Invalid, NotFound
from server.http import Visitor, attachment, patiently, reply, visitor

MayRead = Callable[[Visitor, str], Awaitable[bool]]
"""May this visitor read the paper, or the version, with this id?"""
MayWrite = Callable[[Visitor, str], Awaitable[bool]]
"""May this visitor add papers to, and replace papers on, this shelf?"""
Rights = Callable[[Visitor, str], Awaitable[LayerRights]]
"""What this visitor may do with the ink of the version with this id."""
HandlingOf = Callable[[Visitor, str], Awaitable[Handling]]
"""How this visitor may have the paper, or the version, with this id."""
OnView = Callable[[Visitor, VersionId, int], Awaitable[None]]
"""Told about every page somebody sees of a paper that is handled with a stamp."""
IMMUTABLE = "private, max-age=31536000, immutable"
DOWNLOAD_POLICY = "sandbox; default-src 'none'"
XFDF = "application/vnd.adobe.xfdf"
CHUNK = 1 << 16


async def _ordinary(_visitor: Visitor, _what: str) -> Handling:
    return Handling()


async def _uncounted(_visitor: Visitor, _version: VersionId, _page: int) -> None:
    return None


class Doors(msgspec.Struct, frozen=True):
    """What the hall lets visitors do."""

    may_read: MayRead
    may_write: MayWrite
    layer_rights: Rights
    handling: HandlingOf = _ordinary
    on_view: OnView = _uncounted


def routes(papers: Papers, ink: Ink, doors: Doors) -> list[web.RouteDef]:
    """All addresses of the papers room."""
    room = _Room(papers, ink, doors)
    return [
        web.post("/api/papers", room.receive),
        web.get("/api/papers", room.shelf),
        web.get("/api/papers/{paper}", room.paper),
        web.put("/api/papers/{paper}", room.replace),
        web.post("/api/papers/{paper}/redraw", room.redraw),
        web.get("/api/papers/{paper}/original", room.original),
        web.get("/api/papers/{paper}/annotated.{form:pdf|xfdf}", room.annotated),
        web.get(r"/pages/{version:[0-9a-f]{64}}/{page:\d{1,5}}/{width:\d{1,5}}.webp", room.page),
        web.get(r"/pages/{version:[0-9a-f]{64}}/{page:\d{1,5}}/text.json", room.text),
        web.get(r"/pages/{version:[0-9a-f]{64}}/sizes.json", room.sizes),
        web.get(r"/pages/{version:[0-9a-f]{64}}/outline.json", room.outline),
    ]


class _Room:
    def __init__(self, papers: Papers, ink: Ink, doors: Doors) -> None:
        self.papers = papers
        self.ink = ink
        self.doors = doors

    async def receive(self, request: web.Request) -> web.Response:
        asking = visitor(request)
        shelf = request.query.get("shelf", "")
        if not shelf or len(shelf) > 64 or not await self.doors.may_write(asking, shelf):
            raise NotFound("shelf.unknown")
        name, chunks = await upload(request)
        return reply(await self.papers.receive(asking.person, shelf, name, chunks), status=201)

    async def replace(self, request: web.Request) -> web.Response:
        asking = visitor(request)
        paper = await self.papers.paper(PaperId(request.match_info["paper"]))
        if not await self.doors.may_write(asking, paper.shelf):
            raise NotFound("paper.unknown")
        name, chunks = await upload(request)
        return reply(await self.papers.replace(asking.person, paper.id, name, chunks))

    async def redraw(self, request: web.Request) -> web.Response:
        paper = await self.papers.paper(PaperId(request.match_info["paper"]))
        if not await self.doors.may_write(visitor(request), paper.shelf):
            raise NotFound("paper.unknown")
        await self.papers.redraw(paper.id)
        return reply(await self.papers.paper(paper.id), status=202)

    async def shelf(self, request: web.Request) -> web.Response:
        asking = visitor(request)
        found = await self.papers.on_shelf(request.query.get("shelf", ""))
        return reply([paper for paper in found if await self.doors.may_read(asking, paper.id)])

    async def paper(self, request: web.Request) -> web.Response:
        return reply(await self.papers.paper(PaperId(await self._readable(request, "paper"))))

    async def original(self, request: web.Request) -> web.StreamResponse:
        paper = PaperId(await self._readable(request, "paper"))
        await self._savable(request, paper)
        return _saved(await self.papers.original(paper))

    async def annotated(self, request: web.Request) -> web.StreamResponse:
        asking, paper = visitor(request), PaperId(await self._readable(request, "paper"))
        await self._savable(request, paper)
        version = (await self.papers.paper(paper)).version
        rights = await self.doors.layer_rights(asking, version.id if version else "")
        layers = frozenset(filter(None, request.query.get("layers", "mine").split(",")))
        if not layers.issubset(rights.read):
            raise Forbidden("ink.layer_forbidden")
        is_xfdf, is_flat = request.match_info["form"] == "xfdf", request.query.get("flat") == "1"
        made, name = await self.ink.annotated(
            asking.person, paper, layers, "xfdf" if is_xfdf else "flat" if is_flat else "annotations"
        )
        return web.Response(body=made, content_type=XFDF if is_xfdf else "application/pdf", headers=_saving(name))

    async def page(self, request: web.Request) -> web.StreamResponse:
        version, page = await self._page(request)
        width, asking = int(request.match_info["width"]), visitor(request)
        handling = await self.doors.handling(asking, version)
        if handling.stamp:
            seen = await self.papers.stamped_page(version, page, width, handling.stamp)
            await self.doors.on_view(asking, version, page)
            return web.Response(body=seen, content_type="image/webp", headers={"Cache-Control": "no-store"})
        path = await self.papers.page_image(version, page, width)
        return web.FileResponse(path, headers={"Cache-Control": IMMUTABLE, "Content-Type": "image/webp"})

    async def text(self, request: web.Request) -> web.StreamResponse:
        version, page = await self._page(request)
        await self._savable(request, version)
        path = await self.papers.page_text(version, page)
        return web.FileResponse(path, headers={"Cache-Control": IMMUTABLE, "Content-Type": "application/json"})

    async def outline(self, request: web.Request) -> web.StreamResponse:
        version = VersionId(await self._readable(request, "version"))
        await self._savable(request, version)
        path = await self.papers.outline(version)
        return web.FileResponse(path, headers={"Cache-Control": IMMUTABLE, "Content-Type": "application/json"})

    async def sizes(self, request: web.Request) -> web.Response:
        """How large the pages are, for those to whom the words, which say it too, are not handed out."""
        _, version = await self.papers.version(VersionId(await self._readable(request, "version")))
        return reply(version.sizes)

    async def _page(self, request: web.Request) -> tuple[VersionId, int]:
        return VersionId(await self._readable(request, "version")), int(request.match_info["page"])

    async def _savable(self, request: web.Request, what: str) -> None:
        if not (await self.doors.handling(visitor(request), what)).may_save:
            raise Forbidden("paper.not_to_be_saved")

    async def _readable(self, request: web.Request, key: str) -> str:
        """The id in the address, provided the visitor may read it; who may not learns nothing about it."""
        wanted = request.match_info[key]
        if not await self.doors.may_read(visitor(request), wanted):
            raise NotFound("paper.unknown")
        return wanted


def _saving(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": attachment(name),
        "Content-Security-Policy": DOWNLOAD_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _saved(download: Download) -> web.FileResponse:
    headers = _saving(download.name) | {"Content-Type": download.media_type}
    return web.FileResponse(download.path, headers=headers)


async def upload(request: web.Request) -> tuple[str, AsyncIterator[bytes]]:
    """The name and the bytes of an upload: a raw body with `X-File-Name` (percent-encoded), or one multipart file."""
    if request.content_type != "multipart/form-data":
        return unquote(request.headers.get("X-File-Name", "")), patiently(request.content.iter_chunked(CHUNK))
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return unquote(part.filename), patiently(_chunks(part))
    except ValueError as error:
        raise Invalid("body.malformed", reason=str(error)[:200]) from error
    raise Invalid("paper.no_file")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    try:
        while chunk := await part.read_chunk(CHUNK):
            yield chunk
    except ValueError as error:
        raise Invalid("body.malformed", reason=str(error)[:200]) from error
