"""Takes the pictures in `docs/screens/`: a real house with the demo province, a real moment of a meeting, Chromium.

    python scripts/screens.py              all of them
    python scripts/screens.py hall site    those whose name begins so

A screen that does not show what it should is reported by its name; the others are taken all the same.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo.accounts import PASSWORD  # noqa: E402
from scripts.screens_meeting import CHAIR, DELEGATE, SECRETARY, SPEAKING_SITE, Moment  # noqa: E402
from tests.components import find  # noqa: E402
from tests.e2e.conftest import CHROMIUM_OPTIONS  # noqa: E402
from tests.e2e.house import RealHouse, real_house  # noqa: E402

TARGET = ROOT / "docs/screens"
TABLET, PORTRAIT, DESK, HALL = (1180, 820), (800, 1280), (1440, 900), (1920, 1080)
COLOURS = 256
"""Of a picture's palette: the screens are flat, and the folder stays small."""
PATIENCE_MS = 20_000

FILMED = "() => [...document.querySelectorAll('video')].some((one) => one.readyState >= 2 && one.videoWidth > 0)"
CAMERA = """
const camera = document.createElement("canvas");
camera.width = 640; camera.height = 360;
const brush = camera.getContext("2d");
const hue = HUE;
const shape = (colour, draw) => { brush.fillStyle = colour; brush.beginPath(); draw(); brush.fill(); };
const paint = () => {
  brush.fillStyle = `hsl(${hue} 22% 70%)`; brush.fillRect(0, 0, 640, 360);
  for (let at = 0; at < 640; at += 40) {
    brush.fillStyle = `hsl(${hue} 20% ${at % 80 ? 62 : 66}%)`; brush.fillRect(at, 0, 40, 300);
  }
  shape("#2b3a44", () => brush.ellipse(320, 350, 130, 140, 0, 0, 7));
  shape("#eef1ef", () => { brush.moveTo(285, 222); brush.lineTo(320, 300); brush.lineTo(355, 222); });
  shape("#c39a7b", () => brush.ellipse(320, 150, 50, 62, 0, 0, 7));
  shape("#23211f", () => brush.ellipse(320, 112, 54, 36, 0, Math.PI, 0));
  brush.fillStyle = "#6a452a"; brush.fillRect(0, 326, 640, 34);
  brush.fillStyle = `rgb(0 0 0 / ${Math.random() / 99})`; brush.fillRect(0, 0, 2, 2);
};
setInterval(paint, 125);
navigator.mediaDevices.getUserMedia = async ({ video, audio }) => {
  const made = video ? camera.captureStream(8) : new MediaStream();
  if (audio) {
    const sound = new AudioContext(), out = sound.createMediaStreamDestination(), hum = sound.createOscillator();
    const soft = sound.createGain(); soft.gain.value = 0.2; hum.frequency.value = 180;
    hum.connect(soft).connect(out); hum.start(); made.addTrack(out.stream.getAudioTracks()[0]);
  }
  return made;
};
"""
"""A drawn person in front of a camera: no real face belongs into the documentation."""


class Picture(msgspec.Struct, frozen=True):
    """One picture: who sees which path on what, and the words that must be there."""

    name: str
    path: str
    sees: str
    who: str = ""
    """A person, or `site:<id>`; empty for a passer-by."""
    size: tuple[int, int] = TABLET
    language: str = "vi"
    theme: str = "light"
    filmed: bool = False
    """Whether a moving picture belongs into it."""
    before: Callable[[Page], Awaitable[None]] | None = None


async def alone(page: Page) -> None:
    """Turn one page further by oneself."""
    await page.get_by_role("button", name="Trang sau").first.click()
    await page.get_by_text("xem riêng").first.wait_for(timeout=PATIENCE_MS)


async def sheet(page: Page) -> None:
    """Open the sheet at the bottom: who speaks, who waits."""
    await page.get_by_role("button", name="Mở hàng phát biểu").click()


async def cut_off(page: Page) -> None:
    """All papers are on the tablet; then the line is away for longer than a moment."""
    await page.get_by_text("Đang tải tài liệu").wait_for(state="hidden", timeout=120_000)
    await page.context.set_offline(True)
    await page.get_by_text("Mất kết nối").first.wait_for(timeout=40_000)


PREPARING = (
    Picture("dang-nhap", "/dang-nhap", "Đăng nhập"),
    Picture("lich-hop", "/", "Phiên họp thường kỳ", SECRETARY),
    Picture("chuan-bi", "/chuan-bi/{meeting}", "Khai mạc", SECRETARY),
)
DISCUSSING = (
    Picture("phong-hop", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, filmed=True),
    Picture("phong-hop-xem-rieng", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, before=alone, filmed=True),
    Picture("phong-hop-doc", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, PORTRAIT, filmed=True),
    Picture("phong-hop-english", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, language="en", filmed=True),
    Picture("phong-hop-nen-toi", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, theme="dark", filmed=True),
    Picture("phong-hop-doc-mo-hang", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, PORTRAIT, before=sheet, filmed=True),
    Picture("phong-hop-mat-mang", "/hop/{meeting}", "Chu Văn Nghĩa", DELEGATE, before=cut_off, filmed=True),
    Picture("ban-chu-toa", "/chu-toa/{meeting}", "Chu Văn Nghĩa", CHAIR),
    Picture("ban-thu-ky", "/thu-ky/{meeting}", "BIÊN BẢN", SECRETARY, DESK),
    Picture("hoi-truong", "/hoi-truong/{meeting}", "Chu Văn Nghĩa", CHAIR, HALL, filmed=True),
    Picture("diem-cau", "/diem-cau/{meeting}/so-xd", "Sở Công Thương", "site:so-xd", HALL, filmed=True),
    Picture(
        "diem-cau-dang-noi",
        f"/diem-cau/{{meeting}}/{SPEAKING_SITE}",
        "Micrô",
        f"site:{SPEAKING_SITE}",
        HALL,
        filmed=True,
    ),
)
VOTING = (
    Picture("phong-hop-bieu-quyet", "/hop/{meeting}", "Biểu quyết", DELEGATE),
    Picture("phong-hop-doc-bieu-quyet", "/hop/{meeting}", "Biểu quyết", DELEGATE, PORTRAIT),
    Picture("ban-chu-toa-bieu-quyet", "/chu-toa/{meeting}", "Biểu quyết", CHAIR),
)
ANNOUNCED = (Picture("hoi-truong-ket-qua", "/hoi-truong/{meeting}", "Kết quả biểu quyết", CHAIR, HALL),)
GROUPS = (PREPARING, DISCUSSING, VOTING, ANNOUNCED)
CAMERAS = ("phong-hop-tinh", SPEAKING_SITE, "so-xd", "lam-thanh")


class Studio:
    """Browsers in front of the house, and what went wrong."""

    def __init__(self, browser: Browser, moment: Moment, wanted: tuple[str, ...]) -> None:
        self.browser = browser
        self.moment = moment
        self.wanted = wanted
        self.failures: dict[str, str] = {}
        self.open: list[BrowserContext] = []

    async def take(self, pictures: tuple[Picture, ...]) -> None:
        """Take these, each in a browser of its own."""
        for picture in pictures:
            if self.wanted and not picture.name.startswith(self.wanted):
                continue
            try:
                await self._take(picture)
                print(f"{picture.name}.png")
            except (Error, AssertionError) as error:
                self.failures[picture.name] = str(error).splitlines()[0]

    async def cameras(self) -> None:
        """Some sites are in the conference with a picture."""
        for number, site in enumerate(CAMERAS):
            page = await self._page(Picture(site, "", "", f"site:{site}", (960, 540)), hue=40 + 80 * number)
            self.open.append(page.context)
            await page.goto(f"{self.moment.house.url}/diem-cau/{self.moment.meeting}/{site}")

    async def close(self) -> None:
        """Close what stayed open."""
        for context in self.open:
            await context.close()

    async def _take(self, picture: Picture) -> None:
        page = await self._page(picture)
        try:
            await page.goto(self.moment.house.url + picture.path.format(meeting=self.moment.meeting))
            await page.get_by_text(picture.sees).filter(visible=True).first.wait_for(timeout=PATIENCE_MS)
            if picture.filmed:
                await page.wait_for_function(FILMED, timeout=3 * PATIENCE_MS)
            await page.wait_for_timeout(3_000)
            if picture.before is not None:
                await picture.before(page)
                await page.wait_for_timeout(1_500)
            keep(picture.name, await page.screenshot())
        finally:
            await page.context.close()

    async def _page(self, picture: Picture, hue: int = 200) -> Page:
        context = await self.browser.new_context(
            viewport={"width": picture.size[0], "height": picture.size[1]},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            has_touch=picture.size in (TABLET, PORTRAIT),
            permissions=["camera", "microphone"],
        )
        await context.add_init_script(CAMERA.replace("HUE", str(hue)))
        for key, value in (("language", picture.language), ("theme", picture.theme), ("tours", "off")):
            await context.add_init_script(f"localStorage.setItem('hopso.{key}', '{value}')")
        kind, _, site = picture.who.partition(":")
        if site:
            await self._asks(context, "/api/enter", {"code": self.moment.codes[site]})
        elif kind:
            await self._asks(context, "/api/session", {"username": kind, "password": PASSWORD})
        return await context.new_page()

    async def _asks(self, context: BrowserContext, path: str, body: dict[str, str]) -> None:
        url = self.moment.house.url
        answer = await context.request.post(f"{url}{path}", data=body, headers={"Origin": url})
        assert answer.ok, await answer.text()


def keep(name: str, png: bytes) -> None:
    """Write the picture with a palette of few colours."""
    TARGET.mkdir(parents=True, exist_ok=True)
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    # The method that keeps rare colours: the red lamp is small, and must stay red.
    small = whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    small.save(TARGET / f"{name}.png", optimize=True)


def trust(authority: Path, home: Path) -> None:
    """A home folder in which Chromium, and Playwright beside it, trust this authority."""
    certutil = find("certutil")
    if certutil is None or find("chromium") is None:
        raise SystemExit("Chromium or certutil is missing: make deps")
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "hopso", "-i", str(authority)]):
        subprocess.run([certutil, "-d", f"sql:{store}", *words], check=True)
    os.environ["NODE_EXTRA_CA_CERTS"] = str(authority)


@asynccontextmanager
async def chromium(house: RealHouse, folder: Path) -> AsyncIterator[Browser]:
    """Chromium that trusts the house's authority, as a tablet that followed the guide does."""
    program = find("chromium")
    trust(house.authority, folder / "home")
    environment = {**os.environ, "HOME": str(folder / "home")}
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=str(program), args=CHROMIUM_OPTIONS, env=environment)
        yield opened
        await opened.close()


async def take_all(house: RealHouse, folder: Path, wanted: tuple[str, ...]) -> dict[str, str]:
    """Lead the meeting from picture to picture; what failed, by name."""
    moment = Moment(house)
    async with chromium(house, folder) as browser:
        studio = Studio(browser, moment, wanted)
        try:
            await moment.begin()
            await studio.take(PREPARING)
            await moment.open()
            await moment.connect_sites()
            await moment.ink()
            await studio.cameras()
            await studio.take(DISCUSSING)
            await moment.open_ballot()
            await studio.take(VOTING)
            await moment.announce()
            await studio.take(ANNOUNCED)
        finally:
            await studio.close()
            await moment.close()
    return studio.failures


def main() -> int:
    """Take the pictures; 1 when some could not be taken."""
    with tempfile.TemporaryDirectory(prefix="hopso-screens-") as name, real_house(Path(name) / "house") as house:
        failures = asyncio.run(take_all(house, Path(name), tuple(sys.argv[1:])))
    for picture, why in failures.items():
        print(f"{picture}: {why}", file=sys.stderr)
    return int(bool(failures))


if __name__ == "__main__":
    raise SystemExit(main())
