"""The minutes as a service over a real database: nothing typed is ever lost."""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import docx as python_docx
import msgspec
import pymupdf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.clock import HeldClock
from server.config import RecordSettings
from server.db import Database, metadata
from server.errors import Forbidden, Invalid, NotFound
from server.http import VISITOR, Visitor, error_mapper
from server.records import service, store
from server.records.blocks import digest
from server.records.course import Course
from server.records.draft import draft
from server.records.kit import Kit, KitItem, Paper, PlannedBallot
from server.records.live import MinutesDoor
from server.records.manuscript import Manuscript
from server.records.prose import blocks_of, words_of
from server.records.routes import Access, routes
from server.records.service import Minutes, Sources, stream_of
from server.records.wishes import Dismiss, Insert, Keep, Restore, Update
from server.streams import Streams
from tests.records.example import ATTENDANCE, COURSE, OPENED, at
from tests.records.test_manuscript import RECORDED, Editor

SECRETARY = Visitor("ha", "s1", "Trịnh Thu Hà")
DELEGATE = Visitor("thao", "s2", "Lưu Thị Bích Thảo")
STRANGER = Visitor("x", "s3", "Người lạ")


class Office:
    """A records room with one meeting whose course the test may change."""

    def __init__(self, folder: Path, db: Database, clock: HeldClock) -> None:
        self.folder = folder
        self.db = db
        self.clock = clock
        self.streams = Streams(db, clock)
        self.course = OPENED
        self.count = 0
        self.minutes = self.fresh()

    def fresh(self) -> Minutes:
        """A service that remembers nothing, as after a restart."""
        sources = Sources(self._course, self._kit, lambda blob: self.folder / blob)
        return Minutes(self.db, self.streams, self.clock, RecordSettings(), sources)

    async def _course(self, _meeting: str) -> Course:
        return self.course

    async def _kit(self, _meeting: str) -> Kit:
        (self.folder / "blob1").write_bytes(b"%PDF-1.7 to trinh")
        return Kit(
            COURSE.title, COURSE.place, "Ủy ban nhân dân tỉnh", at(8, 30), at(7, 0), COURSE.words, "Phạm Hữu Lâm",
            (KitItem(1, "Khai mạc", 10, "Phạm Hữu Lâm"), KitItem(2, "Dự thảo <b>Quyết định</b> & phụ lục", 30)),
            ATTENDANCE,
            (PlannedBallot(2, "Thông qua dự thảo Quyết định"), PlannedBallot(2, "Bầu cử", ("Đồng ý",), secret=True)),
            (Paper("Tờ trình số 388/TTr-SNNMT", 2, 12, "blob1"), Paper("../../Đã mất", 2, 1, "gone")),
        )  # fmt: skip

    async def ask(self, wish: Any, by: str = "ha") -> Any:
        self.count += 1
        return await self.minutes.perform("m1", by, f"command-{self.count}", wish)

    async def editor(self, client: int) -> Editor:
        _, state = await self.minutes.state("m1")
        return Editor(state, client)

    async def typed(self, update: bytes, by: str = "ha") -> Any:
        return await self.ask(Update(base64.b64encode(update).decode()), by)

    async def said(self) -> list[str]:
        _, content = await self.minutes.content("m1")
        return [block.text for block in blocks_of(content)]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/hopso.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    made = Office(tmp_path, db, HeldClock(at(8, 40)))
    yield made
    await made.streams.close()
    await db.close()


async def test_the_draft_is_taken_in_and_survives_a_restart(office: Office) -> None:
    answer = await office.ask(Insert())
    assert (answer.ok, answer.version) == (True, 1)
    office.minutes = office.fresh()
    assert await office.said() == [block.text for block in draft(OPENED)]
    assert await office.minutes.news("m1") == []


async def test_an_empty_edit_leaves_no_trace(office: Office) -> None:
    await office.ask(Insert())
    assert (await office.ask(Update("AAA="))).version == 1


async def test_a_retried_edit_is_taken_once(office: Office) -> None:
    await office.ask(Insert())
    update = base64.b64encode((await office.editor(9)).paragraph(0, "Một lần.")).decode()
    first = await office.minutes.perform("m1", "ha", "same", Update(update))
    again = await office.minutes.perform("m1", "ha", "same", Update(update))
    assert first == again
    assert (await office.said()).count("Một lần.") == 1


async def test_news_waits_until_it_is_taken_in(office: Office) -> None:
    await office.ask(Insert())
    office.course = COURSE
    before = await office.said()
    fresh = await office.minutes.news("m1")
    assert await office.said() == before
    await office.ask(Insert((fresh[0].id,)))
    assert [piece.id for piece in await office.minutes.news("m1")] == [piece.id for piece in fresh[1:]]
    await office.ask(Dismiss())
    assert await office.minutes.news("m1") == []
    assert (await office.ask(Insert())).code == "minutes.no_news"


async def test_an_export_lacks_what_never_came_in_and_what_was_removed_and_both_can_be_inserted(office: Office) -> None:
    assert await office.minutes.missing("m1") == [], "nothing was begun: the whole draft is exported"
    await office.ask(Insert())
    await office.typed(
        (await office.editor(9)).delete((await office.said()).index("I. Khai mạc, thông qua chương trình"))
    )
    office.course = COURSE
    lacking = await office.minutes.missing("m1")
    assert {("removed", "item:i1"), ("new", "closing")} <= {(piece.what, piece.id) for piece in lacking}
    assert (await office.ask(Insert(tuple(piece.id for piece in lacking)))).ok
    assert await office.minutes.missing("m1") == []
    assert await office.said() == [block.text for block in draft(COURSE)]


async def test_two_people_write_at_once_and_both_are_kept(office: Office) -> None:
    await office.ask(Insert())
    one, other = await office.editor(9), await office.editor(10)
    first, second = one.type(0, 0, "A. "), other.type(0, 0, "B. ")
    await office.typed(first)
    await office.typed(second, by="tuan")
    line = (await office.said())[0]
    assert "A. " in line
    assert "B. " in line


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ("không", "minutes.update_malformed"),
        ("YWJj", "minutes.update_malformed"),
        (RECORDED["updates"][3], "minutes.update_gap"),
    ],
)
async def test_a_bad_edit_is_refused_and_spoils_nothing(office: Office, update: str, code: str) -> None:
    await office.ask(Insert())
    answer = await office.ask(Update(update))
    assert (answer.ok, answer.code) == (False, code)
    await office.typed((await office.editor(9)).paragraph(0, "Sau đó."))
    assert (await office.said())[0] == "Sau đó."
    assert await office.streams.verify(stream_of("m1")) is None


async def test_a_revision_is_kept_every_ten_minutes_of_change(office: Office) -> None:
    await office.ask(Insert())
    for minute in range(25):
        office.clock.advance(60_000)
        await office.typed((await office.editor(100 + minute)).paragraph(0, f"Phút {minute}."))
    kept = await office.minutes.revisions("m1")
    assert [revision.reason for revision in kept] == ["auto"] * 3
    gaps = [later.at - earlier.at for later, earlier in pairwise(kept)]
    assert gaps == [600_000, 600_000]


async def test_restoring_is_a_new_edit_and_can_itself_be_undone(office: Office) -> None:
    await office.ask(Insert())
    (first,) = await office.minutes.revisions("m1")
    office.clock.advance(1000)
    editor = await office.editor(9)
    await office.typed(editor.paragraph(3, "Thêm vào."))
    await office.typed(editor.delete(0))
    written = await office.said()
    answer = await office.ask(Restore(first.version))
    assert answer.ok
    assert await office.said() == [block.text for block in draft(OPENED)]
    restored, before = (await office.minutes.revisions("m1"))[:2]
    assert (restored.reason, before.reason) == ("restored", "restore")
    await office.ask(Restore(before.version))
    assert await office.said() == written
    editor.doc.apply_update((await office.minutes.state("m1"))[1])
    assert len(editor.text.children) == len(written)


async def test_restoring_what_never_was_is_refused(office: Office) -> None:
    await office.ask(Insert())
    answer = await office.ask(Restore(77))
    assert (answer.ok, answer.code) == (False, "minutes.no_such_revision")
    with pytest.raises(NotFound):
        await office.minutes.revision("m1", 77)


async def test_closing_and_naming_keep_the_text_once(office: Office) -> None:
    await office.ask(Insert())
    await office.typed((await office.editor(9)).paragraph(0, "Cuối."))
    await office.minutes.close("m1", "lam", "close-1")
    await office.minutes.close("m1", "lam", "close-2")
    await office.typed((await office.editor(11)).paragraph(0, "Sau khi đóng."))
    await office.ask(Keep("Bản gửi chủ tọa"))
    kept = await office.minutes.revisions("m1")
    assert [(revision.reason, revision.label) for revision in kept[:2]] == [("kept", "Bản gửi chủ tọa"), ("close", "")]
    assert sum(revision.reason == "close" for revision in kept) == 1
    assert words_of(await office.minutes.revision("m1", kept[1].version)).startswith("Cuối.")


async def test_long_histories_are_compacted_without_losing_a_letter(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "COMPACTED_EVERY", 5)
    dice = random.Random(30)
    await office.ask(Insert())
    for step in range(40):
        if dice.random() < 0.3:
            office.minutes = office.fresh()
        editor = await office.editor(1000 + step)
        size = len(editor.text.children)
        moves = [lambda e=editor, n=size: e.paragraph(dice.randrange(n + 1), f"Dòng {dice.random()}")]
        moves += [lambda e=editor, n=size: e.delete(dice.randrange(n))] if size > 5 else []
        await office.typed(dice.choice(moves)())
    replayed = Editor(b"\x00\x00", 1)
    for entry in await office.streams.read(stream_of("m1"), 0):
        replayed.doc.apply_update(base64.b64decode(json.loads(bytes(entry.data))["update"]))
    async with office.db.reading() as connection:
        version, _ = await store.read_state(connection, "m1")
    assert version == 40
    office.minutes = office.fresh()
    _, content = await office.minutes.content("m1")
    assert content == Manuscript(replayed.doc.get_update()).content()


async def test_a_crash_between_two_edits_loses_neither(office: Office) -> None:
    """A failing commit must leave memory as the database is."""
    await office.ask(Insert())
    before = await office.said()
    real = store.keep_revision

    def broken(*_: Any) -> Any:
        raise OSError("disk full")

    office.clock.advance(3_600_000)
    store.keep_revision = broken  # type: ignore[assignment]
    update = (await office.editor(9)).paragraph(0, "Chưa được nhận.")
    answer = await office.typed(update)
    store.keep_revision = real
    assert (answer.ok, answer.code) == (False, "bug")
    assert await office.said() == before
    assert (await office.typed(update)).ok
    assert (await office.said())[0] == "Chưa được nhận."


# ---- printing ------------------------------------------------------------------------------------------------------


async def test_an_unwritten_document_prints_the_draft(office: Office) -> None:
    office.course = COURSE
    document = python_docx.Document(io.BytesIO(await office.minutes.docx("m1", "ha")))
    body = [paragraph.text for paragraph in document.paragraphs if paragraph.text][2:]
    assert body == [block.text for block in draft(COURSE)]
    assert await office.minutes.revisions("m1") == []


async def test_the_export_holds_what_was_typed_and_keeps_it_as_a_revision(office: Office) -> None:
    office.course = COURSE
    await office.ask(Insert())
    await office.typed((await office.editor(9)).paragraph(3, "Do thư ký ghi <script> & 😀."))
    document = python_docx.Document(io.BytesIO(await office.minutes.docx("m1", "ha")))
    assert "Do thư ký ghi <script> & 😀." in [paragraph.text for paragraph in document.paragraphs]
    printed = "".join(p.get_text() for p in pymupdf.open(stream=await office.minutes.pdf("m1", "ha")))
    assert "Do thư ký ghi <script> & [U+1F600]." in " ".join(printed.split())
    kept = await office.minutes.revisions("m1")
    assert [revision.reason for revision in kept] == ["export", "auto"]


async def test_the_agency_comes_from_the_settings_where_the_meeting_names_none(office: Office) -> None:
    office.course = msgspec.structs.replace(COURSE, agency="", symbol="")
    document = python_docx.Document(io.BytesIO(await office.minutes.docx("m1", "ha")))
    letterhead = document.tables[0].rows[0].cells[0].text
    assert "ỦY BAN NHÂN DÂN TỈNH" in letterhead
    assert "Số: 05/BB-UBND" in letterhead


async def test_the_kit_holds_the_sheets_and_the_papers(office: Office) -> None:
    async with office.minutes.kit("m1") as package:
        with zipfile.ZipFile(package) as opened:
            assert opened.namelist() == ["bo-du-phong.pdf", "tai-lieu/01-to-trinh-so-388-ttr-snnmt.pdf"]
            assert opened.read("tai-lieu/01-to-trinh-so-388-ttr-snnmt.pdf") == b"%PDF-1.7 to trinh"
            pages = [page.get_text() for page in pymupdf.open(stream=opened.read("bo-du-phong.pdf"))]
    assert not package.exists()
    for title in ("CHƯƠNG TRÌNH", "DANH SÁCH ĐIỂM DANH", "KẾT QUẢ KIỂM PHIẾU GIẤY", "DANH MỤC TÀI LIỆU"):
        assert sum(title in page for page in pages) == 1, title
    whole = " ".join(" ".join(pages).split())
    members = sum(one.votes and not one.guest for one in ATTENDANCE)
    assert whole.count("PHIẾU BIỂU QUYẾT") == whole.count("PHIẾU KÍN") == members
    assert "Dự thảo <b>Quyết định</b> & phụ lục" in whole
    assert all(one.person.name in whole for one in ATTENDANCE)
    assert whole.count("chưa có tệp, cần in riêng") == 1
    secret = " ".join(next(page for page in pages if "PHIẾU KÍN" in page).split())
    assert "Họ và tên" not in secret


# ---- the doors -----------------------------------------------------------------------------------------------------


async def may_read(asking: Visitor, _meeting: str) -> bool:
    return asking.person in {"ha", "thao"}


async def may_write(asking: Visitor, _meeting: str) -> bool:
    return asking.person == "ha"


async def name_of(person: str) -> str:
    return {"ha": "Trịnh Thu Hà"}[person]


@pytest.fixture
async def client(office: Office) -> AsyncIterator[TestClient[Any, Any]]:
    @web.middleware
    async def sign_in(request: web.Request, handler: Any) -> web.StreamResponse:
        who = {"ha": SECRETARY, "thao": DELEGATE, "x": STRANGER}.get(request.headers.get("X-Test-Person", ""))
        if who is not None:
            request[VISITOR] = who
        return await handler(request)

    app = web.Application(middlewares=[error_mapper(office.clock), sign_in])
    app.add_routes(routes(office.minutes, Access(may_read, may_write, may_write, name_of)))
    async with TestClient(TestServer(app)) as opened:
        yield opened


def as_(person: str) -> dict[str, str]:
    return {"X-Test-Person": person}


@pytest.mark.parametrize(("name", "start"), [("minutes.docx", b"PK"), ("minutes.pdf", b"%PDF"), ("kit.zip", b"PK")])
async def test_files_are_downloaded(client: TestClient[Any, Any], name: str, start: bytes) -> None:
    answer = await client.get(f"/api/meetings/m1/{name}", headers=as_("ha"))
    assert answer.status == 200
    assert (await answer.read()).startswith(start)
    named = unquote(answer.headers["Content-Disposition"])
    assert named.startswith("attachment;") and COURSE.title in named and named.endswith(name[-4:])
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "minutes.docx", {"ha", "thao"}),
        ("GET", "minutes.pdf", {"ha", "thao"}),
        ("GET", "minutes/news", {"ha"}),
        ("GET", "minutes/missing", {"ha", "thao"}),
        ("GET", "minutes/revisions", {"ha", "thao"}),
        ("GET", "minutes/revisions/1", {"ha", "thao"}),
        ("POST", "minutes/restore", {"ha"}),
        ("POST", "minutes/updates", {"ha"}),
        ("GET", "kit.zip", {"ha"}),
    ],
)
async def test_each_door_lets_in_whom_it_should(
    client: TestClient[Any, Any], office: Office, method: str, path: str, allowed: set[str]
) -> None:
    await office.ask(Insert())
    for person in ("ha", "thao", "x", ""):
        asked = {"revision": 1} if path.endswith("restore") else {"update": "AAA="}
        body = {"json": asked | {"id": f"request-{person}"}} if method == "POST" else {}
        answer = await client.request(method, f"/api/meetings/m1/{path}", headers=as_(person), **body)
        expected = 200 if person in allowed else 401 if not person else 403
        assert answer.status == expected, (person, await answer.text())


async def test_revisions_and_news_are_listed_and_restored_over_http(
    client: TestClient[Any, Any], office: Office
) -> None:
    await office.ask(Insert())
    office.course = COURSE
    news = (await (await client.get("/api/meetings/m1/minutes/news", headers=as_("ha"))).json())["news"]
    assert news[0]["what"] == "new"
    assert news[0]["block"]["event"] == 20
    listed = await (await client.get("/api/meetings/m1/minutes/revisions", headers=as_("thao"))).json()
    assert listed["revisions"] == [
        {"version": 1, "at": at(8, 40), "by": "ha", "name": "Trịnh Thu Hà", "reason": "auto", "label": ""}
    ]
    shown = await (await client.get("/api/meetings/m1/minutes/revisions/1", headers=as_("thao"))).json()
    assert [block.text for block in blocks_of(shown["content"])] == [block.text for block in draft(OPENED)]
    wrong = await client.post(
        "/api/meetings/m1/minutes/restore", json={"revision": 5, "id": "wrong-one"}, headers=as_("ha")
    )
    assert (wrong.status, (await wrong.json())["code"]) == (409, "minutes.no_such_revision")


async def test_an_edit_too_large_for_the_line_comes_by_http(client: TestClient[Any, Any], office: Office) -> None:
    await office.ask(Insert())
    update = (await office.editor(9)).paragraph(0, "Phụ lục dài. " * 20_000)
    body = {"update": base64.b64encode(update).decode(), "id": "large-edit-1"}
    for _ in range(2):
        answer = await client.post("/api/meetings/m1/minutes/updates", json=body, headers=as_("ha"))
        assert (answer.status, (await answer.json())["version"]) == (200, 2)
    assert len((await office.said())[0]) == 260_000
    short = await client.post("/api/meetings/m1/minutes/updates", json=body | {"id": "x"}, headers=as_("ha"))
    assert short.status == 400


async def test_the_live_door_speaks_for_the_minutes(office: Office) -> None:
    door = MinutesDoor(office.minutes, may_read, may_write)
    stream = stream_of("m1")
    assert door.kind == "minutes"
    answer = await door.perform(SECRETARY, stream, "c-1", b'{"type":"minutes.insert"}')
    assert answer.ok
    version, snapshot = await door.snapshot(DELEGATE, stream)
    update = base64.b64decode(json.loads(snapshot)["update"])
    assert version == 1
    assert len(Editor(update, 5).text.children) == len(draft(OPENED))
    for refused in (door.admit(STRANGER, stream), door.perform(DELEGATE, stream, "c-2", b'{"type":"minutes.insert"}')):
        with pytest.raises(Forbidden):
            await refused
    for junk in (
        b"",
        b"{}",
        b'{"type":"minutes.fly"}',
        b'{"type":"minutes.update"}',
        b'{"type":"minutes.keep","x":1}',
        b"\xff",
    ):
        with pytest.raises(Invalid):
            await door.perform(SECRETARY, stream, "c-3", junk)
    assert door.may_hint(DELEGATE, stream, "caret")
    assert not door.may_hint(DELEGATE, stream, "ink")


async def test_nobody_can_pretend_an_export(office: Office) -> None:
    door = MinutesDoor(office.minutes, may_read, may_write)
    await office.ask(Insert())
    await office.typed((await office.editor(9)).paragraph(0, "x"))
    await door.perform(SECRETARY, stream_of("m1"), "k-1", b'{"type":"minutes.keep","label":"A","reason":"close"}')
    assert (await office.minutes.revisions("m1"))[0].reason == "kept"


def test_a_digest_names_what_was_said() -> None:
    assert len({digest(block) for block in draft(COURSE)}) > 30


@pytest.mark.slow
async def test_postgresql_keeps_the_minutes_as_well(tmp_path: Path, fresh_postgres_url: str) -> None:
    db = Database(fresh_postgres_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    office = Office(tmp_path, db, HeldClock(at(8, 40)))
    await office.ask(Insert())
    for step in range(3):
        office.clock.advance(600_000)
        await office.typed((await office.editor(50 + step)).paragraph(0, f"Dòng {step} 😀"))
    office.minutes = office.fresh()
    assert (await office.said())[:3] == ["Dòng 2 😀", "Dòng 1 😀", "Dòng 0 😀"]
    assert (await office.ask(Restore(1))).ok
    assert await office.said() == [block.text for block in draft(OPENED)]
    assert [revision.reason for revision in await office.minutes.revisions("m1")] == ["restored", *["auto"] * 4]
    await office.streams.close()
    await db.close()
