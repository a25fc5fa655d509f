"""Prints the kit: one PDF, and a ZIP of it together with the papers themselves."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec

from server.records.forms.glyphs import drawable
from server.records.forms.typesetter import REGULAR, typeset
from server.records.kit import Kit, Paper, files, printed

TYPST = Path(__file__).with_name("bo_du_phong.typ")
PDF_NAME = "bo-du-phong.pdf"


def pdf(kit: Kit) -> bytes:
    """Agenda, attendance sheet, ballots for every member and planned vote, form for results, list of papers."""
    data = drawable(msgspec.json.encode(printed(kit)).decode(), REGULAR)
    return typeset(TYPST, msgspec.json.decode(data), kit.made_at)


def archive(kit: Kit, papers: dict[str, Path], target: Path) -> None:
    """Writes the ZIP to `target`. `papers` says where each blob lies; the list of papers names those without a file.

    Papers are compressed already and only stored, so that a gigabyte costs no time.
    """
    there = {blob for blob, path in papers.items() if path.is_file()}
    kit = msgspec.structs.replace(kit, papers=tuple(_known(paper, there) for paper in kit.papers))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        package.writestr(PDF_NAME, pdf(kit))
        for name, paper in files(kit.papers):
            if paper.blob:
                package.write(papers[paper.blob], name)


def _known(paper: Paper, there: set[str]) -> Paper:
    return paper if paper.blob in there else msgspec.structs.replace(paper, blob="")
