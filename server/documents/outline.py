"""A paper's outline (its table of contents), and a reader's bookmarks written into it (ISO 32000-1 §12.3.3).

Only objects of the document are touched, by its own methods: an outline that is there stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from server.documents.placing import Marked
from server.text import clean

BOOKMARKS = "Đánh dấu trang"
MOST_ENTRIES = 2000
DEEPEST = 6
LONGEST_TITLE = 200


class Entry(TypedDict):
    """A line of the outline: how deep it stands, from 1, what it says, and the page it leads to, counted from 1."""

    level: int
    title: str
    page: int


def outline_of(document: Any) -> list[Entry]:
    """The paper's own outline in its order, as far as it leads to pages of this paper; empty where there is none."""
    return list(_entries(document))


def _entries(document: Any) -> Iterator[Entry]:
    for level, title, page in document.get_toc(simple=True)[:MOST_ENTRIES]:
        words = " ".join(clean(title).split())[:LONGEST_TITLE]
        if words and 1 <= page <= document.page_count:
            yield {"level": min(max(level, 1), DEEPEST), "title": words, "page": page}


def add_bookmarks(document: Any, bookmarks: list[Marked]) -> None:
    """Put these bookmarks at the end of the document's outline, page by page, under a heading of their own."""
    if not bookmarks:
        return
    root = _root(document)
    heading, *lines = [document.get_new_xref() for _ in range(len(bookmarks) + 1)]
    ordered = sorted(bookmarks, key=lambda mark: (mark["page"], mark["at"]))
    for at, (xref, mark) in enumerate(zip(lines, ordered, strict=True)):
        around = [("Prev", lines[at - 1])] if at else []
        around += [("Next", lines[at + 1])] if at + 1 < len(lines) else []
        target = f"/Dest [{document.page_xref(mark['page'] - 1)} 0 R /Fit]"
        document.update_object(xref, _item(_title(mark), heading, around, target))
    around = [("First", lines[0]), ("Last", lines[-1])]
    if (last := document.xref_get_key(root, "Last"))[0] == "xref":
        before = int(last[1].split()[0])
        around.append(("Prev", before))
        document.xref_set_key(before, "Next", f"{heading} 0 R")
    else:
        document.xref_set_key(root, "First", f"{heading} 0 R")
    document.update_object(heading, _item(BOOKMARKS, root, around, f"/Count {len(lines)}"))
    document.xref_set_key(root, "Last", f"{heading} 0 R")
    kind, count = document.xref_get_key(root, "Count")
    document.xref_set_key(root, "Count", str((max(int(count), 0) if kind == "int" else 0) + 1 + len(lines)))


def _root(document: Any) -> int:
    """The object of the outline; a new one where there is none."""
    kind, value = document.xref_get_key(document.pdf_catalog(), "Outlines")
    if kind == "xref":
        return int(value.split()[0])
    root = int(document.get_new_xref())
    document.update_object(root, "<< /Type /Outlines >>")
    document.xref_set_key(document.pdf_catalog(), "Outlines", f"{root} 0 R")
    return root


def _title(mark: Marked) -> str:
    return f"Trang {mark['page']}" + (f": {mark['text']}" if mark["text"] else "")


def _item(title: str, parent: int, around: list[tuple[str, int]], rest: str) -> str:
    links = " ".join(f"/{name} {xref} 0 R" for name, xref in [("Parent", parent), *around])
    spelled = "feff" + title.encode("utf-16-be").hex()
    return f"<< /Title <{spelled}> {links} {rest} >>"
