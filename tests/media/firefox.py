"""Debian's Firefox, driven by its own WebDriver BiDi (W3C): one tab that opens a page and runs what it is given."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PREFERENCES = {
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Nothing leaves this machine.
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
START_S = 60


class Tab:
    """One page, as Playwright's in what the tests of the conference need."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.number = 0
        self.context = ""

    async def ask(self, method: str, **params: Any) -> Any:
        """One command of the protocol, and its result."""
        self.number += 1
        await self.socket.send_json({"id": self.number, "method": method, "params": params})
        while True:
            word = await self.socket.receive_json()
            if word.get("id") == self.number:
                if word["type"] == "error":
                    raise RuntimeError(word["message"])
                return word["result"]

    async def goto(self, url: str) -> None:
        """Open a page and wait until it has been read."""
        tree = await self.ask("browsingContext.getTree")
        self.context = tree["contexts"][0]["context"]
        await self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """What an expression comes to, as JSON; promises are waited for."""
        program = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        found = await self.ask(
            "script.evaluate", expression=program, target={"context": self.context}, awaitPromise=True
        )
        if found["type"] == "exception":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])


@asynccontextmanager
async def firefox(path: Path) -> AsyncIterator[Tab]:
    """One browser with a profile of its own and one tab."""
    with tempfile.TemporaryDirectory(prefix="hopso-firefox-", ignore_cleanup_errors=True) as profile:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines), "utf-8")
        process = await asyncio.create_subprocess_exec(
            path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env={"HOME": profile, "MOZ_DISABLE_CONTENT_SANDBOX": "1", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        try:
            url = await asyncio.wait_for(_listening(process), START_S)
            async with aiohttp.ClientSession() as client, client.ws_connect(f"{url}/session", max_msg_size=0) as socket:
                tab = Tab(socket)
                await tab.ask("session.new", capabilities={})
                yield tab
        finally:
            process.terminate()
            await process.wait()


async def _listening(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if found := LISTENING.search(line):
            return found[1].decode("ascii")
    raise RuntimeError("Firefox ended before it listened")
