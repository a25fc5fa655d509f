"""A house and browsers that trust its certificate, for the end-to-end tests."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sqlite3
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from server import serving
from server.certificates import CA_FILE
from server.clock import SystemClock
from server.config import Settings, WebSettings
from tests.e2e.forked import forked_house
from tests.e2e.house import ROOT, STARTS_WITHIN_S, RealHouse, real_house
from tests.e2e.small import Caller, Furnished, SmallHouse, make, small_house

NOT_FOR_TESTS = (
    # Chromium draws its own address bar's list with two hundred web resources for every window: half of the work of
    # opening a page of ours.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "PreloadTopChromeWebUI",
    # What Playwright turns off; the last list counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream=fps=6",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=" + ",".join(NOT_FOR_TESTS),
]


class Chromium:
    """A browser that lives longer than a test, and is opened again when it died."""

    def __init__(self, playwright: Playwright, program: Path, home: Path) -> None:
        self.playwright = playwright
        self.program = program
        self.home = home
        self.browser: Browser | None = None

    async def opened(self) -> Browser:
        """It, running."""
        if self.browser is None or not self.browser.is_connected():
            self.browser = await self.playwright.chromium.launch(
                executable_path=str(self.program), args=CHROMIUM_OPTIONS, env={**os.environ, "HOME": str(self.home)}
            )
        return self.browser

    async def close(self) -> None:
        """End it."""
        if self.browser is not None:
            await self.browser.close()


@pytest.fixture(scope="session")
def built_client() -> None:
    """The web client must be built: `make test` does it first."""
    assert (ROOT / "web/dist/index.html").exists(), "build the client first: make build"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own and a certificate by it, to be copied into every house that a browser asks."""

    def issue(folder: Path) -> None:
        web = WebSettings(certificate_file=folder / "server.pem", key_file=folder / "server.key")
        serving.prepare_certificate(Settings(web=web), SystemClock().now())

    return once_in_a_run(tmp_path_factory, "authority", issue)


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory, built_client: None, authority: Path) -> Path:
    """A house with the demo province that was opened once and closed: to be copied, never to be changed."""

    def fill(folder: Path) -> None:
        shutil.copytree(authority, folder / "var/tls")
        with real_house(folder) as house:
            wait_until_drawn(folder)
            asyncio.run(turn_all_pages(house))

    return once_in_a_run(tmp_path_factory, "filled", fill)


def once_in_a_run(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one worker of this run makes, whoever needs it first, for all of them."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def wait_until_drawn(folder: Path) -> None:
    """Every page of every paper of this house has its image."""
    undrawn = "SELECT count(*) FROM paper_versions WHERE rendered < pages"
    until = time.monotonic() + STARTS_WITHIN_S
    with closing(sqlite3.connect(folder / "var/hopso.db")) as database:
        while database.execute(undrawn).fetchone() != (0,):
            assert time.monotonic() < until, "the pages were not drawn"
            time.sleep(0.1)


async def turn_all_pages(house: RealHouse) -> None:
    """Ask for every page as the tablets of these tests do, so that no test waits until it is drawn in their width."""
    trust = ssl.create_default_context(cafile=str(house.authority))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        secretary = await Caller(house.url, session).signs_in("tratt.vpub")
        meeting = (await secretary.asks("GET", "/api/meetings"))[1]["meetings"][0]["id"]
        state = (await secretary.asks("GET", f"/api/meetings/{meeting}"))[1]["state"]
        for paper in state["papers"].values():
            for page in range(1, paper["pages"] + 1):
                for kind in ("960.webp", "text.json"):
                    status, _ = await secretary.fetches(f"/pages/{paper['version']}/{page}/{kind}")
                    assert status == 200, (paper["short"], page, kind)


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, filled_once: Path) -> Iterator[RealHouse]:
    """A running house with the demo province; with the parameter "supervised" by `python -m server serve`."""
    shutil.copytree(filled_once / "var", tmp_path / "house/var")
    opened = real_house if getattr(request, "param", "") == "supervised" else forked_house
    with opened(tmp_path / "house") as running:
        yield running


@pytest.fixture(scope="session")
def trusting_home(tmp_path_factory: pytest.TempPathFactory, authority: Path, certutil_path: Path) -> Path:
    """A home folder in which Chromium trusts our houses' authority, as a tablet that followed the guide does."""
    home = tmp_path_factory.mktemp("home")
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    database = f"sql:{store}"
    subprocess.run([certutil_path, "-d", database, "-N", "--empty-password"], check=True)
    add = [certutil_path, "-d", database, "-A", "-t", "C,,", "-n", "hopso", "-i", str(authority / CA_FILE)]
    subprocess.run(add, check=True)
    return home


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(chromium_path: Path, trusting_home: Path, authority: Path) -> AsyncIterator[Chromium]:
    """Real Chromium. It does not ignore certificate errors, and neither does Playwright's own client."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NODE_EXTRA_CA_CERTS", str(authority / CA_FILE))
        async with async_playwright() as playwright:
            made = Chromium(playwright, chromium_path, trusting_home)
            yield made
            await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """The one Chromium of all tests that drive it, with nothing open; tests with it run in the session's loop."""
    opened = await chromium.opened()
    yield opened
    for context in opened.contexts:
        await context.close()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Furnished]:
    """A small house that was furnished and closed: to be copied, never to be changed."""
    folder = tmp_path_factory.mktemp("small")
    return folder, asyncio.run(make(folder))


@pytest.fixture
def furnished(tmp_path: Path, made_once: tuple[Path, Furnished]) -> tuple[Path, Furnished]:
    """A folder with a small house of one's own, closed, and what lies in it."""
    folder, lies = made_once
    shutil.copytree(folder, tmp_path / "small")
    return tmp_path / "small", lies


@pytest.fixture
async def small(furnished: tuple[Path, Furnished]) -> AsyncIterator[SmallHouse]:
    """A small house that answers."""
    folder, lies = furnished
    async with small_house(folder, lies) as house:
        yield house
