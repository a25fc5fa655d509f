"""Shared tablets: bound with a code, opened with a PIN, one person at a time, empty when the meeting is over."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Invalid, NotFound, Problem, Refused, TooMany, Unauthorized
from server.floorplan import drawn
from server.http import Visitor
from server.people.rooms.rooms import Room
from server.people.rooms.service import Rooms
from server.people.sessions import HOUR, MINUTE
from server.people.tablets import store
from server.people.tablets.bound import Tablet
from server.people.tablets.kept import check_pin
from server.people.tablets.pins import Pins
from server.people.tablets.service import Sitter, Tablets
from tests.people.house import HERE, PASSWORD, House

TECHNICIAN = Visitor("hoan", "s", "Phạm Đăng Hoàn", "so-nv", frozenset({"technician"}))
PIN = "274913"


class Hall:
    """A room with seven seats, of which the first has a tablet."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tablets = Tablets(house.doors, Rooms(house.db), Pins(house.doors, house.passwords, (5, 15)))

    async def build(self) -> Hall:
        await self.tablets.rooms.bring_in([Room("phong-1", "ubnd", "Phòng họp số 1", plan=drawn("u", 7, 3))])
        self.code = (await self.tablets.code(TECHNICIAN, "phong-1", "https://hop")).code
        self.token, self.tablet = await self.tablets.bind(self.code, "1", HERE)
        return self

    async def pin_of(self, person: str, pin: str = PIN) -> None:
        await self.tablets.pins.choose(await self.house.visitor(person), PASSWORD, pin, HERE)

    async def sits(self, person: str, pin: str = PIN, meeting: str = "m-1", tablet: Tablet | None = None) -> str:
        sitter = Sitter(meeting, person, person, "Sở Y tế", self.house.clock.now() + HOUR)
        known = tablet or await self.tablets.identify(self.token)
        return (await self.tablets.sit_down(known, sitter, pin, HERE)).token

    async def visitor(self, token: str) -> Visitor | None:
        return await self.house.doors.identify(token)

    async def log(self, what: str) -> list[tuple[str, str]]:
        return [(row["person"], row["by"]) for row in await self.house.rows("sign_ins") if row["what"] == what]


@pytest.fixture
async def hall(house: House) -> Hall:
    return await Hall(house).build()


async def test_whoever_sits_down_is_in_that_meeting_alone_and_holds_no_office(hall: Hall) -> None:
    await hall.pin_of("quan-tri")
    found = await hall.visitor(await hall.sits("quan-tri"))
    assert found is not None
    assert (found.person, found.only_meeting, found.offices) == ("quan-tri", "m-1", frozenset({"seat"}))
    assert await hall.log("seated") == [("quan-tri", hall.tablet.id)]


async def test_the_next_person_on_the_tablet_ends_the_session_of_the_one_before(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    await hall.pin_of("hoa", "602847")
    before = await hall.sits("nguyet")
    after = await hall.sits("hoa", "602847")
    assert await hall.visitor(before) is None
    assert await hall.visitor(after) is not None


async def test_when_the_meeting_is_over_every_tablet_of_it_is_empty_and_the_log_says_so(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    here = await hall.sits("nguyet")
    assert await hall.tablets.meetings() == {"m-1"}
    assert await hall.tablets.wipe("m-2") == 0
    assert await hall.tablets.wipe("m-1") == 1
    assert await hall.visitor(here) is None
    assert await hall.tablets.meetings() == set()
    assert await hall.log("wiped") == [("nguyet", "nguyet")]


async def test_a_tablet_that_is_taken_off_its_seat_lets_nobody_sit(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    here = await hall.sits("nguyet")
    await hall.tablets.unbind(TECHNICIAN, hall.tablet.id)
    assert await hall.visitor(here) is None
    with pytest.raises(NotFound, match=r"tablet\.unknown"):
        await hall.tablets.identify(hall.token)
    with pytest.raises(NotFound):
        await hall.tablets.unbind(TECHNICIAN, hall.tablet.id)


async def test_another_tablet_on_the_seat_takes_the_place_of_the_one_before(hall: Hall) -> None:
    _, second = await hall.tablets.bind(hall.code, "1", HERE)
    assert [one.id for one in await hall.tablets.listed(TECHNICIAN, "phong-1")] == [second.id]
    with pytest.raises(NotFound):
        await hall.tablets.identify(hall.token)


async def test_one_code_binds_every_tablet_of_the_room_and_ends_with_the_next_or_the_day(hall: Hall) -> None:
    room, bound = await hall.tablets.opened(hall.code.lower(), HERE)
    assert (room.id, bound) == ("phong-1", frozenset({"1"}))
    with pytest.raises(Refused, match=r"tablet\.no_such_seat"):
        await hall.tablets.bind(hall.code, "99", HERE)
    fresh = (await hall.tablets.code(TECHNICIAN, "phong-1", "https://hop")).code
    with pytest.raises(Unauthorized, match=r"tablet\.code_refused"):
        await hall.tablets.opened(hall.code, HERE)
    hall.house.clock.advance(9 * HOUR)
    with pytest.raises(Unauthorized):
        await hall.tablets.bind(fresh, "2", HERE)


async def test_codes_are_not_found_by_trying(hall: Hall) -> None:
    refused: list[str] = []
    for _ in range(31):
        try:
            await hall.tablets.opened("0000-0000-0000-0000", HERE)
        except Problem as error:
            refused.append(error.code)
    assert refused == ["tablet.code_refused"] * 30 + ["signin.too_often"]


async def test_only_whoever_looks_after_the_room_sees_its_tablets(hall: Hall) -> None:
    for by in (Visitor("x", "s", "x", "so-yt", frozenset({"unit"})), Visitor("x", "s", "x", "ubnd")):
        with pytest.raises(Forbidden):
            await hall.tablets.listed(by, "phong-1")


async def test_a_pin_is_hashed_refused_alike_and_locked_after_a_few_tries(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    async with hall.house.db.reading() as connection:
        kept = await store.pin_of(connection, "nguyet")
    assert kept is not None and kept.hashed.startswith("$argon2id$") and PIN not in kept.hashed
    for person in ("nguyet", "hoa"):
        with pytest.raises(Unauthorized, match=r"pin\.refused"):
            await hall.sits(person, "000001")
    for _ in range(4):
        with pytest.raises(Unauthorized):
            await hall.sits("nguyet", "000001")
    with pytest.raises(TooMany, match=r"signin\.too_often"):
        await hall.sits("nguyet", PIN)
    assert ("nguyet", hall.tablet.id) in await hall.log("pin_refused")
    hall.house.clock.advance(15 * MINUTE)
    assert await hall.sits("nguyet", PIN)


async def test_going_from_tablet_to_tablet_gives_no_more_tries_than_a_day_has(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    tablets = [(await hall.tablets.bind(hall.code, str(seat), HERE))[1] for seat in range(1, 8)]
    refused: list[str] = []
    for tablet in tablets:
        for _ in range(5):
            with pytest.raises(Problem) as error:
                await hall.sits("nguyet", "000001", tablet=tablet)
            refused.append(error.value.code)
    assert refused == ["pin.refused"] * 30 + ["signin.too_often"] * 5


async def test_a_disabled_account_does_not_sit_down(hall: Hall) -> None:
    await hall.pin_of("nguyet")
    admin = await hall.house.visitor("quan-tri")
    await hall.house.people.disable(admin, "nguyet", True, HERE)
    with pytest.raises(Unauthorized, match=r"pin\.refused"):
        await hall.sits("nguyet")


async def test_an_administrator_gives_a_pin_to_people_of_their_unit_only(hall: Hall) -> None:
    unit, pins = await hall.house.visitor("quan-tri-syt"), hall.tablets.pins
    pin = await pins.give(unit, "hoa", HERE)
    assert await hall.sits("hoa", pin)
    assert await pins.set_at("hoa") == hall.house.clock.now()
    for person in ("hoan", "khong-co"):
        with pytest.raises(Forbidden):
            await pins.give(unit, person, HERE)
    with pytest.raises(Forbidden):
        await pins.give(await hall.house.visitor("nguyet"), "hoa", HERE)


async def test_nobody_gives_themselves_a_pin_without_the_password(hall: Hall) -> None:
    with pytest.raises(Forbidden, match=r"account\.own"):
        await hall.tablets.pins.give(await hall.house.visitor("quan-tri"), "quan-tri", HERE)
    assert await hall.tablets.pins.set_at("quan-tri") == 0


async def test_a_pin_of_ones_own_needs_the_password(hall: Hall) -> None:
    me, pins = await hall.house.visitor("nguyet"), hall.tablets.pins
    with pytest.raises(Refused, match=r"password\.wrong"):
        await pins.choose(me, "sai", PIN, HERE)
    assert await pins.set_at("nguyet") == 0
    with pytest.raises(Forbidden):
        await pins.choose(Visitor("g", "s", "g", only_meeting="m-1"), PASSWORD, PIN, HERE)


@pytest.mark.parametrize("pin", ["123456", "987654", "000000", "111222", "121212", "901234", "274274"])
def test_a_pin_that_anybody_would_try_first_is_refused(pin: str) -> None:
    with pytest.raises(Refused, match=r"pin\.simple"):
        check_pin(pin)


@pytest.mark.parametrize("pin", ["27491", "2749130", "27491a", "٢٧٤٩١٣", ""])
def test_a_pin_is_six_digits(pin: str) -> None:
    with pytest.raises(Invalid, match=r"pin\.form"):
        check_pin(pin)
