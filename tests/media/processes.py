"""Media processes as the supervisor starts them, to be killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from server.media.control import process_of
from server.serving import commands
from tests.media.conftest import House

REPOSITORY = Path(__file__).parents[2]


class Processes(House):
    """Real processes behind a house's sockets."""

    def environment(self) -> dict[str, str]:
        """What tells them which sockets are theirs."""
        return {
            "HOPSO_MEDIA__CONTROL_SOCKET": str(self.settings.control_socket), "HOPSO_MEDIA__HOST": "127.0.0.1",
            "HOPSO_MEDIA__PORT": "0", "HOPSO_MEDIA__PROCESSES": str(self.settings.processes),
        }  # fmt: skip

    def lines(self) -> dict[str, list[str]]:
        """Their command lines, by their names."""
        everything = commands((), self.settings.processes)
        return {name: line for name, line in everything.items() if name.startswith("media")}

    async def start_media(self, *numbers: int) -> None:
        self.running = {
            name: await asyncio.create_subprocess_exec(
                *line,
                env=os.environ | self.environment(), cwd=REPOSITORY,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )
            for name, line in self.lines().items()
        }  # fmt: skip

    async def stop_media(self, *numbers: int) -> None:
        for child in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
            await child.wait()

    def carrier(self, session: str) -> str:
        """The name of the process that carries this session."""
        at = next(one for one in self.web.processes if one.peer and one.peer.name.endswith(process_of(session)))
        return "media" + at.path.stem.removeprefix("m")

    def kill(self, session: str) -> None:
        """The process that carries this session dies at once."""
        self.running[self.carrier(session)].send_signal(signal.SIGKILL)
