"""The whole web process with one meeting of so many members, all present; each line of standard input turns its page.

Arguments: how many, a folder, and perhaps a certificate and a key. Says its port and the id of the ballot that is open.
A turn is a command: decided, hashed, committed with its receipt and flushed to disk, then shown to everybody. Who comes
is shown the meeting as they may see it; a vote is a row that is flushed before it is answered, and counted for all.
Everybody is signed in and fetches a ticket before they come.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from bench.live.ours import at_each_line, serve, tls
from server.app import House
from server.clock import SystemClock
from server.meetings.acts import read_command
from server.meetings.service import HOUSE, Asker
from server.people.accounts import Account
from server.people.organisation import Unit
from server.people.positions import Person
from server.people.sessions import Session, token_hash
from server.people.store import directory, door
from server.schema import migrate
from server.streams import Answer
from server.web import application
from tests.e2e.small import settings_in

MEETING = "1"
PAPER = "bao-cao"
PAGES = 24
UNIT = "ubnd"
SECRETARY = Asker("secretary", UNIT, frozenset({"secretary"}))
AT_ONCE = 100


class Sitting:
    """The meeting that sits."""

    def __init__(self, house: House, members: int) -> None:
        self.house = house
        self.people = [f"t{number}" for number in range(members)]
        self.numbers = itertools.count()
        self.turns: set[asyncio.Task[Answer]] = set()

    async def does(self, asker: Asker, tag: str, /, **fields: Any) -> Answer:
        """Somebody sends a command, which is granted."""
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        answer = await self.house.meetings.perform(MEETING, asker, f"b{next(self.numbers)}", command)
        assert answer.ok, (tag, answer)
        return answer

    async def opens(self) -> str:
        """Everybody is invited and present, a page is shown, a ballot is open; its id."""
        known = [Person("secretary", UNIT, "Trịnh Thu Hà", "Chuyên viên")]
        known += [Person(who, UNIT, f"Đại biểu {who}", "Giám đốc Sở") for who in self.people]
        await self.house.people.keep_units([Unit(UNIT, "Ủy ban nhân dân tỉnh", "UBND tỉnh", "committee", "", 1)])
        await self.house.people.keep_people(known)
        await self._sign_in()
        now = SystemClock().now()
        about = {"title": "Phiên họp", "form": "hybrid", "place": "Hội trường", "starts_at": now, "ends_at": now + 1}
        await self.does(SECRETARY, "meeting.create", kind="phien_hop_thuong_ky", host=UNIT, **about)
        for invited in _by(self.people, AT_ONCE):
            await self.does(SECRETARY, "member.invite", people=invited, roles=["delegate"], mandate=True)
        await self.does(SECRETARY, "chair.name", chair="t0", deputy="t1")
        await self.does(SECRETARY, "item.add", title="Báo cáo", short="Báo cáo")
        item = (await self.house.meetings.standing(MEETING))[1].items[0].id
        await self.does(SECRETARY, "paper.attach", paper=PAPER, item=item, title="Báo cáo", short="Báo cáo")
        await self.does(HOUSE, "paper.prepare", paper=PAPER, state="ready", version="a" * 64, pages=PAGES)
        await self.does(SECRETARY, "ballot.plan", item=item, question="Nhất trí?")
        await self.does(SECRETARY, "meeting.publish")
        for arriving in _by(self.people, AT_ONCE):
            await asyncio.gather(*(self.does(Asker(who), "attendance.arrive", place="room") for who in arriving))
        await self.does(Asker("t0"), "meeting.open")
        await self.does(Asker("t0"), "paper.show", paper=PAPER, page=1)
        ballot = next(iter((await self.house.meetings.standing(MEETING))[1].ballots))
        await self.does(Asker("t0"), "ballot.open", ballot=ballot)
        return ballot

    async def _sign_in(self) -> None:
        """Everybody has an account, without a password, and a session whose cookie is their number."""
        now = self.house.clock.now()
        async with self.house.db.writing() as connection:
            for number, who in enumerate(self.people):
                session = Session(f"s{number}", who, now, now, "bench", "127.0.0.1")
                await door.add_session(connection, session, token_hash(f"c{number}"))
                await directory.keep_account(connection, self.house.db, Account(who, who, ""))

    def turn(self) -> None:
        """The chair turns to another page."""
        page = 2 + next(self.numbers) % (PAGES - 1)
        turning = asyncio.ensure_future(self.does(Asker("t0"), "page.turn", paper=PAPER, page=page))
        self.turns.add(turning)
        turning.add_done_callback(self.turns.discard)


def _by(people: list[str], count: int) -> list[list[str]]:
    return [people[start : start + count] for start in range(0, len(people), count)]


async def main(members: str, folder: str, *certificate: str) -> None:
    settings = settings_in(Path(tempfile.mkdtemp(dir=folder)), 1, WEB__PUBLIC_URL="https://hop.example")
    house = House(settings)
    await migrate(house.db)
    sitting = Sitting(house, int(members))
    ballot = await sitting.opens()
    await serve(application(house), tls(list(certificate)), ballot)
    await at_each_line(sitting.turn)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
