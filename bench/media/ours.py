"""Our media process under load: started as the product starts it, asked through its control socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.media.client import HOST, Peer, offer_down, offer_up
from server.media.conference import Desired, Endpoint, Grants
from server.media.service import Conferences

NAME = "hopso"
START = """
import sys, uvloop
from pathlib import Path
from server.config import MediaSettings
from server.media import process
uvloop.run(process.run(MediaSettings(control_socket=Path(sys.argv[1]), host=sys.argv[2], port=0)))
"""
ALL = Grants(audio=True, video=True, screen=True)


class Ours:
    """One media process with one conference."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="hopso-bench-")
        self.socket = Path(self.folder.name) / "media.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.web = Conferences([self.socket], lambda _: None)
        self.task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self, publishers: int, receivers: int) -> None:
        """Listen, and expect sites 0, 1 … of which the first `publishers` send."""
        command = [sys.executable, "-c", START, str(self.socket), HOST]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.task = asyncio.create_task(self.web.run())
        await asyncio.wait_for(self.web.up.wait(), 20)
        names = tuple(Endpoint(str(index), ALL) for index in range(max(publishers, receivers + 1)))
        self.web.desire(Desired("bench", 1, 1, names, stage="0", floor="0"))

    async def publish(self, peer: Peer, site: int) -> None:
        answer = await self.web.open("bench", str(site), ("up", "camera"), ALL, offer_up(peer, peer.ssrcs))
        await peer.connect(answer.body)

    async def receive(self, peer: Peer, site: int, videos: int) -> None:
        lines = videos if videos == 1 else videos + 1
        answer = await self.web.open("bench", str(site), ("down", "camera"), ALL, offer_down(peer, lines))
        await peer.connect(answer.body)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
        self.folder.cleanup()
