"""What differs between the two databases, once more on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from server.errors import Problem
from server.http import Visitor
from server.people.administration.importing import Importing
from server.people.administration.importing_units import ImportingUnits
from server.people.doors import Entered
from server.people.invitations import Invitation
from server.people.sessions import TryLimit
from server.people.signin import Credentials
from server.people.store import directory, door
from server.people.tries import Tries
from tests.people.house import HERE, PASSWORD, House, one_code_twice, one_ticket_twice

pytestmark = pytest.mark.slow


@pytest.fixture
async def house(fresh_postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    built = await House(fresh_postgres_url, tmp_path, require_second_factor=True).build()
    yield built
    await built.close()


async def test_people_are_brought_in_twice_and_found_without_diacritics(house: House) -> None:
    await house.build()
    assert [card.id for card in await house.people.search("hoa")] == ["hoa", "hoan"]
    assert [card.id for card in await house.people.search("Hòa")] == ["hoa"]


async def test_guesses_sent_at_once_are_counted_one_by_one(house: House) -> None:
    async def guess(password: str) -> str:
        try:
            await house.signing.sign_in(Credentials("nguyetltm.syt", password), HERE)
        except Problem as refused:
            return refused.code
        return "inside"

    codes = await asyncio.gather(*(guess(f"sai {n}") for n in range(12)))
    assert sorted(codes) == ["signin.refused"] * 5 + ["signin.too_often"] * 7


async def test_a_try_is_counted_while_somebody_with_the_same_name_comes_in(house: House) -> None:
    limit = TryLimit("tên", most=5, window=60_000)
    async with house.db.writing() as connection:
        await door.count_try(connection, house.db, limit, house.clock.now())
    counting = Tries(house.db, house.clock)
    async with house.db.writing() as connection:
        await connection.execute(text("SELECT 1 FROM sign_in_tries FOR UPDATE"))  # still there when the other begins
        counted = asyncio.create_task(counting.count([limit]))
        while not await waits(house):
            await asyncio.sleep(0.01)
        await door.forgive_all_tries(connection, limit.key)
    await counted
    assert [row["tries"] for row in await house.rows("tries")] == [1]


async def test_one_code_sent_twice_at_once_opens_one_session(house: House) -> None:
    assert await one_code_twice(house) == ["Entered", "Unauthorized"]


async def test_two_who_show_one_ticket_at_once_get_one_socket(house: House) -> None:
    assert await one_ticket_twice(house) == ["Unauthorized", "Visitor"]


async def test_two_who_keep_one_list_at_once_bring_nobody_in_twice(house: House) -> None:
    importing = Importing(house.people, house.doors)
    both_of = (
        Visitor("quan-tri", "", "Vũ Hải Đăng", offices=frozenset({"system"})),
        Visitor("quan-tri-syt", "", "Bùi Thị Đoan Trang", "so-yt", frozenset({"unit"})),
    )
    listed = "Họ và tên,Đơn vị\n" + "".join(f"Người Mới {number},Sở Y tế\n" for number in range(200))
    digest = (await importing.preview(both_of[0], listed.encode())).digest
    both = await asyncio.gather(
        *(importing.keep(by, listed.encode(), digest, HERE) for by in both_of), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in both) == ["Conflict", "Imported"]
    names = [row["name"] for row in await house.rows("people") if row["name"].startswith("Người Mới")]
    assert len(names) == len(set(names)) == 200


async def test_two_who_keep_one_list_of_units_at_once_bring_none_in_twice(house: House) -> None:
    importing = ImportingUnits(house.people)
    by = Visitor("quan-tri", "", "Vũ Hải Đăng", offices=frozenset({"system"}))
    listed = "Tên đơn vị,Trực thuộc\n" + "".join(f"Xã Mới {number},ubnd\n" for number in range(200))
    digest = (await importing.preview(by, listed.encode())).digest
    both = await asyncio.gather(
        *(importing.keep(by, listed.encode(), digest, HERE) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in both) == ["Conflict", "UnitsImported"]
    assert sum(unit.name.startswith("Xã Mới") for unit in await house.people.units()) == 200


async def test_a_list_is_kept_while_whoever_keeps_it_signs_in_elsewhere(house: House) -> None:
    importing = Importing(house.people, house.doors)
    by = Visitor("quan-tri", "", "Vũ Hải Đăng", offices=frozenset({"system"}))
    listed = "Họ và tên,Đơn vị\nNgười Mới,Sở Y tế\n".encode()
    digest = (await importing.preview(by, listed)).digest
    async with house.db.writing() as connection:
        account = await directory.account_of(connection, by.person, for_change=True)
        assert account is not None
        keeping = asyncio.create_task(importing.keep(by, listed, digest, HERE))
        while not await waits(house):
            await asyncio.sleep(0.01)
        await directory.keep_account(connection, house.db, account)
    assert (await keeping).created == 1


async def waits(house: House) -> bool:
    """Whether somebody waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with house.db.reading() as connection:
        return bool((await connection.execute(text(asked))).scalar_one())


async def test_a_guest_comes_in_and_is_shown_out(house: House) -> None:
    guest = Invitation("", "cuoc-hop-1", "guest", "", "Khách", "", 0, house.clock.now() + 3_600_000)
    invited = await house.doors.invite(guest)
    entered = await house.doors.enter(invited.code, HERE)
    assert await house.doors.revoke("cuoc-hop-1", entered.session.person) == 1
    assert await house.doors.identify(entered.token) is None


async def test_a_session_lives_and_ends(house: House) -> None:
    entered = await house.signing.sign_in(Credentials("hoatq", PASSWORD, unit="so-yt"), HERE)
    assert isinstance(entered, Entered)
    assert await house.doors.identify(entered.token) is not None
    house.clock.advance(13 * 3_600_000)
    await house.doors.sweep()
    assert await house.doors.identify(entered.token) is None
    assert await house.rows("sessions") == []
