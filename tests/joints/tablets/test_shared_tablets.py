"""A shared tablet from its binding to the end of the meeting, over HTTP and the live line."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.floorplan import drawn
from server.http import SESSION_COOKIE
from server.people.rooms.rooms import Room
from server.people.tablets.routes import TABLET_COOKIE
from tests.e2e.small import MEETING, PASSWORD, Caller, SmallHouse

PIN = "274913"
SEAT_OF_DELEGATE = "3"


class SharedTablet(Caller):
    """A device on a seat, with its own cookie beside that of whoever sits there."""

    bound = ""

    async def binds(self, code: str, seat: str) -> None:
        async with self._request("POST", "/api/tablet", json={"code": code, "seat": seat}) as response:
            assert response.status == 201, await response.text()
            self.bound = response.cookies[TABLET_COOKIE].value

    async def sits(self, person: str, pin: str = PIN) -> tuple[int, Any]:
        return await self.asks("POST", "/api/tablet/session", {"meeting": MEETING, "person": person, "pin": pin})

    def _request(self, method: str, path: str, **more: Any) -> Any:
        cookies = f"{SESSION_COOKIE}={self.cookie}; {TABLET_COOKIE}={self.bound}"
        return self.session.request(method, f"{self.url}{path}", headers={"Cookie": cookies}, **more)


@pytest.fixture
async def tablet(small: SmallHouse) -> SharedTablet:
    """A tablet on the seat of the delegate, who has a PIN."""
    await small.house.rooms.bring_in([Room("phong-1", "ubnd", "Phòng họp số 1", plan=drawn("u", 5, 3))])
    assert (await (await small.caller("secretary")).commands("seats.draw", room="phong-1"))[0] == 200
    own = {"password": PASSWORD, "pin": PIN}
    assert (await (await small.caller("delegate")).asks("PUT", "/api/pin", own))[0] == 200
    technician = await small.caller("technician")
    code = (await technician.asks("POST", "/api/rooms/phong-1/tablet-code"))[1]["code"]
    found = SharedTablet(small.url, small.session)
    assert (await found.asks("POST", "/api/tablet", {"code": code}))[1]["bound"] == []
    await found.binds(code, SEAT_OF_DELEGATE)
    return found


async def test_the_tablet_offers_whoever_is_assigned_to_its_seat_first(tablet: SharedTablet) -> None:
    status, answer = await tablet.asks("GET", "/api/tablet")
    assert (status, answer["room"], answer["seat"]) == (200, "Phòng họp số 1", SEAT_OF_DELEGATE)
    (offer,) = answer["meetings"]
    assert (offer["meeting"], offer["here"]["id"]) == (MEETING, "delegate")
    assert "second" not in {one["id"] for one in offer["people"]}


async def test_whoever_sits_down_takes_part_until_the_meeting_closes_and_then_nobody_does(
    small: SmallHouse, tablet: SharedTablet
) -> None:
    assert (await tablet.sits("delegate", "602847"))[1]["code"] == "pin.refused"
    assert (await tablet.sits("delegate"))[0] == 200
    me = (await tablet.asks("GET", "/api/me"))[1]
    assert (me["person"], me["only_meeting"], me["offices"]) == ("delegate", MEETING, ["seat"])
    assert (await tablet.commands("floor.request", topic="Tiến độ"))[0] == 200
    assert (await tablet.asks("GET", "/api/people?search=a"))[0] == 403
    line = await tablet.tablet()
    await line.ask("sync", {"stream": f"meeting:{MEETING}", "since": 0})
    assert (await (await small.caller("chair")).commands("meeting.close"))[0] == 200
    async with asyncio.timeout(60):
        while (await tablet.asks("GET", "/api/me"))[0] != 401:
            await asyncio.sleep(0.02)
    assert (await tablet.asks("GET", "/api/tablet"))[1]["meetings"] == []
    assert (await tablet.sits("delegate"))[1]["code"] == "tablet.other_room"


async def test_nobody_steers_or_sits_elsewhere_by_a_pin(tablet: SharedTablet) -> None:
    for person, code in (
        ("chair", "tablet.own_account"),
        ("secretary", "tablet.own_account"),
        ("second", "tablet.other_room"),
        ("stranger", "tablet.other_room"),
    ):
        assert (await tablet.sits(person))[1]["code"] == code


async def test_the_chair_is_not_handed_to_where_nobody_can_steer_and_presenting_is(
    small: SmallHouse, tablet: SharedTablet
) -> None:
    assert (await tablet.sits("delegate"))[0] == 200
    line = await tablet.tablet()
    await line.ask("sync", {"stream": f"meeting:{MEETING}", "since": 0})
    chair = await small.caller("chair")
    status, answer = await chair.commands("chair.hand_over", to="delegate")
    assert (status, answer["code"]) == (409, "chair.at_shared_tablet")
    paper = small.lies.papers["all"]
    for tag, fields in (("paper.show", {"paper": paper}), ("presenting.hand_over", {"to": "delegate"})):
        assert (await chair.commands(tag, **fields))[0] == 200
    assert (await tablet.commands("page.turn", paper=paper, page=2))[0] == 200
    assert (await chair.commands("presenting.hand_over", to=""))[0] == 200
    assert (await tablet.commands("page.turn", paper=paper, page=3))[1]["code"] == "role.not_allowed"
    own = await (await small.caller("delegate")).tablet("may-rieng")
    await own.ask("sync", {"stream": f"meeting:{MEETING}", "since": 0})
    assert (await chair.commands("chair.hand_over", to="delegate"))[0] == 200


async def test_a_device_that_is_bound_to_nothing_opens_nothing(small: SmallHouse) -> None:
    passer_by = SharedTablet(small.url, small.session)
    assert (await passer_by.asks("GET", "/api/tablet"))[1]["code"] == "tablet.unknown"
    assert (await passer_by.sits("delegate"))[1]["code"] == "tablet.unknown"


async def test_tablets_are_emptied_where_nobody_told_that_the_meeting_is_over(
    small: SmallHouse, tablet: SharedTablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await tablet.sits("delegate"))[0] == 200
    await small.house.tablet_desk.tidy()
    assert (await tablet.asks("GET", "/api/me"))[0] == 200
    with monkeypatch.context() as died:
        died.setattr(small.house.tablet_desk, "closed", _nothing)
        await (await small.caller("chair")).commands("meeting.close")
    await small.house.tablet_desk.tidy()
    assert (await tablet.asks("GET", "/api/me"))[0] == 401


async def _nothing(_meeting: str) -> None:
    """The process died before it had seen to it."""


async def test_whoever_is_given_an_office_leaves_the_shared_tablet(small: SmallHouse, tablet: SharedTablet) -> None:
    assert (await tablet.sits("delegate"))[0] == 200
    line = await tablet.tablet()
    await line.sync(0, f"meeting:{MEETING}")
    fields = {"person": "delegate", "roles": ["delegate", "secretary"], "mandate": True, "seat": SEAT_OF_DELEGATE}
    assert (await (await small.caller("secretary")).commands("member.change", **fields))[0] == 200
    await asyncio.wait_for(line.ended.wait(), 60)
    assert (await tablet.asks("GET", f"/api/meetings/{MEETING}"))[0] == 401
    assert (await tablet.sits("delegate"))[1]["code"] == "tablet.own_account"
