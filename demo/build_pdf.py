"""Papers to PDF: Typst sets the page, the blocks travel as JSON in `sys.inputs`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import typst

from demo.paper import Chart, Paper

HERE = Path(__file__).parent
FONTS = HERE.parent / "server" / "fonts"
TEMPLATES = HERE / "typst"
# A fixed time makes the same source give the same bytes.
WRITTEN = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


def pdf(paper: Paper, **inputs: str) -> bytes:
    """Set `paper` as PDF; `inputs` are further switches of the template (`seal`: the words of the seal)."""
    template = "slides.typ" if paper.about.form == "slides" else "document.typ"
    compiler = typst.Compiler(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"paper": msgspec.json.encode(paper).decode(), **inputs},
    )
    made = compiler.compile(format="pdf", timestamp=WRITTEN, pdf_tags=False)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    return made


def picture(chart: Chart) -> bytes:
    """Draw one chart as PNG at 220 dots per inch."""
    compiler = typst.Compiler(
        str(TEMPLATES / "picture.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"chart": msgspec.json.encode(chart).decode()},
    )
    made = compiler.compile(format="png", ppi=220)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single picture")
    return made
