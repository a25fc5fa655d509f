"""Files by their content."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

from server.blobs import LocalBlobs


async def test_a_large_file_is_kept_without_ever_being_whole_in_memory(tmp_path: Path) -> None:
    large, piece = tmp_path / "large", b"0123456789abcdef" * 65_536
    with large.open("wb") as file:
        for _ in range(48):
            file.write(piece)
    blobs = LocalBlobs(tmp_path / "blobs")
    tracemalloc.start()
    name = await blobs.put_file(large)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 << 20
    assert name == hashlib.sha256(piece * 48).hexdigest()
    assert blobs.path(name).stat().st_size == 48 << 20
    assert await blobs.put_file(large) == name, "keeping it twice costs nothing"
