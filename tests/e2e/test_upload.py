"""Harmful and broken files come in by the secretary's door while the meeting goes on: a sentence, and nothing left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents import hostile
from tests.documents.house import pdf
from tests.e2e.house import ROOT
from tests.e2e.small import MEETING, Caller, Furnished, SmallHouse, small_house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BIDI = "Báo cáo \u202efdp.exe"
PUBLISHED = {
    "<script>alert(1)</script>.pdf": pdf(2),
    BIDI + ".pdf": pdf(2),
    "Tờ trình 📈 số 12 “đã ký”.pdf": pdf(2),
    "../../etc/passwd.pdf": pdf(1),
    "a" * 400 + ".pdf": pdf(1),
}
REFUSED = {
    "Hỏng.pdf": hostile.truncated_pdf(),
    "Có mật khẩu.pdf": hostile.encrypted_pdf(),
    "Nén nhiều lớp.pdf": hostile.deflate_bomb(),
    "Rỗng.pdf": b"",
    "Có macro.docx": hostile.word_with_macros(),
    "Chương trình.pdf": hostile.executable(),
    "Không phải gì.pdf": b"\x00\x01\x02" * 500,
}
HUGE = {"Khổ rất lớn.pdf": pdf(1, 14_400, 14_400), "Nội dung nén.pdf": hostile.content_bomb()}
"""Allowed or not by size alone; what matters is that they are answered."""
SENTENCES: dict[str, dict[str, str]] = {
    code: both
    for file in (ROOT / "web/src/i18n/errors").glob("*.json")
    for code, both in json.loads(file.read_text("utf-8")).items()
}
UNSEEN = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F)}


@pytest.fixture
async def small(request: pytest.FixtureRequest, furnished: tuple[Path, Furnished]) -> AsyncIterator[SmallHouse]:
    """A house that, when it is closed, has left no process and no temporary file behind.

    The parameter: how long a page may take, in seconds.
    """
    folder, lies = furnished
    async with small_house(folder, lies, DOCUMENTS__RENDER_TIMEOUT_S=getattr(request, "param", "20")) as house:
        yield house
        await house.house.papers.settled()
    half = [str(path) for path in (folder / "blobs").rglob("*") if path.is_file() and len(path.name) != 64]
    assert [*(folder / "work").glob("*"), *half, *children()] == []


async def outcome(secretary: Caller, name: str, content: bytes) -> dict[str, Any]:
    """What became of an upload in the end: the paper, or the refusal at the door."""
    status, answer = await secretary.uploads(MEETING, name, content)
    if status != 201:
        return dict(answer)
    async with asyncio.timeout(120):
        while answer["state"] not in {"ready", "refused"}:
            await asyncio.sleep(0.1)
            status, answer = await secretary.asks("GET", f"/api/papers/{answer['id']}")
            assert status == 200, answer
    return dict(answer)


async def keep_turning(small: SmallHouse, done: asyncio.Event) -> int:
    """The chair turns pages until told to stop: every one of them must be carried out."""
    chair, paper = await small.caller("chair"), small.lies.papers["all"]
    assert (await chair.commands("paper.show", paper=paper, page=1))[0] == 200
    turned = 0
    while not done.is_set():
        status, answer = await chair.commands("page.turn", paper=paper, page=2 + turned % 5)
        assert status == 200, answer
        turned += 1
        await asyncio.sleep(0.05)
    return turned


def children() -> list[str]:
    """The command lines of this process's children, dead ones that nobody has waited for included."""
    own = Path(f"/proc/self/task/{Path('/proc/self').resolve().name}/children").read_text("ascii").split()
    return [_line(pid) for pid in own if b"server.documents.worker" in _raw(pid) or "soffice" in _line(pid)]


def _raw(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _line(pid: str) -> str:
    return _raw(pid).replace(b"\0", b" ").decode(errors="replace")


@pytest.mark.parametrize("small", ["3"], indirect=True)
async def test_bad_files_are_answered_with_a_sentence_while_pages_are_turned(
    small: SmallHouse, soffice_path: Path
) -> None:
    secretary, done = await small.caller("secretary"), asyncio.Event()
    turning = asyncio.create_task(keep_turning(small, done))
    found = {name: await outcome(secretary, name, content) for name, content in {**REFUSED, **HUGE}.items()}
    done.set()
    assert await turning > 20, "page turns stood still meanwhile"
    for name, answer in found.items():
        refused = answer.get("state", "refused") == "refused"
        assert refused or name in HUGE, (name, answer)
        if refused:
            sentence = SENTENCES[answer["code"]]
            assert sentence["vi"] and sentence["en"], answer
            assert answer["code"] != "bug"


async def test_good_files_with_wild_names_are_published_under_harmless_ones(small: SmallHouse) -> None:
    secretary = await small.caller("secretary")
    item = (await secretary.asks("GET", f"/api/meetings/{MEETING}"))[1]["state"]["items"][0]["id"]
    for name, content in PUBLISHED.items():
        paper = await outcome(secretary, name, content)
        assert paper.get("state") == "ready", (name, paper)
        assert not UNSEEN & set(paper["name"]), paper["name"]
        assert len(paper["name"].encode()) <= 255
        status, page = await secretary.fetches(f"/pages/{paper['version']['id']}/1/960.webp")
        assert (status, page[8:12]) == (200, b"WEBP")
        attached = {"paper": paper["id"], "item": item, "title": "Tài liệu", "short": "Tài liệu"}
        assert (await secretary.commands("paper.attach", **attached))[0] == 200
        await _download_is_an_attachment(small, secretary, paper["id"])


async def test_a_delegate_and_a_guest_cannot_add_papers(small: SmallHouse) -> None:
    for who in ("delegate", "guest", "technician"):
        status, answer = await (await small.caller(who)).uploads(MEETING, "a.pdf", pdf(1))
        assert (status, answer["code"]) == (404, "shelf.unknown")


async def test_an_upload_that_is_broken_off_leaves_nothing(small: SmallHouse) -> None:
    secretary = await small.caller("secretary")
    _, before = await secretary.asks("GET", f"/api/papers?shelf={MEETING}")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(small.url.rpartition(":")[2]))
    head = f"POST /api/papers?shelf={MEETING} HTTP/1.1\r\nHost: x\r\nCookie: __Host-hopso={secretary.cookie}\r\n"
    writer.write((head + "X-File-Name: a.pdf\r\nContent-Length: 1000000\r\n\r\n%PDF-1.7").encode())
    await writer.drain()
    work = small.house.papers.settings.work_folder
    async with asyncio.timeout(60):
        while not list(work.glob("run-*/received")):
            await asyncio.sleep(0.01)
        writer.close()
        while list(work.glob("run-*/received")):
            await asyncio.sleep(0.01)
    assert (await secretary.asks("GET", f"/api/papers?shelf={MEETING}"))[1] == before
    del reader


async def _download_is_an_attachment(small: SmallHouse, caller: Caller, paper: str) -> None:
    headers = {"Cookie": f"__Host-hopso={caller.cookie}"}
    async with small.session.get(f"{small.url}/api/papers/{paper}/original", headers=headers) as response:
        assert response.status == 200
        disposition = response.headers["Content-Disposition"]
        assert disposition.startswith("attachment; ") and not set("/\\<>\n") & set(disposition), disposition
        assert "%2F" not in disposition
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
