"""Files by their content: the name of a blob is the SHA-256 of its bytes, so a blob never changes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable, Iterable
from functools import partial
from pathlib import Path
from typing import NewType

CHUNK = 1 << 20
Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""


class LocalBlobs:
    """Blobs on a local disk, in folders named by the first two digits. Writes are atomic and flushed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: Sha256) -> Path:
        """Where the blob lies, whether or not it is there."""
        return self.folder / name[:2] / name

    async def put_file(self, source: Path) -> Sha256:
        """Keep a copy of this file, whatever its size: it is never whole in memory."""
        return await asyncio.to_thread(self._put_file, source)

    async def delete(self, name: Sha256) -> None:
        """Forget the blob; forgetting what is not there is fine."""
        await asyncio.to_thread(self.path(name).unlink, True)

    def _put_file(self, source: Path) -> Sha256:
        with source.open("rb") as file:
            name = Sha256(hashlib.file_digest(file, "sha256").hexdigest())
            target = self.path(name)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                file.seek(0)
                _write_flushed(target, iter(partial(file.read, CHUNK), b""))
        return name


def _write_flushed(target: Path, content: Iterable[bytes]) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


async def collect(chunks: AsyncIterable[bytes], limit: int) -> bytes | None:
    """All the chunks in one piece, or None as soon as they exceed `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            return None
        parts.append(chunk)
    return b"".join(parts)
