"""The meeting's HTTP door: lists, snapshots, and the same commands as over the socket."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web

from server.errors import Forbidden
from server.http import Visitor, attachment, read_json, reply, visitor
from server.meetings.acts import read_command
from server.meetings.polling import own_votes, result_table
from server.meetings.preparing import CreateMeeting
from server.meetings.roles import DESK_AND_SECRETARY
from server.meetings.service import Asker, Meetings, roles
from server.meetings.trace import trace

CommandId = Annotated[str, msgspec.Meta(pattern="^[0-9a-zA-Z-]{8,64}$")]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command with the sender's own id for it; the same id is applied at most once."""

    id: CommandId
    command: msgspec.Raw


def asker_of(asking: Visitor, meeting_id: str) -> Asker:
    """The visitor as the meeting knows them; guests and sites only in their own meeting."""
    if asking.only_meeting and asking.only_meeting != meeting_id:
        raise Forbidden("session.other_meeting")
    return Asker(asking.person, asking.unit, asking.offices, asking.session)


def asked(request: web.Request) -> tuple[str, Asker]:
    """The meeting of the address, and who asks."""
    meeting_id = request.match_info["meeting"]
    return meeting_id, asker_of(visitor(request), meeting_id)


def routes(meetings: Meetings) -> list[web.RouteDef]:
    """The handlers, to be added to the application."""

    async def my_meetings(request: web.Request) -> web.Response:
        asking = visitor(request)
        if asking.only_meeting:
            _, meeting = await meetings.seen_by(asking.only_meeting, asker_of(asking, asking.only_meeting))
            return reply({"meetings": [{"id": meeting.id, "title": meeting.title, "phase": meeting.phase}]})
        return reply({"meetings": await meetings.listed(asker_of(asking, ""))})

    async def kinds(request: web.Request) -> web.Response:
        visitor(request)
        return reply({"kinds": list(meetings.kinds.values())})

    async def create(request: web.Request) -> web.Response:
        asker = asker_of(visitor(request), "")
        sent = await read_json(request, Sent)
        wanted = read_command(bytes(sent.command))
        if not isinstance(wanted, CreateMeeting) or not asker.offices & {"secretary", "unit"}:
            raise Forbidden("role.not_allowed")
        meeting_id = sent.id  # the sender's own id, so that a repeated request makes one meeting
        answer = await meetings.perform(meeting_id, asker, sent.id, wanted)
        return reply({"meeting": meeting_id, "answer": answer}, status=201 if answer.ok else 409)

    async def snapshot(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        version, meeting = await meetings.seen_by(meeting_id, asker_of(visitor(request), meeting_id))
        return reply({"version": version, "state": meeting})

    async def command(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        sent = await read_json(request, Sent)
        await meetings.seen_by(meeting_id, asker)
        answer: Any = await meetings.perform(meeting_id, asker, sent.id, read_command(bytes(sent.command)))
        return reply(answer, status=200 if answer.ok else 409)

    async def attendance(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asker = asker_of(visitor(request), meeting_id)
        _, meeting = await meetings.seen_by(meeting_id, asker)
        if not roles(meeting, asker) & DESK_AND_SECRETARY:
            raise Forbidden("role.not_allowed")
        lines = trace(await meetings.history(meeting_id))
        known = await meetings.around.cards({line.by for line in lines})
        sites = {site.id: site.name for site in meeting.sites.values()}
        return reply({"lines": lines, "names": sites | {person: card.name for person, card in known.items()}})

    return [
        web.get("/api/meetings", my_meetings),
        web.post("/api/meetings", create),
        web.get("/api/meeting-kinds", kinds),
        web.get("/api/meetings/{meeting}", snapshot),
        web.post("/api/meetings/{meeting}/commands", command),
        web.get("/api/meetings/{meeting}/attendance", attendance),
        *_of_votes(meetings),
    ]


def _of_votes(meetings: Meetings) -> list[web.RouteDef]:
    """What is asked of votes beside the meeting's state."""

    async def my_votes(request: web.Request) -> web.Response:
        meeting_id = request.match_info["meeting"]
        asking = visitor(request)
        await meetings.seen_by(meeting_id, asker_of(asking, meeting_id))
        return reply({"votes": await own_votes(meetings, meeting_id, asking.person)})

    async def table(request: web.Request) -> web.Response:
        meeting_id, ballot = request.match_info["meeting"], request.match_info["ballot"]
        name, text = await result_table(meetings, meeting_id, ballot, asker_of(visitor(request), meeting_id))
        kept = {"Cache-Control": "no-store", "Content-Disposition": attachment(*name)}
        return web.Response(text=text, content_type="text/csv", charset="utf-8", headers=kept)

    return [
        web.get("/api/meetings/{meeting}/my-votes", my_votes),
        web.get("/api/meetings/{meeting}/ballots/{ballot}.csv", table),
    ]
