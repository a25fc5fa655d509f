"""The people room's HTTP doors."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from server.errors import Forbidden, TooMany
from server.http import SESSION_COOKIE, Visitor, keep_cookie, read_json, reply, require_office, visitor
from server.people.doors import Doors, Entered, Knock
from server.people.organisation import Unit
from server.people.service import NewPerson, People
from server.people.signin import Credentials, NextStep, SignIn
from server.people.tours import Tours

SMALL = 16 * 1024
"""Octets: nothing said at the door is longer."""

Text = Annotated[str, msgspec.Meta(max_length=256)]


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the second factor, or of an invitation."""

    code: Text


class PasswordForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password, shown once more."""

    password: Text


class NewPasswordForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The old password and the new one."""

    old: Text
    new: Text


class DisableForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the account is shut from now on."""

    disabled: bool


class ResetForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the second factor is forgotten together with the password."""

    second_factor: bool = False


class OfficesForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All offices the person has from now on."""

    offices: frozenset[Text]


class UnitsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units to add or replace."""

    units: list[Unit]


class Me(msgspec.Struct, frozen=True):
    """Who is signed in on this device."""

    person: str
    session: str
    name: str
    title: str
    unit: str
    unit_name: str
    offices: frozenset[str]
    only_meeting: str
    second_factor: bool
    tours: list[str]
    """The screens whose first steps this account was shown on any device."""
    now: int
    """The server's clock, in milliseconds, so that the tablet can count down by it."""


class Welcome(msgspec.Struct, frozen=True):
    """What the sign-in screen says before anybody has signed in."""

    host: str
    help_phone: str


def knock_of(request: web.Request) -> Knock:
    """Who knocks. `request.remote` is the client's address: the hall has already looked behind its trusted proxies."""
    cookie = request.cookies.get(SESSION_COOKIE, "")
    return Knock(request.remote or "", request.headers.get("User-Agent", ""), cookie)


def member(request: web.Request) -> Visitor:
    """A signed-in person of the organisation: guests and sites see their meeting and nothing else."""
    asking = visitor(request)
    if asking.only_meeting:
        raise Forbidden("guest.elsewhere")
    return asking


class PeopleRoutes:
    """One short method for each door."""

    def __init__(self, people: People, sign_in: SignIn, doors: Doors, help_phone: str) -> None:
        self.help_phone = help_phone
        self.people = people
        self.signing = sign_in
        self.doors = doors
        self.tours = Tours(people.db)

    # Coming and going

    async def sign_in(self, request: web.Request) -> web.Response:
        typed = await read_json(request, Credentials, SMALL)
        answer = await self.signing.sign_in(typed, knock_of(request))
        return reply(answer) if isinstance(answer, NextStep) else await self._welcome(answer)

    async def enter(self, request: web.Request) -> web.Response:
        form = await read_json(request, CodeForm, SMALL)
        return await self._welcome(await self.doors.enter(form.code, knock_of(request)))

    async def sign_out(self, request: web.Request) -> web.Response:
        asking = visitor(request)
        await self.doors.sign_out(asking, [asking.session])
        return keep_cookie(reply({"ok": True}, Clear_Site_Data='"cache"'), SESSION_COOKIE, "", 0)

    async def me(self, request: web.Request) -> web.Response:
        return reply(await self._me(visitor(request)))

    async def show_tour(self, request: web.Request) -> web.Response:
        await self.tours.show(member(request).person, request.match_info["tour"])
        return reply({"ok": True})

    async def ticket(self, request: web.Request) -> web.Response:
        return reply({"ticket": await self.doors.ticket(visitor(request))})

    # My account

    async def sessions(self, request: web.Request) -> web.Response:
        return reply(await self.doors.devices(member(request)))

    async def end_session(self, request: web.Request) -> web.Response:
        await self.doors.sign_out(member(request), [request.match_info["session"]])
        return reply({"ok": True})

    async def end_other_sessions(self, request: web.Request) -> web.Response:
        asking = member(request)
        await self.doors.end_all(asking.person, except_session=asking.session, what="signed_out")
        return reply({"ok": True})

    async def change_password(self, request: web.Request) -> web.Response:
        form = await read_json(request, NewPasswordForm, SMALL)
        await self.signing.change_password(member(request), form.old, form.new, knock_of(request))
        return reply({"ok": True})

    async def offer_second_factor(self, request: web.Request) -> web.Response:
        form = await read_json(request, PasswordForm, SMALL)
        return reply(await self.signing.offer_second_factor(member(request), form.password, knock_of(request)))

    async def confirm_second_factor(self, request: web.Request) -> web.Response:
        form = await read_json(request, CodeForm, SMALL)
        await self.signing.confirm_second_factor(member(request), form.code, knock_of(request))
        return reply({"ok": True})

    async def remove_second_factor(self, request: web.Request) -> web.Response:
        form = await read_json(request, CodeForm, SMALL)
        await self.signing.remove_second_factor(member(request), form.code, knock_of(request))
        return reply({"ok": True})

    # The directory and its administration

    async def welcome(self, _request: web.Request) -> web.Response:
        return reply(Welcome(await self.people.host(), self.help_phone))

    async def units(self, _request: web.Request) -> web.Response:
        """For everybody: the sign-in screen asks for the unit, and a province's units are no secret."""
        return reply(await self.people.units())

    async def search(self, request: web.Request) -> web.Response:
        member(request)
        query = request.query
        return reply(await self.people.search(query.get("search", ""), query.get("unit", "")))

    async def card(self, request: web.Request) -> web.Response:
        member(request)
        return reply(await self.people.card(request.match_info["person"]))

    async def accounts(self, request: web.Request) -> web.Response:
        asking = require_office(request, "system", "unit")
        return reply(await self.people.files(asking, request.query.get("unit", asking.unit)))

    async def create(self, request: web.Request) -> web.Response:
        form = await read_json(request, NewPerson, SMALL)
        card, password = await self.people.create(member(request), form, knock_of(request))
        return reply({"card": card, "password": password}, status=201)

    async def disable(self, request: web.Request) -> web.Response:
        form = await read_json(request, DisableForm, SMALL)
        await self.people.disable(member(request), request.match_info["person"], form.disabled, knock_of(request))
        return reply({"ok": True})

    async def reset(self, request: web.Request) -> web.Response:
        form = await read_json(request, ResetForm, SMALL)
        asking, person = member(request), request.match_info["person"]
        return reply({"password": await self.people.reset(asking, person, form.second_factor, knock_of(request))})

    async def grant(self, request: web.Request) -> web.Response:
        form = await read_json(request, OfficesForm, SMALL)
        await self.people.grant(member(request), request.match_info["person"], form.offices, knock_of(request))
        return reply({"ok": True})

    async def keep_units(self, request: web.Request) -> web.Response:
        asking = require_office(request, "system")
        await self.people.keep_units((await read_json(request, UnitsForm)).units, asking.person, knock_of(request))
        return reply({"ok": True})

    async def _welcome(self, entered: Entered) -> web.Response:
        found = await self.doors.identify(entered.token)
        if found is None:  # shut out again in the same moment
            raise TooMany("signin.too_often", minutes=1)
        answer = reply({"step": "done", "me": await self._me(found)})
        return keep_cookie(answer, SESSION_COOKIE, entered.token, self.doors.longest_life_s)

    async def _me(self, asking: Visitor) -> Me:
        cards = await self.people.cards([asking.person])
        title, unit_name = (cards[0].title, cards[0].unit_name) if cards else ("", asking.unit)
        strong = await self.signing.has_second_factor(asking)
        return Me(
            person=asking.person,
            session=asking.session,
            name=asking.name,
            title=title,
            unit=asking.unit,
            unit_name=unit_name,
            offices=asking.offices,
            only_meeting=asking.only_meeting,
            second_factor=strong,
            tours=[] if asking.only_meeting else await self.tours.shown(asking.person),
            now=self.doors.clock.now(),
        )


def routes(people: People, sign_in: SignIn, doors: Doors, help_phone: str = "") -> list[web.RouteDef]:
    """All doors of the people room; `help_phone` is whom to call who cannot come in."""
    at = PeopleRoutes(people, sign_in, doors, help_phone)
    return [
        web.get("/api/welcome", at.welcome),
        web.post("/api/session", at.sign_in),
        web.delete("/api/session", at.sign_out),
        web.post("/api/session/confirm", at.confirm_second_factor),
        web.post("/api/enter", at.enter),
        web.get("/api/me", at.me),
        web.put("/api/me/tours/{tour}", at.show_tour),
        web.post("/api/ticket", at.ticket),
        web.get("/api/sessions", at.sessions),
        web.delete("/api/sessions", at.end_other_sessions),
        web.delete("/api/sessions/{session}", at.end_session),
        web.post("/api/password", at.change_password),
        web.post("/api/second-factor", at.offer_second_factor),
        web.put("/api/second-factor", at.confirm_second_factor),
        web.delete("/api/second-factor", at.remove_second_factor),
        web.get("/api/units", at.units),
        web.put("/api/units", at.keep_units),
        web.get("/api/people", at.search),
        web.post("/api/people", at.create),
        web.get("/api/people/{person}", at.card),
        web.get("/api/accounts", at.accounts),
        web.post("/api/people/{person}/disable", at.disable),
        web.post("/api/people/{person}/reset", at.reset),
        web.post("/api/people/{person}/offices", at.grant),
    ]
