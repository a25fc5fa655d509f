"""Writes the next migration from the difference between the tables in code and an empty, migrated database.

`python scripts/new_migration.py "what changed"`
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from alembic import command  # noqa: E402

from server.db import Database  # noqa: E402
from server.schema import alembic_config, migrate  # noqa: E402


async def main(message: str) -> None:
    """Migrate a scratch database, compare, write the file."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{folder}/scratch.db")
        await migrate(db)
        versions = ROOT / "server/migrations/versions"
        number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}"
        async with db.writing() as connection:
            await connection.run_sync(
                lambda c: command.revision(alembic_config(c), message, autogenerate=True, rev_id=number)
            )
        await db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
