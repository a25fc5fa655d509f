"""Debian's Janus with the VideoRoom plugin under the same load, with a configuration of its own on loopback."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from bench.media.cases import VOICES
from bench.media.client import HOST, Peer, Remote, offer_up

NAME = "Janus 1.1.2 VideoRoom, event_loops=2"
LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus"
CONFIGURATION = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  events_folder = "{libraries}/events"
  loggers_folder = "{libraries}/loggers"
  debug_level = 4
  event_loops = 2
}}
media: {{ rtp_port_range = "42000-52000" }}
nat: {{ ice_lite = true
  ice_enforce_list = "{host}" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
events: {{ broadcast = false }}
"""
OTHER_PLUGINS = "audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail"
OTHER_TRANSPORTS = "http mqtt nanomsg rabbitmq pfunix"
# Its Unix socket takes no more than 8 kB at once, which is too little for the answer of a wall.
API = 'general: {{ json = "compact"\n ws = true\n ws_ip = "127.0.0.1"\n ws_port = {port} }}\n'
READY_S = 0.1
"""So long after its first answer Janus takes no handshake. A browser repeats it after 50 ms, our peer after 1 s."""
ROOM = 1234


class Janus:
    """One Janus with one room."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="hopso-janus-")
        self.process: subprocess.Popen[bytes] | None = None
        self.client: aiohttp.ClientSession | None = None
        self.api: aiohttp.ClientWebSocketResponse | None = None
        self.session = 0
        self.feeds: dict[int, int] = {}
        self.reader: asyncio.Task[None] | None = None
        self.waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def _configure(self, port: int) -> Path:
        folder = Path(self.folder.name)
        plugins = ",".join(f"libjanus_{name}.so" for name in OTHER_PLUGINS.split())
        transports = ",".join(f"libjanus_{name}.so" for name in OTHER_TRANSPORTS.split())
        text = CONFIGURATION.format(
            folder=folder, libraries=LIBRARIES, plugins=plugins, transports=transports, host=HOST
        )
        (folder / "janus.jcfg").write_text(text)
        (folder / "janus.transport.websockets.jcfg").write_text(API.format(port=port))
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: {}\n")
        return folder

    async def start(self, publishers: int, receivers: int) -> None:
        port = free_port()
        folder = self._configure(port)
        command = ["janus", "-C", str(folder / "janus.jcfg"), "-F", str(folder)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.client = aiohttp.ClientSession()
        self.api = await self._connect(self.client, port)
        if self.api is None:
            raise TimeoutError((folder / "log").read_text()[-2000:])
        self.reader = asyncio.create_task(self._read(self.api))
        self.session = (await self._ask({"janus": "create"}))["data"]["id"]
        handle = await self._attach()
        room = {"room": ROOM, "publishers": 500, "bitrate": 0, "audiocodec": "opus", "videocodec": "vp8"}
        await self._message(handle, {"request": "create", **room, "transport_wide_cc_ext": True})

    async def _connect(self, client: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse | None:
        assert self.process is not None
        while self.process.poll() is None:
            try:
                return await client.ws_connect(f"ws://127.0.0.1:{port}", protocols=["janus-protocol"], max_msg_size=0)
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
        return None

    async def _read(self, api: aiohttp.ClientWebSocketResponse) -> None:
        async for message in api:
            word = json.loads(message.data)
            future = self.waiting.get(word.get("transaction", ""))
            if future is not None and not future.done() and word["janus"] != "ack":
                future.set_result(word)

    async def _ask(self, word: dict[str, Any]) -> dict[str, Any]:
        assert self.api is not None
        number = secrets.token_hex(6)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        if self.session:
            word["session_id"] = self.session
        await self.api.send_str(json.dumps({**word, "transaction": number}))
        answer = await asyncio.wait_for(future, 10)
        del self.waiting[number]
        if answer["janus"] == "error":
            raise RuntimeError(answer)
        return answer

    async def _attach(self) -> int:
        return int((await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"}))["data"]["id"])

    async def _message(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        word: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            word["jsep"] = jsep
        answer = await self._ask(word)
        if "error" in answer.get("plugindata", {}).get("data", {}):
            raise RuntimeError(answer)
        return answer

    async def publish(self, peer: Peer, site: int) -> None:
        handle = await self._attach()
        body = {"request": "joinandconfigure", "ptype": "publisher", "room": ROOM, "display": str(site)}
        offer = offer_up(peer, peer.ssrcs).replace("a=setup:active", "a=setup:active\r\n" + _candidate(peer))
        answer = await self._message(handle, body, {"type": "offer", "sdp": offer})
        self.feeds[site] = answer["plugindata"]["data"]["id"]
        await self._reach(peer, answer["jsep"]["sdp"])

    async def receive(self, peer: Peer, site: int, videos: int) -> None:
        handle = await self._attach()
        others = [feed for other, feed in sorted(self.feeds.items()) if other != site]
        heard = [feed for other, feed in sorted(self.feeds.items())[:VOICES] if other != site]
        streams = [{"feed": feed, "mid": "1"} for feed in others[:videos]]
        streams += [{"feed": feed, "mid": "0"} for feed in heard]
        body = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams}
        offer = (await self._message(handle, body))["jsep"]["sdp"]
        await self._message(handle, {"request": "start"}, {"type": "answer", "sdp": answer_to(offer, peer)})
        await self._reach(peer, offer)

    async def _reach(self, peer: Peer, sdp: str) -> None:
        """Check and wait until a handshake is heard, then shake hands."""
        peer.remote = Remote(sdp)
        while not peer.reachable.is_set():
            peer.check()
            await asyncio.sleep(READY_S)
        await peer.connect(sdp)

    async def stop(self) -> None:
        if self.reader is not None:
            self.reader.cancel()
        if self.client is not None:
            await self.client.close()
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                # It does not always end when many peers leave at once.
                self.process.kill()
                self.process.wait(5)
        self.folder.cleanup()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _candidate(peer: Peer) -> str:
    host, port = peer.socket.getsockname()
    return f"a=candidate:1 1 udp 2130706431 {host} {port} typ host\r\na=end-of-candidates"


def answer_to(offer: str, peer: Peer) -> str:
    """Everything offered is accepted as it stands."""
    head, *sections = offer.replace("\r\n", "\n").split("\nm=")
    mids = [line[6:] for line in offer.splitlines() if line.startswith("a=mid:")]
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
    wanted = ("a=mid", "a=rtpmap", "a=fmtp", "a=rtcp-fb", "a=extmap", "a=rtcp-mux")
    for section in sections:
        first, *rest = section.splitlines()
        kept = [line for line in rest if line.startswith(wanted)]
        lines += ["m=" + first, "c=IN IP4 127.0.0.1", "a=recvonly", *kept, f"a=ice-ufrag:{peer.ufrag}"]
        lines += [f"a=ice-pwd:{peer.password}", f"a=fingerprint:sha-256 {peer.fingerprint}", "a=setup:active"]
        lines.append(_candidate(peer))
    assert head
    return "\r\n".join([*lines, ""])
