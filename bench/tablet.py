"""`python -m bench.tablet`: how soon a slow tablet shows the page the chair turns to, and a line the presenter draws.

The floor of devices is Android 10 with 3 GB and 1280×800. Its processor is played by Chromium's own throttle: scripts,
style and layout of the page take six times as long. A real house holds the demo's meeting; the chair turns pages at
the desk by its button. A page counts as shown when the frame with its sharp image was painted, a line when the
frame was painted in which its newest end was drawn. The figures go to `bench/results/tablet.json`, beside the aims.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from demo.accounts import PASSWORD
from scripts.screens import chromium
from tests.e2e.conftest import wait_until_drawn
from tests.e2e.forked import forked_house
from tests.e2e.house import RealHouse, real_house
from tests.e2e.people import Somebody, lasting_tablet, tablet

RESULTS = Path(__file__).parent / "results" / "tablet.json"
CHAIR, DELEGATES = "trungnq.ubnd", ("dungha.stc", "vanltb.snnmt", "maivtt.stp", "oanhntk.snv", "longth.skhcn")
SIZE = (1280, 800)
SLOWER = 6
TURNS, SIGN_INS, LINES = 30, 3, 12
AIM_PAGE_MS, AIM_INK_MS = 1_000, 100
LINE_Y, LINE_FROM, LINE_TO, MOVES = 0.3, 0.2, 0.8, 60
PEN_HZ = 60

EYES = """
(() => {
  const at = () => performance.timeOrigin + performance.now();
  const seen = (window.seen = { heard: {}, sharp: {}, clicks: [], keys: [], pen: [], ink: [] });
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const found = typeof data === "string" && /"page\\.turned".*?"page":(\\d+)/.exec(data);
        if (found) seen.heard[found[1]] ??= at();
      });
    }
  };
  addEventListener("click", (event) => seen.clicks.push(performance.timeOrigin + event.timeStamp), true);
  addEventListener("keydown", (event) => seen.keys.push(performance.timeOrigin + event.timeStamp), true);
  addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    const { left, width } = document.querySelector(".in .page").getBoundingClientRect();
    seen.pen.push([performance.timeOrigin + event.timeStamp, (event.clientX - left) / width]);
  }, true);
  // What is in the document before a frame is painted is on the screen when the next task runs.
  const waiting = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.splice(0).forEach((tell) => tell(at()));
  function afterPaint(tell) {
    waiting.push(tell);
    port2.postMessage(0);
  }
  // Only where something has changed: a look at every frame would cost a slow tablet more than what is measured.
  new MutationObserver(() => {
    const address = document.querySelector(".in .page img:not(.thumb)")?.src;
    const page = address && /\\/(\\d+)\\/\\d+\\.webp/.exec(address)?.[1];
    if (!page || page in seen.sharp) return;
    seen.sharp[page] = 0;
    requestAnimationFrame(() => afterPaint((now) => (seen.sharp[page] = now)));
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
  // How far a line goes is asked of its paths: to read pixels back takes longer than to draw them.
  const [Brush, Path] = [CanvasRenderingContext2D.prototype, Path2D.prototype];
  const [{ fill }, { quadraticCurveTo }] = [Brush, Path];
  const ends = new WeakMap();
  Path.quadraticCurveTo = function (...given) {
    ends.set(this, Math.max(ends.get(this) ?? 0, given[2]));
    quadraticCurveTo.apply(this, given);
  };
  let end = null;
  Brush.fill = function (...given) {
    fill.apply(this, given);
    if (!window.drawing || !this.canvas.matches(".in > canvas")) return;
    if (end === null) afterPaint((now) => {
      seen.ink.push([now, end]);
      end = null;
    });
    end = Math.max(end ?? 0, ends.get(given[0]) / 10_000);
  };
})();
"""
"""Notes when news of a page came and when it was painted sharp, clicks, moves of the pen, and how far a line goes."""

Row = dict[str, Any]


def row(case: str, metric: str, ours: float, aim: float | None = None, unit: str = "ms") -> Row:
    """One figure, beside its aim where there is one."""
    ratio = round(ours / aim, 3) if aim else None
    return {
        "case": case, "metric": metric, "unit": unit, "ours": round(ours, 1),
        "peer": aim, "peer_name": "aim" if aim else None, "ratio": ratio,
    }  # fmt: skip


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def both(case: str, metric: str, values: Sequence[float], aim: float) -> Iterator[Row]:
    """Median and 95th percentile of a case; the aim is the latter's."""
    yield row(case, f"{metric}, p50", statistics.median(values))
    yield row(case, f"{metric}, p95", percentile(values, 0.95), aim)


class Bench:
    """The meeting with the report on screen, the chair at the desk, and tablets as they come."""

    def __init__(self, browser: Browser, house: RealHouse, chair: Somebody) -> None:
        self.browser = browser
        self.house = house
        self.chair = chair
        self.meeting = ""
        self.paper = ""
        self.rows: list[Row] = []

    async def begin(self) -> None:
        """Open the meeting, if it is not, and show the first page of the longest paper of item 2."""
        self.meeting = await self.chair.meeting()
        state = await self.chair.state(self.meeting)
        if state["phase"] == "published":
            await self.chair.commands(self.meeting, type="meeting.open", without_quorum=True)
        item = state["items"][1]["id"]
        papers = [one for one in state["papers"].values() if one["item"] == item]
        self.paper = max(papers, key=lambda one: int(one["pages"]))["id"]
        await self.chair.commands(self.meeting, type="item.start", item=item)
        await self.shows(1)
        await self.chair.context.add_init_script(EYES)
        await self.chair.opens(f"/chu-toa/{self.meeting}")

    async def shows(self, page: int) -> None:
        """This page is presented."""
        await self.chair.commands(self.meeting, type="paper.show", paper=self.paper, page=page)

    async def slowed(self, somebody: Somebody, rate: int = SLOWER) -> None:
        """This device is so many times slower from now on."""
        line = await somebody.context.new_cdp_session(somebody.page)
        await line.send("Emulation.setCPUThrottlingRate", {"rate": rate})

    async def comes(self, user: str, has_papers: bool = True) -> Somebody:
        """A tablet in the room, with all papers or (before they are here) without; a fast one still."""
        somebody = await (lasting_tablet if has_papers else tablet)(self.browser, self.house, user, SIZE)
        await somebody.context.add_init_script(EYES)
        if not has_papers:
            await self.slowed(somebody)
        await somebody.opens(f"/hop/{self.meeting}")
        if has_papers:
            await somebody.sees("Đã tải đủ")
        return somebody

    async def sees(self, somebody: Somebody, page: int) -> float:
        """When this page was sharp on the device."""
        found = await somebody.page.wait_for_function(
            "(page) => window.seen?.sharp[page] || null", arg=page, polling=50
        )
        return float(await found.json_value())

    async def signs_in(self) -> None:
        """From the last key of the password to the first sharp page, the house never seen before on that tablet."""
        took = []
        for user in DELEGATES[:SIGN_INS]:
            newcomer = await lasting_tablet(self.browser, self.house, "", SIZE)
            await newcomer.context.add_init_script(EYES)
            await self.slowed(newcomer)
            page = newcomer.page
            await newcomer.opens(f"/dang-nhap?den=/hop/{self.meeting}")
            await page.get_by_label("Tên đăng nhập").fill(user)
            await page.keyboard.press("Enter")
            await page.get_by_role("textbox", name="Mật khẩu").fill(PASSWORD)
            pressed = (
                "addEventListener('keydown', (e) => (window.pressed = performance.timeOrigin + e.timeStamp), true)"
            )
            await page.evaluate(f"() => void {pressed}")
            await page.keyboard.press("Enter")
            seen = await self.sees(newcomer, 1)
            took.append(seen - float(await page.evaluate("seen.keys.at(-1)")))
            await newcomer.context.close()
        case = f"{SIGN_INS} tablets sign in for the first time, CPU ÷ {SLOWER}"
        self.rows += [
            row(case, "password to first sharp page, p50", statistics.median(took)),
            row(case, "password to first sharp page, at most", max(took)),
        ]

    async def turns(self, somebody: Somebody, case: str) -> None:
        """The chair turns the pages one after the other, each when the tablet has shown the one before."""
        from_click, from_news = [], []
        await self.sees(somebody, 1)
        button = self.chair.page.get_by_role("button", name="Trang sau").first
        for page in range(2, TURNS + 2):
            await button.click()
            seen = await self.sees(somebody, page)
            from_click.append(seen - float(await self.chair.page.evaluate("seen.clicks.at(-1)")))
            from_news.append(seen - float(await somebody.page.evaluate("(page) => seen.heard[page]", page)))
        self.rows += both(case, "news to sharp page", from_news, AIM_PAGE_MS)
        self.rows += both(case, "the chair's click to sharp page", from_click, AIM_PAGE_MS)
        line = await somebody.context.new_cdp_session(somebody.page)
        await line.send("Performance.enable")
        found = {one["name"]: one["value"] for one in (await line.send("Performance.getMetrics"))["metrics"]}
        self.rows.append(row(case, "heap of scripts at the end", found["JSHeapUsedSize"] / 2**20, unit="MiB"))
        await somebody.context.close()
        await self.shows(1)
        await expect(self.chair.page.get_by_label("Trang 1 trên").first).to_be_visible()

    async def at_once(self) -> None:
        """A tablet that has just come: its papers are on their way while pages are turned."""
        newcomer = await self.comes(DELEGATES[3], has_papers=False)
        await self.turns(newcomer, f"{TURNS} pages turned, 1280×800, CPU ÷ {SLOWER}, no page on the tablet yet")

    async def prepared(self) -> None:
        """A tablet that has all papers."""
        ready = await self.comes(DELEGATES[4])
        await self.slowed(ready)
        await self.turns(ready, f"{TURNS} pages turned, 1280×800, CPU ÷ {SLOWER}, all papers on the tablet")

    async def draws(self) -> None:
        """The presenter draws lines for all; a fast and a slow screen look on at the same time."""
        await self.chair.opens(f"/hop/{self.meeting}")
        await self.chair.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
        watchers = {}
        for name, user, rate in (("", DELEGATES[0], 1), (f", CPU ÷ {SLOWER}", DELEGATES[1], SLOWER)):
            watchers[name] = await self.comes(user)
            await self.slowed(watchers[name], rate)
        for somebody in (self.chair, *watchers.values()):
            await self.sees(somebody, 1)
            await somebody.page.evaluate("window.drawing = true")
        await self._takes_a_pen_for_all()
        late: dict[str, list[float]] = {name: [] for name in watchers}
        for number in range(LINES):
            await self._one_line(number)
            pen = await self.chair.page.evaluate("seen.pen.splice(0)")
            for name, somebody in watchers.items():
                late[name] += behind(pen, await somebody.page.evaluate("seen.ink.splice(0)"))
        for name, values in late.items():
            self.rows += both(f"{LINES} lines drawn at {PEN_HZ} Hz for all{name}", "pen to ink", values, AIM_INK_MS)

    async def _takes_a_pen_for_all(self) -> None:
        pen = self.chair.page.get_by_role("toolbar").get_by_role("button", name="Bút", exact=True)
        await pen.click()
        await pen.click()
        await self.chair.page.get_by_role("radio", name="Mọi người trong cuộc họp").click()
        await pen.click()

    async def _one_line(self, number: int) -> None:
        """From left to right, as fast as a hand; then it rests, so that all of it can be seen, and is taken back."""
        page = self.chair.page
        box = await page.locator(".in .page").bounding_box()
        assert box is not None
        y = box["y"] + LINE_Y * box["height"]
        await page.mouse.move(box["x"] + LINE_FROM * box["width"], y)
        await page.mouse.down()
        began = time.monotonic()
        for step in range(1, MOVES + 1):
            await page.mouse.move(box["x"] + (LINE_FROM + (LINE_TO - LINE_FROM) * step / MOVES) * box["width"], y)
            await asyncio.sleep(max(0.0, began + step / PEN_HZ - time.monotonic()))
        await asyncio.sleep(0.4 + 0.01 * number)
        await page.mouse.up()
        await page.get_by_role("button", name="Hoàn tác").click()


def behind(pen: Sequence[Sequence[float]], ink: Sequence[Sequence[float]]) -> list[float]:
    """For each place of the pen, how much later the line had reached it on the other screen, in milliseconds."""
    found, frames = [], iter(ink)
    frame = next(frames, None)
    for moment, share in pen:
        while frame is not None and frame[1] < share:
            frame = next(frames, None)
        if frame is None:
            break
        found.append(frame[0] - moment)
    assert len(found) > 0.9 * len(pen), f"of {len(pen)} places of the pen {len(found)} were seen"
    return found


async def measure(house: RealHouse, folder: Path, only_ink: bool) -> list[Row]:
    """All cases, one after the other."""
    async with chromium(house, folder) as browser:
        bench = Bench(browser, house, await tablet(browser, house, CHAIR, SIZE))
        await bench.begin()
        if not only_ink:
            await bench.signs_in()
            await bench.at_once()
            await bench.prepared()
        await bench.draws()
        return bench.rows


@contextmanager
def demo_house(folder: Path) -> Iterator[RealHouse]:
    """The demo province, all its pages drawn; a folder that has one already is used again."""
    if not (folder / "var/hopso.db").exists():
        with real_house(folder):
            wait_until_drawn(folder)
    with forked_house(folder) as house:
        yield house


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m bench.tablet", description=__doc__.splitlines()[0])
    asked.add_argument("--house", type=Path, help="a folder for the house, to be used again")
    asked.add_argument("--ink", action="store_true", help="measure ink only; the other figures stay as they are")
    asked.add_argument("--dry", action="store_true", help="do not write the results file")
    chosen = asked.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hopso-tablet-") as folder,
        demo_house(chosen.house or Path(folder) / "house") as house,
    ):
        rows = asyncio.run(measure(house, Path(folder), chosen.ink))
    for one in rows:
        print(f"  {one['case']:88} {one['metric']:40} {one['ours']:>8} {one['unit']} aim {one['peer']}")
    if not chosen.dry:
        measured = {one["case"] for one in rows}
        rows = [one for one in json.loads(RESULTS.read_text("utf-8")) if one["case"] not in measured] + rows
        RESULTS.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
