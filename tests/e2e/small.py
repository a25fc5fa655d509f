"""A house with a handful of people and one small meeting: quick to open, for tests that need no browser.

Everybody of `PEOPLE` has an account, the meeting is open at its first item, somebody holds every role, and its papers
are for all, for members, and for one named person.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from server.app import House
from server.callers import Limits
from server.config import Settings, load
from server.http import SESSION_COOKIE
from server.meetings.acts import read_command
from server.meetings.service import Asker
from server.people.invitations import Invitation
from server.people.organisation import Unit
from server.people.positions import Person
from server.people.service import NewAccount
from server.schema import migrate
from server.web import application
from tests.components import free_port
from tests.documents.house import in_pieces, pdf
from tests.live.room import Tablet

PASSWORD = "lam-giang-2026"
MEETING = "hop-nho-1"
AGES_MS = 365 * 24 * 3600 * 1000

PEOPLE = {
    "chair": ("Phạm Hồng Sơn", "Chủ tịch", frozenset()),
    "deputy": ("Lê Thị Minh Nguyệt", "Phó Chủ tịch", frozenset()),
    "secretary": ("Trịnh Thu Hà", "Chuyên viên", frozenset({"secretary"})),
    "delegate": ("Lưu Thị Bích Thảo", "Giám đốc Sở", frozenset()),
    "second": ("Vi Văn Thiết", "Chủ tịch xã", frozenset()),
    "guest": ("Hà Văn Toàn", "Phó Trưởng ban", frozenset()),
    "technician": ("Đỗ Khắc Nhượng", "Kỹ thuật viên", frozenset({"technician"})),
    "stranger": ("Ngô Quang Vinh", "Chuyên viên", frozenset()),
}
VOTERS = ("chair", "deputy", "delegate", "second")
SITE = "site-tx"


def settings_in(folder: Path, port: int, **more: str) -> Settings:
    """The settings of a house that lives in this folder; `more` are variables without their prefix."""
    return load(environment=environment_in(folder, port, **more))


def environment_in(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The same settings as variables, for a process of its own."""
    paths = {
        "DATABASE__URL": f"sqlite+aiosqlite:///{folder}/hopso.db",
        "BLOBS__FOLDER": str(folder / "blobs"),
        "PEOPLE__KEYS_FOLDER": str(folder / "keys"),
        "DOCUMENTS__PAGES_FOLDER": str(folder / "pages"),
        "DOCUMENTS__WORK_FOLDER": str(folder / "work"),
        "MEDIA__CONTROL_SOCKET": str(folder / "media.sock"),
        "RECORDING__CONTROL_SOCKET": str(folder / "recorder.sock"),
        "RECORDING__FOLDER": str(folder / "recordings"),
        "WEB__STATIC_FOLDER": str(folder / "no-client"),
        "WEB__CERTIFICATE_FILE": str(folder / "tls/server.pem"),
        "WEB__KEY_FILE": str(folder / "tls/server.key"),
    }
    chosen = {
        **paths,
        "WEB__HOST": "127.0.0.1",
        "WEB__PORT": str(port),
        "WEB__GUIDE_PORT": "0",
        "PEOPLE__REQUIRE_SECOND_FACTOR": "false",
        "PEOPLE__ARGON2_MEMORY_KIB": "1024",
        "PEOPLE__ARGON2_PASSES": "1",
        **more,
    }
    return {f"HOPSO_{key}": value for key, value in chosen.items()}


class Furnished(msgspec.Struct):
    """What lies in the house: the items and papers by what they are for."""

    items: list[str]
    ballots: list[str]
    papers: dict[str, str]
    versions: dict[str, str]
    site_code: str


class Preparing:
    """Performs commands without any door, as whoever may."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def does(self, person: str, tag: str, /, **fields: Any) -> None:
        """Carry out a command; what is refused is a mistake of the test."""
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        asker = Asker(person, "ubnd", PEOPLE[person][2])
        answer = await self.house.meetings.perform(MEETING, asker, uuid.uuid4().hex, command)
        assert answer.ok, (command, answer)

    async def state(self) -> Any:
        """The meeting as it stands."""
        return (await self.house.meetings.standing(MEETING))[1]

    async def paper(self, item: str, readers: str, named: Sequence[str] = (), pages: int = 6) -> str:
        """Upload and attach a small paper; its id."""
        papers = self.house.papers
        received = await papers.receive("secretary", MEETING, f"{readers}.pdf", in_pieces(pdf(pages)))
        fields = {"paper": received.id, "item": item, "title": readers, "short": readers}
        await self.does("secretary", "paper.attach", **fields, readers=readers, named=list(named))
        await papers.settled()
        await _until(lambda: self._is_ready(received.id))
        return str(received.id)

    async def _is_ready(self, paper: str) -> bool:
        return bool((await self.state()).papers[paper].state == "ready")


async def _until(true: Any, patience_s: float = 90) -> None:
    async with asyncio.timeout(patience_s):
        while not await true():
            await asyncio.sleep(0.02)


async def furnish(house: House, opened: bool = True) -> Furnished:
    """People and the meeting; published and open unless `opened` is false, when it is left a draft."""
    await house.people.keep_units([Unit("ubnd", "Ủy ban nhân dân tỉnh Lam Giang", "UBND tỉnh", "committee", "", 1)])
    await house.people.keep_people([Person(who, "ubnd", name, title) for who, (name, title, _) in PEOPLE.items()])
    accounts = [NewAccount(who, who, PASSWORD, offices, must_change=False) for who, (_, _, offices) in PEOPLE.items()]
    await house.people.keep_accounts(accounts)
    preparing = Preparing(house)
    furnished = await _prepare(preparing)
    if opened:
        await open_meeting(preparing)
    return furnished


async def _prepare(preparing: Preparing) -> Furnished:
    does, now = preparing.does, preparing.house.clock.now()
    times = {"starts_at": now, "ends_at": now + 8 * 3600 * 1000}
    about = {"title": "Phiên họp thử", "form": "hybrid", "place": "Phòng số 1", **times}
    await does("secretary", "meeting.create", kind="phien_hop_thuong_ky", host="ubnd", **about)
    await does("secretary", "site.add", site={"id": SITE, "name": "Điểm cầu xã", "short": "Xã", "order": 2})
    await does("secretary", "member.invite", people=list(VOTERS), roles=["delegate"], mandate=True)
    await does("secretary", "member.change", person="second", roles=["delegate"], mandate=True, site=SITE)
    await does("secretary", "member.invite", people=["guest"], roles=["guest"])
    await does("secretary", "member.invite", people=["technician"], roles=["technician"])
    await does("secretary", "chair.name", chair="chair", deputy="deputy")
    for title in ("Báo cáo quý III", "Dự thảo Quyết định", "Việc khác"):
        await does("secretary", "item.add", title=title, short=title, presenter="delegate")
    items = [item.id for item in (await preparing.state()).items]
    for _ in range(2):
        await does("secretary", "ballot.plan", item=items[1], question="Thông qua dự thảo?")
    papers = {
        "all": await preparing.paper(items[0], "all"),
        "members": await preparing.paper(items[0], "members"),
        "named": await preparing.paper(items[0], "named", ["second"]),
    }
    meeting = await preparing.state()
    versions = {readers: meeting.papers[paper].version for readers, paper in papers.items()}
    invitation = Invitation("", MEETING, "site", SITE, "Điểm cầu xã", "", 0, now + AGES_MS)
    code = (await preparing.house.doors.invite(invitation)).code
    return Furnished(items, list(meeting.ballots), papers, versions, code)


async def open_meeting(preparing: Preparing) -> None:
    """Publish, let everybody arrive, open, begin the first item."""
    await preparing.does("secretary", "meeting.publish")
    for person in (*VOTERS, "secretary", "guest"):
        await preparing.does(person, "attendance.arrive", place="room")
    await preparing.does("chair", "meeting.open")
    await preparing.does("chair", "item.start", item=(await preparing.state()).items[0].id)


class Caller:
    """Somebody who asks the server over HTTP, with a session of their own or without any."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.cookie = ""

    async def signs_in(self, user: str) -> Caller:
        """Come in by name and password."""
        status, answer = await self.asks("POST", "/api/session", {"username": user, "password": PASSWORD})
        assert status == 200, answer
        return self

    async def enters(self, code: str) -> Caller:
        """Come in by an invitation."""
        status, answer = await self.asks("POST", "/api/enter", {"code": code})
        assert status == 200, answer
        return self

    async def asks(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        async with self._request(method, path, json=body) as response:
            if SESSION_COOKIE in response.cookies:
                self.cookie = response.cookies[SESSION_COOKIE].value
            return response.status, await response.json()

    async def fetches(self, path: str) -> tuple[int, bytes]:
        """The status and the octets of the answer."""
        async with self._request("GET", path) as response:
            return response.status, await response.read()

    async def uploads(self, shelf: str, name: str, content: bytes) -> tuple[int, Any]:
        """Send a file, as the form does."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        async with self._request("POST", f"/api/papers?shelf={shelf}", data=form) as response:
            return response.status, await response.json()

    async def commands(self, tag: str, /, **fields: Any) -> tuple[int, Any]:
        """Send a command of the meeting."""
        sent = {"id": str(uuid.uuid4()), "command": {"type": tag, **fields}}
        return await self.asks("POST", f"/api/meetings/{MEETING}/commands", sent)

    async def tablet(self, endpoint: str = "ban-1") -> Tablet:
        """A socket of this person's, let in."""
        status, answer = await self.asks("POST", "/api/ticket")
        assert status == 200, answer
        tablet = await Tablet.open(self.url, origin=None)
        greeting = await tablet.show(answer["ticket"], endpoint)
        assert greeting.startswith("40"), greeting
        return tablet

    def _request(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Cookie": f"{SESSION_COOKIE}={self.cookie}"} if self.cookie else {}
        return self.session.request(method, f"{self.url}{path}", headers=headers, **more)


class SmallHouse:
    """A web process inside the test's own, on plain HTTP of loopback."""

    def __init__(self, house: House, url: str, session: aiohttp.ClientSession, lies: Furnished) -> None:
        self.house = house
        self.url = url
        self.session = session
        self.lies = lies

    async def caller(self, who: str = "") -> Caller:
        """Somebody: a person of `PEOPLE`, the site, or ("") a passer-by."""
        caller = Caller(self.url, self.session)
        if who == SITE:
            return await caller.enters(self.lies.site_code)
        return await caller.signs_in(who) if who else caller


@asynccontextmanager
async def small_house(
    folder: Path, lies: Furnished | None = None, limits: Limits | None = None, opened: bool = True, **more: str
) -> AsyncIterator[SmallHouse]:
    """A house that answers inside the block; furnished now, unless all that already `lies` in its folder."""
    port = int(more.get("WEB__PORT") or free_port())
    settings = settings_in(folder, port, WEB__PUBLIC_URL=f"http://127.0.0.1:{port}", **more)
    house = House(settings, limits=limits)
    if lies is None:
        await migrate(house.db)
    runner = web.AppRunner(application(house), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield SmallHouse(house, settings.web.public_url, session, lies or await furnish(house, opened))
    finally:
        await runner.cleanup()


async def make(folder: Path) -> Furnished:
    """Furnish a house in this folder and close it again, to be copied."""
    async with small_house(folder) as house:
        return house.lies


@asynccontextmanager
async def two_processes(
    folder: Path, postgres: str, redis: str, limits: Limits | None = None
) -> AsyncIterator[list[SmallHouse]]:
    """Two web houses over one PostgreSQL and one Redis; they share the folder of files."""
    shared = {"DATABASE__URL": postgres, "BUS__REDIS_URL": redis}
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(small_house(folder, limits=limits, **shared))
        second = await stack.enter_async_context(small_house(folder, first.lies, limits=limits, **shared))
        yield [first, second]
