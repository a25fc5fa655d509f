"""The process that opens what strangers wrote: one file, confined, one JSON line per request and answer.

Started by `sandbox.Session` as `python -m server.documents.worker POLICY FILE`. It confines itself before
it looks at the file, and ends when its input ends. Results that are files are written into its folder.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from server.confine import Policy, confine
from server.documents.kinds import kind_of
from server.documents.legacy import Boxed, boxed_words, code_of
from server.documents.limits import LARGEST_PAGE_PT, PageSize, scale_to
from server.documents.outline import add_bookmarks, outline_of
from server.documents.worker_files import (
    ANNOTATED_FILE,
    CLEAN_FILE,
    CONVERTED_FILE,
    MARKS_FILE,
    OUTLINE_FILE,
    words_file,
)
from server.documents.xfdf import xfdf
from server.errors import Problem, Refused, TooLarge, is_full

PICTURES = {"quality": 82, "method": 2}
"""For pages with photographs or scans."""
LETTERS: dict[str, Any] = {"lossless": True, "quality": 20, "method": 1}
"""For pages of letters and lines: exact, and measured both smaller and quicker than with losses."""
MOST_WORDS = 20_000
PT_ROUNDING = 0.5
TOO_MUCH = ("malloc", "out of memory", "file too large")
"""How MuPDF, Pillow and the system say that a limit of ours was met."""
NO_ROOM = "no space left"
"""How they say that the disk is full, which is not the file's fault."""


class Worker:
    """Answers requests about one file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.document: Any = None

    def inspect(self) -> dict[str, Any]:
        """What kind of file it is, after the checks that need no opening of pages."""
        with self.file.open("rb") as content:
            return {"kind": str(kind_of(content))}

    def clean(self, paper: str, max_pages: int) -> dict[str, Any]:
        """Write the sanitised copy; answer with the size of every page. Later requests are about the copy."""
        import pymupdf

        from server.documents.cleaning import clean

        document = self._open(self.file)
        if document.page_count > max_pages:
            raise TooLarge("paper.too_many_pages", pages=document.page_count, limit=max_pages)
        clean(document, paper)
        document.save(CLEAN_FILE, garbage=2, encryption=pymupdf.PDF_ENCRYPT_NONE, reproducible=True)
        document.close()
        self.file = Path(CLEAN_FILE)
        self.document = self._open(self.file)
        return {"sizes": [_size(self.document, number) for number in range(self.document.page_count)]}

    def convert(self, program_folder: str, kind: str) -> dict[str, Any]:
        """Write the office file as `converted.pdf`, by the LibreOffice installed in that folder."""
        from server.documents.libreoffice import convert

        convert(Path(program_folder), self.file, Path(CONVERTED_FILE), kind)
        return {}

    def render(self, page: int, widths: list[int]) -> dict[str, Any]:
        """Write `<page>-<width>.webp` for each width; the largest is drawn, the others are made from it."""
        from PIL import Image

        raster = self.raster(page, max(widths))
        drawn = Image.frombytes("RGB", (raster.width, raster.height), raster.samples_mv)
        form = PICTURES if self._page(page).get_images() else LETTERS
        for width in widths:
            height = max(1, round(drawn.height * width / max(widths)))
            image = drawn if width == max(widths) else drawn.resize((width, height), Image.Resampling.BOX)
            image.save(f"{page}-{width}.webp", **form)
        return {}

    def raster(self, page: int, width: int) -> Any:
        """The page as a pixmap: 8-bit RGB, rows from the top."""
        import pymupdf

        sheet = self._page(page)
        scale = scale_to(width, PageSize(sheet.rect.width, sheet.rect.height))
        return sheet.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)

    def text(self, page: int) -> dict[str, Any]:
        """Write the page's `words_file`: its size and its words with their boxes, in points as the page is read."""
        import pymupdf

        sheet = self._page(page)
        words = []
        for x0, y0, x1, y1, word in _words(sheet)[:MOST_WORDS]:
            box = pymupdf.Rect(x0, y0, x1, y1) * sheet.rotation_matrix
            words.append([*(round(each, 2) for each in box), word])
        size = {"width": round(sheet.rect.width, 2), "height": round(sheet.rect.height, 2)}
        Path(words_file(page)).write_text(json.dumps(size | {"words": words}, ensure_ascii=False), "utf-8")
        return {}

    def outline(self) -> dict[str, Any]:
        """Write `outline.json`: what the paper's own table of contents says, line by line."""
        self._page(1)
        said = {"entries": outline_of(self.document)}
        Path(OUTLINE_FILE).write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        return {}

    def annotate(self, form: str, name: str) -> dict[str, Any]:
        """Write what carries the marks of `marks.json`: a copy with annotations, a `flat` one, or their `xfdf` alone.

        `name` is what the annotated file is called.
        """
        from server.documents.inking import Inking

        document = self._open(self.file)
        inking = Inking(document)
        told = json.loads(Path(MARKS_FILE).read_bytes())
        marks = [mark for mark in told if mark["kind"] != "bookmark"]
        if form == "flat":
            inking.flatten(marks)
        else:
            inking.draw(marks)
        if form == "xfdf":
            Path(ANNOTATED_FILE).write_bytes(xfdf(inking.annotations(), name))
        else:
            add_bookmarks(document, [mark for mark in told if mark["kind"] == "bookmark"])
            document.save(ANNOTATED_FILE, garbage=1, deflate=True)
        return {}

    def _page(self, number: int) -> Any:
        if self.document is None:
            self.document = self._open(self.file)
        return self.document.load_page(number - 1)

    def _open(self, file: Path) -> Any:
        import pymupdf

        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
        document = pymupdf.open(filename=str(file), filetype="pdf")
        if document.needs_pass:
            raise Refused("paper.encrypted")
        if not document.is_pdf or document.page_count < 1:
            raise Refused("paper.damaged")
        return document


def _words(sheet: Any) -> list[Boxed]:
    """The words as Unicode, with their boxes on the page before it is turned. Where letters come one by one with their
    fonts it takes several times longer: only where there is such a font."""
    import pymupdf

    if any(code_of(font[3]) for font in sheet.get_fonts(full=True)):
        return boxed_words(sheet.get_text("rawdict", flags=pymupdf.TEXTFLAGS_WORDS))
    return [word[:5] for word in sheet.get_text("words")]


def _size(document: Any, number: int) -> list[float]:
    box = document.load_page(number).rect
    largest = LARGEST_PAGE_PT + PT_ROUNDING
    if not (0 < box.width <= largest and 0 < box.height <= largest):
        raise TooLarge("paper.page_too_large", page=number + 1)
    return [round(box.width, 2), round(box.height, 2)]


def answer(worker: Worker, line: bytes) -> dict[str, Any]:
    """One request's answer; whatever the file does to us becomes a code."""
    request = msgspec.json.decode(line, type=dict[str, Any])
    operations: dict[str, Callable[..., dict[str, Any]]] = {
        "inspect": worker.inspect,
        "clean": worker.clean,
        "convert": worker.convert,
        "render": worker.render,
        "text": worker.text,
        "outline": worker.outline,
        "annotate": worker.annotate,
    }
    try:
        return {"ok": True, "value": operations[request.pop("op")](**request)}
    except Problem as problem:
        return {"ok": False, "code": problem.code, "details": problem.details}
    except MemoryError:
        return {"ok": False, "code": "paper.too_heavy"}
    except Exception as error:
        if is_full(error) or NO_ROOM in str(error).lower():
            return {"ok": False, "code": "storage.full"}
        heavy = any(sign in str(error).lower() for sign in TOO_MUCH)
        code = "paper.too_heavy" if heavy else "paper.damaged"
        return {"ok": False, "code": code, "reason": f"{type(error).__name__}: {error}"[:500]}


def serve(worker: Worker, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer line by line until there are no more requests."""
    for line in requests:
        answers.write(msgspec.json.encode(answer(worker, line)) + b"\n")
        answers.flush()


def main() -> None:
    """Confine, then serve. What libraries print goes nowhere, so that it never mixes with the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    missing = confine(msgspec.json.decode(sys.argv[1], type=Policy))
    answers.write(msgspec.json.encode({"ok": True, "value": {"missing": missing}}) + b"\n")
    answers.flush()
    serve(Worker(Path(sys.argv[2])), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
