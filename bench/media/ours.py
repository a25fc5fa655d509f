"""Our media process under load: started as the product starts it, asked through its control socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.media.client import HOST, Peer, offer_down, offer_up
from server.config import MediaSettings
from server.errors import Unavailable
from server.media.conference import Desired, Endpoint, Grants
from server.media.service import Conferences

NAME = "hopso"
START = """
import os, sys, uvloop
from server.config import MediaSettings
from server.media import process
from server.supervisor import end_with_parent
settings = MediaSettings.model_validate_json(sys.argv[1])
parent = os.getpid()
number = next((one for one in range(2, settings.processes + 1) if not os.fork()), 1)
if number > 1:
    end_with_parent(parent)
uvloop.run(process.run(settings.nth(number)))
"""
ALL = Grants(audio=True, video=True, screen=True)


class Ours:
    """One conference on one media process, or on several."""

    def __init__(self, processes: int = 1) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="hopso-bench-")
        socket = Path(self.folder.name) / "media.sock"
        self.settings = MediaSettings(control_socket=socket, host=HOST, port=0, processes=processes)
        self.process: subprocess.Popen[bytes] | None = None
        self.web = Conferences(self.settings.sockets(), lambda _: None)
        self.task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self, publishers: int, receivers: int) -> None:
        """Listen, and expect sites 0, 1 … of which the first `publishers` send."""
        command = [sys.executable, "-c", START, self.settings.model_dump_json()]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.task = asyncio.create_task(self.web.run())
        async with asyncio.timeout(20):
            while not all(self.web.there().values()):
                await asyncio.sleep(0.05)
        names = tuple(Endpoint(str(index), ALL) for index in range(max(publishers, receivers + 1)))
        self.web.desire(Desired("bench", 1, 1, names, stage="0", floor="0"))

    async def publish(self, peer: Peer, site: int) -> None:
        answer = await self.web.open("bench", str(site), ("up", "camera"), ALL, offer_up(peer, peer.ssrcs))
        await peer.connect(answer.body)

    async def receive(self, peer: Peer, site: int, videos: int) -> None:
        lines = videos if videos == 1 else videos + 1
        try:
            answer = await self.web.open("bench", str(site), ("down", "camera"), ALL, offer_down(peer, lines))
        except Unavailable as error:
            raise TimeoutError("media was too busy to answer") from error
        await peer.connect(answer.body)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
        self.folder.cleanup()
