"""Drafts by paragraph, and the tables to take away."""

from __future__ import annotations

from aiohttp import web

from server.http import reply, visitor
from server.joints.opinions.desk import OpinionDesk
from server.records.routes import DOCX, printed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(desk: OpinionDesk) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def draft(request: web.Request) -> web.Response:
        asking, meeting, paper = visitor(request), request.match_info["meeting"], request.match_info["paper"]
        return reply(await desk.draft(asking, meeting, paper))

    async def comments(request: web.Request) -> web.Response:
        return reply({"comments": await desk.comments(visitor(request), request.match_info["meeting"])})

    async def opinions(request: web.Request) -> web.Response:
        form = request.match_info["form"]
        title, content = await desk.opinions_table(visitor(request), request.match_info["meeting"], form)
        return printed(content, DOCX if form == "docx" else XLSX, "Tổng hợp ý kiến", title, f".{form}")

    async def changes(request: web.Request) -> web.Response:
        title, content = await desk.changes_table(visitor(request), request.match_info["meeting"])
        return printed(content, DOCX, "Bảng so sánh", title, ".docx")

    return [
        web.get("/api/meetings/{meeting}/papers/{paper}/passages", draft),
        web.get("/api/meetings/{meeting}/comments", comments),
        web.get("/api/meetings/{meeting}/opinions.{form:docx|xlsx}", opinions),
        web.get("/api/meetings/{meeting}/amendments.docx", changes),
    ]
