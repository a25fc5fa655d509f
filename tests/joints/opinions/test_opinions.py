"""Opinions and amendments over HTTP and the live line: once, seen by those they are for, and taken away."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from docx import Document

from server.documents.passages import Passage
from server.errors import Problem, Refused, Unavailable
from server.joints.opinions import desk
from server.joints.opinions.following import followed
from server.meetings.acts import read_command
from server.meetings.arrivals import PaperPrepared
from server.meetings.service import HOUSE, Asker
from tests.e2e.small import MEETING, SITE, Caller, SmallHouse
from tests.live.room import Tablet
from tests.meetings.opinions.test_book import FIELDS, MAY

STREAM = f"opinions:{MEETING}"
BASE = f"/api/meetings/{MEETING}"


@pytest.fixture
async def tablets(small: SmallHouse) -> AsyncIterator[dict[str, Tablet]]:
    """Somebody of each kind who follows the book."""
    found = {who: await (await small.caller(who)).tablet(who) for who in ("chair", "delegate", "second", "guest")}
    for tablet in found.values():
        assert (await tablet.sync(0, STREAM))["snapshot"] == {"opinions": {}, "amendments": {}}
    yield found
    for tablet in found.values():
        await tablet.close()


async def says(tablet: Tablet, tag: str, id_: str = "", **fields: Any) -> dict[str, Any]:
    command = {"type": tag, **fields}
    return await tablet.ask("command", {"stream": STREAM, "id": id_ or uuid.uuid4().hex, "command": command})


async def sends(caller: Caller, tag: str, **fields: Any) -> tuple[int, Any]:
    return await caller.asks("POST", f"{BASE}/opinions", {"id": str(uuid.uuid4()), "command": {"type": tag, **fields}})


async def heard(tablet: Tablet, version: int) -> str:
    await tablet.until(lambda: any(e["stream"] == STREAM and e["version"] == version for e in tablet.events))
    return str(next(e["type"] for e in tablet.events if e["stream"] == STREAM and e["version"] == version))


async def test_an_opinion_for_the_desk_reaches_the_desk_and_its_author_once(
    small: SmallHouse, tablets: dict[str, Tablet]
) -> None:
    wish = {"opinion": "o-1", "paper": small.lies.papers["all"], "text": "Đề nghị làm rõ.", "page": 2}
    first = await says(tablets["delegate"], "opinion.write", "same-command", **wish)
    again = await says(tablets["delegate"], "opinion.write", "same-command", **wish)
    assert first["ok"] and (first["version"], again["version"]) == (1, 1)
    told = {who: await heard(tablet, 1) for who, tablet in tablets.items()}
    written = "opinion.written"
    assert told == {"chair": written, "delegate": written, "second": "hidden", "guest": "hidden"}
    assert (await says(tablets["delegate"], "opinion.write", **(wish | {"to": "all"})))["ok"]
    assert {await heard(tablet, 2) for tablet in tablets.values()} == {written}
    for who in tablets:
        state = (await (await small.caller(who)).asks("GET", f"{BASE}/opinions"))[1]["state"]
        assert list(state["opinions"]) == ["o-1"]
    for who, status in (("stranger", 404), ("", 401)):
        assert (await (await small.caller(who)).asks("GET", f"{BASE}/opinions"))[0] == status


async def test_the_text_of_a_draft_is_for_its_readers_and_never_that_of_a_restricted_one(small: SmallHouse) -> None:
    papers = small.lies.papers
    delegate, second, guest = [await small.caller(who) for who in ("delegate", "second", "guest")]
    status, draft = await delegate.asks("GET", f"{BASE}/papers/{papers['all']}/passages")
    assert (status, draft["version"]) == (200, small.lies.versions["all"])
    first = {"number": 1, "page": 1, "label": "", "text": "Trang 1"}
    assert draft["passages"][0] == first and len(draft["passages"]) == 6
    assert (await guest.asks("GET", f"{BASE}/papers/{papers['members']}/passages"))[0] == 404
    assert (await second.asks("GET", f"{BASE}/papers/{papers['named']}/passages"))[0] == 403
    assert (await second.asks("GET", f"{BASE}/papers/none/passages"))[0] == 404
    wish = {"amendment": "a-1", "version": small.lies.versions["named"], "passage": 1, "text": "x"}
    assert (await sends(second, "amendment.propose", paper=papers["named"], **wish))[0] == 403
    for more in ({"version": small.lies.versions["named"]}, {"version": "0" * 64}, {"passage": 7}):
        asked = wish | {"paper": papers["all"], "version": small.lies.versions["all"]} | more
        assert (await sends(second, "amendment.propose", **asked))[1]["code"] == "draft.passage_unknown"


async def test_everybody_may_what_the_table_of_the_book_says(small: SmallHouse) -> None:
    """Most ask for what is not there: only the role is on trial."""
    roles = {"chair": "chair", "deputy": "deputy", "secretary": "secretary", "delegate": "delegate", "guest": "guest"}
    for who in (*roles, "technician", SITE):
        caller = await small.caller(who)
        for tag, may in MAY.items():
            fields = FIELDS[tag] | ({"version": small.lies.versions["all"]} if "version" in FIELDS[tag] else {})
            if "paper" in fields:
                fields["paper"] = small.lies.papers["all"]
            held = {"chair": {"chair", "delegate"}, "deputy": {"deputy", "delegate"}}.get(who, {who})
            code = (await sends(caller, tag, **fields))[1].get("code", "")
            assert (code == "role.not_allowed") == (not held & {role.value for role in may}), (who, tag, code)


async def test_tables_hold_what_was_given_to_others_and_only_the_desk_gets_them(small: SmallHouse) -> None:
    paper, version = small.lies.papers["all"], small.lies.versions["all"]
    delegate, secretary = await small.caller("delegate"), await small.caller("secretary")
    assert (await sends(delegate, "opinion.write", opinion="o-1", paper=paper, text="Đề nghị làm rõ."))[0] == 200
    proposed = {"amendment": "a-1", "paper": paper, "version": version, "passage": 2, "text": "Trang hai"}
    assert (await sends(delegate, "amendment.propose", **proposed))[0] == 200
    tablet = await delegate.tablet()
    for layer, text in (("delegate", "của riêng tôi"), ("desk", "gửi chủ trì"), ("all", "gửi mọi người")):
        mark = {"kind": "comment", "id": f"comment-{layer}", "page": 3, "spot": [100, 100], "text": text}
        stuck = {"stream": f"ink:{version}:{layer}", "id": uuid.uuid4().hex}
        await tablet.ask("command", stuck | {"command": {"type": "mark.add", "mark": mark}})
    await tablet.close()
    waiting = (await secretary.asks("GET", f"{BASE}/comments"))[1]["comments"]
    assert [(one["text"], one["to"], one["person"]) for one in waiting] == [("gửi chủ trì", "desk", "delegate")]
    assert (await delegate.asks("GET", f"{BASE}/comments"))[0] == 403
    taken = {"comment": waiting[0]["id"], "paper": paper, "answer": "explained", "reply": "Đã có ở Điều 2."}
    assert (await sends(secretary, "opinion.take_comment", **taken))[0] == 200
    mine = {"comment": "comment-delegate", "paper": paper, "answer": "accepted"}
    assert (await sends(secretary, "opinion.take_comment", **mine))[1]["code"] == "opinion.no_comment"
    assert (await secretary.asks("GET", f"{BASE}/comments"))[1]["comments"] == []
    assert (await sends(secretary, "opinion.answer", opinion="o-1", answer="accepted"))[0] == 200
    assert (await sends(secretary, "amendment.decide", amendment="a-1", state="accepted"))[0] == 200
    status, content = await secretary.fetches(f"{BASE}/opinions.docx")
    texts = [cell.text for row in Document(io.BytesIO(content)).tables[1].rows for cell in row.cells]
    assert status == 200 and {"Đề nghị làm rõ.", "gửi chủ trì", "Tiếp thu"} <= set(texts)
    assert "của riêng tôi" not in texts and texts.count("gửi chủ trì") == 1
    assert any("Đã có ở Điều 2." in text for text in texts)
    assert (await secretary.fetches(f"{BASE}/opinions.xlsx"))[1].startswith(b"PK")
    status, content = await secretary.fetches(f"{BASE}/amendments.docx")
    assert status == 200 and content[:2] == b"PK"
    for name in ("opinions.docx", "opinions.xlsx", "amendments.docx"):
        assert (await delegate.fetches(f"{BASE}/{name}"))[0] == 403
    news = (await secretary.asks("GET", f"{BASE}/minutes/news"))[1]["news"]
    assert [one["block"]["runs"][0]["text"] for one in news if one["id"] == f"amendments:{paper}"] == [
        "Về “all”: xem xét 01 đề nghị sửa đổi, bổ sung; chấp nhận 01 (có Bảng so sánh, tiếp thu kèm theo)."
    ]


async def test_a_paper_of_another_meeting_gives_neither_its_remarks_nor_its_words(small: SmallHouse) -> None:
    paper, version = small.lies.papers["named"], small.lies.versions["named"]
    secretary, second = await small.caller("secretary"), await small.caller("second")
    mark = {"kind": "comment", "id": "comment-1", "page": 3, "spot": [100, 100], "text": "gửi chủ trì"}
    tablet = await second.tablet()
    stuck = {"stream": f"ink:{version}:desk", "id": uuid.uuid4().hex}
    assert (await tablet.ask("command", stuck | {"command": {"type": "mark.add", "mark": mark}}))["ok"]
    await tablet.close()

    async def other(tag: str, **fields: Any) -> None:
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        asker = Asker("secretary", "ubnd", frozenset({"secretary"}))
        assert (await small.house.meetings.perform("other", asker, uuid.uuid4().hex, command)).ok

    about = {"title": "Cuộc khác", "form": "room", "place": "", "starts_at": 1, "ends_at": 2}
    await other("meeting.create", kind="phien_hop_thuong_ky", host="ubnd", **about)
    await other("item.add", title="Việc", short="Việc")
    item = (await small.house.meetings.standing("other"))[1].items[0].id
    await other("paper.attach", paper=paper, item=item, title="Lạ", short="Lạ")
    assert (await secretary.asks("GET", f"{BASE}/comments"))[1]["comments"] != []
    assert (await secretary.asks("GET", "/api/meetings/other/comments"))[1]["comments"] == []
    status, table = await secretary.fetches("/api/meetings/other/opinions.docx")
    assert status == 200 and "gửi chủ trì" not in "".join(Document(io.BytesIO(table)).element.itertext())
    assert await small.house.opinion_desk.stuck_on("other", paper, "comment-1") is None
    assert await small.house.opinion_desk.passage_of("other", paper, version, 1) is None


async def test_a_replaced_paper_takes_open_amendments_along_and_their_authors_hear_of_it(
    small: SmallHouse, tablets: dict[str, Tablet]
) -> None:
    paper, old, new = small.lies.papers["all"], small.lies.versions["all"], small.lies.versions["members"]
    for number in (1, 2):
        wish = {"amendment": f"a-{number}", "paper": paper, "version": old, "passage": number, "text": "Trang bìa"}
        assert (await says(tablets["delegate"], "amendment.propose", **wish))["ok"]
    assert (await says(tablets["chair"], "amendment.decide", amendment="a-2", state="refused"))["ok"]
    ready = PaperPrepared(paper, "ready", version=new, pages=6)
    assert (await small.house.meetings.perform(MEETING, HOUSE, uuid.uuid4().hex, ready)).ok
    assert await heard(tablets["delegate"], 4) == "amendment.carried"
    assert await heard(tablets["second"], 4) == "hidden"
    late = {"amendment": "a-3", "paper": paper, "version": old, "passage": 3, "text": "Trang cuối"}
    assert (await sends(await small.caller("delegate"), "amendment.propose", **late))[0] == 200
    book = (await (await small.caller("chair")).asks("GET", f"{BASE}/opinions"))[1]["state"]["amendments"]
    assert {key: (one["version"], one["origin"], one["state"]) for key, one in book.items()} == {
        "a-1": (new, old, "open"),
        "a-2": (old, "", "refused"),
        "a-3": (new, old, "open"),
    }


async def test_a_replaced_paper_is_compared_once_however_many_ask(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegate, paper = await small.caller("delegate"), small.lies.papers["all"]
    old, new = small.lies.versions["all"], small.lies.versions["members"]
    wish = {"amendment": "a-1", "paper": paper, "version": old, "passage": 1, "text": "Trang bìa"}
    assert (await sends(delegate, "amendment.propose", **wish))[0] == 200
    compared: list[int] = []

    def counted(before: Sequence[Passage], after: Sequence[Passage]) -> dict[int, Passage]:
        compared.append(len(before))
        return followed(before, after)

    monkeypatch.setattr(desk, "followed", counted)
    ready = PaperPrepared(paper, "ready", version=new, pages=6)
    assert (await small.house.meetings.perform(MEETING, HOUSE, uuid.uuid4().hex, ready)).ok
    await asyncio.gather(*(small.house.opinion_desk.catch_up(MEETING) for _ in range(20)))
    assert len(compared) == 1
    _, book = await small.house.opinion_desk.opinions.book(MEETING)
    assert book.amendments["a-1"].version == new


@pytest.mark.parametrize("why", [Unavailable("storage.away"), Refused("paper.took_too_long", seconds=20)])
async def test_a_paper_that_cannot_be_read_now_keeps_no_table_from_the_desk(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch, why: Problem
) -> None:
    paper, old, new = small.lies.papers["all"], small.lies.versions["all"], small.lies.versions["members"]
    wish = {"amendment": "a-1", "paper": paper, "version": old, "passage": 1, "text": "Trang bìa"}
    assert (await sends(await small.caller("delegate"), "amendment.propose", **wish))[0] == 200

    async def away(_version: str) -> tuple[Passage, ...]:
        raise why

    monkeypatch.setattr(small.house.opinion_desk.drafts, "passages", away)
    ready = PaperPrepared(paper, "ready", version=new, pages=6)
    assert (await small.house.meetings.perform(MEETING, HOUSE, uuid.uuid4().hex, ready)).ok
    chair = await small.caller("chair")
    assert (await chair.fetches(f"{BASE}/opinions.docx"))[0] == 200
    monkeypatch.undo()
    assert (await chair.fetches(f"{BASE}/amendments.docx"))[0] == 200
    _, book = await small.house.opinion_desk.opinions.book(MEETING)
    assert book.amendments["a-1"].version == new, "the next look finds it"


@pytest.mark.parametrize(("code", "lost"), [("draft.no_text", "no_text"), ("draft.too_long", "too_long")])
async def test_a_new_version_without_text_is_said_not_to_have_been_compared(
    small: SmallHouse, monkeypatch: pytest.MonkeyPatch, code: str, lost: str
) -> None:
    paper, old, new = small.lies.papers["all"], small.lies.versions["all"], small.lies.versions["members"]
    wish = {"amendment": "a-1", "paper": paper, "version": old, "passage": 1, "text": "Trang bìa"}
    assert (await sends(await small.caller("delegate"), "amendment.propose", **wish))[0] == 200

    async def scanned(_version: str) -> tuple[Passage, ...]:
        raise Refused(code)

    monkeypatch.setattr(small.house.opinion_desk.drafts, "passages", scanned)
    ready = PaperPrepared(paper, "ready", version=new, pages=6)
    assert (await small.house.meetings.perform(MEETING, HOUSE, uuid.uuid4().hex, ready)).ok
    await small.house.opinion_desk.catch_up(MEETING)
    _, book = await small.house.opinion_desk.opinions.book(MEETING)
    assert (book.amendments["a-1"].lost, book.amendments["a-1"].version) == (lost, old)


async def test_a_restarted_process_knows_the_book(small: SmallHouse) -> None:
    delegate = await small.caller("delegate")
    paper = small.lies.papers["all"]
    for number in range(3):
        assert (await sends(delegate, "opinion.write", opinion=f"o-{number}", paper=paper, text="Nhất trí."))[0] == 200
    before = (await delegate.asks("GET", f"{BASE}/opinions"))[1]
    small.house.opinion_desk.opinions._known.clear()
    assert (await delegate.asks("GET", f"{BASE}/opinions"))[1] == before
    assert (await sends(delegate, "opinion.withdraw", opinion="o-1"))[0] == 200
    assert list((await delegate.asks("GET", f"{BASE}/opinions"))[1]["state"]["opinions"]) == ["o-0", "o-2"]
