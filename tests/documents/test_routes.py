"""The papers' HTTP door: who gets what, with which headers."""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import aiohttp
import msgspec
import pymupdf
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler
from PIL import Image

from server.clock import HeldClock
from server.documents.ink import stream_of
from server.documents.marks import AddMark, AddStroke, LayerRights, Note, Stroke
from server.documents.papers import Handling, Paper, VersionId
from server.documents.routes import Doors, routes
from server.http import VISITOR, Visitor, error_mapper, harden
from tests.documents.house import Room, pdf, room, slips

Client = TestClient[web.Request, web.Application]
CAREFUL = "đọc mật"
"""Somebody who may see pages with their name on them, and have no file."""
READERS = {"lan", "thư ký", CAREFUL}
WRITERS = {"thư ký"}


class Door(msgspec.Struct):
    room: Room
    client: Client
    views: list[tuple[str, int]]

    async def get(self, path: str, person: str = "lan") -> aiohttp.ClientResponse:
        return await self.client.get(path, headers={"X-Person": quote(person)})

    async def sent(self, content: bytes, name: str = "Báo cáo.pdf", person: str = "thư ký") -> aiohttp.ClientResponse:
        headers = {"X-Person": quote(person), "X-File-Name": quote(name)}
        return await self.client.post("/api/papers?shelf=họp-1", data=content, headers=headers)

    async def paper(self) -> Paper:
        """The one paper of two pages that can be read."""
        [paper] = await self.room.papers.on_shelf("họp-1")
        return paper


@pytest_asyncio.fixture
async def door(tmp_path: Path, published_once: Path) -> AsyncIterator[Door]:
    async def may_read(visitor: Visitor, what: str) -> bool:
        return visitor.person in READERS

    async def may_write(visitor: Visitor, shelf: str) -> bool:
        return visitor.person in WRITERS and shelf == "họp-1"

    async def layer_rights(visitor: Visitor, version: str) -> LayerRights:
        return LayerRights(read=frozenset({"mine", "all"}))

    @web.middleware
    async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        person = unquote(request.headers.get("X-Person", ""))
        if person:
            request[VISITOR] = Visitor(person, "session", person)
        return await handler(request)

    async def handling(visitor: Visitor, what: str) -> Handling:
        return Handling("Lan · Sở Tài chính · 08:30", may_save=False) if visitor.person == CAREFUL else Handling()

    async def on_view(visitor: Visitor, version: VersionId, page: int) -> None:
        views.append((visitor.person, page))

    views: list[tuple[str, int]] = []
    shutil.copytree(published_once, tmp_path / "room")
    async with room(tmp_path / "room", max_file_mb=1) as opened:
        app = web.Application(middlewares=[error_mapper(HeldClock()), signed_in])
        app.on_response_prepare.append(harden)
        app.add_routes(routes(opened.papers, opened.ink, Doors(may_read, may_write, layer_rights, handling, on_view)))
        async with TestClient(TestServer(app)) as client:
            yield Door(opened, client, views)


async def test_an_upload_is_answered_at_once_and_read_as_pages_later(door: Door) -> None:
    answer = await door.sent(pdf(pages=2), name="Tờ trình số 5.pdf")
    assert answer.status == 201
    paper = await answer.json()
    assert (paper["state"], paper["name"]) == ("received", "Tờ trình số 5.pdf")
    await door.room.papers.settled()
    now = await (await door.get(f"/api/papers/{paper['id']}")).json()
    assert (now["state"], now["version"]["rendered"]) == ("ready", 2)
    assert now["version"]["sizes"] == [[595.0, 842.0]] * 2
    page = await door.get(f"/pages/{now['version']['id']}/2/1440.webp")
    assert page.headers["Content-Type"] == "image/webp"
    assert page.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    with Image.open(io.BytesIO(await page.read())) as image:
        assert image.width == 1440


async def test_a_form_upload_works_too(door: Door) -> None:
    form = aiohttp.FormData()
    form.add_field("note", "không phải tệp")
    form.add_field("file", pdf(), filename="Báo cáo.pdf")
    headers = {"X-Person": quote("thư ký")}
    answer = await door.client.post("/api/papers?shelf=họp-1", data=form, headers=headers)
    assert (answer.status, (await answer.json())["name"]) == (201, "Báo cáo.pdf")


async def test_a_form_without_a_file_is_refused(door: Door) -> None:
    form = aiohttp.FormData()
    form.add_field("note", "không phải tệp", content_type="text/plain")
    headers = {"X-Person": quote("thư ký")}
    answer = await door.client.post("/api/papers?shelf=họp-1", data=form, headers=headers)
    assert (answer.status, (await answer.json())["code"]) == (400, "paper.no_file")


async def test_the_text_layer_is_immutable_json(door: Door) -> None:
    paper = await door.paper()
    assert paper.version is not None
    answer = await door.get(f"/pages/{paper.version.id}/1/text.json")
    assert "immutable" in answer.headers["Cache-Control"]
    found = await answer.json()
    assert [word[4] for word in found["words"]] == ["Trang", "1"]


async def test_the_original_is_saved_and_never_opened_in_the_browser(door: Door) -> None:
    paper = await door.paper()
    answer = await door.get(f"/api/papers/{paper.id}/original")
    assert await answer.read() == (door.room.folder / "sent.pdf").read_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_annotated_copy_is_a_pdf_to_save(door: Door) -> None:
    paper = await door.paper()
    assert paper.version is not None
    stroke = Stroke("stroke-1", 1, "pen", "#c00000", 60, [(1000, 1000, 500), (2000, 2000, 500)])
    await door.room.ink.perform(stream_of(paper.version.id, "all", ""), "lan", "c1", AddStroke(stroke))
    answer = await door.get(f"/api/papers/{paper.id}/annotated.pdf?layers=mine,all")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    document = pymupdf.open(stream=await answer.read(), filetype="pdf")
    assert len(list(document[0].annots())) == 1


async def test_the_marks_alone_are_xfdf_to_save(door: Door) -> None:
    paper = await door.paper()
    assert paper.version is not None
    note = AddMark(Note("note-0001", 1, "#13201f", 200, 3000, (500, 600), "Đề nghị làm rõ"))
    await door.room.ink.perform(stream_of(paper.version.id, "all", "lan"), "lan", "c1", note)
    answer = await door.get(f"/api/papers/{paper.id}/annotated.xfdf?layers=mine,all")
    assert (answer.status, answer.content_type) == (200, "application/vnd.adobe.xfdf")
    assert ".xfdf" in answer.headers["Content-Disposition"]
    [freetext] = ElementTree.fromstring(await answer.read())[1]
    assert (freetext[0].text, freetext.get("title")) == ("Đề nghị làm rõ", "Lan")


async def test_a_layer_one_may_not_read_is_not_carried_away(door: Door) -> None:
    paper = await door.paper()
    answer = await door.get(f"/api/papers/{paper.id}/annotated.pdf?layers=all,desk")
    assert (answer.status, (await answer.json())["code"]) == (403, "ink.layer_forbidden")


async def test_a_newer_file_replaces_the_paper(door: Door) -> None:
    paper = await door.paper()
    headers = {"X-Person": quote("thư ký"), "X-File-Name": "b.pdf"}
    answer = await door.client.put(f"/api/papers/{paper.id}", data=slips(4), headers=headers)
    assert answer.status == 200
    await door.room.papers.settled()
    now = await door.room.papers.paper(paper.id)
    assert now.version is not None
    assert (now.version.number, now.version.pages) == (2, 4)


PATHS = [
    "/api/papers/{id}",
    "/api/papers/{id}/original",
    "/api/papers/{id}/annotated.pdf",
    "/api/papers/{id}/annotated.xfdf",
]
PAGES = [f"/pages/{{version}}/{part}" for part in ("1/1440.webp", "1/text.json", "sizes.json", "outline.json")]


@pytest.mark.parametrize("path", PATHS + PAGES)
async def test_who_may_not_read_a_paper_learns_nothing_about_it(door: Door, path: str) -> None:
    paper = await door.paper()
    assert paper.version is not None
    real = path.format(id=paper.id, version=paper.version.id)
    unreal = path.format(id="0" * 26, version="0" * 64)
    assert (await door.get(real)).status == 200
    refused = [await (await door.get(each, "người ngoài")).json() for each in (real, unreal)]
    assert refused[0] == refused[1]
    assert refused[0]["code"] == "paper.unknown"
    assert (await door.client.get(real)).status == 401


async def test_who_may_not_write_to_a_shelf_leaves_nothing_on_it(door: Door) -> None:
    answer = await door.sent(pdf(), person="lan")
    assert (answer.status, (await answer.json())["code"]) == (404, "shelf.unknown")
    paper = await door.paper()
    headers = {"X-Person": "lan", "X-File-Name": "b.pdf"}
    refused = await door.client.put(f"/api/papers/{paper.id}", data=pdf(pages=4), headers=headers)
    assert refused.status == 404
    assert len(await door.room.papers.on_shelf("họp-1")) == 1


async def test_a_file_beyond_the_limit_is_refused_with_a_code(door: Door) -> None:
    answer = await door.sent(bytes(1_100_000))
    assert (answer.status, (await answer.json())["code"]) == (413, "paper.too_large")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/pages/{version}/3/1440.webp", 404),
        ("/pages/{version}/1/1441.webp", 400),
        ("/pages/{version}/0/text.json", 404),
        ("/pages/{version}/..%2f..%2fpapers.db/1440.webp", 404),
        ("/pages/../1/1440.webp", 404),
    ],
)
async def test_an_address_that_is_none_is_refused(door: Door, path: str, status: int) -> None:
    paper = await door.paper()
    assert paper.version is not None
    assert (await door.get(path.format(version=paper.version.id))).status == status


async def test_the_shelf_lists_what_one_may_read(door: Door) -> None:
    paper = await door.paper()
    assert [each["id"] for each in await (await door.get("/api/papers?shelf=họp-1")).json()] == [paper.id]
    assert await (await door.get("/api/papers?shelf=họp-1", "người ngoài")).json() == []


async def test_a_page_handled_with_care_bears_the_readers_name_is_kept_nowhere_and_is_counted(door: Door) -> None:
    paper = await door.paper()
    assert paper.version is not None
    address = f"/pages/{paper.version.id}/2/1440.webp"
    plain, careful = await door.get(address), await door.get(address, CAREFUL)
    assert careful.headers["Cache-Control"] == "no-store"
    assert (await plain.read()) != (await careful.read())
    assert door.views == [(CAREFUL, 2)]
    assert "immutable" in (await door.get(address)).headers["Cache-Control"]


async def test_a_paper_handled_with_care_never_leaves_as_a_file(door: Door) -> None:
    paper = await door.paper()
    assert paper.version is not None
    for address in (
        f"/api/papers/{paper.id}/original",
        f"/api/papers/{paper.id}/annotated.pdf",
        f"/api/papers/{paper.id}/annotated.xfdf",
        f"/pages/{paper.version.id}/1/text.json",
        f"/pages/{paper.version.id}/outline.json",
    ):
        answer = await door.get(address, CAREFUL)
        assert (answer.status, (await answer.json())["code"]) == (403, "paper.not_to_be_saved")


async def test_whoever_is_refused_the_words_knows_how_large_the_pages_are(door: Door) -> None:
    sent = await door.sent(pdf(pages=2, width=842, height=595))
    await door.room.papers.settled()
    version = (await door.room.papers.paper((await sent.json())["id"])).version
    assert version is not None
    answer = await door.get(f"/pages/{version.id}/sizes.json", CAREFUL)
    assert (answer.headers["Cache-Control"], await answer.json()) == ("no-store", [[842.0, 595.0], [842.0, 595.0]])
