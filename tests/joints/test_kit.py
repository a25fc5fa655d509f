"""Bộ dự phòng takes papers out of the house as files: only those that may leave it, and only to those who read them."""

from __future__ import annotations

import io
import uuid
import zipfile

from tests.e2e.small import MEETING, SmallHouse

ABOUT = {"title": "Hội ý", "form": "room", "place": "Phòng 2", "starts_at": 1, "ends_at": 2}


async def _files(small: SmallHouse, who: str, meeting: str = MEETING) -> list[str]:
    status, package = await (await small.caller(who)).fetches(f"/api/meetings/{meeting}/kit.zip")
    assert status == 200, package
    return zipfile.ZipFile(io.BytesIO(package)).namelist()


async def test_a_paper_for_named_readers_is_never_in_the_kit(small: SmallHouse) -> None:
    for who in ("secretary", "chair"):
        assert await _files(small, who) == ["bo-du-phong.pdf", "tai-lieu/01-all.pdf", "tai-lieu/02-members.pdf"]


async def test_a_paper_for_the_screen_only_is_not_in_the_kit(small: SmallHouse) -> None:
    secretary = await small.caller("secretary")
    assert (await secretary.commands("paper.restrict", paper=small.lies.papers["all"], screen_only=True))[0] == 200
    assert await _files(small, "secretary") == ["bo-du-phong.pdf", "tai-lieu/02-members.pdf"]


async def test_no_paper_of_an_internal_meeting_is_in_the_kit(small: SmallHouse) -> None:
    secretary = await small.caller("secretary")
    assert (await secretary.commands("meeting.describe", **ABOUT, internal=True))[0] == 200
    assert await _files(small, "secretary") == ["bo-du-phong.pdf"]


async def test_a_paper_of_another_meeting_cannot_be_carried_off_in_a_kit_of_ones_own(small: SmallHouse) -> None:
    secretary, mine, now = await small.caller("secretary"), uuid.uuid4().hex, small.house.clock.now()

    async def does(tag: str, **fields: object) -> None:
        sent = {"id": uuid.uuid4().hex, "command": {"type": tag, **fields}}
        status, answer = await secretary.asks("POST", f"/api/meetings/{mine}/commands", sent)
        assert status == 200, answer

    times = {"starts_at": now, "ends_at": now + 1000}
    about = {"type": "meeting.create", "title": "Họp riêng", "kind": "phien_hop_thuong_ky", "host": "ubnd"}
    create = {**about, "form": "room", "place": "Phòng 2", **times}
    assert (await secretary.asks("POST", "/api/meetings", {"id": mine, "command": create}))[0] == 201
    await does("item.add", title="Việc", short="Việc")
    _, found = await secretary.asks("GET", f"/api/meetings/{mine}")
    item = found["state"]["items"][0]["id"]
    await does("paper.attach", paper=small.lies.papers["members"], item=item, title="Của người khác", short="x")
    assert await _files(small, "secretary", mine) == ["bo-du-phong.pdf"]


async def test_the_kit_is_for_the_secretaries_and_the_chair(small: SmallHouse) -> None:
    for who in ("delegate", "guest", "technician", "stranger", "deputy"):
        assert (await (await small.caller(who)).fetches(f"/api/meetings/{MEETING}/kit.zip"))[0] == 403, who
