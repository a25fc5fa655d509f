"""Every command at both doors, asked by everybody: the doors answer as the table of permits says, and hide the rest."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.callers import Limits
from server.meetings.roles import Role
from server.pace import Pace
from tests.e2e.small import MEETING, PEOPLE, SITE, Caller, Furnished, SmallHouse, small_house
from tests.meetings.test_permits import MAY

ROLES = {
    "chair": {Role.CHAIR, Role.DELEGATE},
    "deputy": {Role.DEPUTY, Role.DELEGATE},
    "secretary": {Role.SECRETARY},
    "delegate": {Role.DELEGATE},
    "guest": {Role.GUEST},
    "technician": {Role.TECHNICIAN},
    SITE: {Role.SITE},
}
"""What the meeting of `small` makes of everybody."""
OUTSIDE = ("stranger", "")
"""Somebody else of the same house, and somebody who is not signed in."""
QUICK = Limits(command=Pace(10_000, 10_000), sync=Pace(1_000, 1_000), waiting=10_000)
LAST = ("chair.hand_over", "controls.take", "notice.post", "meeting.close")
"""These change who is who, or end it all: asked for after the others."""


@pytest.fixture
async def small(furnished: tuple[Path, Furnished]) -> AsyncIterator[SmallHouse]:
    folder, lies = furnished
    async with small_house(folder, lies, limits=QUICK) as house:
        yield house


def examples(small: SmallHouse) -> dict[str, dict[str, Any]]:
    """A well-formed body for every command. Most ask for what cannot be done just now: only the role is on trial."""
    item, ballot, paper = small.lies.items[2], small.lies.ballots[0], small.lies.papers["all"]
    about = {"title": "Họp", "form": "room", "place": "Phòng 1", "starts_at": 1, "ends_at": 2}
    named = {"item": item, "title": "Việc khác", "short": "Việc khác"}
    return {
        "acting.grant": {"granted": False},
        "attendance.arrive": {"place": "room"},
        "attendance.at_site": {"person": "nobody", "there": True},
        "attendance.leave": {"reason": "x"},
        "attendance.record": {"person": "nobody", "state": "room"},
        "attendance.substitute": {"person": "nobody", "substitute": "nobody"},
        "ballot.announce": {"ballot": ballot},
        "ballot.ask_void": {"ballot": ballot, "reason": "x"},
        "ballot.call": {"ballot": "none"},
        "ballot.cast": {"ballot": ballot, "mandate": "nobody", "choice": "agree"},
        "ballot.cast_secretly": {"ballot": ballot, "mandate": "nobody", "choice": "agree"},
        "ballot.close": {"ballot": ballot},
        "ballot.confirm_void": {"ballot": ballot},
        "ballot.drop": {"ballot": "none"},
        "ballot.enter": {"ballot": "none", "method": "hands", "tally": {}, "taken_at": 1, "reason": "x"},
        "ballot.open": {"ballot": "none"},
        "ballot.plan": {"item": "none", "question": "Có hay không?"},
        "ballot.ready": {"ballot": ballot},
        "ballot.record": {"ballot": ballot, "tally": {"agree": 1}},
        "ballot.refuse_void": {"ballot": ballot},
        "call.answer": {"call": "none"},
        "call.end": {"call": "none"},
        "call.make": {"kind": "service"},
        "chair.hand_over": {"to": "nobody"},
        "chair.name": {"chair": "chair"},
        "controls.return": {},
        "controls.take": {},
        "floor.end": {},
        "floor.extend": {"minutes": 1},
        "floor.invite": {"person": "nobody"},
        "floor.open_now": {},
        "floor.order": {"request": "none"},
        "floor.quiet_first": {},
        "floor.register": {"closed": False},
        "floor.reply_in_writing": {"question": "none"},
        "floor.request": {"topic": "x"},
        "floor.withdraw": {"request": "none"},
        "item.add": {"title": "Thêm", "short": "Thêm"},
        "item.conclude": {"item": "none", "text": "x"},
        "item.edit": {**named, "minutes": 5},
        "item.finish": {"state": "done"},
        "item.move": {"item": item},
        "item.postpone": {"item": "none"},
        "item.remove": {"item": "none"},
        "item.start": {"item": "none"},
        "meeting.close": {},
        "meeting.create": {**about, "kind": "none", "host": "ubnd"},
        "meeting.describe": about,
        "meeting.open": {},
        "meeting.pause": {"reason": "x"},
        "meeting.publish": {},
        "meeting.resume": {},
        "member.change": {"person": "nobody", "roles": ["delegate"], "mandate": True},
        "member.invite": {"people": ["nobody"]},
        "member.limit": {"person": "nobody"},
        "member.remove": {"person": "nobody"},
        "member.revoke": {"person": "nobody"},
        "microphone.close": {"closed": True},
        "microphone.switch": {"who": "nobody", "open": False},
        "microphones.close_all": {},
        "microphones.lock": {"locked": False},
        "notice.end": {},
        "notice.post": {"text": "x"},
        "page.turn": {"paper": "none", "page": 1},
        "paper.attach": {"paper": paper, "item": "none", "title": "x", "short": "x"},
        "paper.detach": {"paper": "none"},
        "paper.hide": {},
        "paper.prepare": {"paper": paper, "state": "refused"},
        "paper.rename": {"paper": "none", "title": "x", "short": "x"},
        "paper.restrict": {"paper": "none", "screen_only": True},
        "paper.show": {"paper": "none", "page": 1},
        "presenting.ask": {},
        "presenting.hand_over": {"to": ""},
        "presenting.return": {},
        "presenting.take": {},
        "presenting.withdraw": {},
        "recording.delete": {"reason": "x"},
        "recording.pause": {},
        "recording.resume": {},
        "recording.start": {},
        "recording.stop": {},
        "screen.share": {"sharing": False},
        "seats.draw": {"room": "none"},
        "seats.fill": {},
        "seats.move": {"person": "nobody", "seat": "1"},
        "seats.show": {"on": False},
        "site.add": {"site": {"id": "chair", "name": "x", "short": "x", "order": 9}},
        "site.remove": {"site": "none"},
        "site.telephone": {"site": "none"},
        "stage.arrange": {"layout": ""},
        "stage.pin": {"who": ""},
        "system.stop": {},
        "view.move": {"paper": "none", "page": 1, "x": 0, "y": 0, "width": 10_000},
        "waiting_room.admit": {"who": ["none"]},
        "waiting_room.switch": {"on": False},
    }


def in_order(asked: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The commands, those that change who is who at the end."""
    return sorted(asked.items(), key=lambda pair: LAST.index(pair[0]) if pair[0] in LAST else -1)


def may(who: str, tag: str, taken: bool) -> bool:
    """What the table says. The deputy steers once they have taken the controls."""
    held = ROLES[who] | ({Role.CONTROLLING} if taken and who == "deputy" else set())
    return bool(MAY[tag] & held)


@pytest.mark.slow
async def test_every_command_is_answered_to_every_role_as_the_table_says(small: SmallHouse) -> None:
    asked = examples(small)
    assert set(asked) == set(MAY)
    http = {who: await small.caller(who) for who in ROLES}
    sockets = {who: await caller.tablet() for who, caller in http.items()}
    taken = False
    for tag, fields in in_order(asked):
        if tag == "meeting.close":
            taken = False  # the chair, who is asked first, ends it for everybody
        for who in ROLES:
            _, first = await http[who].commands(tag, **fields)
            sent = {"stream": f"meeting:{MEETING}", "id": uuid.uuid4().hex, "command": {"type": tag, **fields}}
            second = await sockets[who].ask("command", sent)
            codes = [answer.get("code", "") for answer in (first, second)]
            assert not {"bug", "live.command_malformed", "command.malformed"} & set(codes), (tag, who, codes)
            expected = may(who, tag, taken)
            assert [code != "role.not_allowed" for code in codes] == [expected, expected], (tag, who, codes)
        taken = taken or tag == "controls.take"
    for tablet in sockets.values():
        await tablet.close()


async def test_whoever_does_not_belong_to_the_meeting_finds_nothing_of_it(small: SmallHouse) -> None:
    paper, version = small.lies.papers["all"], small.lies.versions["all"]
    addresses = (
        f"/api/meetings/{MEETING}",
        f"/api/meetings/{MEETING}/my-votes",
        f"/api/meetings/{MEETING}/ballots/{small.lies.ballots[0]}.csv",
        f"/api/papers/{paper}",
        f"/api/papers/{paper}/original",
        f"/api/papers/{paper}/annotated.pdf",
        f"/pages/{version}/1/960.webp",
        f"/pages/{version}/1/text.json",
    )
    for who, status in zip(OUTSIDE, (404, 401), strict=True):
        caller = await small.caller(who)
        for address in addresses:
            assert (await caller.fetches(address))[0] == status, (who, address)
        for tag, fields in examples(small).items():
            got, answer = await caller.commands(tag, **fields)
            assert (got, answer["ok"]) == (status, False), (who, tag, answer)
        assert (await caller.uploads(MEETING, "a.pdf", b"%PDF-1.7"))[0] == status
        assert (await caller.asks("GET", "/api/meetings"))[1].get("meetings", []) == []


async def test_a_stranger_at_the_socket_hears_that_there_is_nothing(small: SmallHouse) -> None:
    tablet = await (await small.caller("stranger")).tablet()
    version = small.lies.versions["all"]
    streams = [
        f"meeting:{MEETING}",
        f"minutes:{MEETING}",
        *(f"ink:{version}:{who}" for who in ("all", "desk", "chair")),
    ]
    for stream in streams:
        answer = await tablet.sync(0, stream)
        assert not answer["ok"] and "snapshot" not in answer, (stream, answer)
    for tag, fields in examples(small).items():
        sent = {"stream": f"meeting:{MEETING}", "id": uuid.uuid4().hex, "command": {"type": tag, **fields}}
        answer = await tablet.ask("command", sent)
        assert (answer["ok"], answer["code"], answer["version"]) == (False, "meeting.unknown", 0), (tag, answer)
    await tablet.close()


async def test_without_a_session_there_is_no_ticket_and_without_a_ticket_no_socket(small: SmallHouse) -> None:
    status, _ = await (await small.caller()).asks("POST", "/api/ticket")
    assert status == 401


@pytest.mark.parametrize("who", ["guest", SITE])
async def test_a_guest_and_a_site_do_not_get_the_pages_of_a_paper_for_members(small: SmallHouse, who: str) -> None:
    caller, lies = await small.caller(who), small.lies
    expected = {"all": 200, "members": 404, "named": 404}
    for readers, status in expected.items():
        assert (await caller.fetches(f"/pages/{lies.versions[readers]}/1/960.webp"))[0] == status, readers
        assert (await caller.fetches(f"/pages/{lies.versions[readers]}/1/text.json"))[0] == status, readers
    _, answer = await caller.asks("GET", f"/api/meetings/{MEETING}")
    assert set(answer["state"]["papers"]) == {lies.papers["all"]}


async def test_a_paper_for_one_named_person_bears_their_name_and_is_never_kept(small: SmallHouse) -> None:
    version = small.lies.versions["named"]
    named, other = await small.caller("second"), await small.caller("delegate")
    assert (await other.fetches(f"/pages/{version}/1/960.webp"))[0] == 404
    assert (await named.fetches(f"/pages/{version}/1/960.webp"))[0] == 200
    assert (await named.fetches(f"/pages/{version}/1/text.json"))[0] == 403
    assert (await other.fetches(f"/pages/{version}/sizes.json"))[0] == 404
    assert (await named.fetches(f"/api/papers/{small.lies.papers['named']}/original"))[0] == 403


async def test_a_draft_is_for_those_who_prepare_it(tmp_path: Path) -> None:
    async with small_house(tmp_path, opened=False) as small:
        for who in PEOPLE:
            caller = await small.caller(who)
            prepares = who in {"secretary", "chair"}
            status, answer = await caller.asks("GET", f"/api/meetings/{MEETING}")
            assert (status == 200) == prepares and ("state" in answer) == prepares, (who, answer)
            status, _ = await caller.fetches(f"/pages/{small.lies.versions['all']}/1/960.webp")
            assert (status == 200) == prepares, who
            _, listed = await caller.asks("GET", "/api/meetings")
            assert bool(listed["meetings"]) == prepares, who
            await _a_draft_is_silent_at_the_socket(caller, prepares)


async def _a_draft_is_silent_at_the_socket(caller: Caller, prepares: bool) -> None:
    tablet = await caller.tablet()
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"] == prepares
    command = {"type": "floor.request", "topic": "Xin phát biểu"}
    sent = {"stream": f"meeting:{MEETING}", "id": uuid.uuid4().hex, "command": command}
    answer = await tablet.ask("command", sent)
    assert not answer["ok"]
    assert prepares or answer["code"] in {"meeting.unknown", "meeting.not_published"}, answer
    await tablet.close()


async def test_signing_out_closes_the_socket_at_once_and_spoils_the_ticket(small: SmallHouse) -> None:
    caller = await small.caller("delegate")
    other_device = await small.caller("delegate")
    tablet, elsewhere = await caller.tablet(), await other_device.tablet("ban-2")
    await tablet.sync(0, f"meeting:{MEETING}")
    _, ticket = await caller.asks("POST", "/api/ticket")
    status, _ = await caller.asks("DELETE", "/api/session")
    assert status == 200
    await asyncio.wait_for(tablet.ended.wait(), 60)
    assert tablet.status("goodbye") == {"reason": "signed_out"}
    assert not elsewhere.ended.is_set()
    assert (await caller.asks("GET", f"/api/meetings/{MEETING}"))[0] == 401
    late = await type(tablet).open(small.url, origin=None)
    assert (await late.show(ticket["ticket"])).startswith("44")
    for open_still in (late, elsewhere):
        await open_still.close()
