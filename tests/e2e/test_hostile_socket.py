"""What a hostile or broken client may say to the whole house: it hurts nobody but itself."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import aiohttp
import pytest

from tests.e2e.small import MEETING, SmallHouse
from tests.live.room import Tablet

STREAM = f"meeting:{MEETING}"


def said(word: str, payload: str) -> str:
    return f'421["{word}",{payload}]'


def command(body: str) -> str:
    return said("command", f'{{"stream":"{STREAM}","id":"{uuid.uuid4().hex}","command":{body}}}')


DEEP = "[" * 200 + "]" * 200
MALFORMED = {
    "NaN": command('{"type":"page.turn","paper":"x","page":NaN}'),
    "nested deeply": command('{"type":"notice.post","text":' + DEEP + "}"),
    "a word we do not have": said("shout", "{}"),
    "an unknown key": said("sync", '{"stream":"x","since":0,"more":1}'),
    "half a message": '421["sync",{"stream":',
    "a binary packet": '451-["command",{"_placeholder":true,"num":0}]',
    "another namespace": "40/admin,",
    "no array": "421{}",
}


@pytest.mark.parametrize("packet", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_packet_ends_its_own_connection_and_no_other(small: SmallHouse, packet: str) -> None:
    hostile = await (await small.caller("delegate")).tablet()
    neighbour = await (await small.caller("second")).tablet("ban-2")
    await neighbour.sync(0, STREAM)
    await hostile.socket.send_str(packet)
    await asyncio.wait_for(hostile.ended.wait(), 60)
    await _still_works(small, neighbour)
    await neighbour.close()
    await hostile.close()


async def test_a_message_beyond_the_limit_ends_the_connection(small: SmallHouse) -> None:
    hostile = await (await small.caller("delegate")).tablet()
    await hostile.socket.send_str(command(json.dumps({"type": "notice.post", "text": "x" * 100_000})))
    await asyncio.wait_for(hostile.ended.wait(), 60)
    await hostile.close()


WRONG: dict[str, dict[str, Any]] = {
    "no such command": {"type": "meeting.explode"},
    "no type": {"page": 1},
    "an unknown field": {"type": "page.turn", "paper": "x", "page": 1, "by": "chair"},
    "a page below one": {"type": "page.turn", "paper": "x", "page": 0},
    "a page in words": {"type": "page.turn", "paper": "x", "page": "1"},
    "a float": {"type": "page.turn", "paper": "x", "page": 1.5},
    "an id with a slash": {"type": "item.start", "item": "../../etc/passwd"},
    "an id with SQL": {"type": "item.start", "item": "x' OR 1=1 --"},
    "too long a text": {"type": "notice.post", "text": "x" * 30_000},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
async def test_a_command_that_is_wrong_is_refused_with_a_code_and_the_line_stays(
    small: SmallHouse, body: dict[str, Any]
) -> None:
    chair = await (await small.caller("chair")).tablet()
    answer = await chair.ask("command", {"stream": STREAM, "id": uuid.uuid4().hex, "command": body})
    assert not answer["ok"] and answer["code"] not in {"", "bug"}, answer
    await _still_works(small, chair)
    await chair.close()


async def test_a_flood_is_refused_and_the_neighbours_do_not_feel_it(small: SmallHouse) -> None:
    flood = await (await small.caller("delegate")).tablet()
    neighbour = await (await small.caller("chair")).tablet("ban-2")
    await neighbour.sync(0, STREAM)
    body = {"type": "floor.withdraw", "request": "none"}
    asked = [
        await flood.begin("command", {"stream": STREAM, "id": uuid.uuid4().hex, "command": body}) for _ in range(600)
    ]
    await _still_works(small, neighbour)
    answers = await asyncio.wait_for(asyncio.gather(*asked), 60)
    assert sum(answer["code"] == "live.too_fast" for answer in answers) > 300
    await flood.close()
    await neighbour.close()


async def test_one_command_sent_twenty_times_is_done_once_and_always_answered_alike(small: SmallHouse) -> None:
    chair = await (await small.caller("chair")).tablet()
    before = (await chair.sync(0, STREAM))["version"]
    sent = {"stream": STREAM, "id": uuid.uuid4().hex, "command": {"type": "notice.post", "text": "Giải lao"}}
    answers = await asyncio.gather(*[await chair.begin("command", sent) for _ in range(20)])
    assert {answer["version"] for answer in answers} == {before + 1}
    assert all(answer["ok"] for answer in answers)
    await chair.close()


async def test_another_persons_command_id_gives_nothing_away(small: SmallHouse) -> None:
    chair = await (await small.caller("chair")).tablet()
    delegate = await (await small.caller("delegate")).tablet("ban-2")
    sent = {"stream": STREAM, "id": uuid.uuid4().hex, "command": {"type": "notice.post", "text": "Giải lao"}}
    assert (await chair.ask("command", sent))["ok"]
    answer = await delegate.ask("command", sent)
    assert (answer["ok"], answer["code"]) == (False, "role.not_allowed")
    await chair.close()
    await delegate.close()


async def test_a_ticket_opens_one_socket_only(small: SmallHouse) -> None:
    caller = await small.caller("delegate")
    _, ticket = await caller.asks("POST", "/api/ticket")
    first, second = await Tablet.open(small.url, origin=None), await Tablet.open(small.url, origin=None)
    assert (await first.show(ticket["ticket"])).startswith("40")
    assert (await second.show(ticket["ticket"])).startswith("44")
    for tablet in (first, second):
        await tablet.close()


async def test_pages_of_another_origin_get_neither_a_socket_nor_a_change(small: SmallHouse) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await Tablet.open(small.url, origin="https://evil.example")
    caller = await small.caller("chair")
    headers = {"Origin": "https://evil.example", "Cookie": f"__Host-hopso={caller.cookie}"}
    async with small.session.post(f"{small.url}/api/ticket", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (403, "origin.foreign")


async def test_a_delegate_cannot_draw_for_all_nor_in_anothers_ink_nor_erase_it(small: SmallHouse) -> None:
    version = small.lies.versions["all"]
    delegate = await (await small.caller("delegate")).tablet()
    chair = await (await small.caller("chair")).tablet("ban-2")
    stroke = {"kind": "stroke", "id": "net-cua-chu-tri", "page": 1, "tool": "pen", "colour": "#1a4a8a", "width": 30}
    add = {"type": "stroke.add", "stroke": {**stroke, "points": [[100, 100, 500], [10**9, -5, 9999]]}}
    shared = f"ink:{version}:all"
    assert (await _sends(chair, shared, add))["ok"]
    assert (await _sends(delegate, shared, add))["code"] == "ink.read_only"
    assert (await _sends(delegate, f"ink:{version}:chair", add))["code"] == "ink.unknown"
    assert (await _sends(delegate, shared, {"type": "stroke.erase", "id": stroke["id"]}))["code"] == "ink.read_only"
    (kept,) = (await chair.sync(0, shared))["snapshot"]["strokes"]
    assert kept["points"][1] == [10_000, 0, 1000], "points are clamped to the page"
    await delegate.close()
    await chair.close()


async def _sends(tablet: Tablet, stream: str, body: dict[str, Any]) -> dict[str, Any]:
    return await tablet.ask("command", {"stream": stream, "id": uuid.uuid4().hex, "command": body})


async def _still_works(small: SmallHouse, tablet: Tablet) -> None:
    """A live line answers, and the meeting goes on."""
    assert (await tablet.sync(0, STREAM))["ok"]
    status, _ = await (await small.caller("chair")).commands("notice.post", text=uuid.uuid4().hex)
    assert status == 200
