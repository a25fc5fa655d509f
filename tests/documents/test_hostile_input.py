"""Bad input is published or refused with a code that has a sentence; nothing of it stays behind."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.documents.broken import BrokenPages
from server.documents.page_folder import PageFolder
from server.documents.papers import Paper, State
from server.documents.sandbox import Session
from server.documents.service import Papers
from server.errors import Refused
from tests.documents import hostile
from tests.documents.house import Room, pdf, room, saved, slips

SENTENCES = json.loads(Path("web/src/i18n/errors/documents.json").read_text("utf-8"))
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "0 bytes": (bytes, "paper.empty"),
    "text": ("Kính gửi".encode, "paper.not_a_document"),
    "half a PDF": (hostile.truncated_pdf, "paper.damaged"),
    "a PDF head and noise": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50, "paper.damaged"),
    "a PDF with a password": (hostile.encrypted_pdf, "paper.encrypted"),
    "a page larger than 14,400 points": (lambda: pdf(1, 20_000, 100), "paper.page_too_large"),
    "an executable": (hostile.executable, "paper.not_a_document"),
    "a DOC": (hostile.old_word, "paper.old_office"),
    "a DOCX with a password": (hostile.encrypted_word, "paper.encrypted"),
    "a DOCX with macros": (hostile.word_with_macros, "paper.macros"),
    "a DOCM called DOCX": (hostile.word_of_macro_type, "paper.macros"),
    "a DOCX with a picture on the web": (
        lambda: hostile.word_with_relation("image", "http://example.com/theo-doi.png"),
        "paper.external_links",
    ),
    "a DOCX with a remote template": (
        lambda: hostile.word_with_relation("attachedTemplate", "http://example.com/mau.dotm"),
        "paper.external_links",
    ),
    "a DOCX with a template on a share": (
        lambda: hostile.word_with_relation("attachedTemplate", "file:///\\\\10.0.0.1\\chung\\mau.dotm"),
        "paper.external_links",
    ),
    "a DOCX with a linked object": (
        lambda: hostile.word_with_relation("oleObject", "file:///etc/passwd"),
        "paper.embedded_objects",
    ),
    "a DOCX with an embedded program": (
        lambda: hostile.repacked(hostile.word(), {"word/embeddings/oleObject1.bin": b"MZ"}),
        "paper.embedded_objects",
    ),
    "a DOCX with HTML to be merged in": (
        lambda: hostile.word_with_relation("aFChunk", "trang.html"),
        "paper.embedded_objects",
    ),
    "a DOCX that hides its relations behind capitals": (
        lambda: hostile.repacked(
            hostile.word(),
            {
                "word/_rels/header9.xml.RELS": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
                b'relationships"><Relationship Id="x" Type="http://x/image" Target="http://example.com/x.png" '
                b'TargetMode="External"/></Relationships>'
            },
        ),
        "paper.external_links",
    ),
    "a billion laughs": (hostile.word_with_entities, "paper.damaged"),
    "1.2 GB of zeros in a DOCX": (hostile.zip_bomb, "paper.unpacks_too_large"),
    "10,001 entries in a DOCX": (hostile.many_entries, "paper.unpacks_too_large"),
    "an archive of something else": (
        lambda: hostile.repacked(hostile.word(), {"[Content_Types].xml": b"<Types/>"}),
        "paper.not_a_document",
    ),
    "half a DOCX": (lambda: hostile.word()[:5000], "paper.damaged"),
}


async def test_a_bad_file_is_refused_in_words(papers_room: Room) -> None:
    """All of them in one room, one after the other: what one leaves behind is seen before the next comes."""
    for case, (make, code) in REFUSED.items():
        paper = await papers_room.published(make(), name="Tài liệu.pdf")
        assert (case, paper.state, paper.code) == (case, State.REFUSED, code)
        assert_said_in_words(paper)
        assert papers_room.left_over == [], case
        assert workers_of(os.getpid()) == [], case
        assert list((papers_room.folder / "blobs").glob("*/*")) == [], case


def test_the_zeros_in_the_docx_are_really_there() -> None:
    with zipfile.ZipFile(io.BytesIO(hostile.zip_bomb())) as package, package.open("word/media/3.bin") as part:
        assert part.read(1 << 20) == bytes(1 << 20)
        assert sum(entry.file_size for entry in package.infolist()) > 1_200 << 20


@pytest.mark.parametrize("bomb", [hostile.deflate_bomb, hostile.content_bomb])
async def test_a_bomb_is_published_or_refused_in_words_and_the_next_paper_is_shown(
    tmp_path: Path, bomb: Callable[[], bytes]
) -> None:
    content = bomb()
    assert len(content) < 20_000
    async with room(tmp_path, render_timeout_s=1) as opened:
        paper = await opened.published(content)
        assert paper.state in (State.READY, State.REFUSED)
        if paper.state is State.REFUSED:
            assert_said_in_words(paper)
        opened.papers.renderers.timeout_s = 30  # an honest page gets its time, busy as we may be
        after = await opened.published(slips(1), name="Sau.pdf")
        assert after.state is State.READY
    assert opened.left_over == []
    assert workers_of(os.getpid()) == []


def test_the_bomb_of_less_than_two_kilobytes_asks_for_ten_gigabytes() -> None:
    assert len(hostile.deflate_bomb()) < 2000


async def test_a_page_of_14400_by_14400_points_is_published(papers_room: Room) -> None:
    paper = await papers_room.published(pdf(1, 14_400, 14_400))
    assert paper.state is State.READY


@pytest.mark.parametrize(("width", "height"), [(3, 14_400), (14_400, 3)])
async def test_a_strip_of_a_page_never_makes_an_image_beyond_the_limits(
    papers_room: Room, width: int, height: int
) -> None:
    from PIL import Image

    paper = await papers_room.published(pdf(1, width, height))
    assert paper.version is not None
    for wanted in (240, 2880):
        with Image.open(await papers_room.papers.page_image(paper.version.id, 1, wanted)) as image:
            assert max(image.size) <= 16_383
            assert image.width * image.height <= 25_000_000


STRANGE = {
    "<script>alert(1)</script>.pdf": "<script>alert(1)</script>.pdf",
    "báo cáo \u202efdp.exe": "báo cáo fdp.exe",
    "Kế hoạch 🎉.pdf": "Kế hoạch 🎉.pdf",
    "../../etc/passwd": "../../etc/passwd",
    "": "Tài liệu",
}
"""As sent -> as shown."""


async def test_a_strange_name_is_only_a_name(papers_room: Room) -> None:
    content = slips(1)
    for sent, shown in STRANGE.items():
        paper = await papers_room.published(content, name=sent)
        assert (paper.state, paper.name) == (State.READY, shown)


async def test_pages_that_cannot_be_drawn_do_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    import pymupdf

    document = pymupdf.open(stream=slips(1), filetype="pdf")
    document.insert_pdf(pymupdf.open(stream=hostile.content_bomb(), filetype="pdf"))
    document.insert_pdf(pymupdf.open(stream=slips(2), filetype="pdf"))
    async with room(tmp_path, render_timeout_s=30) as opened:
        honest = opened.papers.renderers.ask

        async def hurried(session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
            """The bomb does not get the time that honest pages get, busy as we may be."""
            opened.papers.renderers.timeout_s = 1 if arguments["page"] == 2 else 30
            return await honest(session, operation, **arguments)

        opened.papers.renderers.ask = hurried  # type: ignore[method-assign]
        paper = await opened.published(saved(document))
        assert paper.version is not None
        assert paper.state is State.READY
        for page in (1, 3, 4):
            assert opened.papers.pages.image(paper.version.id, page, 1440).exists()
        assert not opened.papers.pages.image(paper.version.id, 2, 1440).exists()


@asynccontextmanager
async def undrawn(tmp_path: Path) -> AsyncIterator[tuple[Papers, Paper, str]]:
    """A paper of three pages whose images are to be drawn again, and the id of its version."""
    async with room(tmp_path) as opened:
        paper = await opened.published(slips(3))
        assert paper.version is not None
        opened.papers.pages.forget(paper.version.id)
        yield opened.papers, paper, paper.version.id


async def test_a_page_that_killed_its_worker_is_not_tried_again_until_somebody_asks_for_it(tmp_path: Path) -> None:
    async with undrawn(tmp_path) as (papers, paper, version):
        asked: list[int] = []
        honest = papers.renderers.ask

        async def deadly(session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
            asked.append(arguments["page"])
            if arguments["page"] == 2 and len(asked) < 3:
                os.kill(session._process.pid, signal.SIGKILL)
            return await honest(session, operation, **arguments)

        papers.renderers.ask = deadly  # type: ignore[method-assign]
        for _ask in range(3):
            with pytest.raises(Refused, match=r"paper\.took_too_long"):
                await papers.page_image(version, 2, 960)
        assert asked == [2], "the reason is known"
        told = (await papers.paper(paper.id)).version
        assert told is not None
        assert told.broken == 1
        await papers.page_image(version, 3, 960)
        again = BrokenPages(PageFolder(papers.pages.root))
        with pytest.raises(Refused, match=r"paper\.took_too_long"):
            again.check(version, 2, "960")
        asked.append(0)
        told_of: list[Paper] = []
        papers.on_change = told_of.append
        await papers.redraw(paper.id)
        await papers.settled()
        assert (await papers.page_image(version, 2, 960)).exists()
        assert [news.version.broken for news in told_of if news.version][-1] == 0


async def test_a_page_whose_words_cannot_be_read_is_shown_all_the_same_and_counts_as_drawn(tmp_path: Path) -> None:
    async with room(tmp_path) as opened:
        honest = opened.papers.renderers.ask

        async def deadly(session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
            if operation == "text" and arguments["page"] == 2:
                os.kill(session._process.pid, signal.SIGKILL)
            return await honest(session, operation, **arguments)

        opened.papers.renderers.ask = deadly  # type: ignore[method-assign]
        paper = await opened.published(slips(3))
        assert paper.state is State.READY and paper.version is not None
        assert (paper.version.rendered, paper.version.broken) == (3, 0)
        assert (await opened.papers.page_text(paper.version.id, 3)).exists()
        with pytest.raises(Refused, match=r"paper\.took_too_long"):
            await opened.papers.page_text(paper.version.id, 2)


def assert_said_in_words(paper: Paper) -> None:
    """The code has a sentence in both languages, and every blank of it is filled."""
    for language in ("vi", "en"):
        sentence = SENTENCES[paper.code][language]
        for name, value in paper.details.items():
            sentence = sentence.replace("{{" + name + "}}", str(value))
        assert "{{" not in sentence


def workers_of(process: int) -> list[int]:
    """Document workers that a process has started and that live (fields 3 and 4 of /proc/pid/stat).

    Its other children, Redis and houses that other tests have started, are none of our business.
    """
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            command = stat.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == process and state != "Z" and b"server.documents" in command:
            found.append(int(stat.parent.name))
    return found


async def test_a_page_too_heavy_at_one_size_is_read_at_the_others(tmp_path: Path) -> None:
    async with undrawn(tmp_path) as (papers, paper, version):
        honest = papers.renderers.ask

        async def heavy(session: Session, operation: str, **arguments: Any) -> dict[str, Any]:
            if arguments.get("widths") == [2880]:
                os.kill(session._process.pid, signal.SIGKILL)
            return await honest(session, operation, **arguments)

        papers.renderers.ask = heavy  # type: ignore[method-assign]
        with pytest.raises(Refused, match=r"paper\.took_too_long"):
            await papers.page_image(version, 2, 2880)
        assert (await papers.page_image(version, 2, 960)).exists()
        assert (await papers.page_text(version, 2)).exists()
        papers.renderers.ask = honest  # type: ignore[method-assign]
        with pytest.raises(Refused, match=r"paper\.took_too_long"):
            await papers.page_image(version, 2, 2880)
        await papers.redraw(paper.id)
        await papers.settled()
        assert (await papers.page_image(version, 2, 2880)).exists()
