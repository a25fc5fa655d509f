"""A real house for browser tests: its own folder, ports, certificate and processes; ended with the block."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.components import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_WITHIN_S = 150
FELL = b"web: ended with status"
"""What the supervisor says of a web process that does not come up; after a few falls there is no use in waiting."""


class RealHouse:
    """`python -m server serve` in a folder of its own, with the demo province."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.media_port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.log = folder / "house.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.fallen = 0
        """How often its web process had ended by itself before this start."""

    @property
    def authority(self) -> Path:
        """The certificate of our own authority, to be trusted by the browser."""
        return self.folder / "var/tls/hopso-ca.pem"

    def environment(self) -> dict[str, str]:
        """What makes this house its own."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOPSO_DEMO": "true",
            "HOPSO_WEB__HOST": "127.0.0.1",
            "HOPSO_WEB__PORT": str(self.port),
            "HOPSO_WEB__GUIDE_PORT": "0",
            "HOPSO_WEB__STATIC_FOLDER": str(ROOT / "web/dist"),
            "HOPSO_MEDIA__PORT": str(self.media_port),
            "HOPSO_PEOPLE__REQUIRE_SECOND_FACTOR": "false",
            "HOPSO_PEOPLE__ARGON2_MEMORY_KIB": "1024",
            "HOPSO_PEOPLE__ARGON2_PASSES": "1",
        }

    def start(self) -> None:
        """Start and wait until the web process answers."""
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        for file in ("default.toml", "meeting_types.toml"):
            shutil.copy(ROOT / "config" / file, self.folder / "config" / file)
        self.launch()
        self._await_answer()

    def launch(self) -> None:
        """Start its processes."""
        self.fallen = self.log.read_bytes().count(FELL) if self.log.exists() else 0
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "server", "serve"]
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )

    def fell(self) -> bool:
        """Whether it ended by itself, or is not worth waiting for."""
        assert self.process is not None
        return self.process.poll() is not None or self.log.read_bytes().count(FELL) > self.fallen + 2

    def stop(self) -> None:
        """End it as an operator would, and its children with it."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.process = None

    def children(self) -> dict[str, int]:
        """The processes by their part: web, media → process id."""
        found: dict[str, int] = {}
        assert self.process is not None
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except (OSError, ValueError):
                continue
            if parent == self.process.pid and b"--only" in words:
                found[words[words.index(b"--only") + 1].decode()] = int(folder.name)
        return found

    def _await_answer(self) -> None:
        context: ssl.SSLContext | None = None
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            if self.fell():
                raise AssertionError(f"the house did not start:\n{self.log.read_text()[-3000:]}")
            try:
                context = context or ssl.create_default_context(cafile=str(self.authority))
                urllib.request.urlopen(f"{self.url}/api/about", context=context, timeout=10).close()
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise AssertionError(f"the house does not answer:\n{self.log.read_text()[-3000:]}")


@contextmanager
def real_house(folder: Path) -> Iterator[RealHouse]:
    """A house that is running inside the block."""
    house = RealHouse(folder)
    try:
        house.start()
        yield house
    finally:
        house.stop()
