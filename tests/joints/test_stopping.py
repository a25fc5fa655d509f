"""While the system is stopped no door gives out papers or takes anything in, and afterwards all do again."""

from __future__ import annotations

import uuid
from typing import Any

from tests.e2e.small import MEETING, SmallHouse
from tests.joints.test_rights_taken import drawn, typed

BOOK = f"opinions:{MEETING}"
SHUT = [
    "/pages/{version}/1/960.webp",
    "/pages/{version}/1/text.json",
    "/api/papers/{paper}",
    "/api/papers/{paper}/original",
    "/api/papers/{paper}/annotated.pdf",
    "/api/papers?shelf={meeting}",
    "/api/meetings/{meeting}/papers/{paper}/passages",
    "/api/meetings/{meeting}/comments",
    "/api/meetings/{meeting}/opinions",
    "/api/meetings/{meeting}/opinions.docx",
    "/api/meetings/{meeting}/amendments.docx",
    "/api/meetings/{meeting}/minutes.pdf",
    "/api/meetings/{meeting}/minutes/news",
    "/api/meetings/{meeting}/minutes/revisions",
    "/api/meetings/{meeting}/kit.zip",
]


def said(paper: str) -> dict[str, Any]:
    """A command that gives an opinion on this paper."""
    opinion = {"opinion": "y-kien-1", "paper": paper, "text": "Đề nghị làm rõ thời hạn.", "to": "desk"}
    return {"stream": BOOK, "id": uuid.uuid4().hex, "command": {"type": "opinion.write", **opinion}}


def _over_http(sent: dict[str, Any]) -> dict[str, Any]:
    return {key: sent[key] for key in ("id", "command")}


async def test_no_paper_and_no_record_is_given_out_while_the_system_is_stopped(small: SmallHouse) -> None:
    names = {"version": small.lies.versions["all"], "paper": small.lies.papers["all"], "meeting": MEETING}
    chair, secretary, stranger = await small.caller("chair"), await small.caller("secretary"), await small.caller()
    page = SHUT[0].format(**names)
    assert (await chair.commands("system.stop"))[0] == 200
    for path in SHUT:
        status, answer = await secretary.asks("GET", path.format(**names))
        assert (status, answer["code"]) == (409, "meeting.stopped"), path
    assert (await stranger.asks("GET", page))[0] == 401, "who may not come in learns nothing of it"
    sent = said(names["paper"])
    status, answer = await secretary.asks("POST", f"/api/meetings/{MEETING}/opinions", _over_http(sent))
    assert (status, answer["code"]) == (409, "meeting.stopped")
    status, answer = await secretary.uploads(MEETING, "moi.pdf", b"%PDF-1.4")
    assert (status, answer["code"]) == (409, "meeting.stopped")
    assert (await secretary.asks("GET", f"/api/meetings/{MEETING}"))[0] == 200, "how the meeting stands may be seen"
    assert (await chair.commands("meeting.resume"))[0] == 200
    assert (await secretary.fetches(page))[0] == 200
    assert (await secretary.asks("POST", f"/api/meetings/{MEETING}/opinions", _over_http(sent)))[0] == 200


async def test_what_is_written_meanwhile_is_kept_for_later_and_taken_in_then_under_the_same_name(
    small: SmallHouse,
) -> None:
    chair, tablet = await small.caller("chair"), await (await small.caller("secretary")).tablet()
    ink = f"ink:{small.lies.versions['all']}:mine".replace("mine", "secretary")
    words = [drawn(ink), typed("Nội dung"), said(small.lies.papers["all"])]
    assert (await chair.commands("system.stop"))[0] == 200
    for word in words:
        assert (await tablet.ask("command", word))["code"] == "meeting.stopped", word["stream"]
        assert (await tablet.sync(0, word["stream"]))["code"] == "meeting.stopped", word["stream"]
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"]
    assert (await chair.commands("meeting.resume"))[0] == 200
    for word in words:
        assert (await tablet.ask("command", word))["ok"], word["stream"]
        assert (await tablet.sync(0, word["stream"]))["ok"], word["stream"]
    await tablet.close()


async def test_who_follows_a_page_shows_nobody_a_line_that_grows_while_the_system_is_stopped(
    small: SmallHouse,
) -> None:
    chair, ink = await small.caller("chair"), f"ink:{small.lies.versions['all']}:all"
    tablet = await chair.tablet()
    assert (await tablet.sync(0, ink))["ok"]
    door = small.house.live.gathering.door(ink)  # type: ignore[arg-type]
    (caller,) = small.house.live.followers(ink)  # type: ignore[arg-type]
    assert door.may_hint(caller.visitor, ink, "stroke")  # type: ignore[arg-type]
    assert (await chair.commands("system.stop"))[0] == 200
    assert not door.may_hint(caller.visitor, ink, "stroke")  # type: ignore[arg-type]
    await tablet.close()
