"""The doors of recordings: what a player needs, the files (in parts, as players ask for them), and the film."""

from __future__ import annotations

from aiohttp import web

from server.http import attachment, reply
from server.joints.recording.desk import RecordingDesk
from server.meetings.routes import asked

PRIVATE = "private, no-cache"
"""Whoever may no longer see it asks in vain, also for what was seen before."""


def routes(desk: RecordingDesk) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def playback(request: web.Request) -> web.Response:
        return reply(await desk.playback(*asked(request)))

    async def file(request: web.Request) -> web.StreamResponse:
        path, kind = await desk.file(*asked(request), request.match_info["file"])
        headers = {"Cache-Control": PRIVATE, "Content-Type": kind}
        if request.query.get("save") == "1":
            meeting = await desk.allowed(*asked(request))
            headers["Content-Disposition"] = attachment("Bản ghi", meeting.title, path.suffix)
        return web.FileResponse(path, headers=headers)

    async def make(request: web.Request) -> web.Response:
        await desk.want_film(*asked(request), wanted=True)
        return reply({}, status=202)

    async def unmake(request: web.Request) -> web.Response:
        await desk.want_film(*asked(request), wanted=False)
        return reply({})

    return [
        web.get("/api/meetings/{meeting}/recording", playback),
        web.get("/api/meetings/{meeting}/recording/{file}", file),
        web.post("/api/meetings/{meeting}/recording/film", make),
        web.delete("/api/meetings/{meeting}/recording/film", unmake),
    ]
