"""Typst, held on a short leash: our fonts only, data only through `sys.inputs`, nothing from the network."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

FONTS = Path(__file__).resolve().parents[2] / "fonts"
REGULAR = FONTS / "LiberationSerif-Regular.ttf"
BOLD = FONTS / "LiberationSerif-Bold.ttf"


def typeset(source: Path, data: Any, made_at: int) -> bytes:
    """A PDF/A-2b of that Typst file with that data (JSON shapes). The same input gives the same bytes."""
    made = datetime.datetime.fromtimestamp(made_at // 1000, datetime.UTC)
    compiler = typst.Compiler(str(source), root=str(source.parent), font_paths=_fonts())
    written = compiler.compile(
        format="pdf",
        sys_inputs={"data": msgspec.json.encode(data).decode()},
        pdf_standards=["a-2b"],
        timestamp=made,
    )
    assert isinstance(written, bytes)
    return written


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
