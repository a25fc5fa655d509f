"""The doors of the technician's board, over a small house that answers: who may, and what follows."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from server.http import SESSION_COOKIE
from server.joints.conference import NOBODY
from server.joints.line.wall import open_desk
from server.media.control import Joined, Quality
from server.media.line.history import Reading
from server.media.line.store import keep_readings
from server.meetings.service import Asker
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.media.line.test_linetest import GOOD

HERE = f"/api/meetings/{MEETING}"
REPORT = {"level": 30, "camera": "on", "microphone": "on", "limited": "cpu", "rtt_ms": 40, "heard": -1}


def comes(small: SmallHouse) -> None:
    """Media observes that the site is there."""
    for direction in ("up", "down"):
        small.house.mediation.observed(Joined(MEETING, SITE, f"{direction}-1", direction, "camera"))  # type: ignore[arg-type]
    small.house.mediation.observed(
        Quality(MEETING, SITE, "up-1", "up", "camera", 12, 0, 2_000_000, level=90, layers=("h",))
    )


async def board(small: SmallHouse, who: str = "technician") -> tuple[int, Any]:
    return await (await small.caller(who)).asks("GET", f"{HERE}/lines")


async def test_the_board_is_for_those_who_look_after_lines_and_for_the_desk(small: SmallHouse) -> None:
    comes(small)
    for who in ("technician", "chair", "deputy", "secretary"):
        status, answer = await board(small, who)
        assert status == 200, (who, answer)
        (row,) = answer["rows"]
        assert (row["site"], row["up_loss"], row["layer"], row["state"]) == (SITE, 12, "h", "good")
    for who in ("delegate", "guest", SITE):
        assert (await board(small, who))[0] == 403
    assert (await board(small, "stranger"))[0] == 404
    assert (await (await small.caller()).asks("GET", f"{HERE}/lines"))[0] == 401


async def test_how_a_line_fared_is_still_shown_when_the_meeting_is_over(small: SmallHouse) -> None:
    desk, fared = small.house.line_desk.board, [12, 2_000_000, "good", 0]
    # Some minutes ago: of the minute that passes now the worst is kept, and somebody had not come yet.
    earlier = Reading(SITE, desk.clock.now() - 600_000, "good", 12, 0, 0, 2_000_000, 0)
    async with desk.db.writing() as connection:
        await keep_readings(connection, desk.db, MEETING, [earlier])
    assert (await board(small))[1]["trend"][SITE][0][1:] == fared
    assert (await (await small.caller("chair")).commands("meeting.close"))[0] == 200
    await desk.thin(MEETING)
    status, answer = await board(small)
    assert (status, answer["rows"]) == (200, [])
    assert answer["trend"][SITE][0][1:] == fared


async def test_a_look_that_was_under_way_says_nothing_of_a_meeting_that_is_over(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes(small)
    desk, read, go_on = small.house.line_desk, asyncio.Event(), asyncio.Event()
    recall = desk.board.recall
    await small.house.meetings.standing(MEETING)

    async def reads_slowly(conference: str) -> frozenset[str]:
        found = await recall(conference)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(desk.board, "recall", reads_slowly)
    looking = asyncio.create_task(desk.look(MEETING))
    await read.wait()
    assert (await (await small.caller("chair")).commands("meeting.close"))[0] == 200
    go_on.set()
    assert await looking == []
    assert MEETING not in desk.standing()


async def test_a_site_says_how_it_is_and_nobody_else_can(small: SmallHouse) -> None:
    comes(small)
    site = await small.caller(SITE)
    assert (await site.asks("POST", f"{HERE}/line", REPORT))[0] == 200
    (row,) = (await board(small))[1]["rows"]
    assert (row["limited"], row["rtt_ms"], row["level"]) == ("cpu", 40, 30)
    assert (await (await small.caller("delegate")).asks("POST", f"{HERE}/line", REPORT))[0] == 403
    assert (await site.asks("POST", f"{HERE}/line", {**REPORT, "level": 101}))[0] == 400
    assert (await site.asks("POST", f"{HERE}/line", {**REPORT, "more": 1}))[0] == 400


async def test_sound_only_is_ordered_by_technicians_and_holds_over_a_restart(small: SmallHouse) -> None:
    comes(small)
    await small.house.mediation.say_all()
    for who, expected in (("delegate", 403), ("secretary", 403), (SITE, 403), ("technician", 200)):
        caller = await small.caller(who)
        assert (await caller.asks("PUT", f"{HERE}/lines/{SITE}", {"audio_only": True}))[0] == expected
    (row,) = (await board(small))[1]["rows"]
    assert (row["audio_only"], row["camera"]) == (True, "audio_only")
    quieted = small.house.conferences.quieted
    assert list(quieted.values()) == [(SITE,)], "the forwarder is told, whatever the site's screen does"
    quieted.clear()
    await board(small)
    assert list(quieted.values()) == [(SITE,)], "also where another process took the order"
    small.house.line_desk.board._audio_only.clear()
    assert (await board(small))[1]["rows"][0]["audio_only"]
    technician = await small.caller("technician")
    assert (await technician.asks("PUT", f"{HERE}/lines/{SITE}", {"audio_only": False}))[0] == 200
    assert not (await board(small))[1]["rows"][0]["audio_only"]
    assert list(quieted.values()) == [()]
    assert (await technician.asks("PUT", f"{HERE}/lines/nowhere", {"audio_only": True}))[0] == 409


async def test_the_test_sound_is_not_played_once_the_meeting_is_open(small: SmallHouse) -> None:
    technician = await small.caller("technician")
    status, answer = await technician.asks("POST", f"{HERE}/lines/sound", {"sites": []})
    assert (status, answer["code"]) == (409, "line.sound_before_opening")


async def test_reconnecting_needs_no_media_process_to_be_asked_for(small: SmallHouse) -> None:
    comes(small)
    technician = await small.caller("technician")
    assert (await technician.asks("POST", f"{HERE}/lines/{SITE}/reconnect", {}))[0] == 200
    assert (await (await small.caller("delegate")).asks("POST", f"{HERE}/lines/{SITE}/reconnect", {}))[0] == 403


async def test_a_test_of_the_line_is_recorded_with_time_and_name_and_read_by_those_who_prepare(
    small: SmallHouse,
) -> None:
    findings = msgspec.to_builtins(GOOD)
    site = await small.caller(SITE)
    sent = {"site": SITE, "name": "  Mai  Thị Dung ", "findings": {**findings, "route": "relay"}}
    status, test = await site.asks("POST", f"{HERE}/line-tests", sent)
    assert status == 201
    assert (test["name"], test["result"], test["faults"]) == ("Mai Thị Dung", "remarks", ["udp_blocked"])
    for who in ("secretary", "technician"):
        _, answer = await (await small.caller(who)).asks("GET", f"{HERE}/line-tests")
        assert answer["tests"][SITE] == test
    assert (await (await small.caller("delegate")).asks("POST", f"{HERE}/line-tests", sent))[0] == 403
    status, answer = await site.asks("POST", f"{HERE}/line-tests", {**sent, "name": " "})
    assert (status, answer["code"]) == (400, "line.name_missing")


async def test_samples_are_as_large_as_asked_for_and_no_larger_than_agreed(small: SmallHouse) -> None:
    site = await small.caller(SITE)
    status, octets = await site.fetches("/api/line-sample?octets=100000")
    assert (status, len(octets)) == (200, 100_000)
    for wrong in ("0", "-1", "x", "99999999999999999999", "4194305", "²"):
        assert (await site.fetches(f"/api/line-sample?octets={wrong}"))[0] == 400
    assert (await (await small.caller()).fetches("/api/line-sample?octets=1"))[0] == 401
    async with site._request("POST", "/api/line-sample", data=b"x" * 70_000) as answer:
        assert (await answer.json())["octets"] == 70_000
    async with site._request("POST", "/api/line-sample", data=b"x" * (4 << 20) + b"y") as answer:
        assert answer.status == 413


async def test_a_wall_is_opened_by_the_desk_and_technicians(small: SmallHouse) -> None:
    for who, expected in (("technician", 200), ("chair", 200), ("secretary", 200), ("delegate", 403), (SITE, 403)):
        caller = await small.caller(who)
        status, answer = await caller.asks("PUT", f"{HERE}/wall", {"sites": [SITE, "nowhere"]})
        assert status == expected
        if status == 200:
            assert answer["endpoint"] == f"{who}~wall"


async def test_the_shared_screen_comes_to_a_desk_beside_what_its_owner_receives_elsewhere(
    small: SmallHouse,
) -> None:
    for who, expected in (("chair", 503), ("secretary", 503), ("technician", 403), ("delegate", 403), (SITE, 403)):
        caller = await small.caller(who)
        headers = {"Cookie": f"{SESSION_COOKIE}={caller.cookie}", "Content-Type": "application/sdp"}
        asked = f"{small.url}/api/media/{MEETING}/down?as=desk"
        async with small.session.post(asked, data="v=0\r\n", headers=headers) as response:
            assert response.status == expected, (who, await response.text())
    views: list[tuple[str, str, tuple[str, ...]]] = []
    meeting = (await small.house.meetings.standing(MEETING))[1]
    asker = Asker("chair", "ubnd", frozenset())
    assert open_desk(meeting, asker, lambda *view: views.append(view)) == "chair~desk"
    assert views == [(MEETING, "chair~desk", (NOBODY,))]


async def test_the_operators_figures_are_for_loopback_and_not_for_what_a_proxy_forwards(small: SmallHouse) -> None:
    await board(small)
    caller = await small.caller()
    status, page = await caller.fetches("/metrics")
    assert status == 200
    assert b'hopso_sites{state="absent"} 1.0' in page
    async with small.session.get(f"{small.url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as answer:
        assert answer.status == 404


async def test_the_registry_answers_at_its_door(small: SmallHouse) -> None:
    technician = await small.caller("technician")
    site = {"id": "xa-moi", "unit": "ubnd", "name": "Xã Mới", "telephones": ["0230 000 4199"]}
    assert (await technician.asks("PUT", "/api/sites/xa-moi", site))[0] == 200
    assert (await technician.asks("PUT", "/api/sites/xa-khac", site))[0] == 400
    _, listed = await technician.asks("GET", "/api/sites")
    assert [one["id"] for one in listed["sites"]] == ["xa-moi"]
    assert (await (await small.caller("delegate")).asks("GET", "/api/sites"))[0] == 403
    assert (await technician.asks("DELETE", "/api/sites/xa-moi"))[0] == 200


async def test_the_main_room_s_list_is_ticked_by_those_who_watch_and_told_to_them(small: SmallHouse) -> None:
    technician, other = await small.caller("technician"), await small.caller("delegate")
    status, answer = await technician.asks("PUT", f"{HERE}/checklist/camera", {"state": "good"})
    assert (status, answer["checklist"]["camera"]["by"]) == (200, "technician")
    assert (await board(small))[1]["checklist"]["camera"]["state"] == "good"
    status, _ = await technician.asks("PUT", f"{HERE}/checklist/coffee", {"state": "good"})
    assert status == 404
    status, answer = await other.asks("PUT", f"{HERE}/checklist/camera", {"state": "bad"})
    assert (status, answer["code"]) == (403, "role.not_allowed")


async def test_the_house_s_own_check_is_said_to_those_who_watch_only(small: SmallHouse) -> None:
    status, answer = await (await small.caller("technician")).asks("GET", f"{HERE}/checklist/house")
    assert status == 200
    recording, relay = answer["findings"]["recording"], answer["findings"]["relay"]
    assert {one["level"] for one in (*recording, *relay)} <= {"ok", "warn", "bad"}
    assert any("ghi hình" in one["words"]["vi"] for one in recording)
    assert relay and not any(one in recording for one in relay)
    assert (await (await small.caller("delegate")).asks("GET", f"{HERE}/checklist/house"))[0] == 403
