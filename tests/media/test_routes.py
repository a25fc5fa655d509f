"""The WHIP and WHEP doors, as any client sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bench.media.client import offer_down, offer_up
from server.clock import HeldClock
from server.config import MediaSettings
from server.errors import Unauthorized
from server.http import error_mapper
from server.media.control import Joined
from server.media.routes import Permit, routes
from server.media.turn import relays
from tests.media.conftest import ALL, House, until

SETTINGS = MediaSettings(turn_urls=["turns:relay.example:443?transport=tcp"], turn_secret="north wind")


async def authorize(request: web.Request, conference: str) -> Permit:
    name = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not name or conference != "k":
        raise Unauthorized("session.none")
    return Permit(name, ALL)


@pytest.fixture
async def client(house: House) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application(middlewares=[error_mapper(HeldClock())])
    app.add_routes(routes(house.web, authorize, lambda endpoint: relays(SETTINGS, endpoint, 1_000_000)))
    async with TestClient(TestServer(app), headers={"Authorization": "Bearer a"}) as opened:
        yield opened


SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
Client = TestClient[web.Request, web.Application]


async def test_an_offer_is_answered_with_a_place_and_joins(house: House, client: Client) -> None:
    peer = house.peers.add()
    answer = await client.post("/api/media/k/up", data=offer_up(peer), headers=SDP)
    assert answer.status == 201
    assert answer.content_type == "application/sdp"
    assert answer.headers["Location"].startswith("/api/media/k/sessions/")
    assert answer.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    await peer.connect(await answer.text())
    await until(lambda: house.of(Joined))
    gone = await client.delete(answer.headers["Location"])
    again = await client.delete(answer.headers["Location"])
    assert (gone.status, again.status) == (200, 200)


async def test_a_receiver_is_answered_too(house: House, client: Client) -> None:
    answer = await client.post("/api/media/k/down", data=offer_down(house.peers.add(), 3), headers=SDP)
    assert answer.status == 201
    assert (await answer.text()).count("a=sendonly") == 6


async def test_a_trickle_patch_changes_nothing_and_a_restart_gives_new_credentials(
    house: House, client: Client
) -> None:
    opened = await client.post("/api/media/k/up", data=offer_up(house.peers.add()), headers=SDP)
    place, tag = opened.headers["Location"], opened.headers["ETag"]
    candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    trickle = await client.patch(place, data=candidate, headers={**FRAGMENT, "If-Match": tag})
    assert (trickle.status, trickle.headers["ETag"]) == (204, tag)
    stale = await client.patch(place, data=candidate, headers={**FRAGMENT, "If-Match": '"other"'})
    assert stale.status == 412
    fragment = f"a=ice-ufrag:abcd\r\na=ice-pwd:{'x' * 24}\r\n"
    restart = await client.patch(place, data=fragment, headers={**FRAGMENT, "If-Match": "*"})
    assert restart.status == 200
    assert restart.headers["ETag"] != tag
    assert f"a=ice-ufrag:{restart.headers['ETag'][1:-1]}" in await restart.text()


async def test_nobody_touches_a_session_of_somebody_else(house: House, client: Client) -> None:
    opened = await client.post("/api/media/k/up", data=offer_up(house.peers.add()), headers=SDP)
    other = {**FRAGMENT, "Authorization": "Bearer b"}
    fragment = f"a=ice-ufrag:abcd\r\na=ice-pwd:{'x' * 24}\r\n"
    assert (await client.patch(opened.headers["Location"], data=fragment, headers=other)).status == 404
    await client.delete(opened.headers["Location"], headers={"Authorization": "Bearer b"})
    assert (await client.patch(opened.headers["Location"], data=fragment, headers=FRAGMENT)).status == 200


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("k/up", "v=0", SDP, 400, "media.offer_unreadable"),
        ("k/up", "v=0", {"Content-Type": "text/plain"}, 400, "media.wrong_content_type"),
        ("k/up", b"\xff\xfe", SDP, 400, "media.offer_unreadable"),
        ("k/up", "x" * 300_000, SDP, 413, "body.too_large"),
        ("k/up?source=tank", "v=0", SDP, 400, "media.unknown_source"),
        ("other/up", "v=0", SDP, 401, "session.none"),
    ],
)
async def test_a_bad_request_gets_a_clear_answer(
    client: Client, path: str, body: str | bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await client.post(f"/api/media/{path}", data=body, headers=headers)
    assert answer.status == status
    assert (await answer.json())["code"] == code


async def test_an_offer_without_anything_we_speak_is_refused(house: House, client: Client) -> None:
    offer = offer_up(house.peers.add()).replace("VP8", "AV1").replace("H264", "VP9").replace("opus", "G722")
    answer = await client.post("/api/media/k/up", data=offer, headers=SDP)
    assert (await answer.json())["code"] == "media.nothing_in_common"


async def test_relays_are_named_before_an_offer_is_made(client: Client) -> None:
    answer = await client.options("/api/media/k/down")
    assert answer.status == 204
    link = answer.headers["Link"]
    assert link.startswith(
        '<turns:relay.example:443?transport=tcp>; rel="ice-server"; username="44200:a"; credential="'
    )
    assert relays(MediaSettings(), "a", 0) == ()


async def test_without_a_media_process_the_door_says_so(house: House, client: Client) -> None:
    await house.stop_media()
    await until(lambda: not house.web.up.is_set())
    answer = await client.post("/api/media/k/up", data=offer_up(house.peers.add()), headers=SDP)
    assert (answer.status, (await answer.json())["code"]) == (503, "media.unavailable")
    await house.start_media()
