"""The copy that is served does nothing by itself, and still is the same paper."""

from __future__ import annotations

import re
from pathlib import Path

import pymupdf
import pytest

from server.documents.worker import Worker
from server.documents.worker_files import CLEAN_FILE
from tests.documents.hostile import raw_pdf
from tests.documents.house import Room, pdf, saved

ACTING = re.compile(rb"/(JavaScript|Launch|SubmitForm|GoToR|RichMedia|EmbeddedFile|XFA|OpenAction|AA)\b")
SCRIPT = b"app.alert\\('lo-mat'\\)"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[%s]/AA<</O<</S/JavaScript/JS(%s)>>>>>>"
DANGERS: dict[str, tuple[bytes, bytes, bytes]] = {
    # name -> (in the catalog, an annotation, a fifth object)
    "open action": (b"/OpenAction<</S/JavaScript/JS(" + SCRIPT + b")>>", b"", b"null"),
    "open action apart": (b"/OpenAction 5 0 R", b"", b"<</S/JavaScript/JS(" + SCRIPT + b")>>"),
    "trigger of the document": (b"/AA<</WC<</S/JavaScript/JS(" + SCRIPT + b")>>>>", b"", b"null"),
    "named scripts": (b"/Names<</JavaScript<</Names[(a)5 0 R]>>>>", b"", b"<</S/JavaScript/JS(" + SCRIPT + b")>>"),
    "embedded file": (
        b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>]>>>>",
        b"",
        b"<</Type/EmbeddedFile/Length 6>>stream\nlo-mat\nendstream",
    ),
    "associated file": (
        b"/AF[<</Type/Filespec/F(lo-mat.exe)/EF<</F 5 0 R>>>>]",
        b"",
        b"<</Type/EmbeddedFile/Length 6>>stream\nlo-mat\nendstream",
    ),
    "form of XML": (b"/AcroForm<</Fields[]/XFA 5 0 R>>", b"", b"<</Length 6>>stream\nlo-mat\nendstream"),
    "launch": (b"", b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(lo-mat.exe)>>>>", b"null"),
    "launch with an escaped name": (b"", b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/L#61unch/F(lo-mat.exe)>>>>", b"null"),
    "launch after a harmless action": (
        b"",
        b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.vn)/Next<</S/Launch/F(lo-mat.exe)>>>>>>",
        b"null",
    ),
    "form that sends": (b"", b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/SubmitForm/F(http://lo-mat)>>>>", b"null"),
    "another file": (b"", b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(//lo-mat/x.pdf)/D[0/Fit]>>>>", b"null"),
    "script as address": (b"", b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(javascript:lo-mat)>>>>", b"null"),
    "rich media": (b"", b"<</Subtype/RichMedia/Rect[0 0 9 9]/RichMediaContent<</Assets(lo-mat)>>>>", b"null"),
    "attached file": (b"", b"<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(lo-mat.exe)>>>>", b"null"),
    "movie": (b"", b"<</Subtype/Movie/Rect[0 0 9 9]/Movie<</F(lo-mat.avi)>>>>", b"null"),
    "trigger of a field": (
        b"/AcroForm<</Fields[5 0 R]>>",
        b"5 0 R",
        b"<</Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/AA<</K<</S/JavaScript/JS(lo-mat)>>>>>>",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a worker works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("danger", DANGERS)
def test_nothing_that_acts_is_left_in_the_copy(folder: Path, danger: str) -> None:
    served = copied(acting(danger))
    assert b"lo-mat" not in served
    assert not ACTING.search(served)


async def test_the_copy_without_what_acts_is_the_one_that_is_served(papers_room: Room) -> None:
    served = await copy_of(papers_room, acting("launch after a harmless action"))
    assert b"lo-mat" not in served
    assert not ACTING.search(served)


def acting(danger: str) -> bytes:
    """A paper of one page that would do this."""
    catalog, annotation, object5 = DANGERS[danger]
    source = raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE % (annotation, SCRIPT),
        b"null",
        object5,
    )
    assert b"lo-mat" in source
    return source


def copied(source: bytes) -> bytes:
    """What the worker makes of it in this folder, every stream of it unpacked."""
    Path("source.pdf").write_bytes(source)
    Worker(Path("source.pdf")).clean("paper", max_pages=10)
    return saved(pymupdf.open(CLEAN_FILE, filetype="pdf"), expand=255)


async def copy_of(room: Room, source: bytes) -> bytes:
    """The served copy, every stream of it unpacked."""
    paper = await room.published(source)
    assert paper.version is not None, paper.code
    served = room.papers.blobs.path(paper.version.id).read_bytes()  # type: ignore[arg-type]
    return saved(pymupdf.open(stream=served, filetype="pdf"), expand=255)


def test_what_an_earlier_save_left_behind_is_not_served(folder: Path) -> None:
    document = pymupdf.open(stream=pdf(pages=2), filetype="pdf")
    document[0].insert_text((72, 200), "da xoa truoc khi gui")
    document = pymupdf.open(stream=saved(document), filetype="pdf")
    kept = bytearray(document.tobytes())
    document.delete_page(0)
    served = copied(saved(document, garbage=0))
    assert b"da xoa".hex().encode() not in served
    assert b"da xoa".hex().encode() in saved(pymupdf.open(stream=bytes(kept), filetype="pdf"), expand=255)


def test_links_within_the_paper_and_to_the_web_stay(folder: Path) -> None:
    document = pymupdf.open(stream=pdf(pages=3), filetype="pdf")
    box = pymupdf.Rect(10, 10, 100, 30)
    document[0].insert_link({"kind": pymupdf.LINK_URI, "from": box, "uri": "https://chinhphu.vn/"})
    document[1].insert_link({"kind": pymupdf.LINK_GOTO, "from": box, "page": 2, "to": pymupdf.Point(0, 0)})
    served = pymupdf.open(stream=copied(saved(document)), filetype="pdf")
    assert served[0].get_links()[0]["uri"] == "https://chinhphu.vn/"
    assert served[1].get_links()[0]["page"] == 2


def test_the_copy_looks_like_the_original(folder: Path) -> None:
    document = pymupdf.open(stream=pdf(pages=1), filetype="pdf")
    page = document[0]
    page.draw_circle((300, 400), 100, color=(1, 0, 0), fill=(0, 0, 1))
    page.add_highlight_annot(pymupdf.Rect(72, 60, 200, 80))
    source = saved(document)
    served = pymupdf.open(stream=copied(source), filetype="pdf")
    before = pymupdf.open(stream=source, filetype="pdf")[0].get_pixmap().samples
    assert served[0].get_pixmap().samples == before


def test_an_owner_password_alone_does_not_keep_a_paper_from_being_read(folder: Path) -> None:
    document = pymupdf.open(stream=pdf(pages=1), filetype="pdf")
    source = saved(document, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="chủ", user_pw="")
    served = pymupdf.open(stream=copied(source), filetype="pdf")
    assert not served.is_encrypted
