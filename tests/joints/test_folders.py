"""One's own papers in the whole house: the owner reads and draws on them, and nobody else learns of them."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import msgspec
import pytest

from server import backup
from server.documents.folder.service import Folders
from server.documents.papers import Paper
from server.documents.search.store import WordStore
from server.http import Visitor
from server.people.doors import Knock
from server.people.invitations import Invitation
from tests.documents.house import in_pieces, pdf
from tests.e2e.small import AGES_MS, MEETING, PEOPLE, SITE, SmallHouse
from tests.joints.tablets.test_shared_tablets import SharedTablet, tablet

__all__ = ["tablet"]

TITLE = "Việc riêng của giám đốc"
STROKE = {"kind": "stroke", "id": "stroke-1", "page": 1, "tool": "pen", "colour": "#000000", "width": 20}


async def mine(small: SmallHouse, person: str = "delegate") -> Paper:
    """A paper of this person's own, of two pages, ready to be read."""
    paper = await Folders(small.house.papers).receive(person, f"{TITLE}.pdf", in_pieces(pdf(2)))
    await small.house.papers.settled()
    return await small.house.papers.paper(paper.id)


def addresses(paper: Paper) -> list[str]:
    """Every address under which something of the paper can be had."""
    assert paper.version is not None
    about = ["1/960.webp", "1/text.json", "sizes.json", "outline.json"]
    pages = [f"/pages/{paper.version.id}/{what}" for what in about]
    files = ["", "/original", "/annotated.pdf", "/annotated.xfdf"]
    return [*pages, *(f"/api/papers/{paper.id}{file}" for file in files)]


async def changes(caller: Any, paper: Paper) -> list[tuple[int, str]]:
    """What is answered to everything that would change the paper."""
    path = f"/api/folder/{paper.id}"
    wanted = [("PUT", path, {"title": "x"}), ("POST", f"{path}/redraw", None), ("DELETE", path, None)]
    answers = [await caller.asks(*each) for each in wanted]
    return [(status, answer.get("code", "")) for status, answer in answers]


async def test_whoever_has_an_account_keeps_papers_reads_renames_and_removes_them(small: SmallHouse) -> None:
    for person in PEOPLE:
        paper, caller = await mine(small, person), await small.caller(person)
        assert [(await caller.fetches(address))[0] for address in addresses(paper)] == [200] * 8, person
        assert (await caller.asks("PUT", f"/api/folder/{paper.id}", {"title": "Ghi chép"}))[0] == 200
        status, shelved = await caller.asks("GET", "/api/folder")
        assert (status, [each["name"] for each in shelved["papers"]]) == (200, ["Ghi chép.pdf"])
        assert (await caller.asks("POST", f"/api/folder/{paper.id}/redraw"))[0] == 202
        assert (await caller.asks("DELETE", f"/api/folder/{paper.id}"))[0] == 200
        assert [(await caller.fetches(address))[0] for address in addresses(paper)] == [404] * 8, person


async def test_a_file_is_sent_to_ones_own_folder_and_read_as_pages(small: SmallHouse) -> None:
    delegate = await small.caller("delegate")
    headers = {"Cookie": f"__Host-hopso={delegate.cookie}", "X-File-Name": "Ghi%20ch%C3%A9p.pdf"}
    sent = pdf(2)
    async with small.session.post(f"{small.url}/api/folder", data=sent, headers=headers) as answer:
        assert answer.status == 201
        paper = await answer.json()
    assert (paper["name"], paper["state"]) == ("Ghi chép.pdf", "received")
    await small.house.papers.settled()
    assert await delegate.fetches(f"/api/papers/{paper['id']}/original") == (200, sent)


async def test_of_somebody_elses_papers_nobody_learns_that_they_are_there(small: SmallHouse) -> None:
    paper = await mine(small)
    for person in (*(set(PEOPLE) - {"delegate"}), SITE):
        other = await small.caller(person)
        assert [(await other.fetches(address))[0] for address in addresses(paper)] == [404] * 8, person
        assert (await other.asks("GET", "/api/papers?shelf=own:delegate"))[1] == [], person
        assert (await other.uploads("own:delegate", "x.pdf", pdf(1)))[0] == 404, person
        if person != SITE:
            assert await changes(other, paper) == [(404, "paper.unknown")] * 3, person
    passer_by = await small.caller()
    assert await changes(passer_by, paper) == [(401, "session.none")] * 3


async def test_not_even_the_owner_puts_papers_there_but_through_the_folder(small: SmallHouse) -> None:
    paper, delegate = await mine(small), await small.caller("delegate")
    assert (await delegate.uploads("own:delegate", "x.pdf", pdf(1)))[0] == 404
    assert (await delegate.asks("PUT", f"/api/papers/{paper.id}"))[0] == 404


async def test_whoever_came_by_a_code_or_sits_at_a_shared_tablet_has_no_folder(
    small: SmallHouse, tablet: SharedTablet
) -> None:
    guests, members = await mine(small, "khach-1"), await mine(small)
    expires = small.house.clock.now() + AGES_MS
    way_in = Invitation("", MEETING, "guest", "khach-1", "Hà Văn Toàn", "", 0, expires)
    by_code = await (await small.caller()).enters((await small.house.doors.invite(way_in)).code)
    assert (await tablet.sits("delegate"))[0] == 200
    for caller, paper in ((by_code, guests), (tablet, members), (await small.caller(SITE), members)):
        status, answer = await caller.asks("GET", "/api/folder")
        assert (status, answer["code"]) == (403, "folder.account_only")
        assert (await caller.asks("POST", "/api/folder"))[1]["code"] == "folder.account_only"
        assert await changes(caller, paper) == [(403, "folder.account_only")] * 3
        assert [(await caller.fetches(address))[0] for address in addresses(paper)] == [404] * 8


async def test_the_owner_draws_on_their_own_layer_and_there_is_no_other(small: SmallHouse) -> None:
    paper = await mine(small)
    assert paper.version is not None
    own, second = await (await small.caller("delegate")).tablet(), await (await small.caller("second")).tablet()
    for layer, found in (("delegate", True), ("all", False), ("desk", False), ("second", False)):
        assert (await own.sync(0, f"ink:{paper.version.id}:{layer}")).get("ok", True) is found, layer
        assert (await second.sync(0, f"ink:{paper.version.id}:{layer}"))["code"] == "ink.unknown", layer
    command = {"type": "stroke.add", "stroke": STROKE | {"points": [[1, 2, 3]]}}
    for tablet_, layer, done in ((own, "delegate", True), (own, "all", False), (second, "delegate", False)):
        sent = {"stream": f"ink:{paper.version.id}:{layer}", "id": str(uuid.uuid4()), "command": command}
        assert (await tablet_.ask("command", sent))["ok"] is done, layer
    await Folders(small.house.papers).remove("delegate", paper.id)
    again = {"stream": f"ink:{paper.version.id}:delegate", "id": str(uuid.uuid4()), "command": command}
    assert (await own.ask("command", again))["code"] == "ink.unknown"


async def test_neither_the_meeting_nor_its_file_nor_the_log_knows_of_it(
    small: SmallHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    chair = await (await small.caller("chair")).tablet()
    await chair.sync(0, f"meeting:{MEETING}")
    paper = await mine(small)
    delegate, secretary = await small.caller("delegate"), await small.caller("secretary")
    for address in addresses(paper):
        assert (await delegate.fetches(address))[0] == 200
    await delegate.asks("PUT", f"/api/folder/{paper.id}", {"title": f"{TITLE} 2"})
    _, meeting = await secretary.asks("GET", f"/api/meetings/{MEETING}")
    _, kit = await secretary.fetches(f"/api/meetings/{MEETING}/kit.zip")
    _, figures = await (await small.caller("technician")).fetches("/metrics")
    told = msgspec.json.encode(meeting) + kit + figures + str(chair.__dict__).encode()
    assert paper.id.encode() not in told and TITLE.encode() not in told
    assert TITLE not in caplog.text


async def test_put_on_a_meetings_agenda_by_somebody_who_guessed_its_name_it_is_still_nobodys(
    small: SmallHouse,
) -> None:
    paper, secretary = await mine(small), await small.caller("secretary")
    fields = {"item": small.lies.items[0], "title": "Đoán", "short": "Đoán"}
    assert (await secretary.commands("paper.attach", paper=paper.id, **fields))[0] == 200
    _, meeting = await secretary.asks("GET", f"/api/meetings/{MEETING}")
    assert (meeting["state"]["papers"][paper.id]["version"], meeting["state"]["papers"][paper.id]["pages"]) == ("", 0)
    assert [(await secretary.fetches(address))[0] for address in addresses(paper)] == [404] * 8
    path = f"/api/meetings/{MEETING}/papers/{paper.id}/passages"
    assert (await secretary.asks("GET", path))[1]["code"] == "paper.not_ready"


async def test_its_words_are_kept_for_no_search(small: SmallHouse) -> None:
    paper, store = await mine(small), WordStore(small.house.db)
    assert paper.version is not None
    while unread := await store.unread():
        assert unread.version != paper.version.id
        await store.keep(unread.version, [(number, "chữ") for number in range(1, 7)])


async def test_a_locked_account_keeps_its_folder(small: SmallHouse) -> None:
    paper = await mine(small)
    by = Visitor("root", "s", "Quản trị", offices=frozenset({"system"}))
    await small.house.people.disable(by, "delegate", True, Knock())
    assert [each.id for each in (await Folders(small.house.papers).of("delegate")).papers] == [paper.id]
    await small.house.people.disable(by, "delegate", False, Knock())
    delegate = await small.caller("delegate")
    assert (await delegate.fetches(addresses(paper)[0]))[0] == 200


async def test_a_backup_brings_it_back(small: SmallHouse, tmp_path: Any) -> None:
    paper, settings = await mine(small), small.house.settings
    assert paper.version is not None
    database = backup.sqlite_file(settings.database.url)
    backup.save(tmp_path / "a.tar.gz", database, settings.blobs.folder, 0)
    backup.restore(tmp_path / "a.tar.gz", tmp_path / "neu/hopso.db", tmp_path / "neu/blobs")
    version = paper.version.id
    restored = (tmp_path / "neu/blobs" / version[:2] / version).read_bytes()
    assert restored == small.house.papers.blobs.path(version).read_bytes()  # type: ignore[arg-type]
    assert TITLE.encode() in (tmp_path / "neu/hopso.db").read_bytes()
