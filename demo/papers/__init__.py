"""The papers of today's meeting, built from their sources in this folder.

A PDF is built once and kept under the hash of everything it is made of: source, data files, templates, fonts
and the code that builds it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from demo.paper import Paper
from demo.province import load
from demo.source import read_paper

HERE = Path(__file__).parent
FONTS = HERE.parent.parent / "server" / "fonts"


class Built(msgspec.Struct, frozen=True):
    """A paper that is ready: `item` is the order of its agenda item, `pdf` where the file lies."""

    id: str
    item: int
    kind: str
    title: str
    short_title: str
    pdf: Path


def build(folder: Path) -> list[Built]:
    """Build all papers of the meeting as PDF into `folder`, in the order of the agenda; built ones are kept.

    Raises `ValueError` when a source cannot be read and `typst.TypstError` when it cannot be set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_built(folder, item.order, name) for item in load().meeting.item for name in item.papers]


def _built(folder: Path, item: int, name: str) -> Built:
    source = HERE / f"{name}.md"
    paper = read_paper(source)
    mark = hashlib.sha256(_ground() + source.read_bytes()).hexdigest()[:16]
    target = folder / f"{name}-{mark}.pdf"
    if not target.exists():
        half = target.with_suffix(".part")
        half.write_bytes(_set(paper))
        half.replace(target)
    about = paper.about
    return Built(id=about.id, item=item, kind=about.kind, title=about.title, short_title=about.short, pdf=target)


def _set(paper: Paper) -> bytes:
    from demo.build_pdf import pdf
    from demo.build_scan import scan

    return scan(paper) if paper.about.form == "scan" else pdf(paper)


@cache
def _ground() -> bytes:
    """A hash of what every paper rests on."""
    files = [
        *HERE.glob("data/*.csv"),
        *HERE.parent.glob("typst/*.typ"),
        *HERE.parent.glob("*.py"),
        *FONTS.glob("*.ttf"),
    ]
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.digest()
