"""Build all papers of the meeting, PDF and DOCX: `python -m demo.build FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from demo.build_docx import build_docx
from demo.papers import HERE, build
from demo.source import read_paper


def main(folder: Path) -> None:
    """Write `<id>.pdf` and `<id>.docx` of every paper into `folder`, and say what was written."""
    for built in build(folder / ".built"):
        (folder / f"{built.id}.pdf").write_bytes(built.pdf.read_bytes())
        (folder / f"{built.id}.docx").write_bytes(build_docx(read_paper(HERE / f"{built.id}.md")))
        print(f"{built.item}. {built.id}: {built.title}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Cách dùng: python -m demo.build THƯ_MỤC")
    main(Path(sys.argv[1]))
