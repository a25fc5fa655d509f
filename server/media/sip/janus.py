"""Janus as our child: its configuration filled in, its API by a Unix socket, one handle of the SIP plugin per call."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import Any

import msgspec
import structlog

from server.config import SipSettings
from server.errors import Unavailable

ANSWERS_WITHIN_S = 10.0
KEEPALIVE_S = 20.0
CONNECT_TRIES = 50
CONNECT_S = 0.1
LARGEST_WORD = 1 << 20
PLUGIN = "janus.plugin.sip"

log = structlog.get_logger("sip")
Happening = Callable[[Mapping[str, Any], str], None]
"""Told the plugin's result (`{"event": "accepted", …}`) and the description that came with it, or an empty one."""


class Janus:
    """One Janus process and our session with it."""

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.child: asyncio.subprocess.Process | None = None
        self.api: socket.socket | None = None
        self.session = 0
        self.waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.happenings: dict[int, Happening] = {}

    @property
    def installed(self) -> bool:
        """Whether the program is there at all."""
        return shutil.which(self.settings.janus) is not None

    def configure(self) -> Path:
        """Fill in the configuration; the folder it lies in."""
        settings, folder = self.settings, self.settings.folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        ports = {"ports": settings.ports, "inner_ports": settings.inner_ports}
        values = {"folder": str(folder), "host": settings.host, **ports}
        for template in settings.templates.glob("*.jcfg"):
            (folder / template.name).write_text(Template(template.read_text()).substitute(values))
        return folder

    async def run(self, ready: Callable[[], None]) -> None:
        """Start it, tell when it answers, and return when it has ended. Cancelling ends it."""
        folder = self.configure()
        command = [self.settings.janus, "-C", str(folder / "janus.jcfg"), "-F", str(folder)]
        with (folder / "janus.log").open("wb") as output:
            self.child = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            await self._connect(folder / "api")
            reading, beating = asyncio.ensure_future(self._read()), asyncio.ensure_future(self._keep_alive())
            self.session = int((await self.ask({"janus": "create"}))["data"]["id"])
            ready()
            ended = asyncio.ensure_future(self.child.wait())
            await asyncio.wait((reading, beating, ended), return_when=asyncio.FIRST_COMPLETED)
            for task in (reading, beating, ended):
                task.cancel()
        finally:
            await self._end()

    async def _connect(self, path: Path) -> None:
        assert self.child is not None
        api = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        api.setblocking(False)
        for _ in range(CONNECT_TRIES):
            if self.child.returncode is not None:
                break
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().sock_connect(api, str(path))
                self.api = api
                return
            await asyncio.sleep(CONNECT_S)
        api.close()
        raise Unavailable("sip.no_janus")

    async def _end(self) -> None:
        self.session = 0
        if self.api is not None:
            self.api.close()
            self.api = None
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(Unavailable("sip.no_janus"))
        for happening in list(self.happenings.values()):
            happening({"event": "gone"}, "")
        self.happenings.clear()
        if self.child is not None and self.child.returncode is None:
            self.child.kill()
            await self.child.wait()

    async def _read(self) -> None:
        assert self.api is not None
        while data := await asyncio.get_running_loop().sock_recv(self.api, LARGEST_WORD):
            with contextlib.suppress(msgspec.DecodeError):
                self._heed(msgspec.json.decode(data, type=dict[str, Any]))

    def _heed(self, word: dict[str, Any]) -> None:
        kind, handle = word.get("janus"), word.get("sender", 0)
        future = self.waiting.get(word.get("transaction", ""))
        if kind in ("success", "error", "ack") and future is not None and not future.done():
            future.set_result(word)
            return
        happening = self.happenings.get(handle)
        if happening is None:
            return
        if kind == "event":
            data = word.get("plugindata", {}).get("data", {})
            result = data.get("result") or {"event": "error", "reason": data.get("error", "")}
            happening(result, word.get("jsep", {}).get("sdp", ""))
        elif kind in ("hangup", "detached"):
            happening({"event": "gone"}, "")

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEPALIVE_S)
            await self.ask({"janus": "keepalive"})

    async def ask(self, word: dict[str, Any]) -> dict[str, Any]:
        """One request and its first answer. Raises `Unavailable("sip.no_janus")`."""
        if self.api is None:
            raise Unavailable("sip.no_janus")
        number = secrets.token_hex(8)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        sent = {**word, "transaction": number, **({"session_id": self.session} if self.session else {})}
        try:
            await asyncio.get_running_loop().sock_sendall(self.api, msgspec.json.encode(sent))
            found = await asyncio.wait_for(future, ANSWERS_WITHIN_S)
        except (OSError, TimeoutError) as error:
            raise Unavailable("sip.no_janus") from error
        finally:
            self.waiting.pop(number, None)
        if found["janus"] == "error":
            log.warning("sip.janus_refused", reason=found.get("error", {}).get("reason", ""))
            raise Unavailable("sip.no_janus")
        return found

    async def attach(self, happening: Happening) -> int:
        """A handle for one call."""
        handle = int((await self.ask({"janus": "attach", "plugin": PLUGIN}))["data"]["id"])
        self.happenings[handle] = happening
        return handle

    async def message(self, handle: int, body: dict[str, Any], offer: tuple[str, str] | None = None) -> None:
        """A request to the plugin, with a description ("offer" or "answer", its text) where one belongs to it."""
        word: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if offer is not None:
            word["jsep"] = {"type": offer[0], "sdp": offer[1]}
        await self.ask(word)

    async def detach(self, handle: int) -> None:
        """End a handle and whatever call it has."""
        self.happenings.pop(handle, None)
        with contextlib.suppress(Unavailable):
            await self.ask({"janus": "detach", "handle_id": handle})
