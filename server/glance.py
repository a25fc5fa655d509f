"""What a database file tells at a glance, before anything heavy is loaded: does the house only need to be opened?"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from server.backup import sqlite_file

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION = "SELECT version_num FROM alembic_version"
PUBLISHED = "SELECT 1 FROM meetings WHERE phase != 'draft' LIMIT 1"


def newest() -> str:
    """The number of the last migration, as its file is named."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def is_ready(url: str, demo: bool) -> bool:
    """Whether the tables are this program's and, for a demo, a meeting was published; False where it cannot be seen.

    Only of SQLite's files. Nothing is written, and no file is made.
    """
    file = sqlite_file(url)
    if file is None or not file.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            version = database.execute(VERSION).fetchone()
            return version == (newest(),) and (not demo or database.execute(PUBLISHED).fetchone() is not None)
    except sqlite3.Error:
        return False
