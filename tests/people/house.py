"""A small province with real doors, for the tests of the people room."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pyotp

from server.clock import HeldClock
from server.config import PeopleSettings
from server.db import Database, metadata
from server.people.doors import Doors, Entered, Knock
from server.people.organisation import Unit
from server.people.passwords import Passwords
from server.people.positions import Person
from server.people.secondfactor import SecondFactor
from server.people.service import NewAccount, People
from server.people.signin import Credentials, NextStep, SignIn
from server.people.store import directory, door

PASSWORD = "sông Mã chảy ra biển"
HERE = Knock(address="10.20.0.7", agent="Máy tính bảng phòng họp 1")

UNITS = [
    Unit("tinh", "Tỉnh Lam Giang", "Lam Giang", "province"),
    Unit("ubnd", "Ủy ban nhân dân tỉnh Lam Giang", "UBND tỉnh", "committee", "tinh", 1),
    Unit("so-yt", "Sở Y tế tỉnh Lam Giang", "Sở Y tế", "department", "ubnd", 2),
    Unit("so-nv", "Sở Nội vụ tỉnh Lam Giang", "Sở Nội vụ", "department", "ubnd", 1),
]
PEOPLE = [
    Person("chu-tich", "ubnd", "Đỗ Minh Tuấn", "Chủ tịch UBND tỉnh"),
    Person("nguyet", "so-yt", "Lê Thị Minh Nguyệt", "Giám đốc Sở Y tế"),
    Person("hoa", "so-yt", "Trần Quốc Hòa", "Phó Giám đốc Sở Y tế"),
    Person("hoan", "so-nv", "Phạm Đăng Hoàn", "Chuyên viên"),
    Person("quan-tri", "ubnd", "Vũ Hải Đăng", "Chuyên viên"),
    Person("quan-tri-syt", "so-yt", "Bùi Thị Đoan Trang", "Chuyên viên"),
]
ACCOUNTS = {
    "chu-tich": ("tuandm.ubnd", frozenset({"chair"})),
    "nguyet": ("nguyetltm.syt", frozenset()),
    "hoa": ("hoatq.syt", frozenset()),
    "hoan": ("hoanpd.snv", frozenset()),
    "quan-tri": ("dangvh.ubnd", frozenset({"system"})),
    "quan-tri-syt": ("trangbtd.syt", frozenset({"unit"})),
}


class House:
    """The people room, wired as the hall does it, over one database."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        self.settings = PeopleSettings(**{"require_second_factor": False, **settings})
        self.clock = HeldClock()
        self.db = Database(url)
        self.passwords = Passwords(memory_kib=1024, passes=1)
        self.factor = SecondFactor(folder / "keys", "Họp Số")
        self.doors = Doors(self.db, self.clock, self.settings, "https://hop.lamgiang.vn")
        self.signing = SignIn(self.doors, self.passwords, self.factor, self.settings)
        self.people = People(self.doors, self.passwords)
        self.ended: list[tuple[frozenset[str], str]] = []
        self.doors.on_ended.append(self._on_ended)

    async def _on_ended(self, sessions: frozenset[str], person: str, _why: str) -> None:
        self.ended.append((sessions, person))

    async def build(self) -> House:
        """Tables, units, people and accounts."""
        async with self.db.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await self.people.keep_units(UNITS)
        await self.people.keep_people(PEOPLE)
        await self.people.keep_accounts(
            [NewAccount(person, name, PASSWORD, offices, False) for person, (name, offices) in ACCOUNTS.items()]
        )
        return self

    async def close(self) -> None:
        """Give the database back."""
        await self.db.close()

    async def attempt(self, person: str, password: str = PASSWORD, **more: Any) -> Entered | NextStep:
        """One step of signing in."""
        knock = more.pop("knock", HERE)
        return await self.signing.sign_in(Credentials(ACCOUNTS[person][0], password, **more), knock)

    async def inside(self, person: str, **more: Any) -> Entered:
        """Signed in, or the test fails."""
        entered = await self.attempt(person, **more)
        assert isinstance(entered, Entered), entered
        return entered

    async def visitor(self, person: str) -> Any:
        """A signed-in visitor."""
        return await self.doors.identify((await self.inside(person)).token)

    async def enrol(self, person: str) -> pyotp.TOTP:
        """Set up a second factor on the way in, and let half a minute pass so that the next code is fresh."""
        step = await self.attempt(person)
        assert isinstance(step, NextStep) and step.step == "enrol" and step.offer is not None
        totp = pyotp.TOTP(step.offer.secret)
        await self.inside(person, code=self.code(totp))
        self.clock.advance(30_000)
        return totp

    def code(self, totp: pyotp.TOTP) -> str:
        """What the authenticator shows now."""
        return totp.at(self.clock.now() // 1000)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Everything in one of the room's tables, as an intruder with the database would see it."""
        found = getattr(directory, table, None)
        found = getattr(door, table) if found is None else found
        async with self.db.reading() as connection:
            return [dict(row._mapping) for row in await connection.execute(found.select())]


async def one_code_twice(house: House) -> list[str]:
    """What comes of a code of the second factor that is sent twice at once."""
    code = house.code(await house.enrol("chu-tich"))
    both = await asyncio.gather(*(house.attempt("chu-tich", code=code) for _ in range(2)), return_exceptions=True)
    return sorted(type(answer).__name__ for answer in both)


async def one_ticket_twice(house: House) -> list[str]:
    """What comes of a ticket that is shown twice at once."""
    ticket = await house.doors.ticket(await house.visitor("nguyet"))
    both = await asyncio.gather(house.doors.redeem(ticket), house.doors.redeem(ticket), return_exceptions=True)
    return sorted(type(answer).__name__ for answer in both)
