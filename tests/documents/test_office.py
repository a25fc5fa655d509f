"""Office files are shown as pages; without LibreOffice a sentence says so, and PDF still works."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import docx
import pytest

from server.documents.kinds import Kind, kind_of
from server.documents.papers import State
from tests.documents import hostile
from tests.documents.house import Room, room, slips
from tests.documents.test_hostile_input import assert_said_in_words, workers_of

FIELD = Path(__file__).parents[3] / "shared" / "field"
"""Real forms, where the machine has them; our own file stands beside them, so that there is always one."""


def long_word() -> bytes:
    """A DOCX of some pages with a heading, a table and a hyperlink."""
    document, target = docx.Document(), io.BytesIO()
    document.add_paragraph("Kính gửi: Ủy ban nhân dân tỉnh Đồng Nai")
    document.add_heading("BÁO CÁO TÌNH HÌNH KINH TẾ - XÃ HỘI", 1)
    for number in range(20):
        document.add_paragraph(f"{number}. Ủy ban nhân dân tỉnh chỉ đạo quyết liệt các nhiệm vụ trọng tâm. " * 4)
    table = document.add_table(3, 3)
    table.cell(1, 1).text = "đạt 105,2% kế hoạch"
    document.save(target)
    return hostile.word_with_relation("hyperlink", "https://example.com/van-ban", target.getvalue())


def odt() -> bytes:
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
        "<office:body><office:text><text:p>Tờ trình về dự toán ngân sách</text:p></office:text></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest)
    return target.getvalue()


FILES = {
    "báo cáo.docx": (long_word, "Kính gửi: Ủy ban nhân dân tỉnh Đồng Nai"),
    "tờ trình.odt": (odt, "Tờ trình về dự toán ngân sách"),
} | {path.name: (path.read_bytes, "") for path in sorted(FIELD.glob("*.docx"))}
"""Name -> what is in it, and the words it begins with."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
async def test_an_office_file_is_shown_as_pages_with_text(papers_room: Room, soffice_path: Path, name: str) -> None:
    make, begins = FILES[name]
    paper = await papers_room.published(make(), name=name)
    assert (paper.state, paper.code) == (State.READY, "")
    assert paper.version is not None
    assert paper.version.rendered == paper.version.pages >= 1
    text = json.loads((await papers_room.papers.page_text(paper.version.id, 1)).read_bytes())
    assert text["words"] != []
    assert " ".join(word[4] for word in text["words"]).startswith(begins), "no letter is lost"
    assert len(papers_room.left_over) == 1  # of the one worker that keeps it open
    assert State.CONVERTING in [change.state for change in papers_room.changes]


@pytest.mark.slow
async def test_an_office_file_broken_inside_is_refused_or_shown_and_leaves_nothing(
    papers_room: Room, soffice_path: Path
) -> None:
    broken = hostile.repacked(hostile.word(), {"word/document.xml": b"<w:document><w:body><w:p>"})
    paper = await papers_room.published(broken, name="a.docx")
    assert (paper.state, paper.code) == (State.REFUSED, "paper.damaged")
    assert papers_room.left_over == []
    assert workers_of(os.getpid()) == []


@pytest.mark.slow
async def test_a_conversion_that_takes_too_long_is_ended_and_the_next_paper_is_shown(
    tmp_path: Path, soffice_path: Path
) -> None:
    async with room(tmp_path) as opened:
        opened.papers.office.wall_s = 1
        paper = await opened.published(await_forever(), name="a.docx")
        assert (paper.state, paper.code) == (State.REFUSED, "paper.took_too_long")
        assert opened.left_over == []
        assert (await opened.published(slips(1))).state is State.READY


def await_forever() -> bytes:
    """A DOCX of far more text than one second is enough for."""
    document, target = docx.Document(), io.BytesIO()
    document.add_paragraph("Nội dung. " * 40)
    document.save(target)
    body = hostile.part_of(target.getvalue(), "word/document.xml")
    start, end = body.index(b"<w:p>"), body.index(b"</w:p>") + len(b"</w:p>")
    return hostile.repacked(
        target.getvalue(), {"word/document.xml": body[:start] + body[start:end] * 20_000 + body[end:]}
    )


async def test_without_libreoffice_a_word_file_gets_a_sentence_and_pdf_still_works(tmp_path: Path) -> None:
    async with room(tmp_path, soffice="no-such-program") as opened:
        paper = await opened.published(hostile.word(), name="Báo cáo.docx")
        assert (paper.state, paper.code) == (State.REFUSED, "paper.office_missing")
        assert_said_in_words(paper)
        assert (await opened.published(slips(1))).state is State.READY


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("wordprocessingml.document", Kind.DOCX),
        ("spreadsheetml.sheet", Kind.XLSX),
        ("presentationml.presentation", Kind.PPTX),
        ("presentationml.slideshow", Kind.PPTX),
    ],
)
def test_the_kind_of_an_office_file_is_what_its_content_types_say(part: str, kind: Kind) -> None:
    types = f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{part}.main+xml"/></Types>'
    content = hostile.repacked(hostile.word(), {"[Content_Types].xml": types.encode()})
    assert kind_of(io.BytesIO(content)) is kind


def test_the_template_on_its_authors_disk_does_not_stand_against_a_word_file() -> None:
    template = "file:///C:\\Users\\Lan\\AppData\\Roaming\\Microsoft\\Templates\\Normal.dotm"
    assert kind_of(io.BytesIO(hostile.word_with_relation("attachedTemplate", template))) is Kind.DOCX


def test_the_kind_of_an_opendocument_file_is_what_its_mimetype_says() -> None:
    assert kind_of(io.BytesIO(odt())) is Kind.ODT
