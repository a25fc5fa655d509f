"""The five words over real sockets on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from server.callers import Limits
from server.errors import Refused
from server.http import Visitor
from server.pace import Pace
from server.streams import Entry, StreamId
from tests.live.room import HOME, MEETING, House, Tablet, house


async def test_the_first_sync_brings_a_snapshot_and_later_events_follow_densely(home: House) -> None:
    await home.add(5)
    tablet = await home.tablet()
    answer = await tablet.sync()
    assert answer["ok"] and answer["version"] == 1 and answer["snapshot"] == {"count": 5}
    for _ in range(20):
        await home.add()
    await tablet.until_version(21)
    assert tablet.versions() == list(range(2, 22))


async def test_an_event_names_stream_time_author_and_content(home: House) -> None:
    tablet = await home.following("chi")
    answer = await tablet.command("add", amount=3)
    await tablet.until_version(1)
    assert answer["ok"] and answer["version"] == 1 and answer["now"] > 1_700_000_000_000
    at = tablet.events[0].pop("at")
    assert answer["now"] == at
    assert tablet.events == [
        {"stream": MEETING, "version": 1, "by": "chi", "order_of": "", "type": "added", "data": {"amount": 3}}
    ]


async def test_a_sync_from_a_known_version_brings_only_the_events_since(home: House) -> None:
    for _ in range(5):
        await home.add()
    tablet = await home.tablet()
    answer = await tablet.sync(3)
    assert [event["version"] for event in answer["events"]] == [4, 5]
    assert (await tablet.sync(5))["events"] == []


async def test_whoever_comes_back_to_a_followed_stream_is_answered_without_the_database(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.add()
    await home.following("an")
    for _ in range(3):
        await home.add()

    async def closed(*_: object) -> list[Entry]:
        raise OSError("nobody reads the database")

    monkeypatch.setattr(home.streams, "read", closed)
    back = await home.tablet("binh")
    assert [event["version"] for event in (await back.sync(1))["events"]] == [2, 3, 4]
    assert (await back.sync(4))["events"] == []


async def test_who_comes_back_after_a_restart_gets_what_they_missed_from_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as home:
        for _ in range(4):
            await home.add()
    async with house(tmp_path) as home:
        reads, read = [], home.streams.read

        async def counted(stream: StreamId, since: int, limit: int = 5000) -> list[Entry]:
            reads.append(since)
            return await read(stream, since, limit)

        monkeypatch.setattr(home.streams, "read", counted)
        back = [await home.tablet(f"p{number}") for number in range(10)]
        answers = await asyncio.gather(*(tablet.sync(1) for tablet in back))
        assert [[event["version"] for event in answer["events"]] for answer in answers] == [[2, 3, 4]] * 10
        assert len(reads) == 1


async def test_a_tablet_far_behind_or_from_the_future_gets_a_snapshot(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(events_before_snapshot=3)) as home:
        for _ in range(5):
            await home.add()
        tablet = await home.tablet()
        assert "events" in await tablet.sync(2)
        assert (await tablet.sync(1))["snapshot"] == {"count": 5}
        assert (await tablet.sync(99))["snapshot"] == {"count": 5}


async def test_no_event_is_lost_or_doubled_for_those_who_join_amid_commands(home: House) -> None:
    async def busy() -> None:
        for _ in range(60):
            await home.add()

    async def join(number: int) -> None:
        await asyncio.sleep(number * 0.004)
        tablet = await home.tablet(f"p{number}")
        version = (await tablet.sync())["version"]
        await tablet.until_version(60)
        assert tablet.versions() == list(range(version + 1, 61))

    await asyncio.gather(busy(), *(join(number) for number in range(20)))


async def test_a_hidden_event_reaches_others_as_a_number_only(home: House) -> None:
    an, binh = await home.following("an"), await home.following("binh")
    await an.command("whisper", to=["an"], text="riêng")
    await an.command()
    await asyncio.gather(an.until_version(2), binh.until_version(2))
    assert an.events[0]["data"] == {"to": ["an"], "text": "riêng"}
    assert binh.events[0] == {"stream": MEETING, "version": 1, "type": "hidden"}
    assert not any("riêng" in frame for frame in binh.frames)
    answer = await binh.sync(1)
    assert [event["type"] for event in answer["events"]] == ["added"]
    late = await home.tablet("cuc")
    await home.add()
    hidden = (await late.ask("sync", {"stream": MEETING, "since": 0}))["version"]
    assert hidden == 3


async def test_hidden_events_stay_hidden_in_a_sync(home: House) -> None:
    an = await home.following("an")
    await an.command()
    await an.command("whisper", to=["an"], text="riêng")
    binh = await home.tablet("binh")
    assert (await binh.sync(1))["events"] == [{"stream": MEETING, "version": 2, "type": "hidden"}]


async def test_the_same_command_sent_twice_happens_once_and_hears_the_same_answer(home: House) -> None:
    tablet = await home.following()
    again = await home.following(endpoint="ban-2")
    id_ = uuid.uuid4().hex
    first, second, third = await asyncio.gather(
        tablet.command(id_=id_), tablet.command(id_=id_), again.command(id_=id_)
    )
    assert first == second == third
    assert await home.streams.head(MEETING) == 1


async def test_a_command_whose_ack_was_lost_is_answered_when_it_is_sent_again(home: House) -> None:
    tablet = await home.following()
    id_ = uuid.uuid4().hex
    await tablet.begin("command", {"stream": MEETING, "id": id_, "command": {"type": "add"}})
    tablet.socket._response.connection.transport.abort()  # the line breaks before the ack
    await tablet.ended.wait()
    back = await home.following()
    answer = await back.command(id_=id_)
    assert answer["ok"] and answer["version"] == 1
    assert await home.streams.head(MEETING) == 1


async def test_commands_of_one_tablet_keep_their_order_and_do_not_hold_up_anything_else(home: House) -> None:
    tablet = await home.following()
    home.door.gate.clear()
    waiting = [
        await tablet.begin(
            "command", {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add", "amount": n}}
        )
        for n in range(10)
    ]
    assert (await tablet.sync(0, stream=""))["ok"], "a slow commit must not hold up the rest of the line"
    assert not any(future.done() for future in waiting)
    home.door.gate.set()
    answers = await asyncio.gather(*waiting)
    assert [answer["version"] for answer in answers] == list(range(1, 11))
    assert [event["data"]["amount"] for event in tablet.events] == list(range(10))


async def test_refusals_bugs_and_nonsense_are_all_answered(home: House, caplog: pytest.LogCaptureFixture) -> None:
    tablet = await home.following()
    refused = await tablet.command("fail", how="rule")
    assert (refused["ok"], refused["code"], refused["details"]) == (False, "counter.no", {"how": "rule"})
    with caplog.at_level(logging.CRITICAL, "hopso"):
        bug = await tablet.command("fail", how="bug")
    assert bug["code"] == "bug" and bug["details"]["incident"]
    assert (await tablet.command("dance"))["code"] == "live.command_malformed"
    unknown = await tablet.ask("command", {"stream": "dance:1", "id": "12345678", "command": {}})
    assert unknown["code"] == "stream.unknown"
    assert (await tablet.sync(0, stream="dance:1"))["code"] == "stream.unknown"


async def test_a_command_that_its_sender_has_given_up_is_not_carried_out(home: House) -> None:
    tablet = await home.following()
    command = {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add"}, "before": 1_700_000_000_000}
    assert (await tablet.ask("command", command))["code"] == "live.too_late"
    assert await home.streams.head(MEETING) == 0


async def test_a_command_whose_deadline_passes_while_it_waits_for_the_database_is_not_carried_out(home: House) -> None:
    tablet = await home.following()
    begun, now = asyncio.Event(), home.streams.clock.now()
    lock = home.streams._lock

    async def held(*asked: Any) -> Any:
        begun.set()
        while home.streams.clock.now() <= now + 300:
            await asyncio.sleep(0.01)
        return await lock(*asked)

    home.streams._lock = held  # type: ignore[method-assign]
    ask = {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add"}, "before": now + 200}
    answer = asyncio.create_task(tablet.ask("command", ask))
    await begun.wait()
    assert (await answer)["code"] == "live.too_late"
    assert (await tablet.ask("command", ask))["code"] == "live.too_late"
    assert await home.streams.head(MEETING) == 0


async def test_whoever_may_not_follow_is_told_so_and_hears_nothing(home: House) -> None:
    tablet = await home.tablet("xuan")
    assert (await tablet.sync())["code"] == "stream.forbidden"
    witness = await home.following()
    await home.add()
    home.live.status(MEETING, "turnout", 1)
    await witness.until(lambda: witness.status("turnout") == 1)
    await tablet.sync(0, stream="")
    assert tablet.frames == []


async def test_who_wants_no_more_hears_no_more(home: House) -> None:
    an, binh = await home.following("an"), await home.following("binh")
    assert (await an.sync(-1))["ok"]
    await binh.command()
    await binh.until_version(1)
    await an.sync(0, stream="")
    assert an.events == [] and [caller.person for caller in home.live.followers(MEETING)] == ["binh"]


async def test_a_ticket_lets_in_once(home: House) -> None:
    ticket = home.tickets.fresh("an")
    first, second, third = [await Tablet.open(home.url) for _ in range(3)]
    assert (await first.show(ticket)).startswith("40")
    assert json.loads((await second.show(ticket))[2:])["message"] == "live.ticket_spent"
    assert json.loads((await third.show("made up"))[2:])["message"] == "live.ticket_spent"
    await second.begin("sync", {"stream": MEETING, "since": 0})
    await home.add()
    assert home.live.followers(MEETING) == []
    home.tablets += [first, second, third]


async def test_a_page_of_a_foreign_origin_is_not_let_in(home: House) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await Tablet.open(home.url, origin="https://evil.example")
    assert refused.value.status == 403
    home.tablets.append(await Tablet.open(home.url, origin=HOME))


async def test_nothing_but_websocket_is_spoken(home: House) -> None:
    async with aiohttp.ClientSession() as session:
        for method, query in (
            ("GET", "EIO=4&transport=polling"),
            ("POST", "EIO=4&transport=polling"),
            ("GET", "EIO=4"),
        ):
            async with session.request(method, f"{home.url}/live/?{query}", data=None) as response:
                assert response.status in {400, 405}


async def test_a_hint_for_the_house_is_heeded_there_and_told_to_nobody(home: House) -> None:
    heeded: list[tuple[str, Any]] = []
    home.live.on_hint.append(lambda _stream, _visitor, _endpoint, kind, data: heeded.append((kind, data)))
    an, binh = await home.following("an"), await home.following("binh")
    await binh.hint("quiet", {"page": 4})
    await binh.hint("ink", 5)
    await an.until(lambda: an.hints != [])
    assert heeded == [("quiet", {"page": 4}), ("ink", 5)]
    assert [hint["type"] for told in an.hints for hint in told] == ["ink"]


DEEP = "[" * 40 + "]" * 40

MALFORMED = [
    '42["dance",{}]',
    '42["sync",{"stream":"meeting:1","since":-2}]',
    '42["sync",{"stream":"meeting:1","since":1.5}]',
    '42["sync",{"stream":"meeting:1","since":0,"more":1}]',
    '42["sync",{"stream":"meeting:1"}]',
    '42["sync"]',
    '42["hint",{"stream":"meeting:1","type":"ink","data":NaN}]',
    '42["hint",{"stream":"meeting:1","type":"ink","data":Infinity}]',
    f'42["hint",{{"stream":"meeting:1","type":"ink","data":{DEEP}}}]',
    f'42["hint",{{"stream":"meeting:1","type":"ink","data":{"[" * 30000}}}]',
    '42["command",{"stream":"meeting:1","id":"1","command":{"type":"add","amount":NaN}}]',
    f'42["command",{{"stream":"meeting:1","id":"1","command":{DEEP}}}]',
    '42["command",{"stream":"meeting:1","id":"a b","command":{}}]',
    '42/admin,["sync",{"stream":"meeting:1","since":0}]',
    '4212345678901234567890["sync",{"stream":"meeting:1","since":0}]',
    '42²["sync",{"stream":"meeting:1","since":0}]',
    "42",
    "42{}",
    "4",
    "",
    "2probe",
    '451-["hint",{"_placeholder":true,"num":0}]',
    "461-1[]",
    '40{"ticket":"an/s/99","endpoint":"b"}',
    "9",
    "bAAAA",
    "x" * 70_000,
]


@pytest.mark.parametrize("packet", MALFORMED, ids=lambda packet: packet[:40])
async def test_the_first_malformed_packet_ends_that_connection_and_no_other(home: House, packet: str) -> None:
    bad, good = await home.following("binh"), await home.following("an")
    await bad.socket.send_str(packet)
    await asyncio.wait_for(bad.ended.wait(), 60)
    assert [caller.person for caller in home.live.followers(MEETING)] == ["an"]
    await good.command()
    await good.until_version(1)


async def test_a_binary_packet_ends_the_connection(home: House) -> None:
    tablet = await home.following()
    await tablet.socket.send_bytes(b"\x04hello")
    await asyncio.wait_for(tablet.ended.wait(), 60)
    assert home.live.followers(MEETING) == []


@pytest.mark.parametrize(
    "auth", ["", "{}", '{"ticket":1,"endpoint":"b"}', '{"ticket":"a"}', "[]", '{"ticket":"a","endpoint":"a b"}', "NaN"]
)
async def test_a_malformed_introduction_is_turned_away(home: House, auth: str) -> None:
    tablet = await Tablet.open(home.url)
    home.tablets.append(tablet)
    await tablet.socket.send_str("40" + auth)
    assert json.loads((await tablet.greeting)[2:])["message"] == "live.malformed"


async def test_whoever_shows_no_ticket_is_sent_away(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        known = await home.tablet()
        home.live.limits = Limits(show_ticket_within_s=0.05)
        stranger = await Tablet.open(home.url)
        home.tablets.append(stranger)
        await asyncio.wait_for(stranger.ended.wait(), 60)
        for line in home.live.gathering.callers:
            home.live._close_stranger(line)  # their time is over, too
        assert (await known.sync())["ok"]


async def test_who_asks_too_often_is_told_so(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(command=Pace(0.001, 3), sync=Pace(0.001, 2))) as home:
        tablet = await home.following()
        answers = [await tablet.command() for _ in range(4)]
        assert [answer["ok"] for answer in answers] == [True, True, True, False]
        assert answers[3]["code"] == "live.too_fast"
        assert (await tablet.sync(1))["ok"]
        assert (await tablet.sync(1))["code"] == "live.too_fast"


async def test_more_commands_than_may_wait_are_refused_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(waiting=3)) as home:
        tablet = await home.following()
        home.door.gate.clear()
        waiting = [
            await tablet.begin("command", {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add"}})
            for _ in range(8)
        ]
        await tablet.sync(0, stream="")
        refused = [future.result()["code"] for future in waiting if future.done()]
        assert refused and set(refused) == {"live.too_fast"}
        home.door.gate.set()
        answers = await asyncio.gather(*waiting)
        assert await home.streams.head(MEETING) == sum(answer["ok"] for answer in answers)


async def test_expelling_a_session_closes_all_its_sockets_with_the_reason(home: House) -> None:
    mine = [await home.following("an", endpoint=f"ban-{n}", session="an's") for n in range(2)]
    other = await home.following("binh")
    home.live.expel("an's", "signed_out")
    assert [caller.person for caller in home.live.followers(MEETING)] == ["binh"], "at once, not when the socket ends"
    await asyncio.gather(*(asyncio.wait_for(tablet.ended.wait(), 60) for tablet in mine))
    assert [tablet.status("goodbye") for tablet in mine] == [{"reason": "signed_out"}] * 2
    assert (await other.command())["ok"]


async def test_expelling_a_session_leaves_the_persons_other_sessions(home: House) -> None:
    gone = await home.following("an", session="s1")
    stays = await home.following("an", session="s2")
    home.live.expel("s1", "revoked")
    await asyncio.wait_for(gone.ended.wait(), 60)
    assert (await stays.command())["ok"]


async def test_commands_that_wait_when_their_sender_is_expelled_are_not_carried_out(home: House) -> None:
    tablet = await home.following("an", session="an's")
    home.door.gate.clear()
    for _ in range(5):
        await tablet.begin("command", {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add"}})
    await tablet.sync(0, stream="")
    home.live.expel("an's", "revoked")
    home.door.gate.set()
    witness = await home.following("binh")
    await witness.command()
    assert await home.streams.head(MEETING) <= 2, "at most the one at work, and the witness's"


async def test_somebody_expelled_while_their_ticket_is_looked_at_is_not_let_in(home: House) -> None:
    home.tickets.slow.clear()
    tablet = await Tablet.open(home.url)
    home.tablets.append(tablet)
    showing = asyncio.create_task(tablet.show(home.tickets.fresh("an")))
    while not home.tickets.spent:
        await asyncio.sleep(0.01)
    home.live.expel("s", "revoked")
    home.tickets.slow.set()
    assert json.loads((await showing)[2:])["message"] == "live.ticket_spent"


async def test_who_may_no_longer_follow_hears_nothing_after_a_resync(home: House) -> None:
    an, binh = await home.following("an"), await home.following("binh")
    home.door.banned.add("an")
    home.live.resync(MEETING, "an")
    await an.until(lambda: an.status("resync") is not None)
    await binh.command()
    await binh.until_version(1)
    assert an.events == []
    assert (await an.sync())["code"] == "stream.forbidden"


async def test_after_a_resync_a_tablet_begins_from_a_snapshot(home: House) -> None:
    an = await home.following("an")
    home.live.resync(MEETING, "an")
    await an.until(lambda: an.status("resync") == {"since": 0})
    await home.add(7)
    assert an.events == [], "nothing before it has asked"
    assert (await an.sync(0))["snapshot"] == {"count": 7}
    await home.add()
    await an.until_version(2)


async def test_the_newest_status_is_sent_on_joining_and_to_its_audience_only(home: House) -> None:
    home.live.status(MEETING, "turnout", 3)
    home.live.status(MEETING, "turnout", 4)
    home.live.status(MEETING, "draft", "riêng", audience=frozenset({"binh"}))
    home.live.status(MEETING, "over", 1)
    home.live.status(MEETING, "over", None)
    an, binh = await home.following("an"), await home.following("binh")
    await binh.until(lambda: len(binh.statuses) == 2)
    await an.until(lambda: len(an.statuses) == 1)
    assert an.statuses[0]["value"] == 4
    assert binh.status("draft") == "riêng"
    home.live.status(MEETING, "turnout", 5)
    await an.until(lambda: an.status("turnout") == 5)
    assert an.statuses[1]["seq"] > an.statuses[0]["seq"]
    await an.sync(0, stream="")
    assert not any("draft" in frame for frame in an.frames)


async def test_hints_are_gathered_the_last_wins_and_nobody_hears_their_own(home: House) -> None:
    an, binh = await home.following("an"), await home.following("binh")
    heard: list[object] = []
    home.live.on_hint.append(lambda stream, visitor, endpoint, kind, data: heard.append((visitor.person, kind, data)))
    for x in range(30):
        await an.hint("ink", [x, 1.5])
    await an.hint("forbidden", 1)
    await binh.until(lambda: any(h["data"] == [29, 1.5] for group in binh.hints for h in group))
    assert len(heard) == 30 and heard[-1] == ("an", "ink", [29, 1.5])
    assert sum(len(group) for group in binh.hints) < 30
    assert binh.hints[-1] == [{"stream": MEETING, "type": "ink", "by": "an", "data": [29, 1.5]}]
    home.hint("level", 7)
    await an.until(lambda: an.hints != [])
    assert an.hints == [[{"stream": MEETING, "type": "level", "by": "cuc", "data": 7}]]


async def test_a_hint_to_a_stream_one_does_not_follow_goes_nowhere(home: House) -> None:
    stranger, binh = await home.tablet("an"), await home.following("binh")
    await stranger.hint("ink", 1)
    await stranger.sync(0, stream="")
    home.hint("level", 7)
    await binh.until(lambda: binh.hints != [])
    assert [hint["type"] for group in binh.hints for hint in group] == ["level"]


async def test_presence_begins_with_the_first_socket_of_an_endpoint_and_ends_with_the_last(home: House) -> None:
    seen: list[tuple[str, str, bool]] = []
    home.live.on_presence.append(
        lambda stream, visitor, endpoint, present: seen.append((visitor.person, endpoint, present))
    )
    first = await home.following("an", endpoint="tablet")
    second = await home.following("an", endpoint="tablet")
    await home.following("an", endpoint="phone")
    await first.sync(1)
    await first.close()
    await second.sync(0, stream="")
    await second.close()
    while len(seen) < 3:
        await asyncio.sleep(0.01)
    assert seen == [("an", "tablet", True), ("an", "phone", True), ("an", "tablet", False)]


async def test_the_head_of_a_followed_stream_is_told_with_its_digest(tmp_path: Path) -> None:
    async with house(tmp_path, limits=Limits(heads_every_s=0.02)) as home:
        tablet = await home.following()
        await tablet.until(lambda: tablet.status("head") == {"version": 0})
        await home.add()
        home.door.known_digest = (1, "abc")
        await tablet.until(lambda: tablet.status("head") == {"version": 1, "digest": "abc"})


async def test_the_house_says_goodbye_when_it_restarts(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        tablet = await home.following()
        home.tablets.clear()
    await asyncio.wait_for(tablet.ended.wait(), 60)
    assert tablet.status("goodbye") == {"reason": "restart"}
    await tablet.close()


async def test_the_usual_client_library_is_understood(home: House) -> None:
    client = socketio.AsyncClient()
    heard: list[list[dict[str, object]]] = []
    client.on("event", heard.append)
    await client.connect(
        home.url, transports=["websocket"], socketio_path="live", headers={"Origin": HOME},
        auth={"ticket": home.tickets.fresh("an"), "endpoint": "ban-1"},
    )  # fmt: skip
    answer = await client.call("sync", {"stream": MEETING, "since": 0})
    assert answer["snapshot"] == {"count": 0}
    await client.call("command", {"stream": MEETING, "id": uuid.uuid4().hex, "command": {"type": "add"}})
    while not heard:
        await asyncio.sleep(0.01)
    assert heard[0][0]["version"] == 1
    with pytest.raises(socketio.exceptions.ConnectionError):
        again = socketio.AsyncClient()
        await again.connect(
            home.url, transports=["websocket"], socketio_path="live", headers={"Origin": HOME},
            auth={"ticket": "an/s/0", "endpoint": "ban-1"},
        )  # fmt: skip
    await client.disconnect()


async def test_a_door_that_fails_to_say_who_may_see_shows_the_event_to_nobody(home: House) -> None:
    tablet = await home.following()

    def broken(_entry: object) -> None:
        raise Refused("unforeseen")

    home.door.audience = broken  # type: ignore[method-assign,assignment]
    answer = await home.door.perform(Visitor("hall", "", ""), StreamId(MEETING), uuid.uuid4().hex, b'{"type":"add"}')
    assert answer.ok
    await tablet.until_version(1)
    assert tablet.events[0]["type"] == "hidden"


async def test_whoever_has_shown_a_ticket_is_not_sent_away_while_it_is_looked_at(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.tickets.slow.clear()
        patient = await Tablet.open(home.url)
        showing = asyncio.create_task(patient.show(home.tickets.fresh("an")))
        while not home.tickets.spent:
            await asyncio.sleep(0.01)
        home.live.limits = Limits(show_ticket_within_s=0.05)
        for line in home.live._showing:
            home.live._close_stranger(line)  # their time is over
        stranger = await Tablet.open(home.url)
        home.tablets += [patient, stranger]
        await asyncio.wait_for(stranger.ended.wait(), 60)
        late = await Tablet.open(home.url)
        home.tablets.append(late)
        await asyncio.wait_for(late.ended.wait(), 60)
        home.tickets.slow.set()
        assert (await showing).startswith("40")
