"""The rendered pages on disk: a cache that can be thrown away at any time, since every page can be drawn again."""

from __future__ import annotations

import shutil
from pathlib import Path

from server.documents.papers import VersionId
from server.documents.worker_files import OUTLINE_FILE, words_file


class PageFolder:
    """Page images and texts, by version, page and width."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def image(self, version: VersionId, page: int, width: int) -> Path:
        """Where that image lies, whether or not it is there."""
        return self._of(version) / f"{page}-{width}.webp"

    def text(self, version: VersionId, page: int) -> Path:
        """Where that page's words lie, whether or not they are there."""
        return self._of(version) / words_file(page)

    def outline(self, version: VersionId) -> Path:
        """Where the version's table of contents lies, whether or not it is there."""
        return self._of(version) / OUTLINE_FILE

    def take(self, version: VersionId, folder: Path, *names: str) -> None:
        """Move these files of a worker's folder in; each appears at once and whole."""
        target = self._of(version)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            # Between two disks a move is a copy: the page gets its name when it is whole.
            partial = target / f".{folder.name}-{name}"
            try:
                shutil.move(folder / name, partial)
                partial.replace(target / name)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise

    def missing(self, version: VersionId, pages: int, width: int) -> list[int]:
        """The pages that have no image of that width yet."""
        return [page for page in range(1, pages + 1) if not self.image(version, page, width).exists()]

    def forget(self, version: VersionId) -> None:
        """Throw a version's images away."""
        shutil.rmtree(self._of(version), ignore_errors=True)

    def _of(self, version: VersionId) -> Path:
        return self.root / version[:2] / version
