"""The doors of the conference: WHIP (RFC 9725) to send, WHEP to receive.

`POST …/up` (`?source=screen` for a shared screen) and `POST …/down` with an SDP offer give 201, the answer and the
session's `Location`; `PATCH` there restarts ICE, `DELETE` ends it; `OPTIONS` names the relays before an offer is made.
Other methods are kept for later versions of these protocols (RFC 9725 §4.2, §4.3): 405.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from aiohttp import web

from server.errors import Invalid, NotFound, Problem
from server.http import read_body
from server.media.conference import Grants
from server.media.control import Answer, Direction, Source
from server.media.service import Conferences
from server.media.turn import IceServer

SDP_LIMIT = 256_000
SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
DOOR_METHODS = ("OPTIONS", "POST")
SESSION_METHODS = ("OPTIONS", "PATCH", "DELETE")


class Permit(msgspec.Struct, frozen=True):
    """Who somebody is in a conference, and what they may send and receive."""

    endpoint: str
    grants: Grants
    opened: Callable[[str], None] | None = None
    """Told the session that is opened by it, where it is to end with the permit."""


Authorize = Callable[[web.Request, str], Awaitable[Permit]]
"""Who asks, for that conference; raises Unauthorized or Forbidden."""
Relays = Callable[[str], Sequence[IceServer]]
"""The relays of an endpoint."""


def routes(
    conferences: Conferences, authorize: Authorize, relays: Relays, prefix: str = "/api/media"
) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""
    doors = Doors(conferences, authorize, relays, prefix)
    door, session = prefix + "/{conference}/{direction:up|down}", prefix + "/{conference}/sessions/{session}"
    return [
        web.options(door, doors.describe),
        web.post(door, doors.offer),
        web.options(session, doors.describe_session),
        web.patch(session, doors.patch),
        web.delete(session, doors.close),
        *(web.route(method, door, _only(DOOR_METHODS)) for method in ("GET", "PUT", "PATCH", "DELETE")),
        *(web.route(method, session, _only(SESSION_METHODS)) for method in ("GET", "PUT", "POST")),
    ]


class Doors:
    """Translates HTTP into requests to the media process."""

    def __init__(self, conferences: Conferences, authorize: Authorize, relays: Relays, prefix: str) -> None:
        self.conferences = conferences
        self.authorize = authorize
        self.relays = relays
        self.prefix = prefix

    async def describe(self, request: web.Request) -> web.Response:
        """What may be posted here, and by which relays."""
        permit = await self.authorize(request, request.match_info["conference"])
        headers = {"Accept-Post": SDP, "Allow": ", ".join(DOOR_METHODS), "Cache-Control": "no-store"}
        answer = web.Response(status=204, headers=headers)
        self._link(answer, permit)
        return answer

    async def describe_session(self, request: web.Request) -> web.Response:
        """What may be asked of a session."""
        await self.authorize(request, request.match_info["conference"])
        headers = {"Accept-Patch": FRAGMENT, "Allow": ", ".join(SESSION_METHODS), "Cache-Control": "no-store"}
        return web.Response(status=204, headers=headers)

    async def offer(self, request: web.Request) -> web.Response:
        """An offer: the beginning of a session."""
        conference = request.match_info["conference"]
        permit = await self.authorize(request, conference)
        sdp = await _text(request, SDP)
        found = await self.conferences.open(conference, permit.endpoint, _kind(request), permit.grants, sdp)
        if permit.opened is not None:
            permit.opened(found.session)
        headers = {
            "Location": f"{self.prefix}/{conference}/sessions/{found.session}{_beside(request)}",
            "ETag": f'"{found.tag}"',
            "Accept-Patch": FRAGMENT,
            "Cache-Control": "no-store",
        }
        answer = web.Response(status=201, text=found.body, content_type=SDP, headers=headers)
        self._link(answer, permit)
        return answer

    async def patch(self, request: web.Request) -> web.Response:
        """A trickle fragment (204) or an ICE restart (200 with our new credentials)."""
        permit = await self.authorize(request, request.match_info["conference"])
        fragment = await _text(request, FRAGMENT)
        match = request.headers.get("If-Match", "").strip().strip('"')
        found: Answer = await self.conferences.patch(request.match_info["session"], permit.endpoint, fragment, match)
        headers = {"ETag": f'"{found.tag}"', "Cache-Control": "no-store"}
        if not found.body:
            return web.Response(status=204, headers=headers)
        return web.Response(text=found.body, content_type=FRAGMENT, headers=headers)

    async def close(self, request: web.Request) -> web.Response:
        """The end of a session; ending it twice is no mistake."""
        permit = await self.authorize(request, request.match_info["conference"])
        try:
            await self.conferences.close(request.match_info["session"], permit.endpoint)
        except Problem as problem:
            if problem.status != NotFound.status:
                raise
        return web.Response(status=200)

    def _link(self, answer: web.Response, permit: Permit) -> None:
        for relay in self.relays(permit.endpoint):
            answer.headers.add("Link", relay.link())


def _only(methods: tuple[str, ...]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def refuse(request: web.Request) -> web.Response:
        raise web.HTTPMethodNotAllowed(request.method, methods)

    return refuse


def _beside(request: web.Request) -> str:
    """`?as=wall` opens another screen of the same principal, whose sessions are asked for in the same way."""
    part = request.query.get("as", "")
    return f"?as={part}" if part.isalpha() else ""


def _kind(request: web.Request) -> tuple[Direction, Source]:
    if request.match_info["direction"] == "down":
        return "down", "camera"
    source = request.query.get("source", "camera")
    if source not in ("camera", "screen"):
        raise Invalid("media.unknown_source")
    return "up", "screen" if source == "screen" else "camera"


async def _text(request: web.Request, content_type: str) -> str:
    if request.content_type != content_type:
        raise Invalid("media.wrong_content_type", expected=content_type)
    body = await read_body(request, SDP_LIMIT)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("media.offer_unreadable", reason="UTF-8") from error
