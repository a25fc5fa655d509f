"""A real coturn with the configuration that is delivered, and peers that speak through it."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from aioice import turn

from bench.media.client import Peer, Peers
from server import certificates
from server.clock import SystemClock
from server.config import MediaSettings
from server.machine import Names
from server.media.turn import relays
from tests.components import free_port

CONFIG = Path(__file__).parents[2] / "config/coturn.conf"
SECRET = "gió bấc"
REALM = "turn.lam-giang.example"


def configuration(changes: dict[str, str], more: tuple[str, ...] = ()) -> str:
    """The delivered file with the operator's lines changed; whatever is changed must stand there already."""
    lines = CONFIG.read_text("utf-8").splitlines()
    for key, value in changes.items():
        places = [number for number, line in enumerate(lines) if line.startswith(f"{key}=")]
        assert len(places) == 1, f"{key} stands in config/coturn.conf {len(places)} times"
        lines[places[0]] = f"{key}={value}"
    return "\n".join((*(line for line in lines if line != "syslog"), *more, ""))


class Coturn:
    """The relay as a process; `log` holds what it said."""

    def __init__(self, program: Path, folder: Path, text: str) -> None:
        file, self.log = folder / "turnserver.conf", folder / "coturn.log"
        file.write_text(text, "utf-8")
        command = [str(program), "-c", str(file), "--pidfile", str(folder / "coturn.pid"), "--log-file", "stdout"]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder)

    async def ready(self, host: str, *ports: int) -> None:
        """Wait until it accepts connections."""
        end = time.monotonic() + 60
        for port in ports:
            while True:
                assert self.process.poll() is None and time.monotonic() < end, self.log.read_text("utf-8", "replace")
                try:
                    _, writer = await asyncio.open_connection(host, port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.close()
                break

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def credentials(endpoint: str = "a", at: int | None = None, secret: str = SECRET) -> tuple[str, str]:
    """What the house would give this endpoint now, or at that time (ms)."""
    settings = MediaSettings(turn_urls=["turn:x"], turn_secret=secret)
    (one,) = relays(settings, endpoint, int(time.time() * 1000) if at is None else at)
    return one.username, one.credential


LOCAL = ("allow-loopback-peers", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "relay-ip=::1")
"""What the delivered file leaves out: there nothing is on loopback."""


class Doors:
    """Where a running relay listens, and whose certificates its clients trust."""

    def __init__(self, plain: int, tls: int, authority: Path) -> None:
        self.ports = {"udp": plain, "tcp": plain, "tls": tls}
        self.authority = authority
        self.trusted = ssl.create_default_context(cafile=str(authority))

    def at(self, way: str) -> tuple[str, int]:
        return "127.0.0.1", self.ports[way]

    def urls(self) -> list[str]:
        """As `media.turn_urls` names them."""
        plain, tls = self.ports["udp"], self.ports["tls"]
        return [f"turn:127.0.0.1:{plain}", f"turn:127.0.0.1:{plain}?transport=tcp", f"turns:127.0.0.1:{tls}"]


@asynccontextmanager
async def on_loopback(program: Path, folder: Path, without: str = "", **more: str) -> AsyncIterator[Doors]:
    """coturn with our configuration, allowed to reach 127.0.0.1 alone; `without` lines that begin so."""
    leaf, key = folder / "leaf.pem", folder / "leaf.key"
    issued = certificates.ensure(folder, leaf, key, Names((REALM,), ("127.0.0.1",)), SystemClock().now())
    doors = Doors(free_port(), free_port(), issued.ca)
    changes = {
        "realm": REALM, "static-auth-secret": SECRET, "cert": str(leaf), "pkey": str(key),
        "allowed-peer-ip": "127.0.0.1", "listening-port": str(doors.ports["udp"]),
        "tls-listening-port": str(doors.ports["tls"]),
    }  # fmt: skip
    text = configuration(changes | {name.replace("_", "-"): value for name, value in more.items()}, LOCAL)
    kept = [line for line in text.splitlines() if not without or not line.startswith(without)]
    coturn = Coturn(program, folder, "\n".join((*kept, "")))
    try:
        await coturn.ready("127.0.0.1", doors.ports["tcp"], doors.ports["tls"])
        yield doors
    finally:
        coturn.stop()


class Heard(asyncio.DatagramProtocol):
    """What came back by the relay."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.errors: list[Exception] = []

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.data.append(data)

    def error_received(self, exc: Exception) -> None:
        self.errors.append(exc)


async def relayed(
    server: tuple[str, int], who: tuple[str, str], way: str = "udp", trusted: ssl.SSLContext | None = None
) -> tuple[turn.TurnTransport, Heard]:
    """A way through the relay: by udp, tcp or tls."""
    transport = "udp" if way == "udp" else "tcp"
    found, heard = await turn.create_turn_endpoint(
        Heard, server, who[0], who[1], lifetime=600, ssl=trusted if way == "tls" else None, transport=transport
    )
    return found, cast(Heard, heard)


class RelayedPeer(Peer):
    """A peer whose packets all go through a relay."""

    def __init__(self, peers: Peers, way: tuple[turn.TurnTransport, Heard]) -> None:
        super().__init__(peers)
        peers.all.append(self)
        self.way, heard = way
        heard.datagram_received = self._relayed  # type: ignore[method-assign]

    def _relayed(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.peers.scratch.memory[: len(data)] = data
        self._received(len(data), 0)

    def _send(self, data: bytes) -> None:
        assert self.remote is not None
        self.way.sendto(data, self.remote.address)

    def drain(self) -> None:
        """What arrives comes by the relay."""
