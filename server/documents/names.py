"""What a paper is called: a name people read ("Số 12/BC-UBND"), never used as a path, never a trick.

Bidirectional and zero-width controls can make `exe.fdp` read as `pdf.exe` (Unicode TR36 §2.10): they are
left out. Everything else stays as it was typed; a name is text, so `<script>` in it is only letters.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 200
NAMELESS = "Tài liệu"
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories without a shape of their own: controls, formats, surrogates, line separators."""


WINDOWS_FOLDER = re.compile(r"^[A-Za-z]:\\.*\\")


def display_name(raw: str) -> str:
    """The name to show: NFC, no folder of a Windows path, no invisible characters, at most 200 characters."""
    last = WINDOWS_FOLDER.sub("", raw)
    visible = "".join(" " if c in "\t\n\r" else c for c in last if c in "\t\n\r" or not _invisible(c))
    name = " ".join(unicodedata.normalize("NFC", visible).split())
    return _shortened(name) if name.strip("./\\ ") else NAMELESS


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in INVISIBLE


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 8:
        return name[: LONGEST_NAME - 1] + "…"
    return stem[: LONGEST_NAME - len(extension) - 2] + "…." + extension


def retitled(name: str, title: str) -> str:
    """The name with another title and the ending it had: "Báo cáo.docx" → "Dự thảo 2.docx"."""
    stem, dot, ending = name.rpartition(".")
    kept = f".{ending}" if stem and dot and len(ending) <= 8 and " " not in ending else ""
    wanted = display_name(title)
    return display_name(wanted if kept and wanted.endswith(kept) else wanted + kept)


def with_extension(name: str, extension: str) -> str:
    """The name with another extension: "Báo cáo.docx" → "Báo cáo.pdf"."""
    stem, dot, old = name.rpartition(".")
    return f"{stem if dot and len(old) <= 8 else name}.{extension}"
