"""A realistic moment of the demo meeting, brought about over the same doors as everybody uses: for `screens.py`."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from typing import Any

import aiohttp
import socketio

from demo import province
from demo.accounts import PASSWORD
from tests.e2e.house import RealHouse

CHAIR, SECRETARY, DELEGATE = "trungnq.ubnd", "tratt.vpub", "vanltb.snnmt"
SPEAKER, SPEAKING_SITE = "nghiacv.sct", "so-ct"
QUEUE = (
    ("oanhntk.snv", "Biên chế và tổ chức bộ máy cấp xã"),
    ("hoanx.sgddt", "Tiến độ kiên cố hóa trường, lớp học vùng cao"),
    ("maivtt.stp", "Thẩm quyền ban hành văn bản"),
)
ELSEWHERE = ("so-dl", "so-yt")
"""Sites that read another page than the one shown."""
ABSENT_SITES = ("thue-tinh", "muong-da")
"""Sites whose line is down."""

HOUR_MS = 3_600_000
AHEAD = (
    (1, 14, "hop_giao_ban", "Họp giao ban Chủ tịch, các Phó Chủ tịch Ủy ban nhân dân tỉnh tuần 48"),
    (4, 8, "hoi_nghi_truc_tuyen", "Hội nghị trực tuyến triển khai công tác phòng, chống rét đậm, rét hại"),
    (9, 8, "phien_hop_chuyen_de", "Phiên họp chuyên đề về dự toán ngân sách năm 2027"),
)
"""Days from today, hour, kind and title of meetings that are being prepared."""

CONCLUSION = (
    "Ủy ban nhân dân tỉnh thống nhất nội dung Báo cáo. Giao Sở Tài chính chủ trì, phối hợp với các sở, ngành tiếp thu "
    "ý kiến tại phiên họp, hoàn thiện Báo cáo, trình Ủy ban nhân dân tỉnh trước ngày 28 tháng 11 năm 2026."
)
MARKED, UNDERLINED = "74.650", "5. Kim ngạch xuất khẩu"
"""On page 7 of the report: a word whose line somebody marks, and words that somebody underlines."""


class Caller:
    """Somebody who asks the house over HTTP, and may keep a line open, without a browser."""

    def __init__(self, house: RealHouse, trust: ssl.SSLContext) -> None:
        self.house = house
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust), cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        self.live: socketio.AsyncClient | None = None

    async def asks(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer; what is refused is a mistake of ours."""
        async with self.http.request(method, f"{self.house.url}{path}", json=body) as response:
            answer = await response.json()
            if response.status >= 400:
                raise AssertionError(f"{method} {path}: {answer}")
            return answer

    async def commands(self, meeting: str, tag: str, /, **fields: Any) -> Any:
        """Send a command of the meeting."""
        sent = {"id": str(uuid.uuid4()), "command": {"type": tag, **fields}}
        return await self.asks("POST", f"/api/meetings/{meeting}/commands", sent)

    async def line(self, endpoint: str) -> socketio.AsyncClient:
        """A live line, as any Socket.IO client opens one."""
        ticket = (await self.asks("POST", "/api/ticket"))["ticket"]
        self.live = socketio.AsyncClient(http_session=self.http, reconnection=False)
        auth = {"ticket": ticket, "endpoint": endpoint}
        await self.live.connect(self.house.url, auth=auth, socketio_path="/live/", transports=["websocket"])
        return self.live

    async def close(self) -> None:
        """Hang up."""
        if self.live is not None:
            await self.live.disconnect()
        await self.http.close()


class Moment:
    """The demo meeting and the people in it."""

    def __init__(self, house: RealHouse) -> None:
        self.house = house
        self.trust = ssl.create_default_context(cafile=str(house.authority))
        self.plan = province.load().meeting
        self.callers: list[Caller] = []
        self.people: dict[str, Caller] = {}
        self.meeting = ""
        self.codes: dict[str, str] = {}

    async def somebody(self, person: str) -> Caller:
        """This person, signed in."""
        if person not in self.people:
            caller = self.people[person] = self._caller()
            await caller.asks("POST", "/api/session", {"username": person, "password": PASSWORD})
        return self.people[person]

    async def does(self, person: str, tag: str, /, **fields: Any) -> None:
        """A command of this person's."""
        await (await self.somebody(person)).commands(self.meeting, tag, **fields)

    async def state(self) -> dict[str, Any]:
        """The meeting as the chair sees it."""
        found: dict[str, Any] = (await (await self.somebody(CHAIR)).asks("GET", f"/api/meetings/{self.meeting}"))[
            "state"
        ]
        return found

    async def item(self, number: int) -> str:
        """The id of an agenda item, counted from 1."""
        return str((await self.state())["items"][number - 1]["id"])

    async def paper(self, number: int, words: str) -> dict[str, Any]:
        """The paper of this item whose short title begins with these words."""
        item, papers = await self.item(number), (await self.state())["papers"].values()
        return next(paper for paper in papers if paper["item"] == item and paper["short"].startswith(words))

    async def begin(self) -> None:
        """Find the meeting, and give every site a way in."""
        secretary = await self.somebody(SECRETARY)
        today = (await secretary.asks("GET", "/api/meetings"))["meetings"][0]
        self.meeting = today["id"]
        for days, hours, kind, title in AHEAD:
            begins = today["starts_at"] + int((days * 24 + hours - 8) * HOUR_MS)
            about = {"title": title, "kind": kind, "form": "hybrid", "place": "Phòng họp số 2", "host": today["host"]}
            times = {"starts_at": begins, "ends_at": begins + 2 * HOUR_MS}
            sent = {"id": uuid.uuid4().hex, "command": {"type": "meeting.create", **about, **times}}
            await secretary.asks("POST", "/api/meetings", sent)
        for site in self.plan.sites:
            wanted = {"kind": "site", "who": site}
            made = await secretary.asks("POST", f"/api/meetings/{self.meeting}/invitations", wanted)
            self.codes[site] = made["code"]

    async def open(self) -> None:
        """Roll call, opening, item 1 concluded, item 2 begun with page 7 of the report, a speech and a queue."""
        for one in self.plan.participant:
            if one.answer == "accepted":
                state = "room" if one.site == self.plan.main_site else "site"
                await self.does(SECRETARY, "attendance.record", person=one.person, state=state)
        await self.does(CHAIR, "meeting.open")
        await self.does(CHAIR, "acting.grant", granted=True)
        await self.does(CHAIR, "item.start", item=await self.item(1))
        await self.does(SECRETARY, "item.conclude", item=await self.item(1), text="Phiên họp thông qua chương trình.")
        await self.does(CHAIR, "item.start", item=await self.item(2))
        report = await self.paper(2, "Báo cáo kinh tế")
        await self.does(CHAIR, "paper.show", paper=report["id"], page=7)
        await self.does(CHAIR, "floor.invite", person="dungha.stc", minutes=10)
        for person, topic in ((SPEAKER, "Tiêu thụ nông sản vùng cao"), *QUEUE):
            await self.does(person, "floor.request", topic=topic)
        await self.insert_news()
        await self.does(CHAIR, "floor.invite", person=SPEAKER, minutes=7)

    async def insert_news(self) -> None:
        """The secretary takes all that has happened so far into the minutes."""
        secretary = await self.somebody(SECRETARY)
        live = secretary.live or await secretary.line("desk")
        command = {"stream": f"minutes:{self.meeting}", "id": uuid.uuid4().hex, "command": {"type": "minutes.insert"}}
        answer = await live.call("command", command)
        assert answer["ok"], answer

    async def connect_sites(self) -> None:
        """A line for nearly every site; two of them read by themselves."""
        stream = f"meeting:{self.meeting}"
        for site in (one for one in self.plan.sites if one not in ABSENT_SITES):
            caller = self._caller()
            await caller.asks("POST", "/api/enter", {"code": self.codes[site]})
            live = await caller.line(f"site-{site}")
            await live.call("sync", {"stream": stream, "since": 0})
            if site in ELSEWHERE:
                report = await self.paper(2, "Báo cáo kinh tế")
                data = {"alone": True, "paper": report["id"], "page": 3}
                await live.emit("hint", {"stream": stream, "type": "following", "data": data})

    async def ink(self) -> None:
        """On page 7 of the report the chair underlines a heading for everyone, a delegate marks a line for herself."""
        report = await self.paper(2, "Báo cáo kinh tế")
        chair = await self.somebody(CHAIR)
        text = await chair.asks("GET", f"/pages/{report['version']}/7/text.json")
        line, words = line_of(text, MARKED), words_in(text, UNDERLINED)
        left, top, right, bottom = line
        await self._stroke(
            DELEGATE, DELEGATE, ("marker", "#ffe45c", 270), [(left, (top + bottom) // 2), (right, (top + bottom) // 2)]
        )
        left, _, right, bottom = words
        wave = [(left + (right - left) * step // 24, bottom + 30 + 14 * (step % 2)) for step in range(25)]
        await self._stroke(CHAIR, "all", ("pen", "#1b3fa8", 26), wave)

    async def _stroke(self, person: str, layer: str, pen: tuple[str, str, int], line: list[tuple[int, int]]) -> None:
        report, caller = await self.paper(2, "Báo cáo kinh tế"), await self.somebody(person)
        live = caller.live or await caller.line(f"pen-{person}")
        tool, colour, width = pen
        stroke = {"kind": "stroke", "id": uuid.uuid4().hex, "page": 7, "tool": tool, "colour": colour, "width": width}
        command = {"type": "stroke.add", "stroke": {**stroke, "points": [(x, y, 600) for x, y in line]}}
        sent = {"stream": f"ink:{report['version']}:{layer}", "id": uuid.uuid4().hex, "command": command}
        answer = await live.call("command", sent)
        assert answer["ok"], answer

    async def open_ballot(self) -> None:
        """Item 3: the draft on screen, its ballot open, most have voted."""
        await self.does(CHAIR, "floor.end")
        for request in (await self.state())["requests"]:
            await self.does(CHAIR, "floor.withdraw", request=request["id"])
        await self.does(SECRETARY, "item.conclude", item=await self.item(2), text=CONCLUSION)
        await self.does(CHAIR, "item.start", item=await self.item(3))
        draft = await self.paper(3, "Dự thảo Quyết định")
        await self.does(CHAIR, "paper.show", paper=draft["id"], page=2)
        await self.does(CHAIR, "ballot.open", ballot=await self.ballot())
        electorate = (await self.state())["ballots"][await self.ballot()]["electorate"]
        for number, (mandate, person) in enumerate(sorted(electorate.items())):
            if person not in {CHAIR, DELEGATE}:
                choice = {3: "disagree", 9: "abstain"}.get(number, "agree")
                await self.does(person, "ballot.cast", ballot=await self.ballot(), mandate=mandate, choice=choice)

    async def announce(self) -> None:
        """The last votes, then the result."""
        for person in (CHAIR, DELEGATE):
            await self.does(person, "ballot.cast", ballot=await self.ballot(), mandate=person, choice="agree")
        await self.does(CHAIR, "ballot.close", ballot=await self.ballot())
        await self.does(CHAIR, "ballot.announce", ballot=await self.ballot())

    async def ballot(self) -> str:
        """The ballot of item 3."""
        item, ballots = await self.item(3), (await self.state())["ballots"].values()
        return next(str(ballot["id"]) for ballot in ballots if ballot["item"] == item)

    async def close(self) -> None:
        """Everybody hangs up."""
        await asyncio.gather(*(caller.close() for caller in self.callers), return_exceptions=True)

    def _caller(self) -> Caller:
        caller = Caller(self.house, self.trust)
        self.callers.append(caller)
        return caller


Box = tuple[int, int, int, int]
"""Left, top, right, bottom in 1/10000 of the page's width."""


def around(text: dict[str, Any], words: list[list[Any]]) -> Box:
    """The box around these words of a page's text."""
    scale = 10_000 / text["width"]
    low, high = (
        [min(word[side] for word in words) for side in (0, 1)],
        [max(word[side] for word in words) for side in (2, 3)],
    )
    left, top, right, bottom = (int(scale * value) for value in (*low, *high))
    return left, top, right, bottom


def line_of(text: dict[str, Any], word: str) -> Box:
    """The box of the line in which this word stands."""
    found = next(one for one in text["words"] if one[4] == word)
    return around(text, [one for one in text["words"] if abs(one[1] - found[1]) < 3])


def words_in(text: dict[str, Any], phrase: str) -> Box:
    """The box of these words, one after the other."""
    wanted, all_words = phrase.split(), [one[4] for one in text["words"]]
    start = next(at for at in range(len(all_words)) if all_words[at : at + len(wanted)] == wanted)
    return around(text, text["words"][start : start + len(wanted)])
