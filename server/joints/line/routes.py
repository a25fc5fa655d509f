"""The doors of the technician's board, of a site's own words and tests, and of walls."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from server.errors import Forbidden, Invalid, NotFound, TooLarge
from server.http import patiently, read_json, reply, visitor
from server.joints.line.desk import LineDesk
from server.joints.line.metrics import CONTENT_TYPE, Figures, exposition, may_read
from server.joints.line.names import test_of
from server.joints.line.wall import DESK, WALL, may_open, open_desk, show
from server.media.conference import Grants, beside
from server.media.line.checklist import Item, Ticked
from server.media.line.facts import Report
from server.media.line.linetest import Findings
from server.media.routes import Authorize, Permit
from server.meetings.routes import asked, asker_of

ECHO = "echo"
SAMPLE_OCTETS = 4 << 20
PIECE = os.urandom(1 << 16)
"""Nothing on the way can make random octets smaller."""

Site = Annotated[str, Meta(min_length=1, max_length=64)]


class Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to play the test sound; nowhere named: at all sites."""

    sites: Annotated[tuple[Site, ...], Meta(max_length=1000)] = ()


class Ordered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line should carry."""

    audio_only: bool


class Tested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test and who made it."""

    site: Site
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    findings: Findings


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sites a wall shows now."""

    sites: Annotated[tuple[Site, ...], Meta(max_length=1000)]


Rounds = Callable[[], Awaitable[object]]
"""What `hopso check` finds, by the item of the list it belongs to, as it goes over the wire."""


def routes(desk: LineDesk, rounds: Rounds) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""
    at = LineRoutes(desk, rounds)
    here = "/api/meetings/{meeting}"
    return [
        web.get(f"{here}/lines", at.board),
        web.post(f"{here}/lines/sound", at.sound),
        web.post(f"{here}/lines/{{site}}/reconnect", at.reconnect),
        web.put(f"{here}/lines/{{site}}", at.order),
        web.post(f"{here}/line", at.report),
        web.get(f"{here}/line-tests", at.tests),
        web.post(f"{here}/line-tests", at.tested),
        web.put(f"{here}/checklist/{{item}}", at.tick),
        web.get(f"{here}/checklist/house", at.house),
        web.put(f"{here}/wall", at.wall),
        web.get("/api/line-sample", at.send_sample),
        web.post("/api/line-sample", at.take_sample),
    ]


def metrics_routes(figures: Callable[[], Figures], trusted: Collection[str]) -> list[web.RouteDef]:
    """`/metrics` for the operator's Prometheus, from these addresses only; for everybody else there is no such page."""

    async def metrics(request: web.Request) -> web.Response:
        is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        if not may_read(request.remote, is_forwarded, trusted):
            raise NotFound("http.404")
        return web.Response(
            body=exposition(figures()), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
        )

    return [web.get("/metrics", metrics)]


class LineRoutes:
    """Translates HTTP into what technicians and sites do."""

    def __init__(self, desk: LineDesk, rounds: Rounds) -> None:
        self.desk = desk
        self.rounds = rounds

    async def board(self, request: web.Request) -> web.Response:
        """All lines as they stand, how they fared, and their tests; afterwards `lines` statuses bring news."""
        meeting = await self.desk.for_watching(*asked(request))
        rows = await self.desk.look(meeting.id)
        trend, tests = await self.desk.trend(meeting), await self.desk.board.tests(meeting.id)
        checklist = await self.desk.board.checklist(meeting.id)
        return reply({"rows": rows, "trend": trend, "tests": tests, "checklist": checklist})

    async def tick(self, request: web.Request) -> web.Response:
        """Somebody looked at one thing of the main room."""
        meeting_id, asker = asked(request)
        try:
            item = msgspec.convert(request.match_info["item"], Item)
        except msgspec.ValidationError:
            raise NotFound("http.404") from None
        found = await self.desk.ticked(meeting_id, asker, item, await read_json(request, Ticked, 1 << 12))
        return reply({"checklist": found})

    async def house(self, request: web.Request) -> web.Response:
        """What `hopso check` says of the house now."""
        await self.desk.for_watching(*asked(request))
        return reply({"findings": await self.rounds()})

    async def sound(self, request: web.Request) -> web.Response:
        """Play the test sound at sites."""
        meeting = await self.desk.for_mending(*asked(request))
        self.desk.sound(meeting, (await read_json(request, Sound)).sites)
        return reply({})

    async def reconnect(self, request: web.Request) -> web.Response:
        """Let a site join anew."""
        site = request.match_info["site"]
        meeting = await self.desk.for_mending(*asked(request), site)
        await self.desk.reconnect(meeting, site)
        return reply({})

    async def order(self, request: web.Request) -> web.Response:
        """Sound only, or everything."""
        site = request.match_info["site"]
        meeting_id, asker = asked(request)
        meeting = await self.desk.for_mending(meeting_id, asker, site)
        ordered = await read_json(request, Ordered)
        await self.desk.order(meeting, site, ordered.audio_only, asker.person)
        return reply({})

    async def report(self, request: web.Request) -> web.Response:
        """A site says how it is."""
        meeting_id, asker = asked(request)
        await self.desk.reported(meeting_id, asker, await read_json(request, Report, 1 << 12))
        return reply({})

    async def tests(self, request: web.Request) -> web.Response:
        """The last test of each site, for those who prepare and those who watch."""
        meeting = await self.desk.for_watching(*asked(request))
        return reply({"tests": await self.desk.board.tests(meeting.id)})

    async def tested(self, request: web.Request) -> web.Response:
        """A site's line was tried."""
        meeting_id, asker = asked(request)
        sent = await read_json(request, Tested, 1 << 14)
        record = (sent.site, " ".join(sent.name.split()))
        if not record[1]:
            raise Invalid("line.name_missing")
        return reply(await self.desk.tested(meeting_id, asker, record, sent.findings), status=201)

    async def wall(self, request: web.Request) -> web.Response:
        """These sites are on my wall."""
        meeting_id, asker = asked(request)
        _, meeting = await self.desk.meetings.seen_by(meeting_id, asker)
        sites = (await read_json(request, Page)).sites
        return reply({"endpoint": show(meeting, asker, sites, self.desk.conferences.view)})

    async def send_sample(self, request: web.Request) -> web.StreamResponse:
        """Octets to measure the way down with, as many as asked for."""
        visitor(request)
        wanted = _octets(request.query.get("octets", ""))
        answer = web.StreamResponse(headers={"Cache-Control": "no-store", "Content-Type": "application/octet-stream"})
        answer.content_length = wanted
        await answer.prepare(request)
        for start in range(0, wanted, len(PIECE)):
            await answer.write(PIECE[: wanted - start])
        await answer.write_eof()
        return answer

    async def take_sample(self, request: web.Request) -> web.Response:
        """Octets that measure the way up; they are counted and forgotten."""
        visitor(request)
        taken = 0
        async for piece in patiently(request.content.iter_chunked(1 << 16)):
            taken += len(piece)
            if taken > SAMPLE_OCTETS:
                raise TooLarge("body.too_large", limit_mb=SAMPLE_OCTETS >> 20)
        return reply({"octets": taken})


class BesidePermits:
    """Permits beside one's own place in a conference: a wall (`?as=wall`), the shared screen at a desk (`?as=desk`),
    and the loop in which a line is tried."""

    def __init__(self, desk: LineDesk, plain: Authorize) -> None:
        self.desk = desk
        self.plain = plain

    async def authorize(self, request: web.Request, conference: str) -> Permit:
        """The endpoint and its grants; for everything else what the plain permits say."""
        tested = test_of(conference)
        if tested is not None:
            return await self._loop(request, *tested)
        part = request.query.get("as")
        if part not in (WALL, DESK):
            return await self.plain(request, conference)
        asker = asker_of(visitor(request), conference)
        _, meeting = await self.desk.meetings.seen_by(conference, asker)
        if part == DESK:
            return Permit(open_desk(meeting, asker, self.desk.conferences.view), Grants())
        may_open(meeting, asker)
        return Permit(beside(asker.person, WALL), Grants())

    async def _loop(self, request: web.Request, meeting_id: str, who: str) -> Permit:
        """What is sent up comes down again, to the same device and to nobody else."""
        asker = asker_of(visitor(request), meeting_id)
        await self.desk.meetings.seen_by(meeting_id, asker)
        if asker.person != who:
            raise Forbidden("conference.not_yours")
        echo = request.query.get("as") == ECHO
        return Permit(beside(who, ECHO), Grants()) if echo else Permit(who, Grants(audio=True, video=True))


def _octets(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or not 0 < int(text) <= SAMPLE_OCTETS:
        raise Invalid("line.sample_size", most=SAMPLE_OCTETS)
    return int(text)
