"""`python -m bench.media.browsers`: how soon real Chromium sees the next speaker, and whether lips match the voice.

31 scripted sites send real pictures and sound, once as browsers do, where a picture leaves 20 to 60 ms later than the
voice it belongs to, at each site another time, and once all 150 ms later, as from slow cameras. Two browsers watch the
stage while it changes, and are asked twice a second how far what is seen is from what is heard. What they answer is
their own estimate: it rests on our sender reports. The figures go to `bench/results/browsers.json`; there is no peer
here: the aims are absolute, and stand beside the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from bench.media.client import HOST, Peer, Peers, build, offer_up
from bench.media.ours import ALL, Ours
from server.media import rtcp
from server.media.conference import Desired, Endpoint
from tests.media import browser
from tests.media.recorder.coded import coloured, sounds, vp8_payloads

RESULTS = Path(__file__).parents[1] / "results" / "browsers.json"
SITES, WATCHERS = 31, 2
RATE = 15
BEHIND_MS = {"as browsers send": (20, 60), "slow cameras, pictures 150 ms behind": (150, 150)}
LOOKS, LOOK_S = 10, 0.5
LIMIT_MS = 5_000
AIM_SEEN_MS, AIM_APART_MS = 1_000, 80

# (Y, U, V) and what a browser shows of it (red, green, blue): far enough from each other to be told apart.
COLOURS = (
    ((81, 90, 240), (254, 0, 0)),
    ((145, 54, 34), (0, 255, 1)),
    ((41, 240, 110), (0, 0, 255)),
    ((210, 16, 146), (255, 255, 0)),
    ((106, 202, 222), (255, 0, 255)),
    ((170, 166, 16), (0, 255, 255)),
    ((235, 128, 128), (255, 255, 255)),
)


class Site:
    """A camera of one colour and a tone, from the same clock; begins with a key frame again when asked to."""

    def __init__(self, peer: Peer, index: int, behind_ms: tuple[int, int]) -> None:
        self.peer, self.index = peer, index
        least, most = behind_ms
        # Far apart from one speaker to the next, the same in each run.
        self.behind_s = (least + (most - least) * (7 * index % SITES) / (SITES - 1)) / 1000
        base = 1_000 * (index + 1)
        peer.ssrcs = (base, base + 1, base + 2)
        self.film = coloured("libvpx", (COLOURS[index % len(COLOURS)][0],) * 150, 150)
        self.frame = self.voice = self.packets = self.shown = 0
        self.told = [0, 0]
        self.epoch_ms = time.time() * 1000
        self.level = bytes((min(20 + 3 * index, 127),))
        peer.on_rtcp = self._heed

    def _heed(self, data: bytes) -> None:
        if any(isinstance(one, rtcp.KeyFrameRequest) for one in rtcp.parse(data)):
            self.shown = 0

    def picture(self) -> None:
        """The next picture."""
        self.frame += 1
        frame, _ = self.film[self.shown % len(self.film)]
        self.shown += 1
        for payload, last in vp8_payloads(frame, number=self.frame):
            self.packets += 1
            header = (96, 128 if last else 0, self.packets, self.frame * 90_000 // RATE, self.peer.ssrcs[1])
            self.peer.send_rtp(build(header, {4: b"1"}, payload))

    def speak(self) -> None:
        """Twenty milliseconds of sound, and each second the reports that tie both to one clock."""
        self.voice += 1
        header = (111, 0, self.voice, self.voice * 960, self.peer.ssrcs[0])
        tone = sounds()
        self.peer.send_rtp(build(header, {4: b"0", 1: self.level}, tone[self.voice % len(tone)]))
        if self.voice % 50 == 0:
            at = self.voice / 50
            for ssrc, rate, sent in (
                (self.peer.ssrcs[0], 48_000, self.voice),
                (self.peer.ssrcs[1], 90_000, self.packets),
            ):
                ntp = rtcp.ntp_time(self.epoch_ms + 1000 * at)
                report = rtcp.sender_report(ssrc, ntp, round(at * rate), (sent, 100 * sent))
                self.peer.send_rtcp(report + rtcp.description(ssrc, f"site {self.index}"))


async def keep_pace(sites: list[Site]) -> None:
    """All sites speak and are seen, until cancelled; a late packet follows at once."""
    start = time.monotonic()
    for site in sites:
        site.epoch_ms = time.time() * 1000
    while True:
        passed = time.monotonic() - start
        for site in sites:
            while site.voice < passed * 50:
                site.speak()
            while site.frame < (passed - site.behind_s) * RATE:
                site.picture()
        await asyncio.sleep(0.004)


async def bring(ours: Ours, peers: Peers, behind_ms: tuple[int, int]) -> list[Site]:
    """All scripted sites, joined."""
    sites = []
    for index in range(SITES):
        site = Site(peers.add(), index, behind_ms)
        answer = await ours.web.open("bench", str(index), ("up", "camera"), ALL, offer_up(site.peer, site.peer.ssrcs))
        await site.peer.connect(answer.body)
        sites.append(site)
    return sites


class Stage:
    """Who is on stage, and who watches."""

    def __init__(self, ours: Ours, pages: list[Page]) -> None:
        self.ours, self.pages = ours, pages
        self.number = 1
        self.seen_ms: list[float] = []
        self.apart_ms: list[float] = []
        self.missed = 0

    async def turn(self, index: int) -> None:
        """Put a site on stage; note when each browser shows it, and how well its lips match its voice from then on."""
        colour = COLOURS[index % len(COLOURS)][1]
        self.number += 1
        began = time.monotonic()
        self.ours.web.desire(Desired("bench", 1, self.number, endpoints(), stage=str(index), floor=str(index)))
        await asyncio.gather(*(self._watch(page, list(colour), began) for page in self.pages))
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_S)
            found = await asyncio.gather(*(page.evaluate("window.apart()") for page in self.pages))
            self.apart_ms += [abs(one) for one in found if one is not None]

    async def _watch(self, page: Page, colour: list[int], began: float) -> None:
        if await page.evaluate("([colour, limit]) => window.shows(colour, limit)", [colour, LIMIT_MS]):
            self.seen_ms.append((time.monotonic() - began) * 1000)
        else:
            self.missed += 1


def endpoints() -> tuple[Endpoint, ...]:
    names = [str(index) for index in range(SITES)] + [f"watcher-{index}" for index in range(WATCHERS)]
    return tuple(Endpoint(name, ALL) for name in names)


async def watch(chromium: Browser, server: TestServer) -> list[Page]:
    """The browsers, each with the stage."""
    pages = []
    for index in range(WATCHERS):
        page = await browser.enter(chromium, server, f"watcher-{index}", "bench")
        await page.evaluate("window.receive(1)")
        pages.append(page)
    return pages


async def measure(switches: int, behind_ms: tuple[int, int]) -> tuple[Stage, int]:
    """Bring everybody, change the stage so many times; how it went, and how many requests that took."""
    ours, peers = Ours(), Peers(HOST)
    async with AsyncExitStack() as stack:
        await ours.start(SITES, SITES + WATCHERS)
        stack.push_async_callback(ours.stop)
        stack.push_async_callback(peers.close)
        ours.web.desire(Desired("bench", 1, 2, endpoints(), stage="0", floor="0"))
        sites = await bring(ours, peers, behind_ms)
        pace = asyncio.create_task(keep_pace(sites))
        stack.callback(pace.cancel)
        server = await stack.enter_async_context(browser.doors(ours.web))
        chromium = await stack.enter_async_context(browser.chromium(Path(shutil.which("chromium") or "chromium")))
        stage = Stage(ours, await watch(chromium, server))
        stage.number = 2
        requests: list[str] = []
        await stage.turn(0)
        stage.seen_ms.clear()
        stage.apart_ms.clear()
        for page in stage.pages:
            page.on("request", lambda request: requests.append(request.url))
        for count in range(switches):
            await stage.turn((5 * count + 3) % SITES)
        return stage, len(requests)


def rows(stage: Stage, name: str, switches: int, requests: int) -> Iterator[dict[str, Any]]:
    seen, apart = sorted(stage.seen_ms), stage.apart_ms or [float(LIMIT_MS)]
    case = f"{switches} changes of the speaker, {SITES} sites, Chromium; {name}"
    over = 100 * sum(one > AIM_APART_MS for one in apart) / len(apart)
    found: tuple[tuple[str, str, float, float | None], ...] = (
        ("seen after, median", "ms", statistics.median(seen) if seen else LIMIT_MS, None),
        ("seen after, at most", "ms", max(seen, default=LIMIT_MS), AIM_SEEN_MS),
        ("not seen within five seconds", "changes", stage.missed, 0),
        ("requests of the browsers meanwhile", "requests", requests, 0),
        ("picture and voice apart, median", "ms", statistics.median(apart), None),
        ("picture and voice apart, at most", "ms", max(apart), AIM_APART_MS),
        ("picture and voice apart, further than the aim", "% of the moments", over, 0),
        ("times picture and voice were compared", "times", len(stage.apart_ms), None),
    )
    for metric, unit, mine, aim in found:
        ratio = round(mine / aim, 3) if aim else None
        yield {
            "case": case, "metric": metric, "unit": unit, "ours": round(mine, 1),
            "peer": aim, "peer_name": "aim" if aim is not None else None, "ratio": ratio,
        }  # fmt: skip


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--switches", type=int, default=20)
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    chosen = parser.parse_args()
    found: list[dict[str, Any]] = []
    for name, behind_ms in BEHIND_MS.items():
        stage, requests = await measure(chosen.switches, behind_ms)
        print(name)
        for row in rows(stage, name, chosen.switches, requests):
            print(f"  {row['metric']:46} {row['ours']:>8} {row['unit']:16} aim {row['peer']}", flush=True)
            found.append(row)
    if not chosen.dry:
        RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
