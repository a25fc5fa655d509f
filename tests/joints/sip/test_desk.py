"""Which codecs a meeting wants, and who may ask for them."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from server.media.sip.words import Call, Why
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.joints.sip.conftest import ADDRESS, Board

DEVICES, CALLS = f"/api/meetings/{MEETING}/devices", f"/api/meetings/{MEETING}/calls"


async def test_a_number_that_is_given_out_may_be_dialled_until_it_is_taken_back(
    small: SmallHouse, board: Board
) -> None:
    technician = await small.caller("technician")
    status, given = await technician.asks("POST", DEVICES, {"kind": "codec", "site": SITE})
    assert (status, given["address"]) == (201, "")
    number = hashlib.sha256(given["secret"].encode()).hexdigest()
    await board.wants(lambda line: line is not None and (line.site, line.numbers, line.call) == (SITE, (number,), ""))
    assert (await technician.asks("DELETE", f"{DEVICES}/{given['id']}"))[0] == 200
    await board.wants(lambda line: line is None)


async def test_a_codec_is_called_at_the_address_of_the_registry_until_somebody_gives_up(
    small: SmallHouse, board: Board
) -> None:
    technician = await small.caller("technician")
    assert (await technician.asks("POST", f"{CALLS}/{SITE}"))[0] == 202
    await board.wants(lambda line: line is not None and (line.call, line.numbers) == (ADDRESS, ()))
    board.tell(Call(MEETING, SITE, "ringing", False, ADDRESS))
    async with asyncio.timeout(60):
        while not (found := (await technician.asks("GET", CALLS))[1])["calls"]:
            await asyncio.sleep(0.01)
    assert (found["calls"][0]["stage"], found["standing"]["address"]) == ("ringing", "192.0.2.9:5060")
    assert (await technician.asks("DELETE", f"{CALLS}/{SITE}"))[0] == 200
    await board.wants(lambda line: line is None)


@pytest.mark.parametrize(("why", "goes_on"), [("hung_up", False), ("refused", False), ("busy", True)])
async def test_who_hangs_up_is_not_called_again_and_who_is_busy_is(
    small: SmallHouse, board: Board, why: Why, goes_on: bool
) -> None:
    technician = await small.caller("technician")
    assert (await technician.asks("POST", f"{CALLS}/{SITE}"))[0] == 202
    await board.wants(lambda line: line is not None)
    board.tell(Call(MEETING, SITE, "ended", False, ADDRESS, why=why))
    if not goes_on:
        await board.wants(lambda line: line is None)
    rows = (await technician.asks("GET", DEVICES))[1]["devices"]
    assert [row["kind"] for row in rows] == (["call"] if goes_on else [])


async def test_calls_end_with_the_meeting(small: SmallHouse, board: Board) -> None:
    technician, chair = await small.caller("technician"), await small.caller("chair")
    assert (await technician.asks("POST", f"{CALLS}/{SITE}"))[0] == 202
    await board.wants(lambda line: line is not None)
    assert (await chair.commands("meeting.close"))[0] == 200
    await board.wants(lambda line: line is None)
    status, answer = await technician.asks("POST", f"{CALLS}/{SITE}")
    assert (status, answer["code"]) == (409, "sip.not_now")


async def test_what_was_read_before_the_end_is_not_said_after_it(
    small: SmallHouse, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    technician, chair = await small.caller("technician"), await small.caller("chair")
    assert (await technician.asks("POST", DEVICES, {"kind": "codec", "site": SITE}))[0] == 201
    await board.wants(lambda line: line is not None)
    desk, read, go_on = small.house.sip, asyncio.Event(), asyncio.Event()
    codes = desk.devices.codes

    async def reads_slowly(meeting: str, kind: str) -> dict[str, str]:
        found = await codes(meeting, kind)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(desk.devices, "codes", reads_slowly)
    saying = asyncio.create_task(desk.say(MEETING))
    await read.wait()
    assert (await chair.commands("meeting.close"))[0] == 200
    await small.house.meetings.standing(MEETING)  # whoever asked before, as for the end's own word, has been answered
    go_on.set()
    await saying
    await board.wants(lambda line: line is None)
    assert MEETING not in desk.calls.states


async def test_a_site_without_an_address_cannot_be_called(small: SmallHouse, board: Board) -> None:
    secretary, technician = await small.caller("secretary"), await small.caller("technician")
    other = {"id": "khong-codec", "name": "Điểm cầu khác", "short": "Khác", "order": 3}
    assert (await secretary.commands("site.add", site=other))[0] == 200
    status, answer = await technician.asks("POST", f"{CALLS}/khong-codec")
    assert (status, answer["code"]) == (409, "sip.no_address")
    assert board.wanted.lines == ()


async def test_only_who_lets_sites_in_calls_their_codecs(small: SmallHouse, board: Board) -> None:
    for who in ("delegate", SITE):
        asking = await small.caller(who)
        for method, path in (("GET", CALLS), ("POST", f"{CALLS}/{SITE}"), ("DELETE", f"{CALLS}/{SITE}")):
            assert (await asking.asks(method, path))[0] == 403
        assert (await asking.asks("GET", "/api/sip"))[0] == 403
    assert board.wanted.lines == ()


async def test_without_a_switchboard_it_is_said_that_nobody_can_be_called(small: SmallHouse) -> None:
    technician = await small.caller("technician")
    status, found = await technician.asks("GET", "/api/sip")
    assert (status, found["readiness"], found["address"]) == (200, "absent", "")
    status, answer = await technician.asks("POST", f"{CALLS}/{SITE}")
    assert (status, answer["code"]) == (503, "sip.no_janus")
