"""Sessions, tickets and invitations against a real database."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import event

from server.errors import Invalid, NotFound, Refused, TooMany, Unauthorized
from server.people.doors import FRESH, Knock
from server.people.invitations import Invitation, typed
from server.people.sessions import HOUR, MINUTE
from tests.people.house import HERE, House, one_ticket_twice

LATER = 1_800_000_000_000


def invitation(kind: str = "guest", person: str = "", expires: int = LATER) -> Invitation:
    return Invitation("", "cuoc-hop-1", kind, person, "Nguyễn Văn Khách", "Hiệp hội Doanh nghiệp", 0, expires)


async def test_a_cookie_nobody_gave_out_is_nobody(house: House) -> None:
    assert await house.doors.identify("made up") is None
    assert await house.doors.identify("") is None


async def test_an_idle_session_ends_and_a_used_one_lives_on(house: House) -> None:
    used, idle = await house.inside("nguyet"), await house.inside("hoa")
    for _ in range(3):
        house.clock.advance(5 * HOUR)
        assert await house.doors.identify(used.token) is not None
    assert await house.doors.identify(idle.token) is None


async def test_even_a_used_session_ends_after_a_day(house: House) -> None:
    entered = await house.inside("nguyet")
    for _ in range(24):
        house.clock.advance(HOUR)
        assert await house.doors.identify(entered.token) is not None
    house.clock.advance(FRESH)
    assert await house.doors.identify(entered.token) is None


async def test_an_open_socket_keeps_its_session_alive(house: House) -> None:
    entered = await house.inside("nguyet")
    for _ in range(2):
        house.clock.advance(10 * HOUR)
        await house.doors.touch([entered.session.id])
    assert await house.doors.identify(entered.token) is not None


async def test_sweeping_ends_what_is_over_and_says_so(house: House) -> None:
    entered = await house.inside("nguyet")
    house.clock.advance(12 * HOUR + MINUTE)
    fresh = await house.inside("hoa")
    await house.doors.sweep()
    assert house.ended == [(frozenset({entered.session.id}), "nguyet")]
    assert [row["id"] for row in await house.rows("sessions")] == [fresh.session.id]


async def test_signing_out_ends_the_session_at_once(house: House) -> None:
    entered = await house.inside("nguyet")
    visitor = await house.doors.identify(entered.token)
    assert visitor is not None
    await house.doors.sign_out(visitor, [visitor.session])
    assert await house.doors.identify(entered.token) is None
    assert house.ended == [(frozenset({entered.session.id}), "nguyet")]


async def test_my_sessions_are_listed_and_another_of_mine_can_be_ended(house: House) -> None:
    tablet = await house.inside("nguyet")
    house.clock.advance(MINUTE)
    laptop = await house.inside("nguyet", knock=Knock("10.0.0.5", "Máy tính"))
    visitor = await house.doors.identify(laptop.token)
    assert visitor is not None
    devices = await house.doors.devices(visitor)
    assert [(d.id, d.agent, d.current) for d in devices] == [
        (laptop.session.id, "Máy tính", True),
        (tablet.session.id, HERE.agent, False),
    ]
    await house.doors.sign_out(visitor, [tablet.session.id])
    assert await house.doors.identify(tablet.token) is None


async def test_another_persons_session_cannot_be_ended(house: House) -> None:
    victim = await house.inside("hoa")
    visitor = await house.visitor("nguyet")
    with pytest.raises(NotFound, match=r"session\.unknown"):
        await house.doors.sign_out(visitor, [victim.session.id])
    assert await house.doors.identify(victim.token) is not None


async def test_a_visitor_is_remembered_for_a_moment_and_forgotten_at_a_change(house: House) -> None:
    entered = await house.inside("nguyet")
    await house.doors.identify(entered.token)
    async with house.db.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM sessions")  # as another process would
    assert await house.doors.identify(entered.token) is not None
    house.doors.forget([entered.session.id])
    assert await house.doors.identify(entered.token) is None


async def test_a_revocation_elsewhere_takes_five_seconds_at_most(house: House) -> None:
    entered = await house.inside("nguyet")
    await house.doors.identify(entered.token)
    async with house.db.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM sessions")
    house.clock.advance(FRESH)
    assert await house.doors.identify(entered.token) is None


# Tickets


async def test_a_ticket_opens_one_socket_once(house: House) -> None:
    visitor = await house.visitor("nguyet")
    ticket = await house.doors.ticket(visitor)
    assert await house.doors.redeem(ticket) == visitor
    with pytest.raises(Unauthorized, match=r"ticket\.spent"):
        await house.doors.redeem(ticket)


async def test_two_who_show_one_ticket_at_once_get_one_socket(house: House) -> None:
    assert await one_ticket_twice(house) == ["Unauthorized", "Visitor"]


async def test_a_hall_that_comes_at_once_costs_a_few_transactions_and_everybody_is_themselves(house: House) -> None:
    visitor, counted = await house.visitor("nguyet"), 0

    def count(_connection: object) -> None:
        nonlocal counted
        counted += 1

    event.listen(house.doors.db.engine.sync_engine, "begin", count)
    tickets = await asyncio.gather(*(house.doors.ticket(visitor) for _ in range(200)))
    found = await asyncio.gather(
        *(house.doors.redeem(ticket) for ticket in (*tickets, "never-made")), return_exceptions=True
    )
    assert found[:-1] == [visitor] * 200
    assert isinstance(found[-1], Unauthorized)
    assert counted < 10


async def test_a_ticket_is_worth_nothing_after_a_minute(house: House) -> None:
    ticket = await house.doors.ticket(await house.visitor("nguyet"))
    house.clock.advance(60_000)
    with pytest.raises(Unauthorized, match=r"ticket\.spent"):
        await house.doors.redeem(ticket)


async def test_a_ticket_dies_with_its_session(house: House) -> None:
    visitor = await house.visitor("nguyet")
    ticket = await house.doors.ticket(visitor)
    await house.doors.sign_out(visitor, [visitor.session])
    with pytest.raises(Unauthorized, match=r"ticket\.spent"):
        await house.doors.redeem(ticket)


async def test_unused_tickets_do_not_pile_up(house: House) -> None:
    visitor = await house.visitor("nguyet")
    for _ in range(3):
        await house.doors.ticket(visitor)
        house.clock.advance(61_000)
    assert len(await house.rows("tickets")) == 1


# Guests and sites


async def test_a_guest_comes_into_one_meeting_and_nothing_else(house: House) -> None:
    invited = await house.doors.invite(invitation())
    entered = await house.doors.enter(invited.code, HERE)
    found = await house.doors.identify(entered.token)
    assert found is not None
    assert (found.only_meeting, found.name, found.unit) == ("cuoc-hop-1", "Nguyễn Văn Khách", "Hiệp hội Doanh nghiệp")
    assert found.offices == {"guest"}
    assert found.person == invited.id


async def test_a_site_comes_back_by_the_same_link_as_the_same_site(house: House) -> None:
    invited = await house.doors.invite(invitation("site", "site:thuong-xuan"))
    code = invited.link.split("#")[1]
    for _ in range(2):
        found = await house.doors.identify((await house.doors.enter(code, HERE)).token)
        assert found is not None
        assert (found.person, found.offices) == ("site:thuong-xuan", {"site"})


async def test_the_link_keeps_the_code_behind_the_hash_sign(house: House) -> None:
    invited = await house.doors.invite(invitation())
    address, code = invited.link.split("#")
    assert address == "https://hop.lamgiang.vn/dang-nhap"
    assert code == typed(invited.code)
    assert code not in repr(await house.rows("invitations"))
    assert invited.qr.startswith("<svg")


async def test_a_revoked_invitation_shows_the_guest_out(house: House) -> None:
    invited = await house.doors.invite(invitation())
    entered = await house.doors.enter(invited.code, HERE)
    await house.doors.identify(entered.token)
    assert await house.doors.revoke("cuoc-hop-1", entered.session.person) == 1
    assert await house.doors.identify(entered.token) is None
    assert house.ended == [(frozenset({entered.session.id}), invited.id)]
    with pytest.raises(Unauthorized, match=r"invitation\.refused"):
        await house.doors.enter(invited.code, HERE)


async def test_all_codes_of_one_person_for_one_meeting_are_revoked_and_no_other(house: House) -> None:
    first, second = [await house.doors.invite(invitation(person="khach-1")) for _ in range(2)]
    other = await house.doors.invite(invitation(person="khach-2"))
    elsewhere = await house.doors.invite(msgspec.structs.replace(invitation(person="khach-1"), meeting="hop-khac"))
    assert await house.doors.revoke("cuoc-hop-1", "khach-1") == 2
    assert await house.doors.revoke("cuoc-hop-1", "khach-1") == 0, "they are revoked already"
    for code in (first.code, second.code):
        with pytest.raises(Unauthorized, match=r"invitation\.refused"):
            await house.doors.enter(code, HERE)
    for code in (other.code, elsewhere.code):
        await house.doors.enter(code, HERE)


async def test_an_expired_invitation_ends_the_visit_too(house: House) -> None:
    invited = await house.doors.invite(invitation(expires=house.clock.now() + HOUR))
    entered = await house.doors.enter(invited.code, HERE)
    house.clock.advance(HOUR)
    assert await house.doors.identify(entered.token) is None
    with pytest.raises(Unauthorized, match=r"invitation\.refused"):
        await house.doors.enter(invited.code, HERE)


async def test_a_code_nobody_was_given_opens_nothing_and_guessing_is_counted(house: House) -> None:
    for _ in range(50):
        with pytest.raises(Unauthorized, match=r"invitation\.refused"):
            await house.doors.enter("0000-0000-0000-0000", HERE)
    with pytest.raises(TooMany, match=r"signin\.too_often"):
        await house.doors.enter("0000-0000-0000-0000", HERE)


async def test_only_guests_and_sites_are_invited(house: House) -> None:
    with pytest.raises(Invalid, match=r"invitation\.kind"):
        await house.doors.invite(invitation("system"))


async def test_sweeping_shows_out_whose_invitation_is_over(house: House) -> None:
    invited = await house.doors.invite(invitation(expires=house.clock.now() + HOUR))
    entered, member = await house.doors.enter(invited.code, HERE), await house.inside("nguyet")
    await house.doors.sweep()
    assert house.ended == []
    house.clock.advance(HOUR)
    await house.doors.touch([entered.session.id])  # an open socket keeps the session fresh, not the invitation
    await house.doors.sweep()
    assert house.ended == [(frozenset({entered.session.id}), invited.id)]
    assert await house.doors.identify(member.token) is not None


async def test_nobody_is_handed_a_second_key_to_an_account_they_use(house: House) -> None:
    with pytest.raises(Refused, match=r"invitation\.has_account"):
        await house.doors.invite(invitation(person="nguyet"))


async def test_a_session_from_a_wrong_clock_ends_when_the_clock_is_right_again(house: House) -> None:
    house.clock.advance(400 * 24 * HOUR)
    entered = await house.inside("nguyet")
    house.clock.advance(-400 * 24 * HOUR)
    assert await house.doors.identify(entered.token) is None
    await house.doors.sweep()
    assert [sessions for sessions, _ in house.ended] == [frozenset({entered.session.id})]


async def test_a_clock_put_back_by_an_hour_shows_nobody_out(house: House) -> None:
    entered = await house.inside("nguyet")
    house.clock.advance(-HOUR)
    await house.doors.sweep()
    assert await house.doors.identify(entered.token) is not None
