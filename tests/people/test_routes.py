"""The people room's doors through a real HTTP server, with the hall's own middlewares."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.http import SESSION_COOKIE, error_mapper, harden, same_origin, session_reader
from server.people.invitations import Invitation
from server.people.routes import routes
from tests.people.house import ACCOUNTS, PASSWORD, House

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(house: House, aiohttp_client: Any) -> Client:
    middlewares = [
        error_mapper(house.clock),
        same_origin(lambda origin, host: origin == f"https://{host}"),
        session_reader(house.doors.identify),
    ]
    app = web.Application(middlewares=middlewares)
    app.add_routes(routes(house.people, house.signing, house.doors, "0237 000 0100"))
    app.on_response_prepare.append(harden)
    return await aiohttp_client(TestServer(app))


def cookie_of(answer: Any) -> SimpleCookie:
    return SimpleCookie(answer.headers["Set-Cookie"])


async def ask(client: Client, method: str, path: str, cookie: str = "", **body: Any) -> tuple[int, Any]:
    """One request with this session; the status and the JSON that came back."""
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {}
    sent = {"json": body} if body or method in {"POST", "PUT"} else {}
    async with client.request(method, path, headers=headers, **sent) as answer:
        return answer.status, await answer.json()


async def inside(client: Client, person: str) -> str:
    """The cookie of somebody who signed in."""
    typed = {"username": ACCOUNTS[person][0], "password": PASSWORD}
    async with client.post("/api/session", json=typed) as answer:
        assert answer.status == 200
        return cookie_of(answer)[SESSION_COOKIE].value


async def test_signing_in_sets_a_cookie_no_script_and_no_other_site_can_use(client: Client) -> None:
    typed = {"username": "nguyetltm.syt", "password": PASSWORD}
    async with client.post("/api/session", json=typed) as answer:
        body = await answer.json()
        cookie = cookie_of(answer)[SESSION_COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "Strict", "")
    assert cookie["secure"] and cookie["httponly"]
    assert body["step"] == "done"
    assert body["me"]["name"] == "Lê Thị Minh Nguyệt"
    assert cookie.value not in repr(body)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_me_says_who_is_signed_in(client: Client, house: House) -> None:
    cookie = await inside(client, "quan-tri-syt")
    status, me = await ask(client, "GET", "/api/me", cookie)
    assert status == 200
    assert {key: me[key] for key in ("person", "title", "unit", "unit_name", "offices", "only_meeting", "now")} == {
        "person": "quan-tri-syt",
        "title": "Chuyên viên",
        "unit": "so-yt",
        "unit_name": "Sở Y tế",
        "offices": ["unit"],
        "only_meeting": "",
        "now": house.clock.now(),
    }


ALL_DOORS = [
    ("GET", "/api/me"),
    ("DELETE", "/api/session"),
    ("POST", "/api/session/confirm"),
    ("POST", "/api/ticket"),
    ("PUT", "/api/me/tours/room"),
    ("GET", "/api/sessions"),
    ("DELETE", "/api/sessions"),
    ("DELETE", "/api/sessions/x"),
    ("POST", "/api/password"),
    ("POST", "/api/second-factor"),
    ("PUT", "/api/second-factor"),
    ("DELETE", "/api/second-factor"),
    ("PUT", "/api/units"),
    ("GET", "/api/people"),
    ("POST", "/api/people"),
    ("GET", "/api/people/nguyet"),
    ("GET", "/api/accounts"),
    ("POST", "/api/people/nguyet/disable"),
    ("POST", "/api/people/nguyet/reset"),
    ("POST", "/api/people/nguyet/offices"),
]
OPEN_DOORS = {("POST", "/api/session"), ("POST", "/api/enter"), ("GET", "/api/units"), ("GET", "/api/welcome")}
FOR_GUESTS = {("GET", "/api/me"), ("DELETE", "/api/session"), ("POST", "/api/ticket")}
BODIES: dict[str, dict[str, Any]] = {
    "/api/session/confirm": {"code": "0"},
    "/api/password": {"old": "a", "new": "b"},
    "/api/people": {"name": "A", "unit": "so-yt", "username": "abc"},
    "/api/people/nguyet/disable": {"disabled": True},
    "/api/people/nguyet/offices": {"offices": ["system"]},
    "/api/units": {"units": []},
}


def body_of(method: str, path: str) -> dict[str, Any]:
    if path == "/api/second-factor":
        return {"password": "x"} if method == "POST" else {"code": "0"}
    return BODIES.get(path, {}) if method in {"POST", "PUT", "DELETE"} else {}


def test_every_door_is_either_open_to_all_or_tried_below(house: House) -> None:
    doors = {
        (r.method, r.path.format(session="x", person="nguyet", tour="room"))
        for r in routes(house.people, house.signing, house.doors)
    }
    assert doors == {*ALL_DOORS, *OPEN_DOORS}


@pytest.mark.parametrize(("method", "path"), ALL_DOORS)
async def test_nobody_gets_in_without_a_session(client: Client, method: str, path: str) -> None:
    status, answer = await ask(client, method, path, **body_of(method, path))
    assert (status, answer["code"]) == (401, "session.none")


@pytest.mark.parametrize(("method", "path"), [door for door in ALL_DOORS if door not in FOR_GUESTS])
async def test_a_guest_sees_their_meeting_and_no_other_door(
    client: Client, house: House, method: str, path: str
) -> None:
    guest = Invitation("", "cuoc-hop-1", "guest", "", "Khách", "", 0, house.clock.now() + 3_600_000)
    invited = await house.doors.invite(guest)
    async with client.post("/api/enter", json={"code": invited.code}) as entered:
        cookie = cookie_of(entered)[SESSION_COOKIE].value
    status, answer = await ask(client, method, path, cookie, **body_of(method, path))
    assert (status, answer["code"]) in {(403, "guest.elsewhere"), (403, "office.needed")}


async def test_a_guest_enters_with_the_code_in_the_body_and_is_told_which_meeting(client: Client, house: House) -> None:
    guest = Invitation("", "cuoc-hop-1", "guest", "", "Khách mời", "Hiệp hội", 0, house.clock.now() + 3_600_000)
    code = (await house.doors.invite(guest)).code
    async with client.post("/api/enter", json={"code": code}) as answer:
        me = (await answer.json())["me"]
        cookie = cookie_of(answer)[SESSION_COOKIE].value
    assert (me["only_meeting"], me["name"], me["unit_name"], me["offices"]) == (
        "cuoc-hop-1",
        "Khách mời",
        "Hiệp hội",
        ["guest"],
    )
    assert (await ask(client, "POST", "/api/ticket", cookie))[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/units"),
        ("POST", "/api/people"),
        ("GET", "/api/accounts"),
        ("POST", "/api/people/hoan/disable"),
        ("POST", "/api/people/hoan/reset"),
        ("POST", "/api/people/hoan/offices"),
    ],
)
async def test_without_the_office_there_is_no_administration(client: Client, method: str, path: str) -> None:
    cookie = await inside(client, "nguyet")
    body = body_of(method, path.replace("hoan", "nguyet"))
    status, answer = await ask(client, method, path, cookie, **body)
    assert (status, answer["code"]) == (403, "office.needed")


async def test_refusals_do_not_tell_whether_the_account_exists(client: Client) -> None:
    known = await ask(client, "POST", "/api/session", username="nguyetltm.syt", password="sai")
    unknown = await ask(client, "POST", "/api/session", username="khong.co", password="sai")
    assert known == unknown
    assert (known[0], known[1]["code"]) == (401, "signin.refused")


async def test_too_many_tries_are_told_to_wait(client: Client) -> None:
    for _ in range(5):
        await ask(client, "POST", "/api/session", username="nguyetltm.syt", password="sai")
    status, answer = await ask(client, "POST", "/api/session", username="nguyetltm.syt", password=PASSWORD)
    assert (status, answer["code"], answer["details"]) == (429, "signin.too_often", {"minutes": 15})


async def test_signing_out_takes_the_cookie_away_and_it_opens_nothing_any_more(client: Client, house: House) -> None:
    cookie = await inside(client, "nguyet")
    async with client.delete("/api/session", headers={"Cookie": f"{SESSION_COOKIE}={cookie}"}) as answer:
        gone = cookie_of(answer)[SESSION_COOKIE]
    assert (gone.value, gone["max-age"]) == ("", "0")
    assert (await ask(client, "GET", "/api/me", cookie))[0] == 401
    assert [person for _, person in house.ended] == ["nguyet"]


async def test_signing_in_over_a_session_replaces_it(client: Client) -> None:
    before = await inside(client, "nguyet")
    typed = {"username": "hoatq.syt", "password": PASSWORD}
    async with client.post("/api/session", json=typed, headers={"Cookie": f"{SESSION_COOKIE}={before}"}) as answer:
        after = cookie_of(answer)[SESSION_COOKIE].value
    assert (await ask(client, "GET", "/api/me", before))[0] == 401
    assert (await ask(client, "GET", "/api/me", after))[1]["person"] == "hoa"


async def test_a_page_of_another_origin_cannot_sign_anybody_in(client: Client) -> None:
    typed = {"username": "nguyetltm.syt", "password": PASSWORD}
    async with client.post("/api/session", json=typed, headers={"Origin": "https://evil.example"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, "origin.foreign")


@pytest.mark.parametrize(
    "body",
    [
        {"username": "a"},
        {"username": "a", "password": 1},
        {"username": "a", "password": "b", "administrator": True},
        ["a"],
    ],
)
async def test_what_is_not_a_sign_in_is_refused(client: Client, body: Any) -> None:
    async with client.post("/api/session", json=body) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "body.malformed")


async def test_a_megabyte_of_password_is_not_even_read(client: Client) -> None:
    async with client.post("/api/session", json={"username": "a", "password": "b" * 2**20}) as answer:
        assert answer.status == 413


async def test_my_sessions_are_mine_to_end(client: Client) -> None:
    mine, other = await inside(client, "nguyet"), await inside(client, "nguyet")
    _, devices = await ask(client, "GET", "/api/sessions", mine)
    assert [device["current"] for device in devices].count(True) == 1
    assert "token" not in repr(devices)
    assert (await ask(client, "DELETE", "/api/sessions", mine))[0] == 200
    assert (await ask(client, "GET", "/api/me", other))[0] == 401
    assert (await ask(client, "DELETE", "/api/sessions/somebody-elses", mine))[1]["code"] == "session.unknown"


async def test_the_password_is_changed_by_its_owner(client: Client) -> None:
    cookie = await inside(client, "nguyet")
    changed = await ask(client, "POST", "/api/password", cookie, old=PASSWORD, new="cầu Hàm Rồng buổi sớm")
    assert changed == (200, {"ok": True})
    status, answer = await ask(client, "POST", "/api/session", username="nguyetltm.syt", password=PASSWORD)
    assert (status, answer["code"]) == (401, "signin.refused")


async def test_everybody_sees_the_units_and_who_is_signed_in_finds_people(client: Client) -> None:
    _, units = await ask(client, "GET", "/api/units")
    assert [unit["id"] for unit in units] == ["tinh", "ubnd", "so-nv", "so-yt"]
    cookie = await inside(client, "hoan")
    _, found = await ask(client, "GET", "/api/people?search=minh%20nguyet", cookie)
    assert [set(card) for card in found] == [{"id", "name", "title", "unit", "unit_name", "short", "precedence"}]
    assert (await ask(client, "GET", "/api/people/nguyet", cookie))[1] == found[0]


async def test_the_sign_in_screen_says_whose_house_it_is_and_whom_to_call(client: Client) -> None:
    welcome = await ask(client, "GET", "/api/welcome")
    assert welcome == (200, {"host": "Ủy ban nhân dân tỉnh Lam Giang", "help_phone": "0237 000 0100"})


async def test_an_administrator_creates_disables_resets_and_gives_offices(client: Client) -> None:
    cookie = await inside(client, "quan-tri")
    status, made = await ask(client, "POST", "/api/people", cookie, name="Mới", unit="so-nv", username="moi.snv")
    assert status == 201
    person = made["card"]["id"]
    changing = await ask(client, "POST", "/api/session", username="moi.snv", password=made["password"])
    assert changing == (200, {"step": "change", "offer": None})
    assert (await ask(client, "POST", f"/api/people/{person}/offices", cookie, offices=["secretary"]))[0] == 200
    _, reset = await ask(client, "POST", f"/api/people/{person}/reset", cookie, second_factor=True)
    assert reset["password"] != made["password"]
    assert (await ask(client, "POST", f"/api/people/{person}/disable", cookie, disabled=True))[0] == 200
    _, files = await ask(client, "GET", "/api/accounts?unit=so-nv", cookie)
    assert {file["username"]: (file["offices"], file["disabled"]) for file in files}["moi.snv"] == (["secretary"], True)
    assert "password" not in repr(files)


async def test_the_first_steps_are_shown_once_to_an_account_on_all_its_devices(client: Client) -> None:
    one, other, somebody = await inside(client, "nguyet"), await inside(client, "nguyet"), await inside(client, "hoa")
    for _ in range(2):
        assert (await ask(client, "PUT", "/api/me/tours/room", one))[0] == 200
    assert [(await ask(client, "GET", "/api/me", who))[1]["tours"] for who in (other, somebody)] == [["room"], []]
    status, answer = await ask(client, "PUT", "/api/me/tours/kitchen", one)
    assert (status, answer["code"]) == (404, "tour.unknown")
