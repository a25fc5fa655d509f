"""The web process: one aiohttp application over the house, on TLS, with the client's files."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from msgspec.structs import replace

from server import serving
from server.app import House
from server.checks import Finding, space
from server.clock import Millis
from server.config import Settings
from server.documents import routes as document_routes
from server.documents.folder import routes as folder_routes
from server.documents.folder.service import Folders
from server.errors import NotFound
from server.guide import routes as guide
from server.health import Health, restarts, storage
from server.http import at_a_pace, error_mapper, harden, reply, same_origin, session_reader, visitor
from server.joints import routes as joint_routes
from server.joints.devices import routes as device_routes
from server.joints.line import routes as line_routes
from server.joints.line.inspection import Inspection
from server.joints.line.metrics import Figures
from server.joints.line.routes import BesidePermits
from server.joints.opinions import routes as opinion_desk_routes
from server.joints.outbox import OutboxKeys
from server.joints.recording import routes as recording_routes
from server.joints.search import routes as search_routes
from server.joints.sip import routes as sip_routes
from server.joints.tablets import routes as seat_routes
from server.media import routes as media_routes
from server.meetings import routes as meeting_routes
from server.meetings.opinions import routes as opinion_routes
from server.meetings.readings import routes as reading_routes
from server.people import routes as people_routes
from server.people.administration import routes as administration_routes
from server.people.administration.importing import Importing
from server.people.administration.importing_units import ImportingUnits
from server.people.registry import routes as registry_routes
from server.people.rooms import routes as room_routes
from server.people.tablets import routes as tablet_routes
from server.pipes import BACKLOG
from server.records import routes as record_routes
from server.renewal import Renewal
from server.rounds import look
from server.streams import StreamId

log = logging.getLogger("hopso.web")

HOUSE = web.AppKey("house", House)

DATABASE_ANSWERS_WITHIN_S = 3.0
SILENT_S = 75.0
"""How long a connection may stay open without a whole request; the library would wait for an hour."""
PAGES_CACHED = "public, max-age=31536000, immutable"
"""Built files carry their content's hash in their name."""


def application(house: House) -> web.Application:
    """Everything that is answered over HTTPS."""
    settings = house.settings
    app = web.Application(
        middlewares=[
            error_mapper(house.clock),
            behind_proxies(frozenset(settings.web.trusted_proxies)),
            same_origin(house.allows_origin),
            session_reader(house.doors.identify),
            at_a_pace(),
        ],
        client_max_size=settings.web.max_request_mb << 20,
    )
    app[HOUSE] = house
    app.on_response_prepare.append(harden)
    app.cleanup_ctx.append(_live_with(house))
    app.add_routes(_rooms(house))
    house.live.attach(app)
    ca = serving.authority(settings)
    if ca is not None:
        app.add_routes(guide.routes(ca, settings.web.port, settings.web.public_url))
    app.add_routes([_health(house), *_client(settings.web.static_folder, settings.demo)])
    return app


def _rooms(house: House) -> list[web.RouteDef]:
    minutes, folder = house.minutes_rights, house.settings.people.keys_folder
    access = record_routes.Access(minutes.may_read, minutes.may_write, minutes.may_print_kit, house.name_of)
    beside = BesidePermits(house.line_desk, joint_routes.MediaPermits(house.meetings).authorize)
    permits = device_routes.DevicePermits(house.devices, beside.authorize)
    return [
        *people_routes.routes(house.people, house.sign_in, house.doors, house.settings.people.help_phone),
        *_administration(house),
        *registry_routes.routes(house.registry),
        *room_routes.routes(house.rooms),
        *tablet_routes.routes(house.tablets),
        *seat_routes.routes(house.tablet_desk),
        *meeting_routes.routes(house.meetings),
        *reading_routes.routes(house.meetings),
        *_papers(house),
        *record_routes.routes(house.minutes, access),
        *opinion_routes.routes(house.opinion_desk.opinions),
        *opinion_desk_routes.routes(house.opinion_desk),
        *joint_routes.routes(house.meetings, house.doors, OutboxKeys(folder), house.people.signing_in),
        *line_routes.routes(house.line_desk, _inspection(house)),
        *search_routes.routes(house.search),
        *recording_routes.routes(house.recording),
        *line_routes.metrics_routes(lambda: _figures(house), house.settings.web.metrics_from),
        *sip_routes.routes(house.sip),
        *device_routes.routes(house.devices, house.settings.web.public_url),
        *media_routes.routes(house.conferences, _let_in(house, permits.authorize), house.relays),
    ]


def _papers(house: House) -> list[web.RouteDef]:
    """The meetings' papers, and those that people keep for themselves."""
    rights = house.paper_rights
    doors = document_routes.Doors(
        rights.may_read, rights.may_write, rights.layer_rights, rights.handling, rights.viewed
    )
    own = folder_routes.routes(Folders(house.papers))
    return [*document_routes.routes(house.papers, house.ink, doors), *own]


def _administration(house: House) -> list[web.RouteDef]:
    people, units = Importing(house.people, house.doors), ImportingUnits(house.people)
    return administration_routes.routes(house.administration, people, units)


def _let_in(house: House, authorize: media_routes.Authorize) -> media_routes.Authorize:
    """Whose session opened which line to media is remembered, so that they end together; devices have none."""

    async def permitted(request: web.Request, conference: str) -> media_routes.Permit:
        permit = await authorize(request, conference)
        told, session = permit.opened, "" if permit.opened else visitor(request).session

        def opened(line: str) -> None:
            house.mediation.opened(line, permit.endpoint, session)
            if told is not None:
                told(line)

        return replace(permit, opened=opened)

    return permitted


def _inspection(house: House) -> Inspection:
    """What the checklist of the main room says by itself: the room to record, and everything else."""

    def found(now: Millis) -> dict[str, list[Finding]]:
        recording = list(space(house.settings))
        return {
            "recording": recording,
            "relay": [one for one in look(house.settings, now, running=True) if one not in recording],
        }

    return Inspection(found, house.clock)


def _figures(house: House) -> Figures:
    media = house.conferences
    known = (len(house.live.sessions()), len(media.states), house.line_desk.standing())
    return Figures(*known, media.loads())


def _live_with(house: House) -> Callable[[web.Application], AsyncIterator[None]]:
    async def lifetime(_app: web.Application) -> AsyncIterator[None]:
        await house.start()
        yield
        await house.close()

    return lifetime


def _health(house: House) -> web.RouteDef:
    """For load balancers and monitoring, without signing in: 200, or 503 when nothing can be decided."""

    async def health(_request: web.Request) -> web.Response:
        answers = await _database_answers(house)
        recorder = house.recording.recordings.readiness()
        media = house.conferences.there()
        room = storage(house.settings.blobs.folder)
        found = Health(answers, any(media.values()), media, room, recorder, restarts(os.getppid()))
        return reply(found, status=200 if found.ok else 503)

    return web.get("/health", health)


async def _database_answers(house: House) -> bool:
    try:
        async with asyncio.timeout(DATABASE_ANSWERS_WITHIN_S):
            await house.streams.head(StreamId(""))
    except Exception as error:  # whatever is wrong with it, nothing can be decided
        log.error("the database does not answer: %s", error)
        return False
    return True


def _client(folder: Path, demo: bool) -> list[web.RouteDef]:
    """The built client: hashed files for ever, its one page for every other address."""

    async def about(_request: web.Request) -> web.Response:
        return reply({"demo": demo})

    async def file_or_page(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        found = _file(folder, path)
        if found is None and (path.startswith(("api/", "pages/")) or "." in path.rpartition("/")[2]):
            raise NotFound("http.404")
        return found or _file(folder, "index.html") or _not_built()

    return [web.get("/api/about", about), web.get("/{path:.*}", file_or_page)]


def _file(folder: Path, path: str) -> web.FileResponse | None:
    try:
        wanted = (folder / path).resolve()
        if not wanted.is_file() or not wanted.is_relative_to(folder.resolve()):
            return None
    except (ValueError, OSError):  # a name no file can have
        return None
    hashed = wanted.parent.name == "assets"
    return web.FileResponse(wanted, headers={"Cache-Control": PAGES_CACHED if hashed else "no-cache"})


def _not_built() -> web.FileResponse:
    raise NotFound("client.not_built")


def behind_proxies(trusted: frozenset[str]) -> Middleware:
    """The client's own address where a trusted proxy says it (`X-Forwarded-For`, its last untrusted entry)."""

    @web.middleware
    async def look_behind(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.remote not in trusted:
            return await handler(request)
        said = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        client = next((address for address in reversed(said) if address not in trusted), request.remote)
        return await handler(request.clone(remote=client))

    return look_behind


async def run(settings: Settings) -> None:
    """Serve until the task is cancelled. Raises what work died of that must go on: the supervisor begins anew."""
    house = House(settings)
    runner = web.AppRunner(application(house), access_log=None, shutdown_timeout=5, keepalive_timeout=SILENT_S)
    await runner.setup()
    renewal = Renewal(settings.web.certificate_file, settings.web.key_file, house.clock, serving.renewing(settings))
    guide_runner = await _guide(settings)
    site = web.TCPSite(runner, settings.web.host, settings.web.port, ssl_context=renewal.context, backlog=BACKLOG)
    try:
        await site.start()
        house.background.keep(renewal.run())
        await house.background.broken()
    finally:
        await runner.cleanup()
        if guide_runner is not None:
            await guide_runner.cleanup()


async def _guide(settings: Settings) -> web.AppRunner | None:
    """The guide to the certificate over plain HTTP, for tablets that do not trust us yet."""
    ca = serving.authority(settings)
    if ca is None or not settings.web.guide_port:
        return None
    plain = guide.plain_app(ca, settings.web.port, settings.web.public_url)
    runner = web.AppRunner(plain, access_log=None, keepalive_timeout=SILENT_S)
    await runner.setup()
    with contextlib.suppress(OSError):
        await web.TCPSite(runner, settings.web.host, settings.web.guide_port).start()
    return runner
