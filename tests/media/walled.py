"""A site behind a wall: run by test_wall.py inside a network of its own (`unshare --map-root-user --net`).

The house, coturn and its rule for packets are in this network; a browser is in a second one, joined to it by one cable
on which only TCP to the house's page and to port 443 gets through. Prints what was seen as one line of JSON. Nothing of
the machine's own network is touched, and everything is gone when the last process ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Page, async_playwright

from server import certificates, checkmedia
from server.clock import SystemClock
from server.config import MediaSettings
from server.errors import Unauthorized
from server.http import error_mapper
from server.machine import Names
from server.media.control import Gone, Joined
from server.media.routes import Permit, routes
from server.media.turn import relays
from tests.media.conftest import ALL, House, until
from tests.media.coturn import REALM, SECRET, Coturn, configuration, credentials, relayed

HERE, SITE = "10.77.0.1", "10.77.0.2"
FAR = "10.99.0.1"
"""An address of the house that is on no cable: whatever way leads there."""
PAGE_PORT = 8080
RULE = Path(__file__).parents[2] / "config/coturn.nft"
WALL = f"""
table inet wall {{
  chain input {{
    type filter hook input priority filter; policy accept;
    iifname != "wall" accept
    meta l4proto udp counter drop
    tcp dport != {{ {PAGE_PORT}, 443 }} counter drop
  }}
}}
"""
PAGE = (Path(__file__).parent / "page.html").read_text("utf-8")


def run(*words: str, text: str | None = None) -> str:
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True, timeout=30).stdout


@contextmanager
def networks() -> Iterator[int]:
    """Two networks and the cable; the process that holds the site's."""
    run("ip", "link", "set", "lo", "up")
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    try:
        own = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == own:
            time.sleep(0.01)
        run("ip", "link", "add", "wall", "type", "veth", "peer", "name", "site", "netns", str(holder.pid))
        run("ip", "addr", "add", f"{HERE}/24", "dev", "wall")
        run("ip", "link", "set", "wall", "up")
        for words in (f"addr add {SITE}/24 dev site", "link set site up", "link set lo up"):
            run("nsenter", "-t", str(holder.pid), "-n", "ip", *words.split())
        yield holder.pid
    finally:
        holder.kill()
        holder.wait()


def close_the_ports_but(media_port: int) -> None:
    """Load the delivered rule; the account of the relay is here the only one there is."""
    rule = RULE.read_text("utf-8")
    for name, value in (("relay_user", '"turnserver"'), ("media_port", "8444")):
        assert rule.count(f"define {name} = {value}\n") == 1
    rule = rule.replace('= "turnserver"', "= 0").replace(
        "define media_port = 8444", f"define media_port = {media_port}"
    )
    run("nft", "-f", "-", text=rule)


@asynccontextmanager
async def coturn(program: Path, folder: Path) -> AsyncIterator[Path]:
    """The relay on its own ports, 3478 and 443; the authority to trust."""
    leaf, key = folder / "leaf.pem", folder / "leaf.key"
    issued = certificates.ensure(folder, leaf, key, Names((REALM,), (HERE,)), SystemClock().now())
    changes = {
        "realm": REALM, "static-auth-secret": SECRET, "cert": str(leaf), "pkey": str(key), "allowed-peer-ip": HERE,
    }  # fmt: skip
    running = Coturn(program, folder, configuration(changes))
    try:
        await running.ready(HERE, 3478, 443)
        yield issued.ca
    finally:
        running.stop()


async def knock(names: dict[str, str], folder: Path) -> dict[str, Any]:
    """Send to two ports of the allowed address; what arrives at which."""
    with networks(), socket.socket(type=socket.SOCK_DGRAM) as media, socket.socket(type=socket.SOCK_DGRAM) as other:
        for one in (media, other):
            one.bind((HERE, 0))
            one.setblocking(False)
        close_the_ports_but(media.getsockname()[1])
        async with coturn(Path(names["turnserver"]), folder):
            transport, _ = await relayed((HERE, 3478), credentials("a"))
            transport.sendto(b"no", other.getsockname())
            # The kernel tells coturn that it may not, and coturn ends that allocation; nobody else's.
            await until(lambda: counted("hopso_relay", "output")[0])
            transport, heard = await relayed((HERE, 3478), credentials("b"))
            arrived: list[str] = []
            transport.sendto(b"yes", media.getsockname())
            await until(lambda: arrived, lambda: _take(media, arrived))
            transport.close()
            stray: list[str] = []
            _take(other, stray)
        return {"media": arrived, "other": stray, "errors": len(heard.errors)}


def _take(sock: socket.socket, arrived: list[str]) -> None:
    try:
        arrived.append(sock.recv(100).decode())
    except BlockingIOError:
        return


async def authorize(request: web.Request, _: str) -> Permit:
    if "site" not in request.cookies:
        raise Unauthorized("session.none")
    return Permit(request.cookies["site"], ALL)


def doors(house: House, scripts: dict[str, str], settings: MediaSettings) -> web.Application:
    """The page, and the doors with the relays that this house would name."""

    async def page(request: web.Request) -> web.Response:
        answer = web.Response(text=PAGE, content_type="text/html")
        answer.set_cookie("site", request.match_info["site"])
        return answer

    async def module(request: web.Request) -> web.Response:
        return web.Response(text=scripts[request.match_info["name"]], content_type="text/javascript")

    app = web.Application(middlewares=[error_mapper(SystemClock())])
    app.add_routes([web.get("/page/{site}", page), web.get("/{name:(?:wire|core)/.+}", module)])
    app.add_routes(routes(house.web, authorize, lambda who: relays(settings, who, SystemClock().now())))
    return app


Enter = Callable[..., Awaitable[Page]]


@asynccontextmanager
async def browser(names: dict[str, str], folder: Path, authority: Path | None, holder: int) -> AsyncIterator[Enter]:
    """Chromium in the site's network, which trusts the relay's certificate; gives pages of the house."""
    store = folder / ".pki/nssdb"
    store.mkdir(parents=True)
    run(names["certutil"], "-N", "-d", f"sql:{store}", "--empty-password")
    if authority is not None:
        run(names["certutil"], "-A", "-d", f"sql:{store}", "-n", "hopso", "-t", "C,,", "-i", str(authority))
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nHOME="{folder}" exec nsenter -t {holder} -n "{names["chromium"]}" "$@"\n', "utf-8")
    starter.chmod(0o700)
    flags = [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required",
    ]  # fmt: skip
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=str(starter), args=flags)

        async def enter(site: str, house: str = HERE) -> Page:
            opened = await (await running.new_context()).new_page()
            await opened.goto(f"http://{house}:{PAGE_PORT}/page/{site}")
            await opened.wait_for_function("window.ready")
            return opened

        yield enter
        await running.close()


@asynccontextmanager
async def two_sites(names: dict[str, str], settings: MediaSettings, address: str) -> AsyncIterator[House]:
    """The house with its page at that address, and two sites admitted of which one is shown."""
    house = House(settings)
    await house.start()
    runner = web.AppRunner(doors(house, names["scripts"], settings))  # type: ignore[arg-type]
    try:
        await runner.setup()
        await web.TCPSite(runner, address, PAGE_PORT).start()
        house.admit("a", "b", stage="a")
        yield house
    finally:
        await runner.cleanup()
        await house.close()


async def one_hears_the_other(house: House, enter: Enter, address: str) -> Page:
    """Both have come; the page of the one that receives."""
    speaker, listener = await enter("a", address), await enter("b", address)
    await speaker.evaluate("window.publish('#d00000')")
    await listener.evaluate("window.receive(1)")
    await until(lambda: len(house.of(Joined)) == 2)
    return listener


def another_way(holder: int) -> None:
    """A second cable for the site (its mobile network), and an address of the house to which both lead."""
    run("ip", "link", "add", "mobile", "type", "veth", "peer", "name", "phone", "netns", str(holder))
    for words in ("addr add 10.78.0.1/24 dev mobile", "link set mobile up", f"addr add {FAR}/32 dev lo"):
        run("ip", *words.split())
    for words in (
        "addr add 10.78.0.2/24 dev phone", "link set phone up",
        f"route add default via {HERE} dev site metric 10", "route add default via 10.78.0.1 dev phone metric 20",
    ):  # fmt: skip
        run("nsenter", "-t", str(holder), "-n", "ip", *words.split())


async def roam(names: dict[str, str], folder: Path) -> dict[str, Any]:
    """A site whose Wi-Fi goes away under way, so that its mobile network carries it: what is heard meanwhile."""
    with networks() as holder:
        another_way(holder)
        settings = MediaSettings(control_socket=folder / "m.sock", port=8444, announce=[FAR])
        async with two_sites(names, settings, FAR) as house, browser(names, folder, None, holder) as enter:
            listener = await one_hears_the_other(house, enter, FAR)
            await hears(listener)
            await listener.evaluate(WATCH)
            run("nsenter", "-t", str(holder), "-n", "ip", "link", "set", "site", "down")
            gap = await gap_of(listener)
            counts = {"joined": len(house.of(Joined)), "gone": len(house.of(Gone))}
            return {"gap_ms": gap, **counts, "moved": sum(load.moved for load in house.web.loads().values() if load)}


WATCH = """() => {
  window.heard = [];
  window.watching = setInterval(async () => {
    const { sound } = await window.counts();
    const last = window.heard.at(-1);
    if (!last || sound > last[1]) window.heard.push([performance.now(), sound]);
  }, 40);
}"""


async def gap_of(listener: Page) -> int:
    """Wait until sound has come for a while after a silence; the longest silence in ms, -1 when it never came back."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        heard: list[list[float]] = await listener.evaluate("window.heard")
        gaps = [(after[0] - before[0], index) for index, (before, after) in enumerate(pairwise(heard))]
        if gaps:
            longest, index = max(gaps)
            if len(heard) - index > 60:
                return round(longest)
    return -1


async def meet(names: dict[str, str], folder: Path) -> dict[str, Any]:
    """Two sites behind the wall: one speaks, the other hears and sees it."""
    secret = {"turn_secret": SECRET, "turn_urls": [
        f"turn:{HERE}:3478?transport=udp", f"turn:{HERE}:3478?transport=tcp", f"turns:{HERE}:443?transport=tcp",
    ]}  # fmt: skip
    with networks() as holder:
        settings = MediaSettings(control_socket=folder / "m.sock", port=8444, **secret)
        close_the_ports_but(settings.port)
        run("nft", "-f", "-", text=WALL)
        async with (
            two_sites(names, settings, HERE) as house,
            coturn(Path(names["turnserver"]), folder) as authority,
            browser(names, folder, authority, holder) as enter,
        ):
            listener = await one_hears_the_other(house, enter, HERE)
            heard, route = await hears(listener), await listener.evaluate(ROUTE)
            findings = await asyncio.to_thread(checkmedia.look, settings, SystemClock().now(), True, authority)
            told = [(one.level, one.words.en) for one in findings]
            return {"counts": heard, "route": route, "wall": counted("wall", "input"), "check": told}


ROUTE = """async () => {
  const all = [...(await window.down.statistics()).values()];
  const transport = all.find((one) => one.type === "transport");
  const pair = all.find((one) => one.id === transport.selectedCandidatePairId);
  const local = all.find((one) => one.id === pair.localCandidateId);
  return { type: local.candidateType, protocol: local.relayProtocol };
}"""


async def hears(listener: Page) -> dict[str, int]:
    """Wait until sound and pictures have come."""
    end = time.monotonic() + 60
    while True:
        counts: dict[str, int] = await listener.evaluate("window.counts()")
        if (counts["sound"] > 50 and counts["frames"] > 5) or time.monotonic() > end:
            return counts
        await asyncio.sleep(0.2)


def counted(table: str, chain: str) -> list[int]:
    """How many packets each counting rule of a chain has stopped."""
    found = json.loads(run("nft", "-j", "list", "chain", "inet", table, chain))["nftables"]
    parts = [part for one in found if "rule" in one for part in one["rule"]["expr"]]
    return [int(part["counter"]["packets"]) for part in parts if "counter" in part]


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    work = {"knock": knock, "meet": meet, "roam": roam}[sys.argv[1]]
    sys.stdout.write(json.dumps(asyncio.run(work(asked, Path(sys.argv[2])))) + "\n")
