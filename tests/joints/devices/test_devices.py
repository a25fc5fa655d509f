"""A site's encoders and players: they come in by a token, may what the site may, and go when it is taken back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench.media.client import Peers, offer_down, offer_up
from server.clock import HeldClock
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.joints.devices.conftest import Encoder
from tests.media.player import Player

DEVICES = f"/api/meetings/{MEETING}/devices"
SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
UP, DOWN = f"/api/media/{MEETING}/up", f"/api/media/{MEETING}/down"


async def given(hall: SmallHouse, kind: str, site: str = SITE) -> Any:
    status, found = await (await hall.caller("technician")).asks("POST", DEVICES, {"kind": kind, "site": site})
    assert status == 201, found
    return found


async def asks(hall: SmallHouse, method: str, path: str, token: str, body: str = "", kind: str = SDP) -> Any:
    """The answer to a device: its status, headers and text."""
    url = path if path.startswith("http") else hall.url + path
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with hall.session.request(method, url, data=body, headers={**headers, "Content-Type": kind}) as answer:
        return answer.status, answer.headers, await answer.text()


async def test_a_picture_of_ffmpeg_reaches_a_player_with_its_sound(
    hall: SmallHouse, encoder: Encoder, player: Player
) -> None:
    chair = await hall.caller("chair")
    assert (await chair.commands("microphone.switch", who=SITE, open=True))[0] == 200
    assert (await chair.commands("stage.pin", who=SITE))[0] == 200
    other = {"id": "site-khac", "name": "Điểm cầu khác", "short": "Khác", "order": 3}
    assert (await (await hall.caller("secretary")).commands("site.add", site=other))[0] == 200
    sender, viewer = await given(hall, "sender"), await given(hall, "viewer", "site-khac")
    assert (sender["address"], viewer["address"]) == (hall.url + UP, hall.url + DOWN)
    status, headers, answer = await asks(hall, "POST", viewer["address"], viewer["secret"], await player.offer())
    assert status == 201
    await player.accept(answer)
    await encoder.start(sender["address"], sender["secret"])
    async with asyncio.timeout(60):
        assert await player.seen() == (320, 180, 170)
        await player.heard()
    assert (await asks(hall, "DELETE", headers["Location"], viewer["secret"]))[0] == 200
    assert await encoder.ends() == "closed\n"


async def test_ffmpeg_with_a_wrong_token_is_told_so(hall: SmallHouse, encoder: Encoder) -> None:
    await encoder.start(hall.url + UP, "guessed")
    assert "401" in await encoder.ends()


@pytest.mark.parametrize(("token", "challenge"), [("", "Bearer"), ("guessed", 'Bearer error="invalid_token"')])
async def test_whoever_shows_no_good_token_is_challenged(small: SmallHouse, token: str, challenge: str) -> None:
    for method, path in (("POST", UP), ("OPTIONS", DOWN), ("DELETE", f"/api/media/{MEETING}/sessions/x")):
        status, headers, _ = await asks(small, method, path, token)
        assert (status, headers["WWW-Authenticate"]) == (401, challenge)


async def test_a_token_is_for_one_direction_and_one_meeting(small: SmallHouse) -> None:
    sender, viewer = await given(small, "sender"), await given(small, "viewer")
    for path, token, code in (
        (DOWN, sender, "device.sends_only"),
        (UP, viewer, "device.watches_only"),
        ("/api/media/other/up", sender, "device.other_meeting"),
    ):
        status, headers, text = await asks(small, "POST", path, token["secret"], "v=0")
        assert (status, code in text) == (403, True)
        assert headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


async def test_a_token_opens_no_session_of_the_house(small: SmallHouse) -> None:
    sender, codec = await given(small, "sender"), await given(small, "codec")
    assert len(codec["secret"]) == 10 and codec["secret"].isdigit()
    passer = await small.caller()
    for secret in (sender["secret"], codec["secret"]):
        assert (await passer.asks("POST", "/api/enter", {"code": secret}))[0] in (400, 401)
    assert (await asks(small, "GET", DEVICES, sender["secret"]))[0] == 401
    assert (await asks(small, "POST", UP, codec["secret"], "v=0"))[0] == 403


async def test_a_revoked_token_is_refused_and_what_it_opened_ends(hall: SmallHouse) -> None:
    sender, peers = await given(hall, "sender"), Peers()
    peer = peers.add()
    status, headers, answer = await asks(hall, "POST", UP, sender["secret"], offer_up(peer, (99, 100, 101)))
    assert status == 201
    await peer.connect(answer)
    technician = await hall.caller("technician")
    (listed,) = (await technician.asks("GET", DEVICES))[1]["devices"]
    assert (listed["id"], listed["kind"], listed["site"]) == (sender["id"], "sender", SITE)
    assert "secret" not in listed
    assert (await technician.asks("DELETE", f"{DEVICES}/{sender['id']}"))[0] == 200
    assert (await asks(hall, "POST", UP, sender["secret"], "v=0"))[0] == 401
    assert (await asks(hall, "PATCH", headers["Location"], sender["secret"], "", FRAGMENT))[0] == 401
    assert (await technician.asks("GET", DEVICES))[1]["devices"] == []
    async with asyncio.timeout(60):
        while hall.house.mediation.lines.of(SITE):
            await asyncio.sleep(0.01)
    await peers.close()


async def test_a_token_that_was_taken_back_elsewhere_ends_what_it_opened_here(hall: SmallHouse) -> None:
    viewer, peers = await given(hall, "viewer"), Peers()
    peer = peers.add()
    status, _, answer = await asks(hall, "POST", DOWN, viewer["secret"], offer_down(peer, 2))
    assert status == 201
    await peer.connect(answer)
    async with asyncio.timeout(60):
        while not hall.house.mediation.lines.of(SITE):
            await asyncio.sleep(0.01)
        await hall.house.doors.revoke(MEETING, SITE)
        await hall.house.devices.look()
        while hall.house.mediation.lines.of(SITE):
            await asyncio.sleep(0.01)
    await peers.close()


async def test_a_token_expires_two_hours_after_the_meeting_was_to_end(small: SmallHouse) -> None:
    sender = await given(small, "sender")
    _, meeting = await small.house.meetings.standing(MEETING)
    assert sender["expires"] == meeting.ends_at + 2 * 3600 * 1000
    small.house.devices.devices.clock = HeldClock(sender["expires"] - 1)
    assert (await asks(small, "OPTIONS", UP, sender["secret"]))[0] == 204
    small.house.devices.devices.clock = HeldClock(sender["expires"])
    assert (await asks(small, "OPTIONS", UP, sender["secret"]))[0] == 401


async def test_a_device_may_no_more_than_its_site(small: SmallHouse) -> None:
    sender, viewer = await given(small, "sender"), await given(small, "viewer")
    desk = small.house.devices
    assert not (await desk.admit(sender["secret"], MEETING, "up")).grants.audio, "the site has not the floor"
    watching = await desk.admit(viewer["secret"], MEETING, "down")
    assert watching.endpoint == f"{SITE}~{viewer['id']}"
    assert not (watching.grants.audio or watching.grants.video or watching.grants.screen)
    chair = await small.caller("chair")
    assert (await chair.commands("microphone.switch", who=SITE, open=True))[0] == 200
    assert (await desk.admit(sender["secret"], MEETING, "up")).grants.audio


async def test_only_who_lets_sites_in_gives_tokens(small: SmallHouse) -> None:
    for who in ("delegate", SITE, "guest"):
        asking = await small.caller(who)
        for method, path in (("POST", DEVICES), ("GET", DEVICES), ("DELETE", f"{DEVICES}/x")):
            body = {"kind": "sender", "site": SITE} if method == "POST" else None
            assert (await asking.asks(method, path, body))[0] == 403
    technician = await small.caller("technician")
    status, found = await technician.asks("POST", DEVICES, {"kind": "sender", "site": "nowhere"})
    assert (status, found["code"]) == (409, "site.unknown")
    assert (await technician.asks("DELETE", f"{DEVICES}/nothing"))[0] == 404


async def test_options_say_what_may_be_asked_and_other_methods_are_kept_for_later(hall: SmallHouse) -> None:
    sender, peers = await given(hall, "sender"), Peers()
    status, headers, _ = await asks(hall, "OPTIONS", UP, sender["secret"])
    assert (status, headers["Accept-Post"], headers["Allow"]) == (204, SDP, "OPTIONS, POST")
    status, headers, _ = await asks(hall, "POST", UP, sender["secret"], offer_up(peers.add(), (99, 100, 101)))
    place = headers["Location"]
    status, headers, _ = await asks(hall, "OPTIONS", place, sender["secret"])
    assert (status, headers["Accept-Patch"], headers["Allow"]) == (204, FRAGMENT, "OPTIONS, PATCH, DELETE")
    for method, path in (("GET", UP), ("PUT", UP), ("DELETE", UP), ("GET", place), ("POST", place)):
        assert (await asks(hall, method, path, sender["secret"]))[0] == 405
    candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    assert (await asks(hall, "PATCH", place, sender["secret"], candidate, FRAGMENT))[0] == 204
    assert (await asks(hall, "DELETE", place, sender["secret"]))[0] == 200
    await peers.close()
