"""A code on paper opens a guest's or a site's seat, and nothing else: not the chair's, nor anybody's private things."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from server.documents.live import _parts
from server.http import Visitor
from server.joints.conference import principals
from server.meetings.roles import Role
from server.meetings.service import Asker, roles
from server.people.invitations import Invitation
from server.people.positions import Person
from server.streams import StreamId
from tests.e2e.small import AGES_MS, MEETING, SITE, SmallHouse

INVITATIONS = f"/api/meetings/{MEETING}/invitations"


async def _invites(small: SmallHouse, inviter: str, kind: str, who: str) -> tuple[int, Any]:
    return await (await small.caller(inviter)).asks("POST", INVITATIONS, {"kind": kind, "who": who})


async def _newcomer(small: SmallHouse, person: str = "khach-moi", **more: Any) -> None:
    """A guest of the meeting who has no account."""
    await small.house.people.keep_people([Person(person, "ubnd", "Lò Thị Mai", "Chuyên gia")])
    fields = {"people": [person], "roles": ["guest"], **more}
    assert (await (await small.caller("secretary")).commands("member.invite", **fields))[0] == 200


@pytest.mark.parametrize("who", ["chair", "deputy", "secretary", "delegate", "technician"])
async def test_no_code_opens_the_seat_of_somebody_who_is_not_a_guest(small: SmallHouse, who: str) -> None:
    status, answer = await _invites(small, "secretary", "guest", who)
    assert (status, answer["code"]) == (409, "invitation.not_a_guest")


async def test_no_code_opens_the_seat_of_somebody_who_votes_or_has_an_account(small: SmallHouse) -> None:
    await _newcomer(small, "khach-bieu-quyet", mandate=True)
    assert (await _invites(small, "secretary", "guest", "khach-bieu-quyet"))[1]["code"] == "invitation.not_a_guest"
    assert (await _invites(small, "secretary", "guest", "guest"))[1]["code"] == "invitation.has_account"


async def test_who_prepares_is_told_which_guests_need_no_code(small: SmallHouse) -> None:
    await _newcomer(small)
    secretary, delegate = await small.caller("secretary"), await small.caller("delegate")
    assert await secretary.asks("GET", INVITATIONS) == (200, {"accounts": ["guest"]})
    status, answer = await delegate.asks("GET", INVITATIONS)
    assert (status, answer["code"]) == (403, "role.not_allowed")


async def test_a_technician_lets_sites_in_and_no_guests(small: SmallHouse) -> None:
    await _newcomer(small)
    assert (await _invites(small, "technician", "site", SITE))[0] == 201
    status, answer = await _invites(small, "technician", "guest", "khach-moi")
    assert (status, answer["code"]) == (403, "role.not_allowed")


async def test_a_guest_who_came_by_a_code_steers_nothing_even_when_the_meeting_gives_them_more(
    small: SmallHouse,
) -> None:
    await _newcomer(small)
    _, invited = await _invites(small, "secretary", "guest", "khach-moi")
    guest = await (await small.caller()).enters(invited["code"])
    assert (await guest.commands("attendance.arrive", place="room"))[0] == 200
    change = {"person": "khach-moi", "roles": ["secretary"], "mandate": False}
    assert (await (await small.caller("secretary")).commands("member.change", **change))[0] == 200
    status, answer = await guest.commands("notice.post", text="Tôi là thư ký")
    assert (status, answer["ok"]) == (404, False)
    _, meeting = await small.house.meetings.standing(MEETING)
    asker = Asker("chair", offices=frozenset({"guest"}))
    assert roles(meeting, asker) == {Role.DELEGATE}, "a session by code is never the chair"
    assert roles(meeting, Asker("chair", offices=frozenset({"site"}))) == frozenset()


async def test_a_guest_who_is_taken_back_is_shown_out_at_once_and_their_code_opens_nothing(small: SmallHouse) -> None:
    await _newcomer(small)
    _, invited = await _invites(small, "secretary", "guest", "khach-moi")
    guest = await (await small.caller()).enters(invited["code"])
    tablet = await guest.tablet()
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"]
    status, answer = await (await small.caller("secretary")).commands("member.revoke", person="khach-moi")
    assert (status, answer["ok"]) == (200, True)
    await asyncio.wait_for(tablet.ended.wait(), 60)
    assert tablet.status("goodbye") == {"reason": "revoked"}
    assert (await guest.asks("GET", f"/api/meetings/{MEETING}"))[0] == 401
    assert (await (await small.caller()).asks("POST", "/api/enter", {"code": invited["code"]}))[0] == 401


async def test_somebody_with_an_account_who_is_taken_back_hears_no_more_of_the_meeting(small: SmallHouse) -> None:
    second = await small.caller("second")
    tablet = await second.tablet()
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"]
    secretary = await small.caller("secretary")
    assert (await secretary.commands("member.revoke", person="second"))[0] == 200
    async with asyncio.timeout(60):
        while any(caller.person == "second" for caller in small.house.live.followers(StreamId(f"meeting:{MEETING}"))):
            await asyncio.sleep(0.01)
    assert (await secretary.commands("notice.post", text="Nội bộ"))[0] == 200
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["code"] == "meeting.unknown"
    assert "Nội bộ" not in repr(tablet.events)
    assert (await second.asks("GET", f"/api/meetings/{MEETING}"))[0] == 404
    await tablet.close()


async def test_codes_alone_are_revoked_by_those_who_may_make_them(small: SmallHouse) -> None:
    await _newcomer(small)
    _, invited = await _invites(small, "secretary", "guest", "khach-moi")
    technician, secretary = await small.caller("technician"), await small.caller("secretary")
    assert (await technician.asks("DELETE", f"{INVITATIONS}/khach-moi"))[0] == 403
    assert (await technician.asks("DELETE", f"{INVITATIONS}/{SITE}")) == (200, {"revoked": 1})
    assert (await secretary.asks("DELETE", f"{INVITATIONS}/khach-moi")) == (200, {"revoked": 1})
    for code in (invited["code"], small.lies.site_code):
        assert (await (await small.caller()).asks("POST", "/api/enter", {"code": code}))[0] == 401
    assert (await _invites(small, "secretary", "guest", "khach-moi"))[0] == 201, "they are invited still"


async def test_the_key_of_an_account_is_never_given_to_somebody_with_a_code(small: SmallHouse) -> None:
    now = small.house.clock.now()
    keys = []
    for meeting in (MEETING, "hop-khac"):
        code = (await small.house.doors.invite(Invitation("", meeting, "site", SITE, "x", "", 0, now + AGES_MS))).code
        site = await (await small.caller()).enters(code)
        keys.append((await site.asks("POST", "/api/outbox-key"))[1]["key"])
    await small.house.people.keep_people([Person(SITE, "ubnd", "Trùng Tên", "")])
    keys.append((await (await small.caller("delegate")).asks("POST", "/api/outbox-key"))[1]["key"])
    assert len(set(keys)) == 3


@pytest.mark.parametrize("taken", ["stranger", "chair", "desk", "all", "house"])
async def test_a_site_cannot_be_called_like_a_person_or_a_layer_of_ink(small: SmallHouse, taken: str) -> None:
    site = {"id": taken, "name": "Điểm cầu", "short": "Điểm cầu", "order": 9}
    for who in ("technician", "secretary"):
        _, answer = await (await small.caller(who)).commands("site.add", site=site)
        assert (answer["ok"], answer["code"]) == (False, "site.id_taken")
    assert taken == "chair" or taken not in principals((await small.house.meetings.standing(MEETING))[1])


@pytest.mark.parametrize("layer", ["desk", "all"])
def test_what_is_for_the_desk_is_never_somebodys_own_layer(layer: str) -> None:
    visitor = Visitor(layer, "s", "x", offices=frozenset({"site"}), only_meeting=MEETING)
    assert _parts(StreamId(f"ink:{'0' * 64}:{layer}"), visitor) == ("0" * 64, layer)


async def test_there_is_nothing_to_change_in_a_meeting_that_was_never_created(small: SmallHouse) -> None:
    before = await small.house.streams.names()
    ghost = uuid.uuid4().hex
    sent = {"id": ghost, "command": {"type": "item.add", "title": "Ma", "short": "Ma"}}
    for who, wanted in (("secretary", 403), ("stranger", 403)):
        status, answer = await (await small.caller(who)).asks("POST", "/api/meetings", sent)
        assert (status, answer["code"]) == (wanted, "role.not_allowed")
    status, answer = await (await small.caller("secretary")).asks("POST", f"/api/meetings/{ghost}/commands", sent)
    assert (status, answer["code"]) == (404, "meeting.unknown")
    assert await small.house.streams.names() == before


@pytest.mark.parametrize("number", [2**53, 2**60, 2**70, -(2**53)])
async def test_a_number_that_javascript_would_change_is_refused_as_malformed(small: SmallHouse, number: int) -> None:
    secretary = await small.caller("secretary")
    site = {"id": "tram", "name": "Trạm", "short": "Trạm", "order": number}
    status, answer = await secretary.commands("site.add", site=site)
    assert (status, answer["code"]) == (400, "command.malformed")
